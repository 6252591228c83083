"""What makes a crawl healthy, degraded, suspect or unusable."""

import json
from dataclasses import replace

import pytest

from builders import change, crawl_facts, listing
from tracker.health import Check, Health, HealthPolicy, judge, judge_changes

USUAL = [
    crawl_facts(fills={"updated_at": (60, 60), "summary": (30, 60), "section": (55, 60)})
    for _ in range(3)
]


def failed(health: Health) -> list[tuple[str, str]]:
    return [(check.name, check.level) for check in health.checks if not check.ok]


CASES = {
    "nothing wrong": ({}, "healthy", []),
    # How it ended
    "partial": ({"outcome": "partial"}, "degraded", [("outcome", "warning")]),
    "blocked half-way": ({"outcome": "blocked"}, "degraded", [("outcome", "warning")]),
    "interrupted": ({"outcome": "interrupted"}, "degraded", [("outcome", "warning")]),
    "failed half-way": ({"outcome": "failed"}, "degraded", [("outcome", "warning")]),
    "blocked at once": (
        {"outcome": "blocked", "articles_listed": 0, "articles_fetched": 0},
        "unusable",
        [("outcome", "problem")],
    ),
    "failed at once": (
        {"outcome": "failed", "articles_listed": 0, "articles_fetched": 0},
        "unusable",
        [("outcome", "problem")],
    ),
    "never finished": ({"outcome": "running"}, "unusable", [("outcome", "problem")]),
    # Blocks
    "a page blocked": (
        {"page_kinds": {"article": 30, "blocked": 1}},
        "degraded",
        [("blocked", "warning")],
    ),
    "most pages challenged": (
        {"page_kinds": {"article": 3, "blocked": 1, "challenge": 4}},
        "unusable",
        [("blocked", "problem")],
    ),
    # Coverage
    "a listing broken off": (
        {"listings": [listing(1), listing(2, is_complete=False, seen_count=15)]},
        "degraded",
        [("coverage", "warning")],
    ),
    "a gap that was always there": (
        {"listings": [listing(seen_count=20, earlier_gap=10)]},
        "healthy",
        [("coverage", "info")],
    ),
    "a gap that grew": (
        {"listings": [listing(seen_count=27, earlier_gap=2)]},
        "degraded",
        [("coverage", "warning")],
    ),
    "one entry shifted among many": (
        {"listings": [listing(claimed_total=2131, seen_count=2130, earlier_gap=0)]},
        "healthy",
        [("coverage", "info")],
    ),
    "paging that broke": (
        {"listings": [listing(claimed_total=2131, seen_count=15, earlier_gap=0)]},
        "suspect",
        [("coverage", "problem")],
    ),
    "a listing first seen that shows little of what it claims": (
        {"listings": [listing(claimed_total=2131, seen_count=15)]},
        "degraded",
        [("coverage", "warning")],
    ),
    "a listing that claims nothing": ({"listings": [listing(claimed_total=None)]}, "healthy", []),
    # Sudden drops
    "fewer articles listed": (
        {"articles_listed": 22},
        "degraded",
        [("articles_listed", "warning")],
    ),
    "most articles lost": ({"articles_listed": 12}, "suspect", [("articles_listed", "problem")]),
    "fewer articles in other locales": ({"articles_listed": 12, "locales": ("fr",)}, "healthy", []),
    "fewer articles in a partial crawl": (
        {"articles_listed": 12, "outcome": "partial"},
        "degraded",
        [("outcome", "warning")],
    ),
    # Errors
    "two errors": ({"errors": 2}, "healthy", []),
    "three errors in forty": ({"errors": 3}, "degraded", [("errors", "warning")]),
    "three errors in a thousand": ({"errors": 3, "pages_fetched": 1000}, "healthy", []),
    "errors all over": ({"errors": 20}, "suspect", [("errors", "problem")]),
    # Layout
    "a page of unknown layout": (
        {"page_kinds": {"article": 30, "layout_unknown": 1}},
        "degraded",
        [("layout", "warning")],
    ),
    "a new layout": (
        {"page_kinds": {"article": 20, "layout_unknown": 20}},
        "suspect",
        [("layout", "problem")],
    ),
    # Fields
    "a field as usual": ({"fills": {"updated_at": (59, 60)}}, "healthy", []),
    "a field known less often": (
        {"fills": {"updated_at": (50, 60)}},
        "degraded",
        [("field_fill", "warning")],
    ),
    "a field lost": ({"fills": {"updated_at": (0, 60)}}, "suspect", [("field_fill", "problem")]),
    "a field known less often by chance": ({"fills": {"section": (16, 20)}}, "healthy", []),
    "a field of some pages on fewer pages": ({"fills": {"summary": (20, 60)}}, "healthy", []),
    "a field of some pages lost": (
        {"fills": {"summary": (0, 60)}},
        "degraded",
        [("field_fill", "warning")],
    ),
    "a field lost on a handful of pages": ({"fills": {"updated_at": (0, 6)}}, "healthy", []),
    "a field that was never known": ({"fills": {"tags": (0, 60)}}, "healthy", []),
    # The rest
    "a few disagreements": ({"disagreements": 3}, "healthy", []),
    "many disagreements": ({"disagreements": 9}, "degraded", [("disagreements", "warning")]),
    "pages disallowed by robots.txt": (
        {"disallowed": ["https://help.example/help/private"]},
        "healthy",
        [("robots", "info")],
    ),
    # Imports
    "an import of a few pages": (
        {"kind": "import", "articles_listed": 1, "listings": [listing(is_complete=False)]},
        "healthy",
        [],
    ),
    "an import of nothing": (
        {"kind": "import", "outcome": "failed", "articles_listed": 0, "articles_fetched": 0},
        "unusable",
        [("outcome", "problem")],
    ),
}


