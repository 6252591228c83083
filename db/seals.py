"""What each crawl looked at, sealed when it ends: who changes the log of requests later, shows.

A seal covers the crawl's own row, how far it read each listing, and each of its requests with what
that found. Seals are chained, and each names the version recorded last: so neither chain loses its
end unnoticed. Pruning forgets requests, and seals anew what stays.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from db.connection import insert
from db.moments import to_text

Reason = Literal["finished", "pruned"]
FIRST_LINK = "0" * 64

CRAWL = """
SELECT id, site_id, kind, locales, started_at, finished_at, outcome, pages_fetched,
       articles_listed, articles_fetched, errors, parser FROM crawls WHERE id = ?
"""
LISTINGS = """
SELECT listing_id, claimed_total, seen_count, page_count, is_complete FROM listing_crawls
WHERE crawl_id = ? ORDER BY listing_id
"""
# By its text, not by its row: an older capture may divide a version in two that say the same. The
# page's own record counts where this very request brought it.
REQUESTS = """
SELECT f.id, f.url, f.locale, f.wanted, f.fetched_at, f.status, f.elapsed_ms, f.size, f.page_kind,
       f.error, f.etag, f.last_modified, v.title, v.body_sha256, p.sha256, p.http_status,
       p.content_type, p.size
FROM fetches f LEFT JOIN versions v ON v.id = f.version_id
LEFT JOIN snapshots p
  ON p.sha256 = v.snapshot_sha256 AND p.url = f.url AND p.fetched_at = f.fetched_at
WHERE f.crawl_id = ? ORDER BY f.id
"""
SEALS = """
SELECT s.id, s.crawl_id, s.sealed_at, s.reason, s.request_count, s.log_sha256, s.last_version_id,
       v.chain_sha256 AS version_link, s.chain_sha256
FROM crawl_seals s LEFT JOIN versions v ON v.id = s.last_version_id
"""
CHAINED = (
    "id", "crawl_id", "sealed_at", "reason", "request_count", "log_sha256", "last_version_id",
    "version_link",
)  # fmt: skip
"""What the link of a seal covers, behind the link before it."""


@dataclass(frozen=True, slots=True)
class Log:
    """A crawl's log as it stands: how many requests, and the SHA-256 of all that a seal covers."""

    request_count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SealMark:
    """The seal of one crawl, to be noted elsewhere."""

    crawl_id: int
    chain_sha256: str


def log_of(connection: sqlite3.Connection, crawl_id: int) -> Log:
    """The log of a crawl: a line of JSON for its row, for each of its listings and requests."""
    sha256, count = hashlib.sha256(), 0
    for sql in (CRAWL, LISTINGS, REQUESTS):
        count = 0
        for row in connection.execute(sql, [crawl_id]):
            sha256.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            count += 1
    return Log(count, sha256.hexdigest())


def seal(
    connection: sqlite3.Connection, crawl_id: int, sealed_at: str, reason: Reason = "finished"
) -> None:
    """Adds the seal of a crawl's log as it stands now; runs inside the caller's transaction."""
    log = log_of(connection, crawl_id)
    previous = _rows(connection, f"{SEALS} ORDER BY s.id DESC LIMIT 1")
    version = connection.execute(
        "SELECT id, chain_sha256 FROM versions ORDER BY id DESC LIMIT 1"
    ).fetchone()
    last_version_id, version_link = version or (None, None)
    row = {
        "id": previous[0]["id"] + 1 if previous else 1,
        "crawl_id": crawl_id,
        "sealed_at": sealed_at,
        "reason": reason,
        "request_count": log.request_count,
        "log_sha256": log.sha256,
        "last_version_id": last_version_id,
    }
    link_before = previous[0]["chain_sha256"] if previous else FIRST_LINK
    row["chain_sha256"] = link(link_before, row | {"version_link": version_link})
    insert(connection, "crawl_seals", row)


def link(previous: str, row: dict[str, Any]) -> str:
    """The chain_sha256 of a seal."""
    covered = json.dumps([previous, *(row[name] for name in CHAINED)], ensure_ascii=False)
    return hashlib.sha256(covered.encode()).hexdigest()


def last(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """The newest seal; None where there is none yet."""
    found = _rows(connection, f"{SEALS} ORDER BY s.id DESC LIMIT 1")
    return found[0] if found else None


def of_last_crawl(connection: sqlite3.Connection, site_id: int, until: datetime) -> SealMark | None:
    """The seal that the last of a site's crawls and imports got that ended up to an instant."""
    row = connection.execute(
        "SELECT s.crawl_id, s.chain_sha256 FROM crawl_seals s JOIN crawls c ON c.id = s.crawl_id"
        " WHERE c.site_id = ? AND s.reason = 'finished' AND s.sealed_at <= ?"
        " ORDER BY s.id DESC LIMIT 1",
        [site_id, to_text(until)],
    ).fetchone()
    return row and SealMark(*row)


def wrong_links(connection: sqlite3.Connection) -> Iterator[str | None]:
    """For each seal None, or how its link does not follow."""
    previous, number = FIRST_LINK, 0
    for row in _rows(connection, f"{SEALS} ORDER BY s.id"):
        if row["id"] != number + 1:
            yield f"seals {number + 1} to {row['id'] - 1} are missing"
        elif link(previous, row) != row["chain_sha256"]:
            yield (
                f"seal {row['id']}, of crawl {row['crawl_id']}: its link does not follow from its "
                "row, the version it names and the link before"
            )
        else:
            yield None
        previous, number = row["chain_sha256"], row["id"]


def broken(connection: sqlite3.Connection, crawl_id: int) -> str | None:
    """How a crawl's log is not what was sealed; None where it is, or where nothing was sealed."""
    row = connection.execute(
        "SELECT request_count, log_sha256 FROM crawl_seals WHERE crawl_id = ?"
        " ORDER BY id DESC LIMIT 1",
        [crawl_id],
    ).fetchone()
    if row is None:
        return None
    now = log_of(connection, crawl_id)
    if (now.request_count, now.sha256) == row:
        return None
    if now.request_count != row[0]:
        return (
            f"crawl {crawl_id}: its log holds {now.request_count:,} requests, sealed were "
            f"{row[0]:,}"
        )
    return f"crawl {crawl_id}: its row, its listings or its requests are not what was sealed"


def _rows(connection: sqlite3.Connection, sql: str) -> list[dict[str, Any]]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return [dict(row) for row in cursor.execute(sql)]
