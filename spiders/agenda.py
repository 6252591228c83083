"""What one crawl has still to ask for: each listing once, each article at most once. Pure.

The agenda is told of every page as it comes and answers with errands. It keeps keys and addresses,
never pages.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import ModuleType
from typing import Literal

from spiders.items import (
    HomePage,
    KnownArticle,
    ListingEntry,
    ListingLink,
    ListingPage,
    Moment,
    Page,
)
from spiders.origin import moved

ListingKey = tuple[str, str, str]
"""Locale, kind and slug."""
Identity = tuple[str, str, str]
"""Locale, what it is (id, slug or title) and its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One address to ask for, and why. `url` is canonical."""

    wanted: Literal["home", "listing", "article"]
    locale: str
    url: str
    is_door: bool = False
    """A start address or a category: it may itself be the first page of some section."""
    listing: ListingKey | None = None
    """The listing that this page continues; None for the first page of a listing."""
    article: KnownArticle | None = None
    is_recheck: bool = False
    """Nothing about the article moved; only its day has come."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far a crawl is. `pages_expected` grows as listings tell of more."""

    pages_asked: int = 0
    pages_read: int = 0
    """Answers and failures, each of which has become an item."""
    pages_expected: int = 0
    listings_found: int = 0
    listings_done: int = 0
    entries_claimed: int = 0
    """What the listings found so far claim to hold, together."""
    entries_seen: int = 0
    articles_asked: int = 0


@dataclass(slots=True)
class _Reading:
    """How far one listing is read."""

    first_url: str
    entries: set[Identity] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    claimed_total: int | None = None
    page_length: int = 0
    passes: int = 1
    is_done: bool = False

    @property
    def missing(self) -> int:
        return max(0, (self.claimed_total or 0) - len(self.entries))

    @property
    def pages_left(self) -> int:
        if self.is_done or not self.page_length:
            return 0
        return math.ceil(self.missing / self.page_length)


