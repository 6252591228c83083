"""How a site stands, for a monitor that asks each minute: read without the records of all else."""

import sqlite3
from datetime import datetime
from typing import NamedTuple

from db.moments import to_moment, to_text


class NewestCrawl(NamedTuple):
    """The crawl that began last, finished; `verdict` is None where it was not compared yet."""

    started_at: datetime
    outcome: str
    verdict: str | None
    is_accepted: bool
    """A person has looked at it, and believes it."""


class Undelivered(NamedTuple):
    """A message that waits after at least one try."""

    kind: str
    destination: str
    created_at: datetime
    attempts: int
    last_error: str | None


def newest_crawl(connection: sqlite3.Connection, site: str) -> NewestCrawl | None:
    row = connection.execute(
        "SELECT c.started_at, c.outcome, c.health ->> '$.verdict',"
        " coalesce(c.health ->> '$.is_accepted', 0) FROM crawls c JOIN sites s ON s.id = c.site_id"
        " WHERE s.name = ? AND c.kind = 'crawl' AND c.outcome != 'running'"
        " ORDER BY c.started_at DESC, c.id DESC LIMIT 1",
        [site],
    ).fetchone()
    if row is None:
        return None
    started_at, outcome, verdict, is_accepted = row
    return NewestCrawl(to_moment(started_at), outcome, verdict, bool(is_accepted))


def last_good_crawl_at(
    connection: sqlite3.Connection, site: str | None, until: datetime
) -> datetime | None:
    """Start of the newest crawl that was complete and healthy."""
    row = connection.execute(
        "SELECT max(c.started_at) FROM crawls c JOIN sites s ON s.id = c.site_id"
        " WHERE c.kind = 'crawl' AND c.outcome = 'complete' AND (?1 IS NULL OR s.name = ?1)"
        " AND c.started_at <= ?2 AND (c.health ->> '$.verdict' = 'healthy'"
        " OR c.health ->> '$.is_accepted')",
        [site, to_text(until)],
    ).fetchone()
    return to_moment(row[0])


def undelivered(connection: sqlite3.Connection, site: str) -> list[Undelivered]:
    """What the destinations of a site do not accept, the gravest first."""
    found = connection.execute(
        "SELECT n.kind, n.destination, n.created_at, n.attempts, n.last_error"
        " FROM notifications n JOIN sites s ON s.id = n.site_id"
        " WHERE s.name = ? AND n.sent_at IS NULL AND n.attempts > 0"
        " ORDER BY n.destination, n.kind = 'heartbeat', n.kind = 'digest', n.kind = 'health', n.id",
        [site],
    )
    return [
        Undelivered(kind, destination, to_moment(created_at), attempts, last_error)
        for kind, destination, created_at, attempts, last_error in found
    ]
