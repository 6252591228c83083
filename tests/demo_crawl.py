"""The demo centre crawled through the real readers, agenda, recording and store; Scrapy left out.

A crawl takes a tenth of a second, so that many machines and nights fit into one test.

    crawl(folder / "node-1.db", day=1, sections=("faq-trading",))
    merge(folder / "helpwatch.db", [folder / "node-1.db", ...])
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from db.store import Store
from spiders.agenda import Agenda, Errand
from spiders.demo import pages
from spiders.demo.days import DAYS
from spiders.demo.sections import CATEGORIES
from spiders.errors import PageError
from spiders.helpcentre import _fitting
from spiders.items import Fetch, Page, PageGone, PageRead, PageUnusable
from spiders.sites import demo
from tracker.run.config import Config, ReportConfig, SiteConfig
from tracker.run.crawl import CrawlJob, Recording
from tracker.run.cycle import conclude_pending
from tracker.run.merging import MergeResult, run_merge

SECTIONS = tuple(section.slug for category in CATEGORIES for section in category.sections)
SEARCH = {"category": "faq", "term": "verification"}
MINUTE = timedelta(minutes=1)
_ORDER = {"home": 0, "listing": 1, "article": 2}


def dealt(count: int) -> list[tuple[str, ...]]:
    """The demo's sections, dealt out to so many machines."""
    return [SECTIONS[number::count] for number in range(count)]


def config(database: Path, **of_site: Any) -> Config:
    """English, all sections by name and one search, unless told."""
    site = SiteConfig(**{"sections": SECTIONS, "searches": (SEARCH,)} | of_site)
    return Config(
        database=str(database),
        output=str(database.parent / "reports"),
        sites={"demo": site},
        report=ReportConfig(formats=("json",)),
    )


def crawl(
    database: Path,
    day: int,
    *,
    sections: Sequence[str] = SECTIONS,
    locales: Sequence[str] = ("en",),
    has_search: bool = True,
    at: datetime | None = None,
    ticks: timedelta = timedelta(),
    stops_after: int | None = None,
    stops_as: str = "shutdown",
    failing: Sequence[str] = (),
    full: bool = True,
) -> int:
    """One crawl of the centre as it is on a day; its id.

    Pages are read `ticks` apart. `stops_as` "killed": nobody closes it. `failing` are the ends of
    addresses that answer 503.
    """
    job = CrawlJob(
        config=config(database),
        site="demo",
        full=full,
        locales=tuple(locales),
        sections=tuple(sections),
        searches=("faq:verification",) if has_search else (),
        now=at or DAYS[day],
    )
    with Store(database) as store:
        recording = Recording(job, store)
        recording.begin()
        agenda = Agenda(
            demo, base_url=demo.BASE_URL, sections=sections, known=recording.known, full=full
        )
        asked = [SEARCH] if has_search else []
        queue = [errand for locale in locales for errand in agenda.begin(locale, asked)]
        instant, count = job.instant(), 0
        while queue or (queue := agenda.missing()):
            if count == stops_after:
                break
            queue.sort(key=lambda errand: _ORDER[errand.wanted])
            errand = queue.pop(0)
            read = _read(day, errand, instant, fails=errand.url.endswith(tuple(failing)))
            recording.record(read)
            queue += agenda.after(errand, read.page)
            instant, count = instant + ticks, count + 1
        if not (queue and stops_as == "killed"):
            # The clock of the end is that of the last page.
            recording.job = replace(job, now=instant.replace(microsecond=0))
            recording.finish(stops_as if queue else "finished")
        return recording.crawl_id


def _read(day: int, errand: Errand, at: datetime, *, fails: bool) -> PageRead:
    url, status, content_type, body, said = _answer(day, errand.url)
    fetch = Fetch(
        url=url, fetched_at=at, status=status, body=body, content_type=content_type, elapsed_ms=1
    )
    if fails:
        page = _unusable(errand, "server_error", "answers 503")
        fetch = replace(fetch, status=503, body=b"")
    elif status is None:
        page = _unusable(errand, "robots", "robots.txt disallows this address")
    elif status == 404:
        page = PageGone(locale=errand.locale, url=errand.url, reason="answers 404")
    else:
        try:
            page = _fitting(errand, said)
        except PageError as error:
            page = _unusable(errand, error.kind, str(error))
    if isinstance(page, PageGone | PageUnusable):
        fetch = replace(fetch, url=errand.url)
    article_id = errand.article.article_id if errand.article else None
    return PageRead(fetch=fetch, page=page, wanted=errand.wanted, article_id=article_id)


@cache
def _answer(day: int, url: str) -> tuple[str, int | None, str | None, bytes, Page | None]:
    """Where an address leads, status, content type and body, and what the page says."""
    path = url.removeprefix(demo.BASE_URL)
    if path.startswith("/help/internal-"):
        return url, None, None, b"", None
    if target := pages.redirect(day, path):
        path = target[1]
    status, content_type, body = pages.render(day, path)
    url = demo.BASE_URL + path
    said = demo.read_page(body, url, content_type=content_type) if status == 200 else None
    return url, status, content_type, body, said


def _unusable(errand: Errand, kind: str, message: str) -> PageUnusable:
    return PageUnusable(locale=errand.locale, url=errand.url, kind=kind, message=message)


def conclude_all(database: Path, now: datetime = DAYS[3], **of_site: Any) -> None:
    """What the next run would work out of the crawls recorded so far."""
    with Store(database) as store:
        conclude_pending(store, config(database, **of_site), "demo", now)


def merge(
    database: Path, spools: Sequence[Path], now: datetime = DAYS[3], **of_site: Any
) -> MergeResult:
    settings = config(database, **of_site)
    return run_merge(settings, spools, Path(settings.output), now)


def rows(database: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()
