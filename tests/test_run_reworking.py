"""An older capture that is imported later takes its place in time, and its neighbours' changes are
worked out again."""

import json
from datetime import timedelta

import pytest

from db import queries
from pages_read import NOON, all_rows, article_read, entry, listing_read
from spiders.sites import demo
from tracker.run.config import Config, SiteConfig
from tracker.run.cycle import conclude

CONFIG = Config(sites={"demo": SiteConfig()})
NAME = "withdrawal-fees"
OLD, NEW, OTHER = "The fee is 0.10%.\n", "The fee is 0.12%.\n", "The fee is 0.15%.\n"


def day(number: float):
    return NOON + timedelta(days=number)


def pass_over(store, at, *reads, kind: str = "crawl", outcome: str = "complete") -> int:
    """One crawl or import of the demo site, concluded."""
    site = store.site("demo", demo.BASE_URL)
    crawl_id = store.begin_crawl(site, at, parser="test-1", locales=["en"], kind=kind)
    for read in reads:
        store.record(crawl_id, site.id, read)
    store.finish_crawl(crawl_id, outcome, at)
    conclude(store, CONFIG, crawl_id, at)
    return crawl_id


def crawled(store, number: int, *bodies: str, names=(NAME,), **facts) -> int:
    """The crawl of a day on which these articles had these texts."""
    at = day(number)
    reads = [listing_read(*map(entry, names), at=at)]
    reads += [
        article_read(name, at=at, body=body, **facts)
        for name, body in zip(names, bodies, strict=True)
    ]
    return pass_over(store, at, *reads)


def imported(store, number: float, body: str, name: str = NAME, **facts) -> int:
    """The import, today, of a page that was saved on that day."""
    at = day(number)
    return pass_over(store, at, article_read(name, at=at, body=body, **facts), kind="import")


def told(store) -> list[tuple[int, str, str | None, str | None]]:
    """(crawl, kind, text before, text after) of all changes, in the order of crawls."""
    return [
        (c.crawl_id, c.kind, text_of(store, c.from_version_id), text_of(store, c.to_version_id))
        for c in sorted(queries.changes(store.connection), key=lambda c: (c.crawl_id, c.kind))
    ]


def text_of(store, version_id: int | None) -> str | None:
    return version_id and store.database["versions"].get(version_id)["body"]


def test_a_text_between_two_others_parts_their_change_in_two(store):
    crawled(store, 0, OLD)
    second = crawled(store, 2, NEW)
    third = imported(store, 1, OTHER)
    assert told(store) == [
        (second, "silent_edit", OTHER, NEW),
        (third, "silent_edit", OLD, OTHER),
    ]
    reworked, of_import = sorted(queries.changes(store.connection), key=lambda c: c.crawl_id)
    assert reworked.detail["reworked"] == {"import": third}
    assert reworked.detected_at == day(2)
    assert of_import.detected_at == day(1)
    assert "reworked" not in of_import.detail


def test_what_is_known_now_stays_the_newest_reading(store):
    crawled(store, 0, OLD)
    crawled(store, 2, NEW)
    imported(store, 1, OTHER, title="Another title")
    (article,) = all_rows(store, "articles")
    assert text_of(store, article["version_id"]) == NEW
    assert article["title"] == "Withdrawal fees"


def test_a_text_that_came_earlier_than_it_was_seen_takes_its_change_along(store):
    crawled(store, 0, OLD)
    crawled(store, 2, NEW)
    third = imported(store, 1, NEW)
    assert told(store) == [(third, "silent_edit", OLD, NEW)]


def test_a_text_between_two_readings_that_were_the_same_was_taken_back_by_the_second(store):
    crawled(store, 0, OLD)
    second = crawled(store, 2, OLD)
    third = imported(store, 1, OTHER)
    assert told(store) == [
        (second, "silent_edit", OTHER, OLD),
        (third, "silent_edit", OLD, OTHER),
    ]
    (back, _) = sorted(queries.changes(store.connection), key=lambda c: c.crawl_id)
    assert back.detail["reverts_to"] == 1
    crawled(store, 3, OLD)
    assert len(told(store)) == 2, "the next crawl finds what was there already"


def test_the_readings_behind_it_confirm_the_text_that_stands_again(store):
    crawled(store, 0, OLD)
    crawled(store, 2, OLD)
    crawled(store, 3, OLD)
    imported(store, 1, OTHER)
    numbers = {row["id"]: row["number"] for row in all_rows(store, "versions")}
    confirmed = [
        (row["fetched_at"][:10], numbers[row["version_id"]])
        for row in all_rows(store, "fetches")
        if row["version_id"]
    ]
    assert sorted(confirmed) == [
        ("2026-04-17", 1),
        ("2026-04-18", 2),
        ("2026-04-19", 3),
        ("2026-04-20", 3),
    ]


def test_the_chain_of_versions_holds_after_an_insertion(store):
    from db.versions import CHAINED, FIRST_LINK, chain_link

    crawled(store, 0, OLD)
    crawled(store, 2, OLD)
    imported(store, 1, OTHER)
    link = FIRST_LINK
    for row in all_rows(store, "versions"):
        assert CHAINED[0] in row
        link = chain_link(link, row)
        assert row["chain_sha256"] == link


