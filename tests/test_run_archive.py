"""The folder of reports: under their dates, old ones stay, one list leads to all of them."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html

from report_findings import HEALTHY, crawl, findings, found, hostile, troubled_day, usual_day
from report_golden import HOSTILE_TEXTS
from reports import feed, webpage
from tracker.run.archive import RENDERERS, form_of, write_reports

ALL = tuple(RENDERERS)


def day(number, *changes, site="demo", **fields):
    """The findings of crawl `number`, which began as many days after the first."""
    started_at = crawl(1).started_at + timedelta(days=number - 1)
    this = crawl(number, site=site, started_at=started_at, finished_at=started_at)
    return findings(*changes, site=site, crawls=(this,), **fields)


def files(output):
    return sorted(str(path.relative_to(output)) for path in output.rglob("*") if path.is_file())


def index_of(output):
    return html.document_fromstring((output / "index.html").read_text())


def headlines(output):
    """The reports in the order in which the tables list them."""
    return [" ".join(th.text_content().split()) for th in index_of(output).xpath("//tbody//th")]


def test_a_report_lies_under_its_date_in_each_form(tmp_path):
    written = write_reports(day(3, found()), tmp_path, ALL)
    assert [str(path.relative_to(tmp_path)) for path in written] == [
        f"2026-04-18/demo-crawl-3.{ending}"
        for ending in ("html", "md", "json", "csv", "xlsx", "atom.xml")
    ]
    assert files(tmp_path) == sorted(
        [
            *(str(p.relative_to(tmp_path)) for p in written),
            "index.html",
            "index.json",
            "latest.atom.xml",
            "latest.html",
        ]
    )


def test_latest_is_the_web_page_written_last(tmp_path):
    write_reports(day(1, found()), tmp_path, ["html"])
    write_reports(day(2), tmp_path, ["html"])
    assert (tmp_path / "latest.html").read_text() == webpage.render(day(2))


def test_the_newest_feed_has_an_address_that_stays(tmp_path):
    write_reports(day(1, found()), tmp_path, ["html"])
    assert "latest.atom.xml" not in (tmp_path / "index.html").read_text()
    write_reports(day(2), tmp_path, ["html", "atom"])
    assert (tmp_path / "latest.atom.xml").read_text() == feed.render(day(2))
    assert 'href="latest.atom.xml"' in (tmp_path / "index.html").read_text()


def test_the_feed_that_stays_tells_the_crawls_before_as_well(tmp_path):
    earlier = day(1, found("new"))
    (path,) = write_reports(day(2, found("retitled")), tmp_path, ["atom"], [earlier])
    kinds = re.compile(r'term="(new|retitled)"')
    assert kinds.findall((tmp_path / "latest.atom.xml").read_text()) == ["retitled", "new"]
    assert kinds.findall(path.read_text()) == ["retitled"]


def test_old_reports_stay_and_the_newest_is_listed_first(tmp_path):
    for number in (1, 2, 3):
        write_reports(day(number, *[found()] * number), tmp_path, ["html", "json"])
    first = (tmp_path / "2026-04-16" / "demo-crawl-1.html").read_bytes()
    assert first == webpage.render(day(1, found())).encode()
    assert [line.split(" ", 1)[0] for line in headlines(tmp_path)] == ["3", "2", "1"]


def test_every_link_of_the_list_is_relative_and_leads_to_a_file(tmp_path):
    for site in ("demo", "okx"):
        write_reports(day(1, found(), site=site), tmp_path, ALL)
    links = index_of(tmp_path).xpath("//a/@href")
    assert len(links) > 12
    for link in links:
        assert not link.startswith(("/", "http", "file"))
        assert (tmp_path / unquote(link)).is_file(), link


def test_the_same_reports_in_another_order_give_the_same_list(tmp_path):
    for folder, order in (("a", (1, 2, 3)), ("b", (3, 1, 2))):
        for number in order:
            write_reports(day(number, found()), tmp_path / folder, ["html"])
    for name in ("index.html", "index.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_newest_report_of_each_site_stands_at_the_top(tmp_path):
    for number in (1, 2):
        for site in ("demo", "okx"):
            write_reports(day(number, site=site), tmp_path, ["html"])
    newest = index_of(tmp_path).xpath("//article[contains(@class, 'newest')]//h3/a/@href")
    assert newest == ["2026-04-17/demo-crawl-2.html", "2026-04-17/okx-crawl-2.html"]


def test_the_list_says_how_grave_and_how_healthy_each_was(tmp_path):
    told = day(1, found(severity="high"), found(), health=replace(HEALTHY, verdict="suspect"))
    write_reports(told, tmp_path, ["html"])
    (row,) = index_of(tmp_path).xpath("//tbody/tr")
    assert [td.text_content() for td in row.xpath("./td[@class='num']")] == ["1", "2"]
    assert "Suspect" in row.text_content()


def test_programs_find_the_same_in_json(tmp_path):
    write_reports(day(3, found()), tmp_path, ["html", "json"])
    manifest = json.loads((tmp_path / "index.json").read_text())
    assert manifest["schema"] == "helpwatch.archive/1"
    (report,) = manifest["reports"]
    assert report["files"] == {
        "html": "2026-04-18/demo-crawl-3.html",
        "json": "2026-04-18/demo-crawl-3.json",
    }
    assert (report["site"], report["crawl_id"], report["verdict"]) == ("demo", 3, "healthy")


@pytest.mark.parametrize("damage", ["", "{", '{"schema": 1}', "\x00"])
def test_a_damaged_list_is_made_anew_from_the_files(tmp_path, damage):
    write_reports(day(1, found()), tmp_path, ["html"])
    (tmp_path / "index.json").write_text(damage)
    write_reports(day(2, found()), tmp_path, ["html"])
    assert headlines(tmp_path)[1] == "Report of crawl 1"
    assert "unknown" in index_of(tmp_path).xpath("//tbody")[-1].text_content()


def test_a_report_that_was_taken_away_is_not_listed(tmp_path):
    (path,) = write_reports(day(1), tmp_path, ["html"])
    write_reports(day(2), tmp_path, ["html"])
    path.unlink()
    write_reports(day(3), tmp_path, ["html"])
    assert len(headlines(tmp_path)) == 2


def test_other_files_in_the_folder_are_left_alone_and_not_listed(tmp_path):
    for name in ("notes.txt", "2026-04-16/mine.html", "2026-13-45/demo-crawl-9.html"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    write_reports(day(1), tmp_path, ["html"])
    assert len(headlines(tmp_path)) == 1
    assert (tmp_path / "2026-04-16/mine.html").read_text() == "mine"


def test_a_failed_write_leaves_the_old_list_whole(tmp_path, monkeypatch):
    write_reports(day(1), tmp_path, ["html"])
    before = (tmp_path / "index.html").read_bytes()

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_reports(day(2), tmp_path, ["html"])
    assert (tmp_path / "index.html").read_bytes() == before


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_page_text_never_becomes_markup_in_the_list(tmp_path, name):
    """A headline quotes the locales of a first crawl."""
    told = hostile(HOSTILE_TEXTS[name])
    told = replace(told, changes=(), health=replace(told.health, verdict="healthy"))
    write_reports(told, tmp_path, ["html"])
    page = index_of(tmp_path)
    assert not page.xpath("//script | //img | //iframe | //*[@style] | //@onerror | //@onmouseover")
    assert {link.split(":")[0] for link in page.xpath("//@href") if ":" in link} == set()


def test_the_list_is_one_page_without_scripts_or_requests(tmp_path):
    for number, told in enumerate((usual_day, troubled_day), start=1):
        write_reports(replace(told(), crawls=(crawl(number),)), tmp_path, ["html"])
    page = index_of(tmp_path)
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not page.xpath("//@src | //link | //script")
    assert len(page.xpath("//h1")) == 1 and len(page.xpath("//main")) == 1


def test_a_written_report_knows_its_form(tmp_path):
    assert tuple(map(form_of, write_reports(day(1), tmp_path, ALL))) == ALL
