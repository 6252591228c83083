"""Crawls in doubt: suspect, and accepted by nobody.

What they read is kept, but is no measure. The crawls that follow are compared with what was known
before, so that what a page really says is told by the first crawl that is believed, and once.
"""

import json
import sqlite3

from db.kinds import READING_KINDS

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


UNVOUCHED = f"""
SELECT DISTINCT t.article_id FROM article_states t JOIN articles a ON a.id = t.article_id
WHERE t.crawl_id IN (SELECT CAST(value AS INTEGER) FROM json_each(:doubted))
  AND a.site_id = :site AND NOT EXISTS (
    SELECT 1 FROM article_states x WHERE x.article_id = t.article_id
      AND x.crawl_id IS NOT :but_for AND {IS_VOUCHED.format(state="x", article="a")})
"""

IN_DOUBT = f"""
SELECT t.article_id FROM article_states t JOIN articles a ON a.id = t.article_id
WHERE t.crawl_id IN (SELECT CAST(value AS INTEGER) FROM json_each(:doubted))
  AND a.site_id = :site AND NOT {IS_VOUCHED.format(state="t", article="a")}
  AND NOT EXISTS (SELECT 1 FROM article_states x WHERE x.article_id = t.article_id
                  AND (x.observed_at, x.id) > (t.observed_at, t.id))
"""


def unvouched(
    connection: sqlite3.Connection, site_id: int, but_for: int | None = None
) -> frozenset[int]:
    """Articles that only crawls in doubt have seen, whatever the crawl `but_for` saw."""
    return _articles(connection, UNVOUCHED, site_id, but_for=but_for)


def articles_in_doubt(connection: sqlite3.Connection, site_id: int) -> frozenset[int]:
    """Articles of which the newest that is known comes from a crawl in doubt."""
    return _articles(connection, IN_DOUBT, site_id)


def _articles(
    connection: sqlite3.Connection, question: str, site_id: int, **others: int | None
) -> frozenset[int]:
    crawls = doubted(connection, site_id)
    if crawls == "[]":
        return frozenset()  # as SQLite would find as well, once it has looked at every article
    values = {"site": site_id, "doubted": crawls, **others}
    return frozenset(article_id for (article_id,) in connection.execute(question, values))


BELIEVED_LATER = """
SELECT c.id FROM crawls c WHERE c.id > :crawl AND c.compared_at IS NOT NULL
  AND (c.health ->> '$.verdict' IS NOT 'suspect' OR c.health ->> '$.is_accepted')
"""

READ_AGAIN = f"""
SELECT DISTINCT d.article_id FROM article_states d JOIN article_states t
  ON t.article_id = d.article_id AND t.observed_at > d.observed_at
WHERE d.crawl_id = :crawl AND t.crawl_id IN ({BELIEVED_LATER})
  -- In a locale that was not known before, the crawl was believed all along.
  AND (SELECT a.locale FROM articles a WHERE a.id = d.article_id) IN (
    SELECT locale.value FROM crawls b
    JOIN crawls c ON c.id = :crawl AND c.site_id = b.site_id AND b.id < c.id
    JOIN json_each(b.health, '$.baseline_locales') AS locale
    WHERE b.is_baseline)
"""

SOUGHT_AGAIN = f"""
SELECT h.id FROM changes h WHERE h.crawl_id = :crawl
  AND h.kind IN ('unlisted', 'removed', 'relisted') AND (EXISTS (
    SELECT 1 FROM changes told WHERE told.article_id = h.article_id
      AND told.crawl_id IN ({BELIEVED_LATER})
      AND told.kind IN ('unlisted', 'removed', 'relisted'))
  OR h.kind != 'relisted' AND EXISTS (
    SELECT 1 FROM listing_articles la JOIN listing_crawls lc ON lc.listing_id = la.listing_id
      AND lc.crawl_id BETWEEN la.first_crawl_id AND la.last_crawl_id
    WHERE la.article_id = h.article_id AND lc.crawl_id IN ({BELIEVED_LATER})))
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
    values = {"crawl": crawl_id}
    connection.execute(f"DELETE FROM changes WHERE id IN ({SOUGHT_AGAIN})", values)
    settled = {
        "crawl": crawl_id,
        "articles": json.dumps([one for (one,) in connection.execute(READ_AGAIN, values)]),
        "kinds": json.dumps(["new", *READING_KINDS]),
    }
    connection.execute(
        "DELETE FROM changes WHERE crawl_id = :crawl"
        " AND article_id IN (SELECT value FROM json_each(:articles))"
        " AND kind IN (SELECT value FROM json_each(:kinds))",
        settled,
    )
    # Nor is it what a later reading is compared with: that was told from what stood before.
    connection.execute(
        "DELETE FROM article_states WHERE crawl_id = :crawl"
        " AND article_id IN (SELECT value FROM json_each(:articles))",
        settled,
    )
    released = connection.execute(
        "UPDATE changes SET detail = json_remove(detail, '$.suspect')"
        " WHERE crawl_id = ? AND detail ->> '$.suspect'",
        [crawl_id],
    )
    connection.execute(RELEASED_STATUSES, [crawl_id])
    connection.execute(REPEATED_IN_DOUBT, [crawl_id])
    return released.rowcount
