"""Pages that come in another language than their article: a text of another page, or a switch.

Some sites choose the language by where they are asked from, whatever the address and the request
say. One such answer would tell an edit of the whole text, and the next one another.
"""

import sqlite3

from spiders.items import ArticlePage, PageUnusable

KIND = "other_language"
"""fetches.page_kind of such a page."""


def main_language(tag: str | None) -> str:
    """'en' of 'en-au'; Chinese with its script, which is another text."""
    parts = (tag or "").lower().replace("_", "-").split("-")
    return "-".join(parts[: 2 if parts[0] == "zh" else 1])


def is_foreign(
    connection: sqlite3.Connection,
    crawl_id: int,
    article_id: int,
    known: str | None,
    said: str | None,
) -> bool:
    """Whether a page in the language `said` is to be asked for again before it is believed.

    An article that came so in the crawl before has been switched.
    """
    was, now = main_language(known), main_language(said)
    if not was or not now or was == now:
        return False
    row = connection.execute(
        "SELECT page_kind FROM fetches WHERE article_id = ? AND crawl_id != ?"
        " ORDER BY fetched_at DESC, id DESC LIMIT 1",
        [article_id, crawl_id],
    ).fetchone()
    return row is None or row[0] != KIND


def unusable(page: ArticlePage, known: str | None) -> PageUnusable:
    """What such a page is recorded as."""
    return PageUnusable(
        locale=page.locale,
        url=page.url,
        kind=KIND,
        message=f"The page came in {page.language}, not in {known} as before; ask again later",
    )
