"""What cannot be merged, each in one or two lines; and the command as a person uses it."""

import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing

import pytest
from sqlite_utils import Database

from db import schema
from db.connection import open_for_writing
from db.errors import DatabaseUnusable
from db.spool import Spool
from db.store import Store
from demo_crawl import crawl, dealt, merge, rows
from spiders.demo.days import DAYS
from tracker.run.errors import UsageError

CONFIG = """\
database = "helpwatch.db"
output = "reports"
[sites.demo]
[report]
formats = ["json"]
"""


@pytest.fixture
def spool(tmp_path):
    """One machine's crawl of the first day."""
    path = tmp_path / "node-1.db"
    crawl(path, 1, sections=())
    return path


@pytest.fixture
def database(tmp_path):
    return tmp_path / "helpwatch.db"


def damage(path, table: str) -> None:
    """Overwrites the page on which a table begins."""
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", [table]
        ).fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


def older(path) -> None:
    """A database as it was before crawls had names."""
    with closing(Database(path)) as connection:
        schema.migrations.apply(connection, stop_before="m010_merging")
        connection["sites"].insert({"name": "demo", "base_url": "https://help.demo.example"})
        connection.conn.execute(
            "INSERT INTO crawls (site_id, started_at, finished_at, outcome)"
            " VALUES (1, '2026-04-16T06:00:00Z', '2026-04-16T06:01:00Z', 'failed')"
        )
        connection.conn.commit()


def newer(path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('helpwatch', 'm999_future', '2030-01-01')"
        )


def test_a_file_that_is_no_database(tmp_path, database):
    path = tmp_path / "notes.txt"
    path.write_text("no database at all, but long enough to be looked at\n" * 40)
    with pytest.raises(DatabaseUnusable, match="not an SQLite database"):
        merge(database, [path])


def test_another_programs_database(tmp_path, database):
    path = tmp_path / "other.db"
    with closing(Database(path)) as other:
        other["things"].insert({"id": 1})
    with pytest.raises(DatabaseUnusable, match="database of another program"):
        merge(database, [path])


def test_an_empty_file(tmp_path, database):
    path = tmp_path / "empty.db"
    path.touch()
    with pytest.raises(DatabaseUnusable, match="is empty"):
        merge(database, [path])


def test_a_spool_of_a_newer_helpwatch(database, spool):
    newer(spool)
    with pytest.raises(DatabaseUnusable, match=r"newer helpwatch .*m999_future"):
        merge(database, [spool])


@pytest.mark.parametrize(("is_older", "folders"), [(False, 0), (True, 1)])
def test_a_folder_for_a_copy_is_made_only_for_an_older_spool_and_goes_with_it(
    tmp_path, monkeypatch, is_older, folders
):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    path = tmp_path / "spool.db"
    older(path)
    if not is_older:
        open_for_writing(path).conn.close()
    with Spool(path):
        assert len(list(place.iterdir())) == folders
    assert list(place.iterdir()) == []


def test_a_spool_of_an_older_helpwatch_is_read_and_stays_as_it_is(tmp_path, database):
    path = tmp_path / "old.db"
    older(path)
    before = path.read_bytes()
    assert merge(database, [path]).taken_count == 1
    assert merge(database, [path]).known_count == 1
    assert path.read_bytes() == before
    assert rows(database, "SELECT outcome FROM crawls") == [("failed",)]
    assert [p.name for p in tmp_path.glob("*before-upgrade*")] == []


def test_the_database_itself(database):
    crawl(database, 1)
    with pytest.raises(UsageError, match="into which is to be merged"):
        merge(database, [database])


def test_a_file_that_is_not_there(tmp_path, database):
    with pytest.raises(UsageError, match="There is no file"):
        merge(database, [tmp_path / "nowhere.db"])


