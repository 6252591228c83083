"""latest.db: whole, unlocked, in one piece, and replaced at once."""

import sqlite3
from contextlib import closing

import pytest

from db.connection import open_for_reading
from db.copies import leave_copy
from db.errors import DatabaseUnusable
from pages_read import article_read, recorded


def titles(path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM articles ORDER BY id")]


@pytest.fixture
def target(tmp_path):
    return tmp_path / "reports" / "latest.db"


def test_the_copy_holds_everything_and_its_folder_is_made(store, target):
    recorded(store, article_read("a", body="手续费\n"))
    assert leave_copy(store.connection, target) == target
    assert titles(target) == ["A"]
    copy = open_for_reading(target)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    found = "SELECT rowid FROM article_search_unspaced WHERE article_search_unspaced MATCH '手续费'"
    assert copy.execute(found).fetchall() == [(1,)]
    copy.conn.close()


def test_the_copy_is_one_plain_file_that_needs_no_other(store, target):
    recorded(store, article_read())
    leave_copy(store.connection, target)
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert [path.name for path in target.parent.iterdir()] == ["latest.db"]


def test_a_newer_copy_replaces_the_older_one(store, target):
    recorded(store, article_read("a"))
    leave_copy(store.connection, target)
    recorded(store, article_read("b"))
    leave_copy(store.connection, target)
    assert titles(target) == ["A", "B"]


def test_whoever_reads_the_old_copy_reads_on_in_it(store, target):
    recorded(store, article_read("a"))
    leave_copy(store.connection, target)
    with closing(sqlite3.connect(target)) as reader:
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)
        recorded(store, article_read("b"))
        leave_copy(store.connection, target)
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (1,)


def test_a_copy_that_a_kill_broke_off_is_made_anew(store, target):
    target.parent.mkdir()
    for name in ("latest.db.partial", "latest.db.partial-journal"):
        (target.parent / name).write_bytes(b"half")
    recorded(store, article_read("a"))
    leave_copy(store.connection, target)
    assert [path.name for path in target.parent.iterdir()] == ["latest.db"]


def test_what_stands_in_the_way_is_said_and_the_old_copy_stays(store, target):
    recorded(store, article_read("a"))
    leave_copy(store.connection, target)
    (target.parent / "latest.db.partial").mkdir()
    with pytest.raises(DatabaseUnusable, match="latest.db cannot be written"):
        leave_copy(store.connection, target)
    assert titles(target) == ["A"]


def test_a_folder_that_is_a_file_is_said(store, tmp_path):
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(DatabaseUnusable, match="intact"):
        leave_copy(store.connection, tmp_path / "reports" / "latest.db")
