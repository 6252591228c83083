"""The one place where connections are made, so that every one has the same guarantees."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db import upgrading
from db.errors import DatabaseUnusable

if TYPE_CHECKING:
    from sqlite_utils import Database

BUSY_TIMEOUT_SECONDS = 30

NOT_WRITABLE = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")

PAGE_BYTES = 16_384
"""Of a new database. A version's text and its page are rows of two to three kilobytes, which left a
third of SQLite's usual page of 4,096 bytes empty; see docs/design-notes.md."""


def open_for_writing(path: str | Path) -> "Database":
    """The database at `path`, created or upgraded where needed; raises DatabaseUnusable."""
    from sqlite_utils import Database

    return Database(connect_for_writing(path))


def connect_for_writing(path: str | Path) -> sqlite3.Connection:
    """The same without sqlite-utils, which takes a while to load."""
    path = Path(path)
    if not path.parent.is_dir():
        raise DatabaseUnusable(
            f"There is no folder {path.parent} for the database {path.name}; create it first."
        )
    with _explained(path):
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
        try:
            upgrading.check_ours(connection, path)
            # An existing file keeps its pages; asked for others, it gives them to its copies alone.
            if connection.execute("PRAGMA page_count").fetchone() == (0,):
                connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            # A full sync at each commit: what was said to be stored survives a power cut.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA recursive_triggers = ON")
            upgrading.migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_for_reading(path: str | Path) -> "Database":
    """The database at `path`, read-only: nothing a reader does can hold up a crawl."""
    from sqlite_utils import Database

    return Database(connect_for_reading(path))


def connect_for_reading(path: str | Path) -> sqlite3.Connection:
    """The same without sqlite-utils, which takes a while to load."""
    path = Path(path)
    if not is_there(path):
        raise DatabaseUnusable(
            f"There is no database at {path}. Run `helpwatch run` first, or name it with --db."
        )
    with _explained(path, is_read=True):
        connection = _connected_for_reading(path)
        try:
            upgrading.check_ours(connection, path)
            upgrading.check_current(connection, path)
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
    return connection


def check_written(path: str | Path) -> None:
    """Raises DatabaseUnusable for a file that no helpwatch has written to yet."""
    path = Path(path)
    with _explained(path, is_read=True), closing(_connected_for_reading(path)) as connection:
        upgrading.is_older(connection, path)


def _connected_for_reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
    )


def is_there(path: str | Path) -> bool:
    """Whether there is a file; DatabaseUnusable for a folder that this user may not enter."""
    try:
        return Path(path).is_file()
    except OSError as error:
        raise DatabaseUnusable(
            f"The database {path} cannot be read: {error.strerror}. Check the permissions of the "
            "file and its folders."
        ) from error


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that takes the write lock at its start; within one, a part of it that is
    written whole or not at all.

    A plain BEGIN that turns into a write later gets BUSY at once, whatever the timeout says.
    """
    if connection.in_transaction:
        with _part(connection):
            yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A commit that failed, too: what came next would join its transaction, and never be kept.
        connection.rollback()
        raise


@contextmanager
def _part(connection: sqlite3.Connection) -> Iterator[None]:
    # One name for all: SQLite goes back to the innermost, and need not read each statement anew.
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk, say, has ended it with all its parts
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    """Adds one row; its row number. Column names are ours, values are bound."""
    places = ", ".join("?" * len(row))
    cursor = connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values())
    )
    return cursor.lastrowid


@contextmanager
def _explained(path: Path, *, is_read: bool = False) -> Iterator[None]:
    """Turns what SQLite says of a file into what a person can do about it."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path, is_read=is_read) from error


def explain(error: sqlite3.Error, path: Path | str, *, is_read: bool = False) -> DatabaseUnusable:
    """The plain words for an SQLite error met on the database at `path`; `is_read`: by a reader."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_NOTADB"):
        advice = "It is not an SQLite database; name another file with --db."
    elif name.startswith("SQLITE_CORRUPT"):
        advice = "It is damaged; restore a copy, or try `sqlite3 FILE .recover`."
    elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        advice = "Another program is writing to it; wait until that has ended."
    elif is_read and os.access(path, os.R_OK) and name.startswith(NOT_WRITABLE):
        advice = (
            "Its readers share a file beside it, and this user cannot write to its folder: check "
            "the folder's permissions, or read the copy latest.db in the output folder instead."
        )
    elif name.startswith(NOT_WRITABLE):
        advice = "The file or its folder cannot be written by this user; check the permissions."
    elif name.startswith("SQLITE_FULL"):
        advice = "The disk is full; make room. What was stored before is intact."
    elif name.startswith("SQLITE_IOERR"):
        advice = "The disk gives errors; check it. What was stored before is intact."
    else:
        advice = "See --debug for where it happened."
    return DatabaseUnusable(f"The database {path} cannot be used: {error}. {advice}")
