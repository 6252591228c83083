"""A listing without ids and an article at a new address: two rows, until the page names its id."""

from datetime import timedelta

import pytest

from pages_read import NOON, all_rows, article_read, entry, listing_read, recorded

LATER = NOON + timedelta(days=1)
MOVED = "fees-for-withdrawals"


@pytest.fixture
def moved(store):
    """An article that moved to another address, listed there without its id."""
    recorded(store, listing_read(entry(view_count=10)), article_read())
    nameless = entry(MOVED, source_id=None, title="Withdrawal fees", view_count=12)
    recorded(
        store,
        listing_read(nameless, at=LATER),
        article_read(MOVED, at=LATER + timedelta(minutes=1), source_id="id-withdrawal-fees"),
        at=LATER,
    )
    return store


def test_the_page_makes_one_article_of_them(moved):
    (article,) = all_rows(moved, "articles")
    assert (article["id"], article["slug"], article["source_id"]) == (
        1,
        MOVED,
        "id-withdrawal-fees",
    )
    assert article["view_count"] == 12


def test_its_presence_in_the_listing_is_one_unbroken_run(moved):
    (run,) = all_rows(moved, "listing_articles")
    assert (run["article_id"], run["first_crawl_id"], run["last_crawl_id"]) == (1, 1, 2)


def test_its_views_are_one_series(moved):
    assert [
        (row["article_id"], row["view_count"]) for row in all_rows(moved, "view_observations")
    ] == [(1, 10), (1, 12)]


def test_nothing_refers_to_what_was_merged(moved):
    assert moved.connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert moved.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_article_that_has_its_own_id_or_text_is_never_merged(store):
    recorded(store, article_read("a"), article_read("b", source_id=None))
    recorded(store, article_read("b", at=LATER, source_id="id-a"), at=LATER)
    assert len(all_rows(store, "articles")) == 2
