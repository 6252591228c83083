"""What a comparison needs: the articles before and after a crawl, and what the crawl looked at."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from db import queries
from db.doubt import IS_VOUCHED, articles_in_doubt, doubted, unvouched
from db.moments import to_moment, to_text
from db.newly_watched import newly_watched
from db.records import ArticleState, Crawl, Sighting, SiteState, Version
from db.versions import alike, text_like
from spiders.items import KnownArticle

STATE = """
SELECT t.article_id, a.locale, a.source_id, t.slug, a.url, t.title, t.category,
       t.category_slug, t.section, t.section_slug, t.published_at, t.updated_at,
       t.shows_updated_date, t.version_id, a.status, a.first_seen_crawl_id
FROM article_states t JOIN articles a ON a.id = t.article_id
"""

RECORDED = f"""{STATE} WHERE t.crawl_id = :crawl
AND t.id = (SELECT x.id FROM article_states x
            WHERE x.article_id = t.article_id AND x.crawl_id = :crawl
            ORDER BY x.observed_at DESC, x.id DESC LIMIT 1)
AND (a.locale IN (SELECT value FROM json_each(:locales))
     OR EXISTS (SELECT 1 FROM article_states x
                WHERE x.article_id = t.article_id AND x.crawl_id != :crawl))
ORDER BY t.article_id"""
"""The last state of each article that a crawl recorded, without the arrivals of a baseline."""


def site_states(connection: sqlite3.Connection, crawl_id: int) -> tuple[SiteState, SiteState]:
    """The site before and after a crawl, as far as the two can differ.

    Holds the articles of which the crawl recorded another state, those that were listed and that
    it did not see, and those that it saw again: all others are the same on both sides. What a
    baseline brings is no news either, and left out: it would be the whole site with its texts.
    Before a crawl stands what crawls told that are not in doubt.
    """
    this = queries.crawl(connection, crawl_id)
    told = sorted(queries.baseline_locales(connection, this))
    after = queries.states(connection, RECORDED, {"crawl": crawl_id, "locales": json.dumps(told)})
    before = _states_before(connection, this, after)
    moved = connection.execute(
        "SELECT DISTINCT article_id FROM article_states WHERE crawl_id = ?", [crawl_id]
    )
    resting = set(_unsettled(connection, this.site_id, crawl_id))
    resting -= {article_id for (article_id,) in moved}
    rested = _latest_states(connection, this.site_id, resting)
    return _with_texts(connection, before | rested, after | rested)


def states_of(
    connection: sqlite3.Connection, crawl_id: int, article_ids: Collection[int]
) -> tuple[SiteState, SiteState]:
    """Some articles before and after a crawl that recorded a state of each."""
    after = queries.states(
        connection,
        f"{STATE} JOIN json_each(?) wanted ON wanted.value = t.article_id"
        " WHERE t.crawl_id = ? ORDER BY t.observed_at, t.id",
        [json.dumps(sorted(article_ids)), crawl_id],
    )
    before = _states_before(connection, queries.crawl(connection, crawl_id), after)
    return _with_texts(connection, before, after)


DISPLACED = f"""
SELECT DISTINCT n.crawl_id, n.article_id FROM article_states t
JOIN articles a ON a.id = t.article_id
JOIN article_states n ON n.article_id = t.article_id
  AND (n.observed_at, n.id) > (t.observed_at, t.id)
JOIN crawls c ON c.id = n.crawl_id
WHERE t.crawl_id = :crawl AND n.crawl_id != :crawl AND c.compared_at IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM article_states x WHERE x.article_id = t.article_id
      AND (x.observed_at, x.id) > (t.observed_at, t.id)
      AND (x.observed_at, x.id) < (n.observed_at, n.id)
      AND {IS_VOUCHED.format(state="x", article="a")})
ORDER BY n.crawl_id, n.article_id
"""


def displaced(connection: sqlite3.Connection, crawl_id: int) -> dict[int, list[int]]:
    """crawl -> the articles of which this crawl recorded what they were just before that one.

    Empty unless it was recorded after a crawl that is later in time.
    """
    site_id = queries.crawl(connection, crawl_id).site_id
    values = {"crawl": crawl_id, "doubted": doubted(connection, site_id)}
    found: dict[int, list[int]] = {}
    for later_id, article_id in connection.execute(DISPLACED, values):
        found.setdefault(later_id, []).append(article_id)
    return found


STATES_BEFORE = f"""{STATE} JOIN json_each(:wanted) wanted
JOIN articles here ON here.id = wanted.value
WHERE t.id = (
  SELECT x.id FROM article_states x WHERE x.article_id = here.id AND x.crawl_id != :crawl
    AND (x.observed_at, x.id) < (
      SELECT own.observed_at, own.id FROM article_states own
      WHERE own.article_id = here.id AND own.crawl_id = :crawl
      ORDER BY own.observed_at, own.id LIMIT 1)
    AND {IS_VOUCHED.format(state="x", article="here")}
  ORDER BY x.observed_at DESC, x.id DESC LIMIT 1)
