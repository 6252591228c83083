"""What may be forgotten, by command only: old rows of the fetch log, bytes behind no version."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from db import seals
from db.connection import explain, writing
from db.errors import DatabaseUnusable
from db.moments import to_text
from db.store import Store

OLD_FETCHES = """
FROM fetches WHERE fetched_at < :before AND error IS NULL
  -- A crawl that was not compared yet needs all of its log.
  AND crawl_id IN (SELECT id FROM crawls WHERE compared_at IS NOT NULL)
  -- What found each version, and what confirmed it last: the proof that it stood in between.
  AND (coalesce(version_id, 0), fetched_at) NOT IN (
    SELECT version_id, min(fetched_at) FROM fetches WHERE version_id IS NOT NULL GROUP BY version_id
    UNION ALL
    SELECT version_id, max(fetched_at) FROM fetches WHERE version_id IS NOT NULL GROUP BY version_id
  )
  -- The validators that the next request for the page will send.
  AND id NOT IN (
    SELECT max(id) FROM fetches WHERE version_id IS NOT NULL AND page_kind = 'article'
    AND coalesce(etag, last_modified) IS NOT NULL GROUP BY version_id
  )
"""
"""Rows of the log that prove nothing any more. Rows with an error say what could not be looked at
or was gone, which old reports still tell: they stay."""

LOOSE_SNAPSHOTS = """
FROM snapshots WHERE fetched_at < :before
  AND sha256 NOT IN (SELECT snapshot_sha256 FROM versions WHERE snapshot_sha256 IS NOT NULL)
"""

UNUSED_DICTIONARIES = """
FROM dictionaries WHERE id NOT IN (SELECT dictionary_id FROM snapshots WHERE dictionary_id NOT NULL)
  AND id NOT IN (SELECT max(id) FROM dictionaries GROUP BY site_id)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freed:
    """What a pruning removed. Sizes are of the database file with its write-ahead log, in bytes."""

    fetches: int
    fetches_kept: int
    """Older rows that stay because they prove something."""
    snapshots: int
    size_before: int
    size_after: int


def prune(store: Store, before: datetime, *, listing_snapshots: bool = False) -> Freed:
    """Forgets what is older than an instant and proves nothing, then compacts the file.

    Versions, their snapshots, changes and view counts stay whatever their age. Raises
    DatabaseUnusable; where only the compacting failed, what was forgotten stays forgotten.
    """
    connection = store.connection
    old = {"before": to_text(before)}
    size_before = file_size(store.path)
    snapshots = 0
    try:
        with writing(store.connection), _sealed_anew(store, old["before"]):
            fetches = connection.execute(f"DELETE {OLD_FETCHES}", old).rowcount
            if listing_snapshots:
                snapshots = connection.execute(f"DELETE {LOOSE_SNAPSHOTS}", old).rowcount
                connection.execute(f"DELETE {UNUSED_DICTIONARIES}")
        kept = connection.execute("SELECT count(*) FROM fetches WHERE fetched_at < :before", old)
        (fetches_kept,) = kept.fetchone()
        _compact(connection)
    except sqlite3.Error as error:
        raise explain(error, store.path) from error
    return Freed(
        fetches=fetches,
        fetches_kept=fetches_kept,
        snapshots=snapshots,
        size_before=size_before,
        size_after=file_size(store.path),
    )


@contextmanager
def _sealed_anew(store: Store, before: str) -> Iterator[None]:
    """Seals what stays of each crawl's log; one that was tampered with is never made good so."""
    connection = store.connection
    old = connection.execute(
        "SELECT DISTINCT crawl_id FROM fetches WHERE fetched_at < ? ORDER BY crawl_id", [before]
    ).fetchall()
    for (crawl_id,) in old:
        if wrong := seals.broken(connection, crawl_id):
            raise DatabaseUnusable(
                f"Nothing was pruned in {store.path}: {wrong}. `helpwatch verify` tells more."
            )
    yield
    sealed_at = to_text(datetime.now(UTC).replace(microsecond=0))
    for (crawl_id,) in old:
        if seals.broken(connection, crawl_id):  # it lost some of its requests
            seals.seal(connection, crawl_id, sealed_at, "pruned")


def _compact(connection: sqlite3.Connection) -> None:
    """Gives the room of forgotten rows back to the disk."""
    for table in ("article_search", "article_search_unspaced"):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
    connection.execute("VACUUM")
    # A reader may still need the log; then it shrinks when that one has ended.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def file_size(path: Path) -> int:
    """The database file and its write-ahead log, in bytes."""
    log = path.with_name(f"{path.name}-wal")
    return sum(file.stat().st_size for file in (path, log) if file.exists())
