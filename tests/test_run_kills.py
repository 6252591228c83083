"""A run that is killed at any moment, and the next one, leave what an undisturbed run leaves.

The demo's three days are crawled; each day's run is killed (SIGKILL) at random moments of crawl,
comparison and report, and started again until it ends by itself.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from db.verify import verify
from spiders.demo.days import DAYS
from spiders.demo.server import DemoCentre

ARTICLE = "(SELECT locale || ' ' || coalesce(source_id, slug) FROM articles WHERE id = {0})"
NUMBER = "(SELECT number FROM versions WHERE id = {0})"
STARTED = "(SELECT started_at FROM crawls WHERE id = {0})"

CONTENT = {
    "articles": f"""
        SELECT locale, source_id, slug, url, title, listed_title, summary, category_slug,
               section_slug, published_at, created_at, updated_at, listed_updated_at, view_count,
               status, first_seen_at, last_seen_at, last_fetched_at, {NUMBER.format("version_id")}
        FROM articles""",
    "versions": f"""
        SELECT {ARTICLE.format("article_id")}, number, captured_at, title, body, source_updated_at,
               snapshot_sha256, parser, form FROM versions""",
    "snapshots": "SELECT sha256, url, fetched_at, http_status, content_type, size FROM snapshots",
    # The last of each instant: whether a listing or the page itself came first, is chance.
    "states": f"""
        SELECT {ARTICLE.format("article_id")}, observed_at, title, slug, section_slug, updated_at,
               {NUMBER.format("version_id")} FROM article_states
        WHERE id IN (SELECT max(id) FROM article_states GROUP BY article_id, observed_at)""",
    "views": f"SELECT {ARTICLE.format('article_id')}, observed_at, view_count"
    " FROM view_observations",
    # Whether the page of a new article was read before the kill, as its listing was, is chance.
    "changes": f"""
        SELECT {ARTICLE.format("article_id")}, kind, detected_at, severity, before, after,
               {NUMBER.format("from_version_id")},
               iif(kind = 'new', NULL, {NUMBER.format("to_version_id")}) FROM changes""",
    "presence": f"""
        SELECT l.kind, l.slug, {ARTICLE.format("la.article_id")},
               {STARTED.format("la.first_crawl_id")}, {STARTED.format("la.last_crawl_id")}
        FROM listing_articles la JOIN listings l ON l.id = la.listing_id""",
    # Without the rank: of equal scores the one with the lower row number comes first.
    "trends": f"""
        SELECT {ARTICLE.format("article_id")}, window_days, views_gained, usual_per_day, score, note
        FROM trends WHERE crawl_id = (SELECT max(id) FROM crawls)""",
}
"""What a database says, by names and instants: row numbers depend on how often it was tried."""

NEVER_LOST = {
    "versions": "SELECT * FROM versions",
    "snapshots": "SELECT * FROM snapshots",
    "states": "SELECT * FROM article_states",
    "views": "SELECT * FROM view_observations",
    "changes": "SELECT crawl_id, article_id, kind, before, after FROM changes",
}
"""What was once recorded stays, to the letter."""


def rows(path: Path, queries: Mapping[str, str]) -> dict[str, Counter]:
    with closing(sqlite3.connect(path)) as connection:
        return {name: Counter(connection.execute(sql)) for name, sql in queries.items()}


def assert_sound(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            # Snapshots, chain, texts and what each ended crawl was sealed with.
            assert [check for check in verify(connection, {}) if not check.ok] == []


def assert_nothing_lost(before: dict[str, Counter], after: dict[str, Counter]) -> None:
    for name in NEVER_LOST:
        assert before[name] <= after[name], name


def assert_nothing_doubled(path: Path) -> None:
    for name, found in rows(path, CONTENT).items():
        assert max(found.values(), default=1) == 1, name


def told(folder: Path) -> set[tuple[int, str, int]]:
    """(article id, kind, crawl id) of every change in the reports."""
    return {
        (change["article"]["id"], change["kind"], change["crawl_id"])
        for path in folder.rglob("demo-crawl-*.json")
        for change in json.loads(path.read_text(encoding="utf-8"))["changes"]
    }


def assert_every_change_is_told(runs: "Runs") -> None:
    with closing(sqlite3.connect(runs.database)) as connection:
        changes = set(connection.execute("SELECT article_id, kind, crawl_id FROM changes"))
    assert changes - told(runs.folder) == set()


class Runs:
    """Runs of the demo's days in one folder."""

    def __init__(self, folder: Path, config: Path):
        folder.mkdir()
        shutil.copy(config, folder)
        self.folder, self.database = folder, folder / "helpwatch.db"

    def start(self, day: int, centre: DemoCentre) -> subprocess.Popen:
        """A run that has begun to write, or has ended already."""
        running = subprocess.Popen(
            [
                *(sys.executable, "-m", "tracker.run.cli"),
                *("--config", str(self.folder / "helpwatch.toml"), "run", "--full"),
                *("--base-url", centre.url, "--now", DAYS[day].isoformat()),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )
        note = self.folder / "helpwatch.db.writer"
        while not ended(running, 0.002):
            if note.exists() and str(running.pid) in note.read_text():
                break
        return running

    def kill_after(self, seconds: float, day: int, centre: DemoCentre) -> bool:
        """Whether the kill came before the run ended by itself."""
        running = self.start(day, centre)
        is_over = ended(running, seconds)
        running.kill()
        running.communicate()
        return not is_over

    def finish(self, day: int, centre: DemoCentre) -> float:
        """Runs a day to its end; the seconds from its first write on."""
        running = self.start(day, centre)
        began = time.monotonic()
        _, said = running.communicate()
        assert running.returncode == 0, said.decode()
        return time.monotonic() - began


def ended(running: subprocess.Popen, seconds: float) -> bool:
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


@pytest.fixture(scope="module")
def undisturbed(demo, tmp_path_factory):
    """What an undisturbed run of the three days leaves, and how long one of them takes."""
    assert demo.ran.code == 0, demo.ran.err
    runs = Runs(tmp_path_factory.mktemp("timed") / "demo", demo.folder / "helpwatch.toml")
    with DemoCentre(day=1) as centre:
        seconds = runs.finish(1, centre)
    return rows(demo.folder / "helpwatch.db", CONTENT), seconds


def live_through(runs: Runs, seconds: float, kills: int, seed: int) -> int:
    """Crawls the three days with about that many kills; how many there were.

    After each of them the file is sound, and what was recorded before is there, once.
    """
    random = Random(seed)
    planned = [kills // 3 + (day <= kills % 3) for day in DAYS]
    killed = 0
    for day, count in zip(DAYS, planned, strict=True):
        with DemoCentre(day=day) as centre:
            for _ in range(count):
                before = rows(runs.database, NEVER_LOST) if runs.database.exists() else {}
                killed += runs.kill_after(random.uniform(0, seconds), day, centre)
                assert_sound(runs.database)
                assert_nothing_doubled(runs.database)
                if before:
                    assert_nothing_lost(before, rows(runs.database, NEVER_LOST))
                for copy in runs.folder.rglob("latest.db"):
                    assert_sound(copy)
            runs.finish(day, centre)
    return killed


def assert_same_as_undisturbed(runs: Runs, expected: dict[str, Counter]) -> None:
    found = rows(runs.database, CONTENT)
    for name in CONTENT:
        assert found[name] == expected[name], name


@pytest.fixture(scope="module")
def killed(undisturbed, demo, tmp_path_factory):
    """The demo's three days with ten kills: its runs, and how many kills came in time."""
    runs = Runs(tmp_path_factory.mktemp("killed") / "demo", demo.folder / "helpwatch.toml")
    return runs, live_through(runs, undisturbed[1], kills=10, seed=1)


def test_ten_kills_change_nothing_in_the_end(killed, undisturbed):
    runs, kills = killed
    assert kills > 2
    assert_same_as_undisturbed(runs, undisturbed[0])


def test_every_change_is_told_in_a_report_although_runs_were_killed(killed):
    assert_every_change_is_told(killed[0])


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 110))
def test_a_hundred_kills_change_nothing(undisturbed, demo, tmp_path, seed):
    runs = Runs(tmp_path / "demo", demo.folder / "helpwatch.toml")
    expected, seconds = undisturbed
    assert live_through(runs, seconds, kills=10, seed=seed) > 2
    assert_same_as_undisturbed(runs, expected)
    assert_every_change_is_told(runs)