def test_a_reading_before_the_first_one_makes_nothing_new(store):
    crawled(store, 0, OLD, names=["other"])
    second = crawled(store, 2, OLD, NEW, names=["other", NAME])
    third = imported(store, 1, OTHER)
    assert told(store) == [(second, "new", None, NEW), (second, "silent_edit", OTHER, NEW)]
    imported(store, 1, OLD, name="never-listed")
    assert (third + 1, "new", None, OLD) in told(store)


def test_a_capture_from_before_the_baseline_changes_nothing_of_it(store):
    crawled(store, 2, NEW)
    imported(store, 1, OLD)
    assert told(store) == []
    assert [row["body"] for row in all_rows(store, "versions")] == [NEW, OLD]


def test_an_article_that_was_gone_before_the_baseline_is_not_new(store):
    crawled(store, 2, NEW)
    imported(store, 1, OLD, name="gone-since")
    assert told(store) == []
    imported(store, 3, OLD, name="came-since")
    assert [kind for _, kind, *_ in told(store)] == ["new"]


def test_changes_of_other_articles_and_of_presence_stay(store):
    names = [NAME, "other"]
    crawled(store, 0, OLD, OLD, names=names)
    crawled(store, 2, NEW, NEW, names=names)
    before = [row for row in all_rows(store, "changes") if row["article_id"] != 1]
    imported(store, 1, OTHER)
    assert [row for row in all_rows(store, "changes") if row["article_id"] != 1] == before


def test_a_change_that_comes_out_as_it_was_is_left_alone(store):
    crawled(store, 0, OLD)
    crawled(store, 2, NEW)
    before = all_rows(store, "changes")
    imported(store, 1, OLD)
    assert all_rows(store, "changes") == before


def test_imports_in_any_order_come_to_the_same(store, tmp_path):
    from db.store import Store

    captures = [(1, OTHER), (2, OTHER), (3, OLD), (4, NEW)]
    found = []
    for number, order in enumerate([(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)]):
        with Store(tmp_path / f"{number}.db") as opened:
            crawled(opened, 0, OLD)
            crawled(opened, 5, NEW)
            for place in order:
                imported(opened, *captures[place])
            changes = queries.changes(opened.connection)
            found.append(
                sorted(
                    (c.detected_at, c.kind, text_of(opened, c.from_version_id),
                     text_of(opened, c.to_version_id))
                    for c in changes
                )
            )  # fmt: skip
    assert found[0] == [
        (day(1), "silent_edit", OLD, OTHER),
        (day(3), "silent_edit", OTHER, OLD),
        (day(4), "silent_edit", OLD, NEW),
    ]
    assert found[1] == found[2] == found[0]


def test_a_page_read_before_listings_alone_named_the_article_leaves_them_nothing_to_tell(store):
    crawled(store, 0, OLD, names=["other"])
    reads = listing_read(entry("other"), entry(NAME, title="Listed title"), at=day(2))
    pass_over(store, day(2), reads)
    imported(store, 1, OLD)
    third = crawled(store, 3, NEW, OLD, names=[NAME, "other"])
    assert (third + 0, "silent_edit", OLD, NEW) in told(store)


def test_a_group_is_still_told_as_one_after_one_of_its_articles_is_worked_out_again(store):
    names = [NAME, "b", "c", "d"]
    stamp = {"updated_at": day(1.5)}
    crawled(store, 0, *[OLD] * 4, names=names)
    second = crawled(store, 2, *[OLD] * 4, names=names, **stamp)
    imported(store, 1, OLD, updated_at=day(0.5))
    stamps = [c for c in queries.changes(store.connection) if c.crawl_id == second]
    assert {c.detail["group"]["key"] for c in stamps} == {"stamp:2026-04-19"}
    assert len(stamps) == 4


def test_a_killed_import_is_worked_out_by_the_next_cycle(store):
    from tracker.run.cycle import conclude_pending

    crawled(store, 0, OLD)
    crawled(store, 2, NEW)
    site = store.site("demo", demo.BASE_URL)
    third = store.begin_crawl(site, day(1), parser="test-1", locales=["en"], kind="import")
    store.record(third, site.id, article_read(NAME, at=day(1), body=OTHER))
    assert told(store) == [(2, "silent_edit", OLD, NEW)]
    conclude_pending(store, CONFIG, "demo", day(3))
    assert told(store) == [(2, "silent_edit", OTHER, NEW), (3, "silent_edit", OLD, OTHER)]


@pytest.mark.parametrize("number", [1, 3])
def test_an_import_does_not_move_what_the_article_is_called_now_unless_it_is_newest(store, number):
    crawled(store, 0, OLD)
    crawled(store, 2, OLD)
    imported(store, number, OLD, title="As saved")
    (article,) = all_rows(store, "articles")
    assert article["title"] == ("As saved" if number == 3 else "Withdrawal fees")


def test_details_are_json_that_says_which_import_it_was(store):
    crawled(store, 0, OLD)
    crawled(store, 2, NEW)
    third = imported(store, 1, OTHER)
    details = [json.loads(row["detail"]) for row in all_rows(store, "changes")]
    assert [detail.get("reworked") for detail in details if "reworked" in detail] == [
        {"import": third}
    ]
