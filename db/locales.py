"""Locales: those that a site's pages offer, and translations that lag behind the default one."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from db import queries
from db.moments import to_moment, to_text
from db.records import OfferedLocale, TranslationBehind
from db.versions import Comparer
from spiders.items import ArticlePage, HomePage, ListingPage

_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
MOST_TAGS = 300
"""No page is believed more hreflang links than this; the real ones have about forty."""


class LocaleRecorder:
    """Keeps which locales pages offer; runs inside the caller's transaction.

    Each page names all of them, so what this crawl has noted is held and not written again.
    """

    def __init__(self, connection: sqlite3.Connection, comparer: Comparer):
        self._connection, self._comparer = connection, comparer
        self._crawl_id: int | None = None
        self._noted: dict[str, set[str]] = {}
        """Locale of a page -> the hreflang tags that its pages have named."""

    def note(
        self,
        crawl_id: int,
        site_id: int,
        page: HomePage | ListingPage | ArticlePage,
        at: datetime,
    ) -> None:
        """The page's own locale and those of its hreflang links."""
        if crawl_id != self._crawl_id:
            self._crawl_id, self._noted = crawl_id, {}
        noted = self._noted.get(page.locale)
        if noted is not None and page.alternates.keys() <= noted:
            return
        for locale, hreflang, url in self._offered(page):
            self.keep(site_id, locale, hreflang, url, to_text(at))
        self._noted.setdefault(page.locale, set()).update(page.alternates)

    def _offered(
        self, page: HomePage | ListingPage | ArticlePage
    ) -> Iterator[tuple[str, str | None, str]]:
        for number, (tag, url) in enumerate(page.alternates.items()):
            if number == MOST_TAGS:
                break
            if tag.lower() != "x-default" and _TAG.fullmatch(tag):
                # A locale with a host of its own has no name in an address of ours.
                yield self._comparer.locale_at(url) or tag.lower(), tag, url
        yield page.locale, None, page.url

    def keep(self, site_id: int, locale: str, hreflang: str | None, url: str, at: str) -> None:
        """A locale that was offered at an instant."""
        self._connection.execute(
            """
            INSERT INTO site_locales VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (site_id, locale) DO UPDATE SET
              hreflang = coalesce(hreflang, excluded.hreflang),
              first_seen_at = min(first_seen_at, excluded.first_seen_at),
              last_seen_at = max(last_seen_at, excluded.last_seen_at)
            WHERE excluded.last_seen_at > last_seen_at OR excluded.first_seen_at < first_seen_at
               OR hreflang IS NULL
            """,
            [site_id, locale, hreflang, url, locale == self._comparer.default_locale, at, at],
        )


def offered(connection: sqlite3.Connection, site: str) -> list[OfferedLocale]:
    """The locales of a site, the default one first, with how many articles are known in each."""
    found = queries.rows(
        connection,
        """
        SELECT l.locale, l.hreflang, l.url, l.is_default, l.first_seen_at, l.last_seen_at,
               (SELECT count(*) FROM articles a
                WHERE a.site_id = l.site_id AND a.locale = l.locale) AS article_count
        FROM site_locales l JOIN sites s ON s.id = l.site_id
        WHERE s.name = ? ORDER BY NOT l.is_default, l.locale
        """,
        [site],
    )
    return [OfferedLocale(**_with_moments(row) | {"is_default": bool(row["is_default"])})
            for row in found]  # fmt: skip


def translations_behind(
    connection: sqlite3.Connection, site: str, until: datetime
) -> list[TranslationBehind]:
    """Articles whose text is older than the last change of the default locale's, seen by `until`;
    the latest change first."""
    found = queries.rows(
        connection,
        "SELECT article_id, default_article_id, changed_at, text_captured_at, read_at"
        " FROM translations_behind WHERE site = ? AND changed_at <= ?"
        " ORDER BY changed_at DESC, default_article_id, locale",
        [site, to_text(until)],
    )
    return [TranslationBehind(**_with_moments(row)) for row in found]


def _with_moments(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: to_moment(value) if name.endswith("_at") else value for name, value in row.items()
    }
