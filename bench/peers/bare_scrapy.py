"""A Scrapy spider that downloads addresses and does nothing with them.

    python -m bench.peers.bare_scrapy BASE_URL FILE_OF_PATHS CONCURRENT_REQUESTS [SETTING=VALUE ...]

Its settings are those of helpwatch: robots.txt obeyed, the same middlewares, no delay.
"""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings


class BareSpider(Spider):
    name = "bare"
    is_stopping = False
    """Our middlewares ask a spider for this and for its origin."""

    def __init__(self, origin: str, paths: list[str]):
        super().__init__()
        self.origin, self._paths = origin, paths
        self.page_count = 0

    async def start(self) -> AsyncIterator[Request]:
        for path in self._paths:
            yield Request(self.origin + path, callback=self.count, dont_filter=True)

    def count(self, response: Response) -> None:
        self.page_count += response.status == 200


def main() -> None:
    origin, file, concurrent_requests, *others = sys.argv[1:]
    settings = Settings()
    settings.setmodule("spiders.settings")
    settings.setdict(
        {
            "ADDONS": {},
            "ITEM_PIPELINES": {},
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "CONCURRENT_REQUESTS": concurrent_requests,
            "CONCURRENT_REQUESTS_PER_DOMAIN": concurrent_requests,
            "LOG_LEVEL": "WARNING",
            **dict(other.split("=", 1) for other in others),
        },
        priority="cmdline",
    )
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, origin=origin, paths=Path(file).read_text().split())
    process.start()
    print(crawler.spider.page_count)


if __name__ == "__main__":
    main()
