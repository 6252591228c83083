"""What the store is told of a site: how its pages are compared, and which are read in two forms."""

from pathlib import Path

import pytest

from db import queries
from pages_read import NOON
from spiders.items import Fetch, PageRead
from spiders.sites import okx, zendesk
from tracker.run.sameness import comparer

PAGE = Path(__file__).parent / "pages" / "okx" / "article-rich-text" / "page.html"
DRIFTED = PAGE.read_bytes().replace(b"Apr 15, 2026", b"Apr 16, 2026")


def read_at(number: int) -> PageRead:
    url = f"{okx.BASE_URL}/help/article-{number}"
    fetch = Fetch(url=url, fetched_at=NOON, status=200, body=DRIFTED, content_type="text/html")
    return PageRead(fetch=fetch, page=okx.read_page(DRIFTED, url), wanted="article")


@pytest.fixture(scope="module")
def reads() -> list[PageRead]:
    """The page of one article, whose data and markup disagree, at many addresses."""
    return [read_at(number) for number in range(1000)]


def test_forms_are_compared_on_one_page_in_fifty_always_the_same(reads):
    of_okx = comparer(okx, okx.BASE_URL)
    found = [read.fetch.url for read in reads if of_okx.compared(read).disagreements]
    assert 5 <= len(found) <= 40
    assert [read.fetch.url for read in reads if of_okx.compared(read).disagreements] == found


def test_a_site_with_one_form_has_nothing_to_compare(reads):
    of_zendesk = comparer(zendesk, okx.BASE_URL)
    assert all(of_zendesk.compared(read) is read.page for read in reads)


def test_on_what_the_forms_disagree_is_counted_as_pages_are_recorded(store, reads):
    store.compare_with(comparer(okx, okx.BASE_URL))
    looked_at = next(read for read in reads if store.comparer.compared(read).disagreements)
    site = store.site("okx", okx.BASE_URL)
    crawl_id = store.begin_crawl(site, NOON, parser=okx.PARSER, locales=["en"])
    store.record(crawl_id, site.id, looked_at)
    store.finish_crawl(crawl_id, "complete", NOON)
    assert queries.crawl_facts(store.connection, crawl_id).disagreements == 1