"""


def _states_before(
    connection: sqlite3.Connection, this: Crawl, after: dict[int, ArticleState]
) -> dict[int, ArticleState]:
    """What stood of each article before the first state of this crawl, in time.

    An article that only crawls in doubt have seen is first seen by this one: `after` says so.
    """
    values = {
        "crawl": this.id,
        "doubted": doubted(connection, this.site_id),
        "wanted": json.dumps(sorted(after)),
    }
    before = queries.states(connection, STATES_BEFORE, values)
    for article_id in unvouched(connection, this.site_id, but_for=this.id) - before.keys():
        if article_id in after:
            after[article_id] = replace(after[article_id], first_seen_crawl_id=this.id)
    return before


OF_THE_PASS = """
SELECT :crawl UNION
SELECT told.crawl_id FROM merged_crawls carried
JOIN merged_crawls told ON told.uid = carried.uid AND NOT told.is_carried
WHERE carried.crawl_id = :crawl AND carried.is_carried
"""
"""A crawl, and those of the same pass whose listings count for it: so do the addresses that they
have asked."""


def _unsettled(connection: sqlite3.Connection, site_id: int, crawl_id: int) -> list[int]:
    """Articles whose status this crawl may change: listed and unseen, or seen and not listed."""
    found = connection.execute(
        f"""
        WITH presence AS ({PRESENT})
        SELECT id FROM articles WHERE site_id = :site
          AND (status = 'listed') != (id IN (SELECT article_id FROM presence))
        UNION
        SELECT article_id FROM fetches WHERE crawl_id IN ({OF_THE_PASS}) AND article_id IN
          (SELECT id FROM articles WHERE site_id = :site AND status != 'listed')
        """,
        {"site": site_id, "crawl": crawl_id},
    )
    return [article_id for (article_id,) in found]


def _latest_states(
    connection: sqlite3.Connection, site_id: int, article_ids: Collection[int]
) -> dict[int, ArticleState]:
    """The newest state of each article that is not in doubt, else the newest."""
    return queries.states(
        connection,
        f"""{STATE} JOIN json_each(:wanted) wanted ON wanted.value = t.article_id
        WHERE t.id = coalesce(
          (SELECT x.id FROM article_states x WHERE x.article_id = t.article_id
             AND {IS_VOUCHED.format(state="x", article="a")}
           ORDER BY x.observed_at DESC, x.id DESC LIMIT 1),
          (SELECT x.id FROM article_states x WHERE x.article_id = t.article_id
           ORDER BY x.observed_at DESC, x.id DESC LIMIT 1))""",
        {"wanted": json.dumps(sorted(article_ids)), "doubted": doubted(connection, site_id)},
    )


def _with_texts(
    connection: sqlite3.Connection,
    before: Mapping[int, ArticleState],
    after: Mapping[int, ArticleState],
) -> tuple[SiteState, SiteState]:
    """Adds the texts of the articles that have another version on each side."""
    pairs = {
        article_id: (before[article_id].version_id, state.version_id)
        for article_id, state in after.items()
        if article_id in before and before[article_id].version_id != state.version_id
    }
    ids = {version_id for pair in pairs.values() for version_id in pair if version_id}
    # Of those that arrive, or that may be gone or back, the text they have.
    ids |= {
        state.version_id
        for state in after.values()
        if state.version_id and before.get(state.article_id) in (None, state)
    }
    texts = queries.versions_by_id(connection, ids)
    longer = _with_longer_past(connection, pairs)
    old_texts: dict[int, Version] = {}
    earlier: dict[int, list[Version]] = {}
    for article_id, (old_id, new_id) in pairs.items():
        if not old_id or not new_id:
            continue
        old_texts[old_id], texts[new_id] = alike(connection, texts[old_id], texts[new_id])
        new = texts[new_id]
        known = (
            [
                text_like(connection, version, new)
                for version in queries.versions(connection, article_id)
            ]
            if article_id in longer
            else [old_texts[old_id]]
        )
        earlier[article_id] = [
            version
            for version in known
            if (version.captured_at, version.id) < (new.captured_at, new.id)
        ]
    return (
        SiteState(articles=before, versions=old_texts),
        SiteState(articles=after, versions=texts, earlier_versions=earlier),
    )


def _with_longer_past(connection: sqlite3.Connection, article_ids: Iterable[int]) -> set[int]:
    """Those of the articles that have more versions than two."""
    found = connection.execute(
        "SELECT article_id FROM versions JOIN json_each(?) wanted ON wanted.value = article_id"
        " GROUP BY article_id HAVING count(*) > 2",
        [json.dumps(list(article_ids))],
    )
    return {article_id for (article_id,) in found}


def sighting(connection: sqlite3.Connection, crawl_id: int) -> Sighting:
    """What a crawl can say about presence: seen, sought, not looked at."""
    this = queries.crawl(connection, crawl_id)
    listings = queries.coverage(connection, crawl_id)
    return Sighting(
        crawl_id=crawl_id,
        detected_at=this.started_at,
        concludes_absence=this.kind == "crawl" and this.outcome in ("complete", "partial"),
        baseline_locales=queries.baseline_locales(connection, this),
        is_import=this.kind == "import",
        seen=_seen(connection, this),
        held_by=_held_by(connection, crawl_id),
        listings={listing.listing_id: listing for listing in listings},
        answers=_answers(connection, crawl_id),
        locales_read=queries.locales_complete(connection, this, listings)
        - _kept_from_us(connection, crawl_id),
        unvouched=unvouched(connection, this.site_id),
        newly_watched=newly_watched(connection, this),
    )


PRESENT = """
SELECT DISTINCT la.article_id FROM listing_articles la
JOIN listing_crawls lc ON lc.listing_id = la.listing_id AND lc.crawl_id = :crawl
WHERE la.first_crawl_id <= :crawl AND la.last_crawl_id >= :crawl
"""
"""Articles that were in a listing of a crawl. Later crawls prolong the runs that it was part of."""


def _seen(connection: sqlite3.Connection, this: Crawl) -> frozenset[int]:
    """A listing that was saved before its article was found gone does not bring it back, nor does
    one that was merged after a later crawl had found it gone."""
    found = connection.execute(
        f"""SELECT article_id FROM ({PRESENT}) seen
        WHERE NOT ((:is_import OR :crawl IN (SELECT crawl_id FROM merged_crawls))
          AND EXISTS (SELECT 1 FROM changes c
            WHERE c.article_id = seen.article_id AND c.kind IN ('unlisted', 'removed')
              AND c.detected_at >= :started_at))""",
        {
            "crawl": this.id,
            "is_import": this.kind == "import",
            "started_at": to_text(this.started_at),
        },
    )
    return frozenset(article_id for (article_id,) in found)


def observed_at(connection: sqlite3.Connection, crawl_id: int) -> dict[int, datetime]:
    """article_id -> the instant of the last state that the crawl recorded of it."""
    found = connection.execute(
        "SELECT article_id, max(observed_at) FROM article_states WHERE crawl_id = ?"
        " GROUP BY article_id",
        [crawl_id],
    )
    return {article_id: datetime.fromisoformat(at) for article_id, at in found}


def _held_by(connection: sqlite3.Connection, crawl_id: int) -> dict[int, frozenset[int]]:
    """article_id -> the listings that held it when it was last seen, for those not seen now."""
    found: dict[int, set[int]] = {}
    for article_id, listing_id in connection.execute(HELD, {"crawl": crawl_id}):
        found.setdefault(article_id, set()).add(listing_id)
    return {article_id: frozenset(ids) for article_id, ids in found.items()}


HELD = f"""
WITH sighted AS (
  SELECT la.article_id, la.listing_id, la.last_crawl_id, l.kind, l.locale
  FROM listing_articles la JOIN listings l ON l.id = la.listing_id
  WHERE l.site_id = (SELECT site_id FROM crawls WHERE id = :crawl) AND l.kind != 'import'
    AND la.last_crawl_id < :crawl AND la.article_id NOT IN ({PRESENT})),
