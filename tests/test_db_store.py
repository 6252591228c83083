"""The store: what pages say becomes rows; repeated writes change nothing; one writer at a time."""

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from db import queries
from db.errors import DatabaseUnusable
from db.records import Change, Trend
from db.store import Store
from db.versions import Comparer
from pages_read import NOON, all_rows, article_read, entry, listing_read, recorded
from spiders.items import Fetch, PageGone, PageRead, PageUnchanged, PageUnusable

LATER = NOON + timedelta(days=1)


def only(rows):
    (row,) = rows
    return row


# -- listings and presence ----------------------------------------------------------------------


def test_a_listing_entry_becomes_an_article_known_from_listings_alone(store):
    recorded(store, listing_read(entry(view_count=195)))
    article = only(all_rows(store, "articles"))
    assert article["version_id"] is None
    assert (article["title"], article["section_slug"]) == ("Withdrawal fees", "fees")
    assert (article["published_at"], article["view_count"]) == ("2025-01-01T00:00:00Z", 195)


def test_presence_is_one_row_for_an_unbroken_run_of_crawls(store):
    crawls = [recorded(store, listing_read(entry()), at=NOON + timedelta(days=d)) for d in range(3)]
    run = only(all_rows(store, "listing_articles"))
    assert (run["first_crawl_id"], run["last_crawl_id"]) == (crawls[0], crawls[2])


def test_an_absence_in_a_complete_listing_breaks_the_run(store):
    first = recorded(store, listing_read(entry(), entry("other")))
    recorded(store, listing_read(entry("other")), at=LATER)
    third = recorded(store, listing_read(entry(), entry("other")), at=LATER + timedelta(days=1))
    article_id = only(store.database["articles"].rows_where("slug = ?", ["withdrawal-fees"]))["id"]
    runs = list(store.database["listing_articles"].rows_where("article_id = ?", [article_id]))
    assert [(r["first_crawl_id"], r["last_crawl_id"]) for r in runs] == [
        (first, first),
        (third, third),
    ]


def test_an_absence_in_a_listing_that_was_not_read_to_its_end_breaks_nothing(store):
    first = recorded(store, listing_read(entry(), entry("other")))
    recorded(store, listing_read(entry("other"), next_url="…/page/2"), at=LATER, outcome="partial")
    third = recorded(store, listing_read(entry(), entry("other")), at=LATER + timedelta(days=1))
    article_id = only(store.database["articles"].rows_where("slug = ?", ["withdrawal-fees"]))["id"]
    run = only(store.database["listing_articles"].rows_where("article_id = ?", [article_id]))
    assert (run["first_crawl_id"], run["last_crawl_id"]) == (first, third)


def test_a_listing_is_complete_when_all_its_pages_were_read(store):
    recorded(
        store,
        listing_read(entry("a"), entry("b"), claimed_total=3, next_url="…/page/2"),
        listing_read(entry("b"), entry("c"), claimed_total=3, page_number=2),
    )
    assert only(all_rows(store, "listing_crawls")) == {
        "crawl_id": 1,
        "listing_id": 1,
        "claimed_total": 3,
        "seen_count": 3,
        "page_count": 2,
        "is_complete": 1,
    }


def test_the_last_page_alone_does_not_make_a_listing_complete(store):
    recorded(store, listing_read(entry("c"), claimed_total=3, page_number=2))
    assert only(all_rows(store, "listing_crawls"))["is_complete"] == 0


def test_another_search_excerpt_is_kept_with_its_listing_and_changes_no_article(store):
    recorded(store, article_read(), listing_read(entry(summary="one")))
    recorded(store, listing_read(entry(summary="two"), kind="search", slug="faq?term=x"), at=LATER)
    assert [row["summary"] for row in all_rows(store, "listing_articles")] == ["one", "two"]
    assert len(all_rows(store, "article_states")) == 1


# -- articles and versions ----------------------------------------------------------------------


def test_reading_a_page_again_makes_no_second_version(store):
    recorded(store, article_read())
    recorded(store, article_read(at=LATER), at=LATER)
    version = only(all_rows(store, "versions"))
    assert [row["version_id"] for row in all_rows(store, "fetches")] == [version["id"]] * 2
    assert len(all_rows(store, "article_states")) == len(all_rows(store, "snapshots")) == 1
    assert only(all_rows(store, "articles"))["last_fetched_at"] == "2026-04-18T12:00:00Z"


