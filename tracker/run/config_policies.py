"""The tables [health] and [trends] of helpwatch.toml: the thresholds that the policies hold.

A threshold has its default and its meaning in the policy alone; here it gets the range that a
configuration may give it.
"""

from dataclasses import fields
from typing import Annotated, Any

import msgspec

from tracker.policies import HealthPolicy, TrendPolicy

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
Positive = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
Limit = Annotated[int, msgspec.Meta(ge=0)]

TREND_KEYS = (
    "window_days", "past_days", "stale_days", "rising_score", "rising_ratio", "rising_views",
    "newly_popular_views", "cooling_score", "cooling_ratio", "edit_days",
)  # fmt: skip
"""What a team may want otherwise; the others are the model's own."""
_SHARES = ("fill_fall",)
_FACTORS = ("rising_ratio", "cooling_ratio")
"""Ratios of two rates, which may be above 1."""


def health_keys() -> list[tuple[str, Any, Any]]:
    """(name, type, default) of each setting of [health]."""
    return [(f.name, _type(f.name, f.default), f.default) for f in fields(HealthPolicy)]


def trend_keys() -> list[tuple[str, Any, Any]]:
    """(name, type, default) of each setting of [trends]."""
    found = {f.name: f.default for f in fields(TrendPolicy)}
    return [(name, _type(name, found[name]), found[name]) for name in TREND_KEYS]


def _type(name: str, default: float) -> Any:
    if isinstance(default, int):
        return Limit
    if name.endswith("_days"):
        return Positive
    is_share = name.endswith("_ratio") and name not in _FACTORS
    return Share if is_share or name in _SHARES else Amount


def health_policy(table: msgspec.Struct) -> HealthPolicy:
    return HealthPolicy(**msgspec.structs.asdict(table))


def trend_policy(table: msgspec.Struct) -> TrendPolicy:
    return TrendPolicy(**msgspec.structs.asdict(table))
