"""What a report could not look at, and since when: the sentences of its gap statement."""

import sqlite3
from collections.abc import Sequence
from datetime import tzinfo

from db import evidence, queries
from db.records import Crawl
from reports import wording


def not_checked(
    connection: sqlite3.Connection, newest: Crawl, crawls: Sequence[Crawl], zone: tzinfo
) -> tuple[str, ...]:
    """What the newest crawl did not look at, and which earlier ones say little."""
    found = queries.unread_pages(connection, newest.id)
    # What failed comes before what we may not ask for.
    found.sort(key=lambda page: page.kind == "robots")
    read_at = evidence.last_read(connection, [page.url for page in found], newest.id)
    earlier = [crawl for crawl in crawls if crawl.kind == "crawl" and crawl.id != newest.id]
    waiting, longest_ago = queries.articles_not_read(connection, newest)
    return (
        *(wording.unread_page(page, read_at.get(page.url), zone) for page in found),
        *(_in_doubt(crawl) for crawl in earlier if not _is_sound(crawl)),
        *([wording.not_read_again(waiting, longest_ago, zone)] if waiting else []),
    )


def _is_sound(crawl: Crawl) -> bool:
    verdict = crawl.health.get("verdict")
    is_accepted = crawl.health.get("is_accepted", False)
    return crawl.outcome == "complete" and (verdict in (None, "healthy") or is_accepted)


def _in_doubt(crawl: Crawl) -> str:
    verdict = crawl.health.get("verdict", "not judged")
    return (
        f"Crawl {crawl.id} of {crawl.started_at:%Y-%m-%d} was {crawl.outcome} ({verdict}); "
        "see its own report."
    )
