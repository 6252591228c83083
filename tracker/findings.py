"""Findings: a crawl's (or a period's) conclusions, all that a report needs, nothing to look up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from db.kinds import CHANGE_KINDS
from db.records import ArticleState, Change, Crawl, ListingCoverage, Trend, Version, ViewSeries
from tracker.health import Health
from tracker.textdiff import TextDiff


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFinding:
    """One change with the article it happened to and, for a text, the difference itself."""

    change: Change
    article: ArticleState
    from_version: Version | None = None
    to_version: Version | None = None
    diff: TextDiff | None = None
    """Present for updated, silent_edit and whatever else has two texts that differ."""
    last_text: Version | None = None
    """For a removed or unlisted article: its last text."""
    steps: Sequence["ChangeFinding"] = ()
    """Of a net change: what it sums up, oldest first; none for a change as it was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendFinding:
    """One trending article with the counts behind it."""

    trend: Trend
    article: ArticleState
    series: ViewSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class LaggingTranslation:
    """One locale's text that has not followed the default locale's last change."""

    article: ArticleState
    text_captured_at: datetime
    """Since when this text is known."""
    read_at: datetime
    """When it was last seen to stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationsBehind:
    """An article of the default locale whose last change some locales do not show yet."""

    article: ArticleState
    changed_at: datetime
    """When the change was seen."""
    translations: Sequence[LaggingTranslation]
    """By locale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything one report tells. `changes` stand in order of telling: severity, kind, title."""

    site: str
    base_url: str
    generated_at: datetime
    time_zone: tzinfo
    """In which instants are shown."""
    crawls: Sequence[Crawl]
    """The crawls that the report covers, oldest first; the last one is the newest."""
    since: datetime | None
    until: datetime
    health: Health | None
    coverage: Sequence[ListingCoverage]
    changes: Sequence[ChangeFinding] = ()
    taken_back: Sequence[ChangeFinding] = ()
    """What came to nothing within the period: the end is as the beginning. Not in `changes`."""
    held_back: Sequence[ChangeFinding] = ()
    """What crawls showed that are suspect until a person accepts them. Not in `changes`."""
    trending: Sequence[TrendFinding] = ()
    translations_behind: Sequence[TranslationsBehind] = ()
    """The latest change first; as known when the report is made."""
    not_checked: Sequence[str] = ()
    """Plain facts on what could not be looked at, for the gap statement."""
    articles_known: int = 0
    articles_listed: int = 0
    last_good_crawl_at: datetime | None = None
    """Start of the last complete, healthy crawl up to `until`."""
    filters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def crawl(self) -> Crawl | None:
        """The newest crawl of the report."""
        return self.crawls[-1] if self.crawls else None

    @property
    def counts(self) -> dict[str, int]:
        """kind -> how many changes, in the order of the contract, zeros left out."""
        found = [finding.change.kind for finding in self.changes]
        return {kind: found.count(kind) for kind in CHANGE_KINDS if kind in found}