FEES, SEARCH = {"sections": ("fees",)}, {"searches": ("faq:fee",)}


@pytest.mark.parametrize(
    ("earlier", "now", "verdict"),
    [
        ({}, FEES, "healthy"),
        (FEES, {}, "healthy"),
        (FEES, FEES, "suspect"),
        (SEARCH, {}, "healthy"),
        ({}, SEARCH, "suspect"),
    ],
)
def test_what_the_configuration_does_not_name_any_more_is_not_lost(earlier, now, verdict):
    before = [crawl_facts(**earlier)] * 3
    assert judge(crawl_facts(articles_listed=12, **now), before).verdict == verdict


@pytest.mark.parametrize(("facts", "verdict", "failures"), CASES.values(), ids=CASES.keys())
def test_a_crawl_is_judged_by_its_facts(facts, verdict, failures):
    health = judge(crawl_facts(**facts), USUAL)
    assert (health.verdict, failed(health)) == (verdict, failures)


def test_a_first_crawl_needs_no_crawl_before_it():
    health = judge(crawl_facts(fills={"updated_at": (0, 60)}, articles_listed=1))
    assert (health.verdict, failed(health)) == ("healthy", [])


def test_the_worst_of_several_checks_decides():
    health = judge(crawl_facts(outcome="partial", errors=20), USUAL)
    assert health.verdict == "suspect"
    assert failed(health) == [("outcome", "warning"), ("errors", "problem")]


def test_a_handful_of_articles_may_come_and_go():
    earlier = [crawl_facts(articles_listed=8)] * 3
    assert judge(crawl_facts(articles_listed=3), earlier).verdict == "healthy"


def test_disagreements_that_the_site_always_has_are_usual():
    earlier = [crawl_facts(disagreements=10)] * 3
    assert judge(crawl_facts(disagreements=18), earlier).verdict == "healthy"


def test_thresholds_come_from_the_policy():
    strict = HealthPolicy(errors_allowed=0, error_ratio=0.0)
    assert judge(crawl_facts(errors=1), USUAL, strict).verdict == "degraded"


@pytest.mark.parametrize(("facts", "verdict", "failures"), CASES.values(), ids=CASES.keys())
def test_every_message_is_one_plain_sentence(facts, verdict, failures):
    for check in judge(crawl_facts(**facts), USUAL).checks:
        assert check.message.endswith(".")
        assert "\n" not in check.message
        assert len(check.message) < 200


def test_a_message_names_the_listing_and_its_numbers():
    facts = crawl_facts(listings=[listing(title="Fees", is_complete=False, seen_count=15)])
    (check,) = [check for check in judge(facts).checks if not check.ok]
    assert check.message == (
        "The listing Fees (section, en) was not read to its end: 15 of 30 entries seen."
    )
    assert (check.value, check.threshold) == (15, 30)


