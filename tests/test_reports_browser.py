"""The web pages for everyone: no accessibility rule broken, light and dark, narrow and wide."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from browser import DARK, axe, in_browser, looked_at, needs_chromium
from report_findings import FEE_DIFF, crawl, findings, found, troubled_day, usual_day
from report_findings import version as text
from reports import webpage
from tracker.run.archive import write_reports

pytestmark = needs_chromium


def period():
    """Net changes with their steps, and one that was taken back."""
    texts = {"from_version": text(1, 1, "Before."), "to_version": text(1, 2, "After.")}
    steps = tuple(found("silent_edit", diff=FEE_DIFF, **texts) for _ in range(2))
    return findings(
        found("updated", id=1, diff=FEE_DIFF, steps=steps, **texts),
        crawls=(crawl(1), crawl(2), crawl(3)),
        taken_back=(found("retitled", before="a", after="b", steps=steps),),
    )


def archive(tmp_path):
    for number, told in enumerate((usual_day(), troubled_day()), start=1):
        write_reports(replace(told, crawls=(crawl(number),)), tmp_path, ["html", "json"])
    return (tmp_path / "index.html").read_text()


@pytest.fixture(scope="session")
def rules(tmp_path_factory):
    return axe(tmp_path_factory.mktemp("axe"))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("usual", ["--window-size=390,800"]),
        ("usual", ["--window-size=1280,900", DARK]),
        ("troubled", ["--window-size=1280,900"]),
        ("period", ["--window-size=500,800", DARK]),
        ("archive", ["--window-size=390,800"]),
        ("archive", ["--window-size=1280,900", DARK]),
    ],
)
def test_no_accessibility_rule_is_broken_and_nothing_runs_off_the_page(
    tmp_path, rules, name, options
):
    pages = {
        "usual": lambda: webpage.render(usual_day()),
        "troubled": lambda: webpage.render(troubled_day()),
        "period": lambda: webpage.render(period()),
        "archive": lambda: archive(tmp_path),
    }
    said = looked_at(pages[name](), rules, tmp_path, *options)
    assert said["violations"] == []
    assert said["passes"] > 15
    assert said["overflow"] <= 0
    assert said["unfolds"] in (True, None)
    assert said["paper"] == ("rgb(23, 23, 22)" if DARK in options else "rgb(252, 251, 248)")


def test_the_rules_do_find_what_is_wrong(tmp_path, rules):
    page = webpage.render(usual_day()).replace('<html lang="en">', "<html>")
    said = looked_at(page, rules, tmp_path)
    assert [name for name, _ in said["violations"]] == ["html-has-lang"]


@pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is absent: the print was not read"
)
def test_on_paper_everything_is_unfolded(tmp_path):
    page, printed = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(webpage.render(usual_day()))
    in_browser(page.as_uri(), tmp_path, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    done = subprocess.run(
        ["pdftotext", "-layout", str(printed), "-"], capture_output=True, text=True, check=True
    )
    assert "Mastercard" in done.stdout
    assert "Cookie notice" in done.stdout
    assert "https://www.okx.com/help/article-1" in done.stdout
    assert "Skip to the changes" not in done.stdout
