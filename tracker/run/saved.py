"""The bytes of one saved page, and why there may be none."""

from dataclasses import dataclass


class Unreadable(Exception):
    """A file or record that gives no page; says why, in words for whoever imported it."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One page as it was saved: decoded from transfer, not from its character set."""

    body: bytes
    url: str | None = None
    """The address that was asked for, where the container names it."""
    status: int | None = None
    """HTTP status; None where no server's answer was kept."""
    content_type: str | None = None
