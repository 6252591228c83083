"""Is the last crawl fresh and healthy? What a monitor asks."""

import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from db import standing
from db.moments import to_text
from tracker.run.config import Config
from tracker.run.errors import Exit
from tracker.run.planned import next_run

GRACE = timedelta(hours=3)
"""How much later than planned a crawl may have ended before it is missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStatus:
    """How one site stands. `problem` says in a sentence what is wrong, None where all is well."""

    site: str
    last_good_at: datetime | None
    last_crawl_at: datetime | None
    outcome: str | None
    verdict: str | None
    next_run_at: datetime | None
    problem: str | None
    undelivered: tuple[str, ...] = ()
    """Messages that a destination did not accept, and why."""

    def as_json(self) -> dict[str, Any]:
        moments = ("last_good_at", "last_crawl_at", "next_run_at")
        return asdict(self) | {name: to_text(getattr(self, name)) for name in moments}


def status(connection: sqlite3.Connection, config: Config, now: datetime) -> list[SiteStatus]:
    """Each configured site."""
    return [_site_status(connection, config, site, now) for site in config.sites]


def exit_of(found: list[SiteStatus]) -> Exit:
    ailing = any(site.problem or site.undelivered for site in found)
    return Exit.UNHEALTHY if ailing else Exit.DONE


def _site_status(
    connection: sqlite3.Connection, config: Config, site: str, now: datetime
) -> SiteStatus:
    newest = standing.newest_crawl(connection, site)
    good_at = standing.last_good_crawl_at(connection, site, now)
    return SiteStatus(
        site=site,
        last_good_at=good_at,
        last_crawl_at=newest and newest.started_at,
        outcome=newest and newest.outcome,
        verdict=newest and newest.verdict,
        next_run_at=next_run(config, now),
        problem=_problem(config, newest, good_at, now),
        undelivered=_undelivered(connection, config, site),
    )


def _undelivered(connection: sqlite3.Connection, config: Config, site: str) -> tuple[str, ...]:
    """What waits for a configured destination after a failed try, in a sentence each."""
    found = standing.undelivered(connection, site)
    if not found:
        return ()
    # Names of addresses are slow to make, on purpose: only where they are needed.
    from tracker.run.destinations import destinations

    known = {destination.name for destination in destinations(config.notify)}
    return tuple(
        f"{item.kind} to {item.destination} waits since {item.created_at:%Y-%m-%d %H:%M} UTC "
        f"({item.attempts} tries): {item.last_error}."
        for item in found
        if item.destination in known
    )


def _problem(
    config: Config, newest: standing.NewestCrawl | None, good_at: datetime | None, now: datetime
) -> str | None:
    """The worst that is to be said."""
    if newest is None:
        return "It was never crawled: start `helpwatch run` or `helpwatch schedule`."
    due_at = next_run(config, newest.started_at + timedelta(seconds=1))
    if due_at is not None and due_at + GRACE < now:
        return (
            f"No crawl since {newest.started_at:%Y-%m-%d %H:%M} UTC; one was due on "
            f"{due_at:%Y-%m-%d %H:%M %Z}. Is the scheduler running?"
        )
    if newest.outcome != "complete":
        return f"The last crawl was {newest.outcome}; see its report."
    if newest.verdict is None:
        return "The last crawl was not compared yet: `helpwatch run` does that."
    if newest.verdict != "healthy" and not newest.is_accepted:
        return f"The last crawl is {newest.verdict}; see its report."
    if good_at is None:
        return "No crawl was complete and healthy yet."
    return None
