"""The reads behind statements: what a page said, when that was confirmed, what was known when."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from db import evidence, past, queries
from db.errors import NotInDatabase
from db.records import Change
from db.versions import chain_link
from pages_read import BASE, NOON, all_rows, article_read, entry, listing_read, recorded
from spiders.items import PageGone, PageRead, PageUnchanged, PageUnusable

DAY = timedelta(days=1)


def concluded(store, crawl_id: int, *told: tuple[int, str]) -> None:
    """The crawl's conclusions: (article_id, kind of change) ..."""
    at = queries.crawl(store.connection, crawl_id).started_at
    store.conclude(
        crawl_id,
        health={},
        is_baseline=False,
        changes=[Change(article_id=id_, kind=kind, detected_at=at) for id_, kind in told],
        statuses={},
        trends=[],
        compared_at=at,
    )


def site_id(store) -> int:
    return evidence.site(store.connection, None).id


# -- one article --------------------------------------------------------------------------------


def test_readings_stand_in_order_of_time_with_what_came_of_them(store):
    recorded(store, article_read())
    unchanged = PageRead(
        fetch=replace(article_read(at=NOON + DAY).fetch, status=304, body=b""),
        page=PageUnchanged(locale="en", url=f"{BASE}/help/withdrawal-fees"),
        wanted="article",
        article_id=1,
    )
    gone = replace(
        unchanged,
        fetch=replace(unchanged.fetch, fetched_at=NOON + 2 * DAY, status=404),
        page=PageGone(locale="en", url=f"{BASE}/help/withdrawal-fees", reason="404"),
    )
    recorded(store, gone, unchanged, at=NOON + DAY)
    found = evidence.readings(store.connection, 1)
    assert [(r.page_kind, r.version_id, r.status) for r in found] == [
        ("article", 1, 200),
        ("not_modified", 1, 304),
        ("gone", None, 404),
    ]
    assert [r.fetched_at for r in found] == [NOON, NOON + DAY, NOON + 2 * DAY]


def test_a_stored_page_comes_with_what_the_server_said(store):
    read = article_read(html=b"<html>page</html>")
    said = replace(read.fetch, etag='"abc"', last_modified="Thu, 16 Apr 2026 08:00:00 GMT")
    recorded(store, replace(read, fetch=said))
    (version,) = queries.versions(store.connection, 1)
    page = evidence.stored_page(store.connection, version)
    assert (page.body, page.http_status, page.content_type) == (
        b"<html>page</html>",
        200,
        "text/html",
    )
    assert (page.etag, page.last_modified) == ('"abc"', "Thu, 16 Apr 2026 08:00:00 GMT")
    assert (page.url, page.fetched_at) == (f"{BASE}/help/withdrawal-fees", NOON)


def test_a_return_to_the_same_bytes_tells_its_own_time(store):
    for day, body in enumerate(("A\n", "B\n", "A\n")):
        recorded(store, article_read(at=NOON + day * DAY, body=body), at=NOON + day * DAY)
    versions = queries.versions(store.connection, 1)
    assert versions[0].snapshot_sha256 == versions[2].snapshot_sha256
    pages = [evidence.stored_page(store.connection, version) for version in versions]
    assert [page.fetched_at for page in pages] == [NOON, NOON + DAY, NOON + 2 * DAY]


def test_a_page_without_or_with_damaged_bytes_is_none(store):
    recorded(store, article_read("a", html=b""), article_read("b"))
    store.connection.execute("UPDATE snapshots SET body = x'00'")
    for article_id in (1, 2):
        (version,) = queries.versions(store.connection, article_id)
        assert evidence.stored_page(store.connection, version) is None


# -- the chain ----------------------------------------------------------------------------------


@pytest.fixture
def chained(store):
    titles = ("Fees", 'Quotes " and \\', "Tab\tand\nline", "Zażółć 费用 \u2028 \x7f")
    for day, title in enumerate(titles):
        at = NOON + day * DAY
        recorded(store, article_read(f"a{day}", at=at, title=title), at=at)
    return store


def test_each_line_of_the_chain_begins_with_the_sha256_of_the_line_before(chained):
    lines = list(evidence.chain(chained.connection, 4))
    links = [row["chain_sha256"] for row in all_rows(chained, "versions")]
    assert [hashlib.sha256(line.encode()).hexdigest() for line in lines] == links
    assert [json.loads(line)[0] for line in lines] == ["0" * 64, *links[:-1]]
    assert not any("\n" in line for line in lines)


def test_the_covered_text_is_the_one_whose_sha256_is_the_link(chained):
    for row in all_rows(chained, "versions"):
        text = evidence.covered_text("0" * 64, row)
        assert hashlib.sha256(text.encode()).hexdigest() == chain_link("0" * 64, row)


def test_the_chain_ends_with_the_version_asked_for(chained):
    assert len(list(evidence.chain(chained.connection, 2))) == 2


def test_the_head_is_the_last_version_up_to_an_instant(chained):
    assert evidence.head(chained.connection).id == 4
    assert evidence.head(chained.connection, NOON + DAY).id == 2
    assert evidence.head(chained.connection, NOON - DAY) is None


# -- a whole site at an instant -----------------------------------------------------------------


