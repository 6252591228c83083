"""The database -> Findings: everything that one report tells."""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from db import locales, queries, standing
from db.errors import NotInDatabase
from db.kinds import CHANGE_KINDS
from db.records import ArticleState, Change, Crawl, TranslationBehind, Version
from db.versions import alike
from tracker import text, trends
from tracker.findings import (
    ChangeFinding,
    Findings,
    LaggingTranslation,
    TranslationsBehind,
    TrendFinding,
)
from tracker.health import Health
from tracker.netchange import NetChange, fold
from tracker.run import gaps, times
from tracker.run.config import Config
from tracker.textdiff import TextDiff, diff

MOST_TRENDING = 20
SEVERITY_ORDER = {"high": 0, "normal": 1, "low": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a report is limited to; None and () mean everything."""

    kinds: tuple[str, ...] = ()
    category: str | None = None
    section: str | None = None
    locale: str | None = None

    def fits(self, article: ArticleState) -> bool:
        return (
            (self.category is None or self.category in (article.category, article.category_slug))
            and (self.section is None or self.section in (article.section, article.section_slug))
            and (self.locale is None or self.locale == article.locale)
        )

    def as_dict(self) -> dict[str, object]:
        return {
            name: value
            for name in self.__slots__
            if (value := getattr(self, name)) not in (None, ())
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How findings are told: times in whose zone, and which rises of views."""

    time_zone: tzinfo = UTC
    trend_policy: trends.TrendPolicy = trends.DEFAULT_POLICY


AS_STORED = Telling()


def telling_of(config: Config, time_zone: tzinfo | None = None) -> Telling:
    """As the configuration says, times in another zone where one is asked for."""
    return Telling(time_zone=time_zone or config.time_zone, trend_policy=config.trend_policy)


def gather(
    connection: sqlite3.Connection,
    *,
    crawls: Sequence[Crawl],
    generated_at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    filters: Filters = Filters(),
    with_texts: bool = True,
    with_steps: bool = True,
    only: Collection[tuple[int, int, str]] | None = None,
    telling: Telling = AS_STORED,
) -> Findings:
    """The findings of one crawl, or of several in a row (oldest first, of one site).

    Several crawls are told by what they come to, with the steps beneath; without `with_steps`
    every change stands for itself. `only` names the changes to tell: crawl, article and kind.
    """
    newest = next(
        (c for c in reversed(crawls) if c.kind == "crawl"), crawls[-1] if crawls else None
    )
    site = newest.site if newest else None
    ends = [crawl.finished_at or crawl.started_at for crawl in crawls]
    until = min(filter(None, [max(ends, default=generated_at), until]))
    base_url = _base_url(connection, site)
    changes = queries.changes(
        connection,
        crawl_ids=[crawl.id for crawl in crawls],
        category=filters.category,
        section=filters.section,
        locale=filters.locale,
    )
    if only is not None:
        changes = [c for c in changes if (c.crawl_id, c.article_id, c.kind) in only]
    held_back = [NetChange(change=change) for change in changes if "suspect" in change.detail]
    changes = [change for change in changes if "suspect" not in change.detail]
    nets = _nets(connection, changes, base_url, is_folded=with_steps and len(crawls) > 1)
    if filters.kinds:
        nets, held_back = (
            [net for net in found if _has_kind(net, filters.kinds)] for found in (nets, held_back)
        )
    told = _change_findings(connection, nets, base_url, with_texts)
    held = _change_findings(connection, held_back, base_url, with_texts)
    known, listed = queries.article_counts(connection, site)
    coverage = queries.coverage(connection, newest.id) if newest else []
    return Findings(
        site=site or "",
        base_url=base_url,
        generated_at=generated_at,
        time_zone=telling.time_zone,
        crawls=tuple(crawls),
        since=since,
        until=until,
        health=Health.from_json(newest.health) if newest and newest.health else None,
        coverage=coverage,
        changes=tuple(finding for finding, is_back in told if not is_back),
        taken_back=tuple(finding for finding, is_back in told if is_back),
        held_back=tuple(finding for finding, _ in held),
        trending=_trend_findings(connection, newest, filters, telling) if newest else (),
        translations_behind=_translations_behind(connection, site, until, filters) if site else (),
        not_checked=gaps.not_checked(connection, newest, crawls, telling.time_zone)
        if newest
        else (),
        articles_known=known,
        articles_listed=listed,
        last_good_crawl_at=standing.last_good_crawl_at(connection, site, until),
        filters=filters.as_dict(),
    )


def _base_url(connection: sqlite3.Connection, site: str | None) -> str:
    row = connection.execute("SELECT base_url FROM sites WHERE name = ?", [site]).fetchone()
    return row[0] if row else ""


def _nets(
    connection: sqlite3.Connection, changes: Sequence[Change], base_url: str, *, is_folded: bool
) -> Sequence[NetChange]:
    if not is_folded:
        return [NetChange(change=change) for change in changes]

    def same_text(from_id: int, to_id: int) -> bool:
        found = queries.versions_by_id(connection, [from_id, to_id])
        old, new = found[from_id], found[to_id]
        old, new = alike(connection, old, new)
        return text.is_same(old.body, new.body, base_url)

    return fold(changes, same_text)


def _has_kind(net: NetChange, kinds: Sequence[str]) -> bool:
    """A quiet edit is found by its kind though a later, dated one is the net change."""
    return any(change.kind in kinds for change in (net.change, *net.steps))


def _change_findings(
    connection: sqlite3.Connection, nets: Sequence[NetChange], base_url: str, with_texts: bool
) -> list[tuple[ChangeFinding, bool]]:
    """In the order of telling; with whether it was taken back."""
    changes = [change for net in nets for change in (net.change, *net.steps)]
    articles = queries.articles(connection, {change.article_id for change in changes})
    ids = {
        version_id
        for change in changes
        for version_id in (change.from_version_id, change.to_version_id)
        if version_id is not None
    }
    versions = queries.versions_by_id(connection, ids) if with_texts else {}

    def finding(change: Change) -> ChangeFinding:
        return change_finding(connection, change, articles[change.article_id], versions, base_url)

    found = [
        (
            replace(finding(net.change), steps=tuple(finding(step) for step in net.steps)),
            net.is_taken_back,
        )
        for net in nets
    ]
    return sorted(found, key=lambda pair: _order_of_telling(pair[0]))


def change_finding(
    connection: sqlite3.Connection,
    change: Change,
    article: ArticleState,
    versions: dict[int, Version],
    base_url: str,
) -> ChangeFinding:
    """The change with its texts, as far as `versions` (by id) holds them."""
    old = versions.get(change.from_version_id)
    new = versions.get(change.to_version_id)
    gone = change.kind in ("unlisted", "removed")
    return ChangeFinding(
        change=change,
        article=article,
        from_version=old,
        to_version=new,
        diff=difference(connection, old, new, base_url)
        if change.kind in ("updated", "silent_edit") and old and new
        else None,
        last_text=old if gone else None,
    )


def difference(
    connection: sqlite3.Connection, old: Version, new: Version, base_url: str
) -> TextDiff:
    """The difference of two versions, like compared with like."""
    old, new = alike(connection, old, new)
    return diff(old.body, new.body, base_url)


def _order_of_telling(finding: ChangeFinding) -> tuple:
    change = finding.change
    return (
        SEVERITY_ORDER[change.severity],
        CHANGE_KINDS.index(change.kind),
        finding.article.title.casefold(),
        change.detected_at,
        change.article_id,
    )


def _trend_findings(
    connection: sqlite3.Connection, crawl: Crawl, filters: Filters, telling: Telling
) -> tuple[TrendFinding, ...]:
    kept = [
        t for t in queries.trends(connection, crawl.id) if trends.is_rising(t, telling.trend_policy)
    ]
    articles = queries.articles(connection, {trend.article_id for trend in kept})
    series = {
        s.article_id: s
        for s in queries.view_series(connection, crawl.site_id, crawl.finished_at, only=articles)
    }
    found = [
        TrendFinding(
            trend=trend, article=articles[trend.article_id], series=series[trend.article_id]
        )
        for trend in kept
        if trend.article_id in series and filters.fits(articles[trend.article_id])
    ]
    return tuple(found[:MOST_TRENDING])


def _translations_behind(
    connection: sqlite3.Connection, site: str, until: datetime, filters: Filters
) -> tuple[TranslationsBehind, ...]:
    lags = locales.translations_behind(connection, site, until)
    ids = {lag.article_id for lag in lags} | {lag.default_article_id for lag in lags}
    articles = queries.articles(connection, ids)
    by_default: dict[int, list[TranslationBehind]] = {}
    for lag in lags:
        if filters.fits(articles[lag.article_id]):
            by_default.setdefault(lag.default_article_id, []).append(lag)
    return tuple(
        TranslationsBehind(
            article=articles[article_id],
            changed_at=found[0].changed_at,
            translations=tuple(
                LaggingTranslation(
                    article=articles[lag.article_id],
                    text_captured_at=lag.text_captured_at,
                    read_at=lag.read_at,
                )
                for lag in found
            ),
        )
        for article_id, found in by_default.items()
    )


def gather_trending(
    connection: sqlite3.Connection,
    *,
    window_days: float,
    filters: Filters,
    generated_at: datetime,
    telling: Telling = AS_STORED,
) -> Findings:
    """Findings with nothing but the trends over a window that ends with the newest crawl."""
    crawls = [c for c in queries.crawls(connection) if c.kind == "crawl"]
    if not crawls:
        return gather(connection, crawls=(), generated_at=generated_at, telling=telling)
    newest = crawls[-1]
    policy = replace(telling.trend_policy, window_days=window_days)
    now, site_id = newest.finished_at, newest.site_id
    since = trends.counts_since(now, policy)
    ranked = trends.rank(queries.view_series(connection, site_id, now, since=since), now, policy)
    articles = queries.articles(connection, {trend.article_id for trend in ranked})
    told = [trend for trend in ranked if filters.fits(articles[trend.article_id])][:MOST_TRENDING]
    series = {
        s.article_id: s
        for s in queries.view_series(
            connection, site_id, now, only=[trend.article_id for trend in told]
        )
    }
    found = [
        TrendFinding(
            trend=trend, article=articles[trend.article_id], series=series[trend.article_id]
        )
        for trend in told
    ]
    bare = gather(
        connection,
        crawls=[newest],
        filters=filters,
        generated_at=generated_at,
        with_texts=False,
        telling=telling,
    )
    return replace(bare, changes=(), held_back=(), trending=tuple(found))


def version_pair(
    connection: sqlite3.Connection, name: str, old: str | None, new: str | None
) -> tuple[Version, Version, TextDiff]:
    """Two versions of an article, by number or date (the last two by themselves), and how they
    differ. NotInDatabase says which versions there are."""
    article = queries.find_article(connection, name)
    versions = queries.versions(connection, article.article_id)
    if not versions:
        raise NotInDatabase(
            f"{article.title!r} is known from listings alone; its own page was not read yet."
        )
    newest = _version(versions, new) if new else versions[-1]
    earlier = versions[max(0, versions.index(newest) - 1)]
    oldest = _version(versions, old) if old else earlier
    if oldest.id == newest.id and old is None:
        raise NotInDatabase(f"{article.title!r} has one version; there is nothing to compare.")
    (base_url,) = connection.execute(
        "SELECT s.base_url FROM sites s JOIN articles a ON a.site_id = s.id WHERE a.id = ?",
        [article.article_id],
    ).fetchone()
    return oldest, newest, difference(connection, oldest, newest, base_url)


def _version(versions: Sequence[Version], wanted: str) -> Version:
    """A version by its number, or the one that stood at the end of a date."""
    if wanted.isdecimal() and len(wanted) < 5:
        found = [version for version in versions if version.number == int(wanted)]
    else:
        at = times.instant(wanted, "version")
        until = at + timedelta(days=1) if len(wanted) == 10 else at
        found = [version for version in versions if version.captured_at <= until]
    if found:
        return found[-1]
    known = ", ".join(f"{v.number} ({v.captured_at:%Y-%m-%d})" for v in versions)
    raise NotInDatabase(f"There is no version {wanted!r}; known: {known}.")
