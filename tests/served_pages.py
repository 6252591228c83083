"""Builders of what the pages of `helpwatch serve` show."""

from dataclasses import replace

from report_findings import FEE_DIFF, NOW, article, found, series, usual_day, version
from reports.article_page import ArticleHistory, Read
from reports.home_page import Home


def home(told, **fields):
    return Home(**{"newest": told, "recent": told.changes, "recent_days": 7, **fields})


def history(text="How are trading fees set?"):
    subject = replace(article(1), title=text, section=text, category=text, url=text, locale=text)
    first = version(1, 1, f"Before {text}.", title=text)
    second = version(1, 2, f"After {text}.", title=text)
    edit = found("updated", subject, diff=FEE_DIFF, from_version=first, to_version=second)
    return ArticleHistory(
        article=subject,
        site="demo",
        time_zone=NOW.tzinfo,
        versions=(first, second),
        changes=(edit, found("retitled", subject, before=text, after=text)),
        reads=(Read(NOW, 1, None), Read(NOW, None, text)),
        series=series(1, text, [100, 120, 180]),
        trend=usual_day().trending[0].trend,
        other_locales=(replace(subject, article_id=2),),
    )
