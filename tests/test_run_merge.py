"""Spools and databases joined: what several machines saw is told as if one had seen it."""

import shutil
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from db.connection import open_for_reading
from db.store import Store
from db.verify import verify
from demo_crawl import MINUTE, SECTIONS, conclude_all, crawl, dealt, merge, rows
from spiders.demo.days import DAYS
from spiders.demo.server import DemoCentre
from test_run_kills import CONTENT, assert_nothing_doubled, assert_sound
from test_run_kills import rows as content_of
from tracker.run import merging

SECOND = timedelta(seconds=1)
TABLES = ("crawls", "fetches", "versions", "snapshots", "articles", "article_states", "changes",
          "view_observations", "listing_articles", "listing_crawls", "merged_crawls",
          "field_fills")  # fmt: skip
CHANGES = """
SELECT a.slug, c.kind, substr(c.detected_at, 1, 10), c.before, c.after, c.severity
FROM changes c JOIN articles a ON a.id = c.article_id"""


def spools_of(folder: Path, count: int, days=tuple(DAYS), **facts) -> list[Path]:
    """The demo's days crawled by so many machines; the first of them asks for the search."""
    folder.mkdir(exist_ok=True)
    spools = [folder / f"node-{number}.db" for number in range(1, count + 1)]
    for day in days:
        for spool, sections in zip(spools, dealt(count), strict=True):
            crawl(spool, day, sections=sections, has_search=spool == spools[0], **facts)
    return spools


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one machine leaves that crawls everything: its database."""
    database = tmp_path_factory.mktemp("alone") / "helpwatch.db"
    for day in DAYS:
        crawl(database, day)
        conclude_all(database)
    return database


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The spools of two machines after three days. Not to be written to."""
    return spools_of(tmp_path_factory.mktemp("two"), 2)


@pytest.fixture
def database(tmp_path):
    return tmp_path / "helpwatch.db"


def assert_same(database: Path, expected: Path) -> None:
    found, wanted = content_of(database, CONTENT), content_of(expected, CONTENT)
    for name in CONTENT:
        assert found[name] == wanted[name], name


def assert_trusted(database: Path) -> None:
    assert_sound(database)
    assert_nothing_doubled(database)
    with closing(open_for_reading(database).conn) as connection:
        assert [check.name for check in verify(connection, {}) if not check.ok] == []


