"""The schema, as migrations: what came to `db.tables` and `db.search_tables`, step by step. Every
table and column carries its comment in the SQL itself, so that `.schema`, Datasette and
`helpwatch schema` all show the same words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from db import search_tables
from db.steps import Steps, statements
from db.tables import TABLES

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x48575443  # "HWTC" in the file's header: this database is helpwatch's


migrations = Steps()


VIEWS = """
CREATE VIEW current_articles AS -- Articles as they are now, with their newest text.
SELECT a.id, s.name AS site, a.locale, a.source_id, a.title, a.summary, a.category, a.section,
       a.section_slug, a.published_at, a.updated_at, a.view_count, a.status, a.url,
       a.first_seen_at, a.last_seen_at, a.last_fetched_at, v.number AS version,
       (SELECT count(*) FROM versions x WHERE x.article_id = a.id) AS version_count, v.body
FROM articles a JOIN sites s ON s.id = a.site_id LEFT JOIN versions v ON v.id = a.version_id;

CREATE VIEW recent_changes AS -- Changes, newest first, with title and address.
SELECT c.id, c.detected_at, c.kind, c.severity, a.title, a.url, a.locale, a.category, a.section,
       c.before, c.after, f.number AS from_version, t.number AS to_version, c.detail, c.crawl_id,
       c.article_id
FROM changes c JOIN articles a ON a.id = c.article_id
LEFT JOIN versions f ON f.id = c.from_version_id LEFT JOIN versions t ON t.id = c.to_version_id
ORDER BY c.detected_at DESC, c.id DESC;

CREATE VIEW trending AS -- The newest trends of each site, most surprising first.
SELECT s.name AS site, t.rank, a.title, a.locale, a.section, t.views_gained, t.window_days,
       round(t.views_per_day, 1) AS views_per_day, round(t.usual_per_day, 1) AS usual_per_day,
       round(t.score, 1) AS score, t.note, a.view_count, a.url, t.article_id, t.crawl_id
FROM trends t JOIN articles a ON a.id = t.article_id JOIN sites s ON s.id = a.site_id
WHERE t.crawl_id = (SELECT max(c.id) FROM crawls c JOIN trends x ON x.crawl_id = c.id
                    WHERE c.site_id = a.site_id)
ORDER BY s.name, t.rank;

CREATE VIEW daily_activity AS -- For each day (UTC): crawls, requests and changes by kind.
SELECT d.day,
       (SELECT count(*) FROM crawls c WHERE substr(c.started_at, 1, 10) = d.day) AS crawls,
       (SELECT sum(c.pages_fetched) FROM crawls c WHERE substr(c.started_at, 1, 10) = d.day) AS pages,
       (SELECT sum(c.errors) FROM crawls c WHERE substr(c.started_at, 1, 10) = d.day) AS errors,
       count(x.id) AS changes,
       coalesce(sum(x.kind = 'new'), 0) AS new,
       coalesce(sum(x.kind IN ('updated', 'silent_edit')), 0) AS edited,
       coalesce(sum(x.kind IN ('unlisted', 'removed')), 0) AS gone,
       coalesce(sum(x.severity = 'high'), 0) AS high
FROM (SELECT DISTINCT substr(started_at, 1, 10) AS day FROM crawls) d
LEFT JOIN changes x ON substr(x.detected_at, 1, 10) = d.day
GROUP BY d.day ORDER BY d.day DESC;

