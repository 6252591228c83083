"""The reads behind statements: what a page said, when that was confirmed, what was watched."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from db import queries
from db.errors import NotInDatabase
from db.records import ArticleState, Site, Version, to_moment, to_text
from db.states import STATE
from db.verify import readable
from db.versions import CHAINED, FIRST_LINK


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
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

    confirmed_count: int
    new_count: int


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

READING = """
SELECT article_id, crawl_id, fetched_at, page_kind, status, version_id, error FROM fetches
"""


def _reading(row: dict[str, Any]) -> Reading:
    return Reading(**row | {"fetched_at": to_moment(row["fetched_at"])})


def readings(connection: sqlite3.Connection, article_id: int) -> list[Reading]:
    """Every request for an article's own page, oldest first."""
    found = queries.rows(
        connection,
        f"{READING} WHERE article_id = ? AND wanted = 'article' ORDER BY fetched_at, id",
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


def state_at(connection: sqlite3.Connection, article_id: int, at: datetime) -> ArticleState | None:
    """What was known of an article at an instant; None before it was first seen."""
    found = _states(connection, "t.article_id = :only", {"only": article_id, "at": to_text(at)})
    return found[0] if found else None


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
    found = _marks(
        connection, "(:at IS NULL OR captured_at <= :at) ORDER BY id DESC LIMIT 1", until
    )
    return found[0] if found else None


def _marks(connection: sqlite3.Connection, where: str, at: datetime | None) -> list[VersionMark]:
    columns = ", ".join(VersionMark.__dataclass_fields__)
    found = queries.rows(
        connection, f"SELECT {columns} FROM versions WHERE {where}", {"at": to_text(at)}
    )
    return [VersionMark(**row | {"captured_at": to_moment(row["captured_at"])}) for row in found]


# -- a whole site at an instant -----------------------------------------------------------------


def _states(
    connection: sqlite3.Connection, where: str, values: dict[str, Any]
) -> list[ArticleState]:
    """The latest state of each article up to `at`, with the status that it had then.

    Statuses are not kept over time: they follow from the changes told.
    """
    found = queries.rows(
        connection,
        f"""
        {STATE}
        WHERE {where} AND t.id = (
          SELECT x.id FROM article_states x WHERE x.article_id = t.article_id
          AND x.observed_at <= :at ORDER BY x.observed_at DESC, x.id DESC LIMIT 1)
        ORDER BY a.locale, t.category, t.section, t.title, t.article_id
        """,
        values,
    )
    statuses = _statuses(connection, values["at"])
    return [
        queries.state(row | {"status": statuses.get(row["article_id"], "listed")}) for row in found
    ]


def _statuses(connection: sqlite3.Connection, at: str) -> dict[int, str]:
    """article_id -> its status at an instant, where a change told one."""
    told = connection.execute(
        "SELECT article_id, kind FROM changes"
        " WHERE kind IN ('unlisted', 'removed', 'relisted') AND detected_at <= ?"
        " ORDER BY detected_at, id",
        [at],
    )
    return {article_id: "listed" if kind == "relisted" else kind for article_id, kind in told}


def removed_at(
    connection: sqlite3.Connection, site_id: int, until: datetime
) -> dict[int, datetime]:
    """article_id -> when it was found removed, for those that were so at an instant."""
    told = connection.execute(
        "SELECT c.article_id, c.kind, c.detected_at FROM changes c"
        " JOIN articles a ON a.id = c.article_id"
        " WHERE a.site_id = ? AND c.kind IN ('unlisted', 'removed', 'relisted')"
        " AND c.detected_at <= ? ORDER BY c.detected_at, c.id",
        [site_id, to_text(until)],
    )
    latest = {article_id: (kind, at) for article_id, kind, at in told}
    return {
        article_id: to_moment(at) for article_id, (kind, at) in latest.items() if kind == "removed"
    }


def articles_at(connection: sqlite3.Connection, site_id: int, at: datetime) -> list[ArticleState]:
    """Every article known at an instant, gone ones too, in the order of the help centre."""
    return _states(connection, "a.site_id = :site", {"site": site_id, "at": to_text(at)})


def listings_at(
    connection: sqlite3.Connection, site_id: int, at: datetime
) -> dict[int, tuple[str, ...]]:
    """article_id -> 'kind/slug' of the listings that named it when last read up to an instant."""
    found = connection.execute(
        """
        SELECT DISTINCT la.article_id, l.kind || '/' || l.slug AS listing
        FROM listing_articles la JOIN listings l ON l.id = la.listing_id
        JOIN crawls f ON f.id = la.first_crawl_id
        WHERE l.site_id = :site AND f.started_at <= :at AND NOT EXISTS (
          -- a run of presence ends with the next crawl that read the listing to its end without it
          SELECT 1 FROM listing_crawls lc JOIN crawls c ON c.id = lc.crawl_id
          WHERE lc.listing_id = la.listing_id AND lc.is_complete AND lc.crawl_id > la.last_crawl_id
          AND c.started_at <= :at)
        ORDER BY la.article_id, listing
        """,
        {"site": site_id, "at": to_text(at)},
    )
    return {
        article_id: tuple(name for _, name in named)
        for article_id, named in groupby(found, key=lambda row: row[0])
    }


def marks_at(connection: sqlite3.Connection, site_id: int, at: datetime) -> dict[int, VersionMark]:
    """article_id -> the version that it had at an instant, without its text."""
    found = _marks(
        connection,
        f"""id IN (
          SELECT (SELECT v.id FROM versions v WHERE v.article_id = a.id AND v.captured_at <= :at
                  ORDER BY v.captured_at DESC, v.id DESC LIMIT 1)
          FROM articles a WHERE a.site_id = {int(site_id)})""",
        at,
    )
    return {mark.article_id: mark for mark in found}


def last_confirmed(
    connection: sqlite3.Connection, site_id: int, at: datetime
) -> dict[int, datetime]:
    """article_id -> when its page was last read or confirmed up to an instant."""
    found = connection.execute(
        "SELECT f.article_id, max(f.fetched_at) FROM fetches f"
        " JOIN articles a ON a.id = f.article_id"
        " WHERE a.site_id = ? AND f.version_id IS NOT NULL AND f.fetched_at <= ?"
        " GROUP BY f.article_id",
        [site_id, to_text(at)],
    )
    return {article_id: to_moment(fetched_at) for article_id, fetched_at in found}


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


# -- what was watched ---------------------------------------------------------------------------


def readings_by_article(
    connection: sqlite3.Connection, site_id: int, until: datetime
) -> Iterator[tuple[int, list[Reading]]]:
    """(article_id, its readings up to an instant, oldest first), one article at a time."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    found = cursor.execute(
        f"{READING} WHERE wanted = 'article' AND fetched_at <= ?"
        " AND article_id IN (SELECT id FROM articles WHERE site_id = ?)"
        " ORDER BY article_id, fetched_at, id",
        [to_text(until), site_id],
    )
    for article_id, rows in groupby(found, key=lambda row: row["article_id"]):
        yield article_id, [_reading(dict(row)) for row in rows]


def first_seen(
    connection: sqlite3.Connection, site_id: int, until: datetime
) -> dict[int, datetime]:
    """article_id -> when it was first seen, for those seen up to an instant."""
    found = connection.execute(
        "SELECT t.article_id, min(t.observed_at) FROM article_states t"
        " JOIN articles a ON a.id = t.article_id"
        " WHERE a.site_id = ? AND t.observed_at <= ? GROUP BY t.article_id",
        [site_id, to_text(until)],
    )
    return {article_id: to_moment(at) for article_id, at in found}


def pages_read(connection: sqlite3.Connection, crawl_id: int) -> PagesRead:
    """How many articles a crawl confirmed, and how many showed another text or title."""
    confirmed, new = connection.execute(
        "SELECT count(DISTINCT CASE WHEN v.crawl_id != f.crawl_id THEN f.article_id END),"
        " count(DISTINCT CASE WHEN v.crawl_id = f.crawl_id THEN f.article_id END)"
        " FROM fetches f JOIN versions v ON v.id = f.version_id WHERE f.crawl_id = ?",
        [crawl_id],
    ).fetchone()
    return PagesRead(confirmed_count=confirmed, new_count=new)
