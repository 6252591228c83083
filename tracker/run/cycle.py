"""One whole cycle: crawl, judge, compare, rank, keep, report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from db import queries, states
from db.records import ArticleState, Change, Crawl, SiteState
from db.store import Store
from reports import data, feed, markdown, webpage
from spiders import sites
from tracker import changes, health, trends, watchlist
from tracker.findings import Findings
from tracker.health import Health
from tracker.run.config import Config
from tracker.run.crawl import CrawlJob, run_crawl
from tracker.run.errors import Exit
from tracker.run.gather import gather
from tracker.textdiff import diff

RENDERERS = {
    "html": (webpage.render, "html"),
    "markdown": (markdown.render, "md"),
    "json": (data.render_json, "json"),
    "csv": (data.render_csv, "csv"),
    "atom": (feed.render, "atom.xml"),
}
EARLIER_CRAWLS = 5
MOST_TRENDS_KEPT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleResult:
    findings: Findings
    reports: tuple[Path, ...] = ()

    @property
    def exit(self) -> Exit:
        return exit_of(self.findings.crawl, self.findings.health)


def run_cycle(job: CrawlJob, output: Path) -> CycleResult:
    """Crawls a site and tells what changed since its last crawl.

    Everything is stored before anything is told, so that a crash tells nothing twice. Raises
    DatabaseUnusable.
    """
    with Store(job.config.database) as store:
        conclude_pending(store, job.config, job.site, job.instant())
        crawl = run_crawl(job, store)
        conclude(store, job.config, crawl.id, job.instant())
        findings = gather(
            store.connection,
            crawls=[queries.crawl(store.connection, crawl.id)],
            generated_at=job.instant(),
        )
    return CycleResult(
        findings=findings,
        reports=write_reports(findings, output, job.config.report.formats),
    )


def conclude_pending(store: Store, config: Config, site_name: str, now: datetime) -> None:
    """Works out the changes of crawls that a crash or a bare `crawl` left without."""
    site = store.site(site_name, config.site(site_name).base_url)
    store.close_interrupted(site)
    for crawl in queries.uncompared_crawls(store.connection, site.id):
        conclude(store, config, crawl.id, now)


def conclude(store: Store, config: Config, crawl_id: int, now: datetime) -> Health:
    """Judges a crawl, compares it with what was known before, and keeps the conclusions."""
    connection = store.connection
    facts = queries.crawl_facts(connection, crawl_id)
    crawl = facts.crawl
    earlier = [
        queries.crawl_facts(connection, earlier.id)
        for earlier in _earlier_healthy(queries.crawls(connection, site=crawl.site), crawl)
    ]
    verdict = health.judge(facts, earlier)
    before, after = states.site_states(connection, crawl_id)
    site = config.site(crawl.site)
    comparison = changes.compare(
        before,
        after,
        states.sighting(connection, crawl_id),
        zone=sites.load(crawl.site).TIME_ZONE,
        own_origin=site.base_url,
    )
    graded = [
        _graded(change, before, after, config.rules(), site.base_url)
        for change in comparison.changes
    ]
    if crawl.kind == "import":
        # Its captures may lie hours apart: each change is told under the time of its own.
        seen_at = states.observed_at(connection, crawl_id)
        graded = [
            replace(change, detected_at=seen_at.get(change.article_id, change.detected_at))
            for change in graded
        ]
    if crawl.kind == "crawl":
        # An old capture may rightly differ in everything; a crawl of today may not.
        known, _ = queries.article_counts(connection, crawl.site)
        verdict = health.judge_changes(verdict, graded, known, articles_read=crawl.articles_fetched)
    ranked: Sequence = ()
    if crawl.kind == "crawl" and crawl.outcome in ("complete", "partial"):
        ranked = trends.rank(
            queries.view_series(connection, crawl.site_id, crawl.finished_at), crawl.finished_at
        )[:MOST_TRENDS_KEPT]
    store.conclude(
        crawl_id,
        health=verdict.as_json(),
        is_baseline=bool(verdict.baseline_locales),
        changes=graded,
        statuses=comparison.statuses,
        trends=ranked,
        compared_at=now,
    )
    return verdict


def _earlier_healthy(crawls: Sequence[Crawl], crawl: Crawl) -> list[Crawl]:
    """The last healthy crawls before this one, newest first."""
    healthy = [
        c
        for c in crawls
        if c.id < crawl.id and c.kind == "crawl" and c.health.get("verdict") == "healthy"
    ]
    return sorted(healthy, key=lambda c: c.id, reverse=True)[:EARLIER_CRAWLS]


def _graded(
    change: Change, before: SiteState, after: SiteState, rules: Sequence, own_origin: str
) -> Change:
    """The change with its severity, from the watchlist and from what its difference touched."""
    article: ArticleState = (
        after.articles.get(change.article_id) or before.articles[change.article_id]
    )
    old = before.versions.get(change.from_version_id)
    new = after.versions.get(change.to_version_id)
    difference = diff(old.body, new.body, own_origin) if old and new else None
    # What is gone is judged by its last text.
    shown = new or after.versions.get(change.from_version_id)
    return watchlist.grade(change, article, difference, shown.body if shown else None, rules)


def write_reports(findings: Findings, output: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """Writes each format under the crawl's date, and the web page once more as latest.html."""
    crawl = findings.crawl
    folder = output / f"{crawl.started_at:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        render, ending = RENDERERS[name]
        path = folder / f"{crawl.site}-crawl-{crawl.id}.{ending}"
        text = render(findings)
        _replace(path, text)
        written.append(path)
        if name == "html":
            _replace(output / "latest.html", text)
    return tuple(written)


def _replace(path: Path, text: str) -> None:
    """A reader sees the old file or the new one, never half of one."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def exit_of(crawl: Crawl, verdict: Health | None) -> Exit:
    """What the exit code says of a crawl."""
    if crawl.outcome in ("blocked", "failed"):
        return Exit.UNREACHABLE
    if crawl.outcome != "complete" or (verdict and verdict.verdict != "healthy"):
        return Exit.UNHEALTHY
    return Exit.DONE
