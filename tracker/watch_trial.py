"""A rule of the watchlist tried on changes that are known: which it would match, by which words."""

from collections.abc import Iterable
from dataclasses import dataclass

from db.kinds import SEVERITIES, Severity
from tracker.findings import ChangeFinding
from tracker.watch_rules import WatchRule
from tracker.watchlist import matched_words


@dataclass(frozen=True, slots=True)
class Match:
    """A change that the rule matches."""

    finding: ChangeFinding
    words: tuple[str, ...]
    """As they stand in the text; none for a rule that looks at no text."""
    severity: Severity
    """What the change would have with this rule: a rule raises and never lowers."""

    @property
    def is_raised(self) -> bool:
        return self.severity != self.finding.change.severity


def try_rule(rule: WatchRule, changes: Iterable[ChangeFinding]) -> list[Match]:
    """The changes that a rule matches, in their order."""
    return [
        Match(finding, words, min(rule.severity, finding.change.severity, key=SEVERITIES.index))
        for finding in changes
        if (words := _words(rule, finding)) is not None
    ]


def _words(rule: WatchRule, finding: ChangeFinding) -> tuple[str, ...] | None:
    shown = finding.to_version or finding.last_text
    return matched_words(
        rule, finding.change, finding.article, finding.diff, shown.body if shown else None
    )
