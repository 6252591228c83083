"""How unlikely a number of views is, given the rate that is usual: a gamma-Poisson model.

Views come as a Poisson process whose rate is itself uncertain; Gamma(shape, exposure) says how much
is known of it: as much as `shape` views in `exposure_days` days would tell. The views in a window
are then negative binomial, whose tails are incomplete beta functions. docs/trends.md has the
formulas and their source. Tails are logarithms: one view too many for a float is still a number.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p
from statistics import median

_PRECISION = 1e-12
_MOST_STEPS = 100_000
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Rate:
    """What is known of a rate of views: Gamma-distributed, in views per day."""

    shape: float
    exposure_days: float

    @property
    def per_day(self) -> float:
        return self.shape / self.exposure_days

    def after(self, views: float, days: float) -> "Rate":
        """The rate once so many views were seen in so many days."""
        return Rate(self.shape + views, self.exposure_days + days)

    def at_most(self, *, shape: float = inf, exposure_days: float = inf) -> "Rate":
        """The same mean, known no better than so many views or so many days tell."""
        part = min(1.0, shape / self.shape, exposure_days / self.exposure_days)
        return Rate(self.shape * part, self.exposure_days * part)

    def log_at_least(self, views: int, days: float) -> float:
        """ln P(X >= views) for the views X in so many days."""
        if views <= 0:
            return 0.0
        share = days / (self.exposure_days + days)
        return log_beta_tail(share, views, self.shape)

    def log_at_most(self, views: int, days: float) -> float:
        """ln P(X <= views)."""
        share = self.exposure_days / (self.exposure_days + days)
        return log_beta_tail(share, self.shape, views + 1)


def log_beta_tail(share: float, a: float, b: float) -> float:
    """ln I_share(a, b), the regularised incomplete beta function; 0 < share < 1, a and b > 0.

    By its continued fraction (DLMF 8.17.22) where that converges fast, else by the symmetry
    I_x(a, b) = 1 - I_(1-x)(b, a).
    """
    if share < (a + 1) / (a + b + 2):
        return _log_front(share, a, b) - log(a) + log(_fraction(share, a, b))
    other = _log_front(1 - share, b, a) - log(b) + log(_fraction(1 - share, b, a))
    return log1p(-exp(other)) if other < 0 else -inf


def _log_front(share: float, a: float, b: float) -> float:
    """ln of x^a (1-x)^b / B(a, b)."""
    return lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log1p(-share)


def _fraction(share: float, a: float, b: float) -> float:
    """The continued fraction 1 / (1 + d1 / (1 + d2 / (1 + ...))) by Lentz's method."""
    c, d = 1.0, _away_from_zero(1 - (a + b) * share / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISION:
            return value
    raise ArithmeticError(f"incomplete beta of {share}, {a}, {b} does not converge")


def _away_from_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY


class Peers:
    """The rates of a group of articles, of which each may ask what is typical among the others.

    Robust: the median stands for the middle and the median deviation for the spread (both of the
    logarithms, since rates differ by factors), so that the surging few do not move it.
    """

    def __init__(self, rates_per_day: Sequence[float]):
        """Rates above 0."""
        self._logs = sorted(log(rate) for rate in rates_per_day)
        middle = median(self._logs) if self._logs else 0.0
        spread = median(abs(each - middle) for each in self._logs) if self._logs else 0.0
        self._deviation = 1.4826 * spread

    def __len__(self) -> int:
        return len(self._logs)

    def typical(self, own_per_day: float, shape_range: tuple[float, float]) -> Rate:
        """What the others' rates tell of one; it must be in the group, with others beside it.

        The shape is the one at which a Gamma rate varies as much as theirs do.
        """
        own = bisect_left(self._logs, log(own_per_day))
        others = len(self._logs) - 1
        low, high = self._without(own, (others - 1) // 2), self._without(own, others // 2)
        mean = exp((low + high) / 2)
        least, most = shape_range
        variation = exp(min(self._deviation**2, 50.0)) - 1
        shape = min(most, max(least, 1 / variation)) if variation > 0 else most
        return Rate(shape, shape / mean)

    def _without(self, own: int, place: int) -> float:
        return self._logs[place if place < own else place + 1]
