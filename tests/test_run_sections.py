"""What is watched of a site: an article may move to where nobody looked, or looked too early; and
what is watched from today on was there before.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from db import queries
from pages_read import BASE, NOON, article_read, entry, listing_read
from spiders.items import Fetch, PageRead, PageUnusable
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


def told(store, *days: tuple[tuple[str, ...], dict[str, str | None]]) -> list[list[str]]:
    """Slugs of the articles told as new by each day's crawl. A day: the sections that it was to
    read, and the articles (a letter each) of every section, or search with a `?` in front; of one
    that robots.txt disallows, None; of one that could not be read, or not behind its first page,
    `!` or `a!`."""
    found = []
    for number, (sections, listed) in enumerate(days):
        at = NOON + timedelta(days=number)
        searches = [slug for slug in listed if slug.startswith("?")]
        config = Config(sites={"demo": SiteConfig(sections=sections)})
        site = store.site("demo", demo.BASE_URL)
        crawl_id = store.begin_crawl(
            site, at, parser="test-1", locales=["en"], sections=sections, searches=searches
        )
        for slug, names in listed.items():
            for read in listing_reads(slug, names):
                store.record(crawl_id, site.id, read)
        is_whole = all("!" not in (names or "") for names in listed.values())
        store.finish_crawl(crawl_id, "complete" if is_whole else "partial", at)
        conclude(store, config, crawl_id, at)
        changes = queries.changes(store.connection, crawl_ids=[crawl_id])
        articles = queries.articles(store.connection, {change.article_id for change in changes})
        assert {change.kind for change in changes} <= {"new"}
        found.append(sorted(article.slug for article in articles.values()))
    return found


def listing_reads(slug: str, names: str | None) -> Iterator[PageRead]:
    kind = "search" if slug.startswith("?") else "section"
    if names is None:
        yield failed(slug, "robots", "robots.txt disallows it")
    elif names == "!":
        yield failed(slug, "server_error", "503")
    else:
        is_cut = names.endswith("!")
        next_url = f"{BASE}/help/section/{slug}/page/2" if is_cut else None
        entries = map(entry, names.removesuffix("!"))
        yield listing_read(*entries, slug=slug, kind=kind, next_url=next_url)
        if is_cut:
            yield failed(f"{slug}/page/2", "server_error", "503")


def failed(slug: str, kind: str, message: str) -> PageRead:
    url = f"{BASE}/help/section/{slug}"
    page = PageUnusable(locale="en", url=url, kind=kind, message=message)
    return PageRead(fetch=Fetch(url=url, fetched_at=NOON), page=page, wanted="listing")


def test_the_articles_of_a_section_that_is_watched_from_now_on_are_not_new(store):
    days = [
        (("fees",), {"fees": "a"}),
        (("fees", "limits"), {"fees": "ab", "limits": "cd"}),
        (("fees", "limits"), {"fees": "ab", "limits": "cde"}),
    ]
    assert told(store, *days) == [[], ["b"], ["e"]]


def test_nor_are_those_of_the_others_when_all_sections_are_watched(store):
    days = [
        (("fees",), {"fees": "a"}),
        ((), {"fees": "ab", "limits": "cd"}),
        ((), {"fees": "ab", "limits": "cde", "terms": "f"}),
    ]
    assert told(store, *days) == [[], ["b"], ["e", "f"]]


def test_the_articles_of_a_section_that_the_site_opens_are_new(store):
    assert told(store, ((), {"fees": "a"}), ((), {"fees": "a", "limits": "b"})) == [[], ["b"]]


def test_the_articles_of_a_section_that_robots_txt_kept_from_us_until_now_are_not_new(store):
    days = [
        ((), {"fees": "a", "limits": None}),
        ((), {"fees": "ab", "limits": "cd"}),
        ((), {"fees": "ab", "limits": "cde", "terms": "f"}),
    ]
    assert told(store, *days) == [[], ["b"], ["e", "f"]]


def test_what_robots_txt_always_disallows_hides_no_section_that_the_site_opens(store):
    days = [((), {"fees": "a", "?fee": None}), ((), {"fees": "a", "?fee": None, "limits": "b"})]
    assert told(store, *days) == [[], ["b"]]


def test_what_a_search_finds_on_its_first_day_was_there_before(store):
    days = [
        ((), {"fees": "a"}),
        ((), {"fees": "ab", "?fee": "abc"}),
        ((), {"fees": "ab", "?fee": "abcd"}),
    ]
    assert told(store, *days) == [[], ["b"], ["d"]]


def test_a_section_that_opens_is_told_though_no_crawl_could_read_all_others_to_their_end(store):
    days = [
        (("fees",), {"fees": "a"}),
        ((), {"fees": "a", "limits": "c!"}),
        ((), {"fees": "ab", "limits": "cd!", "terms": "f"}),
        ((), {"fees": "ab", "limits": "cd", "terms": "fg"}),
    ]
    assert told(store, *days) == [[], [], ["b", "f"], ["g"]]


@pytest.mark.parametrize("unread", [{"limits": "!"}, {"faq": "!"}, {"limits": "c!", "faq": "!"}])
def test_a_partial_crawl_that_may_have_missed_a_section_does_not_make_its_articles_new(
    store, unread
):
    """What was not read is this section itself, or may be the page that names it."""
    days = [
        (("fees",), {"fees": "a"}),
        ((), {"fees": "a"} | unread),
        ((), {"fees": "ab", "limits": "cd"}),
    ]
    assert told(store, *days) == [[], [], ["b"]]
