"""How far a long look at the database is: a bar on a terminal, plain log lines elsewhere."""

import logging
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LOG_EVERY_SECONDS = 30
DRAW_EVERY_SECONDS = 0.1

logger = logging.getLogger(__name__)


class Ticker:
    """Takes (what, rows done, rows in all) for every row; shows it now and then."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._shown_at = time.monotonic()
        self._every = LOG_EVERY_SECONDS

    def __enter__(self) -> "Ticker":
        if sys.stderr.isatty():
            self._every = DRAW_EVERY_SECONDS
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("", total=None)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._shown_at < self._every:
            return
        self._shown_at = now
        if self._bar:
            self._bar.update(self._task, description=what, completed=done, total=total or None)
        else:
            logger.info("%s: %d of %s", what, done, total or "?")
