"""What ends a command, with the exit code that says so. Messages are one or two lines."""

from enum import IntEnum


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
