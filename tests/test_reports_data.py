"""JSON and CSV: exact for programs, harmless in spreadsheets."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report_findings import FEE_DIFF, article, findings, found, hostile, usual_day, version
from report_golden import HOSTILE_TEXTS, assert_golden
from reports import data
from reports.safe_text import UNSEEN, visible

DOCS = Path(__file__).parents[1] / "docs" / "report-json.md"


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_json_is_as_documented_programs_read_it():
    assert_golden("report-usual-day.json", data.render_json(usual_day()))


def test_csv_is_as_spreadsheets_read_it():
    assert_golden("report-usual-day.csv", data.render_csv(usual_day()))
    assert_golden("report-usual-day-trending.csv", data.render_trending_csv(usual_day()))


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_json_gives_any_title_back_to_the_character(title):
    text = data.render_json(findings(found("retitled", article(1, title), before=title)))
    assert not re.search(f"[{UNSEEN}]", text)
    change = json.loads(text)["changes"][0]
    assert (change["article"]["title"], change["before"]) == (title, title)


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_json_and_csv_hold_hostile_text_harmlessly(name):
    told = hostile(HOSTILE_TEXTS[name])
    text = data.render_json(told)
    assert json.loads(text)["not_checked"] == [HOSTILE_TEXTS[name]]
    text.encode("utf-8")
    for table in (data.render_csv(told), data.render_trending_csv(told)):
        table.encode("utf-8")
        for row in rows_of(table):
            for cell in row.values():
                assert cell == visible(cell)
                assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
                assert len(cell) <= 32_767


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(codec="utf-8")))
def test_csv_gives_any_title_back_as_it_is_shown(title):
    (row,) = rows_of(data.render_csv(findings(found("new", article(1, title)))))
    assert row["title"].removeprefix("'") == visible(title).removeprefix("'")
    assert None not in row and len(row) == len(data.CHANGE_COLUMNS)


def test_negative_numbers_stay_numbers():
    told = usual_day()
    trend = told.trending[0].trend
    falling = type(trend)(
        article_id=21,
        window_days=7,
        views_gained=-5,
        views_per_day=-0.7,
        usual_per_day=None,
        score=-1.5,
        rank=1,
    )
    item = type(told.trending[0])(
        trend=falling, article=told.trending[0].article, series=told.trending[0].series
    )
    (row,) = rows_of(data.render_trending_csv(findings(trending=(item,))))
    assert (row["views_gained"], row["score"], row["usual_per_day"]) == ("-5", "-1.5", "")


def test_a_bare_date_stays_a_date_and_an_instant_an_instant():
    change = json.loads(data.render_json(usual_day()))["changes"][0]["article"]
    assert (change["published_at"], change["updated_at"]) == ("2024-03-05", "2026-04-17T09:30:00Z")


def test_json_tells_only_changed_blocks_but_those_whole():
    diff = json.loads(data.render_json(usual_day()))["changes"][0]["diff"]
    assert len(diff["blocks"]) == len(FEE_DIFF.blocks) - 1
    changed = diff["blocks"][0]["pieces"]
    assert "".join(piece["text"] for piece in changed if piece["op"] != "removed") == (
        "Orders that add to the book pay 0.10% of the amount traded, "
        "and the rate is set anew on the first of each month."
    )


def test_the_difference_of_two_versions_has_a_document_of_its_own():
    told = json.loads(data.render_diff_json(version(1, 1, "a"), version(1, 2, "b"), FEE_DIFF))
    assert told["schema"] == "helpwatch.diff/1"
    assert (told["from_version"]["number"], told["to_version"]["number"]) == (1, 2)
    assert told["touched"][0]["after"] == "0.10%"


def test_trends_alone_have_a_document_of_their_own():
    told = json.loads(data.render_trending_json(usual_day()))
    assert told["schema"] == "helpwatch.trending/1"
    assert [item["rank"] for item in told["trending"]] == [1, 2, 3]


def keys_of(value, name=""):
    """Every field of the document as a dotted path, lists left out."""
    if isinstance(value, list):
        return {key for item in value for key in keys_of(item, name)}
    if not isinstance(value, dict):
        return {name}
    found = {key for field, item in value.items() for key in keys_of(item, f"{name}.{field}")}
    return found | {name}


def test_every_field_is_documented():
    """The free-form parts (detail, filters, counts) are documented as a whole."""
    documented = set(re.findall(r"`([a-z_0-9]+)`", DOCS.read_text(encoding="utf-8")))
    paths = keys_of(json.loads(data.render_json(usual_day())))
    free = (".changes.detail.", ".filters.", ".counts.")
    fields = {path.rsplit(".", 1)[1] for path in paths if path and not path.startswith(free)}
    assert fields <= documented, fields - documented
    assert f"`{data.SCHEMA}`" in DOCS.read_text(encoding="utf-8")
