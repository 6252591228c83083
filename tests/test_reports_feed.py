"""The Atom feed: valid by the rules of RFC 4287 that a program can check, stable, harmless."""

from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from report_findings import (
    NOW,
    article,
    crawl,
    findings,
    found,
    hostile,
    quiet_day,
    troubled_day,
    usual_day,
)
from report_golden import HOSTILE_TEXTS, assert_golden
from reports import feed
from reports.safe_text import one_line, visible

ATOM = "{http://www.w3.org/2005/Atom}"


def parsed(told):
    return etree.fromstring(feed.render(told).encode("utf-8"))


def entries(told):
    return parsed(told).findall(f"{ATOM}entry")


def test_the_feed_is_as_it_was_read():
    assert_golden("report-usual-day.atom", feed.render(usual_day()))


@pytest.mark.parametrize("day", [usual_day, quiet_day, troubled_day])
def test_feed_and_entries_have_what_the_standard_asks_for(day):
    root = parsed(day())
    assert root.tag == f"{ATOM}feed"
    assert root.find(f"{ATOM}author/{ATOM}name").text
    ids = []
    for node in [root, *root.findall(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            assert len(node.findall(f"{ATOM}{name}")) == 1, name
        assert datetime.fromisoformat(node.findtext(f"{ATOM}updated")).tzinfo is not None
        assert node.findtext(f"{ATOM}id").startswith("urn:uuid:")
        ids.append(node.findtext(f"{ATOM}id"))
        assert len(node.findall(f"{ATOM}link[@rel='alternate']")) <= 1
    assert len(ids) == len(set(ids))


def test_one_entry_a_change_and_one_a_group():
    titles = [entry.findtext(f"{ATOM}title") for entry in entries(usual_day())]
    assert "Quietly edited: How are trading fees set?" in titles
    assert "The same edit on 3 articles" in titles
    assert len(titles) == 11


def test_the_same_change_in_another_report_is_the_same_entry():
    change = found("silent_edit", id=7)
    later = findings(change, generated_at=NOW + timedelta(days=3), until=NOW + timedelta(days=3))
    ids = [entries(told)[0].findtext(f"{ATOM}id") for told in (findings(change), later)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    "other",
    [
        found("updated"),
        found("silent_edit", article(2)),
        found("silent_edit", replace(article(1), locale="fr")),
        found("silent_edit", detected_at=NOW - timedelta(days=1)),
    ],
)
def test_another_change_is_another_entry(other):
    ids = [
        entries(findings(each))[0].findtext(f"{ATOM}id") for each in (found("silent_edit"), other)
    ]
    assert ids[0] != ids[1]


def test_an_ill_crawl_is_an_entry_too():
    first = entries(troubled_day())[0]
    assert first.findtext(f"{ATOM}title").startswith("Check the parser for www.okx.com")
    assert "212 of 214 articles seem changed" in first.findtext(f"{ATOM}content")
    assert entries(quiet_day()) == []


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_hostile_text_is_well_formed_xml_and_harmless_html(name):
    source = feed.render(hostile(HOSTILE_TEXTS[name]))
    assert source == visible(source)
    root = etree.fromstring(source.encode("utf-8"), etree.XMLParser(resolve_entities=False))
    assert root.getroottree().docinfo.doctype == ""
    for content in root.iter(f"{ATOM}content"):
        inside = lxml_html.fragments_fromstring(content.text)
        tags = {element.tag for part in inside for element in part.iter()}
        assert tags <= {"ul", "li", "div", "p", "span", "ins", "del"}
    for link in root.iter(f"{ATOM}link"):
        assert link.get("href").startswith("https://www.okx.com")


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_any_title_gives_well_formed_xml_that_shows_it(title):
    root = ElementTree.fromstring(feed.render(findings(found("new", article(1, title)))))
    shown = root.findtext(f"{ATOM}entry/{ATOM}title")
    assert shown == f"New: {one_line(title) or '(untitled)'}"


def test_the_feed_is_as_new_as_its_newest_entry():
    late = crawl(outcome="partial", finished_at=NOW + timedelta(minutes=40))
    told = troubled_day(crawls=(late,))
    dates = [entry.findtext(f"{ATOM}updated") for entry in entries(told)]
    assert parsed(told).findtext(f"{ATOM}updated") == max(dates) == "2026-04-18T06:40:00Z"
