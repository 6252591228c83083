"""The checks on one crawl: each a threshold of the policy and a sentence."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from statistics import median
from textwrap import shorten
from typing import Any, Literal

from db.kinds import Verdict
from db.records import CrawlFacts, FieldFill, ListingCoverage, Part
from tracker.policies import HealthPolicy

Level = Literal["info", "warning", "problem"]


DEFAULT_POLICY = HealthPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One named check. `message` is one plain sentence; `level` says how much a failure matters."""

    name: str
    ok: bool
    level: Level
    message: str
    value: float | int | str | None = None
    threshold: float | int | str | None = None


# The checks: each yields one Check or more, in words that name the remedy where there is one.

Look = Callable[[CrawlFacts, Sequence[CrawlFacts], HealthPolicy], Iterable[Check]]


def passed(name: str, message: str, value: Any = None, threshold: Any = None) -> Check:
    return Check(
        name=name, ok=True, level="info", message=message, value=value, threshold=threshold
    )


def failed(
    name: str, level: Level, message: str, value: Any = None, threshold: Any = None
) -> Check:
    return Check(
        name=name, ok=False, level=level, message=message, value=value, threshold=threshold
    )


_OUTCOMES = {
    "partial": "Some listings were not read to their end.",
    "blocked": "The site blocked the crawl before it was done.",
    "interrupted": "The crawl was interrupted before it was done.",
    "failed": "The crawl failed before it was done.",
    "running": "The crawl has not finished.",
}


def _look_at_outcome(
    facts: CrawlFacts, earlier: Sequence[CrawlFacts], policy: HealthPolicy
) -> Iterable[Check]:
    """A crawl that stopped early still counts for what it saw; one that saw nothing does not."""
    crawl = facts.crawl
    if crawl.outcome == "complete":
        yield passed("outcome", "The crawl was complete.", crawl.outcome)
        return
    saw_something = crawl.articles_listed > 0 or crawl.articles_fetched > 0
    is_over = crawl.outcome != "running"
    level: Level = "warning" if saw_something and is_over else "problem"
    message = _OUTCOMES[crawl.outcome]
    if crawl.outcome == "partial" and facts.page_kinds.get("budget"):
        message = "The crawl spent its budget of requests or minutes before all was read."
    if not saw_something:
        message = message.removesuffix(".") + "; no article was seen."
    yield failed("outcome", level, message, crawl.outcome)


def _look_at_coverage(
    facts: CrawlFacts, earlier: Sequence[CrawlFacts], policy: HealthPolicy
) -> Iterable[Check]:
    """One check for each listing that misses entries, one for all those that never show all."""
    troubled = [check for one in facts.listings if (check := _listing_trouble(one, policy))]
    yield from troubled
    lasting = [one for one in facts.listings if one.is_complete and _is_lasting(one)]
    if lasting:
        yield failed(
            "coverage",
            "info",
            f"{counted(len(lasting), 'listing')} of this site always claim more entries than "
            f"they show: {_some(_name(one) for one in lasting)}.",
            sum(one.gap for one in lasting),
        )
    if not troubled and facts.listings:
        seen = sum(one.seen_count for one in facts.listings)
        yield passed(
            "coverage",
            f"{counted(len(facts.listings), 'listing')} read to the end, "
            f"{counted(seen, 'entry', 'entries')} seen.",
            seen,
        )


def _is_lasting(listing: ListingCoverage) -> bool:
    return 0 < listing.gap <= (listing.earlier_gap or 0)


def _listing_trouble(listing: ListingCoverage, policy: HealthPolicy) -> Check | None:
    if not listing.is_complete:
        of = f" of {listing.claimed_total}" if listing.claimed_total is not None else ""
        seen = f"{listing.seen_count}{of} entries seen"
        message = f"The listing {_name(listing)} was not read to its end: {seen}."
        return failed("coverage", "warning", message, listing.seen_count, listing.claimed_total)
    if listing.gap == 0 or _is_lasting(listing):
        return None
    share = listing.gap / listing.claimed_total
    shown = f"{listing.claimed_total} entries and showed {listing.seen_count}"
    message = f"The listing {_name(listing)} claims {shown}."
    if listing.earlier_gap is not None and share > policy.lost_gap_ratio:
        return failed("coverage", "problem", message, round(share, 4), policy.lost_gap_ratio)
    level: Level = "warning" if share > policy.new_gap_ratio else "info"
    return failed("coverage", level, message, round(share, 4), policy.new_gap_ratio)


