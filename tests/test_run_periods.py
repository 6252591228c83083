"""Reports of other periods: several crawls folded into what they come to, on the demo's days."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from tracker.run import times
from tracker.run.errors import UsageError

NOW = datetime(2026, 4, 20, 6, tzinfo=UTC)


@pytest.fixture
def report(helpwatch, demo):
    def run(*options, command="report"):
        ran = helpwatch(
            *("--db", demo.folder / "helpwatch.db", command, "--format", "json"),
            *("--now", NOW.isoformat(), *options),
        )
        assert (ran.code, ran.err) == (0, "")
        return json.loads(ran.out)

    return run


def crawls_of(report):
    return [crawl["id"] for crawl in report["crawls"]]


@pytest.mark.parametrize(
    ("options", "crawls"),
    [
        ([], [3]),
        (["--since", "2026-04-18"], [2, 3]),
        (["--since", "36h"], [3]),
        (["--since", "30d"], [1, 2, 3]),
        (["--until", "2026-04-18"], [2]),
        (["--since", "2026-04-17", "--until", "2026-04-18"], [1, 2]),
        (["--since", "2026-04-18T06:00:01Z"], [3]),
        (["--during", "2026-04-18"], [2]),
        (["--during", "2026-W16"], [1, 2, 3]),
        (["--during", "2026-W17"], []),
        (["--during", "2026-04"], [1, 2, 3]),
        (["--crawl", "2"], [2]),
        (["--crawl", "1..3"], [2, 3]),
        (["--crawl", "2..3"], [3]),
        (["--site", "demo"], [3]),
    ],
)
def test_a_period_covers_the_crawls_that_began_in_it(report, options, crawls):
    assert crawls_of(report(*options)) == crawls


def test_what_changed_between_two_crawls_begins_with_the_first_of_them(report):
    told = report("--crawl", "1..3")
    assert (told["since"], told["until"]) == ("2026-04-17T06:00:00Z", "2026-04-19T06:00:00Z")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--during", "April"], "2026-04-18, 2026-W16 or 2026-04"),
        (["--during", "2026-W60"], "2026-W16"),
        (["--crawl", "x"], "2..5"),
        (["--crawl", "3..2"], "an earlier crawl and a later one"),
        (["--crawl", "77"], "There is no crawl 77"),
        (["--crawl", "1..77"], "There is no crawl 77"),
        (["--crawl", "2", "--since", "7d"], "Give one of --crawl, --during"),
        (["--during", "2026-04", "--until", "1d"], "Give one of"),
    ],
)
def test_what_is_no_period_is_said(helpwatch, demo, options, said):
    ran = helpwatch("--db", demo.folder / "helpwatch.db", "report", *options)
    assert ran.code == 2
    assert said in ran.err


def slugs(changes, kind):
    return {c["article"]["slug"] for c in changes if c["kind"] == kind}


def test_an_edit_that_was_taken_back_is_told_as_such_with_its_steps(report):
    found = report("--since", "2026-04-17")
    back = {c["article"]["slug"]: c for c in found["taken_back"]}
    edit = back["how-do-i-set-up-a-recurring-buy-plan"]
    assert [step["kind"] for step in edit["steps"]] == ["updated", "updated"]
    assert edit["steps"][0]["diff"]["blocks"] and not edit["diff"]["blocks"]
    assert edit["article"]["slug"] not in slugs(found["changes"], "updated")
    assert "were made and taken back" in found["headline"]


def test_two_edits_are_one_from_the_first_text_to_the_last(report):
    found = report("--crawl", "1..3")
    (limits,) = [
        c
        for c in found["changes"]
        if c["article"]["slug"] == "withdrawal-limits-by-verification-level"
    ]
    assert [step["kind"] for step in limits["steps"]] == ["silent_edit", "updated"]
    assert (limits["from_version"]["number"], limits["to_version"]["number"]) == (1, 3)
    blocks = len(limits["diff"]["blocks"])
    assert blocks == sum(len(step["diff"]["blocks"]) for step in limits["steps"])


def test_a_period_of_one_crawl_is_that_crawl(report):
    one, other = report("--crawl", "2"), report("--during", "2026-04-18")
    assert one["changes"] == other["changes"]
    assert one["taken_back"] == []
    assert all(change["steps"] == [] for change in one["changes"])


def test_no_step_is_lost_and_none_is_told_twice(report):
    """All that the single crawls found stands in the period's report, once."""
    single = [c["id"] for number in "23" for c in report("--crawl", number)["changes"]]
    found = report("--crawl", "1..3")
    told = [
        step["id"]
        for change in found["changes"] + found["taken_back"]
        for step in change["steps"] or [change]
    ]
    assert sorted(told) == sorted(single)


