"""Findings on a terminal, through rich: colour only where the console is a terminal.

All page text goes through `one_line` or `visible` and into `Text` objects, never through rich's
markup, so that neither control sequences nor square brackets of a page reach the terminal.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from db.records import ArticleState, Change, Version
from reports import outline, redline, wording
from reports.safe_text import one_line, visible
from tracker.findings import ChangeFinding, Findings
from tracker.textdiff import TextDiff

_REDLINE_BYTES = 700
_MAX_ROWS = 40
_MAX_GROUP_TITLES = 5
_MAX_TOUCHED = 6

_SEVERITY_STYLES = {"high": "bold red", "normal": "bold", "low": "dim"}
_VERDICT_STYLES = {"healthy": "green", "degraded": "yellow", "suspect": "red", "unusable": "red"}
_PIECE_STYLES = {"kept": "", "added": "green", "removed": "red"}
_QUIET = "dim"


def print_summary(
    findings: Findings, console: Console, places: Mapping[str, str] | None = None
) -> None:
    """After a cycle: the headline, health, counts, each change, trending, and where things lie.

    `places` names what was left where ('Report' -> path).
    """
    _say(console, Text(wording.headline(findings), "bold"))
    _print_health(findings, console)
    if findings.changes or findings.held_back:
        print_changes(findings, console, _MAX_ROWS)
    else:
        _say(console, Text(f"\n{wording.checked(findings)}"))
    if findings.trending:
        print_trending(findings, console)
    if findings.translations_behind:
        print_translations_behind(findings, console)
    if places:
        _say(console, Text("\nWhere things lie", "bold"))
        for label, place in places.items():
            _say(console, Text.assemble((f"  {label}: ", _QUIET), visible(place)))


def _print_health(findings: Findings, console: Console) -> None:
    health = findings.health
    name = wording.VERDICT_NAMES[health.verdict] if health else "Not judged"
    style = _VERDICT_STYLES[health.verdict] if health else "yellow"
    line = Text.assemble("Health: ", (name, style), ". ", wording.last_good(findings))
    _say(console, line)
    for check in health.checks if health else ():
        if not check.ok:
            level = wording.CHECK_LEVELS[check.level]
            _say(console, Text.assemble((f"  {level}: ", style), one_line(check.message, 600)))
    for listing in findings.coverage:
        if not listing.is_complete or listing.gap:
            name = one_line(listing.title or listing.slug)
            _say(console, Text(f"  Listing {name}: {wording.coverage_words(listing)}"))
    for fact in findings.not_checked:
        _say(console, Text(f"  Not checked: {one_line(fact, 600)}"))


def print_changes(findings: Findings, console: Console, max_rows: int | None = None) -> None:
    """The changes by severity and kind, with links, dates and shortened redlines.

    `max_rows` keeps the gravest; how many were left out is said.
    """
    if findings.held_back:
        _say(console, Text(wording.held_back_line(findings), "red"))
    if not findings.changes:
        if not findings.held_back:
            _say(console, Text(f"No change was found. {wording.checked(findings)}"))
        return
    _say(console, Text())
    table = _table("Kind")
    table.add_column("Changes", justify="right")
    for kind in wording.TELLING_ORDER:
        if number := findings.counts.get(kind):
            table.add_row(Text(wording.KIND_NAMES[kind]), Text(wording.thousands(number)))
    console.print(table)
    left_out = 0
    room = math.inf if max_rows is None else max_rows
    for chapter in outline.chapters(findings.changes):
        title = wording.SEVERITY_NAMES[chapter.severity]
        counted = wording.count(chapter.change_count, "change")
        _say(console, Text(f"\n{title}: {counted}", _SEVERITY_STYLES[chapter.severity]))
        for row in [row for part in chapter.parts for row in part.rows]:
            room -= 1
            if room >= 0:
                _print_row(row, findings, console)
            else:
                left_out += len(row.findings)
    if left_out:
        more = wording.count(left_out, "more change")
        _say(console, Text(f"\n{more}: see the report, or `helpwatch changes`."))


def _print_row(row: outline.Row, findings: Findings, console: Console) -> None:
    kind = row.first.change.kind
    if not row.is_group:
        _print_change(row.first, findings, console)
        return
    title = wording.group_title(kind, len(row.findings))
    _say(console, Text.assemble((f"\n{wording.KIND_NAMES[kind]}: ", "bold"), title))
    for finding in row.findings[:_MAX_GROUP_TITLES]:
        _indented(console, Text(f"{one_line(finding.article.title)} ({_where(finding.article)})"))
    if len(row.findings) > _MAX_GROUP_TITLES:
        _indented(console, Text(f"and {len(row.findings) - _MAX_GROUP_TITLES:,} more", _QUIET))
    _print_facts(row.findings, console)
    _print_redline(row.first, console)


def _print_change(finding: ChangeFinding, findings: Findings, console: Console) -> None:
    change, article, zone = finding.change, finding.article, findings.time_zone
    name = wording.KIND_NAMES[change.kind]
    title = one_line(article.title) or "(untitled)"
    _say(console, Text.assemble((f"\n{name}: ", "bold"), title))
    if article.url:
        _indented(console, Text(one_line(article.url, 2_000), "cyan"))
    _indented(
        console,
        Text(
            f"{_where(article)}; published {wording.moment(article.published_at, zone)}, "
            f"updated {wording.moment(article.updated_at, zone)}, "
            f"seen {wording.moment(change.detected_at, zone)}",
            _QUIET,
        ),
    )
    for note in wording.notes(change):
        _indented(console, Text(note))
    if shift := outline.shift(finding, findings.time_zone):
        _indented(
            console,
            Text.assemble(
                f"{shift.label}: ",
                (one_line(shift.before), _PIECE_STYLES["removed"]),
                " -> ",
                (one_line(shift.after), _PIECE_STYLES["added"]),
            ),
        )
    _print_facts([finding], console)
    _print_redline(finding, console)


def _print_facts(findings: Sequence[ChangeFinding], console: Console) -> None:
    """Words that the watchlist found in any of these; what the one edit to all of them touched."""
    for rule in outline.watched(*findings):
        words = ", ".join(rule.words[:12])
        _indented(console, Text(f"Watchlist: {one_line(rule.label)}: {one_line(words)}", "magenta"))
    touched = outline.touched(findings[0])
    for fact in touched[:_MAX_TOUCHED]:
        what = one_line(wording.shift(fact.before, fact.after), 160)
        what += wording.times_over(fact.count)
        _indented(console, Text(f"{wording.TOUCHED_NAMES[fact.kind]}: {what}"))
    if len(touched) > _MAX_TOUCHED:
        _indented(console, Text(f"and {len(touched) - _MAX_TOUCHED} more", _QUIET))


def _print_redline(finding: ChangeFinding, console: Console) -> None:
    if finding.diff is not None and not finding.diff.is_empty:
        for line in redline_lines(redline.redline(finding.diff, _REDLINE_BYTES)):
            _indented(console, line)


def _where(article: ArticleState) -> str:
    places = [one_line(place, 120) for place in (article.category, article.section) if place]
    return ", ".join([*places, one_line(article.locale, 40)])


def print_trending(findings: Findings, console: Console) -> None:
    """The trending articles as a table, in plain words."""
    if not findings.trending:
        _say(console, Text(wording.no_trends(findings)))
        return
    _say(console, Text("\nTrending", "bold"))
    table = _table("", "Article", "In words", "Views")
    for item in findings.trending:
        table.add_row(
            Text(str(item.trend.rank)),
            Text(one_line(item.article.title)),
            Text(wording.upper_first(wording.trend_words(item.trend))),
            Text(wording.trend_gain(item.trend)),
        )
    console.print(table)


def print_translations_behind(findings: Findings, console: Console) -> None:
    """Which locales still show a text older than the default locale's last change."""
    _say(console, Text("\nTranslations behind", "bold"))
    table = _table("Article", "Changed", "Behind")
    for item in findings.translations_behind[:_MAX_ROWS]:
        table.add_row(
            Text(one_line(item.article.title)),
            Text(wording.moment(item.changed_at, findings.time_zone)),
            Text(", ".join(one_line(lag.article.locale, 40) for lag in item.translations)),
        )
    console.print(table)
    if len(findings.translations_behind) > _MAX_ROWS:
        more = wording.count(len(findings.translations_behind) - _MAX_ROWS, "more article")
        _say(console, Text(f"and {more}: see the report.", _QUIET))


