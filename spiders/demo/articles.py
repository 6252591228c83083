"""The demo's articles as their text files give them.

What a translation's file does not say is as in the English one.

A file holds articles one after the other: a line `=== slug`, lines `key: value`, an empty line and
the body in the Markdown of `blocks.py`. Dates stand as the pages write them: publication at +08:00
to the minute, creation and update in UTC to the millisecond.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

from spiders.demo.editions import EDITIONS, ENGLISH, Edition
from spiders.demo.sections import Category, Section, stable_id

Answer = Literal["article", "gone", "home"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article on one day. `answer` is what its address gives; `views` those of its first day.

    `rank` is its place in a search: results come neither by date nor by title.
    """

    slug: str
    source_id: str
    title: str
    section: str
    published: str
    created: str
    updated: str
    body: str
    is_rich_text: bool = True
    views: int | None = None
    first_day: int = 1
    is_listed: bool = True
    answer: Answer = "article"
    rank: int = 0
    edition: Edition = ENGLISH

    @property
    def place(self) -> tuple[Category, Section]:
        """Its category and its section."""
        return self.edition.section_named(self.section)

    @property
    def category(self) -> Category:
        return self.place[0]


@lru_cache
def load(edition: Edition = ENGLISH) -> tuple[Article, ...]:
    """Every article that the centre ever holds, as first published."""
    texts = resources.files("spiders.demo.texts")
    chunks = [
        chunk
        for name in edition.files
        for chunk in texts.joinpath(name).read_text(encoding="utf-8").split("=== ")[1:]
    ]
    original = {} if edition is ENGLISH else {article.slug: article for article in load()}
    return tuple(_read(chunk, rank, edition, original) for rank, chunk in enumerate(chunks))


def editions_with(slug: str) -> tuple[Edition, ...]:
    """The editions that hold an article."""
    return tuple(
        edition for edition in EDITIONS if any(article.slug == slug for article in load(edition))
    )


def _read(chunk: str, rank: int, edition: Edition, original: Mapping[str, Article]) -> Article:
    head, _, body = chunk.partition("\n\n")
    slug, *lines = head.split("\n")
    facts = dict(line.split(": ", 1) for line in lines)
    if slug in original:
        facts = _shared(original[slug]) | facts
    return Article(
        slug=slug,
        source_id=stable_id(slug),
        title=facts["title"],
        section=facts["section"],
        published=facts["published"],
        created=facts["created"],
        updated=facts["updated"],
        body=body.strip("\n"),
        is_rich_text=facts.get("form", "rich text") == "rich text",
        views=int(facts["views"]) if "views" in facts else None,
        first_day=int(facts.get("day", 1)),
        rank=rank,
        edition=edition,
    )


def _shared(article: Article) -> dict[str, str]:
    """What an article has in common with its translations, as a file would say it."""
    facts = {
        "section": article.section,
        "published": article.published,
        "created": article.created,
    }
    return facts if article.views is None else facts | {"views": str(article.views)}
