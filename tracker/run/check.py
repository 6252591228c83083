"""First contact with a site: asks for one page of each kind and says how each was read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler, CrawlerProcess

from spiders import sites
from spiders.first_contact import API, FirstContactSpider, Visit, kinds_seen
from spiders.items import ArticlePage, Fetch, HomePage, ListingPage, PageGone, PageUnusable
from tracker.contact import FirstContact, PageContact
from tracker.run.crawl import CrawlJob
from tracker.run.errors import UsageError
from tracker.run.sameness import forms_compared
from tracker.run.scraping import scrapy_settings

ARTICLE_FIELDS = (
    "source_id", "slug", "title", "body", "summary", "category", "category_slug", "section",
    "section_slug", "published_at", "created_at", "updated_at", "view_count", "reading_minutes",
    "language", "alternates",
)  # fmt: skip
ENTRY_FIELDS = (
    "title", "slug", "url", "source_id", "summary", "category", "published_at", "created_at",
    "updated_at", "view_count",
)  # fmt: skip
ANY_SEARCH = {"category": "", "term": "account"}
"""Where none is configured: a word that every help centre has, in whatever category."""
KINDS = ("home", "category", "section", "page 2", "article", "search")


def run_check(job: CrawlJob, save_to: Path | None = None) -> FirstContact:
    """Walks through the site, and keeps its pages in `save_to`. UsageError where that cannot be.

    A Twisted reactor starts once per process.
    """
    folder = Folder(save_to) if save_to else None
    module = sites.load(job.site)
    settings = scrapy_settings(job)
    settings.set("ITEM_PIPELINES", {"tracker.run.check.VisitPipeline": 100})
    settings.set("RETRY_GIVE_UP_LOG_LEVEL", "INFO")  # each page's trouble is told anyway
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(FirstContactSpider)
    crawler.walk = walk = Walk()
    searches = job.config.site(job.site).searches or (ANY_SEARCH,)
    process.crawl(
        crawler,
        site=job.site,
        base_url=job.base_url or job.canonical_base,
        canonical_base=job.canonical_base,
        locales=list(job.wanted_locales)[:1],
        searches=list(searches)[:1],
        full=True,
        now=job.now,
    )
    process.start()
    visits = sorted(walk.visits, key=lambda visit: visit.number)
    seen = kinds_seen(visits)
    api = getattr(module, "ANNOUNCEMENTS_PATH", None)
    return FirstContact(
        site=job.site,
        fetched_from=job.base_url or job.canonical_base,
        user_agent=job.config.crawl.user_agent,
        robots=_robots(walk.robots, job, folder),
        pages=[_contact(visit, module, folder) for visit in visits],
        ended=walk.reason,
        not_met=[kind for kind in KINDS if kind not in seen],
        announcements_url=job.canonical_base + api if api else None,
    )


class Walk:
    """What came out of the spider."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.reason = "failed"
        self.robots: Fetch | None = None


class VisitPipeline:
    """Scrapy's way to a Walk."""

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "VisitPipeline":
        return cls(crawler)

    def process_item(self, item: Visit) -> Visit:
        self._crawler.walk.visits.append(item)
        return item

    def _closed(self, reason: str) -> None:
        self._crawler.walk.reason = reason
        self._crawler.walk.robots = self._crawler.spider.robots


@dataclass(slots=True)
class Folder:
    """Where pages are kept, under names of our own making: nothing of a page names a file."""

    path: Path
    count: int = 0

    def __post_init__(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"The pages cannot be saved in {self.path}: {error.strerror}."
            ) from None

    def keep(self, purpose: str, fetch: Fetch) -> str | None:
        """The name of the file; None for an answer without a body."""
        if not fetch.body:
            return None
        self.count += 1
        plain = re.sub(r"[^a-z0-9]+", "-", purpose.lower()).strip("-")[:60]
        is_json = fetch.body[:1] == b"{"
        ending = "txt" if purpose == "robots" else "json" if is_json else "html"
        name = f"{self.count:02}-{plain}.{ending}"
        try:
            (self.path / name).write_bytes(fetch.body)
        except OSError as error:
            raise UsageError(f"{self.path / name} cannot be written: {error.strerror}.") from None
        return name


