"""What was watched in a period: gaps between whole looks, and pages that were read too seldom."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from builders import NOW, article, change, crawl
from tracker.coverage import (
    Coverage,
    CoveragePolicy,
    gaps,
    watch,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEKLY = CoveragePolicy(recheck_days=7, slack_days=1, usual_gap_hours=36)


@dataclass(frozen=True)
class Reading:
    fetched_at: datetime
    version_id: int | None = 1
    page_kind: str = "article"
    error: str | None = None


def crawl_at(hours: float, **facts):
    """A crawl of ten minutes that begins so many hours after NOW."""
    at = NOW + hours * HOUR
    return crawl(1, **{"started_at": at, "finished_at": at + timedelta(minutes=10)} | facts)


def hours_of(*crawls, since=0, until=72) -> list[tuple[float, float]]:
    """The gaps of a period, as hours after NOW."""
    found = gaps(crawls, NOW + since * HOUR, NOW + until * HOUR, WEEKLY)
    return [
        (round((gap.from_at - NOW) / HOUR, 2), round((gap.until_at - NOW) / HOUR, 2))
        for gap in found
    ]


# -- gaps ---------------------------------------------------------------------------------------


def test_a_gap_lies_between_the_end_of_one_look_and_the_begin_of_the_next():
    found = hours_of(crawl_at(0), crawl_at(24), crawl_at(48), until=72)
    assert found == [(0.17, 24), (24.17, 48), (48.17, 72)]


def test_the_last_look_before_the_period_bounds_its_first_gap():
    assert hours_of(crawl_at(-48), crawl_at(-12), crawl_at(12), until=24) == [
        (-11.83, 12),
        (12.17, 24),
    ]


def test_a_period_without_a_look_is_one_gap():
    assert hours_of(since=0, until=72) == [(0, 72)]


def test_a_look_under_way_at_the_begin_leaves_no_gap_before_it():
    assert hours_of(crawl_at(-0.1), until=10) == [(0.07, 10)]


@pytest.mark.parametrize("outcome", ["partial", "blocked", "failed", "interrupted"])
def test_only_a_complete_crawl_is_a_whole_look(outcome):
    assert hours_of(crawl_at(0), crawl_at(24, outcome=outcome), until=48) == [(0.17, 48)]


def test_an_import_is_no_look():
    assert hours_of(crawl_at(0), crawl_at(24, kind="import"), until=48) == [(0.17, 48)]


def test_crawls_recorded_in_any_order_stand_in_order_of_time():
    assert hours_of(crawl_at(24), crawl_at(0), until=48) == [(0.17, 24), (24.17, 48)]


@pytest.mark.parametrize(("hours", "is_long"), [(36.1, False), (37, True)])
def test_a_gap_longer_than_usual_is_marked(hours, is_long):
    (gap, _) = gaps([crawl_at(0), crawl_at(hours)], NOW, NOW + 40 * HOUR, WEEKLY)
    assert gap.is_long is is_long


# -- articles -----------------------------------------------------------------------------------


def watched(*days: float, since=0, until=20, first_seen=None, others=()):
    """An article whose page was read so many days after NOW."""
    readings = [Reading(NOW + day * DAY) for day in days] + list(others)
    readings.sort(key=lambda reading: reading.fetched_at)
    return watch(
        article(),
        None,
        readings,
        present_from=NOW + (first_seen or since) * DAY,
        present_until=NOW + until * DAY,
        since=NOW + since * DAY,
        policy=WEEKLY,
    )


def unread_days(found) -> list[tuple[float, float]]:
    return [
        ((stretch.from_at - NOW) / DAY, (stretch.until_at - NOW) / DAY) for stretch in found.unread
    ]


def test_an_article_read_every_week_is_watched():
    found = watched(-3, 4, 11, 18)
    assert found.is_watched
    assert found.last_read_before == NOW - 3 * DAY
    assert [(at - NOW) / DAY for at in found.read_at] == [4, 11, 18]


def test_a_crawl_that_starts_late_makes_no_gap():
    assert watched(0, 7.2, 14.1, 20).is_watched


def test_a_stretch_between_two_readings_that_is_too_long_is_told():
    found = watched(0, 9, 16)
    assert unread_days(found) == [(0, 9)]
    assert found.unread[0].why == "its page was not asked for"
    assert found.unread[0].days == 9


def test_the_end_of_the_period_must_be_near_a_reading():
    assert unread_days(watched(0, 7)) == [(7, 20)]


def test_the_reading_before_the_period_must_be_near_the_next():
    assert unread_days(watched(-4, 6, 13)) == [(-4, 6)]


def test_an_article_first_seen_within_the_period_counts_from_then():
    assert watched(15, 20, first_seen=15).is_watched


def test_an_article_that_was_never_read_is_not_watched_however_short_the_period():
    found = watched(until=1)
    assert unread_days(found) == [(0, 1)]


@pytest.mark.parametrize(
    ("tried", "why"),
    [
        (Reading(NOW + DAY, None, "robots"), "robots.txt disallows its page"),
        (Reading(NOW + DAY, None, "gone"), "its address answers that it is gone"),
        (Reading(NOW + DAY, None, "cut_off", "the page ends early"), "the page ends early"),
        (Reading(NOW + DAY, None, "network"), "network"),
    ],
)
def test_the_last_request_of_an_unread_stretch_tells_why(tried, why):
    assert watched(others=[tried]).unread[0].why == why


def test_a_request_that_gave_no_text_is_no_reading():
    failed = Reading(NOW + 10 * DAY, None, "cut_off", "the page ends early")
    found = watched(4, 18, others=[failed])
    assert unread_days(found) == [(4, 18)]
    assert found.unread[0].why == "the page ends early"


# -- the whole ----------------------------------------------------------------------------------


def coverage(**facts) -> Coverage:
    return Coverage(
        **{
            "site": "demo",
            "base_url": "https://help.example",
            "since": NOW,
            "until": NOW + 20 * DAY,
            "policy": WEEKLY,
            "crawls": (),
            "gaps": (),
            "articles": (),
            "changes": (),
            "head": None,
        }
        | facts
    )


def test_unchanged_means_watched_all_through_and_without_a_change():
    whole, seldom, changed = (
        watch(
            article(number),
            None,
            [Reading(NOW + day * DAY) for day in days],
            present_from=NOW,
            present_until=NOW + 20 * DAY,
            since=NOW,
        )
        for number, days in ((1, (0, 7, 14)), (2, (0,)), (3, (0, 7, 14)))
    )
    found = coverage(articles=[whole, seldom, changed], changes=[change(3, "touched")])
    assert found.unchanged_count == 1
