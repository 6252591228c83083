"""The commands with which a person judges: accept, watch test; and times in the reader's zone."""

import json
from datetime import timedelta

import pytest
from msgspec.structs import replace

from db import queries
from db.store import Store
from pages_read import NOON, article_read, entry, listing_read
from spiders.sites import demo
from tracker.run.config import Config, HealthConfig, SiteConfig
from tracker.run.cycle import conclude, earlier_healthy
from tracker.run.gather import gather

CONFIG = Config(sites={"demo": SiteConfig()})
LATER = NOON + timedelta(days=1)
NAMES = [f"article-{n}" for n in range(1, 13)]


def crawled(store, at, body: str, config: Config = CONFIG) -> int:
    """A complete crawl that found these articles with this text, concluded."""
    site = store.site("demo", demo.BASE_URL)
    crawl_id = store.begin_crawl(site, at, parser="test-1", locales=["en"])
    store.record(crawl_id, site.id, listing_read(*map(entry, NAMES), at=at))
    for name in NAMES:
        store.record(crawl_id, site.id, article_read(name, at=at, body=f"About {name}. {body}\n"))
    store.finish_crawl(crawl_id, "complete", at)
    conclude(store, config, crawl_id, at)
    return crawl_id


@pytest.fixture
def database(tmp_path):
    """A crawl after which every article reads otherwise under the same date."""
    path = tmp_path / "helpwatch.db"
    with Store(path) as store:
        crawled(store, NOON, "The fee is 0.10%.")
        crawled(store, LATER, "Of a reader gone blind.")
    (tmp_path / "helpwatch.toml").write_text("[sites.demo]\n")
    return path


def findings(path, crawl_id: int = 2):
    with Store(path) as store:
        return gather(
            store.connection,
            crawls=[queries.crawl(store.connection, crawl_id)],
            generated_at=LATER,
        )


def test_the_changes_of_a_suspect_crawl_are_kept_and_held_back(database):
    found = findings(database)
    assert found.health.verdict == "suspect"
    assert found.changes == ()
    assert len(found.held_back) == len(NAMES)
    assert all(held.change.detail["suspect"] for held in found.held_back)


def test_accept_releases_them_and_may_be_done_again(database, helpwatch):
    ran = helpwatch("accept", "2")
    assert (ran.code, ran.err) == (0, "")
    assert "`helpwatch report --crawl 2` tells its 12 changes" in ran.out
    found = findings(database)
    assert len(found.changes) == len(NAMES)
    assert found.held_back == ()
    assert (found.health.verdict, found.health.is_accepted) == ("suspect", True)
    again = helpwatch("accept", "2")
    assert (again.code, again.out) == (0, "Crawl 2 was accepted before.\n")


@pytest.mark.parametrize(
    ("crawl", "said"),
    [
        ("1", "Crawl 1 needs no acceptance: its verdict is healthy, not suspect."),
        ("9", "There is no crawl 9; the newest is 2."),
        ("two", "not a valid integer"),
    ],
)
def test_accept_says_why_there_is_nothing_to_accept(database, helpwatch, crawl, said):
    ran = helpwatch("accept", crawl)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_accept_makes_no_database(helpwatch, tmp_path):
    ran = helpwatch("--db", "none.db", "accept", "1")
    assert ran.code == 4
    assert not (tmp_path / "none.db").exists()


def test_a_crawl_that_was_not_judged_yet_cannot_be_accepted(database, helpwatch):
    with Store(database) as store:
        site = store.site("demo", demo.BASE_URL)
        crawl_id = store.begin_crawl(site, LATER, parser="test-1", locales=["en"])
        store.finish_crawl(crawl_id, "complete", LATER)
    ran = helpwatch("accept", "3")
    assert (ran.code, "has not been judged yet" in ran.err) == (2, True)


@pytest.mark.parametrize(("is_accepted", "expected"), [(False, [1]), (True, [1, 2])])
def test_a_suspect_crawl_is_no_measure_for_the_next_before_it_is_accepted(
    database, helpwatch, is_accepted, expected
):
    if is_accepted:
        helpwatch("accept", "2")
    with Store(database) as store:
        newest = crawled(store, LATER + timedelta(days=1), "Of a reader gone blind.")
        crawls = queries.crawls(store.connection, site="demo")
        earlier = earlier_healthy(crawls, queries.crawl(store.connection, newest))
    assert sorted(crawl.id for crawl in earlier) == expected


