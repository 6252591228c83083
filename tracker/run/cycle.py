"""One whole cycle: crawl, judge, compare, rank, keep, report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from db import queries, states
from db.copies import leave_copy
from db.kinds import READING_KINDS
from db.records import Crawl, Part, Unread
from db.store import Store
from spiders import sites
from tracker import changes, health, trends, watchlist
from tracker.findings import Findings
from tracker.health import Health
from tracker.passes import ENDED_BY_ITSELF, uncovered
from tracker.run.archive import write_reports
from tracker.run.config import Config
from tracker.run.delivery import Delivery, put_in, send_waiting
from tracker.run.errors import Exit, UsageError, exit_of
from tracker.run.gather import gather, telling_of
from tracker.run.reworking import at_their_own_time, in_doubt, reworked

if TYPE_CHECKING:
    from tracker.run.crawl import CrawlJob

EARLIER_CRAWLS = 5
MOST_TRENDS_KEPT = 50
FEED_DAYS, FEED_CRAWLS = 14, 30
"""How far back the feed goes that keeps its name: a reader may be away for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleResult:
    findings: Findings
    reports: tuple[Path, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    @property
    def exit(self) -> Exit:
        return exit_of(self.findings.crawl, self.findings.health)


def run_cycle(job: "CrawlJob", output: Path) -> CycleResult:
    """Crawls a site and tells what changed since its last crawl.

    Everything is stored before anything is told, so that a crash tells nothing twice. The reports
    and the messages are made while no other process writes. Raises DatabaseUnusable, and UsageError
    where the folder of reports cannot be written.
    """
    from tracker.run.crawl import run_crawl  # which an import of saved pages does not need

    config = job.config
    with Store(config.database) as store:
        conclude_pending(store, config, job.site, job.instant())
        crawl = run_crawl(job, store)
        conclude(store, config, crawl.id, job.instant())
        return tell(store, config, job.site, output, job.instant())


def tell(
    store: Store,
    config: Config,
    site_name: str,
    output: Path,
    now: datetime,
    *,
    leaves_copy: bool = True,
) -> CycleResult | None:
    """Reports and messages of a site's concluded crawls that were not told yet; None without any.

    `leaves_copy`: of the database, beside the reports. The result is the newest crawl's. Raises
    UsageError where the reports cannot be written.
    """
    site = store.site(site_name, config.site(site_name).base_url)
    put_in(store, config, site, now)
    told = None
    try:
        # The newest crawl's, and those that a crash left without; the newest comes last.
        for unreported in queries.unreported_crawls(store.connection, site.id):
            told = _report(store, config, unreported.id, output, now)
        if leaves_copy:
            # Whole and unlocked, for a shared drive or a mail.
            leave_copy(store.connection, output / "latest.db")
    finally:
        # A folder that is full loses no message.
        deliveries = send_waiting(store, config, output, now, site_id=site.id)
    return told and CycleResult(findings=told[0], reports=told[1], deliveries=tuple(deliveries))


def _report(
    store: Store, config: Config, crawl_id: int, output: Path, now: datetime
) -> tuple[Findings, tuple[Path, ...]]:
    """One crawl's findings, written in each form that is configured."""
    crawl = queries.crawl(store.connection, crawl_id)
    found = _findings(store, config, crawl, now)
    earlier = _fed_before(store, config, crawl, now) if "atom" in config.report.formats else ()
    try:
        written = write_reports(found, output, config.report.formats, earlier)
    except OSError as error:
        raise UsageError(
            f"The report cannot be written to {output}: {error.strerror}. All is stored; make room "
            f"or name another folder with --out, then try `helpwatch report --crawl {crawl_id}`."
        ) from None
    store.mark_reported(crawl_id, now)
    return found, written


def _findings(store: Store, config: Config, crawl: Crawl, now: datetime) -> Findings:
    telling = telling_of(config)
    return gather(store.connection, crawls=[crawl], generated_at=now, telling=telling)


def _fed_before(store: Store, config: Config, newest: Crawl, now: datetime) -> list[Findings]:
    """What the crawls before the newest told, newest first, as far back as the feed goes."""
    since = newest.started_at - timedelta(days=FEED_DAYS)
    crawls = queries.crawls(
        store.connection, site=newest.site, since=since, until=newest.started_at
    )
    told = [crawl for crawl in crawls if crawl.kind == "crawl" and crawl.id < newest.id]
    return [_findings(store, config, crawl, now) for crawl in told[: -FEED_CRAWLS - 1 : -1]]


def conclude_pending(store: Store, config: Config, site_name: str, now: datetime) -> None:
    """Works out the changes of crawls that a crash or a bare `crawl` left without."""
    site = store.site(site_name, config.site(site_name).base_url)
    store.close_interrupted(site)
    for crawl in queries.uncompared_crawls(store.connection, site.id):
        conclude(store, config, crawl.id, now)


def conclude(store: Store, config: Config, crawl_id: int, now: datetime) -> Health:
    """Judges a crawl, compares it with what was known before, and keeps the conclusions."""
    connection = store.connection
    _note_unread(store, config, queries.crawl(connection, crawl_id))
    facts = queries.crawl_facts(connection, crawl_id)
    crawl = facts.crawl
    earlier = [
        queries.crawl_facts(connection, earlier.id)
        for earlier in earlier_healthy(queries.crawls(connection, site=crawl.site), crawl)
    ]
    verdict = health.judge(facts, earlier, config.health_policy)
    before, after = states.site_states(connection, crawl_id)
    site = config.site(crawl.site)
    sighting = states.sighting(connection, crawl_id)
    if site.sections:
        # An article may stand in a section that is not watched: no locale is read in full.
        sighting = replace(sighting, locales_read=frozenset())
    comparison = changes.compare(
        before,
        after,
        sighting,
        zone=sites.load(crawl.site).TIME_ZONE,
        own_origin=site.base_url,
        rules=config.rules(),
    )
    found = watchlist.with_groups_together(comparison.changes)
    if crawl.kind == "import":
        found = at_their_own_time(found, states.observed_at(connection, crawl_id))
    if crawl.kind == "crawl":
        # An old capture may rightly differ in everything; a crawl of today may not.
        known, _ = queries.article_counts(connection, crawl.site)
        verdict = health.judge_changes(
            verdict, found, known, config.health_policy, articles_read=crawl.articles_fetched
        )
    statuses = comparison.statuses
    if verdict.is_in_doubt:
        # Nobody is gone or back before a person or a crawl that is not in doubt says so.
        passing = {change.article_id for change in found if change.kind not in READING_KINDS}
        statuses = {one: status for one, status in statuses.items() if one not in passing}
        found = [in_doubt(change) for change in found]
    ranked: Sequence = ()
    if crawl.kind == "crawl" and crawl.outcome in ("complete", "partial"):
        policy, until = config.trend_policy, crawl.finished_at
        since = trends.counts_since(until, policy)
        series = queries.view_series(connection, crawl.site_id, until, since=since)
        ranked = trends.rank(series, until, policy)[:MOST_TRENDS_KEPT]
    store.conclude(
        crawl_id,
        health=verdict.as_json(),
        is_baseline=bool(verdict.baseline_locales),
        changes=found,
        reworked=list(reworked(store, config, crawl_id)),
        statuses=statuses,
        trends=ranked,
        compared_at=now,
    )
    return verdict


def _note_unread(store: Store, config: Config, crawl: Crawl) -> None:
    """A crawl that was to read only some of the watched sections says nothing of the others."""
    if crawl.kind != "crawl" or not crawl.sections or crawl.outcome not in ENDED_BY_ITSELF:
        return
    wanted = Part(locales=crawl.locales, sections=config.site(crawl.site).sections)
    unread = unread_of(config, crawl.site, uncovered(wanted, [crawl.part]))
    store.note_unread(crawl.id, unread, crawl.finished_at)


def unread_of(config: Config, site_name: str, why: Mapping[str, str]) -> list[Unread]:
    """What was not read in each locale, under the address of its help centre."""
    site, base_url = sites.load(site_name), config.site(site_name).base_url
    return [
        Unread(locale=locale, url=site.start_urls(base_url, locale)[0], why=said)
        for locale, said in why.items()
    ]


def earlier_healthy(crawls: Sequence[Crawl], crawl: Crawl) -> list[Crawl]:
    """The last healthy (or accepted) crawls before this one, newest first."""
    healthy = [
        c
        for c in crawls
        if c.id < crawl.id
        and c.kind == "crawl"
        and (c.health.get("verdict") == "healthy" or c.health.get("is_accepted"))
    ]
    return sorted(healthy, key=lambda c: c.id, reverse=True)[:EARLIER_CRAWLS]
