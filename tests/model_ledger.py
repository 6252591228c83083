"""What the changes must be, kept apart from all code that works them out.

The ledger is told what the pages of each crawl and import said, article by article as the centre
itself tells them apart. What was read, put in the order of time, decides which edits can be known;
the centre's own truth decides whether an article is gone.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import takewhile

from model_centre import LOCALES, ZONE, Article, Centre, Text, address
from model_crawl import Trouble, Watched
from spiders.items import ArticlePage, ListingPage, Moment, PageRead, PageUnusable

Key = tuple[int, str]
Listing = tuple[str, str, str]
"""Locale, kind and slug."""


@dataclass(frozen=True)
class Known:
    """What is known of one article; its text and section are None until its page was read."""

    title: str
    slug: str
    updated_at: Moment | None
    text: Text | None = None
    section: str | None = None
    is_dated: bool = True
    """The page that was read last showed its updated date."""


@dataclass(frozen=True)
class Reading:
    """What one crawl or import was shown of one article."""

    at: datetime
    crawl_id: int
    is_told: bool
    """Differences from what was known before are told."""
    may_be_new: bool
    """Its locale was known in full before, and it stands where somebody looked before."""
    entry: Known | None
    page: Known | None


@dataclass
class Seen:
    """What one crawl was shown, by article."""

    entries: dict[Key, Known] = field(default_factory=dict)
    pages: dict[Key, Known] = field(default_factory=dict)
    places: dict[Key, set[Listing]] = field(default_factory=dict)
    """The listings that showed it."""
    read_to_end: set[Listing] = field(default_factory=set)


@dataclass
class Ledger:
    readings: dict[Key, list[Reading]] = field(default_factory=dict)
    """In the order of recording."""
    status: dict[Key, str] = field(default_factory=dict)
    """What was told of the presence of each article that was ever listed."""
    baselines: dict[str, datetime] = field(default_factory=dict)
    """When each locale was first known in full."""
    doubted: set[tuple[int, str]] = field(default_factory=set)
    """(crawl, locale) of what suspect crawls showed, as long as nobody has accepted them."""
    looked_at: set[tuple[int, Listing]] = field(default_factory=set)
    """(crawl, listing) of each listing that a crawl has read to its end."""
    looked_through: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    """(crawl, locale) of each locale of which a crawl has read all sections that there were; the
    addresses of those that robots.txt kept from it."""
    places: dict[Key, set[Listing]] = field(default_factory=dict)
    """The listings that ever showed an article."""
    last_places: dict[Key, set[Listing]] = field(default_factory=dict)
    """Those of the crawl that saw it last in any."""
    slugs: dict[tuple[str, str], Key] = field(default_factory=dict)
    """(locale, slug) -> the article that has, or had, this address."""

    def learn_addresses(self, centre: Centre) -> None:
        for article in centre.articles.values():
            self.slugs[article.locale, article.slug] = article.key

    def key(self, locale: str, source_id: str | None, slug: str) -> Key:
        """The article that a record speaks of; an address may have passed to another one."""
        if source_id is not None:
            return int(source_id.removeprefix("id")), locale
        return self.slugs[locale, slug]

    # -- what was read ----------------------------------------------------------------------

    def record(
        self,
        crawl_id: int,
        at: datetime,
        reads: Sequence[PageRead],
        kind: str,
        started_at: datetime | None = None,
    ) -> Seen:
        """Notes what a crawl or an import was shown."""
        seen = self.seen(reads)
        for key in seen.entries | seen.pages:
            places = seen.places.get(key, set())
            self.places.setdefault(key, set()).update(places)
            if places:
                self.last_places[key] = places
            is_known_locale = key[1] in self.baselines
            reading = Reading(
                at=at,
                crawl_id=crawl_id,
                is_told=is_known_locale or kind == "import",
                may_be_new=is_known_locale
                and self.baselines[key[1]] <= (started_at or at)
                and (not places or any(map(self.was_looked_at, places))),
                entry=seen.entries.get(key),
                page=seen.pages.get(key),
            )
            self.readings.setdefault(key, []).append(reading)
        self.looked_at |= {(crawl_id, listing) for listing in seen.read_to_end}
        return seen

    def was_looked_at(self, listing: Listing) -> bool:
        """Whether a crawl that is believed has read the listing, or would have, had it been there.

        A section is found from the home page; a search is nowhere but where one asks for it.
        """
        locale, kind, slug = listing
        return any(
            one == listing and (crawl_id, locale) not in self.doubted
            for crawl_id, one in self.looked_at
        ) or (
            kind == "section"
            and any(
                one[1] == locale
                and one not in self.doubted
                and address(locale, f"/section/{slug}") not in kept_from_us
                for one, kept_from_us in self.looked_through.items()
            )
        )

    def look_through(self, crawl_id: int, reads: Sequence[PageRead]) -> None:
        """Notes that a crawl was to read all sections, and what came of it."""
        unread = [
            read.page
            for read in reads
            if read.wanted != "article" and isinstance(read.page, PageUnusable)
        ]
        for locale in LOCALES:
            pages = [page for page in unread if page.locale == locale]
            if all(page.kind == "robots" for page in pages):
                self.looked_through[crawl_id, locale] = {page.url for page in pages}

    def seen(self, reads: Sequence[PageRead]) -> Seen:
        seen = Seen()
        pages_read: dict[Listing, set[int]] = {}
        for read in reads:
            page = read.page
            if isinstance(page, ListingPage):
                listing = (page.locale, page.kind, page.slug)
                read = pages_read.setdefault(listing, set())
                read.add(page.page_number)
                if page.next_url is None and len(read) >= page.page_number:
                    seen.read_to_end.add(listing)
                for entry in page.entries:
                    key = self.key(page.locale, entry.source_id, entry.slug)
                    seen.entries[key] = Known(entry.title, entry.slug, entry.updated_at)
                    seen.places.setdefault(key, set()).add(listing)
            elif isinstance(page, ArticlePage):
                facts = json.loads(read.fetch.body)
                seen.pages[facts["number"], facts["locale"]] = Known(
                    page.title,
                    page.slug,
                    page.updated_at,
                    tuple(tuple(part) for part in facts["text"]),
                    facts["section"],
                )
        return seen

    def known(self) -> dict[Key, Known]:
        """What is known of each article now."""
        newest = {key: list(self._history(key))[-1][2] for key in self.readings}
        # None: only a crawl in doubt has read its page.
        return {key: known for key, known in newest.items() if known is not None}

    def believed(self) -> dict[Key, Known]:
        """What is known of each article, but for what is in doubt."""
        return {
            key: known
            for key in self.readings
            for reading, _, known in self._history(key)
            if known is not None and not self.is_doubted(reading, key)
        }

    def expected(self) -> Counter:
        """(crawl, kind, article) of every change that follows from what was read."""
        found: Counter = Counter()
        for key in self.readings:
            for reading, before, now in self._history(key):
                if self._is_new(reading, key):
                    found[reading.crawl_id, "new", key] += 1
                if before is not None and reading.is_told:
                    found.update((reading.crawl_id, kind, key) for kind in kinds(before, now))
        return found

    def _is_new(self, reading: Reading, key: Key) -> bool:
        """The first record of the article, but for what is in doubt.

        What a doubtful crawl has read is new once its page is read again.
        """
        kept = on_record(self.readings[key])
        earlier = takewhile(lambda one: one is not reading, kept)
        return (
            reading.may_be_new
            and reading in kept
            and all(self.is_doubted(one, key) for one in earlier)
        )

    def is_doubted(self, reading: Reading, key: Key) -> bool:
        return (reading.crawl_id, key[1]) in self.doubted

    def is_vouched(self, key: Key) -> bool:
        """Whether a crawl that is believed has seen the article, as far as that is on record."""
        kept = on_record(self.readings.get(key, []))
        return any(not self.is_doubted(one, key) for one in kept)

    def accept(self, crawl_id: int) -> None:
        """What the crawl showed is believed, but for what later crawls have looked at again.

        Of a locale that was not known before, it was believed all along.
        """
        locales = {locale for doubted, locale in self.doubted if doubted == crawl_id}
        self.doubted = {pair for pair in self.doubted if pair[0] != crawl_id}
        for key, readings in self.readings.items():
            if key[1] not in locales:
                continue
            for at, reading in enumerate(readings):
                was_read = any(one.page for one in readings[: at + 1])
                later = [
                    one
                    for one in readings[at + 1 :]
                    if one.at > reading.at
                    and not self.is_doubted(one, key)
                    and (one.page or not was_read)
                ]
                if reading.crawl_id == crawl_id and later:
                    # Nor does a listing count from now on that it had made needless.
                    readings[:] = [one for one in on_record(readings) if one is not reading]
                    break

    def _history(self, key: Key) -> Iterator[tuple[Reading, Known | None, Known]]:
        """Each reading in the order of time, with what was known before and after it.

        What is in doubt is compared with what was known, and is not known itself.
        """
        known: Known | None = None
        was_read = False
        for reading in sorted(self.readings[key], key=lambda reading: reading.at):
            before = now = known
            for said in filter(None, (reading.entry, reading.page)):
                # Once its own page was read, that page's word stands.
                was_read |= said.text is not None
                if said.text is not None or not was_read:
                    now = joined(now, said)
            yield reading, before, now
            if not self.is_doubted(reading, key):
                known = now

    # -- presence ---------------------------------------------------------------------------

    def relisted(self, crawl_id: int, seen: Seen) -> Counter:
        """What is in a listing again."""
        gone = {
            key
            for key in seen.entries
            if self.status.get(key, "listed") != "listed" and self.was_told_of(key, crawl_id)
        }
        return Counter((crawl_id, "relisted", key) for key in gone if key[1] in self.baselines)

    def was_told_of(self, key: Key, crawl_id: int) -> bool:
        """Whether anybody but this crawl and crawls in doubt has seen the article."""
        others = [one for one in self.readings[key] if one.crawl_id != crawl_id]
        return any(not self.is_doubted(one, key) for one in others)

    def may_be_gone(
        self, truths: Sequence[Mapping[Key, Article]], watched: Watched, trouble: Trouble
    ) -> set[tuple[str, Key]]:
        """Every conclusion on absence that the centre gave reason for during the crawl.

        What went to an address that nobody was told is gone, as far as anybody can see, be it
        unlisted, in a section that nobody looks at or may look at, or in one that was read before
        it came. So is what was told as unlisted and came back at such an address in a listing that
        failed: by then the address that is known decides alone. And what was absent from the
        listings when they were read may be back when its own page is. Where another article stands
        at its address, that address answers.
        """
        found, known = set(), self.known()
        taken = {
            (article.locale, article.slug): article.number
            for truth in truths
            for article in truth.values()
            if article.presence != "removed"
        }
        for key in truths[-1]:
            stages = [truth[key] for truth in truths if key in truth]
            is_listed = all(stage.presence == "listed" for stage in stages)
            has_new_address = key in known and any(known[key].slug != s.slug for s in stages)
            has_moved = len({stage.section for stage in stages}) > 1
            is_shown = self.status.get(key) != "unlisted"
            is_held = all(watched.holds(stage, trouble) for stage in stages)
            is_in_sight = is_shown and not has_moved and is_held
            if is_listed and (is_in_sight or not has_new_address):
                continue
            if has_new_address or any(stage.presence == "removed" for stage in stages):
                found.add(("removed", key))
            owner = key in known and taken.get((key[1], known[key].slug), key[0])
            is_unlisted = not is_listed and any(stage.presence != "removed" for stage in stages)
            if owner != key[0] or is_unlisted:
                found.add(("unlisted", key))
        return found

    def must_be_gone(
        self, centre: Centre, before: Mapping[Key, Known], watched: Watched
    ) -> set[Key]:
        """What a crawl that nothing disturbed must find in no listing any more.

        An article whose page names another section than the one believed `before` may stand in
        that one: the next crawl will show. What nobody believed to be there is new at first. Of
        what stood, or would stand, where nobody looks any more, nobody can say.
        """
        return {
            key
            for key, status in self.status.items()
            if status == "listed"
            and centre.articles[key].presence != "listed"
            and key in before
            and self.sections_known(key, before[key]) == {centre.articles[key].section}
            and self.is_watched(key, before[key], watched)
        }

    def sections_known(self, key: Key, known: Known) -> set[str]:
        """That which its page names; as long as that was not read, those that showed it."""
        if known.section is not None:
            return {known.section}
        return self.sections_that_showed(key)

    def sections_that_showed(self, key: Key) -> set[str]:
        return {slug for _, kind, slug in self.places[key] if kind == "section"}

    def is_watched(self, key: Key, known: Known, watched: Watched) -> bool:
        """Whether all the sections that ever showed the article are read, and its own too; and
        whether anybody looks again where it was seen last, which may have been in a search."""
        sections = self.sections_that_showed(key)
        if not sections or (watched.sections and known.section is None):
            return False
        if not watched.has_search and all(kind == "search" for _, kind, _ in self.last_places[key]):
            return False
        return all(map(watched.holds_section, sections | {known.section}))


def on_record(readings: Sequence[Reading]) -> list[Reading]:
    """Those that are kept: once its own page was read, what a listing says of an article is not."""
    return [
        one
        for at, one in enumerate(readings)
        if one.page or not any(earlier.page for earlier in readings[:at])
    ]


def joined(before: Known | None, now: Known) -> Known:
    """A reading with what was known of the date: an instant outlives a bare day of its own."""
    was = before and before.updated_at
    if now.updated_at is None:
        return replace(now, updated_at=was, is_dated=False)
    if isinstance(was, datetime) and same_moment(was, now.updated_at):
        return replace(now, updated_at=was)
    return now


def kinds(before: Known, after: Known) -> Iterator[str]:
    """The kinds of change between two readings, by the table of the contract."""
    both_read = before.text is not None and after.text is not None
    has_moved = not same_moment(before.updated_at, after.updated_at)
    others = []
    if before.title.split() != after.title.split():
        others.append("retitled")
    if both_read and before.section != after.section:
        others.append("moved")
    if before.slug != after.slug:
        others.append("readdressed")
    yield from others
    if both_read and before.text != after.text:
        yield "updated" if has_moved or not after.is_dated else "silent_edit"
    elif has_moved and not others:
        yield "touched"


def same_moment(one: Moment, other: Moment) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one == other
    return day(one) == day(other)


def day(moment: Moment) -> date:
    return moment.astimezone(ZONE).date() if isinstance(moment, datetime) else moment
