"""The kinds of things that the records and tables tell apart."""

from typing import Literal

CrawlKind = Literal["crawl", "import"]
Outcome = Literal["running", "complete", "partial", "blocked", "failed", "interrupted"]
Status = Literal["listed", "unlisted", "removed"]
Severity = Literal["high", "normal", "low"]
Verdict = Literal["healthy", "degraded", "suspect", "unusable"]
ChangeKind = Literal[
    "new", "updated", "silent_edit", "touched", "retitled",
    "moved", "readdressed", "unlisted", "removed", "relisted",
]  # fmt: skip
CHANGE_KINDS: tuple[ChangeKind, ...] = ChangeKind.__args__
READING_KINDS: tuple[ChangeKind, ...] = (
    "updated", "silent_edit", "touched", "retitled", "moved", "readdressed",
)  # fmt: skip
"""Kinds that two readings of one article tell; the others rest on its presence."""
SEVERITIES: tuple[Severity, ...] = Severity.__args__
