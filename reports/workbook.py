"""Findings -> an Excel workbook: a sheet each for changes, new articles, trending and health.

Every text goes in by `write_string` or as the text of a link, so that none is ever taken for a
formula. Dates are dates, in the time zone that the header names; an address is a link where it is
plain http(s). The bytes depend on the findings alone.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from db.moments import Moment
from db.records import ArticleState
from reports import outline, redline, wording
from reports.safe_text import one_line, safe_link, visible
from tracker.findings import ChangeFinding, Findings, TrendFinding

_CELL_CHARS = 30_000
"""A cell holds 32,767 characters."""
_FIRST_YEAR = 1900
"""Excel knows no earlier dates, and counts one day too many in this year: they stand as text."""
_MOST_LINKS, _LONGEST_LINK = 60_000, 600
"""A sheet holds 65,530 links of up to 2,079 characters once escaped; others stand as text."""
_TITLES = {"changes": "Changes", "new": "New", "trending": "Trending", "health": "Health"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet. `sort` says how its cells are written."""

    title: str
    width: int
    sort: Literal["text", "long", "number", "moment", "link"] = "text"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to an address, where the address is sound."""

    text: str
    url: str | None


def render(findings: Findings) -> bytes:
    """The workbook as the bytes of an .xlsx file."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    made_at = findings.generated_at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties(
        {
            "title": _text(wording.headline(findings))[:250],
            "subject": _text(wording.period(findings)),
            "author": "helpwatch",
            "created": made_at,
        }
    )
    pen = _Pen(book, findings.time_zone)
    zone = _zone_name(findings)
    pen.sheet(_TITLES["changes"], _change_columns(zone), _change_rows(findings))
    pen.sheet(_TITLES["new"], _new_columns(zone), _new_rows(findings))
    pen.sheet(_TITLES["trending"], _TREND_COLUMNS, _trend_rows(findings.trending))
    pen.sheet(_TITLES["health"], _HEALTH_COLUMNS, _health_rows(findings))
    book.close()
    return out.getvalue()


def _zone_name(findings: Findings) -> str:
    local = findings.generated_at.astimezone(findings.time_zone)
    return local.tzname() or "UTC"


# Changes


def _change_columns(zone: str) -> Sequence[Column]:
    return (
        Column("Severity", 10),
        Column("Kind", 20),
        Column("Article", 48, "link"),
        Column("Category", 16),
        Column("Section", 22),
        Column("Locale", 8),
        Column(f"Published ({zone})", 17, "moment"),
        Column(f"Updated ({zone})", 17, "moment"),
        Column(f"Seen by us ({zone})", 17, "moment"),
        Column("Watchlist", 28, "long"),
        Column("Before", 28, "long"),
        Column("After", 28, "long"),
        Column("Touched", 36, "long"),
        Column("Notes", 36, "long"),
        Column("Steps", 7, "number"),
        Column("Taken back", 11),
        Column("Difference", 80, "long"),
        Column("From version", 12, "number"),
        Column("To version", 11, "number"),
        Column("Text SHA-256", 20),
        Column("Crawl", 7, "number"),
        Column("Change", 8, "number"),
    )


def _change_rows(findings: Findings) -> Iterable[Sequence[Any]]:
    for told, taken_back in ((findings.changes, "no"), (findings.taken_back, "yes")):
        for finding in told:
            yield _change_row(finding, findings, taken_back)