def _look_at_fields(
    facts: CrawlFacts, earlier: Sequence[CrawlFacts], policy: HealthPolicy
) -> Iterable[Check]:
    """How often each field was known, against the last healthy crawls taken together."""
    compared = 0
    for fill in facts.fills:
        usual = _usual_fill(fill.field, earlier)
        if min(fill.total, usual.total) < policy.fill_min_pages or not usual.known:
            continue
        compared += 1
        check = _field_trouble(fill, usual.known / usual.total, policy)
        if check:
            yield check
    if compared:
        yield passed(
            "field_fill", f"{counted(compared, 'field')} compared with the crawls before.", compared
        )


def _usual_fill(field: str, earlier: Sequence[CrawlFacts]) -> FieldFill:
    fills = [fill for facts in earlier for fill in facts.fills if fill.field == field]
    return FieldFill(
        field=field,
        known=sum(fill.known for fill in fills),
        total=sum(fill.total for fill in fills),
    )


def _field_trouble(fill: FieldFill, usual: float, policy: HealthPolicy) -> Check | None:
    """Fields that only some pages have follow the mix of pages: for them only a loss counts."""
    ratio = fill.known / fill.total
    chance = policy.fill_spread * sqrt(usual * (1 - usual) / fill.total)
    is_always = usual >= policy.fill_always_ratio
    lost = usual * (policy.fill_lost_ratio if is_always else policy.fill_rare_lost_ratio)
    allowed = usual - max(policy.fill_fall, chance) if is_always else min(lost, usual - chance)
    if ratio >= allowed:
        return None
    level: Level = "problem" if is_always and ratio < lost else "warning"
    return failed(
        "field_fill",
        level,
        f"The field {fill.field} was known on {ratio:.0%} of the pages, usually on {usual:.0%}.",
        round(ratio, 4),
        round(allowed, 4),
    )


def _look_at_errors(
    facts: CrawlFacts, earlier: Sequence[CrawlFacts], policy: HealthPolicy
) -> Iterable[Check]:
    crawl = facts.crawl
    asked = max(crawl.pages_fetched, crawl.errors, 1)
    allowed = max(policy.errors_allowed, policy.error_ratio * asked)
    message = f"{counted(crawl.errors, 'page')} of {asked} could not be read."
    if crawl.errors <= allowed:
        yield passed("errors", message, crawl.errors, round(allowed, 2))
        return
    level: Level = "problem" if crawl.errors > policy.error_lost_ratio * asked else "warning"
    yield failed("errors", level, message, crawl.errors, round(allowed, 2))


def _look_at_layout(
    facts: CrawlFacts, earlier: Sequence[CrawlFacts], policy: HealthPolicy
) -> Iterable[Check]:
    """Pages that answer well and that the reader does not know: the site file needs mending."""
    unknown = facts.page_kinds.get("layout_unknown", 0)
    asked = max(sum(facts.page_kinds.values()), 1)
    message = f"{counted(unknown, 'page')} of {asked} have a layout that the reader does not know."
    if unknown <= policy.layout_allowed:
        yield passed("layout", message, unknown, policy.layout_allowed)
        return
    level: Level = "problem" if unknown > policy.layout_lost_ratio * asked else "warning"
    yield failed("layout", level, message, unknown, policy.layout_allowed)


