"""Every read of what crawls recorded: named SQL -> records."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from db.errors import NotInDatabase
from db.identity import title_key
from db.moments import to_moment, to_text
from db.records import (
    ArticleState,
    Change,
    Crawl,
    CrawlFacts,
    FieldFill,
    ListingCoverage,
    Part,
    Trend,
    UnreadPage,
    Version,
    ViewSeries,
)
from db.versions import from_row


def rows(connection: sqlite3.Connection, sql: str, values: Any = ()) -> list[dict[str, Any]]:
    """The result as dicts by column name."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return [dict(row) for row in cursor.execute(sql, values)]


# -- crawls -------------------------------------------------------------------------------------

CRAWL = "SELECT c.*, s.name AS site FROM crawls c JOIN sites s ON s.id = c.site_id"


def _crawl(row: Mapping[str, Any]) -> Crawl:
    fields = {name: row[name] for name in Crawl.__dataclass_fields__}
    fields |= {
        "started_at": to_moment(row["started_at"]),
        "finished_at": to_moment(row["finished_at"]),
        "is_baseline": bool(row["is_baseline"]),
        "health": json.loads(row["health"]),
        **asdict(part_of(row)),
    }
    return Crawl(**fields)


def part_of(row: Mapping[str, Any]) -> Part:
    """What the crawl of a row of `crawls` or `merged_crawls` was to read."""
    return Part(
        **{name: tuple(json.loads(row[name])) for name in ("locales", "sections", "searches")}
    )


def crawl(connection: sqlite3.Connection, crawl_id: int) -> Crawl:
    """One crawl; NotInDatabase names those that there are."""
    found = rows(connection, f"{CRAWL} WHERE c.id = ?", [crawl_id])
    if not found:
        (newest,) = connection.execute("SELECT max(id) FROM crawls").fetchone()
        known = f"the newest is {newest}" if newest else "the database holds none yet"
        raise NotInDatabase(f"There is no crawl {crawl_id}; {known}.")
    return _crawl(found[0])


def crawls(
    connection: sqlite3.Connection,
    *,
    site: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Crawl]:
    """Finished crawls, oldest first, by the instant of their start."""
    found = rows(
        connection,
        f"{CRAWL} WHERE c.outcome != 'running' AND (:site IS NULL OR s.name = :site)"
        " AND (:since IS NULL OR c.started_at >= :since)"
        " AND (:until IS NULL OR c.started_at <= :until) ORDER BY c.started_at, c.id",
        {"site": site, "since": to_text(since), "until": to_text(until)},
    )
    return [_crawl(row) for row in found]


def uncompared_crawls(connection: sqlite3.Connection, site_id: int) -> list[Crawl]:
    """Finished crawls whose changes were not worked out yet, oldest first."""
    found = rows(
        connection,
        f"{CRAWL} WHERE c.site_id = ? AND c.compared_at IS NULL AND c.outcome != 'running'"
        " ORDER BY c.id",
        [site_id],
    )
    return [_crawl(row) for row in found]


def unreported_crawls(connection: sqlite3.Connection, site_id: int) -> list[Crawl]:
    """Compared crawls whose report was never written, oldest first: a crash came between."""
    found = rows(
        connection,
        f"{CRAWL} WHERE c.site_id = ? AND c.kind = 'crawl' AND c.compared_at IS NOT NULL"
        " AND c.reported_at IS NULL ORDER BY c.id",
        [site_id],
    )
    return [_crawl(row) for row in found]


def newest_crawl_starts(connection: sqlite3.Connection) -> dict[str, datetime]:
    """Site -> when its newest crawl began, finished or not."""
    found = connection.execute(
        "SELECT s.name, max(c.started_at) FROM crawls c JOIN sites s ON s.id = c.site_id"
        " WHERE c.kind = 'crawl' GROUP BY s.name"
    )
    return {site: datetime.fromisoformat(started_at) for site, started_at in found}


