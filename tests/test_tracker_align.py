"""Runs that two sequences share."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.align import EXACT_CELLS, align, numbered, rising

NUMBERS = st.lists(st.integers(0, 6), max_size=40)


@settings(max_examples=300)
@given(NUMBERS, NUMBERS)
def test_runs_are_equal_and_rise_on_both_sides(before, after):
    i_end = j_end = 0
    for i, j, size in align(before, after):
        assert size > 0 and i >= i_end and j >= j_end
        assert before[i : i + size] == after[j : j + size]
        i_end, j_end = i + size, j + size
    assert i_end <= len(before) and j_end <= len(after)


@given(NUMBERS)
def test_a_sequence_aligns_with_itself_in_one_run(numbers):
    assert align(numbers, numbers) == ([(0, 0, len(numbers))] if numbers else [])


def test_long_sequences_are_cut_at_anchors_and_keep_what_they_share():
    rng = random.Random(1)
    before = [rng.randrange(3000) for _ in range(8000)]
    after = list(before)
    for at in rng.sample(range(8000), 80):
        after[at] = 5000
    assert len(before) ** 2 > EXACT_CELLS
    kept = sum(size for _, _, size in align(before, after, (8, 3)))
    assert kept == 8000 - 80


def test_long_sequences_without_an_anchor_share_nothing():
    assert align([1, 2] * 2000, [2, 3] * 2000, (8,)) == []


def test_equal_things_have_equal_numbers():
    assert numbered("abca", "xb") == ([0, 1, 2, 0], [3, 1])


@given(st.permutations(range(9)))
def test_rising_is_the_longest_selection_that_rises(order):
    chosen = [j for _, j in rising(list(enumerate(order)))]
    assert chosen == sorted(chosen)
    longest = [1] * 9
    for at in range(9):
        longest[at] += max((longest[k] for k in range(at) if order[k] < order[at]), default=0)
    assert len(chosen) == max(longest)
