"""A run that is killed at any moment, and the next one, leave what an undisturbed run leaves.

The demo's three days are crawled; each day's run is killed (SIGKILL) at random moments of crawl,
comparison and report, and started again until it ends by itself.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

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
    "all states": f"""
        SELECT {ARTICLE.format("article_id")}, observed_at, title, slug, section_slug, updated_at,
               {NUMBER.format("version_id")} FROM article_states""",
    "views": f"SELECT {ARTICLE.format('article_id')}, observed_at, view_count"
    " FROM view_observations",
    "changes": f"""
        SELECT {ARTICLE.format("article_id")}, kind, detected_at, severity, before, after,
               {NUMBER.format("from_version_id")}, {NUMBER.format("to_version_id")} FROM changes""",
    "presence": f"""
        SELECT l.kind, l.slug, {ARTICLE.format("la.article_id")},
               {STARTED.format("la.first_crawl_id")}, {STARTED.format("la.last_crawl_id")}
        FROM listing_articles la JOIN listings l ON l.id = la.listing_id""",
    "trends": f"SELECT {ARTICLE.format('article_id')}, views_gained, rank, note FROM trends"
    " WHERE crawl_id = (SELECT max(id) FROM crawls)",
}
"""What a database says, by names and instants: row numbers depend on how often it was tried."""

NEVER_LOST = ("versions", "snapshots", "all states", "views", "changes")
ALWAYS_THE_SAME = tuple(name for name in CONTENT if name != "all states")


def content(path: Path) -> dict[str, Counter]:
    with closing(sqlite3.connect(path)) as connection:
        return {name: Counter(connection.execute(sql)) for name, sql in CONTENT.items()}


def assert_sound(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def assert_nothing_lost_or_doubled(before: dict[str, Counter], after: dict[str, Counter]) -> None:
    for name in NEVER_LOST:
        assert before[name] <= after[name], name
        assert max(after[name].values(), default=1) == 1, name


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
    return content(demo.folder / "helpwatch.db"), seconds


def live_through(runs: Runs, undisturbed: tuple, kills: int, seed: int) -> int:
    """Crawls the three days with about that many kills; how many there were."""
    expected, seconds = undisturbed
    random = Random(seed)
    planned = [kills // 3 + (day <= kills % 3) for day in DAYS]
    killed = 0
    for day, count in zip(DAYS, planned, strict=True):
        with DemoCentre(day=day) as centre:
            for _ in range(count):
                before = content(runs.database) if runs.database.exists() else None
                killed += runs.kill_after(random.uniform(0, seconds), day, centre)
                assert_sound(runs.database)
                if before:
                    assert_nothing_lost_or_doubled(before, content(runs.database))
                for copy in runs.folder.rglob("latest.db"):
                    assert_sound(copy)
            runs.finish(day, centre)
    found = content(runs.database)
    for name in ALWAYS_THE_SAME:
        assert found[name] == expected[name], name
    return killed


def test_ten_kills_change_nothing(undisturbed, demo, tmp_path):
    runs = Runs(tmp_path / "demo", demo.folder / "helpwatch.toml")
    assert live_through(runs, undisturbed, kills=10, seed=1) > 5


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 110))
def test_a_hundred_kills_change_nothing(undisturbed, demo, tmp_path, seed):
    runs = Runs(tmp_path / "demo", demo.folder / "helpwatch.toml")
    assert live_through(runs, undisturbed, kills=10, seed=seed) > 5