@pytest.mark.parametrize("what", [{"body": "The fee is 0.12%.\n"}, {"title": "Fees"}])
def test_another_text_or_title_makes_a_version(store, what):
    recorded(store, article_read())
    recorded(store, article_read(at=LATER, **what), at=LATER)
    assert [row["number"] for row in all_rows(store, "versions")] == [1, 2]


def test_a_return_to_an_earlier_text_is_a_new_version(store):
    for day, fee in enumerate(("0.10%", "0.12%", "0.10%")):
        at = NOON + timedelta(days=day)
        recorded(store, article_read(at=at, body=f"The fee is {fee}.\n"), at=at)
    numbers = [(row["number"], row["body"]) for row in all_rows(store, "versions")]
    assert numbers[2] == (3, "The fee is 0.10%.\n")


def test_a_new_updated_date_alone_makes_a_state_and_no_version(store):
    recorded(store, article_read())
    recorded(store, article_read(at=LATER, updated_at=LATER), at=LATER)
    assert len(all_rows(store, "versions")) == 1
    assert [row["updated_at"] for row in all_rows(store, "article_states")] == [
        "2026-04-01T00:00:00Z",
        "2026-04-18T12:00:00Z",
    ]


def test_what_a_page_does_not_say_stays_known(store):
    recorded(store, article_read())
    recorded(store, article_read(at=LATER, section_slug=None, updated_at=None), at=LATER)
    article = only(all_rows(store, "articles"))
    assert (article["section_slug"], article["updated_at"]) == ("fees", "2026-04-01T00:00:00Z")
    assert len(all_rows(store, "article_states")) == 1


def test_a_bare_date_never_replaces_an_instant_of_that_day(store):
    recorded(store, article_read())
    recorded(store, article_read(at=LATER, updated_at=date(2026, 4, 1)), at=LATER)
    assert only(all_rows(store, "articles"))["updated_at"] == "2026-04-01T00:00:00Z"


def test_a_listing_does_not_overrule_the_page_of_an_article(store):
    recorded(store, article_read(section="Fees", section_slug="fees"))
    recorded(store, listing_read(entry(title="Other"), slug="top", section_slug="top"), at=LATER)
    article = only(all_rows(store, "articles"))
    assert (article["title"], article["section_slug"]) == ("Withdrawal fees", "fees")
    assert article["listed_title"] == "Other"


def test_an_unread_article_in_two_sections_does_not_move_between_them(store):
    reads = (listing_read(entry(), slug="fees"), listing_read(entry(), slug="limits"))
    recorded(store, *reads)
    recorded(store, *reversed(reads), at=LATER)
    assert len(all_rows(store, "article_states")) == 1


def test_an_older_capture_recorded_later_takes_its_place_in_time(store):
    recorded(store, article_read(at=LATER, title="New title"), at=LATER)
    recorded(store, article_read(at=NOON, title="Old title"), at=NOON, kind="import")
    article = only(all_rows(store, "articles"))
    assert article["title"] == "New title"
    in_time = store.database["versions"].rows_where(order_by="captured_at")
    assert [row["title"] for row in in_time] == ["Old title", "New title"]


def test_an_unchanged_answer_confirms_the_version(store):
    recorded(store, article_read())
    read = PageRead(
        fetch=Fetch(url="https://help.example/help/withdrawal-fees", fetched_at=LATER, status=304),
        page=PageUnchanged(locale="en", url="https://help.example/help/withdrawal-fees"),
        wanted="article",
        article_id=1,
    )
    recorded(store, read, at=LATER)
    fetch = all_rows(store, "fetches")[-1]
    assert (fetch["page_kind"], fetch["version_id"]) == ("not_modified", 1)
    assert only(all_rows(store, "articles"))["last_fetched_at"] == "2026-04-18T12:00:00Z"


