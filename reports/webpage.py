"""Findings -> one self-contained HTML file: no script, no request, readable anywhere.

The page's policy forbids everything but its one style sheet, which is named by its hash. Whatever
a template prints is made visible and escaped, so that page text stays text.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from db.records import Version
from reports import outline, redline, wording
from reports.safe_text import language_tag, one_line, safe_link, visible
from reports.sparkline import sparkline
from tracker.findings import Findings
from tracker.health import Check
from tracker.textdiff import TextDiff

_TEMPLATES = Path(__file__).parent / "templates"
_PAGE_TEXT_BYTES = 1_100_000
"""What all redlines and texts of a report share, so that a large day stays a file one can mail."""
_SMALLEST_SHARE_BYTES, _LARGEST_SHARE_BYTES = 1_000, 30_000
_LONG_LINES, _LONG_CHARS = 10, 2_400
_MAX_TOUCHED, _MAX_TOUCHED_ON_A_LARGE_DAY, _LARGE_DAY = 12, 5, 200


def render(findings: Findings) -> str:
    """The report as HTML text (UTF-8 when written)."""
    chapters = outline.chapters(findings.changes)
    checks = findings.health.checks if findings.health else ()
    told = [*findings.changes, *findings.taken_back]
    return page(
        "report.html",
        zone=findings.time_zone,
        change_count=sum(1 + len(finding.steps) for finding in told),
        chapters=chapters,
        taken_back=outline.parts(findings.taken_back),
        counts=_counts(chapters),
        passed=[check for check in checks if check.ok],
        nothing=wording.nothing_told(findings),
        **health_values(findings),
    )


def health_values(findings: Findings) -> dict[str, Any]:
    """What the part on health says, in every page that has it."""
    checks = findings.health.checks if findings.health else ()
    return {
        "findings": findings,
        "verdict": _verdict(findings),
        "failed": _by_level(check for check in checks if not check.ok),
        "lacking": [item for item in findings.coverage if not item.is_complete or item.gap],
    }


def page(
    template: str,
    *,
    zone: tzinfo = UTC,
    change_count: int = 0,
    has_forms: bool = False,
    **values: Any,
) -> str:
    """A template with the one style sheet, and the policy that allows it and nothing else.

    `change_count` changes share the room for page text; `has_forms` lets the page ask its server.
    """
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    share, is_large = _share(change_count), change_count > _LARGE_DAY
    shown = {
        "style": Markup(style),
        "policy": _policy(style, "'self'" if has_forms else "'none'"),
        "zone": zone,
        "redline_html": lambda diff: _redline(diff, share, is_folded=is_large),
        "text": lambda version: _text(version, share),
        "max_touched": _MAX_TOUCHED_ON_A_LARGE_DAY if is_large else _MAX_TOUCHED,
    }
    return _environment().get_template(template).render(shown | values).lstrip()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        wording=wording,
        outline=outline,
        sparkline=sparkline,
        safe_link=safe_link,
        language_tag=language_tag,
        one_line=one_line,
        distinct=_distinct,
        article_path=article_path,
    )
    return environment


def article_path(article_id: int) -> str:
    """Where `helpwatch serve` shows an article."""
    return f"/-/article/{article_id}"


def _finalize(value: Any) -> Any:
    """Every printed text is made visible, whether or not the template thought of it."""
    return visible(value) if type(value) is str else value


def _policy(style: str, forms: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action {forms}"


def _share(change_count: int) -> int:
    """Bytes of page text that one change may show."""
    share = _PAGE_TEXT_BYTES // max(1, change_count)
    return max(_SMALLEST_SHARE_BYTES, min(_LARGEST_SHARE_BYTES, share))


@dataclass(frozen=True, slots=True)
class _Shown:
    html: Markup
    block_count: int
    is_long: bool


def _redline(diff: TextDiff, limit_bytes: int, *, is_folded: bool) -> _Shown:
    """Long ones are folded, and on a large day all, so that its titles can be looked through."""
    shown = redline.redline(diff, limit_bytes)
    line_count = len(shown.lines) + shown.omitted_count
    is_long = is_folded or line_count > _LONG_LINES or shown.char_count > _LONG_CHARS
    return _Shown(Markup(redline.diff_html(diff, limit_bytes)), line_count, is_long)


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    is_cut: bool


def _text(version: Version, limit_bytes: int) -> _Text:
    shown = redline.cut_to(version.body, limit_bytes)
    return _Text(shown, len(shown) < len(version.body))


def _distinct(*versions: Version | None) -> list[Version]:
    return list({version.id: version for version in versions if version}.values())


def _by_level(checks: Any) -> list[Check]:
    return sorted(checks, key=lambda check: ("problem", "warning", "info").index(check.level))


def _counts(chapters: Sequence[outline.Chapter]) -> list[tuple[str, list[int], int]]:
    """(kind, changes in each chapter, all) for the table at the top."""
    rows = []
    for kind in wording.TELLING_ORDER:
        by_severity = [
            sum(part.change_count for part in chapter.parts if part.kind == kind)
            for chapter in chapters
        ]
        if sum(by_severity):
            rows.append((kind, by_severity, sum(by_severity)))
    return rows


@dataclass(frozen=True, slots=True)
class _Verdict:
    name: str
    meaning: str
    css: str


def _verdict(findings: Findings) -> _Verdict:
    crawl, health = findings.crawl, findings.health
    if health is None:
        outcome = f"The crawl is {wording.OUTCOME_NAMES[crawl.outcome]}." if crawl else ""
        return _Verdict("Not judged", outcome or "There is no crawl to judge.", "degraded")
    meaning = wording.VERDICT_MEANINGS[health.verdict]
    if health.is_accepted:
        meaning += " A person has looked at it and accepted it."
    return _Verdict(wording.VERDICT_NAMES[health.verdict], meaning, health.verdict)
