"""The demo's articles as their text files give them.

A file holds articles one after the other: a line `=== slug`, lines `key: value`, an empty line and
the body in the Markdown of `blocks.py`. Dates stand as the pages write them: publication at +08:00
to the minute, creation and update in UTC to the millisecond.
"""

from dataclasses import dataclass
from importlib import resources
from typing import Literal

from spiders.demo.sections import CATEGORY_OF, Category, stable_id

FILES = ("faq.md", "announcements.md", "product_documents.md")
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

    @property
    def category(self) -> Category:
        return CATEGORY_OF[self.section]


def load() -> tuple[Article, ...]:
    """Every article that the centre ever holds, as first published."""
    texts = resources.files("spiders.demo.texts")
    chunks = [
        chunk
        for name in FILES
        for chunk in texts.joinpath(name).read_text(encoding="utf-8").split("=== ")[1:]
    ]
    return tuple(_read(chunk, rank) for rank, chunk in enumerate(chunks))


def _read(chunk: str, rank: int) -> Article:
    head, _, body = chunk.partition("\n\n")
    slug, *lines = head.split("\n")
    facts = dict(line.split(": ", 1) for line in lines)
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
    )