def counts(database: Path) -> dict[str, int]:
    return {table: rows(database, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


# -- the same as one machine ---------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 4])
def test_spools_of_several_machines_tell_what_one_machine_tells(tmp_path, database, alone, count):
    result = merge(database, spools_of(tmp_path / "spools", count))
    assert (result.taken_count, len(result.crawl_ids)) == (3 * count, 3)
    assert_same(database, alone)
    assert_trusted(database)
    crawls = rows(database, "SELECT outcome, is_baseline FROM crawls ORDER BY id")
    assert crawls == [("complete", 1), ("complete", 0), ("complete", 0)]


def test_merged_night_by_night_it_is_the_same(tmp_path, database, alone):
    for day in DAYS:
        merge(database, spools_of(tmp_path / "spools", 2, days=[day]), DAYS[day])
    assert_same(database, alone)
    assert_trusted(database)


def test_spools_that_come_one_by_one_in_a_night_tell_the_same(tmp_path, database, alone):
    for day in DAYS:
        for spool in spools_of(tmp_path / "spools", 4, days=[day]):
            merge(database, [spool], DAYS[day])
    found, wanted = content_of(database, CONTENT), content_of(alone, CONTENT)
    for name in ("articles", "versions", "snapshots", "states", "views", "changes"):
        assert found[name] == wanted[name], name
    assert_trusted(database)
    # The baseline is reached with the last of the first night's spools.
    assert rows(database, "SELECT id FROM crawls WHERE is_baseline") == [(4,)]


def test_machines_that_crawl_side_by_side_on_clocks_that_run_tell_the_same(
    tmp_path, database, alone
):
    spools = [tmp_path / f"node-{number}.db" for number in (1, 2)]
    for day in DAYS:
        for number, (spool, sections) in enumerate(zip(spools, dealt(2), strict=True)):
            at = DAYS[day] + timedelta(minutes=7 * number)
            crawl(spool, day, sections=sections, at=at, ticks=timedelta(seconds=8.123))
    merge(database, spools)
    assert Counter(rows(database, CHANGES)) == Counter(rows(alone, CHANGES))
    assert_trusted(database)
    assert rows(database, "SELECT count(*) FROM crawls WHERE outcome = 'complete'") == [(3,)]


def test_locales_may_be_crawled_by_different_machines(tmp_path, database):
    single, locales = tmp_path / "single.db", ("en", "zh-hans")
    for day in DAYS:
        crawl(single, day, locales=locales)
        conclude_all(single)
        for locale in locales:
            crawl(tmp_path / f"{locale}.db", day, locales=[locale])
    # In this order, since of two locales with equal counts the first one known stands for both.
    merge(database, [tmp_path / "en.db", tmp_path / "zh-hans.db"], locales=locales)
    assert_same(database, single)


def test_a_database_with_conclusions_of_its_own_is_joined_like_a_spool(database, alone):
    merge(database, [alone])
    assert_same(database, alone)
    assert_trusted(database)


def test_the_log_of_requests_is_kept_to_the_letter(database, alone):
    merge(database, [alone])
    log = """SELECT url, locale, wanted, fetched_at, status, elapsed_ms, size, page_kind, error,
             etag, last_modified, (SELECT slug FROM articles WHERE id = article_id),
             (SELECT number FROM versions WHERE id = version_id), crawl_id FROM fetches"""
    assert Counter(rows(database, log)) == Counter(rows(alone, log))


# -- again, and after a kill ---------------------------------------------------------------------


def test_a_merge_that_is_repeated_takes_nothing_twice(database, two):
    merge(database, two)
    before = counts(database)
    again = merge(database, two)
    assert (again.taken_count, again.known_count) == (0, 6)
    assert counts(database) == before


def test_a_copy_under_another_name_is_known(tmp_path, database, two):
    merge(database, two)
    copy = shutil.copy(two[0], tmp_path / "renamed.db")
    assert merge(database, [copy]).known_count == 3


def test_a_copy_of_the_database_that_has_crawled_on_brings_only_what_is_new(
    tmp_path, database, alone
):
    for day in (1, 2):
        crawl(database, day)
    conclude_all(database)
    grown = shutil.copy(database, tmp_path / "grown.db")
    crawl(grown, 3)
    result = merge(database, [grown])
    assert (result.taken_count, result.known_count) == (1, 2)
    assert_same(database, alone)


def test_what_was_merged_elsewhere_before_is_not_taken_again(tmp_path, database, two, alone):
    between = tmp_path / "between.db"
    merge(between, two)
    merge(database, [between])
    assert merge(database, two).taken_count == 0
    assert_same(database, alone)


@pytest.mark.parametrize("step", ["replay", "conclude"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_merge_that_breaks_off_is_finished_by_the_next(
    database, two, alone, monkeypatch, step, number
):
    real, calls = getattr(merging, step), []

    def breaks_off(*arguments):
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(merging, step, breaks_off)
    with pytest.raises(KeyboardInterrupt):
        merge(database, two)
    assert_trusted(database)
    monkeypatch.setattr(merging, step, real)
    merge(database, two)
    assert_same(database, alone)
    assert_trusted(database)


# -- machines that fail --------------------------------------------------------------------------


@pytest.mark.parametrize("stops_as", ["shutdown", "killed"])
def test_a_crawl_that_is_broken_off_and_made_again_changes_nothing(
    tmp_path, database, alone, stops_as
):
    spools = [tmp_path / "node-1.db", tmp_path / "node-2.db"]
    mine, others = dealt(2)
    for day in DAYS:
        crawl(spools[0], day, sections=mine, stops_after=9 + 3 * day, stops_as=stops_as)
        crawl(spools[0], day, sections=mine)
        crawl(spools[1], day, sections=others, has_search=False)
    merge(database, spools)
    assert Counter(rows(database, CHANGES)) == Counter(rows(alone, CHANGES))
    assert content_of(database, CONTENT)["versions"] == content_of(alone, CONTENT)["versions"]
    assert_trusted(database)
    outcomes = rows(database, "SELECT outcome FROM crawls ORDER BY id")
    assert outcomes == [("interrupted",), ("complete",)] * 3


@pytest.mark.parametrize("is_partial", [False, True])
@pytest.mark.parametrize("is_merged_at_once", [False, True])
def test_it_matters_not_which_machine_began_first(
    tmp_path, database, alone, is_partial, is_merged_at_once
):
    first, second = tmp_path / "node-1.db", tmp_path / "node-2.db"
    mine, others = dealt(2)
    failing = [f"/section/{mine[0]}"] if is_partial else []
    for day in DAYS:
        crawl(second, day, sections=others, has_search=False, at=DAYS[day] - MINUTE)
        stop = {"failing": failing} if is_partial else {"stops_after": 12}
        crawl(first, day, sections=mine, **stop)
        if not is_merged_at_once:
            merge(database, [first], DAYS[day])
        crawl(first, day, sections=mine, at=DAYS[day] + MINUTE)
        merge(database, [first, second], DAYS[day])
    told = "SELECT DISTINCT slug, kind, substr(detected_at, 1, 10), severity FROM ({})"
    changes = "SELECT * FROM changes c JOIN articles a ON a.id = c.article_id"
    found, expected = (rows(path, told.format(changes)) for path in (database, alone))
    assert Counter(found) == Counter(expected)
    assert rows(database, "SELECT count(*) FROM crawls WHERE kind = 'import'") == [(0,)]
    assert_trusted(database)


def test_a_second_try_that_comes_after_all_others_takes_nothing_away(tmp_path, database, alone):
    spools = [tmp_path / f"node-{number}.db" for number in (1, 2, 3)]
    for day in DAYS:
        for spool, sections in zip(spools, dealt(3), strict=True):
            is_last = spool == spools[-1]
            failing = [f"/section/{sections[0]}"] if is_last else []
            crawl(spool, day, sections=sections, has_search=not is_last, failing=failing)
            merge(database, [spool], DAYS[day])
        crawl(spools[-1], day, sections=dealt(3)[-1], has_search=False, at=DAYS[day] + MINUTE)
        merge(database, [spools[-1]], DAYS[day])
    assert Counter(rows(database, CHANGES)) == Counter(rows(alone, CHANGES))


def test_a_crawl_that_died_is_taken_as_far_as_it_came(tmp_path, database):
    spool = tmp_path / "node-1.db"
    crawl(spool, 1, stops_after=30, stops_as="killed")
    result = merge(database, [spool])
    assert result.taken_count == 1
    assert rows(database, "SELECT outcome, is_baseline FROM crawls") == [("interrupted", 0)]
    assert rows(database, "SELECT count(*) FROM fetches") == [(30,)]


def test_nothing_is_concluded_of_the_sections_of_a_machine_that_is_down(tmp_path, database):
    first, second = spools_of(tmp_path / "spools", 2, days=[1])
    merge(database, [first, second], DAYS[1])
    crawl(first, 2, sections=dealt(2)[0])
    result = merge(database, [first, second], DAYS[2])
    held_by_second = {
        slug
        for (slug,) in rows(
            second,
            "SELECT a.slug FROM listing_articles la JOIN articles a ON a.id = la.article_id",
        )
    }
    told = rows(
        database,
        "SELECT kind, slug FROM changes c JOIN articles a ON a.id = c.article_id"
        " WHERE kind IN ('unlisted', 'removed')",
    )
    assert {slug for _, slug in told} & held_by_second == set()
    assert rows(database, "SELECT outcome FROM crawls") == [("complete",), ("partial",)]
    (gap,) = [text for text in result.cycles[0].findings.not_checked if "No crawl read" in text]
    assert all(section in gap for section in dealt(2)[1])


def test_an_article_that_moved_to_a_machine_that_is_down_is_not_told_as_gone(tmp_path, database):
    moved, to = "funding-interval-of-brksusdt-becomes-4-hours", "announcements-trading-updates"
    tag = "announcements-latest-announcements"
    parts = [tuple(s for s in SECTIONS if s not in (to, tag)), (to, tag)]
    spools = [tmp_path / "node-1.db", tmp_path / "node-2.db"]
    for spool, part in zip(spools, parts, strict=True):
        crawl(spool, 1, sections=part)
    merge(database, spools, DAYS[1])
    crawl(spools[0], 2, sections=parts[0])
    merge(database, spools, DAYS[2])
    kinds = rows(
        database,
        "SELECT kind FROM changes c JOIN articles a ON a.id = c.article_id"
        f" WHERE a.slug = '{moved}'",
    )
    assert kinds == [("moved",)]
    for spool, part in zip(spools, parts, strict=True):
        crawl(spool, 3, sections=part)
    merge(database, spools)
    assert rows(database, f"SELECT status FROM articles WHERE slug = '{moved}'") == [("listed",)]


def test_a_listing_that_one_machine_could_not_read_leaves_the_pass_partial(tmp_path, database):
    first, second = spools_of(tmp_path / "spools", 2, days=[1])
    merge(database, [first, second], DAYS[1])
    mine, others = dealt(2)
    crawl(first, 2, sections=mine, failing=[f"/section/{mine[0]}"])
    crawl(second, 2, sections=others, has_search=False)
    merge(database, [first, second], DAYS[2])
    assert rows(database, "SELECT outcome FROM crawls") == [("complete",), ("partial",)]


def test_a_partial_crawl_that_was_made_again_leaves_its_place_to_the_second(
    tmp_path, database, alone
):
    first, second = tmp_path / "node-1.db", tmp_path / "node-2.db"
    mine, others = dealt(2)
    for day in DAYS:
        crawl(first, day, sections=mine, failing=[f"/section/{mine[0]}"])
        crawl(second, day, sections=others, has_search=False, at=DAYS[day] + SECOND)
        crawl(first, day, sections=mine, at=DAYS[day] + 2 * SECOND)
    merge(database, [first, second])
    assert Counter(rows(database, CHANGES)) == Counter(rows(alone, CHANGES))


def test_sections_are_no_whole_while_the_configuration_does_not_name_them(tmp_path, database):
    result = merge(database, spools_of(tmp_path / "spools", 2, days=[1]), sections=())
    assert rows(database, "SELECT outcome, is_baseline FROM crawls") == [("partial", 0)]
    assert any("names none" in text for text in result.cycles[0].findings.not_checked)


# -- several sources of one thing ----------------------------------------------------------------


def test_two_machines_that_both_read_everything_double_nothing(tmp_path, database, alone):
    spools = [tmp_path / "north.db", tmp_path / "south.db"]
    for day in DAYS:
        for number, spool in enumerate(spools):
            crawl(spool, day, at=DAYS[day] + number * SECOND)
    merge(database, spools)
    assert Counter(rows(database, CHANGES)) == Counter(rows(alone, CHANGES))
    for table in ("versions", "snapshots", "articles", "view_observations"):
        assert counts(database)[table] == counts(alone)[table], table
    assert counts(database)["fetches"] == 2 * counts(alone)["fetches"]
    assert_trusted(database)


def test_view_counts_of_two_machines_are_one_series(tmp_path, database):
    """Each reads all twenty minutes after the other; what has not moved makes no row."""
    spools = [tmp_path / "late.db", tmp_path / "early.db"]
    for day in DAYS:
        crawl(spools[0], day, at=DAYS[day] + 20 * MINUTE)
        crawl(spools[1], day, sections=SECTIONS[:-1], at=DAYS[day])
    merge(database, spools)
    repeated = """SELECT count(*) FROM (SELECT view_count, lag(view_count) OVER (
        PARTITION BY article_id ORDER BY observed_at) AS earlier FROM view_observations)
        WHERE view_count = earlier"""
    assert rows(database, repeated) == [(0,)]
    assert rows(database, "SELECT count(*) FROM view_observations") == [(31,)]


def test_a_spool_that_comes_after_later_crawls_adds_evidence_and_brings_nothing_back(
    tmp_path, database
):
    late, early = tmp_path / "late.db", tmp_path / "early.db"
    for day in DAYS:
        crawl(late, day)
    crawl(early, 1, at=DAYS[1] + SECOND)
    merge(database, [late])
    before = rows(database, CHANGES), rows(database, "SELECT id, status FROM articles")
    result = merge(database, [early])
    assert (result.taken_count, result.late_count) == (1, 1)
    assert rows(database, "SELECT kind FROM crawls WHERE id = 4") == [("import",)]
    crawl(late, 3, at=DAYS[3] + 60 * MINUTE)
    merge(database, [late])
    assert (rows(database, CHANGES), rows(database, "SELECT id, status FROM articles")) == before
    assert_trusted(database)


def test_the_evidence_is_that_of_the_source(database, two):
    merge(database, two)
    sql = "SELECT sha256, url, fetched_at, http_status, content_type, size FROM snapshots"
    assert set(rows(database, sql)) == set(rows(two[0], sql)) | set(rows(two[1], sql))


def test_which_crawl_became_which_is_kept(database, two):
    merge(database, two)
    found = rows(
        database,
        "SELECT source, source_crawl_id, crawl_id FROM merged_crawls ORDER BY crawl_id, source",
    )
    assert found == [(f"node-{node}.db", day, day) for day in DAYS for node in (1, 2)]


def test_a_spool_is_left_as_it_was(database, two):
    before = [path.read_bytes() for path in two]
    merge(database, two)
    assert [path.read_bytes() for path in two] == before


def test_the_store_of_a_merged_database_crawls_on(tmp_path, database, alone):
    merge(database, spools_of(tmp_path / "spools", 2, days=[1, 2]), DAYS[2])
    crawl(database, 3)
    conclude_all(database)
    assert_same(database, alone)
    with Store(database) as store:
        assert store.connection.execute("PRAGMA foreign_key_check").fetchall() == []


# -- crawls of some sections ---------------------------------------------------------------------


def test_a_crawl_of_some_sections_says_nothing_of_the_others(database, alone):
    """Also without a merge, in one database that has crawled everything before."""
    crawl(database, 1)
    conclude_all(database)
    crawl(database, 2, sections=dealt(2)[0], at=DAYS[2] - 60 * MINUTE)
    conclude_all(database)
    assert rows(database, "SELECT outcome FROM crawls") == [("complete",), ("partial",)]
    why = rows(database, "SELECT error FROM fetches WHERE page_kind = 'not_crawled'")
    assert [all(section in said for section in dealt(2)[1]) for (said,) in why] == [True]
    for day in (2, 3):
        crawl(database, day)
        conclude_all(database)
    assert Counter(rows(database, CHANGES)) == Counter(rows(alone, CHANGES))


def test_the_command_line_crawls_some_sections_into_a_spool(tmp_path, helpwatch):
    (tmp_path / "helpwatch.toml").write_text("[sites.demo]\n[crawl]\ndelay_seconds = 0\n")
    sections = ("faq-trading", "faq-affiliates")
    with DemoCentre(day=1) as centre:
        ran = helpwatch(
            *("crawl", "--db", "spool.db", "--base-url", centre.url),
            *(word for section in sections for word in ("--section", section)),
        )
        assert ran.code == 0, ran.err
        asked = {path for _, path in centre.requests if "/section/" in path}
    assert {path.rsplit("/", 1)[1] for path in asked} == set(sections)
    assert rows(tmp_path / "spool.db", "SELECT sections, outcome FROM crawls") == [
        ('["faq-trading", "faq-affiliates"]', "complete")
    ]
