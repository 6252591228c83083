"""Connections: their guarantees, and what is said of files that cannot be used."""

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from db import schema
from db.connection import check_written, open_for_reading, open_for_writing, writing
from db.errors import DatabaseUnusable


def pragma(database, name):
    return database.conn.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_writing_connection_has_wal_foreign_keys_and_a_durable_sync(tmp_path):
    database = open_for_writing(tmp_path / "x.db")
    found = {name: pragma(database, name) for name in ("journal_mode", "foreign_keys")}
    assert found == {"journal_mode": "wal", "foreign_keys": 1}
    assert pragma(database, "synchronous") == 2  # FULL
    assert pragma(database, "busy_timeout") == 30_000


def test_a_new_database_has_pages_that_hold_several_texts(tmp_path):
    path = tmp_path / "x.db"
    database = open_for_writing(path)
    database.conn.execute("VACUUM")
    database.conn.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
    copy = sqlite3.connect(tmp_path / "copy.db")
    pages = [c.execute("PRAGMA page_size").fetchone() for c in (database.conn, copy)]
    assert pages == [(16_384,), (16_384,)]


def test_an_older_database_keeps_its_pages_and_so_do_its_copies(tmp_path):
    path = tmp_path / "x.db"
    older = Database(path)
    schema.migrations.apply(older, stop_before=schema.migrations.names[-1])
    older.close()
    upgraded = open_for_writing(path)
    upgraded.conn.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
    copy = sqlite3.connect(tmp_path / "copy.db")
    pages = [c.execute("PRAGMA page_size").fetchone() for c in (upgraded.conn, copy)]
    assert pages == [(4_096,), (4_096,)]


def test_a_reader_cannot_write(tmp_path):
    open_for_writing(tmp_path / "x.db")
    database = open_for_reading(tmp_path / "x.db")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.conn.execute("INSERT INTO sites (name, base_url) VALUES ('a', 'b')")


def test_a_failed_transaction_leaves_nothing_behind(tmp_path):
    database = open_for_writing(tmp_path / "x.db")
    with pytest.raises(ZeroDivisionError), writing(database.conn):
        database.conn.execute("INSERT INTO sites (name, base_url) VALUES ('a', 'b')")
        raise ZeroDivisionError
    again = open_for_reading(tmp_path / "x.db")
    assert list(again["sites"].rows) == []


def test_a_part_of_a_transaction_that_fails_takes_back_itself_alone(store):
    add = "INSERT INTO sites (name, base_url) VALUES (?, 'https://help.example')"
    with writing(store.connection):
        store.connection.execute(add, ["before"])
        with pytest.raises(ZeroDivisionError), writing(store.connection):
            store.connection.execute(add, ["failed"])
            with writing(store.connection):
                store.connection.execute(add, ["inner"])
            raise ZeroDivisionError
        with writing(store.connection):
            store.connection.execute(add, ["after"])
    assert [row["name"] for row in store.database["sites"].rows] == ["before", "after"]


def test_a_database_of_another_program_is_refused_and_untouched(tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseUnusable, match="another program"):
        open_for_writing(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_untouched(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes, and no database at all.\n" * 100)
    before = path.read_bytes()
    with pytest.raises(DatabaseUnusable, match="not an SQLite database"):
        open_for_writing(path)
    assert path.read_bytes() == before


def test_a_missing_database_says_how_to_make_one(tmp_path):
    with pytest.raises(DatabaseUnusable, match="helpwatch run"):
        open_for_reading(tmp_path / "none.db")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(DatabaseUnusable, match="no folder"):
        open_for_writing(tmp_path / "nowhere" / "x.db")


def test_a_folder_that_may_not_be_entered_is_said(tmp_path, monkeypatch):
    def forbidden(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", forbidden)
    with pytest.raises(DatabaseUnusable, match="Permission denied. Check the permissions"):
        open_for_reading(tmp_path / "x.db")


def test_a_file_that_nothing_was_written_to_is_refused_and_stays_empty(tmp_path):
    path = tmp_path / "x.db"
    path.touch()
    with pytest.raises(DatabaseUnusable, match="no helpwatch has written to it yet"):
        check_written(path)
    assert path.read_bytes() == b""


def test_a_damaged_file_is_called_damaged(tmp_path):
    path = tmp_path / "x.db"
    database = open_for_writing(path)
    database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.conn.close()
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * (4096 - 100)
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match="damaged"):
        open_for_writing(path)


def test_a_database_of_a_newer_helpwatch_is_refused(tmp_path):
    path = tmp_path / "x.db"
    database = open_for_writing(path)
    database["_sqlite_migrations"].insert(
        {"migration_set": "helpwatch", "name": "m999_future", "applied_at": "2030-01-01"}
    )
    database.conn.close()
    for opened in (open_for_writing, open_for_reading):
        with pytest.raises(DatabaseUnusable, match="newer helpwatch"):
            opened(path)


def test_a_commit_that_fails_leaves_no_transaction_open(store):
    with (
        pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"),
        writing(store.connection),
    ):
        store.connection.execute("PRAGMA defer_foreign_keys = ON")
        store.connection.execute(
            "INSERT INTO crawls (site_id, started_at, outcome) VALUES (99, '2026', 'running')"
        )
    assert not store.connection.in_transaction
