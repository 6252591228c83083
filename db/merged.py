"""Which crawls of other databases this one holds."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from db import queries
from db.kinds import CrawlKind, Outcome
from db.records import Part


def known_uids(connection: sqlite3.Connection) -> frozenset[str]:
    """Names of all crawls that this database holds, its own and those merged into it."""
    found = connection.execute(
        "SELECT uid FROM crawls WHERE uid IS NOT NULL UNION SELECT uid FROM merged_crawls"
    )
    return frozenset(uid for (uid,) in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedCrawl:
    """A crawl of another database that this one holds as (part of) its crawl `crawl_id`."""

    uid: str
    kind: CrawlKind
    started_at: datetime
    outcome: Outcome
    part: Part
    crawl_id: int


def merged_crawls(connection: sqlite3.Connection, site_id: int) -> list[MergedCrawl]:
    """Those of a site, each under the crawl that told its pages."""
    found = queries.rows(
        connection,
        "SELECT m.*, c.kind FROM merged_crawls m JOIN crawls c ON c.id = m.crawl_id"
        " WHERE c.site_id = ? AND NOT m.is_carried ORDER BY m.crawl_id, m.uid",
        [site_id],
    )
    return [
        MergedCrawl(
            uid=row["uid"],
            kind=row["kind"],
            started_at=datetime.fromisoformat(row["started_at"]),
            outcome=row["outcome"],
            part=queries.part_of(row),
            crawl_id=row["crawl_id"],
        )
        for row in found
    ]
