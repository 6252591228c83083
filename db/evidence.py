"""The reads behind statements: what a page said, when that was confirmed, what was watched."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from db import queries
from db.errors import NotInDatabase
from db.moments import to_moment, to_text
from db.records import ListingCoverage, Site, UnreadPage, Version
from db.verify import readable
from db.versions import CHAINED, FIRST_LINK


class Reading(NamedTuple):
    """One request for an article's own page, and what came of it."""

    article_id: int
    crawl_id: int
    fetched_at: datetime
    page_kind: str
    """article, not_modified, gone, or why the page was unusable."""
    status: int | None
    version_id: int | None
    """The version that the page showed; None where it gave no text."""
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """The bytes that a version was read from, with what is kept of the server's answer."""

    sha256: str
    url: str
    fetched_at: datetime
    http_status: int | None
    """None for an imported file."""
    content_type: str | None
    etag: str | None
    last_modified: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionMark:
    """A version without its text."""

    id: int
    article_id: int
    number: int
    crawl_id: int
    captured_at: datetime
    body_sha256: str
    snapshot_sha256: str | None
    chain_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesRead:
    """Article pages of one crawl: how many showed a known version, and how many a new one."""

    confirmed_count: int = 0
    new_count: int = 0


def site(connection: sqlite3.Connection, name: str | None) -> Site:
    """The site of that name, or the only one; NotInDatabase names those that there are."""
    found = [Site(**row) for row in queries.rows(connection, "SELECT * FROM sites ORDER BY name")]
    fitting = [site for site in found if name in (None, site.name)]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(site.name for site in found)
    if not found:
        raise NotInDatabase("The database holds no site yet. Run `helpwatch run` first.")
    if name is None:
        raise NotInDatabase(f"The database holds several sites ({known}); name one with --site.")
    raise NotInDatabase(f"There is no site {name!r}; known: {known}.")


def site_of(connection: sqlite3.Connection, article_id: int) -> Site:
    """The site that an article belongs to."""
    (row,) = queries.rows(
        connection,
        "SELECT s.* FROM sites s JOIN articles a ON a.site_id = s.id WHERE a.id = ?",
        [article_id],
    )
    return Site(**row)


# -- one article --------------------------------------------------------------------------------


def _reading(row: tuple[Any, ...]) -> Reading:
    article_id, crawl_id, fetched_at, *rest = row
    return Reading(article_id, crawl_id, datetime.fromisoformat(fetched_at), *rest)


def readings(connection: sqlite3.Connection, article_id: int) -> list[Reading]:
    """Every request for an article's own page, oldest first."""
    found = connection.execute(
        f"SELECT {', '.join(Reading._fields)} FROM fetches"
        " WHERE article_id = ? AND wanted = 'article' ORDER BY fetched_at, id",
        [article_id],
    )
    return [_reading(row) for row in found]


def stored_page(connection: sqlite3.Connection, version: Version) -> StoredPage | None:
    """The page that a version was read from; None where its bytes are missing or damaged."""
    sha256 = version.snapshot_sha256
    body = readable(connection, sha256) if sha256 else None
    if body is None:
        return None
    (row,) = queries.rows(
        connection,
        # The same bytes may have come twice; the request that made this version tells its own time.
        """
        SELECT p.sha256, p.content_type, coalesce(f.url, p.url) AS url,
               coalesce(f.fetched_at, p.fetched_at) AS fetched_at,
               CASE WHEN f.id IS NULL THEN p.http_status ELSE f.status END AS http_status,
               f.etag, f.last_modified
        FROM snapshots p LEFT JOIN fetches f ON f.id = (
          SELECT min(id) FROM fetches WHERE article_id = :article AND version_id = :version
          AND crawl_id = :crawl AND fetched_at = :captured_at)
        WHERE p.sha256 = :sha256
        """,
        {
            "article": version.article_id,
            "version": version.id,
            "crawl": version.crawl_id,
            "captured_at": to_text(version.captured_at),
            "sha256": sha256,
        },
    )
    return StoredPage(**row | {"fetched_at": to_moment(row["fetched_at"]), "body": body})


# -- the chain ----------------------------------------------------------------------------------


def covered_text(previous: str, row: dict[str, Any] | sqlite3.Row) -> str:
    """The text whose SHA-256 is a version's chain link; `previous` is the link before it."""
    return json.dumps([previous, *(row[name] for name in CHAINED)], ensure_ascii=False)


