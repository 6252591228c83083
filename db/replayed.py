"""Rows of another database -> the pages that they were read from, as far as rows can tell."""

import heapq
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from db import identity
from db.moments import to_moment, to_text
from db.spool import SpooledCrawl
from spiders.items import ArticlePage, Fetch, ListingEntry, ListingPage

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A listing that a crawl read, or one row of its log. `number` says which crawl it was."""

    order: tuple[datetime, int, int, int]
    number: int
    listing: Row | None = None
    fetch: Row | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a listing said of one article, and when; `article_id` is the other database's."""

    article_id: int
    page: ListingPage
    entry: ListingEntry
    at: datetime


def steps(number: int, crawl: SpooledCrawl) -> Iterator[Step]:
    """What a crawl recorded, in the order in which it was read."""
    listings = sorted(
        (
            Step(
                order=(max(to_moment(row["read_at"]), crawl.started_at), 0, number, row["id"]),
                number=number,
                listing=row,
            )
            for row in crawl.spool.rows(LISTINGS, [crawl.id])
        ),
        key=lambda step: step.order,
    )
    fetches = (
        Step(
            order=(to_moment(row["fetched_at"]), 1, number, row["id"]),
            number=number,
            fetch=row,
        )
        for row in crawl.spool.rows(FETCHES, [crawl.id])
    )
    return heapq.merge(listings, fetches, key=lambda step: step.order)


LISTINGS = """
SELECT l.*, lc.crawl_id, lc.claimed_total, lc.seen_count, lc.page_count, lc.is_complete,
       coalesce((SELECT f.fetched_at FROM fetches f
                 WHERE f.crawl_id = lc.crawl_id AND f.url = l.url AND f.error IS NULL
                 ORDER BY f.id LIMIT 1), c.started_at) AS read_at
FROM listing_crawls lc JOIN listings l ON l.id = lc.listing_id JOIN crawls c ON c.id = lc.crawl_id
WHERE lc.crawl_id = ?
"""

FETCHES = """
SELECT f.*, a.source_id, a.locale AS article_locale, a.slug AS newest_slug, a.url AS newest_url,
       a.summary, a.created_at, a.language, v.title AS version_title, v.captured_at, v.parser,
       v.form, v.source_updated_at, v.snapshot_sha256
FROM fetches f LEFT JOIN articles a ON a.id = f.article_id
LEFT JOIN versions v ON v.id = f.version_id
WHERE f.crawl_id = ? ORDER BY f.id
"""
"""The log of a crawl, with what is known of the article and the version of each row."""

# Without its Z, a whole second comes before its parts.
STATE_AT = """
SELECT * FROM article_states
WHERE article_id = ? AND rtrim(observed_at, 'Z') <= rtrim(?, 'Z')
ORDER BY observed_at DESC, id DESC LIMIT 1
"""

# What the listings of this crawl said stands in a state without a version; an article whose page
# was read before is named by the state it had when the crawl began.
ENTRIES = """
SELECT a.id AS article_id, a.source_id, a.url AS newest_url, a.slug AS newest_slug, a.created_at,
       a.language, a.listed_title, a.listed_updated_at, a.first_seen_at, a.first_seen_crawl_id,
       la.summary, s.crawl_id AS state_crawl_id, s.observed_at, s.version_id, s.slug, s.category,
       s.category_slug, s.section, s.section_slug, s.published_at, s.updated_at,
       s.shows_updated_date, coalesce(s.title, a.title) AS title
FROM listing_articles la JOIN articles a ON a.id = la.article_id
LEFT JOIN article_states s ON s.id = coalesce(
  (SELECT x.id FROM article_states x
   WHERE x.article_id = a.id AND x.crawl_id = :crawl AND x.version_id IS NULL
   ORDER BY x.observed_at DESC, x.id DESC LIMIT 1),
  (SELECT x.id FROM article_states x
   WHERE x.article_id = a.id AND x.crawl_id != :crawl AND x.observed_at <= :started_at
   ORDER BY x.observed_at DESC, x.id DESC LIMIT 1),
  (SELECT x.id FROM article_states x WHERE x.article_id = a.id
   ORDER BY x.observed_at, x.id LIMIT 1))
WHERE la.listing_id = :listing AND la.first_crawl_id <= :crawl AND la.last_crawl_id >= :crawl
ORDER BY a.id
"""


def listing_page(row: Row) -> ListingPage:
    """The listing itself; what it says of its articles stands in each entry's page."""
    return ListingPage(
        **{name: row[name] for name in ("locale", "kind", "slug", "title", "category")},
        url=row["url"],
    )


