"""The demo's search: which articles a term finds, in which order, each with its excerpt.

The excerpt is chosen for the term: another term, another excerpt of the same text.
"""

from urllib.parse import urlencode

from spiders.demo import blocks
from spiders.demo.articles import Article
from spiders.demo.centre import Centre
from spiders.demo.sections import Category

EXCERPT_LENGTH = 320


def found(centre: Centre, category: Category | None, term: str) -> list[Article]:
    """Listed articles that hold any word of the term, in title or text; all for an empty term."""
    words = term.casefold().split()
    return sorted(
        (
            article
            for article in centre.listed(category)
            if not words or any(word in _haystack(article) for word in words)
        ),
        key=lambda article: article.rank,
    )


def excerpt(article: Article, term: str) -> str:
    """Some blocks of the text, from the first one on that holds a word of the term."""
    words = term.casefold().split()
    parsed = blocks.parse(article.body)
    texts = [blocks.plain(block) for block in parsed]
    start = next(
        (n for n, text in enumerate(texts) if any(word in text.casefold() for word in words)), 0
    )
    parts = ""
    for block, text in zip(parsed[start:], texts[start:], strict=True):
        if parts and len(parts) + len(text) > EXCERPT_LENGTH:
            break
        # A heading stands glued to the text before it, as in the real excerpts.
        glue = "" if isinstance(block, blocks.Heading) or not parts else " "
        parts += glue + text if text else ""
    return parts


def _haystack(article: Article) -> str:
    return f"{article.title}\n{article.body}".casefold()


def address(category: Category | None, term: str) -> str:
    """Address of a search's first page, as its tab links it."""
    return "/help/search?" + urlencode(
        {"category": category.slug if category else "all", "term": term}
    )


def page_address(path: str, number: int) -> str:
    """Address of another page of a listing or search, from that of its first page."""
    if number == 1:
        return path
    return f"{path}&page={number}" if "?" in path else f"{path}/page/{number}"
