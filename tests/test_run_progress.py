"""How far a crawl is: the rate of the last minute, the time left, a bar on a terminal."""

import logging
import os
import pty
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest

from crawling import without_proxies
from faulty_centre import CONFIG, faulty_centre
from pages_read import article_read, listing_read
from tracker.run import progress
from tracker.run.progress import Pace, Progress, duration, words


@dataclass
class Counts:
    pages_read: int = 0
    pages_expected: int = 0


def pace(*notes: tuple[float, int]) -> Pace:
    noted = Pace()
    for now, pages_read in notes:
        noted.note(now, pages_read)
    return noted


def test_before_anything_is_read_there_is_no_rate():
    assert pace((0, 0)).pages_per_second is None
    assert pace((0, 0), (5, 0)).pages_per_second is None


def test_the_rate_is_that_of_the_last_minute():
    slow_then_fast = [(second, second // 10) for second in range(600)]
    slow_then_fast += [(600 + second, 60 + 2 * second) for second in range(70)]
    assert pace(*slow_then_fast).pages_per_second == pytest.approx(2, rel=0.05)


def test_many_pages_in_one_second_are_one_note():
    busy = pace(*[(number / 100, number) for number in range(1000)])
    assert len(busy._notes) < 15
    assert busy.pages_per_second == pytest.approx(100, rel=0.05)


def test_words_tell_pages_rate_and_time_left():
    told = words(Counts(120, 900), pace((0, 0), (60, 120)), listings=40, articles=80)
    assert told == (
        "120 of about 900 pages (40 listing pages, 80 articles), 2.0 a second, about 6 min left"
    )


def test_a_slow_crawl_is_told_by_the_minute_and_one_without_a_rate_without():
    told = words(Counts(3, 5), pace((0, 0), (60, 3)), listings=3, articles=0)
    assert told.endswith("3 a minute, about 40 s left")
    assert words(Counts(0, 9), pace((0, 0)), listings=0, articles=0) == (
        "0 of about 9 pages (0 listing pages, 0 articles)"
    )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 s"), (59.4, "59 s"), (61, "1 min"), (3599, "1 h"), (7800, "2 h 10 min")],
)
def test_a_duration_is_told_in_its_largest_units(seconds, told):
    assert duration(seconds) == told


def test_elsewhere_lines_come_and_come_ever_more_rarely(monkeypatch, caplog):
    clock = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    counts, shown = Counts(0, 7200), Progress()
    caplog.set_level(logging.INFO)
    shown.start(lambda: counts)
    for _ in range(7200):
        clock[0] += 1
        counts.pages_read += 1
        shown.advance(article_read() if counts.pages_read % 2 else listing_read())
    told = [record.message for record in caplog.records]
    assert told[0].startswith("30 of about 7,200 pages (15 listing pages, 15 articles), 1.0 a sec")
    assert 10 < len(told) < 20


def test_on_a_terminal_a_bar_shows_the_rate_and_goes_when_all_is_read(tmp_path):
    (tmp_path / "helpwatch.toml").write_text(CONFIG)
    screen, terminal = pty.openpty()
    with faulty_centre(day=1) as server:
        child = subprocess.Popen(
            [sys.executable, "-m", "tracker.run.cli", "run", "--base-url", server.url],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=terminal,
            env=without_proxies() | {"TERM": "xterm", "COLUMNS": "120"},
        )
        os.close(terminal)
        shown = _all_of(screen)
        assert child.wait(60) == 0
    assert re.search(r"\d+ of about \d+ pages \(\d+ listing pages, \d+ articles\)", shown)
    assert re.search(r"a second, about \d+ s left", shown)
    assert shown.rstrip().endswith("\x1b[2K")  # the line is wiped


def _all_of(screen: int) -> str:
    """What is written to a terminal until its last writer is gone."""
    seen = b""
    while True:
        try:
            piece = os.read(screen, 65536)
        except OSError:  # Linux says so at the end
            return seen.decode()
        if not piece:
            return seen.decode()
        seen += piece
