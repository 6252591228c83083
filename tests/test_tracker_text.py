"""What counts as the same text, title and moment, and what does not."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given, settings

from markdown_texts import ORIGIN, edited_texts, texts
from spiders.sites import load
from tracker.text import fingerprint, is_same, normalise, same_moment, same_title

SAMPLES = Path(__file__).parents[2] / "shared/samples/okx"
UTC8 = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("two  words", "two words"),
        ("10\u00a0000 USDT", "10 000 USDT"),
        ("10\u202f000 USDT", "10 000 USDT"),
        ("one\ntwo", "one two"),
        ("one\r\n\r\ntwo\n", "one\n\n\n\ntwo"),
        ("- a\n- b", "- a\n\n- b"),
        ("a  \nb", "a\\\nb"),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |", "|a|b|\n|:-|-:|\n|1|2|  "),
        ("| a | b |\n| --- | --- |\n| 1 |  |", "| a | b |\n| --- | --- |\n| 1 |"),
        ("![x](https://a.example/p/x.png)", "![x](https://b.example/p/x.png)"),
        ("![x](https://a.example/x.png?v=1)", "![x](https://a.example/x.png?v=2&w=640)"),
        ("![x](//a.example/i?id=5&_=17)", "![x](https://b.example/i?id=5)"),
        (f"[t]({ORIGIN}/zh-hans/help/x)", f"[t]({ORIGIN}/help/x)"),
        (f"[t]({ORIGIN}/en-eu/help/x#y)", f"[t]({ORIGIN}/fr/help/x#y)"),
        (f"[t]({ORIGIN}/pt-br)", f"[t]({ORIGIN}/)"),
        (f"<{ORIGIN}/de/help>", f"<{ORIGIN}/help>"),
    ],
)
def test_noise_makes_no_other_text(a, b):
    assert is_same(a, b, ORIGIN)
    assert fingerprint(a, ORIGIN) == fingerprint(b, ORIGIN)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("1.5%", "15%"),
        ("-5", "5"),
        ("a - b", "a b"),
        ("- 5", "+ 5"),
        ("0.10%", "0.1%"),
        ("1 000", "1000"),
        ("paypal", "p\u0430ypal"),
        ("paypal", "pay\u200bpal"),
        ("paypal", "pay\u00adpal"),
        ("A word", "a word"),
        ("[t](https://a.example/x)", "[t](https://a.example/y)"),
        ("[t](https://a.example/x)", "[t](https://b.example/x)"),
        ("[t](https://a.example/x?v=1)", "[t](https://a.example/x?v=2)"),
        (f"[t]({ORIGIN}/help/x)", f"[t]({ORIGIN}/help/y)"),
        (f"[t]({ORIGIN}/api/x)", f"[t]({ORIGIN}/x)"),
        ("[t](https://other.example/zh-hans/help/x)", "[t](https://other.example/help/x)"),
        ("![x](https://a.example/x.png)", "![x](https://a.example/y.png)"),
        ("![x](https://a.example/i?id=5)", "![x](https://a.example/i?id=6)"),
        ("![x](https://a.example/x.png)", "![y](https://a.example/x.png)"),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |", "| a | b |\n| --- | --- |\n| 2 | 1 |"),
        ("| a |\n| --- |\n| b |", "| a |\n\n| b |"),
        ("- a\n- b", "1. a\n2. b"),
        ("- a\n- b", "- a\n  - b"),
        ("## a", "### a"),
        ("a\n\nb", "a b"),
        ("a\\\nb", "a b"),
        ("```\na\n  b\n```", "```\na\nb\n```"),
    ],
)
def test_facts_are_never_normalised_away(a, b):
    assert not is_same(a, b, ORIGIN)
    assert fingerprint(a, ORIGIN) != fingerprint(b, ORIGIN)


@settings(max_examples=400, deadline=None)
@given(texts())
@example("| a |\n```\n```\n| --- |")
@example("- -\n--")
@example("![x](https://h//evil//x)")
@example(f"[t]({ORIGIN}/en/it/x)")
def test_normalising_twice_is_normalising_once(text):
    once = normalise(text, ORIGIN)
    assert normalise(once, ORIGIN) == once


@settings(max_examples=200, deadline=None)
@given(edited_texts())
def test_texts_are_the_same_exactly_where_their_fingerprints_are(pair):
    a, b = pair
    assert is_same(a, b, ORIGIN) == (fingerprint(a, ORIGIN) == fingerprint(b, ORIGIN))


@settings(max_examples=200, deadline=None)
@given(texts())
def test_only_white_space_is_lost_from_a_plain_text(text):
    kept = {c for c in normalise(text) if c.isalnum() or c in "\u200b%<>_"}
    assert kept >= {c for c in text if c.isalnum() or c == "\u200b"} - set(
        "https:img.exampleid123v"
    )


def test_a_readers_text_is_left_as_it_is():
    page = SAMPLES / "article-page.html"
    if not page.exists():
        pytest.skip("the real pages in ../shared are absent")
    site = load("okx")
    article = site.read_page(page.read_bytes(), f"{site.BASE_URL}/help/x")
    assert normalise(article.body, site.BASE_URL) == article.body


def test_an_empty_text_is_a_text():
    assert normalise("") == "" == normalise(" \n\u00a0\n")


def test_titles_differ_in_more_than_white_space_or_not_at_all():
    assert same_title("Fees\u00a0and  limits ", "Fees and limits")
    assert not same_title("Fees and limits", "fees and limits")
    assert not same_title("Fee 1.5%", "Fee 15%")


INSTANT = datetime(2026, 4, 16, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (INSTANT, INSTANT.astimezone(UTC8), True),
        (INSTANT, INSTANT + timedelta(milliseconds=1), False),
        (INSTANT, date(2026, 4, 17), True),
        (date(2026, 4, 17), INSTANT, True),
        (INSTANT, date(2026, 4, 16), False),
        (date(2026, 4, 17), date(2026, 4, 17), True),
        (date(2026, 4, 17), date(2026, 4, 18), False),
        (None, None, True),
        (None, INSTANT, False),
        (date(2026, 4, 17), None, False),
    ],
)
def test_a_bare_date_equals_any_instant_of_that_day_in_the_sites_zone(a, b, same):
    assert same_moment(a, b, UTC8) is same
