"""The main job on the demo centre: every change that happened is found, and no other."""

import json
import re
import shutil
import sqlite3

import pytest

from db.kinds import CHANGE_KINDS
from spiders.demo.days import DAYS, EVENTS, NOISE, SURGES
from spiders.demo.server import DemoCentre


@pytest.fixture
def database(demo):
    connection = sqlite3.connect(demo.folder / "helpwatch.db")
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def found_on(database, day: int) -> list[tuple[str, str]]:
    rows = database.execute(
        "SELECT c.kind, a.slug FROM changes c JOIN articles a ON a.id = c.article_id"
        " WHERE c.detected_at = ?",
        [f"{DAYS[day]:%Y-%m-%dT%H:%M:%SZ}"],
    )
    return sorted((row["kind"], row["slug"]) for row in rows)


def test_the_demo_ends_well(demo):
    assert demo.ran.code == 0, demo.ran.err
    assert demo.ran.err == ""


def test_the_first_day_is_the_baseline_and_yields_no_change(database):
    assert found_on(database, 1) == []
    crawls = database.execute("SELECT outcome, is_baseline FROM crawls ORDER BY id").fetchall()
    assert [tuple(row) for row in crawls] == [("complete", 1), ("complete", 0), ("complete", 0)]


@pytest.mark.parametrize("day", EVENTS)
def test_each_day_yields_exactly_what_happened(database, day):
    assert found_on(database, day) == sorted((event.kind, event.slug) for event in EVENTS[day])


def test_the_demo_shows_every_kind_of_change(demo, database):
    kinds = {row["kind"] for row in database.execute("SELECT DISTINCT kind FROM changes")}
    assert kinds == set(CHANGE_KINDS)


def test_noise_makes_no_version(database):
    for day, slugs in NOISE.items():
        for slug in slugs:
            row = database.execute(
                "SELECT count(*) FROM versions v JOIN articles a ON a.id = v.article_id"
                " WHERE a.slug = ? AND v.captured_at = ?",
                [slug, f"{DAYS[day]:%Y-%m-%dT%H:%M:%SZ}"],
            ).fetchone()
            assert row[0] == 0, (day, slug)


def test_the_report_names_the_two_surges_as_trending_and_nothing_else(demo):
    report = json.loads((demo.folder / "reports/2026-04-19/demo-crawl-3.json").read_text())
    assert {found["article"]["slug"] for found in report["trending"]} == set(SURGES)


def test_a_return_to_an_earlier_text_is_told(database):
    returns = database.execute(
        "SELECT json_extract(detail, '$.reverts_to') AS number FROM changes"
        " WHERE number IS NOT NULL"
    ).fetchall()
    assert [row["number"] for row in returns] == [1]


def test_the_page_that_robots_txt_disallows_is_named_and_never_asked(database):
    fetched = database.execute(
        "SELECT page_kind, status FROM fetches WHERE url LIKE '%internal-handbook'"
    ).fetchall()
    assert {tuple(row) for row in fetched} == {("robots", None)}


def test_the_report_is_written_in_every_format_and_as_latest(demo):
    written = {path.name for path in (demo.folder / "reports" / "2026-04-19").iterdir()}
    assert written == {f"demo-crawl-3.{end}" for end in ("html", "md", "json", "csv", "atom.xml")}
    latest = (demo.folder / "reports" / "latest.html").read_text()
    assert latest == (demo.folder / "reports" / "2026-04-19" / "demo-crawl-3.html").read_text()


def test_the_feed_still_holds_what_the_day_before_found(demo):
    reports = demo.folder / "reports"
    entry_ids = re.compile(r"(?<=<entry>)\s*<id>([^<]+)</id>")
    feeds = [
        set(entry_ids.findall(path.read_text()))
        for path in (*sorted(reports.glob("*/*.atom.xml")), reports / "latest.atom.xml")
    ]
    baseline, second, third, latest = feeds
    assert second and third and not second & third
    assert latest == baseline | second | third


def test_each_cycle_leaves_a_whole_copy_of_the_database(demo, database):
    copy = sqlite3.connect(demo.folder / "reports" / "latest.db")
    for table in ("versions", "changes"):
        count = f"SELECT count(*) FROM {table} WHERE crawl_id <= 3"
        assert copy.execute(count).fetchone() == tuple(database.execute(count).fetchone())
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()


def test_the_same_day_twice_yields_no_second_change(demo, helpwatch, tmp_path):
    folder = shutil.copytree(demo.folder, tmp_path / "copy")
    before = changes_in(folder)
    with DemoCentre(day=3) as centre:
        ran = helpwatch(
            *("--config", folder / "helpwatch.toml", "run", "--full"),
            *("--base-url", centre.url, "--now", DAYS[3].isoformat()),
        )
    assert (ran.code, ran.err) == (0, "")
    assert changes_in(folder) == before


def test_a_second_run_on_one_day_asks_for_no_article(demo, helpwatch, tmp_path):
    folder = shutil.copytree(demo.folder, tmp_path / "copy")
    with DemoCentre(day=3) as centre:
        ran = helpwatch(
            *("--config", folder / "helpwatch.toml", "run"),
            *("--base-url", centre.url, "--now", DAYS[3].isoformat()),
        )
        asked = [path for _, path in centre.requests]
    assert ran.code == 0
    listings = ("/robots.txt", "/help/category/", "/help/section/", "/help/search")
    articles = [path for path in asked if path != "/help" and not path.startswith(listings)]
    # Those that are in no listing any more are asked once more, to see whether they are gone.
    gone = {row[0] for row in rows(folder, "SELECT slug FROM articles WHERE status != 'listed'")}
    assert {path.rsplit("/", 1)[1] for path in articles} <= gone


def rows(folder, sql: str) -> list:
    connection = sqlite3.connect(folder / "helpwatch.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def changes_in(folder) -> list:
    return rows(folder, "SELECT crawl_id, article_id, kind FROM changes ORDER BY id")