def coverage(connection: sqlite3.Connection, crawl_id: int) -> list[ListingCoverage]:
    """How far the crawl read each listing, and the lasting gap of each before.

    A gap that a crawl in doubt found is none that lasts yet.
    """
    found = rows(
        connection,
        """
        SELECT l.id AS listing_id, l.locale, l.kind, l.slug, l.title, l.url,
               lc.claimed_total, lc.seen_count, lc.page_count, lc.is_complete,
               (SELECT max(0, coalesce(p.claimed_total, 0) - p.seen_count) FROM listing_crawls p
                JOIN crawls c ON c.id = p.crawl_id
                WHERE p.listing_id = l.id AND p.crawl_id < lc.crawl_id AND p.is_complete
                  AND (c.health ->> '$.verdict' IS NOT 'suspect' OR c.health ->> '$.is_accepted')
                ORDER BY p.crawl_id DESC LIMIT 1) AS earlier_gap
        FROM listing_crawls lc JOIN listings l ON l.id = lc.listing_id
        WHERE lc.crawl_id = ? ORDER BY l.locale, l.kind, l.slug
        """,
        [crawl_id],
    )
    return [ListingCoverage(**row | {"is_complete": bool(row["is_complete"])}) for row in found]


def crawl_facts(connection: sqlite3.Connection, crawl_id: int) -> CrawlFacts:
    """All that health needs to know of one crawl."""
    this = crawl(connection, crawl_id)
    listings = coverage(connection, crawl_id)
    page_kinds = dict(
        connection.execute(
            "SELECT page_kind, count(*) FROM fetches WHERE crawl_id = ? GROUP BY page_kind",
            [crawl_id],
        ).fetchall()
    )
    (disagreements,) = connection.execute(
        "SELECT coalesce(sum(disagreement_count), 0) FROM field_fills WHERE crawl_id = ?",
        [crawl_id],
    ).fetchone()
    disallowed = connection.execute(
        "SELECT url FROM fetches WHERE crawl_id = ? AND page_kind = 'robots' ORDER BY url",
        [crawl_id],
    )
    return CrawlFacts(
        crawl=this,
        listings=listings,
        page_kinds=page_kinds,
        fills=_field_fills(connection, crawl_id),
        disagreements=disagreements,
        disallowed=[url for (url,) in disallowed],
        locales_complete=locales_complete(connection, this, listings),
        locales_with_baseline=baseline_locales(connection, this),
    )


def unread_pages(connection: sqlite3.Connection, crawl_id: int) -> list[UnreadPage]:
    """Pages that the crawl should have read and could not, or was not allowed to."""
    found = rows(
        connection,
        "SELECT url, page_kind AS kind, error AS why FROM fetches"
        " WHERE crawl_id = ? AND error IS NOT NULL AND page_kind != 'gone' ORDER BY id",
        [crawl_id],
    )
    return [UnreadPage(**row) for row in found]


def articles_not_read(connection: sqlite3.Connection, newest: Crawl) -> tuple[int, datetime | None]:
    """How many listed articles of its locales a site's newest crawl did not read, since they were
    not due, and when the one was read whose turn was longest ago. (0, None) of an earlier crawl:
    what was read since stands in their place."""
    count, longest_ago = connection.execute(
        "SELECT count(*), min(last_fetched_at) FROM articles WHERE site_id = ?1"
        " AND status = 'listed' AND last_fetched_at < ?2"
        " AND locale IN (SELECT value FROM json_each(?3)) AND NOT EXISTS (SELECT 1 FROM crawls"
        "  WHERE site_id = ?1 AND id > ?4 AND kind = 'crawl')",
        [newest.site_id, to_text(newest.started_at), json.dumps(list(newest.locales)), newest.id],
    ).fetchone()
    return count, to_moment(longest_ago)


def _field_fills(connection: sqlite3.Connection, crawl_id: int) -> list[FieldFill]:
    """How often each field was found on the article pages that this crawl read."""
    found = rows(
        connection,
        "SELECT field, known_count AS known, page_count AS total FROM field_fills"
        " WHERE crawl_id = ? ORDER BY field",
        [crawl_id],
    )
    return [FieldFill(**row) for row in found]


