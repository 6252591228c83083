"""Text from pages is made harmless and stays readable."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reports.safe_text import (
    csv_text,
    escape_markdown,
    language_tag,
    markdown_code,
    markdown_line,
    markdown_link,
    one_line,
    safe_link,
    shell_word,
    visible,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, 0.10%", "plain text, 0.10%"),
        ("a\u202eb", "a<U+202E>b"),
        ("pass\u200bword", "pass<U+200B>word"),
        ("\x1b[31mred", "<U+001B>[31mred"),
        ("\x00", "<U+0000>"),
        ("\x9b", "<U+009B>"),
        ("\ud800", "<U+D800>"),
        ("\U000e0041", "<U+E0041>"),
        ("line\r\nend\rmore\ttab", "line\nend\nmore\ttab"),
        ("\u5982\u4f55\u63d0\u73b0 \u0627\u0644\u0639\u0631\u0628\u064a\u0629", None),
        ("13\u00a0710 and 13\u202f710", None),
        ("sun \u2600\ufe0f", None),
    ],
)
def test_unseen_characters_are_written_out_and_all_others_stay(text, shown):
    assert visible(text) == (text if shown is None else shown)


def test_a_long_title_is_cut_and_says_so():
    assert one_line("x" * 1_000_000) == "x" * 300 + "… (1,000,000 characters)"


@pytest.mark.parametrize(
    "url", ["https://www.okx.com/help/a?b=c#d", "http://127.0.0.1:8000/help", "https://x/%E5%A6%82"]
)
def test_http_links_stay(url):
    assert safe_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//www.okx.com/help",
        "/help/a",
        "https://",
        "https://user@evil/",
        "https://www.okx.com\\@evil/",
        "https://x/\u202e",
        "https://x/ y",
        "https://x/\nheader",
        'https://x/"onclick="',
        "https://[::1",
        "https://x/" + "a" * 3_000,
    ],
)
def test_an_address_that_is_not_plain_http_is_no_link(url):
    assert safe_link(url) is None


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\nx"),
        (" =1", "' =1"),
        ("\uff1d1", "'\uff1d1"),
        ("a=1", "a=1"),
        ("", ""),
        (None, None),
    ],
)
def test_no_text_cell_begins_a_formula(text, cell):
    assert csv_text(text) == cell


@pytest.mark.parametrize(("locale", "tag"), [("en", "en"), ("zh-hans", "zh-hans"), ('"x', None)])
def test_only_what_looks_like_a_language_becomes_a_language_attribute(locale, tag):
    assert language_tag(locale) == tag


PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def texts_of(markdown: str) -> str:
    """What a reader of the rendered Markdown sees; fails where anything is marked up."""
    tokens = PARSER.parse(markdown)
    paragraph = ["paragraph_open", "inline", "paragraph_close"]
    assert [token.type for token in tokens] in (paragraph, []), markdown
    children = tokens[1].children if tokens else []
    assert {child.type for child in children} <= {"text", "text_special", "softbreak"}, markdown
    return "".join(child.content or "\n" for child in children)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_line_in_markdown_renders_as_the_text_it_is(text):
    line = one_line(text)
    assert texts_of(markdown_line(text)) == line


@pytest.mark.parametrize(
    "text",
    ["- item", "+ item", "1. item", "2) item", "# h", "> q", "=== ", "---", "a\n---", "*em* _em_",
     "`code`", "<b>x</b>", "&lt;", "&#60;", "[a](b)", "![a](b)", "a|b", "~~x~~", "\\*", "<http://x>"],
)  # fmt: skip
def test_markdown_signs_of_a_page_mark_nothing_up(text):
    assert texts_of(escape_markdown(text)) == text.strip()


def test_figures_stay_readable_in_raw_markdown():
    assert escape_markdown("0.08% -> 0.10%, -5 and 3.5 USDT") == "0.08% -> 0.10%, -5 and 3.5 USDT"


@given(st.text(alphabet="`a b|\\", min_size=1).filter(str.strip))
def test_a_code_span_ends_where_it_should(text):
    tokens = MarkdownIt("commonmark").parseInline(markdown_code(text))[0].children
    assert [token.type for token in tokens] == ["code_inline"]
    assert tokens[0].content.split() == text.split()


def test_a_markdown_link_leads_only_to_http():
    assert markdown_link("Fees", "https://x/a_(b)") == "[Fees](<https://x/a_(b)>)"
    assert markdown_link("Fees", "javascript:alert(1)") == "Fees"
    assert "<a " not in PARSER.render(markdown_link("[x](javascript:1)", None))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_a_command_takes_any_text_as_one_argument(text):
    assert shlex.split(shell_word(text)) == [visible(text)]
