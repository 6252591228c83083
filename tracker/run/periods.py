"""Which crawls a report covers: the newest, one, those of a period, those between two."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from db import queries
from db.records import Crawl
from tracker.findings import Findings
from tracker.run.errors import UsageError
from tracker.run.gather import AS_STORED, Filters, Telling, gather


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which crawls a report covers; all None: the newest one.

    `first_crawl` to `last_crawl` is what changed between the two; `last_crawl` alone is one crawl.
    """

    since: datetime | None = None
    until: datetime | None = None
    first_crawl: int | None = None
    last_crawl: int | None = None
    site: str | None = None


def gather_period(
    connection: sqlite3.Connection,
    *,
    period: Period,
    filters: Filters,
    generated_at: datetime,
    with_steps: bool = True,
    telling: Telling = AS_STORED,
) -> Findings:
    """The findings of a period; of the newest crawl where the period names nothing.

    UsageError where its crawls are of several sites and none is named.
    """
    since = period.since
    if period.first_crawl is not None:
        first = queries.crawl(connection, period.first_crawl)
        covered = _between(connection, first, queries.crawl(connection, period.last_crawl))
        since = first.finished_at or first.started_at
    elif period.last_crawl is not None:
        covered = [queries.crawl(connection, period.last_crawl)]
    else:
        covered = queries.crawls(
            connection, site=period.site, since=period.since, until=period.until
        )
        if period.since is None and covered:
            # By order of recording: an import of older pages is still the newest thing we did.
            covered = [max(covered, key=lambda crawl: crawl.id)]
    sites = sorted({crawl.site for crawl in covered})
    if len(sites) > 1:
        raise UsageError(
            f"The crawls of this period are of several sites; name one with --site: "
            f"{', '.join(sites)}."
        )
    return gather(
        connection,
        crawls=covered,
        since=since,
        until=period.until,
        filters=filters,
        generated_at=generated_at,
        with_steps=with_steps,
        telling=telling,
    )


def _between(connection: sqlite3.Connection, first: Crawl, last: Crawl) -> list[Crawl]:
    """The crawls that found what changed from the state of one crawl to that of a later one."""
    if first.site != last.site or first.id >= last.id:
        raise UsageError(
            f"--crawl {first.id}..{last.id}: write an earlier crawl and a later one of one site; "
            f"crawl {first.id} is of {first.site}, crawl {last.id} of {last.site}."
        )
    of_site = queries.crawls(connection, site=first.site)
    return [crawl for crawl in of_site if first.id < crawl.id <= last.id]
