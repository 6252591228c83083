"""The pages that are measured are like those that are watched: real in size and shape."""

from pathlib import Path

import pytest

from spiders.items import ArticlePage, HomePage, ListingPage
from spiders.sites import okx

ROOT = Path(__file__).parents[1]


@pytest.fixture
def served(monkeypatch):
    """Path -> page of a small measured centre."""
    monkeypatch.syspath_prepend(ROOT)
    from bench import pages
    from bench.centre import Centre

    found = {path: b"".join(pieces) for path, pieces in pages.pages(Centre(40))}
    return {
        path: (body, okx.read_page(body, okx.BASE_URL + path, check_forms=True))
        for path, body in found.items()
    }


def test_every_page_is_of_real_size_and_ends_as_a_page_does(served):
    for body, _ in served.values():
        assert 145_000 < len(body) < 190_000
        assert body.endswith(b"</html>")


def test_every_page_is_read_from_its_data_and_its_markup_agrees(served):
    kinds = [type(page) for _, page in served.values()]
    assert (kinds.count(HomePage), kinds.count(ArticlePage)) == (1, 40)
    assert kinds.count(ListingPage) == 2 + 12
    for _, page in served.values():
        assert getattr(page, "form", "json") == "json"
        assert getattr(page, "disagreements", ()) == ()


def test_listings_lead_to_every_article_with_its_dates_and_views(served):
    listings = [page for _, page in served.values() if isinstance(page, ListingPage)]
    entries = {entry.slug: entry for page in listings for entry in page.entries}
    articles = [page for _, page in served.values() if isinstance(page, ArticlePage)]
    assert entries.keys() == {article.slug for article in articles}
    for article in articles:
        entry = entries[article.slug]
        assert entry.updated_at == article.updated_at
        assert entry.view_count == article.view_count