last_sighted AS (
  SELECT article_id, max(last_crawl_id) AS crawl_id FROM sighted GROUP BY article_id)
SELECT s.article_id, s.listing_id FROM sighted s JOIN last_sighted x USING (article_id)
WHERE s.last_crawl_id >= coalesce(
    (SELECT max(lc.crawl_id) FROM listing_crawls lc
     WHERE lc.listing_id = s.listing_id AND lc.is_complete AND lc.crawl_id <= x.crawl_id), 0)
  -- A search that nobody asks any more: the configuration dropped it, not the site.
  AND (s.kind != 'search'
       OR EXISTS (SELECT 1 FROM listing_crawls lc
                  WHERE lc.listing_id = s.listing_id AND lc.crawl_id = :crawl)
       OR EXISTS (SELECT 1 FROM fetches f WHERE f.crawl_id = :crawl AND f.locale = s.locale
                  AND f.wanted = 'listing' AND f.error IS NOT NULL))
"""


def _answers(connection: sqlite3.Connection, crawl_id: int) -> dict[int, str]:
    """article_id -> answers, gone, replaced or unknown, for the articles whose own address was
    asked. Replaced: another article was read there. What was read anywhere answers, also where an
    address that it had before does not: it may have taken over another article's. One request
    speaks for all articles that were last seen at an address."""
    meaning = {
        "article": "answers",
        "not_modified": "answers",
        "gone": "gone",
        "elsewhere": "replaced",
    }
    others = connection.execute(OTHERS_THERE, {"crawl": crawl_id})
    asked = connection.execute(
        f"SELECT article_id, page_kind FROM fetches WHERE crawl_id IN ({OF_THE_PASS})"
        " AND wanted = 'article' AND article_id IS NOT NULL AND page_kind != 'robots'"
        " ORDER BY page_kind IN ('article', 'not_modified'), id",
        {"crawl": crawl_id},
    )
    return dict(others.fetchall()) | {
        article_id: meaning.get(kind, "unknown") for article_id, kind in asked
    }


OTHERS_THERE = f"""
SELECT other.id, CASE f.page_kind WHEN 'article' THEN 'replaced' ELSE 'gone' END
FROM fetches f JOIN articles here ON here.id = f.article_id
JOIN articles other ON (other.site_id, other.locale, other.slug)
  = (here.site_id, here.locale, here.slug) AND other.id != here.id
