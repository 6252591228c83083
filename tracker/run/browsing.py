"""The database -> what the pages of `helpwatch serve` show: the home page, one article."""

import sqlite3
from datetime import timedelta
from pathlib import Path

from db import evidence, queries
from db.errors import NotInDatabase
from db.records import Crawl
from reports.article_page import ArticleHistory, Read
from reports.home_page import Home
from tracker.findings import ChangeFinding
from tracker.run.config import Config
from tracker.run.gather import change_finding, gather, telling_of
from tracker.run.options import now_utc
from tracker.run.status import status

RECENT = timedelta(days=7)
"""Changes of this long before the newest crawl stand on the home page."""


def home(connection: sqlite3.Connection, config: Config, site: str | None) -> Home:
    """Of the named site, else of the one that was crawled last; NotInDatabase for an unknown."""
    now = now_utc()
    sites = queries.newest_crawl_starts(connection)
    if site is not None and site not in sites:
        raise NotInDatabase(f"There is no site {site!r}; known: {', '.join(sorted(sites))}.")
    site = site or max(sites, key=sites.get, default=None)
    crawls = [crawl for crawl in queries.crawls(connection, site=site) if crawl.kind == "crawl"]
    newest = gather(
        connection,
        crawls=crawls[-1:],
        generated_at=now,
        with_texts=False,
        telling=telling_of(config),
    )
    return Home(
        newest=newest,
        recent=_recent(connection, crawls),
        recent_days=RECENT.days,
        problems=[
            said
            for one in status(connection, config, now)
            if one.site == site
            for said in (*filter(None, [one.problem]), *one.undelivered)
        ],
        sites=sorted(sites),
        database=Path(config.database).stem,
    )


def _recent(connection: sqlite3.Connection, crawls: list[Crawl]) -> list[ChangeFinding]:
    if not crawls:
        return []
    since = crawls[-1].started_at - RECENT
    ids = [crawl.id for crawl in crawls if crawl.started_at >= since]
    changes = queries.changes(connection, crawl_ids=ids)
    articles = queries.articles(connection, {change.article_id for change in changes})
    return [
        ChangeFinding(change=change, article=articles[change.article_id])
        for change in reversed(changes)
        if "suspect" not in change.detail
    ]


def history(connection: sqlite3.Connection, config: Config, article_id: int) -> ArticleHistory:
    """All that is known of an article; NotInDatabase where there is none of that number."""
    article = queries.articles(connection, [article_id]).get(article_id)
    if article is None:
        raise NotInDatabase(f"There is no article {article_id}.")
    site = evidence.site_of(connection, article_id)
    versions = queries.versions(connection, article_id)
    by_id = {version.id: version for version in versions}
    changes = queries.changes(connection, article_id=article_id)
    found = queries.view_series(connection, site.id, now_utc(), only=[article_id])
    series = found[0] if found else None
    return ArticleHistory(
        article=article,
        site=site.name,
        time_zone=config.time_zone,
        versions=versions,
        changes=[
            change_finding(connection, change, article, by_id, site.base_url) for change in changes
        ],
        reads=[
            Read(
                read.fetched_at,
                by_id[read.version_id].number if read.version_id in by_id else None,
                read.error,
            )
            for read in evidence.readings(connection, article_id)
        ],
        series=series,
        trend=_trend(connection, site.name, series.article_id) if series else None,
        other_locales=queries.other_locales(connection, article),
    )


def _trend(connection: sqlite3.Connection, site: str, article_id: int):
    """As the newest crawl left it."""
    crawls = [crawl for crawl in queries.crawls(connection, site=site) if crawl.kind == "crawl"]
    if not crawls:
        return None
    trends = queries.trends(connection, crawls[-1].id)
    return next((trend for trend in trends if trend.article_id == article_id), None)
