"""The short text that is sent: within its limits, the gravest first, harmless wherever it lands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from report_findings import article, findings, found, hostile, many_changes, quiet_day, usual_day
from report_findings import troubled_day as troubled
from report_golden import HOSTILE_TEXTS, assert_golden
from reports.notify import message, trial
from reports.safe_text import visible

KINDS = ("high", "digest", "health", "heartbeat")


def made(kind, told, form="text", body_limit=30_000, title_limit=250, **options):
    return message(kind, told, form=form, body_limit=body_limit, title_limit=title_limit, **options)


@pytest.mark.parametrize("form", ["text", "html"])
def test_the_digest_is_as_it_was_looked_at(form):
    note = made("digest", usual_day(), form, report_url="https://intranet.example/r.html")
    assert_golden(f"message-usual-day.{form[:4]}", f"{note.title}\n\n{note.body}\n")


@pytest.mark.parametrize(
    ("kind", "told", "title"),
    [
        ("high", findings(found(), found()), "2 changes of high severity on www.okx.com"),
        ("digest", findings(found()), "1 change on www.okx.com: 1 retitled."),
        ("health", troubled(), "Check the parser for www.okx.com: this crawl is suspect"),
        ("health", quiet_day(health=None), "The crawl of www.okx.com needs a look"),
        ("heartbeat", quiet_day(), "All quiet on www.okx.com"),
    ],
)
def test_the_title_says_what_it_is_about(kind, told, title):
    assert made(kind, told).title == title


def test_an_ill_crawl_is_told_with_its_checks_and_what_was_not_checked():
    body = made("health", troubled()).body
    assert "Problem: 212 of 214 articles seem changed" in body
    assert "held back until a person has looked" in body
    assert "What was not checked (2)" in body
    assert "began on 17 Apr 2026" in body


def test_the_link_to_the_report_is_there_however_little_room_there_is():
    link = "https://intranet.example/2026-04-18/okx-crawl-3.html"
    for limit in (300, 1_000, 4_000):
        body = made("digest", usual_day(), body_limit=limit, report_url=link).body
        assert body.endswith(link)


def test_many_changes_are_cut_and_counted():
    body = made("digest", many_changes(100)).body
    assert "And 80 more changes." in body


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["text", "html"])
@pytest.mark.parametrize("body_limit", [60, 160, 500, 2_000])
def test_a_message_keeps_within_what_its_destination_takes(kind, form, body_limit):
    for told in (usual_day(), troubled(), many_changes(50)):
        note = made(kind, told, form, body_limit=body_limit, title_limit=50)
        assert note.body and len(note.title) + len(note.body) <= body_limit + 1
        assert len(note.title) <= 50


def test_without_a_title_its_words_begin_the_body():
    note = made("heartbeat", quiet_day(), title_limit=0)
    assert note.title == ""
    assert note.body.startswith("All quiet on www.okx.com")


def test_a_trial_says_that_it_is_one():
    assert "test of helpwatch" in trial(form="text").body
    assert "<b>This is a test of helpwatch.</b>" in trial(form="html").body


# Text that would act


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_page_text_stays_text(kind, name):
    told = hostile(HOSTILE_TEXTS[name])
    plain = made(kind, told)
    assert plain.title == visible(plain.title) and "\n" not in plain.title
    assert plain.body == visible(plain.body)
    page = html.fromstring(f"<div>{made(kind, told, 'html').body}</div>")
    assert {element.tag for element in page.iter()} <= {"div", "p", "b", "br", "a"}
    assert all(re.match("https?://", href) for href in page.xpath("//@href"))
    assert set(page.xpath("//@*")) == set(page.xpath("//@href"))


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("@everyone read this", "@ everyone read this"),
        ("now @here, and <@123456>", "now @ here, and <@ 123456>"),
        ("role <@&77>", "role <@ &77>"),
        ("＠channel", "＠ channel"),
        ("<!channel> and <!subteam^S1|us>", "< !channel> and < !subteam^S1|us>"),
        ("<users/all> or <#C024BE7LR>", "< users/all> or < #C024BE7LR>"),
        ("[your bank](https://evil.example)", "[your bank] (https://evil.example)"),
        ("fees <5 and [sic] (today)", "fees <5 and [sic] (today)"),
        ("write to help@okx.com", "write to help@okx.com"),
    ],
)
def test_nobody_is_called_and_nothing_linked_by_a_title(title, shown):
    assert shown in made("digest", findings(found("new", article(1, title)))).body


@given(st.text(max_size=80), st.integers(20, 400))
def test_any_title_fits_anywhere(title, limit):
    told = findings(found("retitled", article(1, title), before=title, after="x"))
    for form in ("text", "html"):
        note = made("digest", told, form, body_limit=limit, title_limit=20)
        assert note.body and len(note.body) <= max(1, limit)
        assert note.body == visible(note.body)
