"""Another database, or a spool, read for merging: its crawls, and what each of them recorded.

Everything is read in one transaction, so that a crawl that begins meanwhile is not seen in part.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from db import queries, snapshots, upgrading
from db.connection import connect_for_reading, explain, open_for_writing
from db.errors import DatabaseUnusable
from db.kinds import CrawlKind, Outcome
from db.records import Part, Site
from db.snapshots import zstd
from db.store import Store

SITES = "SELECT id, name, base_url FROM sites ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledCrawl:
    """A finished crawl of another database."""

    spool: "Spool"
    id: int
    uid: str
    kind: CrawlKind
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    parser: str
    part: Part
    made_of: frozenset[str]
    """Names of the crawls that were merged into this one there."""


class Spool:
    """A database open for reading. Raises DatabaseUnusable for one that cannot be used.

    Crawls that died are closed in it first, as its next writer would; so it must not be in use.
    """

    def __init__(self, path: Path, *, looks_through: bool = True):
        """`looks_through`: every page of the file is checked first."""
        self.path = path
        self._looks_through = looks_through
        self._upgraded: TemporaryDirectory | None = None
        try:
            self.connection = self._open()
        except BaseException:
            self._forget_copy()
            raise

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self._forget_copy()

    def rows(self, sql: str, values: Any = ()) -> Iterator[dict[str, Any]]:
        """Rows one by one; what SQLite says of the file comes out in plain words."""
        cursor = self.connection.cursor()
        cursor.row_factory = sqlite3.Row
        with self._explained():
            yield from map(dict, cursor.execute(sql, values))

    def sites(self) -> list[Site]:
        return [Site(**row) for row in self.rows(SITES)]

    def crawls(self, site: Site) -> list[SpooledCrawl]:
        """The finished crawls and imports of a site, in the order in which they were recorded."""
        made_of: dict[int, set[str]] = {}
        for row in self.rows("SELECT crawl_id, uid FROM merged_crawls"):
            made_of.setdefault(row["crawl_id"], set()).add(row["uid"])
        return [
            SpooledCrawl(
                spool=self,
                id=row["id"],
                uid=row["uid"],
                kind=row["kind"],
                started_at=datetime.fromisoformat(row["started_at"]),
                finished_at=datetime.fromisoformat(row["finished_at"]),
                outcome=row["outcome"],
                parser=row["parser"],
                part=queries.part_of(row),
                made_of=frozenset(made_of.get(row["id"], ())),
            )
            for row in self.rows(
                "SELECT * FROM crawls WHERE site_id = ? AND outcome != 'running' ORDER BY id",
                [site.id],
            )
        ]

    def text(self, version_id: int) -> str:
        (row,) = self.rows("SELECT body FROM versions WHERE id = ?", [version_id])
        return row["body"]

    def snapshot(self, sha256: str) -> dict[str, Any]:
        """The row of a snapshot with its bytes as they were fetched, checked by their hash."""
        with self._explained():
            try:
                body = snapshots.get(self.connection, sha256)
            except zstd.ZstdError:
                body = None
        if body is None or hashlib.sha256(body).hexdigest() != sha256:
            raise DatabaseUnusable(
                f"{self.path} is damaged: the bytes of snapshot {sha256[:12]} are not what was "
                "fetched. Leave it out, or merge a sound copy of it."
            )
        (row,) = self.rows("SELECT * FROM snapshots WHERE sha256 = ?", [sha256])
        return row | {"body": body}

    # -- opening ----------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        with self._explained():
            path = self._current()
            connection = connect_for_reading(path)
            try:
                if self._looks_through:
                    _check_whole(connection, self.path)
                if path == self.path and _runs(connection):
                    self._close_the_dead()
                connection.execute("BEGIN")
            except BaseException:
                connection.close()
                raise
        return connection

    def _current(self) -> Path:
        """The file itself, or a copy of it with today's schema: a source is never upgraded."""
        connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            if not upgrading.is_older(connection, self.path):
                return self.path
            # Made only where it is needed: a merge that is killed can take no folder with it.
            self._upgraded = TemporaryDirectory(prefix="helpwatch-merge-")
            copy = Path(self._upgraded.name, self.path.name)
            connection.execute("VACUUM INTO ?", [str(copy)])
        finally:
            connection.close()
        open_for_writing(copy).conn.close()
        return copy

    def _forget_copy(self) -> None:
        if self._upgraded:
            self._upgraded.cleanup()

    def _close_the_dead(self) -> None:
        """DatabaseUnusable where they are alive: then another process holds the lock."""
        with Store(self.path) as store:
            for row in queries.rows(store.connection, SITES):
                store.close_interrupted(Site(**row))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explain(error, self.path) from error


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """A damaged page found half-way would leave some crawls out."""
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise DatabaseUnusable(
            f"{path} is damaged ({said}). Merge a sound copy of it, or try `sqlite3 FILE .recover`."
        )


def _runs(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM crawls WHERE outcome = 'running' LIMIT 1").fetchone()
    return found is not None
