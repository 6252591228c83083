"""Two rows that turn out to be one article: what a nameless entry left joins the article."""

import sqlite3

NOT_KEPT = frozenset({"article_states"})
"""What was known of an article from a listing alone; its own page has said more."""


def nameless_twins(
    connection: sqlite3.Connection, article_id: int, site_id: int, locale: str, slug: str
) -> list[int]:
    """Articles at the same address of which nothing but listing entries without an id is known.

    A listing that gives no ids makes a row of its own for an article that has moved to another
    address, until the page there names its id.
    """
    found = connection.execute(
        "SELECT id FROM articles WHERE site_id = ? AND locale = ? AND slug = ? AND id != ?"
        " AND source_id IS NULL AND version_id IS NULL",
        [site_id, locale, slug, article_id],
    )
    return [twin_id for (twin_id,) in found]


def merge(connection: sqlite3.Connection, kept_id: int, twin_id: int) -> None:
    """Hands all that refers to the twin to the article that is kept, and removes the twin."""
    _join_presence(connection, kept_id, twin_id)
    for table, column in _references(connection):
        if table not in NOT_KEPT:
            connection.execute(
                f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {column} = ?", [kept_id, twin_id]
            )
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", [twin_id])
    connection.execute(
        """
        UPDATE articles SET
          (listed_title, listed_updated_at, last_seen_at) = (
            SELECT coalesce(twin.listed_title, articles.listed_title),
                   coalesce(twin.listed_updated_at, articles.listed_updated_at),
                   max(twin.last_seen_at, articles.last_seen_at)
            FROM articles twin WHERE twin.id = :twin),
          view_count = (SELECT view_count FROM view_observations WHERE article_id = :kept
                        ORDER BY observed_at DESC LIMIT 1)
        WHERE id = :kept
        """,
        {"kept": kept_id, "twin": twin_id},
    )
    connection.execute("DELETE FROM articles WHERE id = ?", [twin_id])


def _join_presence(connection: sqlite3.Connection, kept_id: int, twin_id: int) -> None:
    """A listing that goes on naming the article under its new address has one unbroken run."""
    connection.execute(
        """
        UPDATE listing_articles AS run SET last_crawl_id = twin.last_crawl_id
        FROM listing_articles AS twin
        WHERE twin.article_id = :twin AND run.article_id = :kept
          AND twin.listing_id = run.listing_id AND run.last_crawl_id <= twin.last_crawl_id
          AND NOT EXISTS (SELECT 1 FROM listing_crawls lc
                          WHERE lc.listing_id = run.listing_id AND lc.is_complete
                            AND lc.crawl_id > run.last_crawl_id
                            AND lc.crawl_id < twin.first_crawl_id)
        """,
        {"kept": kept_id, "twin": twin_id},
    )
    connection.execute(
        """
        DELETE FROM listing_articles AS twin WHERE article_id = :twin AND EXISTS (
          SELECT 1 FROM listing_articles run
          WHERE run.article_id = :kept AND run.listing_id = twin.listing_id
            AND run.first_crawl_id <= twin.first_crawl_id
            AND run.last_crawl_id >= twin.last_crawl_id)
        """,
        {"kept": kept_id, "twin": twin_id},
    )


def _references(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(table, column) of every reference to an article, whatever tables there are."""
    found = connection.execute(
        'SELECT t.name, f."from" FROM pragma_table_list t'
        " JOIN pragma_foreign_key_list(t.name) f ON f.\"table\" = 'articles'"
        " WHERE t.schema = 'main' AND t.type = 'table'"
    )
    return list(found)
