"""The folder of reports: each crawl's under its date, with the newest and a list of all.

latest.html                       the web page written last
latest.atom.xml                   the feed of the last crawls
index.html, index.json            the list of all reports, for people and for programs
2026-04-19/okx-crawl-3.html       a crawl's report; old ones stay
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from db.kinds import SEVERITIES
from reports import archive_page, data, feed, markdown, webpage, wording
from reports.archive_page import ArchivedReport
from reports.safe_text import one_line
from tracker.findings import Findings

SCHEMA = "helpwatch.archive/1"


@dataclass(frozen=True, slots=True)
class Renderer:
    """How a form of the report is made, and how its file's name ends."""

    render: Callable[[Findings], str | bytes]
    ending: str


def _workbook(findings: Findings) -> bytes:
    from reports import workbook  # few want one, and all that writes Excel takes a while to load

    return workbook.render(findings)


RENDERERS: Mapping[str, Renderer] = {
    "html": Renderer(webpage.render, "html"),
    "markdown": Renderer(markdown.render, "md"),
    "json": Renderer(data.render_json, "json"),
    "csv": Renderer(data.render_csv, "csv"),
    "xlsx": Renderer(_workbook, "xlsx"),
    "atom": Renderer(feed.render, "atom.xml"),
}

LATEST_PAGE, LATEST_FEED = "latest.html", "latest.atom.xml"
"""Names that stay: for a bookmark, for a feed reader."""

_FILE = re.compile(r"(?P<site>.+)-crawl-(?P<crawl>\d+)\.(?P<ending>[a-z.]+)")
_FORMS = {renderer.ending: form for form, renderer in RENDERERS.items()}


class _Manifest(msgspec.Struct):
    """What index.json holds."""

    schema: str
    reports: list[ArchivedReport]


def write_reports(
    findings: Findings,
    output: Path,
    formats: Sequence[str],
    earlier: Sequence[Findings] = (),
) -> tuple[Path, ...]:
    """Writes each form of one crawl's report, and the list anew; the paths of the reports.

    `earlier` are the crawls before it, newest first: the feed that readers come back to tells
    them as well, since not every reader comes each day. Raises OSError. Readers see the old
    files or the new ones, never half of one.
    """
    crawl = findings.crawl
    folder = output / f"{crawl.started_at:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        path = report_path(findings, output, name)
        rendered = RENDERERS[name].render(findings)
        _replace(path, rendered)
        written.append(path)
        if name == "html":
            _replace(output / LATEST_PAGE, rendered)
        if name == "atom":
            _replace(output / LATEST_FEED, feed.render(findings, earlier))
    _write_list(output, _record(findings))
    return tuple(written)


def report_path(findings: Findings, output: Path, form: str) -> Path:
    """Where the report of a crawl lies, in one of its forms."""
    crawl = findings.crawl
    name = f"{crawl.site}-crawl-{crawl.id}.{RENDERERS[form].ending}"
    return output / f"{crawl.started_at:%Y-%m-%d}" / name


def form_of(report: Path) -> str:
    """The form of a written report, as the configuration names it."""
    return _FORMS[_FILE.fullmatch(report.name)["ending"]]


def _record(findings: Findings) -> ArchivedReport:
    """What the list says of a report; its files are found in the folder."""
    crawl = findings.crawl
    severities = [finding.change.severity for finding in findings.changes]
    return ArchivedReport(
        site=crawl.site,
        host=wording.host(findings),
        crawl_id=crawl.id,
        started_at=crawl.started_at,
        headline=one_line(wording.headline(findings), 600),
        verdict=findings.health.verdict if findings.health else None,
        counts={severity: severities.count(severity) for severity in SEVERITIES},
        files={},
    )


def _write_list(output: Path, newest: ArchivedReport) -> None:
    """The files in the folder decide what is listed; index.json knows what is said of them."""
    said = {_key(record): record for record in [*_recorded(output), newest]}
    reports = [
        replace(said.get(key) or _nameless(key), files=files)
        for key, files in sorted(_filed(output).items())
    ]
    manifest = _Manifest(schema=SCHEMA, reports=reports)
    _replace(output / "index.json", msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    _replace(output / "index.html", archive_page.render(reports))


_Key = tuple[str, str, int]
"""Day, site and crawl of a report, as its path gives them."""


def _key(record: ArchivedReport) -> _Key:
    return f"{record.started_at:%Y-%m-%d}", record.site, record.crawl_id


def _recorded(output: Path) -> list[ArchivedReport]:
    """What index.json holds; nothing where it is missing or damaged."""
    try:
        return msgspec.json.decode((output / "index.json").read_bytes(), type=_Manifest).reports
    except (OSError, msgspec.MsgspecError):
        return []


def _filed(output: Path) -> dict[_Key, dict[str, str]]:
    """The reports that lie in the folder: form -> path from the folder, in the order of forms."""
    found: dict[_Key, dict[str, str]] = {}
    for path in sorted(output.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]/*")):
        name = _FILE.fullmatch(path.name)
        if name and name["ending"] in _FORMS and _is_day(path.parent.name):
            key = (path.parent.name, name["site"], int(name["crawl"]))
            form = _FORMS[name["ending"]]
            found.setdefault(key, {})[form] = f"{path.parent.name}/{path.name}"
    return {
        key: {form: files[form] for form in RENDERERS if form in files}
        for key, files in found.items()
    }


def _is_day(name: str) -> bool:
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return True


def _nameless(key: _Key) -> ArchivedReport:
    """A report of which only the files are left."""
    day, site, crawl_id = key
    return ArchivedReport(
        site=site,
        host=site,
        crawl_id=crawl_id,
        started_at=datetime.fromisoformat(day).replace(tzinfo=UTC),
        headline=f"Report of crawl {crawl_id}",
        verdict=None,
        counts=None,
        files={},
    )


def _replace(path: Path, content: str | bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content if isinstance(content, bytes) else content.encode())
    partial.replace(path)
