"""The database open for a second process, which records the pages of one crawl."""

from collections.abc import Iterable
from pathlib import Path

from db.errors import DatabaseUnusable
from db.store import Store
from db.versions import Comparer
from spiders.items import PageRead


class SecondWriter(Store):
    """A store for a process that the holder of the lock has started, and that may outlive it.

    It takes no lock. Instead each transaction looks whether the crawl still runs: whoever
    writes next, once the holder is dead, closes the crawl first, and from then on nothing is added.
    """

    def __init__(self, path: str | Path, comparer: Comparer, *, crawl_id: int, site_id: int):
        self.crawl_id, self.site_id = crawl_id, site_id
        super().__init__(path, comparer)
        # The holder's commit that finishes the crawl makes all of it durable: see begin_crawl.
        self.connection.execute("PRAGMA synchronous = NORMAL")
        # What each page may have to take back is a few pages of the file: no file for that.
        self.connection.execute("PRAGMA temp_store = MEMORY")

    def keep(self, reads: Iterable[PageRead]) -> list[Exception | None]:
        """Records pages in one transaction; for each what went wrong with it, if anything did.

        A page that cannot be recorded leaves the others alone. Raises DatabaseUnusable, with none
        of them recorded, where the file fails, or once another process has closed the crawl.
        """
        with self.writing():
            self._look_whether_it_runs()
            return [self._failure_of(read) for read in reads]

    def _look_whether_it_runs(self) -> None:
        row = self.connection.execute(
            "SELECT 1 FROM crawls WHERE id = ? AND outcome = 'running'", [self.crawl_id]
        ).fetchone()
        if row is None:
            raise DatabaseUnusable(
                f"Crawl {self.crawl_id} in {self.path} was closed by another process; "
                "what it had recorded is kept. Start `helpwatch run` again."
            )

    def _failure_of(self, read: PageRead) -> Exception | None:
        """Records a page within the transaction, or takes back what was written of it."""
        try:
            self.record(self.crawl_id, self.site_id, read)
        except DatabaseUnusable:
            raise  # the transaction may be gone, and with it the pages before
        except Exception as error:  # raised again by the crawl, for all to see
            return error
        return None

    def _take_lock(self) -> None:
        """The process that started this one holds it."""

    def _release_lock(self) -> None:
        """It was never taken here."""