def _look_at_blocks(
    facts: CrawlFacts, earlier: Sequence[CrawlFacts], policy: HealthPolicy
) -> Iterable[Check]:
    blocked = sum(facts.page_kinds.get(kind, 0) for kind in ("blocked", "challenge"))
    asked = max(sum(facts.page_kinds.values()), 1)
    if not blocked:
        yield passed("blocked", "No page was blocked.", 0, 0)
        return
    level: Level = "problem" if blocked > policy.blocked_lost_ratio * asked else "warning"
    message = f"{counted(blocked, 'page')} of {asked} met a block or a challenge."
    yield failed("blocked", level, message, blocked, 0)


def _look_at_listed(
    facts: CrawlFacts, earlier: Sequence[CrawlFacts], policy: HealthPolicy
) -> Iterable[Check]:
    """A complete crawl against the complete ones before it that were to read no more than it."""
    crawl = facts.crawl
    listed = [
        one.crawl.articles_listed
        for one in earlier
        if one.crawl.outcome == "complete" and _reads_the_same(crawl.part, one.crawl.part)
    ]
    if crawl.outcome != "complete" or not listed:
        return
    usual = median(listed)
    allowed = (1 - policy.listed_fall_ratio) * usual
    message = f"{counted(crawl.articles_listed, 'article')} listed, usually {usual:g}."
    if crawl.articles_listed >= allowed or usual < policy.listed_min_articles:
        yield passed("articles_listed", message, crawl.articles_listed, round(allowed, 1))
        return
    is_lost = crawl.articles_listed < (1 - policy.listed_lost_ratio) * usual
    level: Level = "problem" if is_lost else "warning"
    yield failed("articles_listed", level, message, crawl.articles_listed, round(allowed, 1))


def _reads_the_same(part: Part, earlier: Part) -> bool:
    """What is not named any more is not lost; a search that joins takes nothing away."""
    return (
        set(part.locales) == set(earlier.locales)
        and set(part.sections) == set(earlier.sections)
        and set(part.searches) >= set(earlier.searches)
    )


def _look_at_disagreements(
    facts: CrawlFacts, earlier: Sequence[CrawlFacts], policy: HealthPolicy
) -> Iterable[Check]:
    """Two forms of one page that say different things tell that the layout drifts."""
    usual = median([one.disagreements for one in earlier]) if earlier else 0
    allowed = max(policy.disagreements_allowed, policy.disagreement_factor * usual)
    message = f"Two forms of a page disagreed on {counted(facts.disagreements, 'field')}."
    if facts.disagreements <= allowed:
        yield passed("disagreements", message, facts.disagreements, allowed)
    else:
        yield failed("disagreements", "warning", message, facts.disagreements, allowed)


def _look_at_robots(
    facts: CrawlFacts, earlier: Sequence[CrawlFacts], policy: HealthPolicy
) -> Iterable[Check]:
    if facts.disallowed:
        count = len(facts.disallowed)
        yield failed(
            "robots",
            "info",
            f"{counted(count, 'page')} disallowed by robots.txt and not asked for: "
            f"{_some(facts.disallowed)}.",
            count,
        )


@dataclass(frozen=True, slots=True)
class Step:
    look: Look
    worst: Verdict
    """The verdict if it finds a problem."""
    for_imports: bool = False


STEPS = (
    Step(_look_at_outcome, "unusable", for_imports=True),
    Step(_look_at_blocks, "unusable"),
    Step(_look_at_coverage, "suspect"),
    Step(_look_at_listed, "suspect"),
    Step(_look_at_errors, "suspect", for_imports=True),
    Step(_look_at_layout, "suspect", for_imports=True),
    Step(_look_at_fields, "suspect"),
    Step(_look_at_disagreements, "degraded", for_imports=True),
    Step(_look_at_robots, "healthy"),
)


# Wording


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """'1 page', '2 pages'."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _name(listing: ListingCoverage) -> str:
    title = shorten(listing.title or listing.slug, 60, placeholder="...")
    return f"{title} ({listing.kind}, {listing.locale})"


def _some(names: Iterable[str], shown: int = 3) -> str:
    """The first few of many names, so that a sentence stays one."""
    every = list(names)
    more = f" and {len(every) - shown} more" if len(every) > shown else ""
    return ", ".join(islice(every, shown)) + more
