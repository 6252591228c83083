"""The terminal view: complete without colour, colour only on terminals, nothing raw from pages."""

import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from report_findings import (
    FEE_DIFF,
    article,
    findings,
    found,
    hostile,
    many_changes,
    quiet_day,
    troubled_day,
    usual_day,
    version,
)
from report_golden import HOSTILE_TEXTS, assert_golden
from reports import redline, terminal
from reports.safe_text import visible

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def shown(print_it, *arguments, is_terminal=False, width=100, **options):
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=is_terminal,
        color_system="standard" if is_terminal else None,
        _environ={},
    )
    print_it(*arguments, console, **options)
    return console.file.getvalue()


@pytest.mark.parametrize("day", [usual_day, quiet_day, troubled_day])
def test_the_summary_is_as_it_was_read(day):
    places = {"Report": "helpwatch-reports/latest.html", "Database": "helpwatch.db"}
    text = shown(terminal.print_summary, day(), places=places)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    assert_golden(f"summary-{day.__name__.replace('_', '-')}.txt", text)


def test_colour_is_for_terminals_only():
    assert "\x1b" not in shown(terminal.print_summary, usual_day())
    assert COLOUR.search(shown(terminal.print_summary, usual_day(), is_terminal=True))


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
@pytest.mark.parametrize("is_terminal", [False, True])
def test_nothing_unseen_from_a_page_reaches_the_terminal(name, is_terminal):
    text = HOSTILE_TEXTS[name]
    told = hostile(text)
    out = shown(terminal.print_summary, told, is_terminal=is_terminal)
    history = [item.change for item in told.changes]
    out += shown(
        lambda console: terminal.print_history(
            told.changes[0].article,
            [version(1, 1, text, title=text)],
            history,
            console,
            ZoneInfo("UTC"),
        ),
        is_terminal=is_terminal,
    )
    diff = hostile(text[:20_000]).changes[0].diff
    out += shown(terminal.print_diff, diff, is_terminal=is_terminal)
    plain = COLOUR.sub("", out) if is_terminal else out
    assert plain == visible(plain)


def test_square_brackets_of_a_page_are_no_markup():
    title = "[bold red]loud[/] [link=http://x]go[/link]"
    out = shown(terminal.print_changes, findings(found("new", article(1, title))), is_terminal=True)
    assert title in COLOUR.sub("", out)
    assert "\x1b]8" not in out


def test_a_difference_reads_the_same_with_and_without_colour():
    plain = shown(terminal.print_diff, FEE_DIFF, width=400)
    assert plain == redline.diff_text(FEE_DIFF)
    assert (
        COLOUR.sub("", shown(terminal.print_diff, FEE_DIFF, is_terminal=True, width=400)) == plain
    )


def test_a_large_day_shows_the_gravest_changes_and_counts_the_rest():
    told = many_changes(90)
    out = shown(terminal.print_summary, told)
    assert out.count("Quietly edited: ") == 40
    assert "50 more changes: see the report" in out
    assert "more changes" not in shown(terminal.print_changes, told)


def test_no_change_and_no_trend_are_said():
    assert "No change was found. 2 of 2" in shown(terminal.print_changes, quiet_day())
    assert "No article's views rose" in shown(terminal.print_trending, quiet_day())


def test_a_history_shows_versions_and_changes_in_the_readers_zone():
    changes = [found("silent_edit", detail={"reverts_to": 1}).change]
    out = shown(
        lambda console: terminal.print_history(
            article(), [version(1, 1)], changes, console, ZoneInfo("Asia/Hong_Kong")
        )
    )
    assert "1         17 Apr 2026, 14:00 HKT" in out
    assert "  18 Apr 2026, 14:00 HKT  Quietly edited. The text of version 1 is back.\n" in out


def test_an_article_known_from_listings_alone_says_so():
    out = shown(lambda console: terminal.print_history(article(), [], [], console, ZoneInfo("UTC")))
    assert "Known from listings alone" in out


@dataclass
class Imported:
    read: dict = field(default_factory=dict)
    entry_count: int = 0
    skipped: list = field(default_factory=list)
    times_from_files: int = 0
    left_out: dict = field(default_factory=dict)
    crawl_ids: list = field(default_factory=list)
    first_captured_at: datetime | None = None
    uncounted: list = field(default_factory=list)
    unnamed: list = field(default_factory=list)
    ambiguous: list = field(default_factory=list)


def test_an_import_tells_what_its_text_does_not_say_for_sure():
    result = Imported(
        read={"import": 1},
        uncounted=["Fees"],
        unnamed=[f"{n}k XPL\x1b" for n in range(7)],
        ambiguous=["Notice"],
    )
    assert shown(terminal.print_import, result).splitlines()[1:] == [
        "Left out the view count of 1 entry, since it may be the beginning of the next title: "
        "'Fees'.",
        "Left out 7 entries whose title may begin elsewhere and names no article known: "
        "'0k XPL<U+001B>', '1k XPL<U+001B>', '2k XPL<U+001B>', '3k XPL<U+001B>', "
        "'4k XPL<U+001B>' and 2 more. Import the page itself (.html).",
        "Left out 1 entry whose title and date several known articles have: 'Notice'. "
        "Import the page itself (.html).",
    ]


def test_an_import_of_many_days_tells_where_its_changes_are():
    result = Imported(
        read={"article": 40},
        skipped=[(Path(f"{n}.html"), "it is empty") for n in range(50)],
        left_out={"record of another host": 4_012},
        crawl_ids=[7, 8, 9],
        first_captured_at=datetime(2025, 11, 17, tzinfo=UTC),
    )
    lines = shown(terminal.print_import, result).splitlines()
    assert "3 passes (crawls 7 to 9)" in lines[1]
    assert "helpwatch changes --since 2025-11-17" in lines[1]
    assert sum(line.startswith("Skipped ") for line in lines) == 41
    assert "10 more files" in lines[-2]
    assert lines[-1] == "Left out: 4,012 x record of another host"


def test_an_import_tells_what_it_skipped_and_why():
    result = Imported(
        read={"search": 1},
        entry_count=15,
        skipped=[(Path("a\x1b.html"), "A challenge page.")],
        times_from_files=1,
    )
    assert shown(terminal.print_import, result) == (
        "Read 1 search listing with 15 entries.\n"
        "1 file dated by the modification time: see --captured-at.\n"
        "Skipped a<U+001B>.html: A challenge page.\n"
    )


def test_a_group_shows_the_watch_words_of_all_its_articles():
    group = {"group": {"key": "edit 5f0c", "size": 3}}
    changes = [
        found(
            "updated",
            article(number),
            id=number,
            detail=group | {"watch": [{"label": label, "severity": "high", "words": [word]}]},
        )
        for number, label, word in [(1, "Fees", "fee"), (2, "Fees", "fees"), (3, "KYC", "KYC")]
    ]
    text = shown(terminal.print_changes, findings(*changes))
    assert "Watchlist: Fees: fee, fees\n" in text
    assert "Watchlist: KYC: KYC\n" in text
