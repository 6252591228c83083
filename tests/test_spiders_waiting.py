"""Articles wait for their turn outside Scrapy's queue, and none is forgotten there."""

from crawling import crawl
from fault_server import Answer, FaultServer, article, home, listing
from spiders.helpcentre import LEAST_ARTICLES_OUT

MANY = [f"a{number:03}" for number in range(2 * LEAST_ARTICLES_OUT + 20)]


def serve(server: FaultServer, **answers: Answer) -> FaultServer:
    """A help centre whose one section lists many articles on its only page."""
    server.put("/help", home(("section", "fees", "/help/section/fees")))
    server.put("/help/section/fees", listing("fees", *MANY))
    for slug in MANY:
        server.put(f"/help/{slug}", answers.get(slug, article(slug)))
    return server


def read_slugs(crawled) -> list[str]:
    return [
        item["page"]["url"].rpartition("/")[2]
        for item in crawled.items
        if item["wanted"] == "article"
    ]


def test_all_articles_are_read_once_the_first_listed_first():
    """An answer that comes while the listing is still handed over may swap neighbours, no more."""
    with FaultServer() as server:
        crawled = crawl(serve(server).url, settings={"CONCURRENT_REQUESTS": 1})
    assert crawled.reason == "finished"
    slugs = read_slugs(crawled)
    assert sorted(slugs) == MANY
    assert all(abs(slugs.index(slug) - place) < 10 for place, slug in enumerate(MANY))


def test_failures_and_retries_hold_up_none_of_those_that_wait():
    broken = {slug: Answer(b"", status=503) for slug in MANY[::2]}
    with FaultServer() as server:
        crawled = crawl(serve(server, **broken).url, settings={"RETRY_TIMES": 1})
    assert crawled.reason == "finished"
    assert sorted(read_slugs(crawled)) == MANY
    kinds = [item["type"] for item in crawled.items if item["wanted"] == "article"]
    assert kinds.count("PageUnusable") == len(broken)
