"""The first page of `helpwatch serve`: what needs a look, the last crawl, recent changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports import outline, webpage, wording
from tracker.findings import ChangeFinding, Findings

MOST_RECENT = 100
_MOST_TO_LOOK_AT, _MOST_MEMBERS = 12, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What is known of one site when the page is asked for."""

    newest: Findings
    """Of the newest crawl."""
    recent: Sequence[ChangeFinding]
    """Every change of the last days, the newest first; none of a suspect crawl."""
    recent_days: int
    problems: Sequence[str] = ()
    """What ails the watching itself, in a sentence each: no crawl, a message that waits."""
    sites: Sequence[str] = ()
    """All sites of the database."""
    database: str = "helpwatch"
    """Its name in Datasette."""


def render(home: Home) -> str:
    """The page as HTML text; its links lead to the pages of `helpwatch serve`."""
    rows = _rows(home.recent)
    high = [row for row in rows if row.first.change.severity == "high"]
    return webpage.page(
        "home.html",
        zone=home.newest.time_zone,
        has_forms=True,
        home=home,
        high=high,
        shown=rows[:MOST_RECENT],
        more=sum(len(row.findings) for row in rows[MOST_RECENT:]),
        held_back=wording.held_back_line(home.newest) if home.newest.held_back else None,
        most_to_look_at=_MOST_TO_LOOK_AT,
        most_members=_MOST_MEMBERS,
        **webpage.health_values(home.newest),
    )


def _rows(changes: Sequence[ChangeFinding]) -> list[outline.Row]:
    """The newest crawl first, and of each the gravest; the same change on many articles once."""
    crawl_ids = dict.fromkeys(finding.change.crawl_id for finding in changes)
    by_crawl = [[f for f in changes if f.change.crawl_id == crawl_id] for crawl_id in crawl_ids]
    return [
        row
        for of_crawl in by_crawl
        for chapter in outline.chapters(of_crawl)
        for part in chapter.parts
        for row in part.rows
    ]
