"""A help centre as it was, and what differs between two dates: table, JSON and CSV."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from db.moments import to_text
from db.records import ArticleState
from reports import wording
from reports.data import to_json
from reports.safe_text import csv_text, one_line
from tracker.asof import DIFFERENCE_KINDS, ArticleThen, Difference, SiteThen

SCHEMA = "helpwatch.as-of/1"
"""The number grows when a field changes its meaning or goes; new fields may join without."""

KIND_NAMES = {
    "added": "Added",
    "gone": "Gone",
    "edited": "Text edited",
    "retitled": "Retitled",
    "moved": "Moved to another section",
    "readdressed": "New address",
}

ARTICLE_COLUMNS = (
    "id", "locale", "status", "category", "section", "title", "published_at", "updated_at",
    "version", "read_at", "listings", "url", "in_doubt", "status_in_doubt",
)  # fmt: skip
DIFFERENCE_COLUMNS = ("kind", "id", "locale", "title", "before", "after", "url", "in_doubt")


def print_site(then: SiteThen, console: Console) -> None:
    """The articles that were there, by category and section."""
    for line in _heading(then):
        console.print(Text(line), soft_wrap=True, highlight=False)
    table = _table("Article", "Section", "Updated", "Version", "Last read", "Status")
    for article in then.present:
        state = article.state
        table.add_row(
            Text(one_line(state.title)),
            Text(one_line(state.section or state.category or "")),
            wording.moment(state.updated_at, UTC) if state.updated_at else "",
            str(article.version_number or "not read"),
            wording.moment(article.read_at, UTC) if article.read_at else "",
            _status(article),
        )
    console.print(table)


def _status(article: ArticleThen) -> str:
    """Its status, with what a crawl in doubt says of it."""
    said = ["as read by a crawl in doubt"] if article.is_read_in_doubt else []
    if article.status_in_doubt:
        said.append(f"{article.status_in_doubt} to a crawl in doubt")
    return "; ".join([article.state.status, *said])


def print_differences(
    before: SiteThen, after: SiteThen, differences: Sequence[Difference], console: Console
) -> None:
    """What differs between two dates, by kind."""
    for line in (*_heading(before), *_heading(after)):
        console.print(Text(line), soft_wrap=True, highlight=False)
    if not differences:
        console.print("No difference was found between the two dates.", highlight=False)
        return
    counts = Counter(one.kind for one in differences)
    for kind in DIFFERENCE_KINDS:
        if not counts[kind]:
            continue
        name = f"\n{KIND_NAMES[kind]}: {wording.count(counts[kind], 'article')}"
        console.print(Text(name, "bold"), highlight=False)
        for one in differences:
            if one.kind == kind:
                doubt = " (as read by a crawl in doubt)" if one.is_in_doubt else ""
                console.print(Text(f"  {_line(one)}{doubt}"), soft_wrap=True, highlight=False)


def _line(one: Difference) -> str:
    name = f"{one_line(one.article.title)} ({one.article.locale}, article {one.article.article_id})"
    if one.kind == "added":
        return f"{name}: was {one.before}" if one.before else name
    if one.kind == "gone":
        return f"{name}: {one.after}" if one.after else name
    if one.before is None:
        return name
    return f"{name}: {one_line(one.before)} -> {one_line(one.after or '')}"


def _heading(then: SiteThen) -> list[str]:
    """What was known at the instant, and how fresh that was."""
    there = then.present
    gone = len(then.articles) - len(there)
    articles = wording.count(len(there), "article")
    removed = f"; {gone:,} more had been removed before" if gone else ""
    lines = [f"{then.site} as of {_when(then.at)}: {articles}{removed}.", f"  {_freshness(then)}"]
    if count := then.in_doubt_count:
        lines.append(
            f"  Of {wording.count(count, 'article')} a crawl in doubt tells (suspect, and not"
            " accepted); they are marked."
        )
    return lines


def _freshness(then: SiteThen) -> str:
    known = (
        f"As the complete crawl begun on {_when(then.last_crawl_at)} and single pages before and "
        "after it showed it"
        if then.last_crawl_at
        else "No complete crawl had been made: only single pages were known"
    )
    following = f"; the next one began on {_when(then.next_crawl_at)}" if then.next_crawl_at else ""
    return f"{known}{following}."


def _when(instant: datetime) -> str:
    return f"{wording.day(instant)}, {instant.astimezone(UTC):%H:%M:%S} UTC"


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=False, padding=(0, 3, 0, 0))


# -- for programs -------------------------------------------------------------------------------


def render_site_json(then: SiteThen) -> str:
    return to_json(
        {
            "schema": SCHEMA,
            **_site(then),
            "articles": [_article(article) for article in then.present],
        }
    )


def render_differences_json(
    before: SiteThen, after: SiteThen, differences: Sequence[Difference]
) -> str:
    counts = Counter(one.kind for one in differences)
    return to_json(
        {
            "schema": SCHEMA,
            "from": _site(before),
            "to": _site(after),
            "counts": {kind: counts[kind] for kind in DIFFERENCE_KINDS if counts[kind]},
            "differences": [_difference(one) for one in differences],
        }
    )


def _site(then: SiteThen) -> dict[str, Any]:
    return {
        "site": then.site,
        "base_url": then.base_url,
        "at": to_text(then.at),
        "last_crawl_at": to_text(then.last_crawl_at),
        "next_crawl_at": to_text(then.next_crawl_at),
        "articles_present": len(then.present),
        "articles_removed": len(then.articles) - len(then.present),
        "articles_in_doubt": then.in_doubt_count,
    }


def _article(article: ArticleThen) -> dict[str, Any]:
    state = article.state
    return {
        **_identity(state),
        "status": state.status,
        "category": state.category,
        "category_slug": state.category_slug,
        "section": state.section,
        "section_slug": state.section_slug,
        "published_at": to_text(state.published_at),
        "updated_at": to_text(state.updated_at),
        "version": article.version_number,
        "version_id": state.version_id,
        "read_at": to_text(article.read_at),
        "listings": list(article.listings),
        "in_doubt": article.is_in_doubt,
        "status_in_doubt": article.status_in_doubt,
    }


def _identity(state: ArticleState) -> dict[str, Any]:
    return {
        "id": state.article_id,
        "locale": state.locale,
        "source_id": state.source_id,
        "slug": state.slug,
        "url": state.url,
        "title": state.title,
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "kind": one.kind,
        **_identity(one.article),
        "before": one.before,
        "after": one.after,
        "in_doubt": one.is_in_doubt,
    }


def render_site_csv(then: SiteThen) -> str:
    rows = [_article(article) for article in then.present]
    for row in rows:
        row["listings"] = " ".join(row["listings"])
    return _csv(ARTICLE_COLUMNS, rows)


def render_differences_csv(differences: Sequence[Difference]) -> str:
    return _csv(DIFFERENCE_COLUMNS, [_difference(one) for one in differences])


def _csv(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        cells = (row[name] for name in columns)
        writer.writerow([csv_text(c) if isinstance(c, str) else c for c in cells])
    return out.getvalue()