CREATE VIEW article_timeline AS -- All that happened to each article, oldest first: versions, changes, views.
SELECT article_id, captured_at AS at, 'version' AS event, 'version ' || number AS what, title AS detail FROM versions
UNION ALL
SELECT article_id, detected_at, 'change', kind, coalesce(before, '') || CASE WHEN after IS NULL THEN '' ELSE ' -> ' || after END FROM changes
UNION ALL
SELECT article_id, observed_at, 'views', CAST(view_count AS TEXT), NULL FROM view_observations
ORDER BY article_id, at;
"""

OUTBOX = """
CREATE TABLE notifications ( -- The outbox: what is to be told to whom, kept before it is sent.
    id INTEGER PRIMARY KEY, -- Row number.
    site_id INTEGER NOT NULL REFERENCES sites(id), -- The site it is about.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The newest crawl that it tells of.
    destination TEXT NOT NULL, -- Name of the destination: env:NAME, or its scheme and a fingerprint; never its address.
    kind TEXT NOT NULL CHECK (kind IN ('high', 'digest', 'health', 'heartbeat')), -- high: grave changes, at once; digest: the rest; health: a crawl that needs a look; heartbeat: all is well.
    created_at TEXT NOT NULL, -- UTC instant at which it was put in.
    due_at TEXT NOT NULL, -- UTC instant before which it is not sent: the digest's turn, or the wait after a failure.
    attempts INTEGER NOT NULL DEFAULT 0, -- Tries so far.
    last_error TEXT, -- Why the last try failed, in words; never an address.
    sent_at TEXT -- UTC instant at which the destination accepted it; NULL while it waits.
) STRICT;
CREATE UNIQUE INDEX one_notification_waits ON notifications(site_id, destination, kind) WHERE sent_at IS NULL;