def test_a_page_that_cannot_be_read_is_logged_and_never_stored_as_text(store):
    fetch = Fetch(url="https://help.example/help/a", fetched_at=NOON, status=403, body=b"Denied")
    page = PageUnusable(locale="en", url=fetch.url, kind="blocked", message="a challenge")
    recorded(store, PageRead(fetch=fetch, page=page, wanted="article"), outcome="blocked")
    logged = only(all_rows(store, "fetches"))
    assert (logged["page_kind"], logged["error"], logged["size"]) == ("blocked", "a challenge", 6)
    assert all_rows(store, "articles") == all_rows(store, "snapshots") == []
    assert only(all_rows(store, "crawls"))["errors"] == 1


def test_a_gone_page_is_logged_with_its_article_and_is_no_error(store):
    recorded(store, article_read())
    url = "https://help.example/help/withdrawal-fees"
    gone = PageGone(locale="en", url=url, reason="404")
    fetch = Fetch(url=url, fetched_at=LATER, status=404)
    crawl_id = recorded(store, PageRead(fetch=fetch, page=gone, wanted="article"), at=LATER)
    logged = all_rows(store, "fetches")[-1]
    assert (logged["page_kind"], logged["article_id"]) == ("gone", 1)
    assert store.database["crawls"].get(crawl_id)["errors"] == 0


def test_recording_a_page_twice_in_one_crawl_changes_nothing_but_the_log(store):
    reads = (listing_read(entry(view_count=3)), article_read(view_count=3))
    recorded(store, *reads)
    tables = ("articles", "versions", "article_states", "view_observations", "listing_articles")
    before = {table: all_rows(store, table) for table in tables}
    site = store.site("example", "https://help.example")
    for read in reads:
        store.record(1, site.id, read)
    assert {table: all_rows(store, table) for table in tables} == before


# -- views --------------------------------------------------------------------------------------


def test_a_view_count_is_observed_only_when_it_differs(store):
    for day, count in enumerate((10, 10, 12, 12, 10)):
        at = NOON + timedelta(days=day)
        recorded(store, listing_read(entry(view_count=count), at=at), at=at)
    rows = all_rows(store, "view_observations")
    assert [(row["observed_at"][:10], row["view_count"]) for row in rows] == [
        ("2026-04-17", 10),
        ("2026-04-19", 12),
        ("2026-04-21", 10),
    ]


def counted(store, *days_and_counts: tuple[int, int]) -> list[tuple[int, int]]:
    """Records a listing for each (day, count), in this order; what this leaves, in time."""
    for day, count in days_and_counts:
        at = NOON + timedelta(days=day)
        recorded(store, listing_read(entry(view_count=count), at=at), at=at)
    rows = store.connection.execute(
        "SELECT observed_at, view_count FROM view_observations ORDER BY observed_at"
    )
    return [((datetime.fromisoformat(at) - NOON).days, count) for at, count in rows]


@pytest.mark.parametrize(
    ("days", "observed"),
    [
        ([(1, 100), (5, 100), (3, 90)], [(1, 100), (3, 90), (5, 100)]),
        ([(1, 100), (5, 100), (6, 100), (3, 90)], [(1, 100), (3, 90), (6, 100)]),
        ([(1, 100), (5, 100), (0, 90)], [(0, 90), (1, 100)]),
        ([(1, 100), (5, 120), (3, 90)], [(1, 100), (3, 90), (5, 120)]),
    ],
)
def test_a_count_recorded_late_is_not_the_one_that_stands_now(store, days, observed):
    assert counted(store, *days) == observed
    assert only(all_rows(store, "articles"))["view_count"] == observed[-1][1]


def test_of_one_crawl_the_count_read_last_stands_in_whatever_order_it_was_recorded(store):
    second = timedelta(seconds=1)
    reads = (
        listing_read(entry(view_count=100), at=NOON),
        article_read(at=NOON + 2 * second),
        listing_read(entry(view_count=101), at=NOON + second, slug="term=fee", kind="search"),
    )
    recorded(store, *reads)
    assert only(all_rows(store, "articles"))["view_count"] == 101


