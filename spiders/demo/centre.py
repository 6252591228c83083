"""The demo centre as it stands on one day: its articles, where they are listed, their views."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from spiders.demo.articles import Article, load
from spiders.demo.days import DAYS, SURGES
from spiders.demo.editions import ENGLISH, Edition
from spiders.demo.edits import EDITS, applied
from spiders.demo.sections import Category, Section

SITE_ZONE = timezone(timedelta(hours=8))
"""Visible dates are calendar days at UTC+8, as on the real site."""


@dataclass(frozen=True, slots=True)
class Centre:
    """`articles` by slug, unlisted and removed ones too; `redirects` from old to new slugs."""

    day: int
    articles: dict[str, Article]
    redirects: dict[str, str] = field(default_factory=dict)

    def listed(self, category: Category | None = None) -> list[Article]:
        """Listed articles of one category, or of all, the last published first."""
        found = (
            article
            for article in self.articles.values()
            if article.is_listed and category in (None, article.category)
        )
        return sorted(found, key=lambda article: instant(article.published), reverse=True)

    def in_section(self, section: Section, category: Category) -> list[Article]:
        """Articles that the section's listing holds; a tag holds all of its category."""
        return [
            article
            for article in self.listed(category)
            if section.lists_all or article.section == section.slug
        ]


@lru_cache
def centre_on(day: int, edition: Edition = ENGLISH) -> Centre:
    """The centre on a day; ValueError where the demo has no such day."""
    if day not in DAYS:
        raise ValueError(f"The demo has no day {day}; its days are {', '.join(map(str, DAYS))}")
    added = {article.slug: article for article in load(edition) if article.first_day == day}
    if day == min(DAYS):
        return Centre(day, added)
    before = centre_on(day - 1, edition)
    articles, redirects = dict(before.articles), dict(before.redirects)
    for edit in EDITS[edition.locale].get(day, ()):
        article = applied(edit, articles.pop(edit.slug))
        articles[article.slug] = article
        if edit.new_slug:
            redirects[edit.slug] = edit.new_slug
    return Centre(day, articles | added, redirects)


def views_on(article: Article, day: int) -> int | None:
    """Views counted up to a day: two articles surge, the rest grow as they did before."""
    if article.views is None:
        return None
    if surge := SURGES.get(article.slug):
        return surge[day - 1]
    count = article.views
    age = DAYS[article.first_day] - instant(article.published)
    for passed in range(article.first_day + 1, day + 1):
        usual = article.views / max(1, age.days)
        # A whole number near the usual one, now below and now above it.
        count += int(usual * (0.7 + _dice(f"{article.slug} {passed}", 7) / 10))
    return count


def _dice(name: str, sides: int) -> int:
    """The same number from 0 to sides - 1 for the same name, on every machine."""
    return hashlib.sha256(name.encode()).digest()[0] % sides


def instant(text: str) -> datetime:
    """An instant as the pages' data write it."""
    return datetime.fromisoformat(text)


def visible_dates(article: Article) -> list[str]:
    """The dates of an article as readers see them: days at the site's own clock."""

    def day(text: str) -> str:
        return article.edition.day(instant(text).astimezone(SITE_ZONE))

    dates = [article.edition.published.format(day(article.published))]
    if article.category.shows_updated_date:
        dates.append(article.edition.updated.format(day(article.updated)))
    return dates