def test_an_article_is_as_it_was_known_then(store):
    recorded(store, article_read("a", title="Old", section_slug="old"))
    recorded(
        store, article_read("a", at=NOON + DAY, title="New", section_slug="new"), at=NOON + DAY
    )
    (then,) = past.articles_at(store.connection, site_id(store), NOON)
    (now,) = past.articles_at(store.connection, site_id(store), NOON + DAY)
    assert (then.title, then.section_slug, then.version_id) == ("Old", "old", 1)
    assert (now.title, now.section_slug, now.version_id) == ("New", "new", 2)
    assert past.state_at(store.connection, 1, NOON) == then
    assert past.state_at(store.connection, 1, NOON - DAY) is None


def test_an_article_first_seen_later_was_not_there(store):
    recorded(store, article_read("a"))
    recorded(store, article_read("b", at=NOON + DAY), at=NOON + DAY)
    found = past.articles_at(store.connection, site_id(store), NOON)
    assert [article.slug for article in found] == ["a"]
    assert past.first_seen(store.connection, site_id(store), NOON + DAY) == {
        1: NOON,
        2: NOON + DAY,
    }


def test_the_status_is_that_of_the_last_change_told_until_then(store):
    recorded(store, listing_read(entry("a")))
    for day, kind in ((1, "unlisted"), (2, "removed"), (3, "relisted")):
        at = NOON + day * DAY
        concluded(store, recorded(store, at=at), (1, kind))
    status_on = {
        day: past.state_at(store.connection, 1, NOON + day * DAY).status for day in range(4)
    }
    assert status_on == {0: "listed", 1: "unlisted", 2: "removed", 3: "listed"}
    removed = [past.removed_at(store.connection, 1, NOON + day * DAY) for day in range(4)]
    assert removed == [{}, {}, {1: NOON + 2 * DAY}, {}]


def test_a_listing_holds_an_article_until_it_is_read_to_its_end_without_it(store):
    both, one = [entry("a"), entry("b")], [entry("a")]
    for day, entries in enumerate((both, both, one, both)):
        at = NOON + day * DAY
        recorded(store, listing_read(*entries, at=at), at=at)
    held = {
        day: past.listings_at(store.connection, site_id(store), NOON + day * DAY)
        for day in range(4)
    }
    assert held[0] == held[1] == held[3] == {1: ("section/fees",), 2: ("section/fees",)}
    assert held[2] == {1: ("section/fees",)}


def test_a_listing_that_was_not_read_to_its_end_takes_nothing_away(store):
    recorded(store, listing_read(entry("a"), entry("b")))
    broken = listing_read(entry("a"), at=NOON + DAY, next_url=f"{BASE}/help/section/fees/page/2")
    recorded(store, broken, at=NOON + DAY, outcome="partial")
    held = past.listings_at(store.connection, site_id(store), NOON + DAY)
    assert held == {1: ("section/fees",), 2: ("section/fees",)}


def test_the_version_and_the_last_reading_are_those_until_then(store):
    for day, body in enumerate(("A\n", "A\n", "B\n")):
        recorded(store, article_read(at=NOON + day * DAY, body=body), at=NOON + day * DAY)
    for day, number in ((0, 1), (1, 1), (2, 2)):
        at = NOON + day * DAY
        assert past.marks_at(store.connection, site_id(store), at)[1].number == number
        assert past.last_confirmed(store.connection, site_id(store), at) == {1: at}


# -- what was watched ---------------------------------------------------------------------------


def test_readings_come_article_by_article_up_to_an_instant(store):
    for day in range(3):
        at = NOON + day * DAY
        recorded(store, article_read("b", at=at), article_read("a", at=at), at=at)
    found = evidence.readings_by_article(store.connection, site_id(store), NOON, NOON + DAY)
    assert [(article_id, len(readings)) for article_id, readings in found] == [(1, 2), (2, 2)]


def test_of_the_readings_before_a_period_come_the_last_with_a_text_and_those_without(store):
    for day in range(4):
        at = NOON + day * DAY
        failed = PageRead(
            fetch=replace(article_read(at=at).fetch, status=503, body=b""),
            page=PageUnusable(locale="en", url=f"{BASE}/help/a", kind="network", message="503"),
            wanted="article",
            article_id=1,
        )
        recorded(store, failed if day == 1 else article_read("a", at=at), at=at)
    ((_, found),) = evidence.readings_by_article(
        store.connection, site_id(store), NOON + 3 * DAY, NOON + 3 * DAY
    )
    assert [(r.fetched_at, r.version_id, r.error) for r in found] == [
        (NOON + DAY, None, "503"),
        (NOON + 2 * DAY, 1, None),
        (NOON + 3 * DAY, 1, None),
    ]


def test_a_crawl_counts_what_it_confirmed_and_what_was_new_to_it(store):
    recorded(store, article_read("a"), article_read("b"))
    crawl_id = recorded(
        store,
        article_read("a", at=NOON + DAY),
        article_read("b", at=NOON + DAY, body="Other.\n"),
        article_read("c", at=NOON + DAY),
        at=NOON + DAY,
    )
    read = evidence.pages_read(store.connection, [crawl_id])[crawl_id]
    assert (read.confirmed_count, read.new_count) == (1, 2)


# -- sites --------------------------------------------------------------------------------------


def test_the_only_site_needs_no_name(store):
    store.site("example", BASE)
    assert evidence.site(store.connection, None).name == "example"


def test_which_sites_there_are_is_said(store):
    with pytest.raises(NotInDatabase, match="no site yet"):
        evidence.site(store.connection, None)
    store.site("example", BASE)
    store.site("other", BASE)
    with pytest.raises(NotInDatabase, match="example, other.*--site"):
        evidence.site(store.connection, None)
    with pytest.raises(NotInDatabase, match="'third'; known: example, other"):
        evidence.site(store.connection, "third")