def test_a_spool_that_is_being_written(database, spool):
    with Store(spool) as held:
        held.begin_crawl(held.site("demo", "https://help.demo.example"), DAYS[2], parser="demo-1",
                         locales=["en"])  # fmt: skip
        with pytest.raises(DatabaseUnusable, match="is being written by process"):
            merge(database, [spool])
    assert not database.exists()


@pytest.mark.parametrize("table", ["fetches", "versions", "listing_articles"])
def test_a_damaged_spool(database, spool, table):
    damage(spool, table)
    with pytest.raises(DatabaseUnusable, match="damaged"):
        merge(database, [spool])


def test_damaged_evidence_is_not_taken(database, spool):
    with closing(sqlite3.connect(spool)) as connection, connection:
        connection.execute(
            "UPDATE snapshots SET body = zeroblob(length(body)) WHERE rowid ="
            " (SELECT max(rowid) FROM snapshots)"
        )
    with pytest.raises(DatabaseUnusable, match=r"damaged: the bytes of snapshot \w+"):
        merge(database, [spool])
    assert rows(database, "SELECT count(*) FROM crawls") == [(0,)]


def test_a_site_that_is_not_configured(tmp_path, helpwatch, spool):
    ran = helpwatch("merge", spool)
    assert ran.code == 2
    assert "write a table [sites.demo]" in ran.err


def test_a_site_at_another_address(database, spool):
    with pytest.raises(UsageError, match="give both the same base_url"):
        merge(database, [spool], base_url="https://help.elsewhere.example")


def test_what_can_be_used_is_merged_beside_what_cannot(tmp_path, helpwatch, spool):
    (tmp_path / "helpwatch.toml").write_text(CONFIG)
    broken = tmp_path / "broken.db"
    broken.write_text("x" * 5000)
    ran = helpwatch("merge", broken, spool)
    assert ran.code == 4
    assert ran.out.startswith("Merged 1 crawl as crawl 1: 64 pages, ")
    assert ran.err.startswith(f"Left out: {broken}: ")
    assert len(ran.err.splitlines()) == 1
    assert (tmp_path / "reports" / "2026-04-17" / "demo-crawl-1.json").exists()
    assert (tmp_path / "reports" / "latest.db").exists()


def test_the_command_says_what_it_took_and_knew(tmp_path, helpwatch, spool):
    (tmp_path / "helpwatch.toml").write_text(CONFIG)
    ran = helpwatch("merge", spool)
    assert (ran.code, ran.err) == (0, "")
    again = helpwatch("merge", spool)
    assert (again.code, again.out) == (0, "Nothing new to merge. 1 crawl known already.\n")


@pytest.mark.parametrize("seconds", [0.05, 0.5])
def test_a_merge_that_is_killed_is_finished_by_the_next(tmp_path, helpwatch, seconds):
    (tmp_path / "helpwatch.toml").write_text(CONFIG)
    spools = [tmp_path / "node-1.db", tmp_path / "node-2.db"]
    for day in DAYS:
        for path, sections in zip(spools, dealt(2), strict=True):
            crawl(path, day, sections=sections)
    running = subprocess.Popen(
        [sys.executable, "-m", "tracker.run.cli", "merge", *spools],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not (tmp_path / "helpwatch.db.writer").exists() and running.poll() is None:
        time.sleep(0.005)
    time.sleep(seconds)
    running.kill()
    running.wait()
    helpwatch("merge", *spools)
    found = rows(tmp_path / "helpwatch.db", "SELECT uid, count(*) FROM merged_crawls GROUP BY uid")
    assert [count for _, count in found] == [1] * 6
    logged = sum(rows(path, "SELECT count(*) FROM fetches")[0][0] for path in spools)
    marks = "SELECT count(*) FROM fetches WHERE page_kind {} 'not_crawled'"
    assert rows(tmp_path / "helpwatch.db", marks.format("!=")) == [(logged,)]
    assert rows(tmp_path / "helpwatch.db", marks.format("=")) == [(3,)]
