"""Snapshots of one article: an edited page is kept as what differs from an earlier one."""

from datetime import timedelta
from random import Random

import pytest

from db import snapshots
from pages_read import NOON, article_read, recorded

CHROME = Random(1).randbytes(60_000)


def words(seed: int, count: int) -> bytes:
    return Random(seed).randbytes(count).hex().encode()


def page(text: bytes, trace: int) -> bytes:
    return b"<html>" + CHROME + b"<p>" + text + b"</p>" + words(trace, 16) + b"</html>"


TEXT = words(7, 2_000)
EDITED = TEXT[:1500] + words(8, 30) + TEXT[1560:]
REWRITTEN = words(9, 2_000)


@pytest.fixture
def record(store):
    """Records pages as days pass, each with another text: `record(*pages)`; their hashes.

    The site's first page, which serves as dictionary for all others, is there already.
    """
    recorded(store, article_read("first", html=page(words(11, 2_000), 0)))

    def record_all(*pages: bytes, name: str = "withdrawal-fees") -> list[str]:
        for day, html in enumerate(pages):
            at = NOON + timedelta(days=day)
            recorded(store, article_read(name, at=at, html=html, body=f"Day {day}\n"), at=at)
        return [
            row["snapshot_sha256"]
            for row in store.database["versions"].rows_where("id > 1", order_by="id")
        ]

    return record_all


def rows(store) -> list[dict]:
    """All but the site's first."""
    return list(store.database["snapshots"].rows_where("rowid > 1", order_by="rowid"))


def test_an_edited_page_costs_little_more_than_what_differs(store, record):
    pages = [page(TEXT, 1), page(EDITED, 2)]
    hashes = record(*pages)
    first, second = rows(store)
    assert (first["base_sha256"], second["base_sha256"]) == (None, first["sha256"])
    assert len(second["body"]) < 300 < len(first["body"])
    assert [snapshots.get(store.connection, sha256) for sha256 in hashes] == pages


def test_all_edits_build_on_the_page_that_stands_by_itself(store, record):
    pages = [page(TEXT, 1), page(EDITED, 2), page(TEXT, 3), page(EDITED, 4)]
    hashes = record(*pages)
    assert [row["base_sha256"] for row in rows(store)] == [None, *[hashes[0]] * 3]
    assert [snapshots.get(store.connection, sha256) for sha256 in hashes] == pages


def test_a_rewritten_page_stands_by_itself_and_the_next_builds_on_it(store, record):
    edited_again = REWRITTEN[:100] + words(10, 20) + REWRITTEN[140:]
    hashes = record(page(TEXT, 1), page(REWRITTEN, 2), page(edited_again, 3))
    assert [row["base_sha256"] for row in rows(store)] == [None, None, hashes[1]]


def test_pages_of_other_articles_are_not_built_on(store, record):
    record(page(TEXT, 1), name="a")
    record(page(EDITED, 2), name="b")
    assert [row["base_sha256"] for row in rows(store)] == [None, None]


def test_a_damaged_page_is_not_built_on(store, record):
    record(page(TEXT, 1))
    store.connection.execute("UPDATE snapshots SET body = zeroblob(50)")
    at = NOON + timedelta(days=1)
    recorded(store, article_read(at=at, html=page(EDITED, 2), body="Edited\n"), at=at)
    second = rows(store)[1]
    assert second["base_sha256"] is None
    assert snapshots.get(store.connection, second["sha256"]) == page(EDITED, 2)


def test_a_page_that_came_back_to_the_byte_is_stored_once(store, record):
    hashes = record(page(TEXT, 1), page(EDITED, 2), page(TEXT, 1))
    assert hashes[0] == hashes[2]
    assert len(rows(store)) == 2


def test_an_older_capture_recorded_later_builds_on_a_newer_one(store, record):
    (newer,) = record(page(TEXT, 1))
    before = NOON - timedelta(days=30)
    older = page(EDITED, 2)
    read = article_read(at=before, html=older, body="Old\n")
    recorded(store, read, at=before, kind="import")
    second = rows(store)[1]
    assert second["base_sha256"] == newer
    assert snapshots.get(store.connection, second["sha256"]) == older
