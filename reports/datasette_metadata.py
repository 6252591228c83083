"""How Datasette shows the database: descriptions, units, facets, and questions ready to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reports.dictionary import Relation

UNITS: Mapping[str, str] = {"elapsed_ms": "ms", "size": "byte", "window_days": "day"}
"""Column -> its unit. Counts, ranks and scores have none."""

FACETS: Mapping[str, Sequence[str]] = {
    "current_articles": ("category", "section", "locale", "status"),
    "recent_changes": ("kind", "severity", "category", "section"),
    "articles": ("category", "section", "locale", "status"),
    "changes": ("kind", "severity"),
    "crawls": ("outcome", "kind"),
    "listings": ("kind", "locale", "category"),
    "fetches": ("page_kind", "wanted", "status"),
    "versions": ("parser", "form"),
    "trending": ("section", "locale", "note"),
    "article_timeline": ("event",),
}

NEWEST_FIRST: Mapping[str, str] = {
    "crawls": "id",
    "changes": "id",
    "versions": "id",
    "fetches": "id",
    "article_states": "id",
    "view_observations": "observed_at",
    "trends": "crawl_id",
}

LABELS: Mapping[str, str] = {
    "articles": "title",
    "versions": "title",
    "listings": "title",
    "sites": "name",
    "crawls": "started_at",
}
"""Table -> the column that stands for a row wherever another table points to it."""

FOR_PEOPLE = (
    "recent_changes", "current_articles", "trending", "daily_activity", "article_timeline",
)  # fmt: skip
"""The views made for people: where to begin."""

MACHINERY = (
    "_sqlite_migrations", "article_search", "article_search_unspaced", "article_states",
    "crawl_seals", "dictionaries", "field_fills", "rereadings", "unspaced_articles",
)  # fmt: skip
"""What helpwatch needs for itself: there, but behind a click."""

STYLE_FOLDER = Path(__file__).with_name("static")
STYLE_MOUNT = "helpwatch-static"
"""Where Datasette serves the folder with the style sheet."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query with a name; `parameters` stand in the SQL with a colon."""

    name: str
    title: str
    about: str
    sql: str
    parameters: Sequence[str] = field(default=())


QUOTED = """'"' || replace(replace(trim(:words), '"', ''), ' ', '{0} "') || '{0}'"""
"""What a person types as FTS5 strings, all to be found: no character of it is query syntax."""

