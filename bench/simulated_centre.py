"""A simulated help centre of real size, for measuring the store: 148 KB pages, days that pass.

The chrome is what real pages have most of: navigation, footer, scripts with their data, class
names with hashes. An article's own text stands on its page twice, as a rich-text tree in the page's
data and as markup; a trace id, a render time and related articles differ on every fetch.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from spiders.items import ArticlePage, Fetch, ListingEntry, ListingPage, PageRead

BASE = "https://www.okx.com"
START = datetime(2025, 1, 1, 6, tzinfo=UTC)
PAGE_BYTES = 148_000
ENTRIES_A_PAGE = 15
ARTICLES_A_SECTION = 150
TEXT_CHARS = (600, 2_200, 9_000)
"""Least, usual and most characters of an article's text; the real sample page has 2,195."""

KNOWN_TITLES = (
    "How do I set up a recurring buy plan?",
    "How do I add my emergency contact?",
    "Affiliate FAQ",
)
"""Articles that the README's questions ask for."""


@dataclass
class Words:
    """Made-up words, few of them frequent and most of them rare, as in any language."""

    random: Random
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        onsets = [*"bcdfghjklmnprstvw", "st", "tr", "pl", "ch", "sh", "gr"]
        vowels = [*"aeiou", "ea", "ai", "ou", "ee"]
        ends = ["", "", "n", "r", "s", "t", "l", "nd", "rt", "ng"]
        while len(self.words) < 4_000:
            parts = self.random.choices((1, 2, 3), (3, 4, 2))[0]
            word = "".join(
                self.random.choice(onsets) + self.random.choice(vowels) for _ in range(parts)
            )
            self.words.append(word + self.random.choice(ends))
        self._weights = [1 / (rank + 3) for rank in range(len(self.words))]

    def some(self, count: int) -> str:
        return " ".join(self.random.choices(self.words, self._weights, k=count))

    def sentence(self) -> str:
        figures = self.random.random() < 0.2
        tail = f" {self.random.randrange(1, 2_000)}.{self.random.randrange(99)}%" if figures else ""
        return f"{self.some(self.random.randrange(6, 22)).capitalize()}{tail}. "


@dataclass
class Article:
    """One simulated article as it stands."""

    number: int
    title: str
    slug: str
    source_id: str
    paragraphs: list[str]
    published_at: datetime
    updated_at: datetime
    view_count: int | None
    views_per_day: float

    @property
    def section(self) -> str:
        return f"section-{self.number // ARTICLES_A_SECTION}"

    @property
    def category(self) -> str:
        return "FAQ" if self.view_count is not None else "Announcements"

    @property
    def url(self) -> str:
        return f"{BASE}/help/{self.slug}"

    @property
    def body(self) -> str:
        return "\n\n".join(self.paragraphs) + "\n"