def _robots(robots: Fetch | None, job: CrawlJob, folder: Folder | None) -> PageContact:
    url = f"{job.canonical_base}/robots.txt"
    if robots is None:
        is_asked = job.config.crawl.obey_robots
        trouble = "it did not answer" if is_asked else "not asked for: crawl.obey_robots is false"
        kind = "network" if is_asked else "not_asked"
        return PageContact(
            purpose="robots", url=url, status=None, trouble=trouble, trouble_kind=kind
        )
    status = robots.status or 0
    facts: dict[str, Any] = {"told": f"{len(robots.body):,} bytes, obeyed"}
    if status in (401, 403, 429):
        facts = {"trouble": "it is kept from us", "trouble_kind": "blocked"}
    elif status >= 500:
        facts = {"trouble": "it cannot be read, so nothing is asked", "trouble_kind": "network"}
    elif status != 200:
        facts = {"told": "there is none, so everything may be asked for"}
    return PageContact(
        purpose="robots",
        url=url,
        status=robots.status,
        saved_as=folder.keep("robots", robots) if folder else None,
        **facts,
    )


def _contact(visit: Visit, module: ModuleType, folder: Folder | None) -> PageContact:
    read = visit.read
    page, fetch = forms_compared(module, read), read.fetch
    facts: dict[str, Any] = {
        "purpose": visit.purpose,
        "url": fetch.url,
        "status": fetch.status,
        "saved_as": folder.keep(visit.purpose, fetch) if folder else None,
    }
    match page:
        case ArticlePage():
            values = {name: getattr(page, name) for name in ARTICLE_FIELDS}
            facts |= _fields(values, page.provenance, page.form)
            facts |= {
                "told": _article_told(page),
                "disagreements": page.disagreements,
                "unknown_nodes": page.unknown_nodes,
            }
        case ListingPage():
            values = {
                name: next(filter(None, (getattr(entry, name) for entry in page.entries)), None)
                for name in ENTRY_FIELDS
            }
            facts |= _fields(values, page.provenance, page.form) if page.entries else {}
            facts |= {"told": _listing_told(page), "disagreements": page.disagreements}
        case HomePage():
            facts["told"] = _home_told(page)
        case PageGone(reason=reason):
            facts |= {"trouble": reason, "trouble_kind": "gone"}
        case PageUnusable(kind=kind, message=message):
            is_no_api = visit.purpose == API and kind == "not_found"
            facts |= {"trouble": message, "trouble_kind": "not_asked" if is_no_api else kind}
        case _:
            facts |= {"trouble": "answers that it is unchanged", "trouble_kind": "not_modified"}
    return PageContact(**facts)


def _fields(values: Mapping[str, Any], provenance: Mapping[str, str], form: str) -> dict[str, Any]:
    sources: dict[str, list[str]] = {}
    for name, value in values.items():
        if value not in (None, "", (), {}):
            sources.setdefault(provenance.get(name, form), []).append(name)
    known = {name for names in sources.values() for name in names}
    return {"sources": sources, "unknown": [name for name in values if name not in known]}


def _article_told(page: ArticlePage) -> str:
    return f"an article, {page.title!r}, of {len(page.body):,} characters in {page.locale}"


def _listing_told(page: ListingPage) -> str:
    claimed = "" if page.claimed_total is None else f" of {page.claimed_total:,}"
    more = ", more on the next page" if page.next_url else ""
    others = f"; it names {_counted(page.listings)}" if page.listings else ""
    name = page.title or page.slug
    kind = "an API" if page.kind == "api" else f"a {page.kind}"
    return (
        f"{kind} listing, {name!r}, page {page.page_number}: {len(page.entries)}{claimed} "
        f"entries{more}{others}"
    )


def _home_told(page: HomePage) -> str:
    tags = sorted(tag for tag in page.alternates if tag.lower() != "x-default")
    offered = f"; offered in {', '.join(tags[:60])}" if tags else ""
    return f"the help home page; it names {_counted(page.listings)}{offered}"


def _counted(links: Sequence[Any]) -> str:
    kinds = [link.kind for link in links]
    names = {"category": "categories", "section": "sections"}
    parts = [f"{kinds.count(kind)} {names.get(kind, kind)}" for kind in dict.fromkeys(kinds)]
    return " and ".join(parts) or "no listing"