CREATE TABLE notified_changes ( -- In which notification each change is told to each destination: once.
    destination TEXT NOT NULL, -- Name of the destination.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl that found the change.
    article_id INTEGER NOT NULL REFERENCES articles(id), -- The article that changed.
    kind TEXT NOT NULL, -- What happened.
    notification_id INTEGER REFERENCES notifications(id), -- The notification that tells it; NULL: held back while its crawl is suspect.
    PRIMARY KEY (destination, crawl_id, article_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX notified_changes_by_notification ON notified_changes(notification_id);

CREATE TABLE notified_crawls ( -- How far each destination is informed.
    site_id INTEGER NOT NULL REFERENCES sites(id), -- The site.
    destination TEXT NOT NULL, -- Name of the destination.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The newest crawl whose changes were put into the outbox.
    PRIMARY KEY (site_id, destination)
) STRICT, WITHOUT ROWID;
"""

LOCALES = """
CREATE TABLE site_locales ( -- Locales that a site's own pages offer, watched or not.
    site_id INTEGER NOT NULL REFERENCES sites(id), -- The site.
    locale TEXT NOT NULL, -- Locale as in the address; for one on a host of its own, its hreflang tag in lower case.
    hreflang TEXT, -- The tag under which pages offer it; NULL where only pages of its own were seen.
    url TEXT NOT NULL, -- Address of the first page that was offered in it.
    is_default INTEGER NOT NULL CHECK (is_default IN (0, 1)), -- 1: the locale that addresses do not name, with which translations are compared.
    first_seen_at TEXT NOT NULL, -- UTC instant at which a page first offered it.
    last_seen_at TEXT NOT NULL, -- UTC instant at which a crawl first found it offered when it last looked.
    PRIMARY KEY (site_id, locale)
) STRICT, WITHOUT ROWID;

CREATE VIEW translations_behind AS -- Articles whose text is older than the last change of the same article in the default locale.
SELECT s.name AS site, t.locale, t.source_id, t.title, t.url, d.title AS default_title,
       d.url AS default_url, dv.captured_at AS changed_at, tv.captured_at AS text_captured_at,
       t.last_fetched_at AS read_at, t.section_slug, t.id AS article_id, d.id AS default_article_id
FROM site_locales l
JOIN sites s ON s.id = l.site_id
-- CROSS JOIN keeps this order, in which each article is found by its site, locale and id.
CROSS JOIN articles d ON d.site_id = l.site_id AND d.locale = l.locale
CROSS JOIN versions dv ON dv.id = d.version_id
CROSS JOIN site_locales o ON o.site_id = l.site_id AND NOT o.is_default
CROSS JOIN articles t
  ON t.site_id = o.site_id AND t.locale = o.locale AND t.source_id = d.source_id
CROSS JOIN versions tv ON tv.id = t.version_id
WHERE l.is_default AND d.status = 'listed' AND t.status = 'listed'
  AND tv.captured_at < dv.captured_at
  -- The translation was read in the crawl that saw the change, or later.
  AND t.last_fetched_at >= (SELECT c.started_at FROM crawls c WHERE c.id = dv.crawl_id)
  -- The text that stood when the translation was written is the one read first from then on.
  AND (SELECT v.body_sha256 FROM fetches f JOIN versions v ON v.id = f.version_id
       WHERE f.article_id = d.id
         AND f.fetched_at >= (SELECT c.started_at FROM crawls c WHERE c.id = tv.crawl_id)
       ORDER BY f.fetched_at, f.id LIMIT 1) != dv.body_sha256;
"""

# The comment stands inside the column's definition: what follows it, SQLite would not keep.
BASES = """
ALTER TABLE snapshots ADD COLUMN base_sha256 TEXT -- An earlier page of the same article that it is compressed against; NULL: none.
    REFERENCES snapshots(sha256)
"""

TITLES_WHEN_READ = """
ALTER TABLE articles ADD COLUMN listed_title_when_read TEXT -- Title that the listings gave when its own page was last read: another one since is reason to read it again.
    DEFAULT NULL
"""

# A crawl bears its name wherever it is copied or merged to; row numbers are each database's own.
CRAWL_NAMES = """
ALTER TABLE crawls ADD COLUMN uid TEXT -- Name of the crawl, the same in every copy of the database.
    DEFAULT NULL;
ALTER TABLE crawls ADD COLUMN sections TEXT NOT NULL -- JSON array: the sections that were to be read; empty: all of them.
    DEFAULT '[]' CHECK (json_valid(sections));
ALTER TABLE crawls ADD COLUMN searches TEXT NOT NULL -- JSON array: the searches that were to be read, each as category:term.
    DEFAULT '[]' CHECK (json_valid(searches));
CREATE UNIQUE INDEX crawls_by_uid ON crawls(uid);
"""
NAMED = ("kind", "locales", "started_at", "finished_at", "pages_fetched", "articles_listed",
         "articles_fetched", "parser")  # fmt: skip
"""What an older crawl, which was given no name, is named by: the same in every copy."""

MERGED = """
CREATE TABLE merged_crawls ( -- Which crawls of other databases (spools) each merged crawl was put together from.
    uid TEXT NOT NULL, -- Name of the crawl there: crawls.uid.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl that it became part of here.
    source TEXT NOT NULL, -- Name of the file it came from.
    source_crawl_id INTEGER NOT NULL, -- Its row number there.
    started_at TEXT NOT NULL, -- UTC instant of its start.
    outcome TEXT NOT NULL, -- How it ended there.
    locales TEXT NOT NULL CHECK (json_valid(locales)), -- JSON array: the locales that it was to read.
    sections TEXT NOT NULL CHECK (json_valid(sections)), -- JSON array: the sections that it was to read; empty: all of them.
    searches TEXT NOT NULL CHECK (json_valid(searches)), -- JSON array: the searches that it was to read, each as category:term.
    is_carried INTEGER NOT NULL DEFAULT 0 CHECK (is_carried IN (0, 1)), -- 1: its pages are told by an earlier crawl here; its listings count for this one, too.
    PRIMARY KEY (uid, crawl_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_crawls_by_crawl ON merged_crawls(crawl_id);
"""

APPEND_ONLY = """
CREATE TRIGGER {table}_are_never_{verb}d BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END
"""

SEALS = """
CREATE TABLE crawl_seals ( -- What each crawl looked at, sealed when it ended. Append-only.
    id INTEGER PRIMARY KEY, -- Row number; order of sealing.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl or import whose log is sealed; its newest seal counts.
    sealed_at TEXT NOT NULL, -- UTC instant: the end of the crawl, or the pruning after which it was sealed anew.
    reason TEXT NOT NULL CHECK (reason IN ('finished', 'pruned')), -- finished: the crawl ended; pruned: old requests of it were forgotten.
    request_count INTEGER NOT NULL, -- Rows of fetches that it covers.
    log_sha256 TEXT NOT NULL, -- SHA-256 over the crawl's row, its listing_crawls and its fetches with what they found.
    last_version_id INTEGER REFERENCES versions(id), -- The version recorded last at that time, whose link the seal covers; NULL before the first.
    chain_sha256 TEXT NOT NULL -- SHA-256 over this row and the chain_sha256 of the seal before it.
) STRICT;
CREATE INDEX crawl_seals_by_crawl ON crawl_seals(crawl_id);
"""

# Each table is read once: a question for each day would read all crawls again.
DAILY_ACTIVITY = """
CREATE VIEW daily_activity AS -- For each day (UTC): crawls, requests and changes by kind.
SELECT d.day, coalesce(c.crawls, 0) AS crawls, coalesce(c.pages, 0) AS pages,
       coalesce(c.errors, 0) AS errors,
       coalesce(x.changes, 0) AS changes, coalesce(x.new, 0) AS new,
       coalesce(x.edited, 0) AS edited, coalesce(x.gone, 0) AS gone, coalesce(x.high, 0) AS high
FROM (SELECT substr(started_at, 1, 10) AS day FROM crawls
      UNION SELECT substr(detected_at, 1, 10) FROM changes) d
LEFT JOIN (
  SELECT substr(started_at, 1, 10) AS day, count(*) AS crawls, sum(pages_fetched) AS pages,
         sum(errors) AS errors
  FROM crawls GROUP BY 1) c ON c.day = d.day
LEFT JOIN (
  SELECT substr(detected_at, 1, 10) AS day, count(*) AS changes, sum(kind = 'new') AS new,
         sum(kind IN ('updated', 'silent_edit')) AS edited,
         sum(kind IN ('unlisted', 'removed')) AS gone, sum(severity = 'high') AS high
  FROM changes GROUP BY 1) x ON x.day = d.day
ORDER BY d.day DESC
"""

VALIDATORS = """
CREATE INDEX fetches_with_validators ON fetches(article_id, id)
WHERE page_kind = 'article' AND coalesce(etag, last_modified) IS NOT NULL
"""


@migrations()
def m001_tables(db: Database) -> None:
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in statements(TABLES):
        db.conn.execute(statement)
    for verb in ("update", "delete"):
        db.conn.execute(APPEND_ONLY.format(table="versions", verb=verb))


@migrations()
def m002_views(db: Database) -> None:
    for statement in statements(VIEWS):
        db.conn.execute(statement)


@migrations()
def m003_search(db: Database) -> None:
    search_tables.create(db.conn)


@migrations()
def m004_outbox(db: Database) -> None:
    for statement in statements(OUTBOX):
        db.conn.execute(statement)


@migrations()
def m005_locales(db: Database) -> None:
    for statement in statements(LOCALES):
        db.conn.execute(statement)


@migrations()
def m006_bases(db: Database) -> None:
    db.conn.execute(BASES.strip())


@migrations()
def m007_titles_when_read(db: Database) -> None:
    db.conn.execute(TITLES_WHEN_READ.strip())


@migrations()
def m008_long_histories(db: Database) -> None:
    db.conn.execute("DROP VIEW daily_activity")
    db.conn.execute(DAILY_ACTIVITY.strip())
    db.conn.execute(VALIDATORS.strip())


@migrations()
def m009_seals(db: Database) -> None:
    for statement in statements(SEALS):
        db.conn.execute(statement)
    for verb in ("update", "delete"):
        db.conn.execute(APPEND_ONLY.format(table="crawl_seals", verb=verb))


@migrations()
def m010_merging(db: Database) -> None:
    import hashlib

    for statement in (*statements(CRAWL_NAMES), *statements(MERGED)):
        db.conn.execute(statement)
    facts = ", ".join(f"c.{name}" for name in NAMED)
    for crawl_id, *known in db.conn.execute(
        f"SELECT c.id, s.name, {facts} FROM crawls c JOIN sites s ON s.id = c.site_id"
    ).fetchall():
        uid = hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()[:32]
        db.conn.execute("UPDATE crawls SET uid = ? WHERE id = ?", [uid, crawl_id])


@migrations()
def m011_faster_indexing(db: Database) -> None:
    search_tables.renew_triggers(db.conn)