def _change_row(finding: ChangeFinding, findings: Findings, taken_back: str) -> Sequence[Any]:
    change, article = finding.change, finding.article
    shift = outline.shift(finding, findings.time_zone)
    newest = finding.to_version or finding.last_text
    diff = finding.diff and redline.diff_text(finding.diff, _CELL_CHARS)
    return (
        change.severity,
        wording.KIND_NAMES[change.kind],
        Link(article.title, article.url),
        *_place(article),
        article.published_at,
        article.updated_at,
        change.detected_at,
        "; ".join(f"{rule.label}: {', '.join(rule.words)}" for rule in outline.watched(finding)),
        shift and shift.before,
        shift and shift.after,
        "; ".join(
            f"{wording.TOUCHED_NAMES[fact.kind]}: {wording.shift(fact.before, fact.after)}"
            f"{wording.times_over(fact.count)}"
            for fact in outline.touched(finding)
        ),
        " ".join(wording.notes(change)),
        max(1, len(finding.steps)),
        taken_back,
        diff and diff.rstrip("\n"),
        finding.from_version and finding.from_version.number,
        finding.to_version and finding.to_version.number,
        newest and newest.body_sha256,
        change.crawl_id,
        change.id,
    )


def _place(article: ArticleState) -> Sequence[str | None]:
    return (article.category, article.section or article.section_slug, article.locale)


# New articles


def _new_columns(zone: str) -> Sequence[Column]:
    return (
        Column("Article", 48, "link"),
        Column("Category", 16),
        Column("Section", 22),
        Column("Locale", 8),
        Column(f"Published ({zone})", 17, "moment"),
        Column(f"Updated ({zone})", 17, "moment"),
        Column(f"First seen by us ({zone})", 17, "moment"),
        Column("Severity", 10),
        Column("Watchlist", 28, "long"),
        Column("Text", 90, "long"),
    )


def _new_rows(findings: Findings) -> Iterable[Sequence[Any]]:
    for finding in findings.changes:
        if finding.change.kind != "new":
            continue
        article, version = finding.article, finding.to_version
        yield (
            Link(article.title, article.url),
            *_place(article),
            article.published_at,
            article.updated_at,
            finding.change.detected_at,
            finding.change.severity,
            "; ".join(rule.label for rule in outline.watched(finding)),
            version and version.body,
        )


# Trending

_TREND_COLUMNS = (
    Column("Rank", 6, "number"),
    Column("Article", 48, "link"),
    Column("Category", 16),
    Column("Section", 22),
    Column("Locale", 8),
    Column("Views gained", 13, "number"),
    Column("Days", 7, "number"),
    Column("Views a day", 12, "number"),
    Column("Usual a day", 12, "number"),
    Column("Surprise", 10, "number"),
    Column("In words", 44, "long"),
)


def _trend_rows(trending: Iterable[TrendFinding]) -> Iterable[Sequence[Any]]:
    for item in trending:
        trend = item.trend
        yield (
            trend.rank,
            Link(item.article.title, item.article.url),
            *_place(item.article),
            trend.views_gained,
            round(trend.window_days, 2),
            round(trend.views_per_day, 2),
            None if trend.usual_per_day is None else round(trend.usual_per_day, 2),
            round(trend.score, 2),
            wording.upper_first(wording.trend_words(trend)),
        )


# Health

_HEALTH_COLUMNS = (
    Column("Topic", 14),
    Column("Item", 40, "link"),
    Column("Result", 22),
    Column("In words", 90, "long"),
    Column("Claimed", 10, "number"),
    Column("Seen", 10, "number"),
    Column("Pages", 10, "number"),
)


