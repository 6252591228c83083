"""A short walk through a help centre: one page of each kind, for `helpwatch check`.

The spider is that of a crawl, with its gate, its patience and its stops; only what it asks for is
another list. A Visit leaves it for each page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from spiders.agenda import Errand, Progress
from spiders.helpcentre import HelpCentreSpider
from spiders.items import ArticlePage, Fetch, HomePage, ListingLink, ListingPage, Page, PageRead

API = "announcements API"
MOST_CATEGORIES = 4
"""Each has a layout of its own: counts here, no updated date there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One page that was asked for, why, and what came of it."""

    purpose: str
    """'home', 'category faq', 'section fees', 'page 2 of fees', 'article of faq', 'search' or
    'announcements API'."""
    read: PageRead
    number: int = 0
    """Of the errand: answers come in any order."""


class Tour:
    """What to ask for: stands in the place of a crawl's agenda. Pure."""

    def __init__(self, site: ModuleType, *, base_url: str):
        self.progress = Progress()
        self._site, self._base_url = site, base_url
        self._purposes: dict[str, str] = {}
        self._category_of: dict[str, str] = {}
        self._has_section: set[str] = set()
        self._has_article: set[str] = set()
        self._has_page_2 = False

    def purpose(self, errand: Errand) -> str:
        return self._purposes[errand.url]

    def number(self, errand: Errand) -> int:
        return list(self._purposes).index(errand.url)

    def begin(self, locale: str, searches: Sequence[Any] = ()) -> list[Errand]:
        """The home page, one search and the API of announcements, where the site has one."""
        home, *others = self._site.start_urls(self._base_url, locale, (), searches)
        errands = list(self._ask("home", home, locale, wanted="home"))
        for url in others[:1]:
            errands += self._ask("search", url, locale)
        if path := getattr(self._site, "ANNOUNCEMENTS_PATH", None):
            errands += self._ask(API, self._base_url + path, locale)
        return errands

    def after(self, errand: Errand, page: Page) -> list[Errand]:
        if isinstance(page, HomePage):
            return list(self._categories(page.listings, errand.locale))
        purpose = self.purpose(errand)
        if not isinstance(page, ListingPage) or purpose in ("search", API):
            return []
        category = self._category_of.get(errand.url) or page.category_slug or page.slug
        return [
            *self._page_2(page, category),
            *self._section(page, category),
            *self._article(page, category),
        ]

    def missing(self) -> list[Errand]:
        """Nothing: a walk misses no article."""
        return []

    def _categories(self, links: Sequence[ListingLink], locale: str) -> Iterator[Errand]:
        found = [link for link in links if link.kind == "category"] or list(links)
        for link in found[:MOST_CATEGORIES]:
            self._category_of[link.url] = link.slug
            yield from self._ask(f"{link.kind} {link.slug}", link.url, locale)

    def _page_2(self, page: ListingPage, category: str) -> Iterator[Errand]:
        if page.next_url and page.page_number == 1 and not self._has_page_2:
            self._has_page_2 = True
            self._category_of[page.next_url] = category
            yield from self._ask(f"page 2 of {page.slug}", page.next_url, page.locale)

    def _section(self, page: ListingPage, category: str) -> Iterator[Errand]:
        """A section's own page, once for each category."""
        for link in page.listings:
            if category in self._has_section:
                return
            if link.kind == "section" and link.slug != page.slug:
                self._has_section.add(category)
                self._category_of[link.url] = category
                yield from self._ask(f"section {link.slug}", link.url, page.locale)

    def _article(self, page: ListingPage, category: str) -> Iterator[Errand]:
        for entry in page.entries:
            if category in self._has_article:
                return
            url = entry.url
            if url is None and entry.slug is not None:
                url = self._site.article_url(self._base_url, page.locale, entry.slug)
            if url is not None:
                self._has_article.add(category)
                yield from self._ask(f"article of {category}", url, page.locale, wanted="article")

    def _ask(
        self, purpose: str, url: str, locale: str, wanted: str = "listing"
    ) -> Iterator[Errand]:
        if url not in self._purposes:
            self._purposes[url] = purpose
            self.progress.pages_asked += 1
            yield Errand(wanted=wanted, locale=locale, url=url, is_door=wanted != "article")


class FirstContactSpider(HelpCentreSpider):
    """Asks for one page of each kind. `robots` is what robots.txt answered, once it did."""

    name = "first_contact"

    def __init__(self, *args: Any, **kwargs: Any):
        self.robots: Fetch | None = None
        super().__init__(*args, **kwargs)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "FirstContactSpider":
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.note_robots, signals.response_received)
        return spider

    def note_robots(self, response: Response) -> None:
        if response.url == f"{self.origin}/robots.txt":
            self.robots = self._fetch(response)

    def _new_agenda(self) -> Tour:
        return Tour(self.site, base_url=self.canonical_base)

    def _item(self, errand: Errand, fetch: Fetch, page: Page) -> Visit:
        read = super()._item(errand, fetch, page)
        agenda = self._agenda
        return Visit(purpose=agenda.purpose(errand), read=read, number=agenda.number(errand))


def kinds_seen(visits: Sequence[Visit]) -> set[str]:
    """The kinds of page that were recognised: home, article, 'page 2', and kinds of listing."""
    seen = set()
    for visit in visits:
        page = visit.read.page
        if isinstance(page, HomePage):
            seen.add("home")
        elif isinstance(page, ArticlePage):
            seen.add("article")
        elif isinstance(page, ListingPage):
            seen |= {page.kind} | ({"page 2"} if page.page_number > 1 else set())
    return seen
