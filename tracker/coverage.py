"""What was watched in a period: the crawls, the gaps between them, and each article's readings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from db.records import ArticleState, Change, Crawl, ListingCoverage, UnreadPage


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveragePolicy:
    """What counts as watched. Days and hours of elapsed time."""

    recheck_days: float = 7
    """Every article's page is to be read at least this often."""
    slack_days: float = 1
    """A crawl that starts late makes no gap: this much is let through."""
    usual_gap_hours: float = 36
    """Between two whole looks at the listings; a daily crawl that runs half a day late is usual."""

    @property
    def longest_without_reading(self) -> timedelta:
        return timedelta(days=self.recheck_days + self.slack_days)


DEFAULT_POLICY = CoveragePolicy()


class Reading(Protocol):
    """One request for an article's own page, and what came of it."""

    fetched_at: datetime
    version_id: int | None
    page_kind: str
    error: str | None


class VersionMark(Protocol):
    """A version without its text."""

    id: int
    number: int
    crawl_id: int
    captured_at: datetime
    body_sha256: str
    snapshot_sha256: str | None
    chain_sha256: str


class SealMark(Protocol):
    """The seal of a crawl's log."""

    crawl_id: int
    chain_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlWatch:
    """One crawl of the period: what it was to see, and what it saw."""

    crawl: Crawl
    listings: Sequence[ListingCoverage]
    unread: Sequence[UnreadPage]
    confirmed_count: int
    """Articles whose page showed the version that was known."""
    new_count: int
    """Articles whose page showed another text or title, or was read for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch between two whole looks at the listings. What came and went within it is unseen."""

    from_at: datetime
    until_at: datetime
    is_long: bool
    """Longer than is usual."""

    @property
    def hours(self) -> float:
        return (self.until_at - self.from_at) / timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A stretch in which an article's page gave no text for longer than it should."""

    from_at: datetime
    until_at: datetime
    why: str

    @property
    def days(self) -> float:
        return (self.until_at - self.from_at) / timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleWatch:
    """One article in the period. `version` is the one that it had at the period's end."""

    article: ArticleState
    version: VersionMark | None
    """None where its page was never read: then nothing is known of its text."""
    last_read_before: datetime | None
    """The last reading before the period."""
    read_at: tuple[datetime, ...]
    """Readings in the period that gave its text."""
    unread: tuple[Unread, ...]

    @property
    def is_watched(self) -> bool:
        """Its page was read as often as it should be, all through the period."""
        return not self.unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was watched of one site in a period, and what was found."""

    site: str
    base_url: str
    since: datetime
    until: datetime
    policy: CoveragePolicy
    crawls: Sequence[CrawlWatch]
    gaps: Sequence[Gap]
    articles: Sequence[ArticleWatch]
    changes: Sequence[Change]
    head: VersionMark | None
    """The last version recorded up to the end of the period, with its chain link."""
    seal: SealMark | None = None
    """The seal of the last crawl that ended in the period; None where it has none."""

    @property
    def unchanged_count(self) -> int:
        """Articles that were watched all through the period and of which no change is told."""
        changed = {change.article_id for change in self.changes}
        return sum(
            watch.is_watched and watch.article.article_id not in changed for watch in self.articles
        )


def gaps(
    crawls: Sequence[Crawl],
    since: datetime,
    until: datetime,
    policy: CoveragePolicy = DEFAULT_POLICY,
) -> tuple[Gap, ...]:
    """The stretches of the period between complete crawls, its first and last one included.

    `crawls` are all crawls up to `until`: the last complete one before the period bounds the first
    stretch, which then begins before the period.
    """
    looks = sorted(
        (crawl.started_at, crawl.finished_at or crawl.started_at)
        for crawl in crawls
        if crawl.kind == "crawl" and crawl.outcome == "complete" and crawl.started_at <= until
    )
    before = [ended for _, ended in looks if ended < since]
    inside = [(begun, ended) for begun, ended in looks if ended >= since]
    edge = before[-1] if before else since
    starts = [edge, *(ended for _, ended in inside)]
    ends = [*(begun for begun, _ in inside), until]
    longest = timedelta(hours=policy.usual_gap_hours)
    return tuple(
        Gap(from_at=start, until_at=end, is_long=end - start > longest)
        for start, end in zip(starts, ends, strict=True)
        if end > start
    )


def watch(
    article: ArticleState,
    version: VersionMark | None,
    readings: Sequence[Reading],
    *,
    present_from: datetime,
    present_until: datetime,
    since: datetime,
    policy: CoveragePolicy = DEFAULT_POLICY,
) -> ArticleWatch:
    """How one article was watched from `since` on.

    `readings` are its requests up to the period's end, oldest first. It was there from
    `present_from` to `present_until`, both within the period.
    """
    read = [reading.fetched_at for reading in readings if reading.version_id is not None]
    before = [instant for instant in read if instant < since]
    during = sorted({instant for instant in read if since <= instant})
    return ArticleWatch(
        article=article,
        version=version,
        last_read_before=before[-1] if before else None,
        read_at=tuple(during),
        unread=tuple(
            _unread_stretches(
                readings,
                [before[-1] if before else present_from, *during, present_until],
                bool(read),
                policy,
            )
        ),
    )


def _unread_stretches(
    readings: Sequence[Reading],
    instants: Sequence[datetime],
    was_ever_read: bool,
    policy: CoveragePolicy,
) -> Iterator[Unread]:
    """Stretches between two readings that are too long; all of it where none gave a text."""
    longest = policy.longest_without_reading
    for start, end in pairwise(instants):
        if was_ever_read and end - start <= longest:
            continue
        tried = [
            reading
            for reading in readings
            if reading.version_id is None and start <= reading.fetched_at <= end
        ]
        yield Unread(from_at=start, until_at=end, why=_why(tried))


def _why(tried: Sequence[Reading]) -> str:
    """What came of the last request, where there was one."""
    if not tried:
        return "its page was not asked for"
    return WHY.get(tried[-1].page_kind) or tried[-1].error or tried[-1].page_kind


WHY: Mapping[str, str] = {
    "robots": "robots.txt disallows its page",
    "gone": "its address answers that it is gone",
    "other_language": "its page came in another language",
}
