"""The Markdown report, and that page text stays text in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from report_findings import article, findings, found, hostile, quiet_day, troubled_day, usual_day
from report_golden import HOSTILE_TEXTS, assert_golden
from reports import markdown
from reports.safe_text import one_line, visible

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OUR_HTML = {"<del>", "</del>", "<ins>", "</ins>", "<br>"}


def inline_tokens(text):
    return [child for token in PARSER.parse(text) for child in token.children or ()]


@pytest.mark.parametrize("day", [usual_day, quiet_day, troubled_day])
def test_the_report_is_as_it_was_read(day):
    assert_golden(f"report-{day.__name__.replace('_', '-')}.md", markdown.render(day()))


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_page_text_becomes_no_html_no_link_and_no_structure(name):
    report = markdown.render(hostile(HOSTILE_TEXTS[name]))
    assert report == visible(report)
    tokens = PARSER.parse(report)
    assert "html_block" not in {token.type for token in tokens}
    inline = inline_tokens(report)
    assert {token.content for token in inline if token.type == "html_inline"} <= OUR_HTML
    assert "image" not in {token.type for token in inline}
    for token in inline:
        if token.type == "link_open":
            assert token.attrs["href"].startswith("https://www.okx.com")
    levels = [token.tag for token in tokens if token.type == "heading_open"]
    harmless = PARSER.parse(markdown.render(hostile("harmless")))
    assert levels == [token.tag for token in harmless if token.type == "heading_open"]
    cells = sum(token.type == "td_open" for token in tokens)
    assert cells == sum(token.type == "td_open" for token in harmless)


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_any_title_is_shown_as_it_is(title):
    report = markdown.render(findings(found("new", article(1, title))))
    tokens = PARSER.parse(report)
    headings = [
        tokens[n + 1] for n, token in enumerate(tokens) if token.tag == "h4" and token.nesting == 1
    ]
    shown = "".join(child.content for child in headings[0].children)
    assert shown == (one_line(title) or "(untitled)")


def test_edits_are_marked_up():
    tokens = inline_tokens(markdown.render(usual_day()))
    contents = [token.content for token in tokens]
    at = contents.index("0.08%")
    assert contents[at - 1 : at + 5] == ["<del>", "0.08%", "</del>", "<ins>", "0.10%", "</ins>"]


def test_a_last_text_stands_in_a_code_block():
    (code,) = [
        token.content
        for token in PARSER.parse(markdown.render(usual_day()))
        if token.type == "code_block" and "Visa" in token.content
    ]
    assert code == "Cards of these kinds are taken:\n\n- Visa\n- Mastercard\n"