def print_history(
    article: ArticleState,
    versions: Sequence[Version],
    changes: Sequence[Change],
    console: Console,
    zone: tzinfo,
) -> None:
    """One article's past: what it is now, its versions and its changes in the order given."""
    _say(console, Text(one_line(article.title) or "(untitled)", "bold"))
    if article.url:
        _say(console, Text(one_line(article.url, 2_000), "cyan"))
    published = wording.moment(article.published_at, zone)
    updated = wording.moment(article.updated_at, zone)
    state = f"{_where(article)}; published {published}, updated {updated}; now {article.status}"
    _say(console, Text(state, _QUIET))
    if versions:
        _say(console, Text(f"\n{wording.count(len(versions), 'version')}", "bold"))
        table = _table("Version", "Captured", "Page's updated date", "Text SHA-256", "Title")
        for version in versions:
            table.add_row(
                Text(str(version.number)),
                Text(wording.moment(version.captured_at, zone)),
                Text(wording.moment(version.source_updated_at, zone)),
                Text(wording.short_hash(version.body_sha256)),
                Text(one_line(version.title)),
            )
        console.print(table)
    if changes:
        _say(console, Text(f"\n{wording.count(len(changes), 'change')}", "bold"))
        for change in changes:
            _print_past_change(change, console, zone)
    if not (versions or changes):
        _say(console, Text("Known from listings alone; its page was not read yet."))


