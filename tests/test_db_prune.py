"""Pruning: old requests go, what proves something stays, and the room is given back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db import snapshots
from db.errors import DatabaseUnusable
from db.prune import prune
from db.states import known_articles
from db.verify import verify
from pages_read import NOON, all_rows, article_read, entry, listing_read, recorded
from spiders.items import Fetch, PageGone, PageRead, PageUnchanged, PageUnusable

URL = "https://help.example/help/withdrawal-fees"


def day(number: int):
    return NOON + timedelta(days=number)


def compared(store, *reads, at):
    """A crawl whose changes were worked out."""
    crawl_id = recorded(store, *reads, at=at)
    store.conclude(
        crawl_id,
        health={},
        is_baseline=False,
        changes=(),
        statuses={},
        trends=(),
        compared_at=at,
    )
    return crawl_id


def confirming(at, article_id: int = 1) -> PageRead:
    fetch = Fetch(url=URL, fetched_at=at, status=304)
    page = PageUnchanged(locale="en", url=URL)
    return PageRead(fetch=fetch, page=page, wanted="article", article_id=article_id)


def with_etag(read: PageRead, etag: str) -> PageRead:
    return replace(read, fetch=replace(read.fetch, etag=etag))


def log(store) -> list[tuple[str, str]]:
    return [(row["fetched_at"][8:10], row["page_kind"]) for row in all_rows(store, "fetches")]


@pytest.fixture
def ten_days(store):
    """A page read on day 0, then confirmed daily; the listing is read each day."""
    compared(store, listing_read(entry()), with_etag(article_read(), '"a"'), at=day(0))
    for number in range(1, 10):
        at = day(number)
        compared(store, listing_read(entry(), at=at), confirming(at), at=at)
    return store


def test_of_old_requests_only_the_proof_of_each_version_stays(ten_days):
    freed = prune(ten_days, day(30))
    # The one that found the version (and holds its validators), and the last that confirmed it.
    assert log(ten_days) == [("17", "article"), ("26", "not_modified")]
    assert (freed.fetches, freed.fetches_kept) == (18, 2)


def test_younger_requests_stay(ten_days):
    prune(ten_days, day(8))
    assert [kind for number, kind in log(ten_days) if number in ("25", "26")] == [
        "section",
        "not_modified",
        "section",
        "not_modified",
    ]
    assert len(log(ten_days)) == 5


def test_the_validators_of_the_next_request_stay(ten_days):
    before = known_articles(ten_days.connection, 1, (), locales=["en"])
    prune(ten_days, day(30))
    after = known_articles(ten_days.connection, 1, (), locales=["en"])
    assert before == after
    assert after[0].etag == '"a"'


def test_what_could_not_be_looked_at_and_what_was_gone_stays_told(store):
    fetch = Fetch(url=URL, fetched_at=NOON, status=404)
    gone = PageGone(locale="en", url=URL, reason="404")
    unread = PageUnusable(locale="en", url=URL, kind="network", message="no answer")
    compared(
        store,
        PageRead(fetch=fetch, page=gone, wanted="article"),
        PageRead(fetch=replace(fetch, status=None), page=unread, wanted="article"),
        at=NOON,
    )
    prune(store, day(30))
    assert log(store) == [("17", "gone"), ("17", "network")]


def test_a_crawl_that_was_not_compared_yet_keeps_all_of_its_log(store):
    recorded(store, listing_read(entry()), article_read())
    prune(store, day(30))
    assert len(log(store)) == 2


def test_versions_changes_and_views_stay_whatever_their_age(ten_days):
    kept = ("versions", "snapshots", "article_states", "listing_crawls", "crawls", "articles")
    before = {table: all_rows(ten_days, table) for table in kept}
    prune(ten_days, day(3000), listing_snapshots=True)
    assert {table: all_rows(ten_days, table) for table in kept} == before
    sha256 = all_rows(ten_days, "versions")[0]["snapshot_sha256"]
    assert snapshots.get(ten_days.connection, sha256) == article_read().fetch.body


def test_bytes_behind_no_version_go_only_when_asked(ten_days):
    site = ten_days.site("example", "https://help.example")
    loose = Fetch(url=URL, fetched_at=NOON, status=200, body=b"<html>a listing</html>" * 500)
    sha256 = snapshots.put(ten_days.connection, site.id, loose)
    assert prune(ten_days, day(30)).snapshots == 0
    assert snapshots.get(ten_days.connection, sha256) is not None
    assert prune(ten_days, day(30), listing_snapshots=True).snapshots == 1
    assert snapshots.get(ten_days.connection, sha256) is None


def test_the_room_is_given_back_to_the_disk(store):
    reads = [article_read(f"article-{number}", at=NOON) for number in range(50)]
    for number in range(20):
        at = day(number)
        compared(store, *(article_read(f"article-{n}", at=at) for n in range(50)), at=at)
    assert len(reads) == 50
    freed = prune(store, day(30))
    assert freed.fetches == 50 * 18
    assert freed.size_after < freed.size_before / 2
    assert freed.size_after == store.path.stat().st_size


def test_the_file_is_sound_and_searchable_afterwards(ten_days):
    from db.search import search

    prune(ten_days, day(30))
    connection = ten_days.connection
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert [hit.article_id for hit in search(connection, "fee")] == [1]
    again = compared(ten_days, article_read(at=day(40)), at=day(40))
    assert again == 11


# -- seals --------------------------------------------------------------------------------------


def sealed(store) -> list[tuple[int, str, int]]:
    return [
        (r["crawl_id"], r["reason"], r["request_count"]) for r in all_rows(store, "crawl_seals")
    ]


def logs_hold(store) -> bool:
    (found,) = [check for check in verify(store.connection, {}) if check.name == "log"]
    return found.ok


def test_what_stays_of_a_log_is_sealed_anew(store):
    compared(store, article_read(), at=NOON)
    for number in (1, 2, 3):
        compared(store, confirming(day(number)), at=day(number))
    prune(store, day(3))
    assert sealed(store) == [
        (1, "finished", 1),
        (2, "finished", 1),
        (3, "finished", 1),
        (4, "finished", 1),
        (2, "pruned", 0),
        (3, "pruned", 0),
    ]
    assert logs_hold(store)


def test_a_log_that_was_tampered_with_is_not_made_good_by_pruning(store):
    compared(store, article_read(), at=NOON)
    compared(store, confirming(day(1)), at=day(1))
    compared(store, confirming(day(2)), at=day(2))
    store.connection.execute("UPDATE fetches SET status = 200 WHERE id = 2")
    with pytest.raises(DatabaseUnusable, match="Nothing was pruned in .*: crawl 2: "):
        prune(store, day(2))
    assert store.database["fetches"].count == 3
    assert not logs_hold(store)