# Baselines


def test_the_first_complete_crawl_of_a_locale_is_its_baseline():
    facts = crawl_facts(locales_complete=("fr", "en", "de"), locales_with_baseline=("en",))
    assert judge(facts).baseline_locales == ("de", "fr")


def test_an_import_is_no_baseline():
    facts = crawl_facts(kind="import", locales_complete=("en",), locales_with_baseline=())
    assert judge(facts).baseline_locales == ()


def test_a_locale_may_have_its_baseline_in_a_crawl_that_is_partial_elsewhere():
    facts = crawl_facts(outcome="partial", locales_complete=("en",), locales_with_baseline=())
    assert judge(facts).baseline_locales == ("en",)


# Too many changes


def changed(count: int, kind: str = "updated", **detail):
    return [change(number, kind, detail=detail) for number in range(count)]


STAMP = {"group": {"key": "stamp:2026-05-29", "size": 400}}
SCATTERED = {"group": {"key": "stamp:2025-01-05", "size": 4}}

MASS_CASES = {
    "no change": ([], 1000, None, "healthy"),
    "a busy day": (changed(299), 1000, None, "healthy"),
    "more than a third changed": (changed(400), 1000, None, "suspect"),
    "one article with many kinds": (
        [change(1, kind) for kind in ("updated", "retitled", "moved")] * 20,
        30,
        None,
        "healthy",
    ),
    "a stamp on unchanged texts": (changed(400, "touched", **STAMP), 500, None, "healthy"),
    "dates misread everywhere": (changed(400, "touched", **SCATTERED), 500, None, "suspect"),
    "touched one by one": (changed(400, "touched"), 500, None, "suspect"),
    "all articles new under another identity": (changed(500, "new"), 1000, None, "suspect"),
    "all removed": (changed(400, "removed"), 500, None, "suspect"),
    "a small site on a lively day": (changed(6) + changed(4, "retitled"), 15, None, "healthy"),
    "a small site retitled everywhere": (changed(13, "retitled"), 15, None, "suspect"),
    "a handful of articles": (changed(4), 4, None, "healthy"),
    "all pages read differ silently": (changed(140, "silent_edit"), 1000, 143, "suspect"),
    "all pages read were updated": (changed(140, "updated"), 1000, 143, "healthy"),
}


@pytest.mark.parametrize(
    ("found", "known", "read", "verdict"), MASS_CASES.values(), ids=MASS_CASES.keys()
)
def test_more_changes_than_a_site_can_make_are_suspect(found, known, read, verdict):
    health = judge_changes(Health(verdict="healthy"), found, known, articles_read=read)
    assert health.verdict == verdict
    assert [check.ok for check in health.checks if check.name == "mass_change"][0] == (
        verdict == "healthy"
    )


def test_the_mass_change_guard_says_what_to_do():
    health = judge_changes(Health(verdict="healthy"), changed(400), 1000)
    assert health.checks[0].message == (
        "400 of 1000 articles seem to have changed in one crawl: "
        "check the parser before believing it."
    )


def test_the_mass_change_guard_mends_nothing():
    unusable = Health(verdict="unusable", baseline_locales=("en",))
    assert judge_changes(unusable, changed(400), 1000).verdict == "unusable"
    degraded = replace(unusable, verdict="degraded")
    calm = judge_changes(degraded, [], 1000)
    assert (calm.verdict, calm.baseline_locales) == ("degraded", ("en",))


# As JSON


def test_health_survives_its_way_through_json():
    health = replace(
        judge(crawl_facts(outcome="partial", locales_with_baseline=()), USUAL), is_accepted=True
    )
    assert Health.from_json(json.loads(json.dumps(health.as_json()))) == health


def test_the_json_has_the_keys_of_the_contract():
    check = Check(name="errors", ok=True, level="info", message="None.", value=0, threshold=2)
    health = Health(verdict="healthy", checks=(check,), baseline_locales=("en",))
    assert health.as_json() == {
        "verdict": "healthy",
        "baseline_locales": ["en"],
        "is_accepted": False,
        "checks": [
            {
                "name": "errors",
                "ok": True,
                "level": "info",
                "message": "None.",
                "value": 0,
                "threshold": 2,
            }
        ],
    }
