"""A run on a budget: it asks for no more than it may, listings first, and concludes no more."""

import re
from pathlib import Path

import pytest

from fault_server import FaultServer
from faulty_centre import CONFIG, Measured, faulty_centre, rows, run_measured

LISTINGS = 18
"""The demo centre's first day: home and listing pages, with the second one of the newest."""


def run(
    folder: Path, server: FaultServer, budget: str, *options: str, locales: str = '["en"]'
) -> Measured:
    settings = CONFIG.replace("[sites.demo]", f"[sites.demo]\nlocales = {locales}")
    (folder / "helpwatch.toml").write_text(settings.replace("[crawl]", f"[crawl]\n{budget}"))
    return run_measured("run", "--base-url", server.url, *options, cwd=folder)


def is_article(path: str) -> bool:
    return re.fullmatch(r"(/zh-hans)?/help/[^/]+", path) is not None


def crawl_of(folder: Path, number: int = 1) -> tuple:
    (found,) = rows(folder, f"SELECT outcome, is_baseline FROM crawls WHERE id = {number}")
    return found


def told_of_budget(folder: Path) -> list[str]:
    found = rows(folder, "SELECT url FROM fetches WHERE page_kind = 'budget' ORDER BY id")
    return [url for (url,) in found]


@pytest.mark.parametrize(
    ("most", "is_baseline"), [pytest.param(12, 0, marks=pytest.mark.soak), (30, 1)]
)
def test_no_more_is_asked_for_and_listings_go_before_articles(tmp_path, most, is_baseline):
    with faulty_centre(day=1) as server:
        ran = run(tmp_path, server, f"max_requests = {most}")
    paths = [asked.path for asked in server.requests]
    assert len(paths) == most
    articles = [is_article(path) for path in paths]
    assert articles == sorted(articles)
    assert any(articles) is bool(is_baseline)
    assert ran.code == 1
    assert crawl_of(tmp_path) == ("partial", is_baseline)
    assert f"not asked: the budget of {most} requests is spent" in ran.out
    assert "spent its budget" in ran.out
    # One address for each request that was under way: at least the first that was refused.
    assert told_of_budget(tmp_path)


@pytest.mark.soak
def test_runs_on_a_budget_come_to_the_end_together_and_make_no_news(tmp_path):
    with faulty_centre(day=1) as server:
        outcomes = []
        for day in (17, 18, 19, 20):
            now = f"2026-04-{day}T06:00:00Z"
            run(tmp_path, server, "max_requests = 45\nrecheck_days = 30", "--now", now)
            outcomes.append(crawl_of(tmp_path, len(outcomes) + 1)[0])
            if outcomes[-1] == "complete":
                break
    assert outcomes == ["partial", "complete"]
    unread = rows(tmp_path, "SELECT slug FROM articles WHERE version_id IS NULL")
    assert unread == [("internal-handbook",)]
    assert rows(tmp_path, "SELECT kind FROM changes") == []


def test_a_locale_whose_listings_were_not_all_read_has_no_baseline(tmp_path):
    with faulty_centre(day=1) as server:
        run(tmp_path, server, "max_requests = 8", locales='["en", "zh-hans"]')
        assert {url.split("/")[3] for url in told_of_budget(tmp_path)} == {"help", "zh-hans"}
        assert rows(tmp_path, "SELECT health ->> '$.baseline_locales' FROM crawls") == [("[]",)]
        ran = run(tmp_path, server, "max_requests = 0", locales='["en", "zh-hans"]')
    assert ran.code == 0
    assert rows(tmp_path, "SELECT kind FROM changes") == []


@pytest.mark.soak
def test_what_is_new_is_read_before_what_is_only_to_be_read_again(tmp_path):
    with faulty_centre(day=1) as server:
        run(tmp_path, server, "max_requests = 0", "--now", "2026-04-17T06:00:00Z")
    with faulty_centre(day=2) as server:
        # Ten days on, every article is due.
        later = ("--now", "2026-04-27T06:00:00Z")
        run(tmp_path, server, f"max_requests = {LISTINGS + 30}", *later)
    asked = [asked.path.rpartition("/")[2] for asked in server.requests if is_article(asked.path)]
    known = {slug for (slug,) in rows(tmp_path, "SELECT slug FROM articles WHERE id <= 44")}
    is_new = [slug not in known for slug in asked]
    assert any(is_new)
    first_recheck = next(i for i, slug in enumerate(asked) if slug == "affiliate-faq")
    assert not any(is_new[first_recheck:])


def test_nothing_is_asked_for_when_the_minutes_are_over(tmp_path):
    with faulty_centre(day=1, pause_seconds=0.5) as server:
        ran = run(tmp_path, server, "max_minutes = 0.05")
    first, last = server.requests[0].at, server.requests[-1].at
    assert last - first < 3.5
    assert len(server.requests) < 60
    assert ran.code == 1
    assert "not asked: the budget of 0.05 minutes is spent" in ran.out
