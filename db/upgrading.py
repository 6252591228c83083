"""Which schema a database has: today's, an older one that is upgraded, or none of ours."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from db.errors import DatabaseUnusable
from db.schema import APPLICATION_ID, migrations


def check_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raises DatabaseUnusable for another program's database; an empty file may become ours."""
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application_id != APPLICATION_ID and not is_empty:
        raise DatabaseUnusable(
            f"{path} is a database of another program; nothing was changed in it. "
            "Name another file with --db."
        )


def _applied_names(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = ?", [migrations.table]
    ).fetchall()
    if not rows:
        return set()
    return {
        name
        for (name,) in connection.execute(
            f"SELECT name FROM {migrations.table} WHERE migration_set = ?",
            [migrations.name],
        )
    }


def _refuse_newer(applied: set[str], path: Path) -> None:
    if newer := applied - set(migrations.names):
        raise DatabaseUnusable(
            f"{path} was written by a newer helpwatch (it has {', '.join(sorted(newer))}); "
            "update helpwatch, or name another file with --db."
        )


def is_older(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether a database of ours lacks steps of today's schema; DatabaseUnusable for a newer one,
    and for a file that holds no database of ours."""
    check_ours(connection, path)
    applied = _applied_names(connection)
    _refuse_newer(applied, path)
    if not applied:
        raise DatabaseUnusable(f"{path} is empty: no helpwatch has written to it yet.")
    return bool(set(migrations.names) - applied)


def check_current(connection: sqlite3.Connection, path: Path) -> None:
    """For a reader, who cannot upgrade: raises DatabaseUnusable unless the schema is today's."""
    applied = _applied_names(connection)
    _refuse_newer(applied, path)
    if not applied:
        raise DatabaseUnusable(
            f"{path} holds nothing yet. Run `helpwatch run` first, or name another file with --db."
        )
    if set(migrations.names) - applied:
        raise DatabaseUnusable(
            f"{path} was written by an older helpwatch; `helpwatch run` upgrades it "
            "and sets a copy aside first."
        )


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Brings the schema up to date; a copy of an older database is set aside before."""
    applied = _applied_names(connection)
    _refuse_newer(applied, path)
    if not set(migrations.names) - applied:
        return
    if applied:
        _set_aside(connection, path)
    from sqlite_utils import Database

    migrations.apply(Database(connection))


def _set_aside(connection: sqlite3.Connection, path: Path) -> Path:
    """A whole copy beside the database, named by the instant of the upgrade."""
    import shutil  # and with it what packs: whoever only looks needs none of it

    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.stem}.before-upgrade-{stamp}{path.suffix}")
    if shutil.disk_usage(path.parent).free < path.stat().st_size * 2:
        raise DatabaseUnusable(
            f"There is no room beside {path} for the copy that is kept before an upgrade; "
            f"make {path.stat().st_size * 2:,} bytes free."
        )
    partial = aside.with_name(f"{aside.name}.partial")
    connection.execute("VACUUM INTO ?", [str(partial)])
    return partial.replace(aside)
