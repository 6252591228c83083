"""Numbers, dates, plural forms and sentences."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from db.kinds import CHANGE_KINDS, SEVERITIES, Outcome, Verdict
from db.records import Trend
from report_findings import HEALTHY, crawl, findings, found, listing, usual_day
from reports import markdown, outline, webpage, wording
from tracker.health import Health
from tracker.textdiff import TextDiff, Touched

CHANGES_OF_A_USUAL_DAY = len(usual_day().changes)


def test_every_kind_severity_outcome_and_verdict_has_words():
    assert set(wording.KIND_NAMES) == set(wording.KIND_MEANINGS) == set(CHANGE_KINDS)
    assert sorted(wording.TELLING_ORDER) == sorted(CHANGE_KINDS)
    assert set(wording.SEVERITY_NAMES) == set(SEVERITIES)
    assert set(wording.OUTCOME_NAMES) == set(Outcome.__args__)
    assert set(wording.VERDICT_NAMES) == set(wording.VERDICT_MEANINGS) == set(Verdict.__args__)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 articles"), (1, "1 article"), (2131, "2,131 articles")]
)
def test_a_count_has_its_plural_and_its_separators(number, text):
    assert wording.count(number, "article") == text


def test_an_irregular_plural_is_given():
    assert wording.count(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("per_day", "text"),
    [
        (0, "0"),
        (0.04, "under 0.1"),
        (0.3, "0.3"),
        (4.0, "4"),
        (9.97, "10"),
        (40.4, "40"),
        (1234, "1,234"),
    ],
)
def test_a_rate_is_as_exact_as_it_is_useful(per_day, text):
    assert wording.rate(per_day) == text


@pytest.mark.parametrize(("ratio", "text"), [(3.08, "3.1x"), (99.9, "99.9x"), (1200.4, "1,200x")])
def test_a_ratio_is_so_many_times(ratio, text):
    assert wording.times(ratio) == text


@pytest.mark.parametrize(("number", "text"), [(1, "1 day"), (7, "7 days"), (2.5, "2.5 days")])
def test_a_window_is_told_in_days(number, text):
    assert wording.days(number) == text


def test_a_bare_date_is_a_day_and_takes_no_part_in_time_zones():
    assert wording.moment(date(2026, 4, 8), ZoneInfo("Pacific/Kiritimati")) == "8 Apr 2026"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (UTC, "18 Apr 2026, 22:30 UTC"),
        (ZoneInfo("Asia/Hong_Kong"), "19 Apr 2026, 06:30 HKT"),
        (timezone(timedelta(hours=8)), "19 Apr 2026, 06:30 UTC+08:00"),
        (ZoneInfo("America/Sao_Paulo"), "18 Apr 2026, 19:30 UTC-03"),
    ],
)
def test_an_instant_names_its_zone(zone, text):
    assert wording.moment(datetime(2026, 4, 18, 22, 30, tzinfo=UTC), zone) == text


def test_an_unknown_moment_is_unknown():
    assert wording.moment(None, UTC) == "unknown"


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [("0.08%", "0.10%", "0.08% -> 0.10%"), (None, "Ontario", "Ontario added"),
     ("30 days", None, "30 days removed")],
)  # fmt: skip
def test_a_touched_fact_shows_both_sides(before, after, text):
    assert wording.shift(before, after) == text


@pytest.mark.parametrize(
    ("usual", "note", "text"),
    [
        (40.0, None, "3.1x its usual 40 a day"),
        (40.0, "after_edit", "3.1x its usual 40 a day (the rise followed an edit)"),
        (None, "newly_popular", "what is usual for it is not known yet (newly popular)"),
        (0.0, None, "it usually has hardly any views"),
    ],
)
def test_a_trend_is_told_against_what_is_usual(usual, note, text):
    trend = Trend(
        article_id=1,
        window_days=7,
        views_gained=868,
        views_per_day=124.0,
        usual_per_day=usual,
        score=9.0,
        rank=1,
        note=note,
    )
    assert wording.trend_words(trend) == text
    assert wording.trend_line(trend) == f"868 views in 7 days, 124 a day: {text}"


@pytest.mark.parametrize(
    ("per_day", "text"),
    [
        (28.0, "0.7x its usual 40 a day"),
        (2.0, "0.1x its usual 40 a day"),
        (1.9, "almost none of its usual 40 a day"),
        (0.0, "none of its usual 40 a day"),
    ],
)
def test_a_cooling_trend_is_told_in_words_where_the_figure_would_be_nought(per_day, text):
    trend = Trend(
        article_id=1, window_days=7, views_gained=0, views_per_day=per_day, usual_per_day=40.0,
        score=9.0, rank=1,
    )  # fmt: skip
    assert wording.trend_words(trend) == text


@pytest.mark.parametrize(
    ("detail", "notes"),
    [
        ({}, []),
        ({"reverts_to": 3}, ["The text of version 3 is back."]),
        ({"hidden_date": True}, ["The page does not show its updated date to readers."]),
        ({"date_set_back": True}, ["The page's updated date was set back in time."]),
        ({"was": "removed"}, ["Before, it was removed."]),
        ({"group": {"key": "k", "size": 412}}, ["The same change was found on 412 articles."]),
        ({"hidden_date": False, "date_unknown": False}, []),
    ],
)
def test_what_a_reader_should_know_beside_a_change(detail, notes):
    assert wording.notes(found(detail=detail).change) == notes


# Headlines


def test_a_headline_counts_changes_and_names_the_gravest_kinds():
    assert wording.headline(usual_day()) == (
        f"{CHANGES_OF_A_USUAL_DAY} changes on www.okx.com, 2 of high severity: "
        "1 quietly edited, 1 removed, 1 no longer listed, 3 updated and 8 others."
    )


def test_a_single_change_is_one_change():
    assert wording.headline(findings(found("new"))) == "1 change on www.okx.com: 1 new."


def test_a_day_without_changes_says_so():
    assert wording.headline(findings()) == "No change was found on www.okx.com."


def test_a_baseline_does_not_claim_that_nothing_changed():
    first = findings(health=replace(HEALTHY, baseline_locales=("en", "fr")))
    assert wording.headline(first) == (
        "First crawl of www.okx.com (en and fr): 220 articles recorded; "
        "changes are told from the next crawl on."
    )


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        ({"crawls": ()}, "Nothing was crawled on www.okx.com"),
        ({"crawls": (crawl(outcome="blocked"),)}, "www.okx.com blocked the crawl"),
        ({"crawls": (crawl(outcome="failed"),)}, "The last crawl of www.okx.com failed"),
        ({"crawls": (crawl(outcome="interrupted"),)}, "The last crawl of www.okx.com was interr"),
        ({"crawls": (crawl(outcome="partial"),)}, "Parts of www.okx.com could not be checked"),
        ({"health": Health(verdict="degraded")}, "Parts of www.okx.com could not be checked"),
        ({"health": Health(verdict="suspect")}, "Check the parser for www.okx.com before"),
        ({"health": Health(verdict="unusable")}, "The last crawl of www.okx.com is not usable"),
    ],
)
def test_trouble_comes_first_in_the_headline_and_never_reads_as_all_clear(fields, start):
    quiet, busy = findings(**fields), findings(found("new"), **fields)
    assert wording.headline(quiet).startswith(start)
    assert wording.headline(busy).startswith(start)
    assert "No change was found on" not in wording.headline(quiet)
    assert "1 change (1 new)" in wording.headline(busy)


def test_an_accepted_crawl_is_told_like_any_other():
    accepted = Health(verdict="suspect", is_accepted=True)
    assert wording.headline(findings(health=accepted)) == "No change was found on www.okx.com."


def test_what_was_checked_counts_listings_articles_and_errors():
    part = listing(2, is_complete=False)
    told = wording.checked(findings(coverage=(listing(), part), crawls=(crawl(errors=1),)))
    assert told == (
        "1 of 2 listings read to the end; 214 articles listed, 41 article pages read; 1 error."
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "read to the end"),
        ({"is_complete": False, "page_count": 1}, "not read to its end (1 page read)"),
        ({"seen_count": 46}, "2 of 48 entries not seen"),
        ({"seen_count": 46, "earlier_gap": 2}, "2 of 48 entries not seen, as before"),
        ({"claimed_total": None}, "read to the end"),
    ],
)
def test_coverage_in_words(fields, text):
    assert wording.coverage_words(listing(**fields)) == text


def test_freshness_is_told_even_where_there_never_was_a_good_crawl():
    assert wording.last_good(findings()).endswith("began on 18 Apr 2026, 05:51 UTC.")
    assert "yet" in wording.last_good(findings(last_good_crawl_at=None))


def test_filters_are_named():
    told = findings(filters={"kinds": ("new", "removed"), "locale": "en", "section": None})
    assert wording.filters(told) == "Only kinds new and removed and locale en"
    assert wording.filters(findings(filters={"locale": None, "kinds": ()})) is None


def test_an_import_says_what_it_read():
    assert wording.import_line({"article": 1, "section": 2}, 30) == (
        "Read 1 article and 2 section listings with 30 entries."
    )
    assert wording.import_line({}, 0) == "Nothing could be read."


def test_a_period_names_its_ends():
    assert wording.period(findings()) == "From 17 Apr 2026, 06:00 UTC to 18 Apr 2026, 06:00 UTC"
    assert wording.period(findings(since=None)) == "As of 18 Apr 2026, 06:00 UTC"


def test_a_host_that_cannot_be_read_leaves_the_name_of_the_site():
    assert wording.host(findings(base_url="nonsense")) == "demo"


def test_a_fact_that_changed_in_several_places_is_told_once_with_their_number():
    facts = [Touched(kind="percentage", before="0.12%", after="0.10%", context=c) for c in "ab"]
    other = Touched(kind="percentage", before="0.12%", after="0.11%", context="c")
    finding = found("updated", diff=TextDiff(blocks=(), touched=(*facts, other)))
    assert [(fact.after, fact.context, fact.count) for fact in outline.touched(finding)] == [
        ("0.10%", "a", 2),
        ("0.11%", "c", 1),
    ]
    assert [wording.times_over(count) for count in (1, 2, 1000)] == [
        "",
        ", 2 times",
        ", 1,000 times",
    ]


@pytest.mark.parametrize("key", ["suspect", "reworked"])
def test_what_was_done_to_a_change_is_noted(key):
    detail = {"suspect": True} if key == "suspect" else {"reworked": {"import": 7}}
    assert len(wording.notes(found("updated", detail=detail).change)) == 1


@pytest.mark.parametrize("outcome", ["blocked", "failed", "interrupted"])
@pytest.mark.parametrize("render", [webpage.render, markdown.render])
def test_a_crawl_that_saw_nothing_is_never_told_as_a_quiet_day(outcome, render):
    told = render(findings(crawls=(crawl(outcome=outcome),), health=None))
    assert "Nothing can be said of changes" in told
    assert "Nothing can be said of views" in told
    assert "No change was found" not in told
    assert "rose notably" not in told


def test_without_a_usable_crawl_nothing_is_said_to_be_unchanged():
    unusable = replace(HEALTHY, verdict="unusable")
    for told in (findings(crawls=()), findings(health=unusable)):
        assert wording.nothing_told(told).startswith("Nothing can be said of changes")


def test_a_partial_crawl_says_that_the_rest_was_not_looked_at():
    told = findings(crawls=(crawl(outcome="partial"),))
    assert wording.nothing_told(told).startswith("No change was found in what could be looked at.")


@pytest.mark.parametrize(
    ("context", "said"),
    [
        (None, None),
        ("row 2, Limit in 24 hours", "row 2, Limit in 24 hours"),
        ("within 14 days the money", "“… within 14 days the money …”"),
    ],
)
def test_words_around_a_fact_are_a_quotation_and_a_place_in_a_table_is_none(context, said):
    assert wording.fact_context(context, "30 days", "14 days") == said
