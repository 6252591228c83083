"""A Scrapy spider that downloads addresses and does nothing with them.

    python -m bench.peers.bare_scrapy [--own-settings] [-s SETTING=VALUE ...]
        BASE_URL FILE_OF_PATHS CONCURRENT_REQUESTS

Its settings are those of helpwatch: robots.txt obeyed, the same middlewares, no delay. With
`--own-settings` they are Scrapy's own, but for robots.txt, the delay and the requests at a time.
"""

from argparse import ArgumentParser
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
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--own-settings", action="store_true", help="Scrapy's, not helpwatch's")
    parser.add_argument("-s", dest="others", action="append", default=[], metavar="SETTING=VALUE")
    parser.add_argument("origin")
    parser.add_argument("file", type=Path)
    parser.add_argument("concurrent_requests", type=int)
    given = parser.parse_args()
    settings = Settings()
    if not given.own_settings:
        settings.setmodule("spiders.settings")
        settings.setdict({"ADDONS": {}, "ITEM_PIPELINES": {}})
    settings.setdict(
        {
            "ROBOTSTXT_OBEY": True,
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "CONCURRENT_REQUESTS": given.concurrent_requests,
            "CONCURRENT_REQUESTS_PER_DOMAIN": given.concurrent_requests,
            "LOG_LEVEL": "WARNING",
            **dict(other.split("=", 1) for other in given.others),
        },
        priority="cmdline",
    )
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, origin=given.origin, paths=given.file.read_text().split())
    process.start()
    print(crawler.spider.page_count)


if __name__ == "__main__":
    main()