class Agenda:
    """`site` is a site file, `base_url` its canonical origin, `sections` slugs (none: all)."""

    def __init__(
        self,
        site: ModuleType,
        *,
        base_url: str,
        sections: Sequence[str] = (),
        known: Iterable[KnownArticle] = (),
        full: bool = False,
    ):
        self.progress = Progress()
        self._site, self._base_url, self._full = site, base_url, full
        self._sections = frozenset(sections)
        self._known = _KnownArticles(known)
        self._readings: dict[ListingKey, _Reading] = {}
        self._linked: set[ListingKey] = set()
        self._open_doors: dict[str, set[str]] = {}
        self._waiting: dict[str, list[ListingLink]] = {}
        self._asked: set[Identity] = set()
        self._seen_ids: set[int] = set()
        self._unanswered: dict[tuple[str, str], Errand] = {}
        self._has_looked_for_missing = False

    def begin(self, locale: str, searches: Sequence = ()) -> list[Errand]:
        """Where the crawl of one locale begins."""
        urls = self._site.start_urls(self._base_url, locale, sorted(self._sections), searches)
        errands = [
            Errand(
                wanted="home" if place == 0 and not self._sections else "listing",
                locale=locale,
                url=url,
                is_door=True,
            )
            for place, url in enumerate(dict.fromkeys(urls))
        ]
        self._open_doors[locale] = {errand.url for errand in errands}
        return self._noted(errands)

    def after(self, errand: Errand, page: Page) -> list[Errand]:
        """What to ask for once `errand` was answered with `page`, or failed with it."""
        self._unanswered.pop((errand.locale, errand.url), None)
        if isinstance(page, HomePage):
            errands = list(self._follow(page.listings, errand.locale, from_home=True))
        elif isinstance(page, ListingPage):
            errands = [
                *self._continue(errand, page),
                *self._follow(page.listings, page.locale, from_home=False),
                *(self._articles(page) if self._holds(page) else ()),
            ]
        else:
            errands = []
        if errand.is_door:
            self._open_doors[errand.locale].discard(errand.url)
            errands += self._released(errand.locale)
        return self._noted(errands)

    def missing(self) -> list[Errand]:
        """Once all listings are read: known articles that stand in none of them, or are due.

        Asked only in locales of which some listing was read to its end: where nothing could be
        looked at, nothing is missing. Empty when called again.
        """
        if self._has_looked_for_missing:
            return []
        self._has_looked_for_missing = True
        locales = {key[0] for key, reading in self._readings.items() if reading.is_done}
        errands = []
        for known in self._known:
            is_sought = known.is_listed or known.is_due
            if known.locale in locales and is_sought and known.article_id not in self._seen_ids:
                errands += self._article(_identities_of_known(known), None, known)
        return self._noted(errands)

    def unread(self) -> list[Errand]:
        """For each locale whose listings are not all read, one page that was not answered yet.

        Sections that wait for the categories are covered: a category is unanswered then.
        """
        found: dict[str, Errand] = {}
        for errand in self._unanswered.values():
            found.setdefault(errand.locale, errand)
        return list(found.values())

    # -- listings ---------------------------------------------------------------------------

    def _follow(
        self, links: Iterable[ListingLink], locale: str, *, from_home: bool
    ) -> Iterator[Errand]:
        """Categories at once; sections when every category has answered, since a category's page
        may be the first page of a section, which then needs no reading of its own.
        """
        for link in links:
            key = (locale, link.kind, link.slug)
            if key in self._linked or not self._is_in_scope(link, from_home):
                continue
            self._linked.add(key)
            if link.kind == "category":
                self._open_doors.setdefault(locale, set()).add(link.url)
                yield Errand(wanted="listing", locale=locale, url=link.url, is_door=True)
            else:
                self._waiting.setdefault(locale, []).append(link)
        if not self._open_doors.get(locale):
            yield from self._released(locale)

    def _is_in_scope(self, link: ListingLink, from_home: bool) -> bool:
        if not self._sections:
            return True
        return link.slug in self._sections if link.kind == "section" else from_home

    def _holds(self, page: ListingPage) -> bool:
        return not self._sections or page.kind != "section" or page.slug in self._sections

    def _released(self, locale: str) -> Iterator[Errand]:
        if self._open_doors.get(locale):
            return
        for link in self._waiting.pop(locale, ()):
            if (locale, link.kind, link.slug) not in self._readings:
                yield Errand(wanted="listing", locale=locale, url=link.url)

    def _continue(self, errand: Errand, page: ListingPage) -> Iterator[Errand]:
        """The listing's next page; from its first page again where entries seem to be missing.

        Articles move from page to page while one crawls, so one may slip past a first reading.
        """
        key = (page.locale, page.kind, page.slug)
        reading = self._readings.get(key)
        if errand.listing is None:
            if reading is not None:
                return
            reading = self._readings[key] = _Reading(page.url, asked={page.url})
            self._linked.add(key)
        elif errand.listing != key or reading is None:
            return
        reading.entries |= {_identities(entry, page.locale)[0] for entry in page.entries}
        reading.page_length = max(reading.page_length, len(page.entries))
        if page.claimed_total is not None:
            reading.claimed_total = page.claimed_total
        if self._holds(page):
            yield from self._next_page(key, reading, page)

    def _next_page(self, key: ListingKey, reading: _Reading, page: ListingPage) -> Iterator[Errand]:
        url = page.next_url
        if reading.passes > 1 and not reading.missing:
            url = None
        elif url is None and reading.passes == 1:
            reading.is_done = True
            if reading.missing and page.page_number > 1:
                reading.passes, url = 2, reading.first_url
                reading.asked.clear()
        if url is not None and url not in reading.asked:
            reading.asked.add(url)
            yield Errand(wanted="listing", locale=key[0], url=url, listing=key)

    # -- articles ---------------------------------------------------------------------------

    def _articles(self, page: ListingPage) -> Iterator[Errand]:
        for entry in page.entries:
            known = self._known.find(entry, page.locale)
            if known:
                self._seen_ids.add(known.article_id)
            is_news = has_news(entry, known, self._site.TIME_ZONE)
            if is_news or self._full or known.is_due or known.is_due_if_shown:
                url = self._url_of(page.locale, entry.slug, entry.url)
                names = _identities(entry, page.locale)
                yield from self._article(names, url, known, is_recheck=not is_news)

    def _article(
        self,
        identities: Sequence[Identity],
        url: str | None,
        known: KnownArticle | None,
        *,
        is_recheck: bool = False,
    ) -> Iterator[Errand]:
        """Asks for an article unless it was asked already, by any name that it bears.

        Not by one that it bore: its former address may be another article's by now.
        """
        given = {what for _, what, _ in identities}
        former = _identities_of_known(known) if known else ()
        names = {*identities, *(name for name in former if name[1] not in given)}
        if url is None and known:
            url = self._url_of_known(known)
        if url is None or not names.isdisjoint(self._asked):
            return
        self._asked |= names
        locale = identities[0][0]
        yield Errand(wanted="article", locale=locale, url=url, article=known, is_recheck=is_recheck)

    def _url_of(self, locale: str, slug: str | None, seen_at: str | None) -> str | None:
        """Where the site file asks for an article, be it where readers see it or not. One without
        a slug is asked for where it was seen, and so is one that is seen on another host.
        """
        is_elsewhere = seen_at and not moved(seen_at, self._base_url, self._base_url)
        if slug is None or is_elsewhere:
            return seen_at
        return self._site.article_url(self._base_url, locale, slug)

    def _url_of_known(self, known: KnownArticle) -> str | None:
        """The same for a stored article, unless the site has another address by now."""
        is_here = known.url and moved(known.url, self._base_url, self._base_url)
        return self._url_of(known.locale, known.slug, known.url if is_here else None)

    # -- counts -----------------------------------------------------------------------------

    def _noted(self, errands: list[Errand]) -> list[Errand]:
        progress, readings = self.progress, self._readings.values()
        for errand in errands:
            if errand.wanted != "article":
                self._unanswered[errand.locale, errand.url] = errand
        progress.pages_asked += len(errands)
        progress.articles_asked += sum(errand.wanted == "article" for errand in errands)
        progress.listings_found = len(readings)
        progress.listings_done = sum(reading.is_done for reading in readings)
        progress.entries_claimed = sum(reading.claimed_total or 0 for reading in readings)
        progress.entries_seen = sum(len(reading.entries) for reading in readings)
        progress.pages_expected = progress.pages_asked + sum(
            reading.pages_left for reading in readings
        )
        return errands


