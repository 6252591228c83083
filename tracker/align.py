"""Two sequences of numbers -> the runs they share, in order, in bounded time.

Small windows are aligned exactly (longest common subsequence, rapidfuzz's bit-parallel one). A
large window is first cut at anchors: short runs that occur once on either side and keep their
order (the idea of patience diff, Bram Cohen). Where a large window has no anchor, it shares
nothing worth showing and counts as replaced. Work is limited, never quadratic in the length.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from functools import cached_property
from itertools import count, pairwise
from typing import NamedTuple

from rapidfuzz.distance import Indel

# Cells of one exact alignment: under 1 ms and an eighth of a megabyte.
EXACT_CELLS = 1_000_000
# Anchors are sought in so many times the whole length, all told.
ANCHOR_PASSES = 6


class Run(NamedTuple):
    """`size` elements from `i` in the first sequence equal those from `j` in the second."""

    i: int
    j: int
    size: int


def numbered(before: Iterable[Hashable], after: Iterable[Hashable]) -> tuple[list[int], list[int]]:
    """Both sequences with equal elements as equal numbers, so that no two hashes can collide."""
    number = defaultdict[Hashable, int](count().__next__).__getitem__
    return list(map(number, before)), list(map(number, after))


def align(
    before: Sequence[int], after: Sequence[int], anchor_sizes: Sequence[int] = (1,)
) -> list[Run]:
    """The runs that both sequences share, in the order of both.

    `anchor_sizes`: how many elements in a row make an anchor, tried in this order. Words need
    several to mean anything; blocks are telling by themselves.
    """
    runs: list[Run] = []
    budget = ANCHOR_PASSES * (len(before) + len(after))
    anchors = _Anchors(before, after, anchor_sizes)
    windows = [(0, len(before), 0, len(after))]
    while windows:
        i, i_end, j, j_end = _trimmed(before, after, windows.pop(), runs)
        cells = (i_end - i) * (j_end - j)
        if not cells:
            continue
        if cells <= EXACT_CELLS:
            runs += _exact(before, after, i, i_end, j, j_end)
            continue
        budget -= i_end - i + j_end - j
        if budget >= 0:
            windows += _between(anchors.of(i, i_end, j, j_end), (i, i_end, j, j_end))
    runs.sort()
    return _joined(runs)


def rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest selection of pairs, given in the order of their first numbers, whose second
    numbers rise too."""
    if all(a[1] < b[1] for a, b in pairwise(pairs)):
        return list(pairs)
    tails: list[int] = []
    tail_at: list[int] = []
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        place = bisect_left(tails, j)
        before.append(tail_at[place - 1] if place else -1)
        if place == len(tails):
            tails.append(j)
            tail_at.append(at)
        else:
            tails[place] = j
            tail_at[place] = at
    found = []
    at = tail_at[-1] if tail_at else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _trimmed(before, after, window, runs: list[Run]) -> tuple[int, int, int, int]:
    """The window without what its two sides share at their ends, which joins the runs."""
    i, i_end, j, j_end = window
    start = i
    while i < i_end and j < j_end and before[i] == after[j]:
        i, j = i + 1, j + 1
    if i > start:
        runs.append(Run(start, j - (i - start), i - start))
    end = i_end
    while i < i_end and j < j_end and before[i_end - 1] == after[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
    if end > i_end:
        runs.append(Run(i_end, j_end, end - i_end))
    return i, i_end, j, j_end


def _exact(before, after, i: int, i_end: int, j: int, j_end: int) -> list[Run]:
    opcodes = Indel.opcodes(before[i:i_end], after[j:j_end])
    return [
        Run(i + op.src_start, j + op.dest_start, op.src_end - op.src_start)
        for op in opcodes
        if op.tag == "equal"
    ]


class _Anchors:
    """Short runs of both sequences, found once for all the windows of an alignment."""

    def __init__(self, before: Sequence[int], after: Sequence[int], sizes: Sequence[int]):
        self._sequences = before, after
        self._sizes = sizes
        self._found: dict[int, tuple[_Runs, _Runs]] = {}

    @cached_property
    def _starts(self) -> tuple[Sequence[int], Sequence[int]]:
        return tuple(_starts(numbers, self._sizes) for numbers in self._sequences)

    def _runs(self, size: int) -> tuple["_Runs", "_Runs"]:
        if size not in self._found:
            runs = map(_runs_at, self._sequences, self._starts, (size, size))
            self._found[size] = tuple(map(_Runs, self._starts, numbered(*runs)))
        return self._found[size]

    def of(self, i: int, i_end: int, j: int, j_end: int) -> list[tuple[int, int]]:
        """Places of the runs that occur once on either side of a window, in rising order on both;
        of places that follow one another on both sides only the first."""
        for size in self._sizes:
            before, after = self._runs(size)
            old, new = before.once(i, i_end - size + 1), after.once(j, j_end - size + 1)
            anchors = rising([(at, new[name]) for name, at in old.items() if name in new])
            if anchors:
                nexts = [(-1, -1), *((a + 1, b + 1) for a, b in anchors)]
                return [
                    pair for pair, next_one in zip(anchors, nexts, strict=False) if pair != next_one
                ]
        return []


class _Runs(NamedTuple):
    """Where the runs of one size begin in a sequence, and a number for each."""

    starts: Sequence[int]
    names: Sequence[int]

    def once(self, start: int, end: int) -> dict[int, int]:
        """Those that begin within these bounds, and do so once -> where, in order."""
        here = slice(bisect_left(self.starts, start), bisect_left(self.starts, end))
        names = self.names[here]
        counts = Counter(names)
        return {
            name: at for at, name in zip(self.starts[here], names, strict=True) if counts[name] == 1
        }


def _starts(numbers: Sequence[int], sizes: Sequence[int]) -> Sequence[int]:
    """Where an anchor may begin. Of longer runs those are taken that begin with every eighth
    number: the same ones on both sides, and plenty."""
    if min(sizes) == 1:
        return range(len(numbers))
    return [at for at, number in enumerate(numbers) if number % 8 == 7]


def _runs_at(numbers: Sequence[int], starts: Sequence[int], size: int) -> Iterable[Hashable]:
    return numbers if size == 1 else (tuple(numbers[at : at + size]) for at in starts)


def _between(anchors: list[tuple[int, int]], window) -> list[tuple[int, int, int, int]]:
    """The windows that begin at each anchor, and the one before the first; none without anchors."""
    if not anchors:
        return []
    i, i_end, j, j_end = window
    starts = [(i, j), *anchors]
    ends = [*anchors, (i_end, j_end)]
    return [(a, a_end, b, b_end) for (a, b), (a_end, b_end) in zip(starts, ends, strict=True)]


def _joined(runs: list[Run]) -> list[Run]:
    """Runs that follow one another on both sides as one."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and last.i + last.size == run.i and last.j + last.size == run.j:
            joined[-1] = Run(last.i, last.j, last.size + run.size)
        else:
            joined.append(run)
    return joined
