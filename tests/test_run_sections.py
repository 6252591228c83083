"""Where only some sections are watched, an article may stand in one that is not."""

from datetime import timedelta

import pytest

from db import queries
from pages_read import NOON, article_read, entry, listing_read
from spiders.sites import demo
from tracker.run.config import Config, SiteConfig
from tracker.run.cycle import conclude


@pytest.mark.parametrize(
    ("sections", "kinds"), [(("fees",), ["moved"]), ((), ["moved", "unlisted"])]
)
def test_an_article_that_moved_to_a_section_not_watched_is_not_unlisted(store, sections, kinds):
    config = Config(sites={"demo": SiteConfig(sections=sections)})
    site = store.site("demo", demo.BASE_URL)
    moved = {"section": "Limits", "section_slug": "limits"}
    for number, (entries, facts) in enumerate(
        [((entry("a"), entry("b")), {}), ((entry("b"),), moved)]
    ):
        at = NOON + timedelta(days=number)
        crawl_id = store.begin_crawl(site, at, parser="test-1", locales=["en"])
        for read in (listing_read(*entries, at=at), article_read("a", at=at, **facts)):
            store.record(crawl_id, site.id, read)
        store.finish_crawl(crawl_id, "complete", at)
        conclude(store, config, crawl_id, at)
    assert [change.kind for change in queries.changes(store.connection)] == kinds