def test_an_older_capture_recorded_later_changes_nothing_that_is_known_now(store):
    now = {"title": "Now", "section": "Now", "section_slug": "now", "category": "Now",
           "summary": "Now", "view_count": 100, "language": "en"}  # fmt: skip
    recorded(store, listing_read(entry(view_count=100)), article_read(**now))
    later = NOON + timedelta(days=5)
    recorded(store, article_read(at=later, **now), at=later)
    before = only(all_rows(store, "articles"))
    old = dict.fromkeys(now, "Old") | {"view_count": 90, "body": "Old.\n", "language": "fr"}
    day = NOON + timedelta(days=3)
    recorded(store, article_read(at=day, **old), at=day, kind="import")
    recorded(store, listing_read(entry(title="Old", view_count=91), at=day), at=day, kind="import")
    after = only(all_rows(store, "articles"))
    assert after.pop("version_id") != before.pop("version_id"), "the same text, seen again"
    assert after == before


def test_an_unknown_view_count_is_null_and_no_observation(store):
    recorded(store, listing_read(entry(view_count=None)))
    assert only(all_rows(store, "articles"))["view_count"] is None
    assert all_rows(store, "view_observations") == []


# -- like with like -----------------------------------------------------------------------------


def test_a_newer_parser_with_another_text_makes_no_version(tmp_path):
    better = article_read(body="THE FEE IS 0.10%.\n", parser="test-2", at=LATER)

    def reread(body, url, form, content_type):
        return replace(better.page, form=form)

    with Store(tmp_path / "x.db", Comparer(reread=reread)) as store:
        recorded(store, article_read())
        recorded(store, better, at=LATER)
        assert len(all_rows(store, "versions")) == 1
        again = only(all_rows(store, "rereadings"))
        assert (again["parser"], again["body"]) == ("test-2", "THE FEE IS 0.10%.\n")


def test_a_newer_parser_with_another_title_makes_no_version_and_no_state(tmp_path):
    better = article_read(title="Fees, better read", parser="test-2", at=LATER)

    def reread(body, url, form, content_type):
        return replace(better.page, form=form)

    with Store(tmp_path / "x.db", Comparer(reread=reread)) as store:
        recorded(store, article_read())
        recorded(store, better, at=LATER)
        assert len(all_rows(store, "versions")) == len(all_rows(store, "article_states")) == 1


def test_an_edit_under_a_newer_parser_is_still_a_version(tmp_path):
    edited = article_read(body="THE FEE IS 0.12%.\n", parser="test-2", at=LATER)

    def reread(body, url, form, content_type):
        return replace(edited.page, form=form, body="THE FEE IS 0.10%.\n")

    with Store(tmp_path / "x.db", Comparer(reread=reread)) as store:
        recorded(store, article_read())
        recorded(store, edited, at=LATER)
        assert [row["body"] for row in all_rows(store, "versions")] == [
            "The fee is 0.10%.\n",
            "THE FEE IS 0.12%.\n",
        ]


# -- crawls -------------------------------------------------------------------------------------


def test_a_crawl_that_died_is_closed_as_interrupted_by_the_next(store):
    site = store.site("example", "https://help.example")
    store.begin_crawl(site, NOON, parser="test-1", locales=["en"])
    store.record(1, site.id, article_read(at=NOON + timedelta(minutes=3)))
    store.begin_crawl(site, LATER, parser="test-1", locales=["en"])
    died = store.database["crawls"].get(1)
    assert (died["outcome"], died["finished_at"]) == ("interrupted", "2026-04-17T12:03:00Z")
    assert died["articles_fetched"] == 1


def test_conclusions_are_kept_once_however_often_they_are_drawn(store):
    crawl_id = recorded(store, article_read())
    change = Change(article_id=1, kind="new", detected_at=NOON, detail={"a": 1})
    trend = Trend(
        article_id=1,
        window_days=7,
        views_gained=3,
        views_per_day=0.4,
        usual_per_day=None,
        score=1.5,
        rank=1,
    )
    for _ in range(2):
        store.conclude(
            crawl_id,
            health={"verdict": "healthy"},
            is_baseline=True,
            changes=[change],
            statuses={1: "unlisted"},
            trends=[trend],
            compared_at=NOON,
        )
    row = only(all_rows(store, "changes"))
    assert (row["kind"], json.loads(row["detail"])) == ("new", {"a": 1})
    assert only(all_rows(store, "trends"))["rank"] == 1
    assert only(all_rows(store, "articles"))["status"] == "unlisted"


