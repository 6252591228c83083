"""What a crawl shows for the first time because it is watched from then on: it was there before."""

import json
import sqlite3

from db.doubt import doubted
from db.records import Crawl

# A partial crawl too knows which sections there are, where what it could not read is pages of
# other sections or of searches. This one it has not met. Where a budget was spent, one row stands
# for all listings of its locale that were not read.
KNEW_ALL_SECTIONS = """
c.outcome = 'partial' AND l.locale IN (SELECT value FROM json_each(c.locales))
AND NOT EXISTS (SELECT 1 FROM listing_crawls met
                WHERE met.crawl_id = c.id AND met.listing_id = l.id)
AND NOT EXISTS (
  SELECT 1 FROM fetches f WHERE f.crawl_id = c.id AND f.locale = l.locale
    AND f.wanted != 'article' AND f.error IS NOT NULL AND (f.page_kind = 'budget' OR NOT EXISTS (
      SELECT 1 FROM listings other WHERE other.site_id = l.site_id AND other.id != l.id
        AND other.kind IN ('section', 'search')
        AND (f.url = other.url OR f.url LIKE other.url || '/page/%'))))
"""
# A section that the site has opened is another matter: a crawl that was to read all sections, and
# did, would have found it if it had been there, unless robots.txt kept it from that crawl.
NEW_LISTINGS = f"""
SELECT l.id FROM listing_crawls here JOIN listings l ON l.id = here.listing_id
WHERE here.crawl_id = :crawl AND NOT EXISTS (
  SELECT 1 FROM listing_crawls earlier WHERE earlier.listing_id = l.id
    AND earlier.crawl_id < :crawl AND earlier.is_complete
    AND earlier.crawl_id || ' ' || l.locale NOT IN (SELECT value FROM json_each(:doubted)))
AND (l.kind = 'search' OR NOT EXISTS (
  SELECT 1 FROM crawls c WHERE c.site_id = l.site_id AND c.id < :crawl AND c.kind = 'crawl'
    AND c.sections = '[]' AND (
      c.outcome = 'complete' AND l.locale IN (SELECT value FROM json_each(c.locales))
      OR l.locale IN (SELECT value FROM json_each(c.health, '$.baseline_locales'))
      OR {KNEW_ALL_SECTIONS})
    AND c.id || ' ' || l.locale NOT IN (SELECT value FROM json_each(:doubted))
    AND NOT EXISTS (SELECT 1 FROM fetches f
                    WHERE f.crawl_id = c.id AND f.url = l.url AND f.page_kind = 'robots')))
"""
"""Listings of a crawl that are watched since then: none read them before, or was to."""
IN_NO_OTHER = """
SELECT la.article_id FROM listing_articles la
JOIN listing_crawls here ON here.listing_id = la.listing_id AND here.crawl_id = :crawl
WHERE la.first_crawl_id <= :crawl AND la.last_crawl_id >= :crawl
GROUP BY la.article_id HAVING min(la.listing_id IN (SELECT value FROM json_each(:listings)))
"""
"""Articles that a crawl saw in none but some listings."""


def newly_watched(connection: sqlite3.Connection, this: Crawl) -> frozenset[int]:
    """Articles that stand in no other listings than those that are watched since this crawl."""
    values = {"crawl": this.id, "doubted": doubted(connection, this.site_id)}
    listings = [row[0] for row in connection.execute(NEW_LISTINGS, values)]
    if not listings or this.kind != "crawl":
        return frozenset()
    values["listings"] = json.dumps(listings)
    return frozenset(article_id for (article_id,) in connection.execute(IN_NO_OTHER, values))
