"""View observations -> views per day against each article's own past, ranked by surprise."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from math import log
from typing import Literal

from db.records import Trend, ViewSeries
from tracker.policies import TrendPolicy
from tracker.trend_model import Peers, Rate

Note = Literal["reset", "newly_popular", "after_edit", "cooling"]
DAY_SECONDS = 86_400.0


DEFAULT_POLICY = TrendPolicy()
LONGEST_PAST_DAYS = 100 * 365.0


def rank(
    series: Sequence[ViewSeries], now: datetime, policy: TrendPolicy = DEFAULT_POLICY
) -> tuple[Trend, ...]:
    """Every article whose views have a defined rate, the most surprising first.

    `window_days` of a trend is the time between the two readings that it rests on. Without a past
    of its own an article is measured against its average since publication, else against what is
    typical of its section; without any, `usual_per_day` is None and the score 0.
    """
    readings = _reading_instants(series, now)
    first_reading = min((instants[0] for instants in readings.values()), default=now)
    weighed = [
        window
        for each in series
        if (window := _window(each, readings[each.section_slug], now, policy))
    ]
    priors = _typical_rates(weighed, policy)
    trends = [
        _trend(window, prior, first_reading, policy)
        for window, prior in zip(weighed, priors, strict=True)
    ]
    trends.sort(key=lambda trend: (-trend.score, -trend.views_per_day, trend.article_id))
    return tuple(replace(trend, rank=place) for place, trend in enumerate(trends, 1))


def counts_since(now: datetime, policy: TrendPolicy = DEFAULT_POLICY) -> datetime:
    """From when on `rank` needs every count: of older ones the first and the last of an article.

    Twice as far back as a window and its past can reach, for when its section was read before.
    """
    return now - timedelta(days=min(2 * policy.reach_days, LONGEST_PAST_DAYS))


def is_rising(trend: Trend, policy: TrendPolicy = DEFAULT_POLICY) -> bool:
    """Whether a trend is worth telling: surprising, clearly above the usual, and not a handful."""
    is_new = trend.note == "newly_popular"
    return (
        trend.usual_per_day is not None
        and trend.score >= policy.rising_score
        and trend.views_gained >= (policy.newly_popular_views if is_new else policy.rising_views)
        and trend.views_per_day >= policy.rising_ratio * trend.usual_per_day
    )


# Counts -> what is known of the time between them


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of time in which so many views came; times are seconds since the epoch."""

    start: float
    end: float
    views: int

    def part(self, start: float, end: float) -> float:
        """Which share of it lies between two times."""
        return max(0.0, min(end, self.end) - max(start, self.start)) / (self.end - self.start)


@dataclass(frozen=True, slots=True)
class _Window:
    """What one article's trend rests on."""

    series: ViewSeries
    start: float
    end: float
    views: int
    past_views: float
    past_days: float
    first: float
    """Its first reading."""
    was_reset: bool

    @property
    def days(self) -> float:
        return (self.end - self.start) / DAY_SECONDS


def _reading_instants(
    series: Sequence[ViewSeries], now: datetime
) -> Mapping[str | None, list[float]]:
    """section -> when any count of its articles was read, in order.

    A count is stored only where it differs; a crawl that read a section stored some of them.
    """
    found: dict[str | None, set[float]] = defaultdict(set)
    for each in series:
        found[each.section_slug] |= {at.timestamp() for at, _ in each.observations if at <= now}
        if each.last_seen_at is not None and each.last_seen_at <= now:
            found[each.section_slug].add(each.last_seen_at.timestamp())
    return {section: sorted(instants or {now.timestamp()}) for section, instants in found.items()}


def _window(
    series: ViewSeries, readings: Sequence[float], now: datetime, policy: TrendPolicy
) -> _Window | None:
    """The window and the past before it; None where the data cannot carry a rate."""
    counts = [(at.timestamp(), count) for at, count in series.observations if at <= now]
    if not counts:
        return None
    first = counts[0][0]
    counts = _recent(counts, now.timestamp(), policy)
    runs, resets = _unbroken_runs(counts, policy)
    last_seen = series.last_seen_at
    end = max(runs[-1][-1][0], min(last_seen, now).timestamp() if last_seen else 0.0)
    if now.timestamp() - end > policy.stale_days * DAY_SECONDS:
        return None
    spans = [list(_spans(run, readings, policy)) for run in runs]
    if runs[-1][-1][0] < end:
        spans[-1].append(_Span(runs[-1][-1][0], end, 0))
    start = _window_start(spans[-1], end, policy)
    if start is None:
        return None
    past_start = start - policy.past_days * DAY_SECONDS
    past = [span for run in spans for span in run if span.end > past_start and span.start < start]
    seconds = sum(span.part(past_start, start) * (span.end - span.start) for span in past)
    return _Window(
        series=series,
        start=start,
        end=end,
        views=sum(span.views for span in spans[-1] if span.start >= start),
        past_views=sum(span.part(past_start, start) * span.views for span in past),
        past_days=seconds / DAY_SECONDS,
        first=first,
        was_reset=any(at >= start for at in resets),
    )