def test_changes_lists_each_change_of_a_period_unfolded(report):
    listed = report("--since", "2026-04-17", command="changes")
    assert all(change["steps"] == [] for change in listed["changes"])
    assert len(listed["changes"]) == len(report("--crawl", "2")["changes"]) + len(
        report("--crawl", "3")["changes"]
    )


def test_a_quiet_edit_is_found_by_its_kind_though_a_dated_one_followed(report):
    found = report("--since", "2026-04-17", "--kind", "silent_edit")
    kinds = {c["article"]["slug"]: c["kind"] for c in found["changes"]}
    assert kinds["withdrawal-limits-by-verification-level"] == "updated"
    assert sorted(kinds.values()) == ["silent_edit", "updated"]


@pytest.mark.parametrize("form", ["html", "markdown", "csv", "atom", "xlsx"])
def test_every_form_tells_what_was_taken_back(helpwatch, demo, tmp_path, form):
    path = tmp_path / f"report.{form}"
    ran = helpwatch(
        *("--db", demo.folder / "helpwatch.db", "report", "--since", "2026-04-17"),
        *("--format", form, "-o", path),
    )
    assert (ran.code, ran.out) == (0, f"Report: {path}\n")
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(path.read_text())))
        assert sum(row["taken_back"] == "1" for row in rows) == 3
    elif form == "xlsx":
        cells = [cell.value for row in load_workbook(path)["Changes"].iter_rows() for cell in row]
        assert cells.count("yes") == 3
    else:
        assert "Taken back" in path.read_text()


# A workbook is no text


def test_a_workbook_is_not_written_to_a_terminal(demo):
    leader, follower = pty.openpty()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tracker.run.cli", "--db", str(demo.folder / "helpwatch.db")),
            *("report", "--format", "xlsx"),
        ],
        stdout=follower,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(follower)
    os.close(leader)
    assert done.returncode == 2
    assert "name a file with -o report.xlsx" in done.stderr


def test_a_workbook_goes_through_a_pipe(demo):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tracker.run.cli", "--db", str(demo.folder / "helpwatch.db")),
            *("report", "--format", "xlsx"),
        ],
        capture_output=True,
        check=True,
    )
    assert load_workbook(io.BytesIO(done.stdout)).sheetnames[0] == "Changes"


# What people type


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026-04-18", "2026-04-18T00:00:00Z", "2026-04-18T23:59:59Z"),
        ("2026-W01", "2025-12-29T00:00:00Z", "2026-01-04T23:59:59Z"),
        ("2026-02", "2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z"),
        ("2024-12", "2024-12-01T00:00:00Z", "2024-12-31T23:59:59Z"),
    ],
)
def test_a_day_week_or_month_is_meant_whole(text, begin, end):
    meant = (datetime.fromisoformat(begin), datetime.fromisoformat(end))
    assert times.calendar(text) == meant


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-W54", "last week", "2026-4-1x", ""])
def test_what_is_no_day_week_or_month_is_refused(text):
    with pytest.raises(UsageError, match="2026-W16"):
        times.calendar(text)


def test_a_day_as_an_end_is_meant_to_its_last_second():
    assert times.until("2026-04-18", NOW) == datetime(2026, 4, 18, 23, 59, 59, tzinfo=UTC)
    assert times.until("1d", NOW) == datetime(2026, 4, 19, 6, tzinfo=UTC)
