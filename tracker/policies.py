"""The thresholds behind verdicts and trends, with their meaning; a configuration may set them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """The thresholds of all checks. Ratios are shares between 0 and 1."""

    new_gap_ratio: float = 0.02
    """Share of a listing's claimed entries that may be missed for the first time."""
    lost_gap_ratio: float = 0.25
    """A larger share than this, in a listing that had no such gap, means that paging broke."""

    fill_min_pages: int = 20
    """Fewer pages, now or in the crawls before, say nothing about how often a field is known."""
    fill_always_ratio: float = 0.9
    """A field known this often is one that every page has."""
    fill_fall: float = 0.05
    """How far the share of such a field may fall before it is worth a look."""
    fill_lost_ratio: float = 0.5
    """Fallen below this part of its usual share, the field cannot be read any more."""
    fill_rare_lost_ratio: float = 0.25
    """The same for a field that only some pages have, whose share follows the mix of pages."""
    fill_spread: float = 4.0
    """Falls within this many standard deviations of chance are none."""

    errors_allowed: int = 2
    error_ratio: float = 0.02
    """More errors than both of these, of the pages asked for, are worth a look."""
    error_lost_ratio: float = 0.25

    layout_allowed: int = 0
    layout_lost_ratio: float = 0.2
    """More pages of unknown shape than this share: the site's layout changed."""
    blocked_lost_ratio: float = 0.5

    listed_fall_ratio: float = 0.2
    """Share of listed articles that may be missing against the median of the crawls before."""
    listed_lost_ratio: float = 0.5
    listed_min_articles: int = 10

    disagreements_allowed: int = 3
    disagreement_factor: float = 2.0
    """How many times the median of the crawls before is still usual."""

    mass_ratio: float = 0.3
    """Share of the known articles that may change in one crawl before that is unbelievable."""
    mass_read_ratio: float = 0.5
    """The same for texts that differ under an unmoved date, of the pages read in the crawl."""
    mass_min_articles: int = 25
    """Fewer changed articles than this are believed, unless it is everywhere at once."""
    everywhere_ratio: float = 0.8
    """One kind of change on this share of the known articles..."""
    everywhere_min_articles: int = 8
    """...and on at least this many is everywhere at once."""
    stamp_ratio: float = 0.05
    """A day that this share of the touched articles bear is a stamp of the site's making."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPolicy:
    """The window, and what counts as enough, as usual and as rising."""

    window_days: float = 7.0
    past_days: float = 28.0
    """How far back the article's own past is looked at, before the window."""
    min_window_days: float = 0.5
    """Less than this between two readings carries no views per day."""
    stretch_ratio: float = 1.5
    """How many times its length the window may reach back to the reading nearest its start."""
    stale_days: float = 2.0
    """An article whose count was last read longer ago has no trend."""

    same_pass_hours: float = 6.0
    """Readings closer together belong to one crawl."""
    quiet_views: float = 7.0
    """A silence in which this many views were to be expected was no reading: e^-7 is 1 in 1,100."""
    flicker_ratio: float = 0.02
    flicker_views: int = 3
    """A count that falls by no more than either of these is the same count from another cache."""
    doubt_days: float = 2.0
    """A rise that is taken back within this time was none, and so is a fall."""

    own_past_days: float = 1.0
    """With less past than this, what the window shows stands for an article among its peers."""
    short_past_days: float = 7.0
    """An article known for less than this before the window is new."""
    min_peers: int = 3
    """A smaller section leans on the whole site."""
    prior_shapes: tuple[float, float] = (0.5, 10.0)
    """Least and most weight of what is typical, in views..."""
    prior_days: float = 1.0
    """...and its most weight in days: an article unlike its section must outweigh it soon."""
    lifetime_shape: float = 1.5
    """Weight, in views, of the average since publication: articles stray from it by a factor of a
    few, and their own past soon outweighs it."""
    lifetime_days: float = 7.0
    """An article younger than this when first read has no such average."""
    most_shape: float = 100.0
    """A rate is never taken to be steadier than within 1/sqrt(100) = 10% from day to day."""

    rising_score: float = 3.5
    """-log10 of the chance that the usual rate gives so many views: 3.5 is 1 in 3,200."""
    rising_ratio: float = 1.5
    rising_views: int = 5
    newly_popular_views: int = 25
    """A new article is read more than old ones anyway: it must gain this many to be told."""
    cooling_score: float = 3.5
    cooling_ratio: float = 0.5
    edit_days: float = 2.0
    """How long before the window an edit may lie to be named with the rise."""

    @property
    def reach_days(self) -> float:
        """How far back any window or its past can reach."""
        return self.stale_days + self.stretch_ratio * self.window_days + self.past_days
