"""What a suspect crawl showed is not told before a person accepts it; each document says so."""

import csv
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from report_findings import article, found, troubled_day, usual_day
from reports import data, feed, markdown, terminal, webpage, wording

HELD = tuple(
    found("updated", article(n, f"Held number {n}"), id=n, crawl_id=3, detail={"suspect": True})
    for n in (1, 2)
)


@pytest.fixture
def suspect():
    return replace(troubled_day(), changes=(), held_back=HELD)


def on_terminal(findings) -> str:
    console = Console(file=io.StringIO(), width=100)
    terminal.print_summary(findings, console)
    return console.file.getvalue()


DOCUMENTS = [webpage.render, markdown.render, feed.render, on_terminal]


@pytest.mark.parametrize("render", DOCUMENTS)
def test_a_suspect_crawl_says_check_the_parser_and_names_no_change(suspect, render):
    said = render(suspect)
    assert "Check the parser" in said
    assert "helpwatch accept 3" in said
    assert "Held number" not in said


@pytest.mark.parametrize("render", [markdown.render, webpage.render, on_terminal])
def test_a_period_with_a_suspect_crawl_tells_the_others(render):
    said = render(replace(usual_day(), held_back=HELD))
    assert "2 changes held back" in said
    assert "Held number" not in said


def test_programs_get_what_is_held_back_apart_and_marked(suspect):
    report = json.loads(data.render_json(suspect))
    assert report["changes"] == [] and report["counts"] == {}
    assert [held["article"]["title"] for held in report["held_back"]] == [
        "Held number 1",
        "Held number 2",
    ]
    rows = list(csv.DictReader(io.StringIO(data.render_csv(suspect))))
    assert [row["notes"] for row in rows] == [
        "The crawl that showed it is suspect, and nobody has accepted it."
    ] * 2


def test_the_headline_counts_what_is_held_back(suspect):
    assert wording.headline(suspect) == (
        "Check the parser for www.okx.com before relying on this report: 2 changes held back."
    )