def chain(connection: sqlite3.Connection, until_id: int) -> Iterator[str]:
    """The covered text of every version up to one: the SHA-256 of each begins the next."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    previous = FIRST_LINK
    columns = ", ".join((*CHAINED, "chain_sha256"))
    for row in cursor.execute(
        f"SELECT {columns} FROM versions WHERE id <= ? ORDER BY id", [until_id]
    ):
        yield covered_text(previous, row)
        previous = row["chain_sha256"]


def head(connection: sqlite3.Connection, until: datetime | None = None) -> VersionMark | None:
    """The last version in the chain, or the last of those captured up to an instant."""
    found = marks(
        connection,
        "(:at IS NULL OR captured_at <= :at) ORDER BY id DESC LIMIT 1",
        {"at": to_text(until)},
    )
    return found[0] if found else None


def marks(
    connection: sqlite3.Connection, where: str, values: Mapping[str, Any]
) -> list[VersionMark]:
    """The versions that fit a condition, without their texts."""
    columns = ", ".join(VersionMark.__dataclass_fields__)
    found = queries.rows(connection, f"SELECT {columns} FROM versions WHERE {where}", values)
    return [VersionMark(**row | {"captured_at": to_moment(row["captured_at"])}) for row in found]


# -- what was watched ---------------------------------------------------------------------------


def last_read(
    connection: sqlite3.Connection, urls: Iterable[str], before_crawl_id: int
) -> dict[str, datetime]:
    """address -> when it last answered as it should, in an earlier crawl; never: not in it."""
    if not (wanted := list(urls)):
        return {}
    found = connection.execute(
        "SELECT url, max(fetched_at) FROM fetches WHERE error IS NULL AND crawl_id < ?"
        " AND url IN (SELECT value FROM json_each(?)) GROUP BY url",
        [before_crawl_id, json.dumps(wanted)],
    )
    return {url: to_moment(fetched_at) for url, fetched_at in found}


# NOT INDEXED: the log read from its begin to its end is many times faster than article by article.
# Beside max(), the other columns are those of the row that has it.
OF_ARTICLES = """
FROM fetches NOT INDEXED
WHERE wanted = 'article' AND article_id IN (SELECT id FROM articles WHERE site_id = :site)
"""
BY_ID = f"{', '.join(Reading._fields)}, id"
READINGS = f"""
SELECT {BY_ID} {OF_ARTICLES} AND fetched_at BETWEEN :since AND :until
UNION ALL
SELECT {BY_ID.replace("fetched_at", "max(fetched_at)")} {OF_ARTICLES}
  AND fetched_at < :since AND version_id IS NOT NULL GROUP BY article_id
UNION ALL
SELECT {BY_ID} {OF_ARTICLES} AND fetched_at < :since AND version_id IS NULL
ORDER BY article_id, fetched_at, id
"""


def readings_by_article(
    connection: sqlite3.Connection, site_id: int, since: datetime, until: datetime
) -> Iterator[tuple[int, list[Reading]]]:
    """(article_id, its readings in a period, oldest first), one article at a time.

    Of those before the period come the last that gave a text, and those that gave none.
    """
    values = {"site": site_id, "since": to_text(since), "until": to_text(until)}
    found = connection.execute(READINGS, values)
    for article_id, rows in groupby(found, key=itemgetter(0)):
        yield article_id, [_reading(row[:-1]) for row in rows]


# -- what crawls looked at ----------------------------------------------------------------------

OF_CRAWLS = "FROM json_each(?) wanted CROSS JOIN"
"""In the order of the numbers that are given, each by the index of the table that follows."""

LISTINGS_READ = f"""
SELECT x.crawl_id, l.id, l.locale, l.kind, l.slug, l.title, l.url, x.claimed_total, x.seen_count,
       x.page_count, x.is_complete
{OF_CRAWLS} listing_crawls x ON x.crawl_id = wanted.value JOIN listings l ON l.id = x.listing_id
ORDER BY x.crawl_id, l.locale, l.kind, l.slug
"""
LISTING_FIELDS = (
    "listing_id", "locale", "kind", "slug", "title", "url", "claimed_total", "seen_count",
    "page_count",
)  # fmt: skip
UNREAD = f"""
SELECT x.crawl_id, x.url, x.page_kind, x.error
{OF_CRAWLS} fetches x ON x.crawl_id = wanted.value
WHERE x.error IS NOT NULL AND x.page_kind != 'gone' ORDER BY x.id
"""
PAGES_READ = f"""
SELECT x.crawl_id,
       count(DISTINCT CASE WHEN v.crawl_id != x.crawl_id THEN x.article_id END),
       count(DISTINCT CASE WHEN v.crawl_id = x.crawl_id THEN x.article_id END)
{OF_CRAWLS} fetches x ON x.crawl_id = wanted.value JOIN versions v ON v.id = x.version_id
GROUP BY x.crawl_id
"""


def listings_read(
    connection: sqlite3.Connection, crawl_ids: Iterable[int]
) -> dict[int, list[ListingCoverage]]:
    """crawl_id -> how far it read each listing. Gaps that were there before are left out."""
    found: dict[int, list[ListingCoverage]] = {}
    for crawl_id, *facts, is_complete in _of_crawls(connection, LISTINGS_READ, crawl_ids):
        fields = dict(zip(LISTING_FIELDS, facts, strict=True))
        one = ListingCoverage(**fields, is_complete=bool(is_complete))
        found.setdefault(crawl_id, []).append(one)
    return found


def unread_pages(
    connection: sqlite3.Connection, crawl_ids: Iterable[int]
) -> dict[int, list[UnreadPage]]:
    """crawl_id -> the pages that it should have read and could not, or was not allowed to."""
    found: dict[int, list[UnreadPage]] = {}
    for crawl_id, url, kind, why in _of_crawls(connection, UNREAD, crawl_ids):
        found.setdefault(crawl_id, []).append(UnreadPage(url=url, kind=kind, why=why))
    return found


def pages_read(connection: sqlite3.Connection, crawl_ids: Iterable[int]) -> dict[int, PagesRead]:
    """crawl_id -> how many articles it confirmed, and how many showed another text or title."""
    return {
        crawl_id: PagesRead(confirmed_count=confirmed, new_count=new)
        for crawl_id, confirmed, new in _of_crawls(connection, PAGES_READ, crawl_ids)
    }


def _of_crawls(
    connection: sqlite3.Connection, sql: str, crawl_ids: Iterable[int]
) -> sqlite3.Cursor:
    return connection.execute(sql, [json.dumps(list(crawl_ids))])
