"""How far a crawl is: a bar on a terminal, log lines elsewhere; with the rate and the time left."""

import logging
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from spiders.items import ArticlePage, ListingPage, PageRead, PageUnchanged

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

FIRST_LINE_AFTER_SECONDS = 30
LONGEST_BETWEEN_LINES_SECONDS = 600
"""Lines come ever more rarely: a crawl of hours must not fill an inbox."""
WINDOW_SECONDS = 60
"""The rate is that of the last minute, since sites and their throttles have moods."""

logger = logging.getLogger(__name__)


class Counts(Protocol):
    """What the spider knows of its crawl; `pages_expected` grows as listings tell of more."""

    pages_read: int
    pages_expected: int


class Progress:
    """Counts pages as they are recorded, and shows them now and then."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._listings = self._articles = 0
        self._pace = Pace()
        self._wait_seconds = FIRST_LINE_AFTER_SECONDS
        self._said_at = time.monotonic()

    def start(self, counts: Callable[[], Counts]) -> None:
        """`counts` gives the counts of the moment."""
        self._counts = counts
        self._pace.note(time.monotonic(), counts().pages_read)
        if sys.stderr.isatty():
            self._bar = _new_bar()
            self._task = self._bar.add_task("Reading", total=None)
            self._bar.start()

    def advance(self, read: PageRead) -> None:
        self._listings += isinstance(read.page, ListingPage)
        self._articles += isinstance(read.page, ArticlePage | PageUnchanged)
        now, counts = time.monotonic(), self._counts()
        self._pace.note(now, counts.pages_read)
        if self._bar:
            self._bar.update(
                self._task,
                completed=counts.pages_read,
                total=counts.pages_expected,
                description=self._words(counts),
            )
        elif now - self._said_at >= self._wait_seconds:
            self._said_at = now
            self._wait_seconds = min(2 * self._wait_seconds, LONGEST_BETWEEN_LINES_SECONDS)
            logger.info("%s", self._words(counts))

    def stop(self) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None

    def _words(self, counts: Counts) -> str:
        return words(counts, self._pace, listings=self._listings, articles=self._articles)


def _new_bar() -> "Bar":
    from rich.console import Console  # a night's crawl shows no bar
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        BarColumn(bar_width=20),
        TextColumn("{task.description}"),
        console=Console(stderr=True, highlight=False),
        transient=True,
    )


class Pace:
    """Pages a second, from how many were read at which instant."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque()

    def note(self, now: float, pages_read: int) -> None:
        """One note a second is enough; those that the window does not reach back to are dropped."""
        if len(self._notes) > 1 and now - self._notes[-2][0] < 1:
            self._notes.pop()
        self._notes.append((now, pages_read))
        while len(self._notes) > 2 and now - self._notes[1][0] >= WINDOW_SECONDS:
            self._notes.popleft()

    @property
    def pages_per_second(self) -> float | None:
        """None until something was read in some time."""
        (began, before), (now, after) = self._notes[0], self._notes[-1]
        return (after - before) / (now - began) if now > began and after > before else None


def words(counts: Counts, pace: Pace, *, listings: int, articles: int) -> str:
    """'120 of about 900 pages (40 listing pages, 80 articles), 1.9 a second, about 7 min left'"""
    expected = max(counts.pages_expected, counts.pages_read)
    text = (
        f"{counts.pages_read:,} of about {expected:,} pages "
        f"({listings:,} listing pages, {articles:,} articles)"
    )
    rate = pace.pages_per_second
    if rate is None:
        return text
    left = duration((expected - counts.pages_read) / rate)
    return f"{text}, {_rate(rate)}, about {left} left"


def _rate(pages_per_second: float) -> str:
    if pages_per_second >= 1:
        return f"{pages_per_second:.1f} a second"
    return f"{pages_per_second * 60:.0f} a minute"


def duration(seconds: float) -> str:
    """'50 s', '7 min', '2 h 10 min'."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
