"""Canonical Markdown taken apart into blocks and put together again."""

import pytest
from hypothesis import example, given, settings

from markdown_texts import texts
from tracker.markdown_blocks import join, plain, split


def shape(text: str) -> list[tuple[str, str, str]]:
    return [(block.kind, block.lead, block.text) for block in split(text)]


@settings(max_examples=300, deadline=None)
@given(texts())
@example("  1. a\n1. b")
def test_splitting_what_was_joined_gives_the_same_blocks(text):
    blocks = split(text)
    assert split(join(blocks)) == blocks


def test_every_kind_of_block_is_recognised():
    text = (
        "# Title\n\nA paragraph\nin two lines.\n\n- one\n- two\n  1. inner\n\n> quoted\n\n"
        "![alt](https://h/x.png)\n\n***\n\n```json\n{\n\n  1}\n```\n\n| a |\n| --- |\n| 1 |"
    )
    assert shape(text) == [
        ("heading", "# ", "Title"),
        ("paragraph", "", "A paragraph in two lines."),
        ("item", "- ", "one"),
        ("item", "- ", "two"),
        ("item", "  1. ", "inner"),
        ("quote", "> ", "quoted"),
        ("image", "", "![alt](https://h/x.png)"),
        ("rule", "", "---"),
        ("code", "```json ", "{\n\n  1}"),
        ("row", "", "a"),
        ("row", "", "1"),
    ]


def test_the_paragraphs_of_an_item_do_not_end_its_list():
    blocks = split("1. one\n\n   more of it\n\n2. two\n\nnot of it\n\n3. three")
    assert [b.is_counted for b in blocks if b.kind == "item"] == [True, True, True]


def test_a_number_that_does_not_follow_is_part_of_the_item():
    one, five, six = split("1. a\n5. b\n6. c")
    assert (one.is_counted, five.is_counted, six.is_counted) == (True, False, True)
    assert five.marker == "5."


def test_cells_keep_escaped_bars_and_breaks():
    (row,) = split(r"| a \| b | c<br>d |  | e |  |")
    assert row.cells == (r"a \| b", "c<br>d", "", "e")


def test_a_row_above_dashes_is_a_header_and_begins_a_table():
    rows = split("| a |\n| --- |\n| 1 |\n\n| b |\n| --- |\n| --- |")
    assert [(row.text, row.is_header) for row in rows] == [
        ("a", True),
        ("1", False),
        ("b", True),
        ("---", False),
    ]


def test_a_fence_that_never_ends_reaches_to_the_end():
    (code,) = split("~~~\n# no heading\n| no row |")
    assert (code.kind, code.text) == ("code", "# no heading\n| no row |")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**Fee** and [terms](https://h/x)", "Fee and terms"),
        ("one<br>two\\\nthree", "one two three"),
        (r"_Maker_ snake\_case 5\*", "Maker snake_case 5*"),
        ("<u>a</u> ~~b~~ `c`", "a b c"),
    ],
)
def test_plain_words_have_no_marks(text, words):
    assert plain(text) == words
