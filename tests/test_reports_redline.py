"""What a redline shows, what it leaves out, and how."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from report_findings import FEE_DIFF, block
from reports import redline
from reports.safe_text import visible
from tracker.textdiff import BlockDiff, Piece, TextDiff


def diff(*blocks):
    return TextDiff(blocks=blocks)


def test_only_changed_blocks_are_shown_each_heading_once():
    assert redline.diff_text(FEE_DIFF) == (
        "# Spot trading\n"
        "~ Orders that add to the book pay [-0.08%-]{+0.10%+} of the amount traded, "
        "and the rate is set anew on the first of each month.\n"
        "~ (Row 3, Taker) [-0.10%-]{+0.12%+}\n"
        "# Withdrawals\n"
        "+ Accounts in Ontario pay a further 5 USDT for each withdrawal.\n"
        "- Refunds are made within 30 days.\n"
        "> (Moved from the end of Spot trading) "
        "Questions are answered by our support desk around the clock.\n"
    )


def test_html_marks_what_went_and_what_came():
    shown = redline.diff_html(FEE_DIFF)
    assert "pay <del>0.08%</del><ins>0.10%</ins> of the amount" in shown
    assert '<p class="added item" dir="auto"><ins>Accounts in Ontario' in shown


def test_an_empty_difference_says_so():
    same = diff(block(("kept", "a"), op="kept"))
    assert redline.diff_text(same) == "No difference.\n"
    assert "No difference." in redline.diff_html(same)


def test_long_unchanged_runs_keep_what_stands_next_to_the_change():
    far, near_left, near_right = "far away " * 60, "left of it ", " right of it"
    shown = redline.diff_text(
        diff(block(("kept", far + near_left), ("removed", "5"), ("kept", near_right + far)))
    )
    assert near_left + "[-5-]" + near_right in shown
    assert shown.startswith("~ …") and shown.endswith("…\n")
    assert len(shown) < 400


def test_a_run_hardly_longer_than_its_context_stays_whole():
    run = "x" * (redline.CONTEXT_CHARS + 20)
    assert run in redline.diff_text(diff(block(("kept", run), ("added", "y"))))


def test_a_limit_leaves_out_whole_blocks_and_says_how_many():
    blocks = [block(("removed", f"{n} days"), ("added", f"{n}0 days")) for n in range(1, 6)]
    shown = redline.diff_text(diff(*blocks), limit_bytes=30)
    assert shown == (
        "~ [-1 days-]{+10 days+}\n~ [-2 days-]{+20 days+}\n3 more changed blocks not shown here.\n"
    )


def test_a_single_block_over_the_limit_is_cut_and_says_so():
    shown = redline.diff_text(diff(block(("added", "\u6c34" * 100), op="added")), limit_bytes=10)
    assert shown == "+ " + "\u6c34" * 3 + "…\nThe rest of this block is not shown here.\n"


def test_a_changed_heading_is_not_its_own_context():
    renamed = block(("removed", "Fees"), ("added", "Costs"), kind="heading", heading="Costs")
    assert redline.diff_text(diff(renamed)) == "~ [-Fees-]{+Costs+}\n"


pieces = st.builds(Piece, st.sampled_from(["kept", "added", "removed"]), st.text(max_size=400))
blocks = st.builds(
    BlockDiff,
    op=st.sampled_from(["kept", "added", "removed", "changed", "moved"]),
    kind=st.sampled_from(["heading", "paragraph", "item", "cell", "code"]),
    pieces=st.lists(pieces, max_size=4).map(tuple),
    heading=st.none() | st.text(max_size=30),
    place=st.none() | st.text(max_size=30),
)


@given(st.lists(blocks, max_size=5).map(tuple), st.integers(1, 2_000))
def test_any_difference_gives_html_with_nothing_but_our_own_elements(found, limit):
    page = redline.diff_html(TextDiff(blocks=found), limit)
    assert page == visible(page)
    elements = {element.tag for element in lxml_html.fragment_fromstring(page).iter()}
    assert elements <= {"div", "p", "span", "ins", "del"}


@given(st.lists(blocks, max_size=5).map(tuple))
def test_without_a_limit_everything_that_changed_is_in_the_text(found):
    shown = redline.diff_text(TextDiff(blocks=found))
    for each in found:
        for piece in each.pieces:
            if each.op != "kept" and piece.op != "kept":
                assert visible(piece.text).replace("\n", "\n    ") in shown


@pytest.mark.parametrize("text", ["<script>x</script>", "a & b", "\u202e"])
def test_page_text_stays_text_in_html(text):
    page = redline.diff_html(diff(block(("added", text), heading=text, place=text)))
    shown = lxml_html.fragment_fromstring(page)
    assert [item.text_content() for item in shown.iter("ins")] == [visible(text)]
