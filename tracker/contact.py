"""First contact: what a site's pages were recognised as, and what that comes to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["fine", "unrecognised", "blocked", "unreachable"]

HARMLESS = ("robots", "not_asked")
"""Kinds of trouble that say nothing against the reading of pages."""
BLOCKS = ("blocked", "challenge")
SILENCE = ("network", "server_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContact:
    """One page: what it is, which field came from where, and what it does not say."""

    purpose: str
    url: str
    status: int | None
    """HTTP status; None where nothing answered or nothing was asked."""
    told: str | None = None
    """What it was recognised as, in words; None where it was not."""
    trouble: str | None = None
    trouble_kind: str | None = None
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Form (json, json-ld, html, text) -> the fields that came from it."""
    unknown: Sequence[str] = ()
    """Fields that the page does not give."""
    disagreements: Sequence[str] = ()
    """Fields on which two forms of the page differ."""
    unknown_nodes: Mapping[str, int] = field(default_factory=dict)
    saved_as: str | None = None

    @property
    def is_recognised(self) -> bool:
        return self.trouble_kind is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstContact:
    """All that one walk through a site showed."""

    site: str
    fetched_from: str
    user_agent: str
    robots: PageContact
    pages: Sequence[PageContact]
    ended: str
    """The spider's closing reason."""
    not_met: Sequence[str] = ()
    """Kinds of page of which none was recognised."""
    announcements_url: str | None = None
    """The site's public API of announcements, where it has one."""

    @property
    def verdict(self) -> Verdict:
        troubles = [page.trouble_kind for page in self.pages if not page.is_recognised]
        if self.ended == "blocked" or any(kind in BLOCKS for kind in troubles):
            return "blocked"
        is_silent = bool(troubles) and all(kind in SILENCE for kind in troubles)
        if self.ended == "unreachable" or (is_silent and len(troubles) == len(self.pages)):
            return "unreachable"
        if any(kind not in HARMLESS for kind in troubles) or not any(
            page.is_recognised for page in self.pages
        ):
            return "unrecognised"
        return "fine"
