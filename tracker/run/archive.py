"""The folder of reports: each crawl's under its date, with the newest and a list of all.

    latest.html                       the web page written last
    index.html, index.json            the list of all reports, for people and for programs
    2026-04-19/okx-crawl-3.html       a crawl's report; old ones stay
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from db.records import SEVERITIES
from reports import archive_page, data, feed, markdown, webpage, wording, workbook
from reports.archive_page import ArchivedReport
from tracker.findings import Findings

SCHEMA = "helpwatch.archive/1"


@dataclass(frozen=True, slots=True)
class Renderer:
    """How a form of the report is made, and how its file's name ends."""

    render: Callable[[Findings], str | bytes]
    ending: str


RENDERERS: Mapping[str, Renderer] = {
    "html": Renderer(webpage.render, "html"),
    "markdown": Renderer(markdown.render, "md"),
    "json": Renderer(data.render_json, "json"),
    "csv": Renderer(data.render_csv, "csv"),
    "xlsx": Renderer(workbook.render, "xlsx"),
    "atom": Renderer(feed.render, "atom.xml"),
}

_FILE = re.compile(r"(?P<site>.+)-crawl-(?P<crawl>\d+)\.(?P<ending>[a-z.]+)")
_FORMS = {renderer.ending: form for form, renderer in RENDERERS.items()}


class _Manifest(msgspec.Struct):
    """What index.json holds."""

    schema: str
    reports: list[ArchivedReport]


def write_reports(findings: Findings, output: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """Writes each form of one crawl's report, and the list anew; the paths of the reports.

    Raises OSError. Readers see the old files or the new ones, never half of one.
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
            _replace(output / "latest.html", rendered)
    _write_list(output, _record(findings))
    return tuple(written)


def report_path(findings: Findings, output: Path, form: str) -> Path:
    """Where the report of a crawl lies, in one of its forms."""
    crawl = findings.crawl
    name = f"{crawl.site}-crawl-{crawl.id}.{RENDERERS[form].ending}"
    return output / f"{crawl.started_at:%Y-%m-%d}" / name


def _record(findings: Findings) -> ArchivedReport:
    """What the list says of a report; its files are found in the folder."""
    crawl = findings.crawl
    severities = [finding.change.severity for finding in findings.changes]
    return ArchivedReport(
        site=crawl.site,
        host=wording.host(findings),
        crawl_id=crawl.id,
        started_at=crawl.started_at,
        headline=wording.headline(findings),
        verdict=findings.health.verdict if findings.health else None,
        counts={severity: severities.count(severity) for severity in SEVERITIES},
        files={},
    )


def _write_list(output: Path, newest: ArchivedReport) -> None:
    """The files in the folder decide what is listed; index.json knows what is said of them."""
    records = {_key(record): record for record in [*_recorded(output), newest]}
    reports = [
        msgspec.structs.replace(known, files=files)
        if isinstance(known := records.get(key), msgspec.Struct)
        else _with_files(known, key, files)
        for key, files in sorted(_filed(output).items())
    ]
    manifest = _Manifest(schema=SCHEMA, reports=reports)
    _replace(output / "index.json", msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    _replace(output / "index.html", archive_page.render(reports))


def _replace(path: Path, content: str | bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content if isinstance(content, bytes) else content.encode())
    partial.replace(path)