class Centre:
    """The centre with its articles; the same for the same seed."""

    def __init__(self, articles: int, seed: int = 1, counted_share: float = 0.4):
        self.random = Random(seed)
        self.words = Words(self.random)
        self._chrome = self._make_chrome()
        counted = int(articles * counted_share)
        self.articles = [self._article(number, number < counted) for number in range(articles)]

    def _article(self, number: int, is_counted: bool) -> Article:
        title = (
            KNOWN_TITLES[number]
            if number < len(KNOWN_TITLES)
            else self.words.some(self.random.randrange(5, 11)).capitalize()
        )
        slug = title.lower().replace(" ", "-").replace("?", "")
        if number >= len(KNOWN_TITLES):
            slug = f"{slug}-{number}"
        least, usual, most = TEXT_CHARS
        chars = min(most, max(least, self.random.lognormvariate(0, 0.6) * usual * 0.78))
        paragraphs: list[str] = []
        while sum(map(len, paragraphs)) < chars:
            paragraphs.append(
                "".join(self.words.sentence() for _ in range(self.random.randrange(1, 5))).strip()
            )
        if number % 25 == 0:
            paragraphs.append("A withdrawal fee of 0.10% is charged.")
        published = START - timedelta(days=self.random.randrange(10, 900), hours=3)
        return Article(
            number=number,
            title=title,
            slug=slug,
            source_id=f"{self.random.getrandbits(120):022x}",
            paragraphs=paragraphs,
            published_at=published,
            updated_at=published + timedelta(days=self.random.randrange(10)),
            view_count=self.random.randrange(40, 200_000) if is_counted else None,
            views_per_day=self.random.lognormvariate(2, 1.2) + 1.5,
        )

    # -- time -------------------------------------------------------------------------------

    def pass_a_day(self, day: int, changed_share: float) -> list[Article]:
        """Views grow; some articles get another sentence and another date. Returns those."""
        for article in self.articles:
            if article.view_count is not None:
                article.view_count += 1 + int(self.random.expovariate(1 / article.views_per_day))
        changed = self.random.sample(self.articles, int(len(self.articles) * changed_share))
        for article in changed:
            at = self.random.randrange(len(article.paragraphs))
            article.paragraphs[at] = (
                article.paragraphs[at].rsplit(". ", 1)[0] + ". " + self.words.sentence().strip()
            )
            article.updated_at = START + timedelta(days=day, hours=-self.random.randrange(1, 20))
        return changed

    # -- pages ------------------------------------------------------------------------------

    def listing_reads(self, at: datetime) -> Iterator[PageRead]:
        """Every page of every section's listing."""
        for first in range(0, len(self.articles), ARTICLES_A_SECTION):
            held = self.articles[first : first + ARTICLES_A_SECTION]
            pages = range(0, len(held), ENTRIES_A_PAGE)
            for number, start in enumerate(pages, 1):
                yield self._listing_read(held, start, number, number == len(pages), at)

    def _listing_read(
        self, held: list[Article], start: int, number: int, is_last: bool, at: datetime
    ) -> PageRead:
        slug = held[0].section
        url = f"{BASE}/help/section/{slug}"
        page = ListingPage(
            locale="en",
            kind="section",
            slug=slug,
            url=url,
            title=slug.title(),
            section=slug.title(),
            section_slug=slug,
            page_number=number,
            claimed_total=len(held),
            next_url=None if is_last else f"{url}/page/{number + 1}",
            entries=tuple(
                ListingEntry(
                    title=article.title,
                    slug=article.slug,
                    url=article.url,
                    source_id=article.source_id,
                    published_at=article.published_at,
                    updated_at=article.updated_at,
                    view_count=article.view_count,
                )
                for article in held[start : start + ENTRIES_A_PAGE]
            ),
        )
        fetch = Fetch(
            url=url if number == 1 else f"{url}/page/{number}",
            fetched_at=at,
            status=200,
            body=b" " * 150_000,
            elapsed_ms=240,
        )
        return PageRead(fetch=fetch, page=page, wanted="listing")

    def article_read(self, article: Article, at: datetime) -> PageRead:
        """The article's own page, with its bytes."""
        page = ArticlePage(
            locale="en",
            slug=article.slug,
            url=article.url,
            title=article.title,
            body=article.body,
            source_id=article.source_id,
            summary=article.paragraphs[0][:160],
            category=article.category,
            category_slug=article.category.lower(),
            section=article.section.title(),
            section_slug=article.section,
            published_at=article.published_at,
            created_at=article.published_at,
            updated_at=article.updated_at,
            shows_updated_date=True,
            view_count=article.view_count,
            parser="okx-1",
        )
        fetch = Fetch(
            url=article.url,
            fetched_at=at,
            status=200,
            body=self.html(article, at),
            content_type="text/html; charset=utf-8",
            elapsed_ms=310,
            etag=f'W/"{self.random.getrandbits(64):x}"',
        )
        return PageRead(fetch=fetch, page=page, wanted="article")

    def confirming(self, read: PageRead, at: datetime) -> PageRead:
        """The same page fetched again: another trace id, the same text."""
        return replace(read, fetch=replace(read.fetch, fetched_at=at))

    def html(self, article: Article, at: datetime) -> bytes:
        """The page as the server would send it."""
        trace = f"{self.random.getrandbits(128):032x}"
        tree = {
            "nodeType": "document",
            "data": {},
            "content": [
                {
                    "nodeType": "paragraph",
                    "data": {},
                    "content": [{"nodeType": "text", "value": text, "marks": [], "data": {}}],
                }
                for text in article.paragraphs
            ],
        }
        post = {
            "id": article.source_id,
            "slug": article.slug,
            "title": article.title,
            "publishTime": article.published_at.isoformat(),
            "updatedAt": article.updated_at.isoformat(),
            "richTextContent": tree,
            "traceId": trace,
            "renderedAt": at.timestamp(),
        }
        others = self.random.sample(self.articles, min(4, len(self.articles)))
        related = "".join(
            f'<li class="index_related__k2Jq0"><a href="/help/{o.slug}">{o.title}</a></li>'
            for o in others
        )
        text = "".join(f"<p>{text}</p>" for text in article.paragraphs)
        head, middle, foot = self._chrome
        return (
            f"{head}<title>{article.title}</title><meta name=trace content={trace}>"
            f"<script type='application/json' id='appState'>{json.dumps(post)}</script>"
            f"{middle}<article aria-label='{article.title}'><h1>{article.title}</h1>"
            f"<div class='index_richTextContent__x9H5y'>{text}</div><ul>{related}</ul></article>"
            f"{foot}<script>window.__trace='{trace}';window.__at={at.timestamp()}</script></html>"
        ).encode()

    def _make_chrome(self) -> tuple[str, str, str]:
        """Head, what stands before the article, and the footer: the same on all pages."""
        usual = PAGE_BYTES - 2 * TEXT_CHARS[1] - 2_000
        return (
            "<!doctype html><html lang=en>" + self._data("header", usual // 3),
            self._navigation(usual // 3),
            self._data("footer", usual // 6) + self._navigation(usual // 6),
        )

    def _data(self, name: str, size: int) -> str:
        entries = {}
        while sum(map(len, entries)) + sum(map(len, entries.values())) < size * 0.85:
            key = f"{name}_{self.words.some(3).replace(' ', '_')}_{len(entries)}"
            entries[key] = self.words.some(self.random.randrange(2, 12))
        return f"<script type='application/json' id='{name}'>{json.dumps(entries)}</script>"

    def _navigation(self, size: int) -> str:
        links: list[str] = []
        while sum(map(len, links)) < size:
            name = self.words.some(2)
            links.append(
                f'<li class="nav-item_{self.random.getrandbits(24):06x}"><a class="nav-link_Xy2"'
                f' href="/{name.replace(" ", "-")}"><div class="nav-title">{name}</div>'
                f'<div class="nav-desc">{self.words.some(6)}</div></a></li>'
            )
        return f"<nav><ul>{''.join(links)}</ul></nav>"
