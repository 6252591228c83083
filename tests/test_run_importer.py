"""Imports: saved pages and texts give the records that a crawl would give."""

import json
import os
import sqlite3
from datetime import UTC, datetime

import pytest

from spiders.demo import pages
from spiders.demo.days import EVENTS
from spiders.demo.sections import ORIGIN


def rows(path, sql: str, *values) -> list[tuple]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def test_the_real_listing_text_gives_exactly_its_fifteen_articles(real_pages, helpwatch, tmp_path):
    ran = helpwatch(
        *("--db", "x.db", "import", real_pages / "search-listing.txt"),
        *("--captured-at", "2026-04-17"),
    )
    assert (ran.code, ran.err) == (0, "")
    found = rows(
        tmp_path / "x.db",
        "SELECT a.title, la.summary, a.published_at, a.updated_at, a.view_count FROM articles a"
        " JOIN listing_articles la ON la.article_id = a.id ORDER BY a.id",
    )
    expected = json.loads((real_pages / "search-listing.expected.json").read_text())
    assert found == [
        (row["title"], row["summary"], row["published"], row["updated"], row["view_count"])
        for row in expected
    ]
    assert (found[0][4], found[13][4]) == (11536, 3)


def test_the_real_section_page_gives_fifteen_entries_of_two_thousand(
    real_pages, helpwatch, tmp_path
):
    ran = helpwatch("--db", "x.db", "import", real_pages / "section-page.html")
    assert (ran.code, ran.err) == (0, "")
    assert rows(
        tmp_path / "x.db",
        "SELECT l.slug, c.claimed_total, c.seen_count, c.is_complete"
        " FROM listing_crawls c JOIN listings l ON l.id = c.listing_id",
    ) == [("announcements-latest-announcements", 2131, 15, 0)]
    assert rows(tmp_path / "x.db", "SELECT count(*) FROM articles") == [(15,)]


def test_the_real_article_page_gives_its_article(real_pages, helpwatch, tmp_path):
    ran = helpwatch("--db", "x.db", "import", real_pages / "article-page.html")
    assert (ran.code, ran.err) == (0, "")
    ((body, *facts),) = rows(
        tmp_path / "x.db",
        "SELECT v.body, a.source_id, a.slug, a.title, a.section, a.category, a.published_at,"
        " a.updated_at, a.url FROM articles a JOIN versions v ON v.id = a.version_id",
    )
    assert facts == [
        "5RsLosabymXyPx3BvzucKA",
        "okx-to-list-perpetual-futures-for-init-crypto",
        "OKX to list perpetual futures for INIT crypto",
        "New listings",
        "Announcements",
        "2025-04-24T06:00:00Z",
        "2025-04-25T08:40:07.171Z",
        "https://www.okx.com/help/okx-to-list-perpetual-futures-for-init-crypto",
    ]
    assert "| Tick size | 0.0001 |" in body
    assert "](https://www.okx.com/help/okx-perpetual-swap-trading-user-agreement)" in body


@pytest.fixture
def saved(tmp_path):
    """A folder of saved pages of the demo centre."""
    folder = tmp_path / "saved"
    folder.mkdir()
    for name, path in (("home", "/help"), ("kyc", "/help/why-did-my-identity-verification-fail")):
        _, _, body = pages.render(1, path)
        (folder / f"{name}.html").write_bytes(body)
    (folder / "photo.png").write_bytes(b"\x89PNG")
    return folder


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "helpwatch.toml"
    path.write_text("[sites.demo]\n")
    return path


def test_a_folder_is_read_and_what_is_no_article_is_named(saved, config, helpwatch, tmp_path):
    ran = helpwatch("import", saved)
    assert ran.code == 1
    assert "home.html" in ran.out
    assert rows(tmp_path / "helpwatch.db", "SELECT count(*) FROM articles") == [(1,)]
    ((url,),) = rows(tmp_path / "helpwatch.db", "SELECT url FROM articles")
    assert url.startswith(ORIGIN)


def test_the_capture_time_is_the_files_own_where_nothing_says_more(
    saved, config, helpwatch, tmp_path
):
    at = datetime(2026, 4, 17, 6, tzinfo=UTC)
    os.utime(saved / "kyc.html", (at.timestamp(), at.timestamp()))
    ran = helpwatch("import", saved / "kyc.html")
    assert ran.code == 0
    assert "modification time" in ran.out
    found = rows(tmp_path / "helpwatch.db", "SELECT captured_at FROM versions")
    assert found == [("2026-04-17T06:00:00Z",)]


def test_the_same_page_imported_twice_is_one_version_and_no_change(
    saved, config, helpwatch, tmp_path
):
    for _ in range(2):
        helpwatch("import", saved / "kyc.html", "--captured-at", "2026-04-17")
    assert rows(tmp_path / "helpwatch.db", "SELECT count(*) FROM versions") == [(1,)]
    assert rows(tmp_path / "helpwatch.db", "SELECT count(*) FROM changes") == [(0,)]


def test_an_edit_between_two_saved_pages_is_a_change(config, helpwatch, tmp_path):
    slug = next(event.slug for event in EVENTS[2] if event.kind == "updated")
    for day, name in ((1, "17"), (2, "18")):
        _, _, body = pages.render(day, f"/help/{slug}")
        path = tmp_path / f"{name}.html"
        path.write_bytes(body)
        assert helpwatch("import", path, "--captured-at", f"2026-04-{name}").code == 0
    found = rows(tmp_path / "helpwatch.db", "SELECT kind FROM changes")
    assert ("updated",) in found


def test_nothing_to_import_is_an_error_that_says_what_can_be(config, helpwatch, tmp_path):
    (tmp_path / "empty").mkdir()
    ran = helpwatch("import", "empty")
    assert ran.code == 2
    assert ".html" in ran.err and ".txt" in ran.err


def test_a_path_that_does_not_exist_is_named(config, helpwatch):
    ran = helpwatch("import", "nowhere.html")
    assert (ran.code, ran.err) == (2, "Error: There is no file or folder nowhere.html.\n")


def test_a_text_that_is_no_listing_is_skipped_and_said(config, helpwatch, tmp_path):
    (tmp_path / "note.txt").write_text("Buy milk.")
    ran = helpwatch("import", "note.txt")
    assert ran.code == 2
    assert "note.txt" in ran.out
