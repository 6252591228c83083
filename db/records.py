"""What we remember, as plain frozen records; db makes them, tracker and reports only read them.

Instants are aware UTC datetimes. A `Moment` may be a bare date where the page shows only a day.
Unknown is None. The database writes all of them as text: see `db.moments`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from db.kinds import ChangeKind, CrawlKind, Outcome, Severity, Status
from db.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    id: int
    name: str
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one crawl is to read of a site. No sections: all that the site has."""

    locales: tuple[str, ...]
    sections: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    """Each as category:term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Listings of one locale that are watched and that no crawl was to read."""

    locale: str
    url: str
    """Address of the locale's help centre."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One pass over one site, or one import of saved pages."""

    id: int
    site_id: int
    site: str
    kind: CrawlKind
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome
    is_baseline: bool
    pages_fetched: int
    articles_listed: int
    articles_fetched: int
    errors: int
    health: Mapping[str, Any] = field(default_factory=dict)
    """tracker.health.Health.as_json(), empty until the crawl is judged."""
    parser: str = ""
    locales: tuple[str, ...] = ()
    """The locales that this crawl was to read."""
    sections: tuple[str, ...] = ()
    """The sections that it was to read; empty: all."""
    searches: tuple[str, ...] = ()
    """The searches that it was to read, each as category:term."""

    @property
    def part(self) -> Part:
        return Part(locales=self.locales, sections=self.sections, searches=self.searches)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingCoverage:
    """How far one crawl read one listing."""

    listing_id: int
    locale: str
    kind: str
    slug: str
    title: str | None
    url: str | None
    claimed_total: int | None
    seen_count: int
    page_count: int
    is_complete: bool
    """It was read to its end."""
    earlier_gap: int | None = None
    """claimed_total - seen_count in the last complete crawl before: a lasting gap is the site's."""

    @property
    def gap(self) -> int:
        """Entries that the listing claims and that were not seen; 0 where it claims nothing."""
        return max(0, (self.claimed_total or 0) - self.seen_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage:
    """A page that a crawl should have read and could not. `kind` is fetches.page_kind."""

    url: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFill:
    """How often one field was known among the article pages read in one crawl."""

    field: str
    known: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlFacts:
    """All that health needs to know of one crawl."""

    crawl: Crawl
    listings: Sequence[ListingCoverage]
    page_kinds: Mapping[str, int]
    """fetches.page_kind -> how many fetches."""
    fills: Sequence[FieldFill] = ()
    disagreements: int = 0
    disallowed: Sequence[str] = ()
    """Addresses that robots.txt disallows and that were not asked for."""
    locales_complete: frozenset[str] = frozenset()
    """Locales all of whose listings were read to their end."""
    locales_with_baseline: frozenset[str] = frozenset()
    """Locales that had a complete crawl before this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text or title of an article that differs from the one before it."""

    id: int
    article_id: int
    number: int
    crawl_id: int
    captured_at: datetime
    title: str
    body: str
    body_sha256: str
    source_updated_at: Moment | None
    snapshot_sha256: str | None
    parser: str
    form: str
    chain_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleState:
    """What was known of one article at an instant."""

    article_id: int
    locale: str
    source_id: str | None
    slug: str | None
    url: str | None
    title: str
    category: str | None
    category_slug: str | None
    section: str | None
    section_slug: str | None
    published_at: Moment | None
    updated_at: Moment | None
    shows_updated_date: bool | None
    version_id: int | None
    status: Status
    first_seen_crawl_id: int | None = None
    """The crawl that saw it first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteState:
    """All articles of a site as they were known at an instant.

    `versions` holds the texts that a comparison of two states needs (see queries.site_states) and
    `earlier_versions` the other versions of those articles, oldest first, for recognising a return.
    """

    articles: Mapping[int, ArticleState]
    versions: Mapping[int, Version] = field(default_factory=dict)
    earlier_versions: Mapping[int, Sequence[Version]] = field(default_factory=dict)
    """article_id -> its versions captured before this state's, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one crawl can say about the presence of articles: seen, sought, not looked at."""

    crawl_id: int
    detected_at: datetime
    concludes_absence: bool
    """False for an import and for a crawl that was blocked, failed or interrupted."""
    baseline_locales: frozenset[str]
    """Locales that have a complete crawl before this one; the others yield no change."""
    is_import: bool
    seen: frozenset[int]
    """Articles that were in some listing of this crawl."""
    held_by: Mapping[int, frozenset[int]]
    """article_id -> listings that held it when it was last seen before this crawl."""
    listings: Mapping[int, ListingCoverage]
    """listing_id -> how far this crawl read it; a listing that was not read is missing here."""
    answers: Mapping[int, Literal["answers", "gone", "replaced", "unknown"]]
    """article_id -> what its own URL said, where it was asked in this crawl; `replaced`: it showed
    another article."""
    locales_read: frozenset[str] = frozenset()
    """Locales read in full: a listing that is missing there is in no page any more."""
    unvouched: frozenset[int] = frozenset()
    """Articles that only crawls in doubt have seen: nothing was told of them."""
    newly_watched: frozenset[int] = frozenset()
    """Articles that stand in no other listings than those that the configuration has just added:
    they were there before, only nobody looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One conclusion about one article. `before` and `after` are None for a text."""

    article_id: int
    kind: ChangeKind
    detected_at: datetime
    severity: Severity = "normal"
    from_version_id: int | None = None
    to_version_id: int | None = None
    before: str | None = None
    after: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
    crawl_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworked:
    """What a crawl tells of two readings of one article, now that more is known of its past."""

    crawl_id: int
    article_id: int
    changes: Sequence[Change]
    """Of READING_KINDS; they take the place of those that were told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSeries:
    """The view counts of one article, oldest first; one series where locales share a count.

    An observation stands for as long as no later one differs; `last_seen_at` is the last instant
    at which the last count was still read.
    """

    article_id: int
    title: str
    section_slug: str | None
    observations: Sequence[tuple[datetime, int]]
    last_seen_at: datetime | None = None
    locales: tuple[str, ...] = ()
    edited_at: Sequence[datetime] = ()
    """When its text was seen to change."""
    published_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Views per day against the article's own past."""

    article_id: int
    window_days: float
    views_gained: int
    views_per_day: float
    usual_per_day: float | None
    score: float
    rank: int
    crawl_id: int | None = None
    note: str | None = None
    """Why to read this rate with care: reset, newly_popular, cooling or after_edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedLocale:
    """A locale that the site's own pages offer."""

    locale: str
    hreflang: str | None
    url: str
    """Address of the first page that was offered in it."""
    is_default: bool
    first_seen_at: datetime
    last_seen_at: datetime
    article_count: int
    """Articles known in it, whatever their status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationBehind:
    """An article that still shows a text older than the default locale's last change."""

    article_id: int
    default_article_id: int
    changed_at: datetime
    """When the default locale's change was seen."""
    text_captured_at: datetime
    """Since when this text is known."""
    read_at: datetime
    """When this text was last seen to stand."""
