"""A view count that is recorded late takes its place in time, and is not the one that stands now.

The count before it was seen again by later crawls, of which no row was kept, because nothing
differed then.
"""

import sqlite3

SEEN_AGAIN = """
SELECT c.id, substr(a.last_seen_at, 1, 19) || 'Z' FROM articles a
JOIN crawls c ON c.site_id = a.site_id AND c.started_at > :at AND c.started_at <= a.last_seen_at
WHERE a.id = :article AND a.last_seen_at > :at AND c.id != :crawl
  AND NOT EXISTS (SELECT 1 FROM view_observations later
                  WHERE later.article_id = :article AND later.observed_at > :at)
ORDER BY c.started_at DESC, c.id DESC LIMIT 1
"""
"""The crawl that saw an article last, and when, where it began after an instant behind which no
count is known. The pages of one crawl may be recorded in another order than they were read."""
STANDS_AGAIN = """
INSERT INTO view_observations (article_id, observed_at, view_count, crawl_id, is_approximate)
SELECT article_id, :seen_at, view_count, :seen_by, is_approximate FROM view_observations
WHERE article_id = :article AND observed_at < :at ORDER BY observed_at DESC LIMIT 1
"""


def resume(connection: sqlite3.Connection, article_id: int, instant: str, crawl_id: int) -> None:
    """Lets the count before the one that a crawl just recorded stand again, where another crawl saw
    the article later and told no other count."""
    values = {"article": article_id, "at": instant, "crawl": crawl_id}
    seen = connection.execute(SEEN_AGAIN, values).fetchone()
    if seen:
        values |= {"seen_by": seen[0], "seen_at": seen[1]}
        connection.execute(STANDS_AGAIN, values)
