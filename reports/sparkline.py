"""A small picture of views per day, as numbers for an SVG path; the template draws it."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from db.records import ViewSeries
from reports import wording

WIDTH, HEIGHT = 160, 36
_TOP = 3
MAX_DAYS = 60
_DAY = timedelta(days=1)
_SHORTEST_STEP = timedelta(hours=12)
"""Counts read more often are thinned out: finer steps could not be seen."""


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`line` and `area` are SVG path data in a box of WIDTH by HEIGHT; `usual_y` a height in it."""

    line: str
    area: str
    usual_y: str | None
    label: str
    """The picture in words."""


@dataclass(frozen=True, slots=True)
class _Step:
    begins_at: datetime
    ends_at: datetime
    per_day: float


def sparkline(series: ViewSeries, usual_per_day: float | None, zone: tzinfo) -> Sparkline | None:
    """The rates between observations of the last MAX_DAYS; None where there is no rate to draw.

    A count that falls is a reset of the site's counter: the line has a gap there.
    """
    steps = _steps(series)
    if not steps:
        return None
    begin, end = steps[0].begins_at, steps[-1].ends_at
    highest = max([step.per_day for step in steps] + [usual_per_day or 0])
    lines, areas, last_end = [], [], None
    for step in steps:
        left = _number(_x(step.begins_at, begin, end))
        right = _number(_x(step.ends_at, begin, end))
        y = _number(_y(step.per_day, highest))
        lines.append(f"{'V' if step.begins_at == last_end else f'M{left} '}{y}H{right}")
        areas.append(f"M{left} {HEIGHT}V{y}H{right}V{HEIGHT}Z")
        last_end = step.ends_at
    rates = [step.per_day for step in steps]
    label = (
        f"Views a day from {wording.day(begin.astimezone(zone))} "
        f"to {wording.day(end.astimezone(zone))}: "
        f"between {wording.rate(min(rates))} and {wording.rate(max(rates))}"
    )
    usual_y = None if usual_per_day is None else _number(_y(usual_per_day, highest))
    return Sparkline("".join(lines), "".join(areas), usual_y, label)


def _steps(series: ViewSeries) -> list[_Step]:
    seen = list(series.observations)
    if seen and series.last_seen_at and series.last_seen_at > seen[-1][0]:
        seen.append((series.last_seen_at, seen[-1][1]))
    seen = _thinned(seen)
    oldest = seen[-1][0] - MAX_DAYS * _DAY if seen else None
    return [
        _Step(max(begin, oldest), end, (after - before) / ((end - begin) / _DAY))
        for (begin, before), (end, after) in zip(seen, seen[1:], strict=False)
        if end > begin and end > oldest and after >= before
    ]


def _thinned(seen: list[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """From the last one back, so that the newest always stays."""
    kept: list[tuple[datetime, int]] = []
    for at, views in reversed(seen):
        if not kept or kept[-1][0] - at >= _SHORTEST_STEP:
            kept.append((at, views))
    return kept[::-1]


def _x(at: datetime, begin: datetime, end: datetime) -> float:
    return WIDTH * ((at - begin) / (end - begin))


def _y(per_day: float, highest: float) -> float:
    return HEIGHT - (HEIGHT - _TOP) * (per_day / highest if highest else 0)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
