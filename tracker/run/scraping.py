"""Scrapy meets the store: its settings as the configuration has them, its pages into a Recording.

Scrapy is loaded with this module: `tracker.run.crawl` begins a crawl, and starts the process that
records it, before that.
"""

import asyncio
import logging
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.exceptions import DropItem
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from db.store import Store
from spiders.helpcentre import HelpCentreSpider
from spiders.items import PageRead
from tracker.run import config as configuration
from tracker.run.config import CrawlConfig
from tracker.run.crawl import CrawlJob, Recording
from tracker.run.progress import Progress
from tracker.run.recorder import Recorder


def run(recording: Recording, recorder: Recorder | None) -> None:
    """Crawls as the recording's job says, into it, through the recorder where there is one."""
    job = recording.job
    process = CrawlerProcess(scrapy_settings(job))
    # It would make two lines for each page, for handlers that let none of them through.
    logging.getLogger("scrapy").setLevel(logging.INFO)
    crawler = process.create_crawler(HelpCentreSpider)
    crawler.recording, crawler.recorder = recording, recorder
    process.crawl(
        crawler,
        site=job.site,
        base_url=job.base_url or job.canonical_base,
        canonical_base=job.canonical_base,
        locales=list(job.wanted_locales),
        sections=list(job.wanted_sections),
        searches=list(job.wanted_searches),
        full=job.full,
        now=job.now,
    )
    process.start()


def scrapy_settings(job: CrawlJob) -> Settings:
    """The project's settings with the politeness of the configuration."""
    settings = get_project_settings()
    settings.setmodule("spiders.settings")
    settings.update({"LOG_INSTALL_ROOT_HANDLER": False, "ADDONS": {}})
    settings.update(politeness(job.config.crawl))
    return settings


def politeness(crawl: CrawlConfig) -> dict[str, Any]:
    """The [crawl] table in the names of Scrapy's settings."""
    return {
        "USER_AGENT": crawl.user_agent,
        "DOWNLOAD_DELAY": crawl.delay_seconds,
        "CONCURRENT_REQUESTS": crawl.concurrent_requests,
        "CONCURRENT_REQUESTS_PER_DOMAIN": crawl.concurrent_requests,
        "AUTOTHROTTLE_ENABLED": crawl.autothrottle,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(crawl.concurrent_requests),
        "ROBOTSTXT_OBEY": crawl.obey_robots,
        "DOWNLOAD_TIMEOUT": crawl.timeout_seconds,
        "DOWNLOAD_MAXSIZE": int(crawl.max_page_megabytes * 1024 * 1024),
        "BUDGET_REQUESTS": crawl.max_requests,
        "BUDGET_SECONDS": crawl.max_minutes * 60,
    }


class ConfiguredPoliteness:
    """Brings ./helpwatch.toml to a crawl that Scrapy's own command started; `-s` goes before."""

    def update_settings(self, settings: Settings) -> None:
        settings.update(politeness(configuration.load().crawl), priority="spider")


class RecordingPipeline:
    """Scrapy's way to a Recording: hands over each item as it comes."""

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        self._recording: Recording | None = getattr(crawler, "recording", None)
        self._recorder: Recorder | None = getattr(crawler, "recorder", None)
        self._own_store: Store | None = None
        self._progress = Progress()
        crawler.signals.connect(self._spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RecordingPipeline":
        return cls(crawler)

    def open_spider(self) -> None:
        spider = self._crawler.spider
        if self._recording is None:
            # Started as `scrapy crawl helpcentre -a site=...`: nobody has opened the store.
            config = configuration.load()
            self._own_store = Store(spider.spool or config.database)
            job = CrawlJob(
                config=config,
                site=spider.site.NAME,
                full=spider.full,
                base_url=spider.base_url,
                locales=tuple(spider.locales),
                sections=tuple(spider.sections),
                searches=tuple(map(configuration.search_name, spider.searches)),
                now=spider.now,
            )
            self._recording = Recording(job, self._own_store)
            self._recording.begin()
        spider.known = self._recording.known
        self._progress.start(lambda: spider.progress)

    async def process_item(self, item: PageRead) -> PageRead:
        if self._recording.failure is not None:
            raise DropItem("the store has failed before")
        try:
            if self._recorder:
                await self._recorder.record(item)
            else:
                self._recording.record(item)
        except Exception as error:
            # A page that cannot be stored ends the run; Scrapy by itself would log it and go on.
            self._recording.failure = self._recording.failure or error
            self._crawler.spider.ask_no_more()
            # Not awaited: closing waits for the items in hand, and this is one of them.
            self._closing = asyncio.ensure_future(
                self._crawler.engine.close_spider_async(reason="storage")
            )
            raise DropItem(str(error)) from error
        self._progress.advance(item)
        return item

    def _spider_closed(self, reason: str) -> None:
        self._progress.stop()
        if self._recorder:
            self._recorder.end()
        recording = self._recording
        if recording is None or recording.crawl_id is None:
            return
        try:
            if recording.failure is None:
                recording.finish(reason)
        except Exception as error:
            # Raised by whoever started the crawl; a signal's handler would only log it.
            recording.failure = error
        finally:
            if self._own_store:
                self._own_store.close()
