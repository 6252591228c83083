"""Crawls in doubt: suspect, and accepted by nobody.

What they read is kept, but is no measure. The crawls that follow are compared with what was known
before, so that what a page really says is told by the first crawl that is believed, and once.
"""

import json
import sqlite3

from db.records import READING_KINDS

DOUBTED = """
SELECT DISTINCT d.id || ' ' || locale.value FROM crawls d
JOIN crawls b ON b.site_id = d.site_id AND b.id < d.id AND b.is_baseline
JOIN json_each(b.health, '$.baseline_locales') AS locale
WHERE d.site_id = :site AND d.health ->> '$.verdict' = 'suspect'
  AND NOT coalesce(d.health ->> '$.is_accepted', 0)
"""
"""'crawl locale' of each crawl in doubt, for the locales that were known in full before it: where
nothing was known before, there is nothing else to compare with."""

IS_VOUCHED = (
    "({state}.crawl_id || ' ' || {article}.locale"
    " NOT IN (SELECT doubted.value FROM json_each(:doubted) AS doubted))"
)
"""Condition on a row of article_states and its article; `:doubted` is what `doubted` gives."""


def doubted(connection: sqlite3.Connection, site_id: int) -> str:
    """'crawl locale' of every crawl in doubt, as a JSON list for `IS_VOUCHED`."""
    found = connection.execute(DOUBTED, {"site": site_id})
    return json.dumps(sorted(pair for (pair,) in found))


def is_doubted(doubted: str, crawl_id: int, locale: str) -> bool:
    return f"{crawl_id} {locale}" in json.loads(doubted)


def unvouched(
    connection: sqlite3.Connection, site_id: int, but_for: int | None = None
) -> frozenset[int]:
    """Articles that only crawls in doubt have seen, whatever the crawl `but_for` saw."""
    found = connection.execute(
        f"""
        SELECT DISTINCT t.article_id FROM article_states t JOIN articles a ON a.id = t.article_id
        WHERE t.crawl_id IN (SELECT CAST(value AS INTEGER) FROM json_each(:doubted))
          AND a.site_id = :site AND NOT EXISTS (
            SELECT 1 FROM article_states x WHERE x.article_id = t.article_id
              AND x.crawl_id IS NOT :but_for AND {IS_VOUCHED.format(state="x", article="a")})
        """,
        {"site": site_id, "doubted": doubted(connection, site_id), "but_for": but_for},
    )
    return frozenset(article_id for (article_id,) in found)


def articles_in_doubt(connection: sqlite3.Connection, site_id: int) -> frozenset[int]:
    """Articles of which the newest that is known comes from a crawl in doubt."""
    condition = IS_VOUCHED.format(state="t", article="a")
    found = connection.execute(
        f"""
        SELECT t.article_id FROM article_states t JOIN articles a ON a.id = t.article_id
        WHERE a.site_id = :site AND NOT {condition}
          AND NOT EXISTS (SELECT 1 FROM article_states x WHERE x.article_id = t.article_id
                          AND (x.observed_at, x.id) > (t.observed_at, t.id))
        """,
        {"site": site_id, "doubted": doubted(connection, site_id)},
    )
    return frozenset(article_id for (article_id,) in found)


SETTLED = """
WITH believed AS (
  SELECT c.id FROM crawls c WHERE c.id > :crawl AND c.compared_at IS NOT NULL
    AND (c.health ->> '$.verdict' IS NOT 'suspect' OR c.health ->> '$.is_accepted'))
SELECT h.id FROM changes h WHERE h.crawl_id = :crawl AND CASE
  WHEN h.kind IN (SELECT value FROM json_each(:readings)) OR h.kind = 'new' THEN EXISTS (
    SELECT 1 FROM article_states t WHERE t.article_id = h.article_id
      AND t.crawl_id IN (SELECT id FROM believed))
  ELSE EXISTS (
    SELECT 1 FROM changes told WHERE told.article_id = h.article_id
      AND told.crawl_id IN (SELECT id FROM believed)
      AND told.kind IN ('unlisted', 'removed', 'relisted'))
    OR h.kind != 'relisted' AND EXISTS (
    SELECT 1 FROM listing_articles la JOIN listing_crawls lc ON lc.listing_id = la.listing_id
      AND lc.crawl_id BETWEEN la.first_crawl_id AND la.last_crawl_id
    WHERE la.article_id = h.article_id AND lc.crawl_id IN (SELECT id FROM believed))
  END
"""


RELEASED_STATUSES = """
UPDATE articles SET status = CASE c.kind WHEN 'relisted' THEN 'listed' ELSE c.kind END
FROM changes c WHERE c.crawl_id = ? AND c.article_id = articles.id
  AND c.kind IN ('unlisted', 'removed', 'relisted')
"""

REPEATED_IN_DOUBT = """
DELETE FROM changes AS repeated WHERE repeated.detail ->> '$.suspect' AND EXISTS (
  SELECT 1 FROM changes told WHERE told.crawl_id = ?1 AND repeated.crawl_id > ?1
    AND told.article_id = repeated.article_id AND told.kind = repeated.kind
    AND told.kind IN ('new', 'unlisted', 'removed', 'relisted'))
"""


def release(connection: sqlite3.Connection, crawl_id: int) -> int:
    """Takes the mark off the changes of a crawl that was accepted; of how many.

    What later crawls that are believed have told or refuted goes: they looked at the same articles,
    and compared them with what was before the doubt. So does what later crawls in doubt repeat.
    """
    values = {"crawl": crawl_id, "readings": json.dumps(READING_KINDS)}
    connection.execute(f"DELETE FROM changes WHERE id IN ({SETTLED})", values)
    released = connection.execute(
        "UPDATE changes SET detail = json_remove(detail, '$.suspect')"
        " WHERE crawl_id = ? AND detail ->> '$.suspect'",
        [crawl_id],
    )
    connection.execute(RELEASED_STATUSES, [crawl_id])
    connection.execute(REPEATED_IN_DOUBT, [crawl_id])
    return released.rowcount
