"""README's section on performance says what was measured, and on what machine."""

from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[1])
STEP = {"wall_seconds": 2.0, "cpu_seconds": 3.0, "peak_megabytes": 150.0}
CYCLE = STEP | {"database_bytes": 12_000_000, "served": {"listings": 75, "articles": 142}}
STEPS = dict.fromkeys(("compare", "trends", "verify", "report html"), STEP)
CYCLES = dict.fromkeys(("first crawl", "unchanged day", "1% changed"), CYCLE)
MEASURED = [
    {"articles": size, "at": "2026-11-28", "machine": "Z80, 1 core", "steps": STEPS | CYCLES}
    for size in (1_000, 5_000)
]
TURNS = {
    "first_crawl": {
        "seconds": {"helpwatch": 9.0, "curl": 0.3},
        "speed_beside": {
            "bare Scrapy": 0.814,
            "bare Scrapy, one item worker": 0.5,
            "bare Scrapy, its own settings": 1.1,
            "curl": 0.03,
        },
    },
    "unchanged_days": [
        {
            "peer": "webchanges",
            "articles": 5000,
            "times_less_wall": 20.6,
            "times_fewer_bytes": 4.74,
        },
        {"skipped": "changedetection.io could not be installed here: not measured"},
    ],
}


@pytest.fixture
def summary(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from bench import summary

    return summary


def test_the_section_names_the_machine_the_sizes_and_every_peer_that_was_measured(summary):
    told = summary.section(MEASURED, TURNS)
    assert "on a machine with Z80, 1 core" in told
    assert "| seconds of wall time | 1,000 articles | 5,000 articles |" in told
    assert "at 81% of the speed of a bare Scrapy spider" in told
    assert "110% of the speed of one with Scrapy's own" in told
    assert "curl downloads them in 0.3 s where helpwatch takes 9.0" in told
    assert "takes 21 times less time and 4.7 times fewer bytes than webchanges" in told
    assert "changedetection" not in told


def test_growth_is_the_exponent_over_the_sizes(summary):
    assert round(summary.growth([(1_000, 2.0), (5_000, 10.0)]), 6) == 1
    assert summary.growth([(1_000, 2.0)]) is None
    assert "growth of verify" in summary.printed(MEASURED)


def test_a_program_too_quick_to_be_watched_has_no_peak(summary):
    steps = MEASURED[0]["steps"] | {"start --help": STEP | {"peak_megabytes": None}}
    (line,) = [
        line
        for line in summary.printed([MEASURED[0] | {"steps": steps}]).splitlines()
        if line.startswith("start --help")
    ]
    assert line.split()[2:] == ["2.00", "3.00", "-"]


def test_a_step_that_grows_too_fast_is_marked(summary):
    steep = {
        "articles": 5_000,
        "steps": MEASURED[1]["steps"] | {"verify": STEP | {"cpu_seconds": 99}},
    }
    (line,) = [
        line
        for line in summary.printed([MEASURED[0], steep]).splitlines()
        if "growth of verify" in line
    ]
    assert line.endswith("more than 1.05")
