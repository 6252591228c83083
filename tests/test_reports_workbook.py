"""The Excel workbook: real dates and links, filters, and no text that a spreadsheet would run."""

import io
import re
import warnings
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from report_findings import (
    FEE_DIFF,
    NOW,
    article,
    findings,
    found,
    hostile,
    many_changes,
    quiet_day,
    troubled_day,
    usual_day,
)
from report_golden import HOSTILE_TEXTS
from reports import workbook
from reports.safe_text import visible


def book_of(told):
    return load_workbook(io.BytesIO(workbook.render(told)))


def rows_of(told, sheet):
    """The rows of a sheet as dicts by the column's title, without its time zone."""
    head, *rows = book_of(told)[sheet].iter_rows()
    titles = [cell.value.partition(" (")[0] for cell in head]
    return [dict(zip(titles, row, strict=True)) for row in rows]


def test_the_same_findings_give_the_same_bytes():
    assert workbook.render(usual_day()) == workbook.render(usual_day())


def test_there_is_a_sheet_each_with_a_filter_and_a_header_that_stays():
    book = book_of(usual_day())
    assert book.sheetnames == ["Changes", "New", "Trending", "Health"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(cell.font.bold for cell in sheet[1])


def test_a_quiet_day_has_empty_sheets_that_open():
    book = book_of(quiet_day())
    assert book["Changes"].max_row == 1
    assert book["Changes"].auto_filter.ref.startswith("A1:")


def test_a_change_has_link_dates_and_what_was_touched():
    row = rows_of(usual_day(), "Changes")[0]
    assert row["Kind"].value == "Quietly edited"
    assert row["Article"].value == "How are trading fees set?"
    assert row["Article"].hyperlink.target == "https://www.okx.com/help/article-1"
    assert row["Seen by us"].value == datetime(2026, 4, 18, 6)
    assert row["Seen by us"].is_date
    assert row["Published"].value == datetime(2024, 3, 5)
    assert row["Published"].number_format == "yyyy-mm-dd"
    assert "Percentage: 0.08% -> 0.10%" in row["Touched"].value
    assert "[-0.08%-]{+0.10%+}" in row["Difference"].value
    assert (row["From version"].value, row["To version"].value) == (1, 2)


def test_dates_stand_in_the_time_zone_that_the_header_names():
    zone = timezone(timedelta(hours=8), "SGT")
    told = findings(found(), time_zone=zone)
    sheet = book_of(told)["Changes"]
    (seen,) = [cell for cell in sheet[1] if cell.value.startswith("Seen")]
    assert seen.value == "Seen by us (SGT)"
    assert sheet.cell(2, seen.column).value == datetime(2026, 4, 18, 14)


def test_dates_that_excel_does_not_know_stand_as_text():
    told = findings(
        found("new", article(published_at=date(1899, 5, 1))),
        found("new", article(2, published_at=datetime(1900, 2, 1, tzinfo=UTC))),
    )
    assert [row["Published"].value for row in rows_of(told, "New")] == [
        "1 May 1899",
        "1 Feb 1900, 00:00 UTC",
    ]


def test_new_articles_have_a_sheet_with_their_text():
    (row,) = rows_of(usual_day(), "New")
    assert row["Article"].value == "KITE to be listed for spot trading"
    assert row["Text"].value.startswith("Deposits of KITE open on 18 April.")


def test_trends_are_numbers():
    row = rows_of(usual_day(), "Trending")[0]
    assert (row["Rank"].value, row["Views gained"].value, row["Views a day"].value) == (
        1,
        864,
        123.4,
    )


def test_health_says_what_was_not_looked_at():
    rows = rows_of(troubled_day(), "Health")
    said = {(row["Topic"].value, row["In words"].value) for row in rows}
    assert ("Check", "2 pages answered with a challenge.") in said
    assert ("Not checked", "Section New listings was read for 3 of about 12 pages.") in said
    assert any(topic == "Listing" and "not read to its end" in words for topic, words in said)


def test_what_was_taken_back_is_there_and_marked_so():
    step = found("updated", diff=FEE_DIFF)
    told = findings(found(), taken_back=(found("updated", steps=(step, step)),))
    rows = rows_of(told, "Changes")
    assert [(row["Taken back"].value, row["Steps"].value) for row in rows] == [
        ("no", 1),
        ("yes", 2),
    ]


# Text that would act


def formulas_and_links(told):
    """What Excel would run, as it stands in the file itself."""
    archive = zipfile.ZipFile(io.BytesIO(workbook.render(told)))
    sheets = [archive.read(n).decode() for n in archive.namelist() if "worksheets/" in n]
    links = re.findall(r'Target="([^"]*)" TargetMode="External"', "".join(sheets))
    return [sheet for sheet in sheets if "<f>" in sheet or "<f " in sheet], links


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_page_text_is_never_a_formula_nor_a_link_that_acts(name):
    told = hostile(HOSTILE_TEXTS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        formulas, links = formulas_and_links(told)
    assert formulas == []
    assert links and all(link.startswith("https://www.okx.com/") for link in links)
    for sheet in book_of(told):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                if isinstance(cell.value, str):
                    assert cell.value == visible(cell.value)
                    assert len(cell.value) <= 32_767


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=60))
def test_any_title_comes_back_as_it_is_shown(title):
    told = findings(found("retitled", article(1, title), before=title, after="x"))
    (row,) = rows_of(told, "Changes")
    assert (row["Article"].value or "") == (" ".join(visible(title).split()) or "(untitled)")


@pytest.mark.parametrize("length", [100, 599, 601, 5_000])
def test_a_link_too_long_for_excel_stands_as_text(length):
    url = "https://help.example/" + "ä" * (length - 21)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (row,) = rows_of(findings(found("retitled", article(1, "Fees", url=url))), "Changes")
    assert row["Article"].value == "Fees"
    assert (row["Article"].hyperlink is None) == (length > 600)


def test_a_thousand_changes_make_a_workbook():
    assert book_of(many_changes(1_000))["Changes"].max_row == 1_001


def test_a_report_is_made_for_the_moment_that_the_findings_name():
    properties = book_of(usual_day()).properties
    assert properties.created == (NOW + timedelta(minutes=1)).replace(tzinfo=None)
    assert properties.title.startswith("14 changes on www.okx.com")
