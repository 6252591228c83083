"""Runs crawls in a process of their own, since a reactor starts once per process.

    crawled = crawl(server.url, known=[known("a")], settings={"RETRY_TIMES": 0})
    crawled.items, crawled.reason, crawled.progress
    first, second = crawl_all(job(one.url), job(two.url))    # side by side, in one process

As a script it is that process: jobs come as JSON on stdin, items leave as JSON lines.
"""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.moments import to_moment

TESTS = Path(__file__).parent

QUICK = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "RETRY_AFTER_DEFAULT_SECONDS": 0.1,
}
"""Settings for a server of our own, which needs no sparing."""


@dataclass(frozen=True)
class Crawled:
    """What came out of a crawl. Items are dicts: wanted, article_id, type, page, fetch."""

    items: list[dict[str, Any]]
    reason: str
    progress: Mapping[str, int]
    log: str

    def at(self, path: str) -> dict[str, Any]:
        """The only item of the address that ends in `path`."""
        found = [item for item in self.items if item["page"]["url"].endswith(path)]
        assert len(found) == 1, (path, found)
        return found[0]

    def outcomes(self) -> dict[str, str]:
        """Path -> what came of it: the type of a page, or the kind of an unusable one."""
        return {"/" + item["page"]["url"].split("/", 3)[3]: outcome(item) for item in self.items}


def outcome(item: Mapping[str, Any]) -> str:
    return item["page"]["kind"] if item["type"] == "PageUnusable" else item["type"]


def known(slug: str, article_id: int = 1, **facts: Any) -> dict[str, Any]:
    """A KnownArticle of the tiny site: read, listed, not due."""
    return {
        "article_id": article_id,
        "locale": "en",
        "source_id": f"id-{slug}",
        "slug": slug,
        "url": f"https://help.example/help/{slug}",
        "title": f"About {slug}",
        "updated_at": None,
        "is_read": True,
        "is_due": False,
        "is_listed": True,
    } | facts


def job(
    base_url: str,
    *,
    site: str = "tiny",
    known: Sequence[dict] = (),
    settings: Mapping[str, Any] | None = None,
    **arguments: Any,
) -> dict[str, Any]:
    """One crawl to be run; `arguments` are the spider's."""
    return {
        "arguments": {"site": site, "base_url": base_url, **arguments},
        "known": list(known),
        "settings": {**QUICK, **(settings or {})},
    }


def crawl(base_url: str, **facts: Any) -> Crawled:
    return crawl_all(job(base_url, **facts))[0]


def crawl_all(*jobs: dict[str, Any]) -> list[Crawled]:
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=TESTS.parent,
        env=without_proxies() | {"PYTHONPATH": str(TESTS.parent)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        Crawled(
            [line for line in lines if line["job"] == number and "page" in line],
            *[
                (line["reason"], line["progress"])
                for line in lines
                if line["job"] == number and "reason" in line
            ][0],
            done.stderr,
        )
        for number in range(len(jobs))
    ]


def without_proxies() -> dict[str, str]:
    """The environment, less any proxy that would be asked for a server on loopback."""
    return {name: at for name, at in os.environ.items() if not name.lower().endswith("_proxy")}


class Collecting:
    """A pipeline that prints what it gets, and hands the spider what is known."""

    def __init__(self, crawler):
        from scrapy import signals

        self._crawler = crawler
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler)

    def open_spider(self):
        self._crawler.spider.known = self._crawler.known

    def process_item(self, item):
        fetch = dataclasses.replace(item.fetch, body=b"")
        self._print(
            wanted=item.wanted,
            article_id=item.article_id,
            type=type(item.page).__name__,
            page=dataclasses.asdict(item.page),
            fetch=dataclasses.asdict(fetch) | {"size": len(item.fetch.body)},
        )
        return item

    def _closed(self, reason):
        self._print(reason=reason, progress=dataclasses.asdict(self._crawler.spider.progress))

    def _print(self, **facts):
        print(json.dumps({"job": self._crawler.job, **facts}, default=str), flush=True)


def main() -> None:
    from scrapy.crawler import Crawler, CrawlerProcess
    from scrapy.settings import Settings
    from scrapy.utils.reactor import install_reactor

    from spiders import sites
    from spiders.helpcentre import HelpCentreSpider
    from spiders.items import KnownArticle

    sites.__path__.append(str(TESTS / "tiny_site"))
    settings = Settings()
    settings.setmodule("spiders.settings")
    settings.setdict({"ITEM_PIPELINES": {Collecting: 1}, "LOG_LEVEL": "WARNING"})
    process = CrawlerProcess(settings)
    install_reactor(settings["TWISTED_REACTOR"])
    for number, one in enumerate(json.load(sys.stdin)):
        own = settings.copy()
        own.setdict(one["settings"], priority="cmdline")  # the process's own come second
        crawler = Crawler(HelpCentreSpider, own)
        crawler.job = number
        crawler.known = [KnownArticle(**_with_dates(article)) for article in one["known"]]
        process.crawl(crawler, **one["arguments"])
    process.start()


def _with_dates(article: dict[str, Any]) -> dict[str, Any]:
    return article | {"updated_at": to_moment(article["updated_at"])}


if __name__ == "__main__":
    main()
