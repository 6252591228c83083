"""One article as `helpwatch serve` shows it: all that happened to it, its texts, its views."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from db.records import ArticleState, Trend, Version, ViewSeries
from reports import webpage
from reports.sparkline import sparkline
from tracker.findings import ChangeFinding

_MOST_READS = 60


@dataclass(frozen=True, slots=True)
class Read:
    """One request for the article's page."""

    at: datetime
    version_number: int | None
    """The version that it found or confirmed; None where it gave no text."""
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHistory:
    """All that the database holds of an article."""

    article: ArticleState
    site: str
    time_zone: tzinfo
    versions: Sequence[Version]
    """Oldest first in time."""
    changes: Sequence[ChangeFinding]
    """Oldest first."""
    reads: Sequence[Read]
    """Oldest first."""
    series: ViewSeries | None
    trend: Trend | None
    other_locales: Sequence[ArticleState] = ()


@dataclass(frozen=True, slots=True)
class _Event:
    """One entry of the timeline: a change, else the first text."""

    at: datetime
    change: ChangeFinding | None = None
    first: Version | None = None


def render(history: ArticleHistory) -> str:
    """The page as HTML text."""
    series, trend = history.series, history.trend
    usual = trend.usual_per_day if trend else None
    return webpage.page(
        "article.html",
        zone=history.time_zone,
        change_count=len(history.changes) + len(history.versions),
        history=history,
        article=history.article,
        events=_events(history),
        versions=history.versions[::-1],
        reads=history.reads[: -_MOST_READS - 1 : -1],
        earlier_reads=len(history.reads[:-_MOST_READS]),
        picture=sparkline(series, usual, history.time_zone) if series else None,
        observations=series.observations[::-1] if series else (),
    )


def _events(history: ArticleHistory) -> list[_Event]:
    """The newest first; the first text stands at the end, where no change told it."""
    events = [_Event(finding.change.detected_at, change=finding) for finding in history.changes]
    is_told = any(finding.change.kind == "new" for finding in history.changes)
    if history.versions and not is_told:
        first = history.versions[0]
        events.append(_Event(first.captured_at, first=first))
    return sorted(events, key=lambda event: event.at, reverse=True)
