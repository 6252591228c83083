"""A whole site at an instant: its articles with their status, text and listings then."""

import sqlite3
from datetime import datetime
from itertools import groupby

from db import queries
from db.doubt import IS_VOUCHED, doubted
from db.evidence import VersionMark, marks
from db.kinds import Status
from db.moments import to_moment, to_text
from db.records import ArticleState
from db.states import STATE

LATEST_STATE = """
SELECT x.id FROM article_states x WHERE x.article_id = a.id AND x.observed_at <= :at
ORDER BY x.observed_at DESC, x.id DESC LIMIT 1
"""
"""The row of article_states that tells of article `a` at an instant."""

PASSAGES = """
SELECT c.article_id, c.kind, c.detected_at, c.crawl_id, c.detail ->> '$.suspect' AS is_in_doubt
FROM changes c JOIN articles a ON a.id = c.article_id
WHERE a.site_id = :site AND c.kind IN ('unlisted', 'removed', 'relisted') AND c.detected_at <= :at
ORDER BY c.detected_at, c.id
"""


def articles_at(connection: sqlite3.Connection, site_id: int, at: datetime) -> list[ArticleState]:
    """Every article known at an instant, gone ones too, in the order of the help centre."""
    return _states(connection, site_id, at)


def state_at(connection: sqlite3.Connection, article_id: int, at: datetime) -> ArticleState | None:
    """What was known of an article at an instant; None before it was first seen."""
    row = connection.execute("SELECT site_id FROM articles WHERE id = ?", [article_id]).fetchone()
    found = _states(connection, row[0], at, only=article_id) if row else []
    return found[0] if found else None


def _states(
    connection: sqlite3.Connection, site_id: int, at: datetime, only: int | None = None
) -> list[ArticleState]:
    """The latest state of each article, or of `only` one, with the status that it had then."""
    found = queries.rows(
        connection,
        f"{STATE} WHERE a.site_id = :site AND (:only IS NULL OR a.id = :only)"
        f" AND t.id = ({LATEST_STATE})"
        " ORDER BY a.locale, t.category, t.section, t.title, t.article_id",
        {"site": site_id, "only": only, "at": to_text(at)},
    )
    statuses = _statuses(connection, site_id, at)
    return [
        queries.state(row | {"status": statuses.get(row["article_id"], "listed")}) for row in found
    ]


# -- status -------------------------------------------------------------------------------------

SETTLED = """
SELECT a.id, a.status FROM articles a
WHERE a.site_id = :site AND a.status != 'listed' AND NOT EXISTS (
  SELECT 1 FROM changes c WHERE c.article_id = a.id
  AND c.kind IN ('unlisted', 'removed', 'relisted') AND c.detail ->> '$.suspect' IS NULL)
AND EXISTS (
  SELECT 1 FROM crawls b JOIN json_each(b.health, '$.baseline_locales') locale
    ON locale.value = a.locale
  WHERE b.site_id = a.site_id AND b.is_baseline AND b.started_at <= :at AND b.id > coalesce((
    SELECT max(la.last_crawl_id) FROM listing_articles la WHERE la.article_id = a.id), 0))
"""
"""Articles that a baseline found gone, which no change tells."""


def _statuses(connection: sqlite3.Connection, site_id: int, at: datetime) -> dict[int, Status]:
    """article_id -> its status at an instant, where it was another than listed once.

    Statuses are not kept over time: they follow from the changes told. What a crawl in doubt says
    of it is not believed, as `articles.status` does not believe it.
    """
    values = {"site": site_id, "at": to_text(at)}
    statuses: dict[int, Status] = dict(connection.execute(SETTLED, values).fetchall())
    for article_id, kind, *_, is_in_doubt in connection.execute(PASSAGES, values):
        if not is_in_doubt:
            statuses[article_id] = _status_after(kind)
    return statuses


def _status_after(kind: str) -> Status:
    return "listed" if kind == "relisted" else kind


def removed_at(
    connection: sqlite3.Connection, site_id: int, until: datetime
) -> dict[int, datetime]:
    """article_id -> when it was found removed, for those that were so at an instant."""
    told = connection.execute(PASSAGES, {"site": site_id, "at": to_text(until)})
    latest = {article_id: (kind, at) for article_id, kind, at, _, in_doubt in told if not in_doubt}
    return {
        article_id: to_moment(at) for article_id, (kind, at) in latest.items() if kind == "removed"
    }


# -- doubt --------------------------------------------------------------------------------------

