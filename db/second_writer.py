"""The database open for a second process, which records the pages of one crawl."""

from pathlib import Path

from db.errors import DatabaseUnusable
from db.store import Store
from db.versions import Comparer
from spiders.items import PageRead


class SecondWriter(Store):
    """A store for a process that the holder of the lock has started, and that may outlive it.

    It takes no lock. Instead each page's transaction looks whether the crawl still runs: whoever
    writes next, once the holder is dead, closes the crawl first, and from then on nothing is added.
    """

    def __init__(self, path: str | Path, comparer: Comparer, *, crawl_id: int, site_id: int):
        self.crawl_id, self.site_id = crawl_id, site_id
        super().__init__(path, comparer)
        # The holder's commit that finishes the crawl makes all of it durable: see begin_crawl.
        self.connection.execute("PRAGMA synchronous = NORMAL")

    def keep(self, read: PageRead) -> None:
        """Records one page; DatabaseUnusable once another process has closed the crawl."""
        with self.writing():
            row = self.connection.execute(
                "SELECT 1 FROM crawls WHERE id = ? AND outcome = 'running'", [self.crawl_id]
            ).fetchone()
            if row is None:
                raise DatabaseUnusable(
                    f"Crawl {self.crawl_id} in {self.path} was closed by another process; "
                    "what it had recorded is kept. Start `helpwatch run` again."
                )
            self.record(self.crawl_id, self.site_id, read)

    def _take_lock(self) -> None:
        """The process that started this one holds it."""

    def _release_lock(self) -> None:
        """It was never taken here."""
