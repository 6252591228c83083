"""Which crawls of several machines make up one pass over a site, and what of the site none read.

Absence, a baseline and health are matters of the whole site: that one machine misses an article in
its sections says nothing as long as another may have seen it in its own. So the crawls of one night
are judged together, as one crawl by one machine would be. Pure.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from db.kinds import CrawlKind, Outcome
from db.records import Part

LONGEST_PASS = timedelta(hours=12)
"""Crawls that begin further apart belong to different passes; half of the usual day."""
ENDED_BY_ITSELF: tuple[Outcome, ...] = ("complete", "partial")


class Member(Protocol):
    """A crawl of one machine."""

    kind: CrawlKind
    started_at: datetime
    outcome: Outcome
    part: Part


M = TypeVar("M", bound=Member)


def passes(crawls: Sequence[M], wanted: Part) -> list[tuple[M, ...]]:
    """The crawls put together to passes, in the order in which they are to be recorded.

    One that did not end by itself stands alone, as an import does: it only tells what it saw, and a
    later try takes its place. So does one whose part was read again before the pass had all that is
    `wanted`, or that was partial. Crawls that began at the same instant keep their order.
    """
    found: list[tuple[M, ...]] = []
    gathered: list[M] = []
    for crawl in sorted(crawls, key=lambda crawl: crawl.started_at):
        if crawl.kind != "crawl" or crawl.outcome not in ENDED_BY_ITSELF:
            found.append((crawl,))
            continue
        repeated = [one for one in gathered if one.part == crawl.part]
        if _is_over(gathered, crawl, repeated, wanted):
            found.append(tuple(gathered))
            gathered = []
        elif repeated:
            found += [(one,) for one in repeated]
            gathered = [one for one in gathered if one not in repeated]
        gathered.append(crawl)
    if gathered:
        found.append(tuple(gathered))
    return sorted(found, key=lambda members: (members[-1].started_at, len(members)))


def _is_over(gathered: Sequence[M], crawl: M, repeated: Sequence[M], wanted: Part) -> bool:
    """Whether a crawl belongs to another pass than those gathered so far."""
    if not gathered:
        return False
    if crawl.started_at - gathered[0].started_at > LONGEST_PASS:
        return True
    is_whole = not uncovered(wanted, [one.part for one in gathered])
    return is_whole and any(one.outcome == "complete" for one in repeated)


def uncovered(wanted: Part, parts: Sequence[Part]) -> dict[str, str]:
    """locale -> what of the watched whole no crawl was to read, in words."""
    found = {}
    for locale in wanted.locales:
        of_locale = [part for part in parts if locale in part.locales]
        if missing := _missing(wanted, of_locale):
            found[locale] = missing
    return found


def _missing(wanted: Part, parts: Sequence[Part]) -> str | None:
    if not parts:
        return "No crawl read this locale."
    sections = {section for part in parts for section in part.sections}
    is_read_whole = any(not part.sections for part in parts)
    if not wanted.sections and not is_read_whole:
        return (
            f"Only some sections were to be read ({', '.join(sorted(sections))}), and the "
            "configuration names none: whether they are all of them is not known."
        )
    left_out = [] if is_read_whole else [s for s in wanted.sections if s not in sections]
    searches = {search for part in parts for search in part.searches}
    said = []
    if left_out:
        said.append(f"No crawl read {_named('section', left_out)}.")
    if unasked := [search for search in wanted.searches if search not in searches]:
        said.append(f"No crawl asked for {_named('search', unasked)}.")
    return " ".join(said) or None


def _named(noun: str, names: Sequence[str]) -> str:
    plural = {"section": "sections", "search": "searches"}[noun]
    return f"the {noun if len(names) == 1 else plural} {', '.join(names)}"
