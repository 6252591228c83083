"""Two machines under Scrapyd crawl parts of the demo centre, and one of them loses its power.

Both are real Scrapyd processes on loopback. What they saw is merged, and held against what one
undisturbed process tells.
"""

import sqlite3
import time
from collections import Counter
from contextlib import closing
from types import SimpleNamespace

import pytest

from conftest import run_helpwatch
from demo_crawl import dealt, rows
from scrapyd_node import ScrapydNode
from spiders.demo.days import DAYS
from spiders.demo.server import DemoCentre
from test_run_kills import CONTENT, assert_nothing_doubled, assert_sound
from test_run_kills import rows as content_of

pytest.importorskip("scrapyd", reason="scrapyd is not installed: it is in requirements.lock")

CONFIG = """\
database = "helpwatch.db"
output = "reports"
[sites.demo]
sections = [{sections}]
searches = [{{category = "faq", term = "verification"}}]
[report]
formats = ["json"]
"""
KILLED_ON = 2


def job_of(number: int, day: int, url: str) -> dict[str, str]:
    """What one machine is to crawl on a day, as Scrapyd's API takes it."""
    job = {
        "site": "demo",
        "spool": "spool.db",
        "sections": ",".join(dealt(2)[number]),
        "base_url": url,
        "full": "true",
        "now": DAYS[day].isoformat(),
    }
    return job | ({"searches": "faq:verification"} if number == 0 else {})


def wait_for_pages(spool, count: int) -> None:
    """Until the crawl that runs has recorded so many pages."""
    deadline, logged = time.monotonic() + 60, 0
    while logged < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        with closing(sqlite3.connect(spool)) as connection:
            (logged,) = connection.execute(
                "SELECT count(*) FROM fetches WHERE crawl_id ="
                " (SELECT id FROM crawls WHERE outcome = 'running')"
            ).fetchone()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Three days crawled by two machines, of which one is killed in the midst of the second."""
    folder = tmp_path_factory.mktemp("cluster")
    sections = ", ".join(f'"{section}"' for part in dealt(2) for section in part)
    (folder / "helpwatch.toml").write_text(CONFIG.format(sections=sections))
    one, two = nodes = [ScrapydNode(folder / name) for name in ("one", "two")]
    spools = [node.folder / "spool.db" for node in nodes]
    with one, two:
        for day in DAYS:
            with DemoCentre(day=day) as centre:
                if day == KILLED_ON:
                    one.schedule(**job_of(0, day, centre.url), setting="DOWNLOAD_DELAY=0.15")
                    wait_for_pages(spools[0], 12)
                    one.kill()
                    one.start()
                jobs = [node.schedule(**job_of(n, day, centre.url)) for n, node in enumerate(nodes)]
                for node, job in zip(nodes, jobs, strict=True):
                    node.wait(job)
        log = one.log_of(jobs[0])
    merged = run_helpwatch("merge", *spools, "--now", DAYS[3].isoformat(), cwd=folder)
    return SimpleNamespace(
        folder=folder, database=folder / "helpwatch.db", spools=spools, merged=merged, log=log
    )


def test_the_spools_are_merged_without_a_complaint(cluster):
    assert (cluster.merged.code, cluster.merged.err) == (0, ""), cluster.merged
    assert cluster.merged.out.startswith("Merged 7 crawls as crawls 1 to 4: ")


def test_the_killed_crawl_is_kept_as_far_as_it_came_and_its_second_try_is_whole(cluster):
    outcomes = [outcome for (outcome,) in rows(cluster.spools[0], "SELECT outcome FROM crawls")]
    assert outcomes == ["complete", "interrupted", "complete", "complete"]
    merged = [outcome for (outcome,) in rows(cluster.database, "SELECT outcome FROM crawls")]
    assert merged == ["complete", "interrupted", "complete", "complete"]


def test_the_changes_are_those_of_one_undisturbed_process(cluster, demo):
    told = CONTENT["changes"]
    found, expected = (
        Counter(rows(database, told))
        for database in (cluster.database, demo.folder / "helpwatch.db")
    )
    assert found == expected


def test_nothing_is_lost_or_doubled(cluster, demo):
    assert_sound(cluster.database)
    assert_nothing_doubled(cluster.database)
    found = content_of(cluster.database, CONTENT)
    expected = content_of(demo.folder / "helpwatch.db", CONTENT)
    for name in CONTENT:
        assert found[name] == expected[name], name
    logged = "SELECT count(*) FROM fetches"
    assert rows(cluster.database, logged)[0][0] == sum(
        rows(spool, logged)[0][0] for spool in cluster.spools
    )


def test_a_second_merge_finds_nothing_new(cluster):
    again = run_helpwatch("merge", *cluster.spools, cwd=cluster.folder)
    assert (again.code, again.out) == (0, "Nothing new to merge. 7 crawls known already.\n")
