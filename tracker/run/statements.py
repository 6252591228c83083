"""The database -> what a page said, what was watched, and a help centre as it was."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from types import ModuleType

from db import evidence, past, queries, seals
from db.errors import NotInDatabase
from db.records import ArticleState, Crawl, Site, Version
from db.verify import Reader
from db.versions import text_like
from reports.evidence import Evidence
from spiders import sites
from spiders.errors import PageError
from spiders.items import ArticlePage
from tracker import coverage, text
from tracker.asof import ArticleThen, SameText, SiteThen
from tracker.coverage import ArticleWatch, Coverage, CoveragePolicy, CrawlWatch
from tracker.standing import standing


def readers(connection: sqlite3.Connection) -> dict[str, Reader]:
    """How the pages of each stored site are read today; sites without a site file are left out."""
    stored = queries.rows(connection, "SELECT name, base_url FROM sites")
    known = sites.known()
    return {
        row["name"]: reader(sites.load(row["name"]), row["base_url"])
        for row in stored
        if row["name"] in known
    }


def reader(module: ModuleType, base_url: str) -> Reader:
    """Today's reader of a site."""

    def read(body: bytes, url: str, form: str, content_type: str | None) -> ArticlePage | None:
        try:
            page = module.read_page(body, url, content_type=content_type, form=form)
        except PageError:
            return None
        return page if isinstance(page, ArticlePage) else None

    return Reader(
        parser=module.PARSER, read=read, same_text=partial(text.is_same, own_origin=base_url)
    )


# -- what a page said ---------------------------------------------------------------------------


def evidence_at(connection: sqlite3.Connection, name: str, at: datetime) -> Evidence:
    """What the article that `name` means said at an instant; NotInDatabase tells what is known."""
    article = queries.find_article(connection, name)
    site = evidence.site_of(connection, article.article_id)
    versions = queries.versions(connection, article.article_id)
    found = standing(versions, evidence.readings(connection, article.article_id), at)
    if found is None:
        raise NotInDatabase(_nothing_read(article, versions))
    ends = [crawl.finished_at for crawl in queries.crawls(connection, site=site.name)]
    return Evidence(
        site=site.name,
        base_url=site.base_url,
        state=past.state_at(connection, article.article_id, at) or article,
        standing=found,
        page=evidence.stored_page(connection, found.version),
        recorded_until=max(ends, default=found.version.captured_at),
    )


def _nothing_read(article: ArticleState, versions: list[Version]) -> str:
    if not versions:
        return f"{article.title!r} is known from listings alone; its own page was not read yet."
    first = versions[0].captured_at
    return f"{article.title!r} was first read on {first:%Y-%m-%dT%H:%M:%SZ}; give that or a later."


# -- what was watched ---------------------------------------------------------------------------


def coverage_of(
    connection: sqlite3.Connection,
    site: Site,
    since: datetime,
    until: datetime,
    recheck_days: float,
) -> Coverage:
    """What was watched of a site in a period."""
    policy = CoveragePolicy(recheck_days=recheck_days)
    crawls = queries.crawls(connection, site=site.name, until=until)
    inside = [crawl for crawl in crawls if (crawl.finished_at or crawl.started_at) >= since]
    return Coverage(
        site=site.name,
        base_url=site.base_url,
        since=since,
        until=until,
        policy=policy,
        crawls=_crawl_watches(connection, inside),
        gaps=coverage.gaps(crawls, since, until, policy),
        articles=_article_watches(connection, site, since, until, policy),
        changes=queries.changes(
            connection, crawl_ids=[crawl.id for crawl in crawls], since=since, until=until
        ),
        head=evidence.head(connection, until),
        seal=seals.of_last_crawl(connection, site.id, until),
    )


def _crawl_watches(connection: sqlite3.Connection, crawls: Sequence[Crawl]) -> list[CrawlWatch]:
    ids = [crawl.id for crawl in crawls]
    listings = evidence.listings_read(connection, ids)
    unread = evidence.unread_pages(connection, ids)
    read = evidence.pages_read(connection, ids)
    none = evidence.PagesRead()
    return [
        CrawlWatch(
            crawl=crawl,
            listings=listings.get(crawl.id, ()),
            unread=unread.get(crawl.id, ()),
            confirmed_count=read.get(crawl.id, none).confirmed_count,
            new_count=read.get(crawl.id, none).new_count,
        )
        for crawl in crawls
    ]