class _KnownArticles:
    """Stored articles, found by the names that a listing may give them."""

    def __init__(self, known: Iterable[KnownArticle]):
        self._all = tuple(known)
        self._by_name: dict[Identity, KnownArticle] = {}
        for article in self._all:
            for name in _names(article.locale, article.source_id, article.slug, article.title):
                self._by_name.setdefault(name, article)

    def __iter__(self) -> Iterator[KnownArticle]:
        return iter(self._all)

    def find(self, entry: ListingEntry, locale: str) -> KnownArticle | None:
        """By id, else slug, else title; never against an id or slug that says otherwise, since two
        articles may bear one title.
        """
        for name in _names(locale, entry.source_id, entry.slug, entry.title):
            known = self._by_name.get(name)
            if known is None or _differ(known.source_id, entry.source_id):
                continue
            if name[1] != "title" or not _differ(known.slug, entry.slug):
                return known
        return None


def has_news(entry: ListingEntry, known: KnownArticle | None, zone: tzinfo) -> bool:
    """Whether what a listing says of an article is reason to ask for its page at once."""
    if known is None or not known.is_read:
        return True
    return (
        has_moved(known.updated_at, entry.updated_at, zone)
        or _folded(known.title) != _folded(entry.title)
        or _differ(known.slug, entry.slug)
    )


def has_moved(before: Moment | None, after: Moment | None, zone: tzinfo) -> bool:
    """Whether two dates of one article differ. A bare date is any instant of that day in `zone`;
    an unknown one says nothing.
    """
    if before is None or after is None:
        return False
    if isinstance(before, datetime) and isinstance(after, datetime):
        return before != after
    return _day(before, zone) != _day(after, zone)


def _day(moment: Moment, zone: tzinfo) -> Moment:
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _folded(title: str) -> str:
    return " ".join(title.split())


def _names(locale: str, source_id: str | None, slug: str | None, title: str) -> Iterator[Identity]:
    if source_id is not None:
        yield locale, "id", source_id
    if slug is not None:
        yield locale, "slug", slug
    yield locale, "title", _folded(title)


def _identities(entry: ListingEntry, locale: str) -> list[Identity]:
    """The names that tell an article from others: its title only where it has no other."""
    names = list(_names(locale, entry.source_id, entry.slug, entry.title))
    return names[:-1] or names


def _identities_of_known(known: KnownArticle) -> list[Identity]:
    names = list(_names(known.locale, known.source_id, known.slug, known.title))
    return names[:-1] or names