QUESTIONS = (
    Question(
        "search",
        "Search all articles",
        "Articles with all the words, or words that begin so; what was found stands in brackets. "
        "Chinese and other scripts without spaces between words: three characters or more.",
        f"""
SELECT id AS article_id, title, locale, section, status, snippet, url FROM (
  SELECT a.id, a.title, a.locale, a.section, a.status, a.url,
         snippet(article_search, 2, '[', ']', '…', 24) AS snippet,
         bm25(article_search, 8, 2, 1) AS score
  FROM article_search JOIN articles a ON a.id = article_search.rowid
  WHERE article_search MATCH {QUOTED.format('"*')}
  UNION ALL
  SELECT a.id, a.title, a.locale, a.section, a.status, a.url,
         snippet(article_search_unspaced, 2, '[', ']', '…', 40),
         bm25(article_search_unspaced, 8, 2, 1)
  FROM article_search_unspaced JOIN articles a ON a.id = article_search_unspaced.rowid
  WHERE article_search_unspaced MATCH {QUOTED.format('"')}
) GROUP BY id HAVING score = min(score) ORDER BY score LIMIT 50""",
        ("words",),
    ),
    Question(
        "changes_since",
        "What changed since a day",
        "Every change from that day on, the gravest first. Write the day as 2026-04-18.",
        """
SELECT detected_at, severity, kind, title, before, after, from_version, to_version, url
FROM recent_changes WHERE detected_at >= :day
ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'normal' THEN 1 ELSE 2 END, detected_at DESC
LIMIT 500""",
        ("day",),
    ),
    Question(
        "silent_edits",
        "Edited while the updated date stood still",
        "Texts that differ although the page's own updated date is the same.",
        """
SELECT c.detected_at, c.severity, a.title, a.updated_at, c.from_version_id, c.to_version_id, a.url
FROM changes c JOIN articles a ON a.id = c.article_id
WHERE c.kind = 'silent_edit' ORDER BY c.detected_at DESC""",
    ),
    Question(
        "text_on_a_day",
        "What an article said on a day",
        "The text that stood at the end of that day (UTC). Name the article as its address does.",
        """
SELECT v.number, v.captured_at, v.title, v.body, v.body_sha256, v.snapshot_sha256
FROM versions v JOIN articles a ON a.id = v.article_id
WHERE a.slug = :slug AND v.captured_at <= :day || 'T23:59:59.999Z'
ORDER BY v.captured_at DESC, v.id DESC LIMIT 1""",
        ("slug", "day"),
    ),
    Question(
        "gone",
        "Which articles are gone, and since when",
        "unlisted: in no listing any more, still answers. removed: its address is gone too.",
        """
SELECT a.status, a.title, a.section, max(c.detected_at) AS since, a.url
FROM articles a JOIN changes c ON c.article_id = a.id AND c.kind = a.status
WHERE a.status != 'listed' GROUP BY a.id ORDER BY since DESC""",
    ),
    Question(
        "rising",
        "What is read more than usual",
        "From the newest crawl of each site. Score 3: one chance in a thousand.",
        """
SELECT site, rank, title, views_gained, views_per_day, usual_per_day, score, note, url
FROM trending ORDER BY site, rank""",
    ),
    Question(
        "views_of_an_article",
        "How the views of an article grew",
        "Each count that differed from the one before, and what was gained.",
        """
SELECT o.observed_at, o.view_count,
       o.view_count - lag(o.view_count) OVER (ORDER BY o.observed_at) AS gained
FROM view_observations o JOIN articles a ON a.id = o.article_id
WHERE a.slug = :slug ORDER BY o.observed_at""",
        ("slug",),
    ),
    Question(
        "coverage",
        "Was every listing read to its end",
        "The newest crawl of each site: what each listing claims, what was seen of it.",
        """
SELECT s.name AS site, c.started_at, l.locale, l.kind, l.slug, lc.claimed_total, lc.seen_count,
       lc.page_count, lc.is_complete
FROM listing_crawls lc JOIN listings l ON l.id = lc.listing_id
JOIN crawls c ON c.id = lc.crawl_id JOIN sites s ON s.id = c.site_id
WHERE c.id IN (SELECT max(id) FROM crawls WHERE kind = 'crawl' GROUP BY site_id)
ORDER BY s.name, lc.is_complete, l.locale, l.kind, l.slug""",
    ),
    Question(
        "proof_of_no_change",
        "When an article was looked at, and what it said",
        "Every request for its page, with the version that it found or confirmed.",
        """
SELECT f.fetched_at, f.status, f.page_kind, v.number AS version, v.body_sha256, f.error
FROM fetches f JOIN articles a ON a.id = f.article_id LEFT JOIN versions v ON v.id = f.version_id
WHERE a.slug = :slug ORDER BY f.fetched_at, f.id""",
        ("slug",),
    ),
    Question(
        "not_checked",
        "What could not be looked at",
        "Pages of each site's newest crawl that gave an error, no answer, or were not allowed.",
        """
SELECT c.started_at, f.page_kind, f.status, f.error, f.url
FROM fetches f JOIN crawls c ON c.id = f.crawl_id
WHERE f.error IS NOT NULL AND f.page_kind != 'gone'
  AND c.id IN (SELECT max(id) FROM crawls WHERE kind = 'crawl' GROUP BY site_id)
ORDER BY f.page_kind, f.url""",
    ),
)


def metadata(relations: Sequence[Relation], database: str) -> dict[str, Any]:
    """Datasette's metadata for a database of that name (its file name without the ending)."""
    return {
        "title": "helpwatch",
        "description": "What a help centre says, what it said, and what changed. Times are UTC; "
        "unknown is NULL. This is a read-only view of the database.",
        "extra_css_urls": [f"/{STYLE_MOUNT}/datasette.css"],
        "databases": {
            database: {
                "description_html": _where_to_begin(relations, database),
                "tables": {relation.name: _table(relation) for relation in relations}
                | {name: {"hidden": True} for name in MACHINERY if name.startswith("_")},
                "queries": {question.name: _query(question) for question in QUESTIONS},
            }
        },
    }


def _where_to_begin(relations: Sequence[Relation], database: str) -> str:
    comments = {relation.name: relation.comment for relation in relations}
    items = "".join(
        f'<li><a href="/{quote(database)}/{name}">{name}</a>: {escape(comments[name])}</li>'
        for name in FOR_PEOPLE
        if name in comments
    )
    return f"<p>Begin with a question below, or with one of these views:</p><ul>{items}</ul>"


def _table(relation: Relation) -> dict[str, Any]:
    names = [column.name for column in relation.columns]
    shown: dict[str, Any] = {
        "description": relation.comment,
        "columns": {column.name: column.comment for column in relation.columns if column.comment},
    }
    if units := {name: UNITS[name] for name in names if name in UNITS}:
        shown["units"] = units
    if facets := FACETS.get(relation.name):
        shown["facets"] = list(facets)
    if newest := NEWEST_FIRST.get(relation.name):
        shown["sort_desc"] = newest
    if label := LABELS.get(relation.name):
        shown["label_column"] = label
    if relation.name in ("current_articles", "articles"):
        shown |= {"fts_table": "article_search", "fts_pk": "id"}
    if relation.name in MACHINERY:
        shown["hidden"] = True
    return shown


def _query(question: Question) -> dict[str, Any]:
    return {
        "title": question.title,
        "description": question.about,
        "sql": question.sql.strip(),
        "params": list(question.parameters),
        "hide_sql": True,
    }