def _health_rows(findings: Findings) -> Iterable[Sequence[Any]]:
    verdict = findings.health and findings.health.verdict
    yield _said("Report", findings.site, None, wording.headline(findings))
    yield _said("Report", "Period", None, wording.period(findings))
    if only := wording.filters(findings):
        yield _said("Report", "Filtered", None, only)
    name = wording.VERDICT_NAMES[verdict] if verdict else "Not judged"
    meaning = wording.VERDICT_MEANINGS[verdict] if verdict else ""
    yield _said("Health", "Verdict", name, meaning)
    yield _said("Health", "Freshness", None, wording.last_good(findings))
    yield _said("Health", "Looked at", None, wording.checked(findings))
    for check in findings.health.checks if findings.health else ():
        result = "Passed" if check.ok else wording.CHECK_LEVELS[check.level]
        yield _said("Check", check.name, result, check.message)
    for fact in findings.not_checked or (wording.NO_GAPS,):
        yield _said("Not checked", "", None, fact)
    for listing in findings.coverage:
        yield (
            "Listing",
            Link(listing.title or listing.slug, listing.url),
            "whole" if listing.is_complete and not listing.gap else "with gaps",
            f"{listing.locale}: {wording.coverage_words(listing)}",
            listing.claimed_total,
            listing.seen_count,
            listing.page_count,
        )
    for crawl in findings.crawls:
        yield (
            "Crawl",
            Link(str(crawl.id), None),
            crawl.outcome,
            wording.crawl_line(crawl, findings.time_zone),
            None,
            crawl.articles_listed,
            crawl.pages_fetched,
        )


def _said(topic: str, item: str, result: str | None, words: str) -> Sequence[Any]:
    return (topic, Link(item, None), result, words, None, None, None)


# Cells


class _Pen:
    """Writes sheets of one workbook: a header that stays, a filter, one sort of cell a column."""

    def __init__(self, book: xlsxwriter.Workbook, zone: tzinfo):
        top: dict[str, Any] = {"valign": "top"}
        self._book, self._zone = book, zone
        self._link_count = 0
        self._header = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F5F2EC", **top})
        self._text = book.add_format(top)
        self._long = book.add_format({"text_wrap": True, **top})
        self._link = book.add_format({"font_color": "#1B4F91", "underline": 1, **top})
        self._day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", **top})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left", **top})

    def sheet(
        self, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]
    ) -> Worksheet:
        """One sheet; an empty one has its header alone."""
        sheet = self._book.add_worksheet(title)
        self._link_count = 0
        writers: dict[str, Callable[[Worksheet, int, int, Any], None]] = {
            "text": self._write_text,
            "long": self._write_long,
            "number": self._write_number,
            "moment": self._write_moment,
            "link": self._write_link,
        }
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column.title, self._header)
            sheet.set_column(at, at, column.width)
        last = 0
        for last, row in enumerate(rows, start=1):
            for at, (column, value) in enumerate(zip(columns, row, strict=True)):
                if value is not None and value != "":
                    writers[column.sort](sheet, last, at, value)
            # Else rows grow as high as their longest text.
            sheet.set_row(last, 30)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _write_text(self, sheet: Worksheet, row: int, at: int, value: str) -> None:
        sheet.write_string(row, at, _text(one_line(value, 2_000)), self._text)

    def _write_long(self, sheet: Worksheet, row: int, at: int, value: str) -> None:
        sheet.write_string(row, at, _text(value), self._long)

    def _write_number(self, sheet: Worksheet, row: int, at: int, value: float) -> None:
        sheet.write_number(row, at, value, self._text)

    def _write_moment(self, sheet: Worksheet, row: int, at: int, value: Moment) -> None:
        if value.year <= _FIRST_YEAR:
            sheet.write_string(row, at, wording.moment(value, self._zone), self._text)
        elif isinstance(value, datetime):
            # To the second, and without a zone: a workbook keeps fractions of a day.
            local = value.astimezone(self._zone).replace(tzinfo=None, microsecond=0)
            sheet.write_datetime(row, at, local, self._instant)
        else:
            sheet.write_datetime(row, at, value, self._day)

    def _write_link(self, sheet: Worksheet, row: int, at: int, value: Link) -> None:
        text = _text(one_line(value.text)) or "(untitled)"
        href = safe_link(value.url)
        if href is None or len(href) > _LONGEST_LINK or self._link_count >= _MOST_LINKS:
            sheet.write_string(row, at, text, self._text)
            return
        self._link_count += 1
        sheet.write_url(row, at, href, self._link, text)


def _text(text: str) -> str:
    return redline.cut_to(visible(text), _CELL_CHARS)
