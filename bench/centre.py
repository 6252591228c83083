"""A help centre made for measuring: articles of real length in twelve sections, and days that pass.

The same seed gives the same centre. Texts are made of an invented language in which few words are
frequent and most are rare, as in any; a tenth of the sentences carry a figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

ORIGIN = "https://www.okx.com"
FIRST_DAY = datetime(2026, 1, 5, 6, tzinfo=UTC)
TEXT_CHARS = (500, 2_200, 12_000)
"""Least, usual and most characters of a text; the saved real article has 2,195."""
SENTENCES = 4_000
VIEWED_SHARE = 0.5
"""Share of an article's listed kin that show view counts: the FAQ's."""


@dataclass(frozen=True, slots=True)
class Section:
    slug: str
    title: str
    category: str


CATEGORIES = {"faq": "FAQ", "announcements": "Announcements"}
SECTIONS = tuple(
    Section(f"{category}-topic-{number}", f"Topic {number}", category)
    for category in CATEGORIES
    for number in range(1, 7)
)
"""As many as a real centre has, whatever its size: larger centres have longer sections."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list or table; `texts` are its words, items or rows of cells."""

    kind: str
    texts: Sequence


@dataclass(slots=True)
class Article:
    """One article as it stands."""

    source_id: str
    slug: str
    title: str
    section: Section
    published_at: datetime
    updated_at: datetime
    blocks: list[Block]
    view_count: int | None

    @property
    def path(self) -> str:
        return f"/help/{self.slug}"


class Centre:
    """All articles; `sections[slug]` holds those of a section, newest first."""

    def __init__(self, article_count: int, seed: int = 1):
        self._random = Random(seed)
        self._sentences = _sentences(self._random)
        self.day = 1
        self.articles = [self._article(number) for number in range(article_count)]
        self.sections = {
            section.slug: [a for a in self.articles if a.section is section] for section in SECTIONS
        }

    def pass_a_day(self, edited_share: float) -> list[Article]:
        """Edits some articles, with a new updated date, and lets views grow on such a day.

        The articles that look different in any listing or on their page; none where nothing is
        edited: an unchanged day.
        """
        self.day += 1
        edited = self._random.sample(self.articles, round(len(self.articles) * edited_share))
        for article in edited:
            at = next(n for n, block in enumerate(article.blocks) if block.kind == "paragraph")
            article.blocks[at] = self._paragraph()
            article.updated_at = FIRST_DAY + timedelta(days=self.day - 1, hours=-2)
        if not edited:
            return []
        for article in self.articles:
            if article.view_count is not None:
                article.view_count += self._random.randrange(1, 60)
        return [a for a in self.articles if a.view_count is not None] + [
            a for a in edited if a.view_count is None
        ]

    def neighbours(self, article: Article) -> list[Article]:
        """Four articles that its page names beside it."""
        others = self.sections[article.section.slug]
        start = sum(article.slug.encode()) % len(others)
        return [others[(start + step) % len(others)] for step in range(4)]

    def _article(self, number: int) -> Article:
        section = SECTIONS[number % len(SECTIONS)]
        title = self._sentence().rstrip(".")
        published = FIRST_DAY - timedelta(days=2, hours=3, minutes=41 * number)
        return Article(
            source_id=f"{self._random.getrandbits(110):022x}",
            slug=f"{'-'.join(title.lower().split()[:9])}-{number}".replace("%", ""),
            title=title,
            section=section,
            published_at=published,
            updated_at=published + timedelta(days=self._random.randrange(2)),
            blocks=self._blocks(),
            view_count=self._random.randrange(40, 90_000) if section.category == "faq" else None,
        )

    def _blocks(self) -> list[Block]:
        least, usual, most = TEXT_CHARS
        wanted = min(most, max(least, self._random.lognormvariate(0, 0.6) * usual * 0.83))
        blocks, chars = [self._paragraph()], 0
        while chars < wanted:
            block = self._block()
            blocks.append(block)
            chars += sum(len(text) if isinstance(text, str) else 40 for text in block.texts)
        return blocks

    def _block(self) -> Block:
        kind = self._random.choices(("paragraph", "heading", "list", "table"), (12, 3, 3, 1))[0]
        if kind == "heading":
            return Block(kind, [self._sentence().rstrip(".")])
        if kind == "list":
            return Block(kind, [self._sentence() for _ in range(self._random.randrange(2, 6))])
        if kind == "table":
            figures = [f"{self._random.randrange(1, 99)}.{n:02}%" for n in range(12)]
            rows = zip(*[iter(figures)] * 3, strict=True)
            return Block(kind, [["Level", "Maker", "Taker"], *rows])
        return self._paragraph()

    def _paragraph(self) -> Block:
        return Block("paragraph", [self._sentence() for _ in range(self._random.randrange(1, 5))])

    def _sentence(self) -> str:
        """One of many, with a word of its own, so that no two texts are the same."""
        words = self._random.choice(self._sentences)
        return f"{words} {self._random.getrandbits(20):x}."


def _sentences(random: Random) -> list[str]:
    words = []
    while len(words) < 4_000:
        syllables = random.choices((1, 2, 3, 4), (2, 4, 3, 1))[0]
        words.append("".join(_syllable(random) for _ in range(syllables)))
    weights = [1 / (rank + 3) for rank in range(len(words))]
    found = []
    for _ in range(SENTENCES):
        picked = random.choices(words, weights, k=random.randrange(5, 20))
        figure = f" {random.randrange(1, 90)}.{random.randrange(99):02}%"
        found.append(" ".join(picked).capitalize() + (figure if random.random() < 0.1 else ""))
    return found


def _syllable(random: Random) -> str:
    return random.choice("bdfgklmnprstvw") + random.choice("aeiou") + random.choice(("", "n", "r"))