def _print_past_change(change: Change, console: Console, zone: tzinfo) -> None:
    when = wording.moment(change.detected_at, zone)
    name = wording.KIND_NAMES[change.kind]
    line = Text.assemble(f"  {when}  ", (name, _SEVERITY_STYLES[change.severity]))
    if change.before is not None or change.after is not None:
        before = one_line(change.before or wording.UNKNOWN)
        after = one_line(change.after or wording.UNKNOWN)
        if change.kind == "touched":
            before = one_line(wording.recorded_moment(change.before, zone))
            after = one_line(wording.recorded_moment(change.after, zone))
        line.append(f": {before} -> {after}")
    if notes := wording.notes(change):
        line.append(f". {' '.join(notes)}")
    _say(console, line)


class ImportResult(Protocol):
    """What an import read: kind of page -> how many; and what it skipped, with the reason."""

    read: Mapping[str, int]
    entry_count: int
    crawl_ids: Sequence[int]
    first_captured_at: datetime | None
    skipped: Sequence[tuple[Path, str]]
    left_out: Mapping[str, int]
    times_from_files: int
    uncounted: Sequence[str]
    unnamed: Sequence[str]
    ambiguous: Sequence[str]


class MergeResult(Protocol):
    """What a merge took and knew already; `added`: table -> rows that it has gained."""

    taken_count: int
    known_count: int
    late_count: int
    crawl_ids: Sequence[int]
    added: Mapping[str, int]


def print_import(result: ImportResult, console: Console) -> None:
    """What an import read, what it skipped and why, and whose word its times are."""
    _say(console, Text(wording.import_line(result.read, result.entry_count), "bold"))
    if len(result.crawl_ids) > 1:
        _say(console, Text(wording.import_passes(result.crawl_ids, result.first_captured_at)))
    if result.times_from_files:
        files = wording.count(result.times_from_files, "file")
        _say(console, Text(f"{files} dated by the modification time: see --captured-at."))
    for said in wording.import_doubts(result.uncounted, result.unnamed, result.ambiguous):
        _say(console, Text(one_line(said, 1_000)))
    for path, reason in result.skipped[:_MAX_ROWS]:
        _say(console, Text(f"Skipped {one_line(str(path), 1_000)}: {one_line(reason, 600)}"))
    if len(result.skipped) > _MAX_ROWS:
        more = wording.count(len(result.skipped) - _MAX_ROWS, "more file")
        _say(console, Text(f"Skipped {more}; import smaller folders to see why."))
    for what, number in sorted(result.left_out.items()):
        counted = f"{wording.thousands(number)} x {one_line(what, 200)}"
        _say(console, Text(f"Left out: {counted}", _QUIET))


def print_merge(result: MergeResult, console: Console) -> None:
    """What a merge took, and what it could take only as an import."""
    line = wording.merge_line(
        result.taken_count, result.crawl_ids, result.known_count, result.added
    )
    _say(console, Text(line, "bold"))
    if result.late_count:
        _say(console, Text(wording.merged_late(result.late_count)))


def print_diff(diff: TextDiff, console: Console) -> None:
    """The whole redline: `~ The fee is [-0.08%-]{+0.10%+}.`, a changed block a line."""
    if diff.is_empty:
        _say(console, Text("No difference."))
        return
    for line in redline_lines(redline.redline(diff)):
        _say(console, line)


def redline_lines(shown: redline.Redline) -> list[Text]:
    """The redline a block a line: marked, so that it can be read without colour, and coloured."""
    out = []
    for line in shown.lines:
        if line.heading:
            out.append(Text(f"# {line.heading}", "bold"))
        text = Text(f"{redline.MARKS[line.op]} ")
        if said := redline.label(line):
            text.append(f"({said}) ", _QUIET)
        for op, marked in redline.marked_pieces(line):
            text.append(marked, _PIECE_STYLES[op])
        out.append(text)
    if said := redline.omission(shown):
        out.append(Text(said, _QUIET))
    return out


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style=_QUIET, pad_edge=False, padding=(0, 3, 0, 0))


def _say(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=not console.is_terminal, highlight=False)


def _indented(console: Console, text: Text) -> None:
    text.no_wrap = False
    lines = text.wrap(console, console.width - 2) if console.is_terminal else text.split("\n")
    for line in lines:
        console.print(Text("  ").append_text(line), soft_wrap=True, highlight=False)