WHERE f.crawl_id IN ({OF_THE_PASS})
  AND (f.page_kind = 'article' OR (f.page_kind = 'gone' AND f.url = other.url))
ORDER BY f.page_kind = 'article'
"""
"""Articles at whose address this crawl asked for another one, which was read there or is gone."""


def _kept_from_us(connection: sqlite3.Connection, crawl_id: int) -> frozenset[str]:
    """Locales of which robots.txt disallows some listing: what stands in it may be listed still."""
    found = connection.execute(
        f"SELECT locale FROM fetches WHERE crawl_id IN ({OF_THE_PASS})"
        " AND wanted != 'article' AND page_kind = 'robots'",
        {"crawl": crawl_id},
    )
    return frozenset(locale for (locale,) in found)


def known_articles(
    connection: sqlite3.Connection,
    site_id: int,
    due: Collection[int],
    *,
    locales: Collection[str],
    sections: Collection[str] = (),
) -> list[KnownArticle]:
    """What the spider must know of the stored articles of the locales that it will read.

    `due` ones are to be read again, and so are those that a crawl in doubt read last, whole.
    Where only some `sections` are read, an article of another one is not missed, and read again
    only where some listing shows it.
    """
    doubtful = articles_in_doubt(connection, site_id)
    wanted = doubtful.union(due)
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    found = cursor.execute(
        """
        SELECT a.id, a.locale, a.source_id, a.slug, a.url, a.updated_at, a.version_id, a.status,
               a.section_slug, coalesce(a.listed_title_when_read, a.title) AS title,
               f.etag, f.last_modified
        FROM articles a
        LEFT JOIN fetches f ON f.id = (
          SELECT max(x.id) FROM fetches x WHERE x.article_id = a.id AND x.version_id = a.version_id
          AND x.page_kind = 'article' AND coalesce(x.etag, x.last_modified) IS NOT NULL)
        WHERE a.site_id = ? ORDER BY a.id
        """,
        [site_id],
    )

    def is_in_scope(row: Mapping[str, Any]) -> bool:
        return not sections or row["section_slug"] in sections

    return [
        KnownArticle(
            article_id=row["id"],
            locale=row["locale"],
            source_id=row["source_id"],
            slug=row["slug"],
            url=row["url"],
            title=row["title"],
            updated_at=to_moment(row["updated_at"]),
            is_read=row["version_id"] is not None,
            is_due=row["id"] in wanted and is_in_scope(row),
            is_due_if_shown=row["id"] in wanted,
            is_listed=row["status"] == "listed" and is_in_scope(row),
            etag=None if row["id"] in doubtful else row["etag"],
            last_modified=None if row["id"] in doubtful else row["last_modified"],
        )
        for row in found
        if row["locale"] in locales
    ]


def last_read(connection: sqlite3.Connection, site_id: int) -> dict[int, tuple[str, str | None]]:
    """article_id -> (what identifies it, when its page was last read), for the recheck cycle."""
    found = connection.execute(
        "SELECT id, locale || ' ' || coalesce(source_id, slug, title_key), last_fetched_at"
        " FROM articles WHERE site_id = ?",
        [site_id],
    )
    return {article_id: (identity, at) for article_id, identity, at in found}