def locales_complete(
    connection: sqlite3.Connection, this: Crawl, listings: Sequence[ListingCoverage]
) -> frozenset[str]:
    """Locales of which every listing was read to its end, and every page leading to listings.

    None where the crawl did not end by itself: what it had still to ask for is not known.
    """
    if this.outcome in ("blocked", "failed", "interrupted"):
        return frozenset()
    failed = connection.execute(
        "SELECT DISTINCT locale FROM fetches WHERE crawl_id = ? AND wanted IN ('home', 'listing')"
        " AND error IS NOT NULL AND page_kind != 'robots'",
        [this.id],
    )
    broken = {locale for (locale,) in failed}
    broken |= {listing.locale for listing in listings if not listing.is_complete}
    return frozenset(listing.locale for listing in listings) - broken


def baseline_locales(connection: sqlite3.Connection, this: Crawl) -> frozenset[str]:
    """Locales of the site that had their baseline before this crawl; of an import, before what it
    brings was captured: what was there before the first crawl is not new."""
    found = connection.execute(
        "SELECT DISTINCT locale.value FROM crawls c, json_each(c.health, '$.baseline_locales')"
        " AS locale WHERE c.site_id = ? AND c.id < ? AND c.is_baseline"
        " AND (? != 'import' OR c.started_at <= ?)",
        [this.site_id, this.id, this.kind, to_text(this.started_at)],
    )
    return frozenset(locale for (locale,) in found)


# -- articles and versions ----------------------------------------------------------------------


def state(row: Mapping[str, Any]) -> ArticleState:
    return _state({name: row[name] for name in ArticleState.__dataclass_fields__})


def states(connection: sqlite3.Connection, sql: str, values: Any) -> dict[int, ArticleState]:
    """By article id, of a query whose columns are the fields of a state; the last row counts."""
    found = connection.execute(sql, values)
    names = [column[0] for column in found.description]
    every = (_state(dict(zip(names, row, strict=True))) for row in found)
    return {each.article_id: each for each in every}


def _state(fields: dict[str, Any]) -> ArticleState:
    """Of the fields as they are stored."""
    fields["published_at"] = to_moment(fields["published_at"])
    fields["updated_at"] = to_moment(fields["updated_at"])
    if fields["shows_updated_date"] is not None:
        fields["shows_updated_date"] = bool(fields["shows_updated_date"])
    return ArticleState(**fields)


ARTICLE = "SELECT a.*, a.id AS article_id FROM articles a JOIN sites s ON s.id = a.site_id"


def articles(connection: sqlite3.Connection, article_ids: Iterable[int]) -> dict[int, ArticleState]:
    """Articles as they are known now."""
    wanted = json.dumps(list(article_ids))
    found = rows(connection, f"{ARTICLE} WHERE a.id IN (SELECT value FROM json_each(?))", [wanted])
    return {row["article_id"]: state(row) for row in found}


def find_article(connection: sqlite3.Connection, name: str) -> ArticleState:
    """The article that a person means: by address, slug, id, source id or title.

    NotInDatabase names the nearest ones, or the several that fit.
    """
    exact = rows(
        connection,
        f"{ARTICLE} WHERE a.url = :name OR a.slug = :name OR a.source_id = :name"
        " OR CAST(a.id AS TEXT) = :name OR a.title_key = :key"
        " ORDER BY CAST(a.id AS TEXT) != :name, a.status != 'listed', a.id",
        {"name": name.rstrip("/"), "key": title_key(name)},
    )
    if exact and (len(exact) == 1 or str(exact[0]["id"]) == name):
        return state(exact[0])
    near = exact or rows(
        connection,
        f"{ARTICLE} WHERE a.title LIKE ? OR a.slug LIKE ? ORDER BY a.id LIMIT 6",
        [f"%{name}%"] * 2,
    )
    if len(near) == 1:
        return state(near[0])
    if not near:
        raise NotInDatabase(
            f"No article {name!r}. Give its address, slug, id or title as `helpwatch changes` "
            "shows them."
        )
    listed = "; ".join(f"{row['id']} {row['title']!r} ({row['locale']})" for row in near[:5])
    raise NotInDatabase(f"Several articles fit {name!r}; give an id: {listed}.")


