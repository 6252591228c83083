"""A help centre that lives, as a model: what it holds, what happens to it, what its pages say.

Nothing here knows how helpwatch stores or compares. A text is a tuple of (paragraph, number) pairs;
how it is written on a page varies in noise alone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

from spiders.items import (
    ArticlePage,
    HomePage,
    ListingEntry,
    ListingLink,
    ListingPage,
    Moment,
    Page,
    PageGone,
)
from spiders.sites import demo

BASE = demo.BASE_URL
ZONE = demo.TIME_ZONE
LOCALES = ("en", "fr")
SECTIONS = {"fees": "faq", "limits": "faq", "news": "announcements"}
PER_PAGE = 3
TERM = "withdrawal"
SEARCH = f"term={TERM}"
FOOTER = "footer"
PARAGRAPHS = {
    "fee": "The fee is {}% of the amount.",
    "link": "See [the terms]({base}{locale}/help/terms-{}).",
    "image": "![a chart]({host}/charts/{}.png{query})",
    "table": "| Coin | Limit |\n| --- | --- |\n| BTC | {} BTC |",
    "item": "- Wait {} days.\n- Ask again.",
    FOOTER: "This page is no offer where the service is not permitted, rule {} included.",
}
Text = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Article:
    """One article in one locale, as the site has it now."""

    number: int
    locale: str
    slug: str
    title: str
    text: Text
    section: str
    published_at: datetime
    updated_at: datetime
    presence: str = "listed"
    is_in_search: bool = False
    views: int = 0

    @property
    def key(self) -> tuple[int, str]:
        return self.number, self.locale

    @property
    def source_id(self) -> str:
        return f"id{self.number}"


@dataclass(frozen=True)
class Look:
    """How the site's pages happen to look in one crawl, and how they are read: all of it noise."""

    seed: int = 0
    form: str = "json"
    entry_form: str = "json"
    parser: str = "model-1"


@dataclass
class Centre:
    """All articles by (number, locale), and the texts and titles that each ever had."""

    articles: dict[tuple[int, str], Article] = field(default_factory=dict)
    past: dict[tuple[int, str], list[Text]] = field(default_factory=dict)
    numbers: int = 0
    """Counts up: every new word, figure or slug gets a number of its own."""
    closed: set[str] = field(default_factory=set)
    """Sections that no page names any more."""
    has_given_away: bool = False
    """An address of one article has passed to another one."""
    lasting_gap: int = 0
    """Entries that the section `news` always claims and never shows."""

    def fresh(self) -> int:
        self.numbers += 1
        return self.numbers

    def section(self, pick: int) -> str:
        """One of the sections that there are."""
        sections = [slug for slug in SECTIONS if slug not in self.closed]
        return sections[pick % len(sections)]

    def put(self, article: Article) -> None:
        self.articles[article.key] = article
        texts = self.past.setdefault(article.key, [])
        if article.text not in texts:
            texts.append(article.text)

    def change(self, key: tuple[int, str], **facts) -> None:
        self.put(replace(self.articles[key], **facts))

    def listed(self, locale: str, slug: str) -> list[Article]:
        """The articles of a listing, newest first."""
        found = [
            article
            for article in self.articles.values()
            if article.locale == locale
            and article.presence == "listed"
            and (article.is_in_search if slug == SEARCH else article.section == slug)
        ]
        return sorted(found, key=lambda article: (article.published_at, article.number))[::-1]


# Pages


def address(locale: str, path: str = "") -> str:
    return f"{BASE}{'' if locale == 'en' else f'/{locale}'}/help{path}"


def start_urls(base_url: str, locale: str, sections=(), searches=()) -> list[str]:
    begin = [address(locale, f"/section/{slug}") for slug in sections] or [address(locale)]
    return begin + [address(locale, f"/search?term={search['term']}") for search in searches]


def page_at(centre: Centre, url: str, look: Look) -> Page:
    """What stands at an address now."""
    locale = "fr" if url.startswith(f"{BASE}/fr/") else "en"
    path = url.removeprefix(address(locale))
    if not path:
        return HomePage(
            locale=locale,
            url=url,
            listings=tuple(
                ListingLink(kind="section", slug=slug, url=address(locale, f"/section/{slug}"))
                for slug in SECTIONS
                if slug not in centre.closed
            ),
        )
    if path.startswith(("/section/", "/search?")):
        return _listing_page(centre, locale, url, path, look)
    for article in centre.articles.values():
        if address(article.locale, f"/{article.slug}") == url and article.presence != "removed":
            return article_page(recorded_facts(article), look)
    return PageGone(locale=locale, url=url, reason="answers 404")


