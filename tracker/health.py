"""Crawl facts -> verdict: may this crawl be compared with the last, and what is wrong with it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from db.kinds import Verdict
from db.records import Change, CrawlFacts
from tracker.health_checks import DEFAULT_POLICY, STEPS, Check, HealthPolicy, failed, passed

VERDICTS: tuple[Verdict, ...] = Verdict.__args__
"""From good to bad. Healthy and degraded crawls are compared and told. A suspect one is compared,
and its changes are marked until a person accepts it. An unusable one saw nothing to compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The verdict on one crawl; kept as JSON in crawls.health."""

    verdict: Verdict
    checks: tuple[Check, ...] = ()
    baseline_locales: tuple[str, ...] = ()
    """Locales for which this crawl is the baseline."""
    is_accepted: bool = False
    """A person released a suspect crawl."""

    @property
    def is_in_doubt(self) -> bool:
        """Suspect, and nobody has said that it is right all the same."""
        return self.verdict == "suspect" and not self.is_accepted

    def accepted(self) -> "Health":
        """The same crawl once a person has looked; ValueError where there was nothing to accept."""
        if self.verdict != "suspect":
            raise ValueError(f"its verdict is {self.verdict}, not suspect")
        return replace(self, is_accepted=True)

    def as_json(self) -> dict[str, Any]:
        """Verdict, baseline_locales, is_accepted and checks, as plain JSON values."""
        return {
            "verdict": self.verdict,
            "baseline_locales": list(self.baseline_locales),
            "is_accepted": self.is_accepted,
            "checks": [asdict(check) for check in self.checks],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Health":
        """The reverse of `as_json`; KeyError for the empty mapping of a crawl not yet judged."""
        return cls(
            verdict=stored["verdict"],
            checks=tuple(Check(**check) for check in stored.get("checks", ())),
            baseline_locales=tuple(stored.get("baseline_locales", ())),
            is_accepted=bool(stored.get("is_accepted", False)),
        )


def judge(
    facts: CrawlFacts,
    earlier: Sequence[CrawlFacts] = (),
    policy: HealthPolicy = DEFAULT_POLICY,
) -> Health:
    """The verdict on a crawl, from its own facts and the last healthy crawls', newest first."""
    checks: list[Check] = []
    verdict: Verdict = "healthy"
    for step in STEPS:
        if facts.crawl.kind == "import" and not step.for_imports:
            continue
        for check in step.look(facts, earlier, policy):
            checks.append(check)
            verdict = worst(verdict, _consequence(check, step.worst))
    baseline = ()
    if facts.crawl.kind == "crawl":
        baseline = tuple(sorted(facts.locales_complete - facts.locales_with_baseline))
    return Health(verdict=verdict, checks=tuple(checks), baseline_locales=baseline)


def judge_changes(
    health: Health,
    changes: Sequence[Change],
    articles_known: int,
    policy: HealthPolicy = DEFAULT_POLICY,
    *,
    articles_read: int | None = None,
) -> Health:
    """The same health, made suspect where more seems to have changed than a site can change.

    `articles_known` counts the articles known before the crawl or after it; `articles_read` those
    whose pages the crawl read, where that is known: a daily crawl reads a seventh of them, so a
    reader that breaks shows there first. A stamp of one updated date on many unchanged texts is
    the site's habit and is not counted.
    """
    found = list(_mass_changes(changes, articles_known, articles_read, policy))
    verdict = worst(health.verdict, "suspect") if found else health.verdict
    checks = tuple(found) or (
        passed("mass_change", "The number of changes is one that a help centre can make."),
    )
    return replace(health, verdict=verdict, checks=(*health.checks, *checks))


def worst(one: Verdict, other: Verdict) -> Verdict:
    return max(one, other, key=VERDICTS.index)


def _consequence(check: Check, worst_of_step: Verdict) -> Verdict:
    if check.ok or check.level == "info":
        return "healthy"
    return worst_of_step if check.level == "problem" else "degraded"


# The mass-change guard

_UNDATED = ("silent_edit", "retitled", "moved", "readdressed")
"""Kinds that a broken reader makes of the pages that it reads; `updated` has a date to vouch for
it, and a page is often read because its date moved."""

_REMEDY = "check the parser before believing it"


def _mass_changes(
    changes: Sequence[Change], known: int, read: int | None, policy: HealthPolicy
) -> Iterable[Check]:
    """What is too much to believe: in all, of one kind, and among the pages just read."""
    counted = _without_stamps(changes, policy)
    changed = len({change.article_id for change in counted})
    if changed >= policy.mass_min_articles and changed > policy.mass_ratio * known:
        what = f"{changed} of {known} articles seem to have changed in one crawl"
        yield _too_much(what, changed, known, policy.mass_ratio)
    for kind, count in sorted(Counter(change.kind for change in counted).items()):
        if count >= policy.everywhere_min_articles and count >= policy.everywhere_ratio * known:
            what = f"{count} of {known} articles seem {kind} at once"
            yield _too_much(what, count, known, policy.everywhere_ratio)
    undated = len({change.article_id for change in counted if change.kind in _UNDATED})
    if read and undated >= policy.mass_min_articles and undated > policy.mass_read_ratio * read:
        what = f"{undated} of the {read} articles read seem changed under an unmoved date"
        yield _too_much(what, undated, read, policy.mass_read_ratio)


def _too_much(what: str, count: int, of: int, threshold: float) -> Check:
    ratio = round(count / max(of, 1), 4)
    return failed("mass_change", "problem", f"{what}: {_REMEDY}.", ratio, threshold)


def _without_stamps(changes: Sequence[Change], policy: HealthPolicy) -> list[Change]:
    """The changes but for `touched` ones whose day many share.

    A reader that gets dates wrong touches articles on days as scattered as the true ones are.
    """
    touched = sum(change.kind == "touched" for change in changes)
    smallest = policy.stamp_ratio * touched
    return [
        change
        for change in changes
        if change.kind != "touched"
        or "group" not in change.detail
        or change.detail["group"]["size"] < smallest
    ]
