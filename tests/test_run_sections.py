"""An article that moves to another section may stand where nobody looked, or looked too early."""

from datetime import timedelta

import pytest

from db import queries
from pages_read import NOON, article_read, entry, listing_read
from spiders.sites import demo
from tracker.run.config import Config, SiteConfig
from tracker.run.cycle import conclude


@pytest.mark.parametrize(
    ("sections", "days", "kinds"),
    [(("fees",), 3, ["moved"]), ((), 2, ["moved"]), ((), 3, ["moved", "unlisted"])],
)
def test_an_article_that_moved_is_unlisted_once_its_new_section_was_read_without_it(
    store, sections, days, kinds
):
    config = Config(sites={"demo": SiteConfig(sections=sections)})
    site = store.site("demo", demo.BASE_URL)
    moved = {"section": "Limits", "section_slug": "limits"}
    for number in range(days):
        entries, facts = ((entry("b"),), moved) if number else ((entry("a"), entry("b")), {})
        at = NOON + timedelta(days=number)
        crawl_id = store.begin_crawl(site, at, parser="test-1", locales=["en"])
        for read in (listing_read(*entries, at=at), article_read("a", at=at, **facts)):
            store.record(crawl_id, site.id, read)
        store.finish_crawl(crawl_id, "complete", at)
        conclude(store, config, crawl_id, at)
    assert [change.kind for change in queries.changes(store.connection)] == kinds
