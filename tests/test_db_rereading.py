"""Stored pages read again with another reader: both texts are kept, and no change is told."""

import sqlite3
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from db import states
from db.rereading import BATCH, reread
from db.verify import Reader
from db.versions import Comparer
from pages_read import NOON, all_rows, article_read, recorded
from spiders.items import ArticlePage
from tracker.changes import compare

DAY = timedelta(days=1)


def old_text(html: bytes) -> str:
    """The old reader loses what stands in bold."""
    before, _, rest = html.decode().partition("<b>")
    return before + rest.partition("</b>")[2]


def new_text(html: bytes) -> str:
    return html.decode().replace("<b>", "").replace("</b>", "")


def page_of(html: bytes, parser: str, name: str = "a", **facts) -> ArticlePage:
    text = {"test-1": old_text, "test-2": new_text}[parser](html)
    return article_read(name, body=text, parser=parser, **facts).page


def read_by(parser: str, html: bytes, at, name: str = "a"):
    """What a crawl with that reader hands over."""
    text = {"test-1": old_text, "test-2": new_text}[parser](html)
    return article_read(name, at=at, html=html, body=text, parser=parser)


NEW_READER = {
    "example": Reader(
        parser="test-2",
        read=lambda body, url, form, content_type: page_of(
            body, "test-2", url.rsplit("/", 1)[1], form=form
        ),
    )
}
BOLD, PLAIN = b"A fee of <b>0.10%</b> is due.", b"No fee is due."


@pytest.fixture
def watched(store):
    """Two articles, read by the old reader: one has words that only the new reader sees."""
    recorded(store, read_by("test-1", BOLD, NOON, "bold"), read_by("test-1", PLAIN, NOON, "plain"))
    return store


def test_both_texts_are_kept_and_the_difference_is_told(watched):
    found = reread(watched, NEW_READER, NOON + DAY)
    assert (found.read_count, found.known_count) == (2, 0)
    assert [(one.version_id, one.article_id, one.title) for one in found.differing] == [
        (1, 1, "Bold")
    ]
    assert [row["body"] for row in all_rows(watched, "versions")] == [
        "A fee of  is due.",
        "No fee is due.",
    ]
    assert [(row["parser"], row["body"]) for row in all_rows(watched, "rereadings")] == [
        ("test-2", "A fee of 0.10% is due."),
        ("test-2", "No fee is due."),
    ]


def test_what_is_the_same_but_for_noise_does_not_differ(watched):
    alike = replace(NEW_READER["example"], same_text=lambda one, other: True)
    assert reread(watched, {"example": alike}, NOON).differing == []


def test_after_a_new_reader_and_a_rereading_the_next_crawl_yields_no_change(watched):
    reread(watched, NEW_READER, NOON + DAY)
    # The reader is not asked again: what is kept is enough.
    watched.compare_with(Comparer(reread=lambda *_: pytest.fail("read once more")))
    crawl_id = recorded(
        watched,
        read_by("test-2", BOLD, NOON + DAY, "bold"),
        read_by("test-2", PLAIN, NOON + DAY, "plain"),
        at=NOON + DAY,
    )
    assert len(all_rows(watched, "versions")) == 2
    assert changes_of(watched, crawl_id) == ()


def test_an_edit_made_meanwhile_is_told_as_what_the_site_did(watched):
    reread(watched, NEW_READER, NOON + DAY)
    edited = b"A fee of <b>0.20%</b> is due."
    crawl_id = recorded(
        watched, read_by("test-2", edited, NOON + DAY, "bold"), at=NOON + DAY, kind="import"
    )
    (change,) = changes_of(watched, crawl_id)
    assert change.detail["touched"] == [{"kind": "percentage", "before": "0.10%", "after": "0.20%"}]


def changes_of(store, crawl_id: int) -> tuple:
    before, after = states.site_states(store.connection, crawl_id)
    seen = states.sighting(store.connection, crawl_id)
    return compare(before, after, seen, zone=timezone(timedelta(0))).changes


def test_a_second_pass_reads_nothing_again(watched):
    reread(watched, NEW_READER, NOON)
    again = reread(watched, NEW_READER, NOON + DAY)
    assert (again.read_count, again.known_count) == (0, 2)
    assert {row["read_at"] for row in all_rows(watched, "rereadings")} == {"2026-04-17T12:00:00Z"}


def test_versions_of_todays_reader_are_left_alone(store):
    recorded(store, read_by("test-2", BOLD, NOON))
    found = reread(store, NEW_READER, NOON)
    assert (found.read_count, found.known_count) == (0, 1)
    assert all_rows(store, "rereadings") == []


def test_one_article_alone_can_be_read_again(watched):
    assert reread(watched, NEW_READER, NOON, article_id=2).read_count == 1
    assert [row["version_id"] for row in all_rows(watched, "rereadings")] == [2]


def test_what_cannot_be_read_is_counted_and_nothing_is_kept_of_it(watched):
    recorded(watched, article_read("c", html=b"", parser="test-1"))
    watched.connection.execute(
        "UPDATE snapshots SET body = x'00' WHERE sha256 ="
        " (SELECT snapshot_sha256 FROM versions WHERE id = 2)"
    )
    found = reread(watched, NEW_READER, NOON)
    assert (found.read_count, found.unreadable_count) == (1, 2)
    assert [row["version_id"] for row in all_rows(watched, "rereadings")] == [1]


def test_a_page_that_lacks_the_form_it_was_read_in_counts_as_unreadable(watched):
    other = Reader(parser="test-2", read=lambda body, *page: page_of(body, "test-2", form="html"))
    assert reread(watched, {"example": other}, NOON).unreadable_count == 2


def test_versions_of_a_site_without_a_site_file_are_counted(watched):
    assert reread(watched, {}, NOON).without_reader_count == 2


def test_a_stop_costs_at_most_a_batch(store):
    for number in range(BATCH + 5):
        name = f"a{number}"
        recorded(store, read_by("test-1", f"Text {number}.".encode(), NOON, name))
    asked = []

    def read(body, url, form, content_type):
        asked.append(body)
        if len(asked) > BATCH:
            raise KeyboardInterrupt
        return page_of(body, "test-2")

    with pytest.raises(KeyboardInterrupt):
        reread(store, {"example": Reader(parser="test-2", read=read)}, NOON)
    assert len(all_rows(store, "rereadings")) == BATCH
    assert reread(store, NEW_READER, NOON).read_count == 5


def test_the_versions_themselves_cannot_be_rewritten(watched):
    reread(watched, NEW_READER, NOON)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        watched.connection.execute("UPDATE versions SET body = 'x'")
