"""Whatever way a site is shared out, and whoever fails when: the changes are those of one machine.

Each case deals the demo's sections out to some machines whose clocks differ. Some of their crawls
are stopped, killed, blocked or partial before they succeed; spools are merged one by one, once a
night, or all at the end, in any order.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from demo_crawl import MINUTE, SECTIONS, conclude_all, crawl, merge, rows
from spiders.demo.days import DAYS

CHANGES = """
SELECT a.slug, c.kind, substr(c.detected_at, 1, 10), c.before, c.after, c.severity
FROM changes c JOIN articles a ON a.id = c.article_id"""
ENDS_EARLY = {"stopped": "shutdown", "killed": "killed", "blocked": "blocked"}


@dataclass(frozen=True)
class Machine:
    spool: Path
    sections: tuple[str, ...]
    asks_search: bool

    def crawl(self, day: int, at: datetime, **facts) -> None:
        crawl(
            self.spool,
            day,
            at=at,
            sections=self.sections,
            has_search=self.asks_search,
            **facts,
        )


def machines(folder: Path, random: Random) -> list[Machine]:
    parts: dict[int, list[str]] = {}
    count = random.randint(1, 5)
    for section in SECTIONS:
        parts.setdefault(random.randrange(count), []).append(section)
    return [
        Machine(folder / f"node-{number}.db", tuple(sections), number == min(parts))
        for number, sections in parts.items()
    ]


def nights_work(machine: Machine, day: int, random: Random) -> Iterator[None]:
    """One machine's crawls of a night, the last of which succeeds; stops after each."""
    at = DAYS[day] + random.randint(0, 200) * MINUTE
    ticks = timedelta(milliseconds=random.choice([0, 37, 1501, 20011]))
    for trouble in random.choices(["partial", *ENDS_EARLY], k=random.choice([0, 0, 0, 1, 2])):
        if trouble == "partial":
            facts = {"failing": [f"/section/{machine.sections[0]}"]}
        else:
            pages = random.randint(0, len(machine.sections))
            facts = {"stops_after": pages, "stops_as": ENDS_EARLY[trouble]}
        machine.crawl(day, at, ticks=ticks, **facts)
        yield
        at += random.randint(20, 40) * MINUTE
    machine.crawl(day, at, ticks=ticks)
    yield


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The changes that one machine finds."""
    database = tmp_path_factory.mktemp("alone") / "helpwatch.db"
    for day in DAYS:
        crawl(database, day)
        conclude_all(database)
    return Counter(rows(database, CHANGES))


def assert_tells_the_same(folder: Path, random: Random, alone: Counter) -> None:
    database, nodes = folder / "helpwatch.db", machines(folder, random)
    spools = [node.spool for node in nodes]
    when = random.choice(["one by one", "one by one", "each night", "at the end"])
    for day in DAYS:
        for node in random.sample(nodes, len(nodes)):
            for _ in nights_work(node, day, random):
                if when == "one by one" and random.random() < 0.7:
                    merge(database, [node.spool], DAYS[day])
            if when == "one by one":
                merge(database, [node.spool], DAYS[day])
        if when == "each night":
            merge(database, random.sample(spools, len(spools)), DAYS[day])
    merge(database, random.sample(spools, len(spools)))
    assert Counter(rows(database, CHANGES)) == alone
    logged = "SELECT count(*) FROM fetches WHERE page_kind != 'not_crawled'"
    assert rows(database, logged)[0][0] == sum(rows(spool, logged)[0][0] for spool in spools)


@pytest.mark.parametrize("seed", range(4))
def test_a_site_shared_out_at_random_tells_the_same(tmp_path, alone, seed):
    assert_tells_the_same(tmp_path, Random(seed), alone)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 160))
def test_sites_shared_out_at_random_tell_the_same(tmp_path, alone, seed):
    assert_tells_the_same(tmp_path, Random(seed), alone)
