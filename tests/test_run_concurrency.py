"""One writer at a time, named to the next; readers are never held up, and hold nobody up."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from db.store import Store
from pages_read import article_read, recorded
from spiders.demo.days import DAYS
from spiders.demo.server import DemoCentre


@pytest.fixture
def folder(demo, tmp_path):
    """A copy of the demo's folder, to run its last day once more."""
    return shutil.copytree(demo.folder, tmp_path / "demo")


@pytest.fixture
def run(helpwatch, folder):
    """`helpwatch run` of the third day, later by some hours."""

    def run_later(centre: DemoCentre, hours: int = 5):
        now = DAYS[3].replace(hour=DAYS[3].hour + hours).isoformat()
        return helpwatch(
            *("--config", folder / "helpwatch.toml", "run", "--full"),
            *("--base-url", centre.url, "--now", now),
        )

    return run_later


def test_a_long_reader_holds_up_no_crawl_and_sees_one_instant(folder, run):
    with closing(sqlite3.connect(folder / "helpwatch.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM fetches").fetchone()
        rows = reader.execute("SELECT body FROM versions")
        rows.fetchone()  # a read that has begun and not ended
        with DemoCentre(day=3) as centre:
            ran = run(centre)
        assert (ran.code, ran.err) == (0, "")
        assert reader.execute("SELECT count(*) FROM fetches").fetchone() == before
        assert len(rows.fetchall()) > 40
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM fetches").fetchone() > before


def test_the_log_that_a_long_reader_held_is_folded_in_by_the_next_run(folder, run):
    log = folder / "helpwatch.db-wal"
    with closing(sqlite3.connect(folder / "helpwatch.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM fetches").fetchone()
        with DemoCentre(day=3) as centre:
            assert run(centre, 5).code == 0
        assert log.stat().st_size > 0
    with DemoCentre(day=3) as centre:
        assert run(centre, 6).code == 0
    assert not log.exists() or log.stat().st_size == 0


def test_readers_of_all_commands_work_while_a_store_is_open_and_writing(folder, helpwatch):
    with Store(folder / "helpwatch.db") as store:
        store.connection.execute("BEGIN IMMEDIATE")
        store.connection.execute("UPDATE crawls SET errors = 99")
        ran = helpwatch("--db", folder / "helpwatch.db", "changes", "--since", "2026-04-01")
        assert (ran.code, ran.err) == (0, "")
        store.connection.execute("ROLLBACK")


def test_a_second_run_says_who_is_running_since_when_and_asks_for_nothing(folder, run):
    with Store(folder / "helpwatch.db"), DemoCentre(day=3) as centre:
        ran = run(centre)
        asked = list(centre.requests)
    assert ran.code == 4
    assert "is being written by process " in ran.err and " since 20" in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert asked == []


class Waiting(list):
    """The log of a centre that gives its first answer when the second run has ended."""

    def __init__(self):
        super().__init__()
        self.begun, self.may_answer = threading.Event(), threading.Event()

    def append(self, request: tuple[str, str]) -> None:
        super().append(request)
        self.begun.set()
        self.may_answer.wait(60)


def test_two_runs_at_once_are_one_run_and_one_refusal(folder, run):
    ran = {}
    with DemoCentre(day=3) as centre:
        centre.requests = asked = Waiting()
        first = threading.Thread(target=lambda: ran.update(first=run(centre, 5)))
        first.start()
        assert asked.begun.wait(60)
        ran["second"] = run(centre, 6)
        asked.may_answer.set()
        first.join()
    assert (ran["first"].code, ran["second"].code) == (0, 4)
    with closing(sqlite3.connect(folder / "helpwatch.db")) as connection:
        assert connection.execute("SELECT count(*) FROM crawls").fetchone() == (4,)


HOLD = """
import sys
from db.store import Store
store = Store(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_killed_writer_leaves_no_lock_behind(tmp_path):
    path = tmp_path / "x.db"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"open\n"
    holder.kill()
    holder.communicate()
    assert (tmp_path / "x.db.writer").exists()  # the note of the dead is there, its lock is not
    with Store(path) as store:
        recorded(store, article_read())


def test_another_program_that_writes_is_waited_for_and_then_named(tmp_path, monkeypatch):
    from db import connection as connecting
    from db.errors import DatabaseUnusable

    monkeypatch.setattr(connecting, "BUSY_TIMEOUT_SECONDS", 0.05)
    with Store(tmp_path / "x.db") as store:
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnusable, match="Another program is writing to it"):
                recorded(store, article_read())
        recorded(store, article_read())
        assert store.database["versions"].count == 1