BELIEVED_CRAWL = """
SELECT coalesce(max(id), 0) FROM crawls
WHERE site_id = :site AND kind = 'crawl' AND outcome = 'complete' AND started_at <= :at
  AND (health ->> '$.verdict' IS NOT 'suspect' OR health ->> '$.is_accepted')
"""


def read_in_doubt(connection: sqlite3.Connection, site_id: int, at: datetime) -> frozenset[int]:
    """Articles of which a crawl in doubt read what was known at an instant."""
    found = connection.execute(
        f"SELECT a.id FROM articles a JOIN article_states t ON t.id = ({LATEST_STATE})"
        f" WHERE a.site_id = :site AND NOT {IS_VOUCHED.format(state='t', article='a')}",
        {"site": site_id, "at": to_text(at), "doubted": doubted(connection, site_id)},
    )
    return frozenset(article_id for (article_id,) in found)


def statuses_in_doubt(
    connection: sqlite3.Connection, site_id: int, at: datetime
) -> dict[int, Status]:
    """article_id -> the status that a crawl in doubt gave it, until a crawl that is believed has
    looked at the whole site again."""
    values = {"site": site_id, "at": to_text(at)}
    (believed_id,) = connection.execute(BELIEVED_CRAWL, values).fetchone()
    return {
        article_id: _status_after(kind)
        for article_id, kind, _, crawl_id, is_in_doubt in connection.execute(PASSAGES, values)
        if is_in_doubt and crawl_id > believed_id
    }


# -- what stood in it ---------------------------------------------------------------------------


def listings_at(
    connection: sqlite3.Connection, site_id: int, at: datetime
) -> dict[int, tuple[str, ...]]:
    """article_id -> 'kind/slug' of the listings that named it when last read up to an instant."""
    found = connection.execute(
        """
        SELECT DISTINCT la.article_id, l.kind || '/' || l.slug AS listing
        FROM listing_articles la JOIN listings l ON l.id = la.listing_id
        JOIN crawls f ON f.id = la.first_crawl_id
        WHERE l.site_id = :site AND f.started_at <= :at AND NOT EXISTS (
          -- a run of presence ends with the next crawl that read the listing to its end without it
          SELECT 1 FROM listing_crawls lc JOIN crawls c ON c.id = lc.crawl_id
          WHERE lc.listing_id = la.listing_id AND lc.is_complete AND lc.crawl_id > la.last_crawl_id
          AND c.started_at <= :at)
        ORDER BY la.article_id, listing
        """,
        {"site": site_id, "at": to_text(at)},
    )
    return {
        article_id: tuple(name for _, name in named)
        for article_id, named in groupby(found, key=lambda row: row[0])
    }


def marks_at(connection: sqlite3.Connection, site_id: int, at: datetime) -> dict[int, VersionMark]:
    """article_id -> the version that it had at an instant, without its text."""
    found = marks(
        connection,
        """id IN (
          SELECT (SELECT v.id FROM versions v WHERE v.article_id = a.id AND v.captured_at <= :at
                  ORDER BY v.captured_at DESC, v.id DESC LIMIT 1)
          FROM articles a WHERE a.site_id = :site)""",
        {"site": site_id, "at": to_text(at)},
    )
    return {mark.article_id: mark for mark in found}


# NOT INDEXED: every row counts, and the log read from its begin to its end is twenty times faster
# than article by article.
LAST_CONFIRMED = """
SELECT article_id, max(fetched_at) FROM fetches NOT INDEXED
WHERE article_id IN (SELECT id FROM articles WHERE site_id = ?)
  AND version_id IS NOT NULL AND fetched_at <= ?
GROUP BY article_id
"""


def last_confirmed(
    connection: sqlite3.Connection, site_id: int, at: datetime
) -> dict[int, datetime]:
    """article_id -> when its page was last read or confirmed up to an instant."""
    found = connection.execute(LAST_CONFIRMED, [site_id, to_text(at)])
    return {article_id: to_moment(fetched_at) for article_id, fetched_at in found}


def first_seen(
    connection: sqlite3.Connection, site_id: int, until: datetime
) -> dict[int, datetime]:
    """article_id -> when it was first seen, for those seen up to an instant."""
    found = connection.execute(
        "SELECT a.id, (SELECT min(t.observed_at) FROM article_states t WHERE t.article_id = a.id)"
        " AS first_at FROM articles a WHERE a.site_id = ? AND first_at <= ?",
        [site_id, to_text(until)],
    )
    return {article_id: to_moment(at) for article_id, at in found}
