"""What a page says of articles -> rows: facts, presence in listings, texts and view counts."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from db import field_counts, languages, placing, views
from db.connection import insert
from db.doubt import IS_VOUCHED, doubted, is_doubted
from db.identity import find_article, merged, title_key
from db.merging import merge, nameless_twins
from db.moments import Moment, to_moment, to_text
from db.versions import Comparer, VersionRecorder
from spiders.items import ArticlePage, Fetch, ListingEntry, ListingPage, PageUnusable

STATE_COLUMNS = (
    "title", "slug", "category", "category_slug", "section", "section_slug",
    "published_at", "updated_at", "shows_updated_date", "version_id",
)  # fmt: skip
"""What article_states follows through time."""

IDENTITY = ("source_id", "slug", "title", "published_at")
STATE_BEFORE = """
SELECT t.* FROM article_states t JOIN articles a ON a.id = t.article_id
WHERE t.article_id = :article AND t.observed_at <= :at AND {condition}
ORDER BY t.observed_at DESC, t.id DESC LIMIT 1
"""
PLACE = ("category", "category_slug", "section", "section_slug")
StatesBefore = tuple[dict[str, Any] | None, dict[str, Any] | None]
"""The newest state up to an instant, and the newest of them that is not in doubt."""
MOMENTS = ("published_at", "created_at", "updated_at", "listed_updated_at")


class ArticleRecorder:
    """Writes what listings and article pages say; runs inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, comparer: Comparer):
        self._connection = connection
        self._comparer = comparer
        self._versions = VersionRecorder(connection, comparer)
        self._doubted: tuple[int | None, str] = (None, "[]")
        """The crawl that is recorded, and the crawls in doubt before it."""

    # -- listings ---------------------------------------------------------------------------

    def record_listing(
        self, crawl_id: int, site_id: int, page: ListingPage, fetch: Fetch
    ) -> list[int]:
        """Presence, counts and (until its own page is read) the facts of each entry."""
        listing_id = self.listing_id(site_id, page)
        ends_listing = _ends_listing(page) and not self._is_import(crawl_id)
        article_ids, newly_seen = [], 0
        for entry in page.entries:
            article_id = self.record_entry(crawl_id, site_id, page, entry, fetch.fetched_at)
            newly_seen += self.mark_present(listing_id, article_id, crawl_id, entry.summary)
            article_ids.append(article_id)
        field_counts.add_listing(self._connection, crawl_id, page)
        self._connection.execute(
            """
            INSERT INTO listing_crawls
              (crawl_id, listing_id, claimed_total, seen_count, page_count, is_complete)
            VALUES (?, ?, ?, ?, 1, ?)
            ON CONFLICT (crawl_id, listing_id) DO UPDATE SET
              -- The larger claim: one that falls while we read would hide an entry that slipped by.
              claimed_total = max(coalesce(excluded.claimed_total, claimed_total),
                                  coalesce(claimed_total, excluded.claimed_total)),
              seen_count = seen_count + excluded.seen_count,
              page_count = page_count + 1,
              is_complete = max(is_complete, ? AND page_count + 1 >= ?)
            """,
            [
                crawl_id,
                listing_id,
                page.claimed_total,
                newly_seen,
                int(ends_listing and page.page_number == 1),
                ends_listing,
                page.page_number,
            ],
        )
        return article_ids

    def _is_import(self, crawl_id: int) -> bool:
        """A saved page says what a listing once held: it must not end the presence of others."""
        row = self._connection.execute(
            "SELECT kind = 'import' FROM crawls WHERE id = ?", [crawl_id]
        ).fetchone()
        return bool(row and row[0])

    def listing_id(self, site_id: int, page: ListingPage) -> int:
        key = [site_id, page.locale, page.kind, page.slug]
        self._connection.execute(
            """
            INSERT INTO listings (site_id, locale, kind, slug, title, category, url)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (site_id, locale, kind, slug) DO UPDATE SET
              title = coalesce(excluded.title, title),
              category = coalesce(excluded.category, category),
              url = coalesce(excluded.url, url)
            WHERE (title, category, url) IS NOT (excluded.title, excluded.category, excluded.url)
            """,
            [*key, page.title, page.category, page.url],
        )
        row = self._connection.execute(
            "SELECT id FROM listings WHERE (site_id, locale, kind, slug) = (?, ?, ?, ?)", key
        ).fetchone()
        return row[0]

    def mark_present(
        self, listing_id: int, article_id: int, crawl_id: int, summary: str | None
    ) -> bool:
        """Keeps the run of presence; True where this crawl had not seen the article here yet.

        A run is broken only by a crawl that read the listing to its end without the article.
        """
        run = self._connection.execute(
            "SELECT first_crawl_id, last_crawl_id FROM listing_articles"
            " WHERE listing_id = ? AND article_id = ? ORDER BY first_crawl_id DESC LIMIT 1",
            [listing_id, article_id],
        ).fetchone()
        if run and run[1] == crawl_id:
            return False
        is_broken = (
            not run
            or self._connection.execute(
                "SELECT 1 FROM listing_crawls WHERE listing_id = ? AND is_complete"
                " AND crawl_id > ? AND crawl_id < ? LIMIT 1",
                [listing_id, run[1], crawl_id],
            ).fetchone()
        )
        if is_broken:
            self._connection.execute(
                "INSERT INTO listing_articles VALUES (?, ?, ?, ?, ?)",
                [listing_id, article_id, crawl_id, crawl_id, summary],
            )
        else:
            self._connection.execute(
                "UPDATE listing_articles SET last_crawl_id = ?, summary = coalesce(?, summary)"
                " WHERE listing_id = ? AND article_id = ? AND first_crawl_id = ?",
                [crawl_id, summary, listing_id, article_id, run[0]],
            )
        return True

    def record_entry(
        self, crawl_id: int, site_id: int, page: ListingPage, entry: ListingEntry, at: datetime
    ) -> int:
        facts = {
            "source_id": entry.source_id,
            "slug": entry.slug,
            "url": entry.url,
            "title": entry.title,
            "summary": entry.summary,
            "category": entry.category or page.category,
            "category_slug": page.category_slug,
            "section": page.section,
            "section_slug": page.section_slug,
            "published_at": entry.published_at,
            "created_at": entry.created_at,
            "updated_at": entry.updated_at,
            "shows_updated_date": page.shows_updated_date,
            "language": page.language,
        }
        article = self._article(crawl_id, site_id, page.locale, facts, at)
        seen = {"listed_title": entry.title, "listed_updated_at": entry.updated_at}
        if article["version_id"] is None:
            if article["section_slug"]:
                # It may stand in several sections; they would take turns for no reason of its own.
                facts |= dict.fromkeys(PLACE)
            before = self._states_before(crawl_id, article, at)
            self._keep_facts(crawl_id, article, facts | seen, at, before)
        elif to_text(at) >= article["last_seen_at"]:
            # Its own page was read: that page's facts stand, and addresses that were missing join.
            known = {name: facts[name] for name in ("source_id", "url") if not article[name]}
            self._update(article, known | seen, at)
        self.observe_views(
            crawl_id,
            article["id"],
            entry.view_count,
            at,
            is_approximate=entry.is_view_count_approximate,
        )
        return article["id"]

    # -- articles ---------------------------------------------------------------------------

    def record_article(
        self, crawl_id: int, site_id: int, page: ArticlePage, fetch: Fetch
    ) -> tuple[int, int]:
        """The ids of the article and of the version that its page shows."""
        ids = self.keep_article(crawl_id, site_id, page, fetch)
        field_counts.add_article(self._connection, crawl_id, page)
        return ids

    def keep_article(
        self, crawl_id: int, site_id: int, page: ArticlePage, fetch: Fetch
    ) -> tuple[int, int]:
        """The same, without counting which fields the page had."""
        facts = {name: getattr(page, name) for name in (
            "source_id", "slug", "url", "title", "summary", "category", "category_slug",
            "section", "section_slug", "published_at", "created_at", "updated_at",
            "shows_updated_date", "language",
        )}  # fmt: skip
        at = fetch.fetched_at
        article = self._article(crawl_id, site_id, page.locale, facts, at)
        for twin_id in nameless_twins(
            self._connection, article["id"], site_id, page.locale, page.slug
        ):
            merge(self._connection, article["id"], twin_id)
            article = self._row(article["id"])
        before = newest, vouched = self._states_before(crawl_id, article, at)
        version_id, title = self._versions.record(
            *(crawl_id, site_id, article["id"], page, fetch),
            after_doubt=newest is not vouched,
            vouched_id=vouched and vouched["version_id"],
        )
        if version_id == article["version_id"] and article["language"]:
            facts["language"] = None  # labels in another one around the same text say nothing
        facts |= {"version_id": version_id, "title": title}
        self._keep_facts(crawl_id, article, facts, at, before, is_read=True)
        self.observe_views(
            crawl_id,
            article["id"],
            page.view_count,
            at,
            is_approximate=page.is_view_count_approximate,
        )
        return article["id"], version_id

    def in_another_language(
        self, crawl_id: int, site_id: int, page: ArticlePage, fetch: Fetch
    ) -> PageUnusable | None:
        """What to make of a page whose text differs and is in another language than it was."""
        article_id = find_article(
            self._connection,
            site_id,
            page.locale,
            **{name: getattr(page, name) for name in IDENTITY},
            zone=self._comparer.zone,
        )
        article = self._row(article_id) if article_id and not self._is_import(crawl_id) else None
        if (
            article is None
            or not languages.is_foreign(
                self._connection, crawl_id, article_id, article["language"], page.language
            )
            or self._versions.is_known(article_id, page, fetch)
        ):
            return None
        return languages.unusable(page, article["language"])

    def confirm(self, article_id: int, at: datetime) -> int | None:
        """The server said that the article's page is unchanged; its version stands."""
        article = self._row(article_id)
        self._update(article, {}, at, is_read=True)
        return article["version_id"]

    def found_gone(self, article_id: int | None, at: datetime) -> None:
        """Its address answered that there is no such article: it was asked, not seen."""
        self._connection.execute(
            "UPDATE articles SET last_fetched_at = max(coalesce(last_fetched_at, ''), ?)"
            " WHERE id = ?",
            [to_text(at), article_id],
        )

    def by_url(self, site_id: int, url: str) -> int | None:
        """The article at a canonical address, if one is known there."""
        row = self._connection.execute(
            "SELECT id FROM articles WHERE site_id = ? AND url = ? ORDER BY last_seen_at DESC",
            [site_id, url],
        ).fetchone()
        return row and row[0]

    def last_seen_at(self, url: str, article_id: int | None) -> int | None:
        """Of the articles that were known at the address at which this one was asked for, the one
        that was seen there last: this one, or its heir."""
        row = self._connection.execute(
            "SELECT id FROM articles WHERE url = ? AND (site_id, locale, slug)"
            " = (SELECT site_id, locale, slug FROM articles WHERE id = ?)"
            " ORDER BY last_seen_at DESC, id = ? DESC",
            [url, article_id, article_id],
        ).fetchone()
        return row[0] if row else article_id

    # -- facts ------------------------------------------------------------------------------

    def _article(
        self, crawl_id: int, site_id: int, locale: str, facts: Mapping[str, Any], at: datetime
    ) -> dict[str, Any]:
        """The stored row that the facts speak of, made where there is none."""
        article_id = find_article(
            self._connection,
            site_id,
            locale,
            **{name: facts[name] for name in IDENTITY},
            zone=self._comparer.zone,
        )
        if article_id is None:
            article_id = self._connection.execute(
                "INSERT INTO articles (site_id, locale, source_id, slug, url, title, title_key,"
                " summary, first_seen_at, first_seen_crawl_id, last_seen_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    site_id,
                    locale,
                    facts["source_id"],
                    facts["slug"],
                    facts["url"],
                    facts["title"],
                    title_key(facts["title"]),
                    facts["summary"],  # now, since to index it later is to index the title again
                    to_text(at),
                    crawl_id,
                    to_text(at),
                ],
            ).lastrowid
        return self._row(article_id)

    def _row(self, article_id: int) -> dict[str, Any]:
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        return dict(cursor.execute("SELECT * FROM articles WHERE id = ?", [article_id]).fetchone())

    def _keep_facts(
        self,
        crawl_id: int,
        article: dict[str, Any],
        facts: Mapping[str, Any],
        at: datetime,
        states_before: StatesBefore,
        *,
        is_read: bool = False,
    ) -> None:
        """The facts as they are now, and a state where they differ from the state before; also
        where that is in doubt, so that what this crawl saw is on record.
        """
        is_newest = to_text(at) >= article["last_seen_at"]
        newest, vouched = states_before
        row = {name: self._joined(name, vouched, facts) for name in STATE_COLUMNS}
        if (
            newest is None
            or newest is not vouched
            or any(row[name] != newest[name] for name in STATE_COLUMNS)
        ):
            row |= {"article_id": article["id"], "crawl_id": crawl_id, "observed_at": to_text(at)}
            state_id = insert(self._connection, "article_states", row)
            if not is_newest:
                placing.forget_listings(self._connection, state_id)
                placing.resume(self._connection, self._versions, state_id)
                # Listings may have named the article since; no page of it was read since.
                is_newest = placing.is_latest(self._connection, state_id)
        self._update(article, facts if is_newest else {}, at, is_read=is_read)

    def _states_before(
        self, crawl_id: int, article: Mapping[str, Any], at: datetime
    ) -> StatesBefore:
        """The newest state up to an instant, and the newest that is not in doubt: mostly one."""
        values = {"article": article["id"], "at": to_text(at)}
        newest = self._state(STATE_BEFORE.format(condition="1"), values)
        if newest is None or newest["crawl_id"] == crawl_id:
            return newest, newest
        if self._doubted[0] != crawl_id:
            self._doubted = (crawl_id, doubted(self._connection, article["site_id"]))
        values["doubted"] = self._doubted[1]
        if not is_doubted(values["doubted"], newest["crawl_id"], article["locale"]):
            return newest, newest
        is_vouched = IS_VOUCHED.format(state="t", article="a")
        return newest, self._state(STATE_BEFORE.format(condition=is_vouched), values)

    def _state(self, sql: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        row = cursor.execute(sql, values).fetchone()
        return row and dict(row)

    def _joined(self, name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Any:
        """A fact as stored: what the page says, or what was known where it says nothing."""
        old_value, value = (old or {}).get(name), new.get(name)
        if name in MOMENTS:
            return to_text(merged(to_moment(old_value), value, self._comparer.zone))
        if name == "title" and old_value and self._comparer.same_title(old_value, value):
            return old_value
        return old_value if value is None else _stored(value)

    def _update(
        self,
        article: dict[str, Any],
        facts: Mapping[str, Any],
        at: datetime,
        *,
        is_read: bool = False,
    ) -> None:
        """Writes the facts that differ into the article's row; `is_read`: of its own page."""
        instant = to_text(at)
        row = {name: self._joined(name, article, facts) for name in facts}
        if "title" in row:
            row["title_key"] = title_key(row["title"])
        row["last_seen_at"] = max(article["last_seen_at"], instant)
        if is_read:
            row |= _read(article, instant)
        changed = {name: value for name, value in row.items() if value != article[name]}
        if changed:
            self._connection.execute(
                f"UPDATE articles SET {', '.join(f'{name} = ?' for name in changed)} WHERE id = ?",
                [*changed.values(), article["id"]],
            )
            article.update(changed)

    # -- views ------------------------------------------------------------------------------

    def observe_views(
        self,
        crawl_id: int,
        article_id: int,
        view_count: int | None,
        at: datetime,
        *,
        is_approximate: bool,
    ) -> None:
        """A row only when the count differs from the one before it in time."""
        if view_count is None:
            return
        instant = to_text(at.replace(microsecond=0))
        before = self._connection.execute(
            "SELECT view_count FROM view_observations WHERE article_id = ? AND observed_at <= ?"
            " ORDER BY observed_at DESC LIMIT 1",
            [article_id, instant],
        ).fetchone()
        if before and before[0] == view_count:
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO view_observations VALUES (?, ?, ?, ?, ?)",
            [article_id, instant, view_count, crawl_id, int(is_approximate)],
        )
        if before:
            views.resume(self._connection, article_id, instant, crawl_id)
        self._connection.execute(
            "UPDATE articles SET view_count = (SELECT view_count FROM view_observations"
            " WHERE article_id = ?1 ORDER BY observed_at DESC LIMIT 1) WHERE id = ?1",
            [article_id],
        )


def _read(article: Mapping[str, Any], instant: str) -> dict[str, Any]:
    """What an article's row says once its own page was read at an instant."""
    before = article["last_fetched_at"] or ""
    if instant < before:
        return {}
    return {"last_fetched_at": instant, "listed_title_when_read": article["listed_title"]}


def _ends_listing(page: ListingPage) -> bool:
    """A page that names no next one ends its listing."""
    return page.next_url is None


def _stored(value: Any) -> Any:
    """A fact as SQLite keeps it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Moment):
        return to_text(value)
    return value
