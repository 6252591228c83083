"""Views per day against an article's own past: what rises, what not, what cannot be told."""

import math
import runpy
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import NOW, series
from db.records import Trend, ViewSeries
from tracker.trend_model import Peers, Rate
from tracker.trends import TrendPolicy, is_rising, rank

DAILY = TrendPolicy(window_days=1.0)


def steady(article_id: int, per_day: float, days: int = 30, last: int | None = None, **facts):
    """A count that was read daily; `last` is what the last day brought, where it is not usual."""
    counts = {float(age): round(1000 + per_day * (days - age)) for age in range(days, -1, -1)}
    if last is not None:
        counts[0.0] = counts[1.0] + last
    return series(article_id, counts, **facts)


def trend_of(article: ViewSeries, *others: ViewSeries, policy: TrendPolicy = DAILY) -> Trend | None:
    found = {trend.article_id: trend for trend in rank([article, *others], NOW, policy)}
    return found.get(article.article_id)


PEERS = [steady(number, 10.0) for number in range(100, 106)]


# Rates


def test_views_per_day_come_from_the_window():
    trend = trend_of(steady(1, 40.0), policy=TrendPolicy())
    assert (trend.window_days, trend.views_gained, trend.views_per_day) == (7.0, 280, 40.0)
    assert trend.usual_per_day == pytest.approx(40.0, rel=0.01)
    assert trend.score < 1


def test_uneven_readings_are_weighed_by_their_time():
    trend = trend_of(series(1, {14: 0, 9.5: 90, 7: 140, 2: 240, 0: 280}), policy=TrendPolicy())
    assert (trend.window_days, trend.views_per_day, trend.usual_per_day) == (7.0, 20.0, 20.0714)


def test_between_two_rows_the_count_stood_still_as_long_as_crawls_read_it():
    quiet = series(1, {20: 100, 0: 130})
    assert trend_of(quiet) is None
    trend = trend_of(quiet, *PEERS)
    assert (trend.window_days, trend.views_gained) == (1.0, 30)


def test_a_count_that_was_read_to_the_end_and_never_moved_has_a_rate_of_none():
    trend = trend_of(series(1, {60: 100}))
    assert (trend.views_gained, trend.views_per_day) == (0, 0.0)


def test_a_silence_that_is_not_to_be_believed_was_no_reading():
    counts = {float(age): 10_000 - 100 * age for age in range(30, 3, -1)} | {0.0: 10_000}
    assert trend_of(series(1, counts), *PEERS) is None
    spread = trend_of(series(1, counts), *PEERS, policy=TrendPolicy())
    assert (spread.window_days, spread.views_per_day) == (7.0, 100.0)


def test_rank_is_by_surprise_and_then_by_rate():
    ranked = rank([steady(1, 5.0), steady(2, 5.0, last=80), steady(3, 50.0, last=75)], NOW, DAILY)
    assert [(trend.rank, trend.article_id) for trend in ranked] == [(1, 2), (2, 3), (3, 1)]


# The usual


def test_a_surge_is_found_against_the_articles_own_past():
    trend = trend_of(steady(1, 40.0, last=320), *PEERS)
    assert trend.usual_per_day == pytest.approx(40.0, rel=0.05)
    assert trend.views_per_day / trend.usual_per_day == pytest.approx(8.0, rel=0.05)
    assert trend.score > 20
    assert is_rising(trend, DAILY)


@pytest.mark.parametrize(("per_day", "last"), [(0.1, 3), (1.0, 4), (40.0, 50), (1000.0, 1300)])
def test_chance_and_drift_are_no_surge(per_day, last):
    assert not is_rising(trend_of(steady(1, per_day, last=last), *PEERS), DAILY)


def test_a_long_steady_past_does_not_make_a_drift_a_surprise():
    assert 1 < trend_of(steady(1, 10_000.0, last=13_000), *PEERS).score < 3.5


def test_a_surprise_of_a_few_views_or_of_a_small_factor_is_not_rising():
    slow = [steady(number, 0.02, days=50) for number in range(100, 106)]
    few = trend_of(steady(1, 0.02, days=50, last=4), *slow)
    assert few.score > 3.5
    assert not is_rising(few, DAILY)
    little_more = trend_of(steady(1, 1000.0, last=1400), *PEERS)
    assert little_more.score > 3.5
    assert not is_rising(little_more, DAILY)


def test_a_few_hours_of_past_say_less_of_a_peer_than_its_window():
    peers = [series(n, {1.6: 100, 1: 100, 0: 110}) for n in range(2, 8)]
    usual = trend_of(series(1, {1: 100, 0: 112}), *peers).usual_per_day
    assert usual == pytest.approx(10.5, rel=0.01)


