"""Which articles are due, and how a crawl is said to have ended."""

from datetime import UTC, datetime, timedelta

import pytest

from pages_read import article_read
from spiders.sites import demo
from tracker.run.config import Config, SiteConfig
from tracker.run.crawl import CrawlJob, Recording, is_due, outcome_of

START = datetime(2026, 4, 17, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def test_an_article_that_was_never_read_is_due():
    assert is_due("en 7", None, START, 7)


def test_an_article_read_a_moment_ago_is_not_due():
    assert not any(is_due(f"en {n}", START, START, 7) for n in range(500))


@pytest.mark.parametrize("recheck_days", [1, 3, 7])
def test_every_article_is_due_once_in_the_cycle(recheck_days):
    for n in range(200):
        read_at, asked = START, 0
        for day in range(1, 2 * recheck_days + 1):
            now = START + day * DAY
            if is_due(f"en {n}", read_at, now, recheck_days):
                read_at, asked = now, asked + 1
        assert asked == 2


def test_a_day_asks_for_about_a_seventh_even_right_after_a_first_crawl():
    for day in range(1, 8):
        due = sum(is_due(f"en {n}", START, START + day * DAY, 7) for n in range(7000))
        on_that_day = due - sum(
            is_due(f"en {n}", START, START + (day - 1) * DAY, 7) for n in range(7000)
        )
        assert 800 < on_that_day < 1200


def test_missed_days_are_caught_up():
    assert all(is_due(f"en {n}", START, START + 7 * DAY, 7) for n in range(500))


@pytest.mark.parametrize(
    ("reason", "all_complete", "page_kinds", "outcome"),
    [
        ("finished", True, {"section": 3, "article": 9}, "complete"),
        ("finished", False, {"section": 3, "server_error": 1}, "partial"),
        ("finished", False, {}, "failed"),
        ("finished", True, {"home": 1}, "failed"),
        ("blocked", False, {"section": 3, "blocked": 3}, "blocked"),
        ("unreachable", False, {"network": 1}, "failed"),
        ("shutdown", True, {"section": 3}, "interrupted"),
        ("storage", True, {"section": 3}, "interrupted"),
    ],
)
def test_the_outcome_of_a_crawl(reason, all_complete, page_kinds, outcome):
    assert outcome_of(reason, all_complete, page_kinds) == outcome


@pytest.mark.parametrize("full", [False, True])
def test_a_full_crawl_holds_every_article_for_due_also_what_no_listing_names(store, full):
    site = store.site("demo", demo.BASE_URL)
    crawl_id = store.begin_crawl(site, START, parser="demo-1", locales=["en"])
    store.record(crawl_id, site.id, article_read(at=START))
    config = Config(sites={"demo": SiteConfig()})
    recording = Recording(CrawlJob(config=config, site="demo", now=START, full=full), store)
    recording.begin()
    assert [article.is_due for article in recording.known] == [full]
