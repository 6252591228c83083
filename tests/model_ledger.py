"""What the changes of each crawl must be, kept apart from all code that works them out.

The ledger is told what the pages of a crawl said, article by article as the centre itself tells
them apart. What was read decides which edits can be known; the centre's own truth decides whether
an article is gone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from model_centre import LOCALES, ZONE, Article, Centre, Text
from model_crawl import Crawled
from spiders.items import ArticlePage, ListingPage, Moment, PageGone

Key = tuple[int, str]
READINGS = ("updated", "silent_edit", "touched", "retitled", "moved", "readdressed")


@dataclass(frozen=True)
class Known:
    """What is known of one article; its text and section are None until its page was read."""

    title: str
    slug: str
    updated_at: Moment
    text: Text | None = None
    section: str | None = None


@dataclass
class Seen:
    """What one crawl was shown, by article."""

    entries: dict[Key, Known] = field(default_factory=dict)
    pages: dict[Key, Known] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)


@dataclass
class Ledger:
    """What is known before the next crawl, and each article's standing as told so far."""

    known: dict[Key, Known] = field(default_factory=dict)
    status: dict[Key, str] = field(default_factory=dict)
    baselines: set[str] = field(default_factory=set)
    slugs: dict[tuple[str, str], Article] = field(default_factory=dict)

    def learn_addresses(self, centre: Centre) -> None:
        """Every address that an article ever had."""
        for article in centre.articles.values():
            self.slugs[article.locale, article.slug] = article

    def seen_by(self, crawled: Crawled) -> Seen:
        seen = Seen()
        for read in crawled.served:
            page = read.page
            if isinstance(page, ListingPage):
                for entry in page.entries:
                    key = self.slugs[page.locale, entry.slug].key
                    seen.entries[key] = Known(entry.title, entry.slug, entry.updated_at)
            elif isinstance(page, ArticlePage):
                key = self.slugs[page.locale, page.slug].key
                seen.pages[key] = Known(page.title, page.slug, page.updated_at, text_of(read))
            elif isinstance(page, PageGone):
                seen.gone.add(self.slugs[page.locale, page.url.rpartition("/")[2]].key)
        return seen

    def readings(self, crawled: Crawled, sections: dict[Key, str]) -> Counter:
        """The changes that follow from what was read: exactly these, and one of each."""
        seen = self.seen_by(crawled)
        found: Counter = Counter()
        for key in [*seen.entries, *(key for key in seen.pages if key not in seen.entries)]:
            before, after = self.known.get(key), self._after(key, seen, sections)
            self.known[key] = after
            if key[1] in self.baselines:
                found.update((kind, key) for kind in kinds(before, after))
        for key in seen.entries:
            if self.status.get(key, "listed") != "listed" and key[1] in self.baselines:
                found["relisted", key] += 1
            self.status[key] = "listed"
        return found

    def _after(self, key: Key, seen: Seen, sections: dict[Key, str]) -> Known:
        """What is known of an article now: its page's word, or a listing's until that is read."""
        before = self.known.get(key)
        if key in seen.pages:
            now = replace(seen.pages[key], section=sections[key])
        elif before and before.text is not None:
            return before
        else:
            now = seen.entries[key]
        if before and same_moment(before.updated_at, now.updated_at):
            instants = [m for m in (before.updated_at, now.updated_at) if isinstance(m, datetime)]
            now = replace(now, updated_at=instants[-1] if instants else now.updated_at)
        return now

    def may_be_gone(self, truths: Iterable[Mapping[Key, Article]]) -> set[tuple[str, Key]]:
        """Every conclusion on absence that is true of the centre at some time of the crawl.

        What went to an address that nobody was told is gone, as far as anybody can see.
        """
        found = set()
        for truth in truths:
            for key, article in truth.items():
                if article.presence != "listed":
                    found.add((article.presence, key))
                    if key in self.known and self.known[key].slug != article.slug:
                        found.add(("removed", key))
        return found

    def must_be_gone(self, centre: Centre) -> set[Key]:
        """What a crawl that nothing disturbed must tell to be in no listing any more."""
        return {
            key
            for key, status in self.status.items()
            if status == "listed" and centre.articles[key].presence != "listed"
        }


def text_of(read) -> Text:
    import json

    return tuple(tuple(part) for part in json.loads(read.fetch.body)["text"])


def kinds(before: Known | None, after: Known) -> Iterator[str]:
    """The kinds of change between two readings, by the table of the contract."""
    if before is None:
        yield "new"
        return
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
        yield "updated" if has_moved else "silent_edit"
    elif has_moved and not others:
        yield "touched"


def same_moment(one: Moment, other: Moment) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one == other
    return day(one) == day(other)


def day(moment: Moment) -> date:
    return moment.astimezone(ZONE).date() if isinstance(moment, datetime) else moment


def locales() -> tuple[str, ...]:
    return LOCALES