def test_an_article_without_a_past_leans_on_its_section():
    trend = trend_of(series(1, {1: 100, 0: 112}), *PEERS)
    assert trend.usual_per_day == pytest.approx(10.0, rel=0.02)
    assert not is_rising(trend, DAILY)
    assert is_rising(trend_of(series(1, {1: 100, 0: 190}), *PEERS), DAILY)


def test_a_long_past_outweighs_the_section():
    trend = trend_of(steady(1, 200.0), *PEERS)
    assert trend.usual_per_day == pytest.approx(200.0, rel=0.05)


def test_a_busy_article_in_a_slow_section_soon_has_a_usual_of_its_own():
    slow = [steady(number, 0.1) for number in range(100, 106)]
    trend = trend_of(steady(1, 5.0), *slow)
    assert trend.usual_per_day == pytest.approx(5.0, rel=0.05)
    week = trend_of(steady(1, 5.0, days=8), *slow)
    assert week.usual_per_day == pytest.approx(5.0, rel=0.15)


def test_a_section_of_few_leans_on_the_whole_site():
    alone = series(1, {1: 100, 0: 112}, section_slug="alone")
    assert trend_of(alone, *PEERS).usual_per_day == pytest.approx(10.0, rel=0.02)


def test_without_a_past_and_without_peers_nothing_is_usual_and_nothing_rises():
    trend = trend_of(series(1, {1: 100, 0: 5_000}))
    assert (trend.usual_per_day, trend.score, trend.views_per_day) == (None, 0.0, 4900.0)
    assert not is_rising(trend, DAILY)


def test_three_days_of_a_young_database_show_the_one_article_that_surges():
    calm = [series(n, {2: 300 + n, 1: 310 + n, 0: 319 + 2 * n}) for n in range(2, 10)]
    surging = series(1, {2: 271, 1: 281, 0: 1_940})
    first, *rest = rank([*calm, surging], NOW)
    assert (first.article_id, first.window_days, first.views_gained) == (1, 2.0, 1669)
    assert first.score > 10
    assert is_rising(first)
    assert all(trend.score < 1.5 and not is_rising(trend) for trend in rest)


def test_two_days_of_a_young_database_suffice():
    calm = [series(n, {1: 310, 0: 318 + n % 4}) for n in range(2, 10)]
    first, *rest = rank([*calm, series(1, {1: 281, 0: 1_940})], NOW)
    assert (first.article_id, first.window_days) == (1, 1.0)
    assert first.score > 10
    assert all(trend.score < 1.5 for trend in rest)


# What cannot be told


@pytest.mark.parametrize(
    "article",
    [
        series(1, {}),
        series(1, {0: 100}),
        series(1, {10: 100}, last_seen_at=None),
        series(1, {7: 100, 6: 140, 5: 180}, last_seen_at=NOW - timedelta(days=5)),
        series(1, {10: 100, 0: 200}),
        series(1, {0.2: 100, 0: 200}),
        series(1, {-1: 100, -2: 300}, last_seen_at=NOW + timedelta(days=2)),
    ],
    ids=["none", "one", "one_long_ago", "not_read_lately", "gap", "minutes_apart", "the_future"],
)
def test_no_trend_from_what_the_data_cannot_carry(article):
    assert rank([article], NOW, DAILY) == ()


def test_a_window_reaches_back_a_little_for_its_first_reading():
    assert trend_of(series(1, {1.4: 100, 0: 240})).window_days == 1.4
    assert trend_of(series(1, {1.6: 100, 0: 240})) is None


# Falls


def test_a_count_that_was_reset_starts_anew_and_says_so():
    trend = trend_of(
        series(1, {9: 5000, 8: 5010, 7: 5020, 3: 5060, 2: 0, 1: 10, 0: 22}), policy=TrendPolicy()
    )
    assert (trend.window_days, trend.views_gained, trend.note) == (2.0, 22, "reset")


def test_a_reset_before_the_window_leaves_the_past_known():
    counts = {float(age): 9000 - 10 * age for age in range(25, 12, -1)}
    counts |= {float(age): 130 - 10 * age for age in range(12, -1, -1)}
    trend = trend_of(series(1, counts))
    assert (trend.views_gained, trend.note) == (10, None)
    assert trend.usual_per_day == pytest.approx(10.0, rel=0.05)


