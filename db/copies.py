"""A whole copy of the database that nobody writes to: for a shared drive or a mail."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from db.connection import explain
from db.errors import DatabaseUnusable


def leave_copy(connection: sqlite3.Connection, target: Path) -> Path:
    """Replaces `target` by a compact copy of all that is committed; returns it.

    Whoever reads the old copy reads on in it; nobody ever sees half of one. The copy is one plain
    file (no WAL beside it), so it can be read from a read-only place. Raises DatabaseUnusable,
    and the copy that was there stays.
    """
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(partial)
        connection.execute("VACUUM INTO ?", [str(partial)])
        with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")
        _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    except sqlite3.Error as error:
        _remove(partial)
        raise explain(error, target) from error
    except OSError as error:
        raise DatabaseUnusable(
            f"The copy {target} cannot be written: {error.strerror}. Check the folder and its "
            "permissions; the database itself is intact."
        ) from error
    return target


def _remove(partial: Path) -> None:
    """A copy that was broken off, by an error or by a kill, with its journal."""
    for path in (partial, partial.with_name(f"{partial.name}-journal")):
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """What was written is on the disk before the name points to it, and the name after."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