def versions(connection: sqlite3.Connection, article_id: int) -> list[Version]:
    """All versions of an article, oldest first in time."""
    found = rows(
        connection,
        "SELECT * FROM versions WHERE article_id = ? ORDER BY captured_at, id",
        [article_id],
    )
    return [from_row(row) for row in found]


def versions_by_id(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Version]:
    found = rows(
        connection,
        "SELECT * FROM versions WHERE id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(ids))],
    )
    return {row["id"]: from_row(row) for row in found}


# -- conclusions --------------------------------------------------------------------------------


def _change(row: Mapping[str, Any]) -> Change:
    fields = {name: row[name] for name in Change.__dataclass_fields__}
    fields |= {
        "detected_at": to_moment(row["detected_at"]),
        "detail": json.loads(row["detail"]),
    }
    return Change(**fields)


def changes(
    connection: sqlite3.Connection,
    *,
    crawl_ids: Iterable[int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    article_id: int | None = None,
    kinds: Sequence[str] = (),
    category: str | None = None,
    section: str | None = None,
    locale: str | None = None,
) -> list[Change]:
    """Changes in the order of detection; `category` and `section` fit a slug or a title."""
    found = rows(
        connection,
        """
        SELECT c.* FROM changes c JOIN articles a ON a.id = c.article_id
        WHERE (:crawls IS NULL OR c.crawl_id IN (SELECT value FROM json_each(:crawls)))
          AND (:since IS NULL OR c.detected_at >= :since)
          AND (:until IS NULL OR c.detected_at <= :until)
          AND (:article IS NULL OR c.article_id = :article)
          AND (:kinds = '[]' OR c.kind IN (SELECT value FROM json_each(:kinds)))
          AND (:category IS NULL OR :category IN (a.category, a.category_slug))
          AND (:section IS NULL OR :section IN (a.section, a.section_slug))
          AND (:locale IS NULL OR a.locale = :locale)
        ORDER BY c.detected_at, c.id
        """,
        {
            "crawls": None if crawl_ids is None else json.dumps(list(crawl_ids)),
            "since": to_text(since),
            "until": to_text(until),
            "article": article_id,
            "kinds": json.dumps(list(kinds)),
            "category": category,
            "section": section,
            "locale": locale,
        },
    )
    return [_change(row) for row in found]


def trends(connection: sqlite3.Connection, crawl_id: int) -> list[Trend]:
    """The trends worked out after a crawl, by rank."""
    found = rows(connection, "SELECT * FROM trends WHERE crawl_id = ? ORDER BY rank", [crawl_id])
    return [Trend(**row) for row in found]


def article_counts(connection: sqlite3.Connection, site: str | None) -> tuple[int, int]:
    """How many articles are known, and how many of them are listed now."""
    return connection.execute(
        "SELECT count(*), coalesce(sum(a.status = 'listed'), 0)"
        " FROM articles a JOIN sites s ON s.id = a.site_id WHERE ?1 IS NULL OR s.name = ?1",
        [site],
    ).fetchone()


def other_locales(connection: sqlite3.Connection, article: ArticleState) -> list[ArticleState]:
    """The same article as other locales have it."""
    found = rows(
        connection,
        f"{ARTICLE} WHERE a.source_id = ? AND a.id != ?"
        " AND a.site_id = (SELECT site_id FROM articles WHERE id = ?) ORDER BY a.locale",
        [article.source_id, article.article_id, article.article_id],
    )
    return [state(row) for row in found]


EXACT = "FROM view_observations x WHERE x.article_id = a.id AND NOT x.is_approximate"
OBSERVED = f"""
WITH spans AS MATERIALIZED (
  SELECT a.id AS article_id,
         (SELECT x.observed_at {EXACT} ORDER BY x.observed_at LIMIT 1) AS first_at,
         (SELECT x.observed_at {EXACT} AND x.observed_at < :since
          ORDER BY x.observed_at DESC LIMIT 1) AS before_at
  FROM articles a
  WHERE a.site_id = :site AND (:only IS NULL OR coalesce(a.source_id, a.id) IN (
    SELECT coalesce(x.source_id, x.id) FROM articles x JOIN json_each(:only) w ON w.value = x.id)))
SELECT o.article_id, o.observed_at, o.view_count
FROM spans s JOIN view_observations o
  ON o.article_id = s.article_id AND o.observed_at = s.first_at
WHERE s.first_at < s.before_at
UNION ALL
SELECT o.article_id, o.observed_at, o.view_count
FROM spans s JOIN view_observations o
  ON o.article_id = s.article_id AND o.observed_at >= coalesce(s.before_at, s.first_at)
WHERE o.observed_at <= :until AND NOT o.is_approximate
ORDER BY 1, 2
"""


def view_series(
    connection: sqlite3.Connection,
    site_id: int,
    until: datetime,
    *,
    since: datetime | None = None,
    only: Iterable[int] | None = None,
) -> list[ViewSeries]:
    """The exact view counts of each article up to an instant, or of `only` some articles.

    A count is shared by all locales of an article: the locale with the most observations stands
    for all of them. Of the counts before `since` the first and the last are given: years of them
    would fill the memory.
    """
    counts: dict[int, list[tuple[datetime, int]]] = {}
    for article_id, observed_at, view_count in connection.execute(
        OBSERVED,
        {
            "site": site_id,
            "until": to_text(until),
            "since": to_text(since),
            "only": None if only is None else json.dumps(list(only)),
        },
    ):
        counts.setdefault(article_id, []).append((datetime.fromisoformat(observed_at), view_count))
    edits = _edit_instants(connection, site_id)
    known = rows(
        connection,
        "SELECT id, source_id, locale, title, section_slug, published_at, last_seen_at"
        " FROM articles WHERE site_id = ?",
        [site_id],
    )
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in known:
        if row["id"] in counts:
            groups.setdefault(row["source_id"] or row["id"], []).append(row)
    shared = [row["id"] for group in groups.values() if len(group) > 1 for row in group]
    known_counts = _known_counts(connection, shared, until)
    found = []
    for group in groups.values():
        best = max(group, key=lambda row: (known_counts.get(row["id"], 0), -row["id"]))
        found.append(_series(best, group, counts[best["id"]], edits))
    return found


def _known_counts(
    connection: sqlite3.Connection, article_ids: Sequence[int], until: datetime
) -> dict[int, int]:
    """article_id -> how many exact view counts of it are known up to an instant."""
    found = connection.execute(
        "SELECT o.article_id, count(*) FROM json_each(?) w"
        " JOIN view_observations o ON o.article_id = w.value"
        " WHERE o.observed_at <= ? AND NOT o.is_approximate GROUP BY w.value",
        [json.dumps(article_ids), to_text(until)],
    )
    return dict(found.fetchall())


def _series(
    best: Mapping[str, Any],
    group: Sequence[Mapping[str, Any]],
    counts: Sequence[tuple[datetime, int]],
    edits: Mapping[int, Sequence[datetime]],
) -> ViewSeries:
    return ViewSeries(
        article_id=best["id"],
        title=best["title"],
        section_slug=best["section_slug"],
        observations=counts,
        last_seen_at=to_moment(best["last_seen_at"]),
        locales=tuple(sorted(row["locale"] for row in group)),
        edited_at=edits.get(best["id"], ()),
        published_at=to_moment(best["published_at"]),
    )


def _edit_instants(connection: sqlite3.Connection, site_id: int) -> dict[int, list[datetime]]:
    found = connection.execute(
        "SELECT v.article_id, v.captured_at FROM versions v JOIN articles a ON a.id = v.article_id"
        " WHERE a.site_id = ? AND v.number > 1 ORDER BY v.captured_at",
        [site_id],
    )
    edits: dict[int, list[datetime]] = {}
    for article_id, captured_at in found:
        edits.setdefault(article_id, []).append(datetime.fromisoformat(captured_at))
    return edits