def test_thresholds_of_the_configuration_decide_what_is_suspect(store):
    lenient = replace(CONFIG, health=HealthConfig(everywhere_min_articles=100))
    crawled(store, NOON, "One text.", lenient)
    crawl_id = crawled(store, LATER, "Another text.", lenient)
    assert queries.crawl(store.connection, crawl_id).health["verdict"] == "healthy"


# -- watch test ---------------------------------------------------------------------------------


@pytest.fixture
def tried(helpwatch, demo):
    """`watch test` on the demo's history, as JSON."""

    def run(*arguments: str) -> dict:
        ran = helpwatch(
            *("--config", demo.folder / "helpwatch.toml"),
            *("watch", "test", *arguments, "--format", "json"),
        )
        assert (ran.code, ran.err) == (0, "")
        return json.loads(ran.out)

    return run


def test_a_rule_in_force_is_tried_by_its_label(tried):
    found = tried("delisting")
    assert found["rule"] == {"label": "Delisting", "severity": "high"}
    assert found["changes_tried"] > len(found["matches"]) > 0
    assert all(match["words"] for match in found["matches"])


def test_any_other_text_is_tried_as_a_regular_expression(tried):
    found = tried(r"\bURL|0\.1\d%")
    assert {word for match in found["matches"] for word in match["words"]} >= {"0.12%", "0.10%"}


def test_a_trial_may_be_limited_to_the_changes_since_an_instant(tried):
    everything, some = tried("fee")["matches"], tried("fee", "--since", "2026-04-19")["matches"]
    assert {match["detected_at"] for match in some} == {"2026-04-19T06:00:00Z"}
    assert 0 < len(some) < len(everything)


def test_a_trial_on_a_terminal_says_what_the_rule_would_raise(helpwatch, demo):
    (demo.folder / "trial.toml").write_text(
        'database = "helpwatch.db"\nwatch_defaults = false\n[sites.demo]\n'
        '[[watch]]\nlabel = "Postponed"\nwords = ["postpone"]\nseverity = "high"\n'
    )
    ran = helpwatch("--config", demo.folder / "trial.toml", "watch", "test", "postponed")
    assert ran.code == 0
    assert ran.out.startswith("Postponed (high): ")
    assert "normal -> high" in ran.out


def test_a_text_that_is_neither_a_label_nor_a_pattern_is_said(helpwatch, demo):
    ran = helpwatch("--db", demo.folder / "helpwatch.db", "watch", "test", "limit(")
    assert ran.code == 2
    assert "not a regular expression" in ran.err and "Did you mean the rule 'Limits'?" in ran.err


# -- times --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ["changes"],
        ["history", "affiliate-faq"],
        ["report", "--format", "markdown"],
    ],
)
def test_times_are_shown_in_the_zone_that_is_asked_for(helpwatch, demo, command):
    ran = helpwatch("--db", demo.folder / "helpwatch.db", *command, "--timezone", "Europe/Berlin")
    assert ran.code == 0, ran.err
    assert "08:00 CEST" in ran.out
    assert "06:00 UTC" not in ran.out


def test_the_zone_of_the_configuration_is_taken_where_none_is_asked_for(helpwatch, demo, tmp_path):
    (tmp_path / "zone.toml").write_text(
        f'database = "{demo.folder}/helpwatch.db"\n[report]\ntimezone = "Asia/Hong_Kong"\n'
    )
    assert "14:00 HKT" in helpwatch("--config", "zone.toml", "changes").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["changes", "--timezone", "Berlin"], "--timezone 'Berlin' is no time zone"),
        (["--config", "zone.toml", "changes"], "report.timezone 'Mars/Base' is no time zone"),
    ],
)
def test_an_unknown_zone_is_said(helpwatch, demo, tmp_path, arguments, said):
    (tmp_path / "zone.toml").write_text('[report]\ntimezone = "Mars/Base"\n')
    ran = helpwatch("--db", demo.folder / "helpwatch.db", *arguments)
    assert (ran.code, said in ran.err) == (2, True), ran.err
