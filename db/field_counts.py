"""What the pages of a crawl said, field by field: shows a reader that has gone blind."""

import sqlite3
from collections.abc import Iterable

from spiders.items import ArticlePage, ListingPage

COUNTED_FIELDS = (
    "source_id", "summary", "category", "section", "published_at", "updated_at", "view_count",
    "title", "body",
)  # fmt: skip
"""Fields of an article page whose presence is counted for each crawl."""


def add_article(connection: sqlite3.Connection, crawl_id: int, page: ArticlePage) -> None:
    """Which fields this very page had, on which its forms disagree, and what is unknown."""
    disagreeing = _named_in(page.disagreements)
    odd = {*disagreeing, *(("unknown nodes",) if page.unknown_nodes else ())}
    _add(
        connection,
        (
            (crawl_id, name, int(getattr(page, name, None) is not None), int(name in disagreeing))
            for name in {*COUNTED_FIELDS, *odd}
        ),
    )


def add_listing(connection: sqlite3.Connection, crawl_id: int, page: ListingPage) -> None:
    """On what the forms of a listing disagree; of how many pages is not kept."""
    names = _named_in(page.disagreements)
    _add(connection, ((crawl_id, f"listing {name}", 0, 1) for name in names))


def _add(connection: sqlite3.Connection, rows: Iterable[tuple[int, str, int, int]]) -> None:
    connection.executemany(
        """
        INSERT INTO field_fills VALUES (?, ?, 1, ?, ?)
        ON CONFLICT (crawl_id, field) DO UPDATE SET
          page_count = page_count + 1,
          known_count = known_count + excluded.known_count,
          disagreement_count = disagreement_count + excluded.disagreement_count
        """,
        rows,
    )


def _named_in(disagreements: Iterable[str]) -> set[str]:
    """The fields of 'field: json 1, html 2'."""
    return {said.split(":", 1)[0] for said in disagreements}