def test_a_low_count_behind_which_the_old_height_stands_again_makes_no_rise():
    counts = {float(age): 1000 + 10 * (30 - age) for age in range(30, -1, -1)}
    trend = trend_of(series(1, counts | {3.0: 4}), policy=TrendPolicy())
    assert (trend.window_days, trend.views_gained, trend.note) == (7.0, 70, "reset")
    assert not is_rising(trend)


def test_two_caches_that_take_turns_make_no_rise():
    counts = {float(age): 10_000 + 10 * (30 - age) + 600 * (age % 2) for age in range(30, 0, -1)}
    trend = trend_of(series(1, counts), *PEERS, policy=TrendPolicy())
    assert trend is None or not is_rising(trend)
    assert trend_of(series(2, counts | {0.0: 10_900}), *PEERS) is not None


def test_a_small_fall_is_another_cache_and_neither_gain_nor_reset():
    trend = trend_of(series(1, {3: 1000, 2: 995, 1: 998, 0: 1005}), policy=TrendPolicy())
    assert (trend.views_gained, trend.note) == (5, None)


def test_a_rise_that_is_taken_back_was_none():
    trend = trend_of(series(1, {4: 980, 3: 990, 2: 1000, 1: 90_000, 0: 1020}), policy=TrendPolicy())
    assert (trend.views_gained, trend.note) == (40, "reset")


# Notes


def test_a_rise_after_an_edit_says_so():
    edited = NOW - timedelta(days=1.5)
    trend = trend_of(steady(1, 40.0, last=400, edited_at=(edited,)), *PEERS)
    assert trend.note == "after_edit"


def test_an_edit_long_ago_or_without_a_rise_is_not_named():
    long_ago = NOW - timedelta(days=9)
    assert trend_of(steady(1, 40.0, last=400, edited_at=(long_ago,)), *PEERS).note is None
    assert trend_of(steady(1, 40.0, edited_at=(NOW - timedelta(hours=3),)), *PEERS).note is None


def test_a_young_article_that_rises_is_newly_popular():
    assert trend_of(series(1, {3: 0, 2: 10, 1: 20, 0: 400}), *PEERS).note == "newly_popular"


def test_an_old_article_in_a_young_database_is_not_newly_popular():
    peers = [series(n, {2: 100, 1: 110, 0: 120}) for n in range(2, 8)]
    trend = trend_of(series(1, {2: 100, 1: 110, 0: 900}), *peers)
    assert is_rising(trend, DAILY)
    assert trend.note is None


def test_an_article_that_lost_its_readers_is_cooling():
    trend = trend_of(steady(1, 40.0, last=5), *PEERS)
    assert (trend.note, is_rising(trend, DAILY)) == ("cooling", False)


# Properties

COUNTS = st.lists(
    st.tuples(st.integers(0, 24 * 40), st.integers(0, 10**7)),
    max_size=25,
    unique_by=lambda point: point[0],
)


@given(st.lists(COUNTS, max_size=8))
def test_any_counts_give_finite_trends_in_rank_order(histories):
    articles = [
        series(number, {hours / 24: count for hours, count in history})
        for number, history in enumerate(histories)
    ]
    ranked = rank(articles, NOW)
    assert [trend.rank for trend in ranked] == list(range(1, len(ranked) + 1))
    for trend in ranked:
        assert trend.views_gained >= 0
        assert math.isfinite(trend.score) and trend.score >= 0
        assert trend.views_per_day == pytest.approx(
            trend.views_gained / trend.window_days, rel=1e-2, abs=1e-2
        )


@given(st.lists(COUNTS, min_size=1, max_size=6), st.randoms())
def test_the_order_of_the_series_does_not_matter(histories, random):
    articles = [
        series(number, {hours / 24: count for hours, count in history})
        for number, history in enumerate(histories)
    ]
    shuffled = random.sample(articles, len(articles))
    assert rank(shuffled, NOW) == rank(articles, NOW)


@given(st.integers(0, 200), st.integers(1, 200))
def test_more_views_are_never_less_surprising(views, more):
    article = [steady(1, 20.0, last=count) for count in (views, views + more)]
    less, greater = (trend_of(each, *PEERS).score for each in article)
    assert greater >= less


# The model


def exact_tails(rate: Rate, views: int, days: float) -> tuple[float, float]:
    """P(X >= views) and P(X <= views) by adding up the negative binomial."""
    share = days / (rate.exposure_days + days)
    terms = [
        math.exp(
            math.lgamma(k + rate.shape)
            - math.lgamma(rate.shape)
            - math.lgamma(k + 1)
            + k * math.log(share)
            + rate.shape * math.log1p(-share)
        )
        for k in range(views + 4000)
    ]
    return math.fsum(terms[views:]), math.fsum(terms[: views + 1])


