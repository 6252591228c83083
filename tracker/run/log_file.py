"""The log file of several processes; loaded where one is configured."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from filelock import FileLock

_LOCK_SECONDS = 10


class SharedFileHandler(RotatingFileHandler):
    """A log file of several processes: the schedule and its cycles. Each line opens it anew, under
    a lock, so that none writes on into a file that another has put aside.
    """

    def __init__(self, path: Path, max_bytes: int, keep: int):
        super().__init__(path, maxBytes=max_bytes, backupCount=keep, encoding="utf-8", delay=True)
        self.setLevel(logging.INFO)
        self._between_processes = FileLock(f"{path}.lock", timeout=_LOCK_SECONDS)
        self._has_failed = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            with self._between_processes:
                super().emit(record)
                if self.stream:
                    self.stream.close()
                    self.stream = None
        except OSError:  # the lock's Timeout is one, too
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk must not end a crawl, nor flood the screen: it is said once."""
        error = sys.exception()
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._has_failed and sys.stderr:
            self._has_failed = True
            print(f"The log file {self.baseFilename} cannot be written: {error}", file=sys.stderr)