def _article_watches(
    connection: sqlite3.Connection,
    site: Site,
    since: datetime,
    until: datetime,
    policy: CoveragePolicy,
) -> list[ArticleWatch]:
    """How each article was watched that was there at some time of the period."""
    marks = past.marks_at(connection, site.id, until)
    seen = past.first_seen(connection, site.id, until)
    removed = past.removed_at(connection, site.id, until)
    there = {
        article.article_id: article
        for article in past.articles_at(connection, site.id, until)
        if removed.get(article.article_id, until) >= since
    }

    def watched(article_id: int, readings: list[evidence.Reading]) -> ArticleWatch:
        return coverage.watch(
            there[article_id],
            marks.get(article_id),
            readings,
            present_from=max(since, seen[article_id]),
            present_until=removed.get(article_id, until),
            since=since,
            policy=policy,
        )

    found = {
        article_id: watched(article_id, readings)
        for article_id, readings in evidence.readings_by_article(connection, site.id, since, until)
        if article_id in there
    }
    return [
        found[article_id] if article_id in found else watched(article_id, [])
        for article_id in there
    ]


# -- a help centre as it was --------------------------------------------------------------------


def site_then(connection: sqlite3.Connection, site: Site, at: datetime) -> SiteThen:
    """A help centre as it was known at an instant; NotInDatabase before the first record."""
    states = past.articles_at(connection, site.id, at)
    looks = [
        crawl.started_at
        for crawl in queries.crawls(connection, site=site.name)
        if crawl.kind == "crawl" and crawl.outcome == "complete"
    ]
    if not states:
        first = f"the first complete crawl began on {min(looks):%Y-%m-%d}" if looks else "none yet"
        raise NotInDatabase(
            f"Nothing was known of {site.name} at {at:%Y-%m-%d %H:%M} UTC; {first}."
        )
    marks = past.marks_at(connection, site.id, at)
    read = past.last_confirmed(connection, site.id, at)
    listings = past.listings_at(connection, site.id, at)
    read_in_doubt = past.read_in_doubt(connection, site.id, at)
    statuses_in_doubt = past.statuses_in_doubt(connection, site.id, at)
    return SiteThen(
        site=site.name,
        base_url=site.base_url,
        at=at,
        last_crawl_at=max((look for look in looks if look <= at), default=None),
        next_crawl_at=min((look for look in looks if look > at), default=None),
        articles={
            state.article_id: ArticleThen(
                state=state,
                version_number=marks[state.article_id].number
                if state.article_id in marks
                else None,
                read_at=read.get(state.article_id),
                listings=listings.get(state.article_id, ()),
                is_read_in_doubt=state.article_id in read_in_doubt,
                status_in_doubt=statuses_in_doubt.get(state.article_id),
            )
            for state in states
        },
    )


def same_text(
    connection: sqlite3.Connection, site: Site, readers: Mapping[str, Reader]
) -> SameText:
    """Whether two states of an article have the same text, like compared with like."""
    today = readers.get(site.name)
    alike = today.same_text if today else partial(text.is_same, own_origin=site.base_url)

    def is_same(was: ArticleState, now: ArticleState) -> bool:
        versions = queries.versions_by_id(connection, [was.version_id, now.version_id])
        old, new = versions[was.version_id], versions[now.version_id]
        like = text_like(connection, old, new)
        if like is old and (old.parser, old.form) != (new.parser, new.form) and today:
            # No reading in the newer way is kept: both pages are read once more, side by side.
            pages = [_read_again(connection, version, new.form, today) for version in (old, new)]
            if None not in pages:
                return alike(pages[0].body, pages[1].body)
        return alike(like.body, new.body)

    return is_same


def _read_again(
    connection: sqlite3.Connection, version: Version, form: str, reader: Reader
) -> ArticlePage | None:
    page = evidence.stored_page(connection, version)
    return page and reader.read(page.body, page.url, form, page.content_type)
