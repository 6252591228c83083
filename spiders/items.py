"""The records that readers return: what a page says, nothing concluded from it.

Unknown is None, never 0 or "". A `Moment` is an aware UTC datetime, or a bare date where the page
shows only a calendar day (in the site's own time zone; never taken for midnight UTC).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Moment = datetime | date
Form = Literal["json", "json-ld", "html", "text"]
ListingKind = Literal["section", "category", "search", "api", "import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingLink:
    """A listing that a page points to. `slug` and `url` are those of its first page."""

    kind: ListingKind
    slug: str
    url: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingEntry:
    """What a listing says of one article. Only the title is always there."""

    title: str
    slug: str | None = None
    url: str | None = None
    source_id: str | None = None
    summary: str | None = None
    category: str | None = None
    published_at: Moment | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    view_count: int | None = None
    is_view_count_approximate: bool = False
    is_uncertain: bool = False
    """The text could be read in more than one way, and this is the likelier."""
    is_title_uncertain: bool = False
    """Even where its title begins: alone it proves no article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The help centre's front page: it names categories and no article."""

    locale: str
    url: str
    listings: tuple[ListingLink, ...] = ()
    alternates: Mapping[str, str] = field(default_factory=dict)
    """hreflang -> address of the same page in another locale."""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPage:
    """One page of a listing. `next_url` is None on its last page."""

    locale: str
    kind: ListingKind
    slug: str
    url: str
    """Address of the listing's first page, canonical."""
    title: str | None = None
    category: str | None = None
    category_slug: str | None = None
    section: str | None = None
    section_slug: str | None = None
    """Section and category of its entries; None where the listing mixes them (a tag, a search)."""
    page_number: int = 1
    claimed_total: int | None = None
    entries: tuple[ListingEntry, ...] = ()
    next_url: str | None = None
    listings: tuple[ListingLink, ...] = ()
    """Other listings that the page names."""
    form: Form = "json"
    parser: str = ""
    language: str | None = None
    shows_updated_date: bool | None = None
    provenance: Mapping[str, Form] = field(default_factory=dict)
    """Field of an entry -> the form it was read from."""
    disagreements: tuple[str, ...] = ()
    """Fields on which two forms of the page disagree, as 'field: json 1, html 2'."""
    alternates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """One article as its own page gives it. `body` is canonical Markdown."""

    locale: str
    slug: str
    url: str
    title: str
    body: str
    source_id: str | None = None
    summary: str | None = None
    category: str | None = None
    category_slug: str | None = None
    section: str | None = None
    section_slug: str | None = None
    published_at: Moment | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    shows_updated_date: bool | None = None
    view_count: int | None = None
    is_view_count_approximate: bool = False
    reading_minutes: int | None = None
    form: Form = "json"
    """The form that the body was read from."""
    parser: str = ""
    language: str | None = None
    provenance: Mapping[str, Form] = field(default_factory=dict)
    disagreements: tuple[str, ...] = ()
    unknown_nodes: Mapping[str, int] = field(default_factory=dict)
    """Kinds of node that the reader does not know, whose text it kept -> how many."""
    alternates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGone:
    """The address answers that there is no such article: 404, 410, or it leads to the help home."""

    locale: str
    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageUnchanged:
    """304 Not Modified: the page is what it was when its validators were saved."""

    locale: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageUnusable:
    """No page to read: an error of the network, the server or the page itself.

    `kind` is PageError.kind, or `robots` (disallowed, not asked) or `network` (no answer).
    """

    locale: str
    url: str
    kind: str
    message: str


Page = HomePage | ListingPage | ArticlePage | PageGone | PageUnchanged | PageUnusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One answered (or unanswered) request. `url` is canonical; `body` as decoded from transfer."""

    url: str
    fetched_at: datetime
    status: int | None = None
    """HTTP status; None where nothing answered or nothing was asked."""
    body: bytes = b""
    content_type: str | None = None
    elapsed_ms: int | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """The spider's one item: a fetch and what its page says.

    `article_id` names the article whose own page was asked for, where the database knows it.
    """

    fetch: Fetch
    page: Page
    wanted: Literal["home", "listing", "article"]
    article_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """What the spider must know of a stored article to decide whether to ask for it."""

    article_id: int
    locale: str
    source_id: str | None
    slug: str | None
    url: str | None
    title: str
    updated_at: Moment | None
    """The updated date of the last reading of its own page."""
    is_read: bool
    """Its own page was read at least once."""
    is_due: bool
    """Its day in the recheck cycle has come, or everything is asked for; and it belongs where this
    crawl looks, so that it is asked for wherever it stands."""
    is_listed: bool
    """It was in a listing when last crawled; if it is in none now, its address is asked."""
    is_due_if_shown: bool = False
    """Its day has come: asked for where a listing shows it, a search maybe, wherever it belongs."""
    etag: str | None = None
    last_modified: str | None = None
