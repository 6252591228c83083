"""How far a crawl is: a bar on a terminal, plain log lines elsewhere."""

import logging
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from spiders.items import ArticlePage, ListingPage, PageRead, PageUnchanged

LOG_EVERY_SECONDS = 30

logger = logging.getLogger(__name__)


class Progress:
    """Counts pages as they are recorded. The total grows as listings tell of more."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._listings = self._articles = self._pages = 0
        self._logged_at = time.monotonic()

    def start(self, spider: object) -> None:
        self._spider = spider
        if sys.stderr.isatty():
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("pages"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("Reading", total=None)
            self._bar.start()

    def advance(self, read: PageRead) -> None:
        self._pages += 1
        self._listings += isinstance(read.page, ListingPage)
        self._articles += isinstance(read.page, ArticlePage | PageUnchanged)
        if self._bar:
            self._bar.update(
                self._task,
                completed=self._pages,
                description=f"{self._listings} listing pages, {self._articles} articles",
            )
        elif time.monotonic() - self._logged_at >= LOG_EVERY_SECONDS:
            self._logged_at = time.monotonic()
            logger.info(
                "%d pages read: %d listing pages, %d articles",
                self._pages,
                self._listings,
                self._articles,
            )

    def stop(self) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None
