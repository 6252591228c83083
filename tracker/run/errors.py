"""What ends a command, with the exit code that says so. Messages are one or two lines."""

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.records import Crawl
    from tracker.health import Health


class Exit(IntEnum):
    DONE = 0
    UNHEALTHY = 1
    USAGE = 2
    UNREACHABLE = 3
    DATABASE = 4


class UsageError(Exception):
    """Wrong options, configuration or files: says what was found and what to do."""


class SiteUnreachable(Exception):
    """The site blocked us or did not answer."""


def exit_of(crawl: "Crawl", verdict: "Health | None") -> Exit:
    """What the exit code says of a crawl."""
    if crawl.outcome in ("blocked", "failed"):
        return Exit.UNREACHABLE
    is_well = not verdict or verdict.verdict == "healthy" or verdict.is_accepted
    if crawl.outcome != "complete" or not is_well:
        return Exit.UNHEALTHY
    return Exit.DONE
