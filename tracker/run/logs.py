"""Log lines: to standard error, and to a file that is put aside when it has grown.

What helpwatch does goes to the log file line by line; standard error shows warnings and, in place
of a bar, how far long work is. No secret of the configuration is ever in either.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.run.errors import UsageError
from tracker.run.secret import Secrets

if TYPE_CHECKING:
    from tracker.run.config import Config, LogConfig
    from tracker.run.log_file import SharedFileHandler

logger = logging.getLogger(__name__)

OURS = ("spiders", "db", "tracker", "reports")
PROGRESS = ("tracker.run.progress", "tracker.run.ticker")
"""Who tells how far long work is."""


class Log:
    """The log of this process: `begin` at its start, `follow` once its configuration is known."""

    def __init__(self) -> None:
        self.secrets = Secrets()
        self._screen = logging.StreamHandler()
        self._file: SharedFileHandler | None = None

    def begin(self, *, debug: bool) -> None:
        """Lines to standard error; all of them with `debug`, else what a person must see."""
        # On the handlers: Scrapy sets the level of its own loggers anew when it starts.
        self._screen.setLevel(logging.INFO)
        self._screen.setFormatter(TextLine(self.secrets))
        if not debug:
            self._screen.addFilter(is_for_the_screen)
        logging.basicConfig(level=logging.INFO, handlers=[self._screen])

    def tell_all(self) -> None:
        """From now on standard error shows what the file does."""
        self._screen.removeFilter(is_for_the_screen)

    def follow(self, config: "Config") -> None:
        """Does as a configuration says. UsageError where its file cannot be written."""
        self.secrets.learn(config)
        line = JsonLine if config.log.format == "json" else TextLine
        if not sys.stderr.isatty():
            self._screen.setFormatter(line(self.secrets))
        if config.log.file and self._file is None:
            self._file = _opened(config.log)
            self._file.setFormatter(line(self.secrets))
            logging.getLogger().addHandler(self._file)

    def note(self, error: str) -> None:
        """Puts what was said on standard error, and the traceback behind it, into the file too."""
        if self._file:
            arguments = (logger.name, logging.ERROR, __file__, 0, "%s", (error,))
            self._file.handle(logging.LogRecord(*arguments, exc_info=sys.exc_info()))


def _opened(config: "LogConfig") -> "SharedFileHandler":
    from tracker.run.log_file import SharedFileHandler

    path = Path(config.file)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise UsageError(
            f"The log file {path} cannot be written ({error.strerror}); name another in log.file."
        ) from None
    return SharedFileHandler(path, int(config.max_megabytes * 1024 * 1024), config.keep)


def is_for_the_screen(record: logging.LogRecord) -> bool:
    """Warnings and worse, and how far long work is. Of the libraries only errors: what they warn
    of is single pages, which the report names.
    """
    is_ours = record.name.partition(".")[0] in OURS
    worth = logging.WARNING if is_ours else logging.ERROR
    return record.levelno >= worth or record.name in PROGRESS


class TextLine(logging.Formatter):
    """`2026-04-19T06:00:00Z INFO tracker.run.schedule: ...`. Further lines are indented, so that no
    text from a page passes for a line of its own.
    """

    def __init__(self, secrets: Secrets):
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return _at(record)

    def format(self, record: logging.LogRecord) -> str:
        from reports.safe_text import visible

        line = self._secrets.hide(super().format(record))
        return visible(line).replace("\n", "\n    ")


class JsonLine(logging.Formatter):
    """One JSON object a line: at, level, logger, process, message, and traceback where there is
    one. What a caller passes as `extra={"facts": {...}}` stands beside them.
    """

    def __init__(self, secrets: Secrets):
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": self._secrets.hide(record.getMessage()),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["traceback"] = self._secrets.hide(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def _at(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
