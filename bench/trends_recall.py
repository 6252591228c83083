"""Precision and recall of trends on a simulated help centre with planted surges.

    python bench/trends_recall.py [ARTICLES] [DAYS] [SEED]

Articles of very different rates have Poisson views, read once a day; on single days some get a
multiple of their rate. Every day is ranked with a window of one day, as if it were today.
"""

import sys
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random

from db.records import ViewSeries
from tracker.trends import TrendPolicy, is_rising, rank

RATES_PER_DAY = (0.1, 0.3, 1.0, 2.0, 5.0, 10.0, 40.0, 150.0, 600.0)
SURGES = (2, 4, 8, 16)
SECTIONS = 12
PAST_DAYS = 14
"""Surges and false alarms are counted from this day on."""
START = datetime(2026, 1, 1, 6, tzinfo=UTC)
POLICY = TrendPolicy(window_days=1.0)


@dataclass(frozen=True)
class Centre:
    """A simulated centre: its series, the true rates and the planted (article, day) -> factor."""

    series: Sequence[ViewSeries]
    rates_per_day: Mapping[int, float]
    surges: Mapping[tuple[int, int], int]


@dataclass
class Result:
    """How many (rate, factor) were planted and found, and how many calm article-days alarmed."""

    planted: Counter = field(default_factory=Counter)
    found: Counter = field(default_factory=Counter)
    false_alarms: Counter = field(default_factory=Counter)
    article_days: Counter = field(default_factory=Counter)

    @property
    def false_alarm_ratio(self) -> float:
        return self.false_alarms.total() / self.article_days.total()


def simulate(articles: int, days: int, seed: int) -> Centre:
    """A centre whose sections mix all rates; half of its articles surge once."""
    random = Random(seed)
    rates: dict[int, float] = {}
    surges: dict[tuple[int, int], int] = {}
    series = []
    for article_id in range(1, articles + 1):
        rate = random.choice(RATES_PER_DAY) * random.uniform(1.0, 1.6)
        rates[article_id] = rate
        if random.random() < 0.5:
            surges[article_id, random.randrange(PAST_DAYS + 1, days)] = random.choice(SURGES)
        count = random.randrange(5_000)
        observations = []
        for day in range(days):
            views = poisson(random, rate * surges.get((article_id, day), 1)) if day else 0
            count += views
            if views or not day:
                jitter = timedelta(minutes=random.uniform(0, 40))
                observations.append((START + timedelta(days=day) + jitter, count))
        series.append(
            ViewSeries(
                article_id=article_id,
                title=f"Article {article_id}",
                section_slug=f"section-{article_id % SECTIONS}",
                observations=observations,
                last_seen_at=START + timedelta(days=days - 1),
            )
        )
    return Centre(series=series, rates_per_day=rates, surges=surges)


def poisson(random: Random, mean: float) -> int:
    """A Poisson number, as the sum of Poisson numbers of small means (Knuth's product method)."""
    total = 0
    while mean > 0:
        limit, product = exp(-min(mean, 30.0)), random.random()
        while product > limit:
            total += 1
            product *= random.random()
        mean -= 30.0
    return total


def measure(centre: Centre, days: int, policy: TrendPolicy = POLICY) -> Result:
    """Ranks every day from PAST_DAYS + 1 on with what was known then."""
    result = Result()
    for day in range(PAST_DAYS + 1, days):
        now = START + timedelta(days=day, hours=1)
        for trend in rank([_known_at(each, now) for each in centre.series], now, policy):
            rate = _nominal(centre.rates_per_day[trend.article_id])
            factor = centre.surges.get((trend.article_id, day))
            rising = is_rising(trend, policy)
            if factor:
                result.planted[rate, factor] += 1
                result.found[rate, factor] += rising
            else:
                result.article_days[rate] += 1
                result.false_alarms[rate] += rising
    return result


def _known_at(series: ViewSeries, now: datetime) -> ViewSeries:
    """The series as the database would have given it then: the count is read every day."""
    known = [(at, count) for at, count in series.observations if at <= now]
    return ViewSeries(
        article_id=series.article_id,
        title=series.title,
        section_slug=series.section_slug,
        observations=known,
        last_seen_at=max(known[-1][0], now - timedelta(minutes=30)),
    )


def _nominal(rate: float) -> float:
    return RATES_PER_DAY[bisect_right(RATES_PER_DAY, rate) - 1]


def table(result: Result) -> str:
    """Recall by usual rate and surge size, with the false alarms of each rate."""
    head = " ".join(f"{f'{factor}x':>14}" for factor in SURGES)
    lines = [f"{'views a day':>12} {head} {'false alarms':>22}"]
    for rate in RATES_PER_DAY:
        cells = " ".join(
            f"{_share(result.found[rate, factor], result.planted[rate, factor]):>14}"
            for factor in SURGES
        )
        alarms = f"{result.false_alarms[rate]} in {result.article_days[rate]:,}"
        lines.append(f"{rate:>12g} {cells} {alarms:>22}")
    found, false = result.found.total(), result.false_alarms.total()
    lines.append(
        f"precision {found / max(found + false, 1):.1%}; "
        f"{1000 * result.false_alarm_ratio:.2f} false alarms in 1,000 article-days"
    )
    return "\n".join(lines)


def _share(found: int, planted: int) -> str:
    return f"{found}/{planted} {found / planted:.0%}" if planted else "-"


def main() -> None:
    given = [int(text) for text in sys.argv[1:4]]
    articles, days, seed = [*given, *(2000, 60, 1)[len(given) :]]
    began = time.perf_counter()
    result = measure(simulate(articles, days, seed), days)
    print(f"trends: {articles:,} articles over {days} days, surges found on their day")
    print(table(result))
    print(f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
