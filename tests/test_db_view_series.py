"""View counts as trends need them: whole for a few articles, thinned where years lie behind."""

from datetime import timedelta
from random import Random

import pytest

from builders import NOW
from db import queries
from db.moments import to_text
from tracker import trends

DAY = timedelta(days=1)
DAYS = 400


@pytest.fixture
def years(store):
    """`years(seed)`: a store with twelve articles, their counts read about daily; two of them are
    one article in two locales."""

    def fill(seed: int):
        random = Random(seed)
        store.site("okx", "https://www.okx.com")
        store.connection.execute(
            "INSERT INTO crawls (site_id, started_at, outcome) VALUES (1, '2026', 'complete')"
        )
        for number in range(1, 13):
            store.connection.execute(
                "INSERT INTO articles (id, site_id, locale, source_id, slug, title, title_key,"
                " section_slug, published_at, first_seen_at, first_seen_crawl_id, last_seen_at)"
                " VALUES (?, 1, ?, ?, ?, 'T', 't', ?, '2020-01-01', '2025', 1, ?)",
                [
                    number,
                    "fr" if number == 12 else "en",
                    f"id{11 if number == 12 else number}",
                    f"a{number}",
                    f"s{number % 3}",
                    to_text(NOW),
                ],
            )
            views, rate = random.randint(0, 5_000), random.choice([0, 0.05, 1, 30])
            for day in range(DAYS, -1, -1):
                gained = int(random.expovariate(1 / rate)) if rate else 0
                if number % 4 == 0 and day < 5:
                    gained += 400
                if (gained and random.random() > 0.1) or day == DAYS:
                    views += gained
                    store.connection.execute(
                        "INSERT INTO view_observations VALUES (?, ?, ?, 1, 0)",
                        [number, to_text(NOW - day * DAY), views],
                    )
        return store.connection

    return fill


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("window_days", [1, 7, 30])
def test_thinned_counts_give_the_same_trends(years, seed, window_days):
    connection = years(seed)
    policy = trends.TrendPolicy(window_days=window_days)
    whole = queries.view_series(connection, 1, NOW)
    thinned = queries.view_series(connection, 1, NOW, since=trends.counts_since(NOW, policy))
    assert trends.rank(thinned, NOW, policy) == trends.rank(whole, NOW, policy)


def test_of_the_counts_before_an_instant_the_first_and_the_last_are_given(years):
    connection = years(1)
    since = NOW - 50 * DAY
    whole = {s.article_id: s for s in queries.view_series(connection, 1, NOW)}
    for series in queries.view_series(connection, 1, NOW, since=since):
        counts = list(whole[series.article_id].observations)
        before = [point for point in counts if point[0] < since]
        assert series.observations == [
            *dict.fromkeys((before[0], before[-1])),
            *(point for point in counts if point[0] >= since),
        ]


def test_a_few_articles_have_all_their_counts_and_locales(years):
    connection = years(1)
    whole = {s.article_id: s for s in queries.view_series(connection, 1, NOW)}
    (found,) = queries.view_series(connection, 1, NOW, only=[11])
    assert found == whole[found.article_id]
    assert found.locales == ("en", "fr")


def test_no_more_is_held_after_five_years_than_after_one(years):
    connection = years(2)
    since = NOW - 81 * DAY
    held = sum(len(s.observations) for s in queries.view_series(connection, 1, NOW, since=since))
    all_counts = sum(len(s.observations) for s in queries.view_series(connection, 1, NOW))
    assert held <= 12 * (82 + 2) < all_counts