def _recent(
    counts: list[tuple[float, int]], now: float, policy: TrendPolicy
) -> list[tuple[float, int]]:
    """The counts that any window or its past can reach."""
    place = bisect_right(counts, (now - policy.reach_days * DAY_SECONDS, 0))
    return counts[max(0, place - 1) :]


def _unbroken_runs(
    counts: Sequence[tuple[float, int]], policy: TrendPolicy
) -> tuple[list[list[tuple[float, int]]], list[float]]:
    """The counts as runs that never fall, and the instants of falls that mean something.

    A small fall is another cache's count and is left out; so is a low count behind which the old
    height soon stands again. A rise that is soon taken back was none. Any other fall starts a new
    run, for nobody knows how many views came meanwhile.
    """
    runs: list[list[tuple[float, int]]] = [[]]
    resets: list[float] = []
    for place, (at, count) in enumerate(counts):
        run = runs[-1]
        fall = run[-1][1] - count if run else 0
        flicker = max(policy.flicker_views, policy.flicker_ratio * run[-1][1]) if run else 0
        if 0 < fall <= flicker:
            continue
        if fall > 0:
            resets.append(at)
            if _is_dip(counts, place, run[-1][1] - flicker, policy):
                continue
            doubted = at - policy.doubt_days * DAY_SECONDS
            kept = [point for point in run if point[1] <= count or point[0] < doubted]
            if kept and kept[-1][1] <= count:
                runs[-1] = kept
            else:
                runs.append([])
        runs[-1].append((at, count))
    return runs, resets


def _is_dip(
    counts: Sequence[tuple[float, int]], place: int, height: float, policy: TrendPolicy
) -> bool:
    """Whether the count is back at its height soon after it fell at `place`."""
    until = counts[place][0] + policy.doubt_days * DAY_SECONDS
    soon = takewhile(lambda point: point[0] <= until, islice(counts, place + 1, None))
    return any(count >= height for _, count in soon)


def _spans(
    run: Sequence[tuple[float, int]], readings: Sequence[float], policy: TrendPolicy
) -> Iterator[_Span]:
    """The time between stored counts: quiet as long as crawls found the count unchanged.

    Where so long a quiet is not to be believed of this article, its listing was not read, and the
    views are spread over the whole time.
    """
    total_views = run[-1][1] - run[0][1]
    total_days = (run[-1][0] - run[0][0]) / DAY_SECONDS
    for (start, count), (end, next_count) in zip(run, run[1:], strict=False):
        views = next_count - count
        quiet_end = _last_reading_before(end, readings, policy)
        if quiet_end > start:
            other_days = total_days - (end - start) / DAY_SECONDS
            usual = (total_views - views) / other_days if other_days > 0 else 0.0
            if usual * (quiet_end - start) / DAY_SECONDS <= policy.quiet_views:
                yield _Span(start, quiet_end, 0)
                start = quiet_end
        yield _Span(start, end, views)


def _last_reading_before(end: float, readings: Sequence[float], policy: TrendPolicy) -> float:
    place = bisect_right(readings, end - policy.same_pass_hours * 3600)
    return readings[place - 1] if place else 0.0


def _window_start(spans: Sequence[_Span], end: float, policy: TrendPolicy) -> float | None:
    """The known instant nearest to `window_days` before the end, as far as there is a near one.

    Inside a quiet stretch the count is known at every instant, inside a rise only at its ends.
    """
    wanted = end - policy.window_days * DAY_SECONDS
    latest = end - policy.min_window_days * DAY_SECONDS
    if not spans or spans[0].start > latest:
        return None
    if wanted <= spans[0].start:
        return spans[0].start
    span = next(span for span in spans if span.end > wanted)
    if span.views == 0:
        return wanted
    earliest = end - policy.stretch_ratio * policy.window_days * DAY_SECONDS
    near = sorted((span.start, span.end), key=lambda instant: abs(instant - wanted))
    return next((instant for instant in near if earliest <= instant <= latest), None)


