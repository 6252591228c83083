"""The list of all reports as one HTML page: same look as a report, no scripts, relative links."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from db.kinds import Severity
from reports import webpage, wording

FORM_NAMES = {
    "html": "HTML",
    "markdown": "Markdown",
    "json": "JSON",
    "csv": "CSV",
    "xlsx": "Excel",
    "atom": "Atom",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedReport:
    """One crawl's report in the archive."""

    site: str
    host: str
    crawl_id: int
    started_at: datetime
    headline: str
    verdict: str | None
    """None: the crawl was not judged."""
    counts: Mapping[Severity, int] | None
    """None: no record of the report is left but its files."""
    files: Mapping[str, str]
    """Form of the report -> its path from the archive's folder, with forward slashes."""


@dataclass(frozen=True, slots=True)
class Month:
    """The reports of one month, newest first."""

    name: str
    reports: tuple[ArchivedReport, ...]


def render(reports: Iterable[ArchivedReport]) -> str:
    """The page as HTML text; it depends on the reports alone."""
    newest_first = sorted(
        reports, key=lambda report: (report.started_at, report.crawl_id), reverse=True
    )
    return webpage.page(
        "archive.html",
        newest=_newest_of_each_site(newest_first),
        months=_months(newest_first),
        has_latest=any("html" in report.files for report in newest_first),
        has_feed=any("atom" in report.files for report in newest_first),
        form_names=FORM_NAMES,
    )


def _newest_of_each_site(newest_first: Sequence[ArchivedReport]) -> list[ArchivedReport]:
    found: dict[str, ArchivedReport] = {}
    for report in newest_first:
        found.setdefault(report.site, report)
    return sorted(found.values(), key=lambda report: report.site)


def _months(newest_first: Sequence[ArchivedReport]) -> list[Month]:
    grouped = groupby(newest_first, key=lambda report: wording.month(report.started_at))
    return [Month(name, tuple(found)) for name, found in grouped]
