"""An older capture recorded later takes its place in time, between what was known before and after.

What stood before it was seen to stand again by later readings, of which no row was kept, because
nothing differed then. The first of them becomes a state, and where the text differed a version, so
that each neighbour in time is compared with the right one.
"""

import json
import sqlite3
from typing import Any

from db import queries
from db.connection import insert
from db.kinds import READING_KINDS
from db.versions import VersionRecorder

NEIGHBOURS = """
SELECT * FROM article_states
WHERE article_id = :article AND (observed_at, id) {sign} (:at, :id)
ORDER BY observed_at {order}, id {order} LIMIT 1
"""
CONFIRMED_BY_PAGE = """
SELECT crawl_id, fetched_at AS observed_at FROM fetches
WHERE article_id = :article AND version_id = :version AND page_kind IN ('article', 'not_modified')
  AND fetched_at > :at AND (:until IS NULL OR fetched_at < :until)
ORDER BY fetched_at, id LIMIT 1
"""
CONFIRMED_BY_LISTING = """
SELECT c.id AS crawl_id, c.started_at AS observed_at FROM crawls c
JOIN listing_articles la ON la.article_id = :article
  AND la.first_crawl_id <= c.id AND la.last_crawl_id >= c.id
JOIN listing_crawls lc ON lc.crawl_id = c.id AND lc.listing_id = la.listing_id
WHERE c.kind = 'crawl' AND c.started_at > :at AND (:until IS NULL OR c.started_at < :until)
ORDER BY c.started_at, c.id LIMIT 1
"""


def is_latest(connection: sqlite3.Connection, state_id: int) -> bool:
    """Whether no later state of the article is known."""
    state = _state(connection, state_id)
    return _neighbour(connection, state, ">", "ASC") is None


def resume(connection: sqlite3.Connection, versions: VersionRecorder, state_id: int) -> None:
    """Lets what stood before a newly recorded state stand again from its next reading on."""
    state = _state(connection, state_id)
    before = _neighbour(connection, state, "<", "DESC")
    if before is None or (before["version_id"] is None) != (state["version_id"] is None):
        return
    after = _neighbour(connection, state, ">", "ASC")
    reading = _next_reading(connection, before, state, after)
    if reading is not None:
        again = {name: value for name, value in before.items() if name != "id"}
        insert(connection, "article_states", again | reading)
    elif after and after["version_id"] == before["version_id"]:
        reading = {name: after[name] for name in ("crawl_id", "observed_at")}
    if reading is not None and before["version_id"] != state["version_id"]:
        repeated_id = versions.repeat(
            before["version_id"], reading["crawl_id"], reading["observed_at"]
        )
        _refer_to_repeated(connection, before["version_id"], repeated_id, reading)


def forget_listings(connection: sqlite3.Connection, state_id: int) -> None:
    """Takes back what listings alone said of an article after the time of a page now recorded.

    Once a page was read, a listing is only a reason to read it again; so it would have been, had
    this page been recorded in its time.
    """
    state = _state(connection, state_id)
    if state["version_id"] is None:
        return
    values = {
        "article": state["article_id"],
        "at": state["observed_at"],
        "kinds": json.dumps(READING_KINDS),
    }
    connection.execute(
        """
        DELETE FROM changes WHERE article_id = :article
          AND kind IN (SELECT value FROM json_each(:kinds))
          AND crawl_id IN (SELECT crawl_id FROM article_states WHERE article_id = :article
                           AND version_id IS NULL AND observed_at > :at)
        """,
        values,
    )
    connection.execute(
        "DELETE FROM article_states"
        " WHERE article_id = :article AND version_id IS NULL AND observed_at > :at",
        values,
    )


def _next_reading(
    connection: sqlite3.Connection,
    before: dict[str, Any],
    state: dict[str, Any],
    after: dict[str, Any] | None,
) -> dict[str, Any] | None:
    """The first reading behind the new state that showed again what stood before it."""
    found = queries.rows(
        connection,
        CONFIRMED_BY_PAGE if before["version_id"] else CONFIRMED_BY_LISTING,
        {
            "article": state["article_id"],
            "version": before["version_id"],
            "at": state["observed_at"],
            "until": after and after["observed_at"],
        },
    )
    return found[0] if found else None


def _refer_to_repeated(
    connection: sqlite3.Connection, version_id: int, repeated_id: int, reading: dict[str, Any]
) -> None:
    """What later readings confirmed is the text as it stood again, not as it stood first."""
    values = {"old": version_id, "new": repeated_id, "at": reading["observed_at"]}
    (values["crawl_at"],) = connection.execute(
        "SELECT started_at FROM crawls WHERE id = ?", [reading["crawl_id"]]
    ).fetchone()
    for table, column, since in (
        ("fetches", "version_id", "fetched_at >= :at"),
        ("article_states", "version_id", "observed_at >= :at"),
        ("changes", "from_version_id", "detected_at >= :crawl_at"),
        ("changes", "to_version_id", "detected_at >= :crawl_at"),
    ):
        connection.execute(
            f"UPDATE {table} SET {column} = :new WHERE {column} = :old AND {since}"
            " AND article_id = (SELECT article_id FROM versions WHERE id = :old)",
            values,
        )
    connection.execute("UPDATE articles SET version_id = :new WHERE version_id = :old", values)


def _state(connection: sqlite3.Connection, state_id: int) -> dict[str, Any]:
    (state,) = queries.rows(connection, "SELECT * FROM article_states WHERE id = ?", [state_id])
    return state


def _neighbour(
    connection: sqlite3.Connection, state: dict[str, Any], sign: str, order: str
) -> dict[str, Any] | None:
    found = queries.rows(
        connection,
        NEIGHBOURS.format(sign=sign, order=order),
        {"article": state["article_id"], "at": state["observed_at"], "id": state["id"]},
    )
    return found[0] if found else None
