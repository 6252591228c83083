"""Two texts -> the difference that a reader is shown."""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markdown_texts import ORIGIN, edited_texts, texts
from tracker import align, likeness, text, textdiff, words
from tracker.difference import BlockDiff, TextDiff
from tracker.textdiff import as_json, diff

CASES = Path(__file__).parent / "pages/textdiff"
NAMES = sorted(path.stem for path in CASES.glob("*.before"))


def told(difference: TextDiff) -> str:
    """What differs, a line for each block and each touched fact."""
    lines = [_line(block) for block in difference.blocks if block.op != "kept"]
    for fact in difference.touched:
        lines.append(f"  {fact.kind}: {fact.before} -> {fact.after} ({fact.context})")
    return "\n".join(lines) + "\n"


def _line(block: BlockDiff) -> str:
    marks = {"kept": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    words = "".join(marks[piece.op].format(piece.text) for piece in block.pieces)
    where = f" under {block.heading}" if block.heading else ""
    place = f" at {block.place}" if block.place else ""
    return f"{block.op} {block.kind}{where}{place}: {words}"


@pytest.mark.parametrize("name", NAMES)
def test_a_case_of_tests_pages_textdiff_is_told_as_expected(name):
    """A case is three files: NAME.before, NAME.after, NAME.expected."""
    before, after, expected = (
        (CASES / f"{name}.{part}").read_text(encoding="utf-8")
        for part in ("before", "after", "expected")
    )
    assert told(diff(before, after, ORIGIN)) == expected


@settings(max_examples=300, deadline=None)
@given(edited_texts())
def test_a_difference_is_empty_exactly_where_the_texts_are_the_same(pair):
    before, after = pair
    difference = diff(before, after, ORIGIN)
    assert difference.is_empty == text.is_same(before, after, ORIGIN)
    if difference.is_empty:
        assert difference.touched == ()


@settings(max_examples=100, deadline=None)
@given(texts())
def test_a_text_compared_with_itself_is_kept_whole(body):
    difference = diff(body, body, ORIGIN)
    assert difference.is_empty and difference.touched == ()
    assert all(piece.op == "kept" for block in difference.blocks for piece in block.pieces)


@settings(max_examples=300, deadline=None)
@given(edited_texts())
def test_pieces_rebuild_both_texts(pair):
    before, after = pair
    difference = diff(before, after, ORIGIN)
    there = [block.after for block in difference.blocks if block.op != "removed"]
    assert all(each in wanted for each, wanted in zip(there, _written(after), strict=True)), (
        "the text after, in its order"
    )
    was = Counter(block.before for block in difference.blocks if block.op != "added")
    for wanted in sorted(_written(before), key=lambda forms: -len(forms[0])):
        was.subtract([next(form for form in wanted if was[form] > 0)])
    assert not +was, "the text before, moved blocks at their new place"


def _written(body: str) -> list[tuple[str, ...]]:
    """Each block's text without and with its marker; cells one by one."""
    forms = []
    for block in text.blocks(body, ORIGIN):
        if block.kind == "row":
            forms += [(cell,) for cell in block.cells]
        else:
            forms.append((block.text, block.lead + block.text))
    return forms


@settings(max_examples=300)
@given(st.text("ab 0.5%-()[]提现\u0301\u200b", max_size=60), st.text("ab 0.5%-é", max_size=60))
def test_words_rebuild_both_sides(before, after):
    pieces = words.pieces(before, after)
    assert "".join(piece.text for piece in pieces if piece.op != "added") == before
    assert "".join(piece.text for piece in pieces if piece.op != "removed") == after
    assert all(a.op != b.op for a, b in zip(pieces, pieces[1:], strict=False))


def pieces(before: str, after: str) -> list[tuple[str, str]]:
    return [(piece.op[0], piece.text) for piece in words.pieces(before, after)]


def test_a_changed_figure_is_shown_whole():
    assert pieces("pay 0.08% now", "pay 0.10% now") == [
        ("k", "pay "),
        ("r", "0.08%"),
        ("a", "0.10%"),
        ("k", " now"),
    ]
    assert pieces("of -5 points", "of 5 points")[1:3] == [("r", "-5"), ("a", "5")]
    assert pieces("pay $1,000.50 now", "pay $1,050.50 now")[1:3] == [
        ("r", "$1,000.50"),
        ("a", "$1,050.50"),
    ]


def test_a_changed_word_shows_its_changed_characters():
    assert pieces("a withdrawal here", "a withdrawals here") == [
        ("k", "a withdrawal"),
        ("a", "s"),
        ("k", " here"),
    ]
    assert pieces("paypal", "pay\u200bpal") == [("k", "pay"), ("a", "\u200b"), ("k", "pal")]


def test_a_letter_is_not_parted_from_its_accent():
    assert pieces("the cafe\u0301s here", "the cafes here")[1:3] == [
        ("r", "e\u0301"),
        ("a", "e"),
    ]


def test_a_rewritten_text_is_shown_as_replaced_not_as_confetti():
    before = "Makers pay nothing at all on the first of the month."
    after = "Withdrawals of stablecoins were paused in the night to Monday."
    assert pieces(before, after) == [("r", before), ("a", after)]


def test_neighbouring_changed_words_are_one_change():
    assert pieces("open the old page here", "open the new site here")[1:3] == [
        ("r", "old page"),
        ("a", "new site"),
    ]


def test_a_block_that_moved_says_where_it_stood():
    before = "# One\n\nA paragraph that is going to move.\n\n# Two\n\nStays."
    after = "# One\n\n# Two\n\nStays.\n\nA paragraph that is going to move."
    (moved,) = [block for block in diff(before, after).blocks if block.op != "kept"]
    assert (moved.op, moved.heading, moved.heading_before) == ("moved", "Two", "One")
    assert moved.place == "under One"


def test_headings_stand_under_the_headings_above_them():
    difference = diff("# A\n\n## B\n\n### C\n\n## D\n\nx", "# A\n\n## B\n\n### C\n\n## D\n\ny")
    assert [block.heading for block in difference.blocks] == [None, "A", "B", "A", "D", "D"]


def test_a_list_that_became_numbered_shows_its_markers():
    difference = diff("- one\n- two", "1. one\n2. two")
    assert [block.pieces[0].text for block in difference.blocks] == ["- ", "- "]
    assert [block.place for block in difference.blocks] == ["item 1", "item 2"]
    assert difference.touched == (), "a list's own numbers are no facts"


def test_the_same_link_with_a_locale_in_front_is_no_difference():
    assert diff(f"[a]({ORIGIN}/help/x)", f"[a]({ORIGIN}/fr/help/x)", ORIGIN).is_empty
    assert not diff(f"[a]({ORIGIN}/help/x)", f"[a]({ORIGIN}/fr/help/x)").is_empty


def test_one_changed_paragraph_among_many_alike_ones_finds_its_partner():
    before = [f"Pair number {k} trades token{k} against USDT from Monday on." for k in range(60)]
    after = [line.replace("Monday", "Friday") for line in before]
    after.insert(0, "An introduction that was not there before at all, in so many words.")
    difference = diff("\n\n".join(before), "\n\n".join(after))
    assert Counter(block.op for block in difference.blocks) == {"changed": 60, "added": 1}


def test_the_kept_rows_of_a_table_cost_nothing_until_somebody_looks_at_them(monkeypatch):
    rows = [f"| {k} | a cell |" for k in range(50)]
    before = "\n".join(["| No | Text |", "| --- | --- |", *rows])
    made = []
    whole_row = textdiff.whole_row
    monkeypatch.setattr(textdiff, "whole_row", lambda *row: made.append(row) or whole_row(*row))
    difference = diff(before, before.replace("| 7 | a cell |", "| 7 | another |"))
    assert [block.place for block in difference.changed] == ["row 8 (7), Text"]
    assert not difference.is_empty and made == []
    assert len(difference.blocks) == 102 and len(made) == 50
    assert [block for block in difference.blocks if block.op != "kept"] == [*difference.changed]


def test_ends_that_both_texts_share_are_cut_between_words():
    assert pieces("pay -5 now or", "pay -7 now or")[1:3] == [("r", "-5"), ("a", "-7")]
    assert pieces("a [t](/x y) z", "a [t](/x q) z")[1:3] == [("r", "y"), ("a", "q")]
    assert pieces("one two one", "one two one two one")[1] == ("a", " two one")


def test_as_json_is_plain_data():
    told_as = as_json(diff("A fee of 1%.", "A fee of 2%."))
    assert told_as["is_empty"] is False
    assert told_as["touched"][0]["after"] == "2%"
    assert told_as["blocks"][0]["pieces"][1] == {"op": "removed", "text": "1%"}


def test_work_grows_with_the_length_of_the_texts_and_not_with_its_square(monkeypatch):
    """Cells of the exact alignments and likenesses measured, for a text and one four times it."""

    def work(paragraphs: int) -> int:
        rng = random.Random(7)
        vocabulary = [f"word{k}" for k in range(2000)]
        before = [rng.choices(vocabulary, k=60) for _ in range(paragraphs)]
        every = [word for paragraph in before for word in paragraph]
        rng.shuffle(every)
        after = [every[at : at + 60] for at in range(0, len(every), 60)]
        done = []
        exact, alike = align._exact, likeness._likeness
        with monkeypatch.context() as patched:
            patched.setattr(
                align,
                "_exact",
                lambda b, a, i, k, j, m: done.append((k - i) * (m - j)) or exact(b, a, i, k, j, m),
            )
            patched.setattr(likeness, "_likeness", lambda a, b: done.append(3600) or alike(a, b))
            diff(*("\n\n".join(map(" ".join, side)) for side in (before, after)))
            diff(*(" ".join(map(" ".join, side)) for side in (before, after)))
        return sum(done)

    assert 0 < work(400) < 6 * work(100)