# What is known -> how surprising it is


def _typical_rates(windows: Sequence[_Window], policy: TrendPolicy) -> list[Rate | None]:
    """For each article its average since publication; where that is not known, what the others of
    its section tell of its rate, or those of the site."""
    rates = [_shown_per_day(window, policy) for window in windows]
    by_section: dict[str | None, list[float]] = defaultdict(list)
    for window, rate in zip(windows, rates, strict=True):
        by_section[window.series.section_slug].append(rate)
    sections = {section: Peers(found) for section, found in by_section.items()}
    site = Peers(rates)
    typical: list[Rate | None] = []
    for window, rate in zip(windows, rates, strict=True):
        lifetime = _lifetime_rate(window.series, policy)
        if lifetime is not None:
            typical.append(lifetime)
            continue
        section = sections[window.series.section_slug]
        peers = section if len(section) > policy.min_peers else site
        if len(peers) > policy.min_peers:
            known = peers.typical(rate, policy.prior_shapes)
            typical.append(known.at_most(exposure_days=policy.prior_days))
        else:
            typical.append(None)
    return typical


def _lifetime_rate(series: ViewSeries, policy: TrendPolicy) -> Rate | None:
    """Views per day from publication to the first reading, taken as a rough guess.

    A bare publication date counts from its midnight UTC: an hour more or less in a week is nothing.
    """
    if series.published_at is None:
        return None
    published = datetime.fromisoformat(series.published_at.isoformat())
    if published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    first_at, count = series.observations[0]
    days = (first_at - published).total_seconds() / DAY_SECONDS
    if days < policy.lifetime_days:
        return None
    return Rate(policy.lifetime_shape, policy.lifetime_shape * days / (count + 0.5))


def _shown_per_day(window: _Window, policy: TrendPolicy) -> float:
    """An article's rate as its peers see it: its past, or the window while that is short.

    Half a view is added, so that no rate is 0.
    """
    if window.past_days >= policy.own_past_days:
        return (window.past_views + 0.5) / window.past_days
    return (window.views + 0.5) / window.days


def _usual_rate(window: _Window, prior: Rate | None, policy: TrendPolicy) -> Rate | None:
    """What is typical, corrected by the article's own past; None where neither is known."""
    if prior is None and window.past_days < policy.own_past_days:
        return None
    known = prior or Rate(0.5, 0.0)
    return known.after(window.past_views, window.past_days).at_most(shape=policy.most_shape)


def _trend(window: _Window, prior: Rate | None, first_reading: float, policy: TrendPolicy) -> Trend:
    """The trend of one article, not yet ranked."""
    usual = _usual_rate(window, prior, policy)
    score = -usual.log_at_least(window.views, window.days) / log(10) if usual else 0.0
    trend = Trend(
        article_id=window.series.article_id,
        window_days=round(window.days, 4),
        views_gained=window.views,
        views_per_day=round(window.views / window.days, 4),
        usual_per_day=round(usual.per_day, 4) if usual else None,
        score=round(score, 4) + 0.0,
        rank=0,
    )
    return replace(trend, note=_note(trend, window, usual, first_reading, policy))


def _note(
    trend: Trend,
    window: _Window,
    usual: Rate | None,
    first_reading: float,
    policy: TrendPolicy,
) -> Note | None:
    """The first thing that a reader of this rate should know."""
    if window.was_reset:
        return "reset"
    if is_rising(trend, policy):
        if _was_edited(window, policy):
            return "after_edit"
        is_late = window.first > first_reading + policy.same_pass_hours * 3600
        return "newly_popular" if is_late and window.past_days < policy.short_past_days else None
    if usual is not None and window.past_days >= policy.own_past_days:
        score = -usual.log_at_most(window.views, window.days) / log(10)
        is_low = trend.views_per_day <= policy.cooling_ratio * usual.per_day
        return "cooling" if is_low and score >= policy.cooling_score else None
    return None


def _was_edited(window: _Window, policy: TrendPolicy) -> bool:
    """Its text was seen to change in the window or shortly before it."""
    since = window.start - timedelta(days=policy.edit_days).total_seconds()
    return any(since <= at.timestamp() <= window.end for at in window.series.edited_at)