@pytest.mark.parametrize("shape", [0.5, 1.0, 7.3, 100.0])
@pytest.mark.parametrize("exposure_days", [0.05, 1.0, 28.0])
@pytest.mark.parametrize("views", [0, 1, 5, 40, 300])
def test_the_tails_are_those_of_the_negative_binomial(shape, exposure_days, views):
    rate = Rate(shape, exposure_days)
    upper, lower = exact_tails(rate, views, 1.0)
    assert math.exp(rate.log_at_least(views, 1.0)) == pytest.approx(upper, rel=1e-6, abs=1e-12)
    assert math.exp(rate.log_at_most(views, 1.0)) == pytest.approx(lower, rel=1e-6, abs=1e-12)


def test_a_well_known_rate_gives_the_tail_of_poisson():
    rate = Rate(5e7, 1e7)
    poisson = 1 - math.fsum(math.exp(-5) * 5**k / math.factorial(k) for k in range(15))
    assert math.exp(rate.log_at_least(15, 1.0)) == pytest.approx(poisson, rel=1e-4)


def test_a_tail_too_small_for_a_float_is_still_a_number():
    assert -1e7 < Rate(100.0, 20.0).log_at_least(10**6, 1.0) < -800


def test_a_count_in_the_middle_of_millions_is_quick_and_no_surprise():
    assert Rate(100.0, 1e-4).log_at_least(10**6, 1.0) == pytest.approx(math.log(0.5), abs=0.1)


def test_what_is_typical_is_told_by_the_others_and_not_by_the_one_that_surges():
    peers = Peers([9.0, 10.0, 11.0, 1659.0])
    assert peers.typical(1659.0, (0.5, 10.0)).per_day == pytest.approx(10.0)
    assert peers.typical(10.0, (0.5, 10.0)).per_day == pytest.approx(11.0)


def test_peers_of_very_different_rates_tell_little_of_one():
    alike, unlike = Peers([9.0, 10.0, 11.0, 12.0]), Peers([0.1, 3.0, 50.0, 800.0])
    assert alike.typical(9.0, (0.5, 10.0)).shape > unlike.typical(0.1, (0.5, 10.0)).shape == 0.5


# Recall


def test_every_eightfold_surge_on_a_read_article_is_found_and_hardly_anything_else():
    bench = runpy.run_path(str(Path(__file__).parents[1] / "bench" / "trends_recall.py"))
    result = bench["measure"](bench["simulate"](400, 36, seed=7), 36)
    counted = [key for key in result.planted if key[0] >= 5.0 and key[1] >= 8]
    assert sum(result.planted[key] for key in counted) > 40
    assert {key: result.found[key] for key in counted} == {
        key: result.planted[key] for key in counted
    }
    assert result.false_alarm_ratio <= 0.001


# The average since publication


def test_a_popular_article_is_not_surprising_on_the_second_day_of_watching():
    published = NOW - timedelta(days=1000)
    small = [series(n, {1: 100 + n, 0: 101 + n}, published_at=published) for n in range(2, 9)]
    popular = series(1, {1: 50_000, 0: 50_055}, published_at=published)
    found = {trend.article_id: trend for trend in rank([popular, *small], NOW)}
    assert found[1].usual_per_day == pytest.approx(50, rel=0.01)
    assert not is_rising(found[1])


def test_a_surge_beyond_the_average_since_publication_is_told_on_the_second_day():
    published = (NOW - timedelta(days=500)).date()
    (trend,) = rank([series(1, {1: 1000, 0: 1400}, published_at=published)], NOW)
    assert trend.usual_per_day == pytest.approx(2, rel=0.01)
    assert is_rising(trend)


def test_an_article_published_this_week_has_no_average_yet():
    published = NOW - timedelta(days=3)
    (trend,) = rank([series(1, {1: 20, 0: 40}, published_at=published)], NOW)
    assert trend.usual_per_day is None


def test_a_new_article_needs_more_than_a_handful_of_views_to_be_worth_telling():
    old = [series(n, {2: 100, 1: 101, 0: 102}) for n in range(2, 9)]
    few, many = series(20, {1: 0, 0: 24}), series(21, {1: 0, 0: 60})
    found = {trend.article_id: trend for trend in rank([*old, few, many], NOW)}
    assert (found[20].note, is_rising(found[20])) == ("newly_popular", False)
    assert (found[21].note, is_rising(found[21])) == ("newly_popular", True)