# -- one writer ---------------------------------------------------------------------------------


def test_a_second_writer_is_told_who_is_writing_and_since_when(store):
    with pytest.raises(DatabaseUnusable, match=rf"process {os.getpid()} on .+ since 20\d\d-"):
        Store(store.path)


def test_the_lock_ends_with_its_holder(tmp_path):
    Store(tmp_path / "x.db").close()
    with Store(tmp_path / "x.db") as again:
        assert again.database["sites"].count == 0


def test_times_are_stored_as_utc_text(store):
    at = datetime.fromisoformat("2026-04-17T20:00:00.250+08:00")
    recorded(store, article_read(at=at), at=at)
    assert only(all_rows(store, "versions"))["captured_at"] == "2026-04-17T12:00:00.250Z"
    assert only(all_rows(store, "crawls"))["started_at"] == "2026-04-17T12:00:00.250Z"
    assert at.astimezone(UTC).hour == 12


def test_versions_cannot_be_rewritten(store):
    recorded(store, article_read())
    for sql in ("UPDATE versions SET body = 'x'", "DELETE FROM versions"):
        with pytest.raises(Exception, match="append-only"):
            store.connection.execute(sql)


def test_a_claim_that_falls_while_we_read_does_not_hide_a_gap(store):
    recorded(
        store,
        listing_read(entry("a"), entry("b"), claimed_total=4, next_url="…/page/2"),
        listing_read(entry("d"), claimed_total=3, page_number=2),
    )
    assert only(all_rows(store, "listing_crawls"))["claimed_total"] == 4


def test_the_fields_of_each_crawls_pages_are_counted_as_those_pages_say(store):
    recorded(store, article_read())
    crawl_id = recorded(
        store,
        article_read(at=LATER, section=None, disagreements=("title: json A, html B",)),
        article_read("b", at=LATER),
        at=LATER,
    )
    counted = {
        row["field"]: (row["known_count"], row["page_count"], row["disagreement_count"])
        for row in store.database["field_fills"].rows_where("crawl_id = ?", [crawl_id])
    }
    assert counted["section"] == (1, 2, 0)
    assert counted["title"] == (2, 2, 1)
    assert counted["view_count"] == (0, 2, 0)


def test_every_disagreement_and_all_that_a_reader_does_not_know_is_counted(store):
    no_markup = ("markup: json an article, html none",)
    crawl_id = recorded(
        store,
        article_read(disagreements=no_markup, unknown_nodes={"callout": 2}),
        listing_read(
            entry("a"), disagreements=("entries: json 1, html 0", "title: json A, html B")
        ),
    )
    counted = {
        row["field"]: (row["known_count"], row["page_count"], row["disagreement_count"])
        for row in store.database["field_fills"].rows_where("crawl_id = ?", [crawl_id])
    }
    assert counted["markup"] == (0, 1, 1)
    assert counted["unknown nodes"] == (0, 1, 0)
    assert counted["listing entries"] == counted["listing title"] == (0, 1, 1)
    assert queries.crawl_facts(store.connection, crawl_id).disagreements == 3


def said_while(store, *reads) -> list[str]:
    """The statements with which a crawl recorded some pages."""
    said = []
    store.connection.set_trace_callback(said.append)
    recorded(store, *reads)
    store.connection.set_trace_callback(None)
    return said


def test_an_article_that_a_listing_names_is_indexed_once_with_its_summary(store):
    said = said_while(store, listing_read(entry("a", summary="What it costs.")))
    assert not [one for one in said if one.startswith("UPDATE articles") and "summary" in one]
    (article,) = all_rows(store, "articles")
    assert article["summary"] == "What it costs."


def test_what_a_page_says_goes_into_its_row_at_once(store):
    said = said_while(store, listing_read(entry("a")), article_read("a"))
    # Once more for each trigger that a statement fires.
    written = {one for one in said if one.startswith("UPDATE articles")}
    (of_the_page,) = [one for one in written if "last_fetched_at" in one]
    assert "version_id = 1" in of_the_page
