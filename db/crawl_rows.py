"""The row of a crawl: begun under a name of its own, closed with its counts, marked as partial."""

import json
import secrets
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from db.connection import insert
from db.kinds import CrawlKind, Outcome
from db.moments import to_text
from db.records import Part, Unread

NOT_CRAWLED = "not_crawled"
"""fetches.page_kind of what is watched and was no part of the crawl."""


def begin(
    connection: sqlite3.Connection,
    site_id: int,
    part: Part,
    started_at: datetime,
    parser: str,
    kind: CrawlKind,
) -> int:
    """The row of a crawl that begins, under a name of its own; its id."""
    row = {
        "uid": secrets.token_hex(16),
        "site_id": site_id,
        "kind": kind,
        "locales": json.dumps(part.locales),
        "sections": json.dumps(part.sections),
        "searches": json.dumps(part.searches, ensure_ascii=False),
        "started_at": to_text(started_at),
        "outcome": "running",
        "parser": parser,
    }
    return insert(connection, "crawls", row)


def close(
    connection: sqlite3.Connection, crawl_id: int, outcome: Outcome, finished_at: datetime
) -> None:
    """The outcome and the counts of what a crawl has recorded."""
    connection.execute(
        """
        UPDATE crawls SET outcome = :outcome, finished_at = :finished_at,
          pages_fetched = (SELECT count(*) FROM fetches
                           WHERE crawl_id = :id AND status IS NOT NULL),
          articles_listed = (SELECT count(DISTINCT article_id) FROM listing_articles
                             WHERE last_crawl_id = :id),
          articles_fetched = (SELECT count(DISTINCT article_id) FROM fetches
                              WHERE crawl_id = :id
                              AND page_kind IN ('article', 'not_modified')),
          errors = (SELECT count(*) FROM fetches WHERE crawl_id = :id
                    AND error IS NOT NULL AND page_kind NOT IN ('robots', 'gone'))
        WHERE id = :id
        """,
        {"id": crawl_id, "outcome": outcome, "finished_at": to_text(finished_at)},
    )


def note_unread(
    connection: sqlite3.Connection, crawl_id: int, unread: Iterable[Unread], at: datetime
) -> bool:
    """One row of the log for each locale of which some listing was left out; nothing else would
    tell that the locale was not read in full. Whether anything was noted; may be repeated."""
    noted = connection.execute(
        "SELECT locale FROM fetches WHERE crawl_id = ? AND page_kind = ?", [crawl_id, NOT_CRAWLED]
    ).fetchall()
    news = [one for one in unread if (one.locale,) not in noted]
    for one in news:
        row = {
            "crawl_id": crawl_id,
            "url": one.url,
            "locale": one.locale,
            "wanted": "listing",
            "fetched_at": to_text(at),
            "page_kind": NOT_CRAWLED,
            "error": one.why,
        }
        insert(connection, "fetches", row)
        connection.execute(
            "UPDATE crawls SET errors = errors + 1,"
            " outcome = iif(outcome = 'complete', 'partial', outcome) WHERE id = ?",
            [crawl_id],
        )
    return bool(news)
