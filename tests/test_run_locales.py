"""Two locales of one site, crawled for three days: the locales offered, translations behind."""

import json
import shutil
import sqlite3
from types import SimpleNamespace

import pytest

from conftest import run_helpwatch
from spiders.demo.days import BEHIND, DAYS, EVENTS, ZH_HANS_EVENTS
from spiders.demo.server import DemoCentre

CONFIG = """\
[sites.demo]
locales = ["en", "zh-hans"]
searches = [{category = "faq", term = "verification"}]

[crawl]
delay_seconds = 0
concurrent_requests = 8
autothrottle = false
"""


@pytest.fixture(scope="module")
def two_locales(tmp_path_factory):
    """The demo centre's three days in English and Chinese, each a cycle of its own."""
    folder = tmp_path_factory.mktemp("locales")
    (folder / "helpwatch.toml").write_text(CONFIG)
    runs = {}
    for day, now in DAYS.items():
        with DemoCentre(day=day) as centre:
            runs[day] = run_helpwatch(
                *("run", "--full", "--base-url", centre.url, "--now", now.isoformat()), cwd=folder
            )
            if day == 2:
                shutil.copy(folder / "helpwatch.db", folder / "day-2.db")
    return SimpleNamespace(folder=folder, runs=runs)


def rows(path, sql: str) -> list[tuple]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("locale", ["en", "zh-hans"])
def test_each_locale_yields_exactly_what_happened_in_it(two_locales, locale):
    found = rows(
        two_locales.folder / "helpwatch.db",
        "SELECT c.detected_at, c.kind, a.slug FROM changes c JOIN articles a"
        f" ON a.id = c.article_id WHERE a.locale = '{locale}'",
    )
    happened = {"en": EVENTS, "zh-hans": ZH_HANS_EVENTS}[locale]
    assert sorted(found) == sorted(
        (f"{DAYS[day]:%Y-%m-%dT%H:%M:%SZ}", event.kind, event.slug)
        for day, events in happened.items()
        for event in events
    )


@pytest.mark.parametrize(("day", "name"), [(2, "day-2.db"), (3, "helpwatch.db")])
def test_exactly_the_translations_that_lag_are_behind(two_locales, day, name):
    found = rows(
        two_locales.folder / name,
        "SELECT d.slug, t.locale FROM translations_behind b JOIN articles d"
        " ON d.id = b.default_article_id JOIN articles t ON t.id = b.article_id",
    )
    assert sorted(found) == sorted((slug, "zh-hans") for slug in BEHIND[day])


def test_the_report_tells_them(two_locales):
    folder = two_locales.folder / "helpwatch-reports"
    report = json.loads((folder / "2026-04-19" / "demo-crawl-3.json").read_text())
    (item,) = report["translations_behind"]
    (slug,) = BEHIND[3]
    assert (item["article"]["slug"], item["changed_at"]) == (slug, "2026-04-18T06:00:00Z")
    assert [lag["read_at"] for lag in item["translations"]] == ["2026-04-19T06:00:00Z"]
    assert "Translations behind" in (folder / "latest.html").read_text()
    assert "Translations behind" in two_locales.runs[3].out


def test_the_locales_that_the_site_offers_are_shown(two_locales):
    ran = run_helpwatch("locales", cwd=two_locales.folder)
    assert (ran.code, ran.err) == (0, "")
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["en", "(default)", "en", "help.demo.example", "yes", "47"] in lines
    assert ["zh-hans", "zh-Hans", "help.demo.example", "yes", "4"] in lines


def test_a_locale_that_is_offered_and_not_watched_is_told_apart(demo):
    path = demo.folder / "helpwatch.db"
    config = demo.folder / "helpwatch.toml"
    ran = run_helpwatch(
        *("--db", path, "--config", config, "locales", "--format", "json"), cwd=demo.folder
    )
    assert (ran.code, ran.err) == (0, "")
    assert [
        (one["locale"], one["hreflang"], one["host"], one["is_watched"], one["article_count"])
        for one in json.loads(ran.out)["locales"]
    ] == [
        ("en", "en", "help.demo.example", True, 47),
        ("zh-hans", "zh-Hans", "help.demo.example", False, 0),
    ]


def test_a_watched_locale_that_no_page_offers_is_named(demo, tmp_path):
    config = tmp_path / "helpwatch.toml"
    config.write_text('[sites.demo]\nlocales = ["en", "fr"]\n')
    ran = run_helpwatch(
        *("--db", demo.folder / "helpwatch.db", "--config", config, "locales"), cwd=tmp_path
    )
    assert ran.code == 0
    assert "Watched, and offered by no page that was read: fr." in ran.out


def test_a_database_without_the_site_says_what_to_do(demo, tmp_path):
    ran = run_helpwatch("--db", demo.folder / "helpwatch.db", "locales", cwd=tmp_path)
    assert (ran.code, ran.err) == (
        2,
        "Error: No page of okx was read yet. Run `helpwatch run` or `helpwatch import` first.\n",
    )