def _listing_page(centre: Centre, locale: str, url: str, path: str, look: Look) -> ListingPage:
    path, _, number = path.partition("/page/")
    slug = path.rpartition("/")[2].removeprefix("search?")
    page_number = int(number or 1)
    entries = centre.listed(locale, slug)
    shown = entries[(page_number - 1) * PER_PAGE : page_number * PER_PAGE]
    is_last = page_number * PER_PAGE >= len(entries)
    first = address(locale, path)
    place = {}
    if slug != SEARCH:
        place = {"section": slug.title(), "section_slug": slug, "category_slug": SECTIONS[slug]}
    return ListingPage(
        locale=locale,
        kind="search" if slug == SEARCH else "section",
        slug=slug,
        url=first,
        title=slug.title(),
        page_number=page_number,
        claimed_total=len(entries) + (centre.lasting_gap if slug == "news" else 0),
        entries=tuple(_entry(article, look) for article in shown),
        next_url=None if is_last else f"{first}/page/{page_number + 1}",
        parser=look.parser,
        **place,
    )


def _entry(article: Article, look: Look) -> ListingEntry:
    is_json = look.entry_form == "json"
    updated = article.updated_at if is_json else article.updated_at.astimezone(ZONE).date()
    return ListingEntry(
        title=_noisy_title(article.title, Random(f"{look.seed} {article.key}")),
        slug=article.slug,
        url=address(article.locale, f"/{article.slug}"),
        source_id=article.source_id if is_json else None,
        summary=f"An excerpt, {look.seed}",
        published_at=article.published_at,
        updated_at=updated,
        view_count=article.views if article.section != "news" else None,
    )


def recorded_facts(article: Article) -> bytes:
    """The bytes of an article's page: all that it can say, in whatever form it is read."""
    names = ("number", "locale", "slug", "title", "text", "section")
    facts = {name: getattr(article, name) for name in names}
    for name in ("published_at", "updated_at"):
        facts[name] = getattr(article, name).isoformat()
    return json.dumps(facts).encode()


def article_page(body: bytes, look: Look) -> ArticlePage:
    """An article's page as the reader `look.parser` reads it in the form `look.form`."""
    facts = json.loads(body)
    noise = Random(f"{look.seed} {facts['number']} {facts['locale']}")
    updated = datetime.fromisoformat(facts["updated_at"])
    return ArticlePage(
        locale=facts["locale"],
        slug=facts["slug"],
        url=address(facts["locale"], f"/{facts['slug']}"),
        title=_noisy_title(facts["title"], noise),
        body=_body(facts["text"], look, noise),
        source_id=f"id{facts['number']}",
        category=SECTIONS[facts["section"]].title(),
        category_slug=SECTIONS[facts["section"]],
        section=facts["section"].title(),
        section_slug=facts["section"],
        published_at=datetime.fromisoformat(facts["published_at"]),
        updated_at=_shown(updated, facts["section"], look.form),
        form=look.form,
        parser=look.parser,
    )


def _shown(updated: datetime, section: str, form: str) -> Moment | None:
    """Readers see a day, and in announcements none; the data has the instant."""
    if form == "json":
        return updated
    return None if section == "news" else updated.astimezone(ZONE).date()


def _noisy_title(title: str, noise: Random) -> str:
    return title.replace(" ", noise.choice([" ", "  ", "\u00a0"]))


def _body(text: Text, look: Look, noise: Random) -> str:
    """Canonical Markdown with noise. Each form and each reader writes some things its own way."""
    body = "\n\n".join(_paragraphs(text, noise)) + "\n"
    if look.form == "html":
        body = body.replace("the amount", "the *amount*").replace("Wait", "Please wait")
    if look.parser != "model-1":
        body = f"Read by {look.parser}.\n\n{body.replace('Coin', 'Coin name')}"
    return body


def _paragraphs(text: Text, noise: Random) -> Iterator[str]:
    for kind, number in text:
        paragraph = PARAGRAPHS[kind].format(
            number,
            base=BASE,
            locale=noise.choice(["", "/fr", "/en-eu"]),
            host=noise.choice(["https://a.example", "https://b.example"]),
            query=noise.choice(["", "?v=1", "?v=2"]),
        )
        if kind in ("fee", FOOTER):
            paragraph = paragraph.replace(" is ", noise.choice([" is ", " is  ", "\u00a0is "]))
        yield paragraph


def first_day() -> datetime:
    return datetime(2026, 1, 1, 6, tzinfo=UTC)