def entries(crawl: SpooledCrawl, listing: Row) -> Iterator[Entry]:
    """What a listing named in a crawl, each as the page of a listing that names nothing else."""
    values = {"crawl": crawl.id, "listing": listing["id"], "started_at": to_text(crawl.started_at)}
    for row in crawl.spool.rows(ENTRIES, values):
        yield _entry(crawl, listing, row)


def _entry(crawl: SpooledCrawl, listing: Row, row: Row) -> Entry:
    was_read = row["version_id"] is not None
    at = listing["read_at"]
    if row["state_crawl_id"] == crawl.id and not was_read:
        at = row["observed_at"]
    elif row["first_seen_crawl_id"] == crawl.id:
        at = row["first_seen_at"]
    page = ListingPage(
        **{name: listing[name] for name in ("locale", "kind", "slug", "url")},
        **{name: row[name] for name in ("category", "category_slug", "section", "section_slug")},
        language=row["language"],
        shows_updated_date=_truth(row["shows_updated_date"]),
    )
    entry = ListingEntry(
        title=(was_read and row["listed_title"]) or row["title"],
        slug=row["slug"],
        url=row["newest_url"] if row["slug"] == row["newest_slug"] else None,
        source_id=row["source_id"],
        summary=row["summary"],
        category=row["category"],
        published_at=to_moment(row["published_at"]),
        created_at=to_moment(row["created_at"]),
        updated_at=to_moment(row["listed_updated_at" if was_read else "updated_at"]),
    )
    return Entry(article_id=row["article_id"], page=page, entry=entry, at=to_moment(at))


def article_page(crawl: SpooledCrawl, fetch: Row) -> ArticlePage:
    """The page that a row of the log found or confirmed: its text, and the facts as they stood."""
    (state,) = crawl.spool.rows(STATE_AT, [fetch["article_id"], fetch["fetched_at"]])
    is_first_reading = fetch["captured_at"] == fetch["fetched_at"]
    is_newest = state["slug"] == fetch["newest_slug"]
    return ArticlePage(
        locale=fetch["article_locale"],
        slug=state["slug"],
        url=fetch["newest_url"] if is_newest else fetch["url"],
        title=fetch["version_title"],
        body=crawl.spool.text(fetch["version_id"]),
        source_id=fetch["source_id"],
        summary=fetch["summary"],
        **{name: state[name] for name in ("category", "category_slug", "section", "section_slug")},
        published_at=to_moment(state["published_at"]),
        created_at=to_moment(fetch["created_at"]),
        updated_at=to_moment(
            fetch["source_updated_at"] if is_first_reading else state["updated_at"]
        ),
        shows_updated_date=_truth(state["shows_updated_date"]),
        form=fetch["form"],
        parser=fetch["parser"],
        language=fetch["language"],
    )


def fetch_of(crawl: SpooledCrawl, fetch: Row, *, with_body: bool) -> Fetch:
    """The answer with the bytes that are the evidence of its version, where they are wanted."""
    at = to_moment(fetch["fetched_at"])
    if not with_body or fetch["snapshot_sha256"] is None:
        return Fetch(url=fetch["url"], fetched_at=at, status=fetch["status"])
    kept = crawl.spool.snapshot(fetch["snapshot_sha256"])
    return Fetch(
        url=kept["url"],
        fetched_at=at,
        status=kept["http_status"],
        body=kept["body"],
        content_type=kept["content_type"],
    )


def views(number: int, crawl: SpooledCrawl) -> Iterator[tuple[datetime, int, Row]]:
    """The view counts that a crawl saw to differ, oldest first, each with `number`."""
    for row in crawl.spool.rows(
        "SELECT * FROM view_observations WHERE crawl_id = ? ORDER BY observed_at, article_id",
        [crawl.id],
    ):
        yield to_moment(row["observed_at"]), number, row


def find(
    connection: sqlite3.Connection, site_id: int, crawl: SpooledCrawl, article_id: int, zone: tzinfo
) -> int | None:
    """The article here that an article of the other database is."""
    (row,) = crawl.spool.rows(
        "SELECT locale, source_id, slug, title, published_at FROM articles WHERE id = ?",
        [article_id],
    )
    return identity.find_article(
        connection,
        site_id,
        row["locale"],
        source_id=row["source_id"],
        slug=row["slug"],
        title=row["title"],
        published_at=to_moment(row["published_at"]),
        zone=zone,
    )


def _truth(value: int | None) -> bool | None:
    return None if value is None else bool(value)
