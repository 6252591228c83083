"""Which typed facts a difference changed: '0.08%' -> '0.10%', '30 days' -> '14 days'.

Facts are read in the text around each change ('30 days' where only '30' changed) and paired where
they stand at the same change. A fact that left one place of a block and stands in another place
of it has only moved; so has one in a paragraph that was cut in two or put together. Facts in
moved blocks do not count. A jurisdiction is added or removed, never changed into another.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from tracker.difference import BlockDiff, Piece, Touched
from tracker.facts import Fact, facts
from tracker.markdown_blocks import plain

# So many characters of kept text on either side of a change are read with it.
_AROUND = 60
_CUT = " … "
_LONGEST_WHOLE = 2 * _AROUND + len(_CUT)
_CONTEXT_AROUND = 30
_MARKER = re.compile(r" *(?:[-*+]|\d{1,9}\.|#{1,6}|(?:> )*>|```.*) $")


class _Found(NamedTuple):
    """A fact on one side of a difference."""

    fact: Fact
    block: BlockDiff
    text: str
    """The text in which the fact has its place."""

    @property
    def id(self) -> tuple[str, str]:
        return self.fact.kind, self.fact.value

    @property
    def is_in_changed_block(self) -> bool:
        """Its block stands on both sides; the others were added or removed as a whole."""
        return self.block.op == "changed"


_Pair = tuple[_Found | None, _Found | None]


def touched(stretches: Iterable[Iterable[BlockDiff]]) -> tuple[Touched, ...]:
    """The typed facts that differ, in the order of the blocks; one side is None where a fact was
    added or removed. A stretch holds the blocks that differ between two that were kept."""
    found: list[Touched] = []
    for stretch in stretches:
        pairs = [pair for block in stretch if block.op != "moved" for pair in _in_block(block)]
        # With a paragraph that was cut in two or put together its facts only moved. Between two
        # paragraphs that both stayed a fact went from one to the other, and is told.
        found += [_as_touched(*pair) for pair in _without_moved(pairs, among_changed=False)]
    return tuple(found)


def _in_block(block: BlockDiff) -> list[_Pair]:
    pieces = _cut_short(_without_marker(block.pieces))
    old = _by_change(block, pieces, "removed")
    new = _by_change(block, pieces, "added")
    pairs = [pair for a, b in zip(old, new, strict=True) if a or b for pair in _paired(a, b)]
    return _without_moved(pairs, among_changed=True) if pairs else pairs


def _without_marker(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces without the changed marker in front ('1. ' -> '2. '), whose number is no fact."""
    start = 0
    while start < min(2, len(pieces)) and _is_marker(pieces[start]):
        start += 1
    return pieces[start:]


def _is_marker(piece: Piece) -> bool:
    return piece.op != "kept" and bool(_MARKER.match(piece.text))


def _cut_short(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with long kept stretches cut in the middle, alike for both sides."""
    return [
        Piece("kept", piece.text[:_AROUND] + _CUT + piece.text[-_AROUND:])
        if piece.op == "kept" and len(piece.text) > _LONGEST_WHOLE
        else piece
        for piece in pieces
    ]


def _by_change(block: BlockDiff, pieces: Sequence[Piece], side: str) -> list[list[_Found]]:
    """The facts of one side that touch each change, or are a space away from it ('$5' of
    '$5 million'); a change is the pieces between kept ones."""
    parts: list[str] = []
    changes: list[list[int]] = []
    at = 0
    was_kept = True
    for op, text in pieces:
        is_kept = op == "kept"
        if was_kept and not is_kept:
            changes.append([at, at])
        if is_kept or op == side:
            parts.append(text)
            at += len(text)
        if not is_kept:
            changes[-1][1] = at
        was_kept = is_kept
    whole = "".join(parts)
    found: list[list[_Found]] = [[] for _ in changes]
    change = 0
    for fact in facts(whole):
        while change < len(changes) and changes[change][1] < fact.start - 1:
            change += 1
        if change < len(changes) and changes[change][0] <= fact.end + 1:
            found[change].append(_Found(fact, block, whole))
    return found


def _paired(old: list[_Found], new: list[_Found]) -> list[_Pair]:
    """The facts of one change, old and new. Of one kind they pair in order; a single one left on
    either side pairs across kinds ('5' -> '5%')."""
    old, new = _less(old, new), _less(new, old)
    pairs: list[_Pair] = []
    for kind in dict.fromkeys(found.fact.kind for found in (*old, *new)):
        a = [found for found in old if found.fact.kind == kind]
        b = [found for found in new if found.fact.kind == kind]
        if kind == "jurisdiction":
            pairs += [(x, None) for x in a] + [(None, y) for y in b]
        else:
            pairs += zip_longest(a, b)
    lone_old = [pair for pair in pairs if pair[1] is None and _is_figure(pair[0])]
    lone_new = [pair for pair in pairs if pair[0] is None and _is_figure(pair[1])]
    if len(lone_old) == len(lone_new) == 1:
        pairs[pairs.index(lone_old[0])] = (lone_old[0][0], lone_new[0][1])
        pairs.remove(lone_new[0])
    return pairs


def _is_figure(found: _Found) -> bool:
    return found.fact.kind not in ("jurisdiction", "link")


def _less(some: list[_Found], others: list[_Found]) -> list[_Found]:
    """`some` without those that `others` hold too, one for one."""
    if not some or not others:
        return some
    there = Counter(found.id for found in others)
    left = []
    for found in some:
        if there[found.id]:
            there[found.id] -= 1
        else:
            left.append(found)
    return left


def _without_moved(pairs: list[_Pair], *, among_changed: bool) -> list[_Pair]:
    """The pairs without those facts that one place lost and another gained. Without
    `among_changed` one of the two places is a block that was added or removed as a whole."""
    gained: dict[tuple, deque[int]] = defaultdict(deque)
    for at, (old, new) in enumerate(pairs):
        if old is None:
            gained[new.id, new.is_in_changed_block].append(at)
    gone: set[int] = set()
    for at, (old, new) in enumerate(pairs):
        if new is None:
            places = gained[old.id, False]
            if not places and (among_changed or not old.is_in_changed_block):
                places = gained[old.id, True]
            if places:
                gone |= {at, places.popleft()}
    return [pair for at, pair in enumerate(pairs) if at not in gone]


def _as_touched(old: _Found | None, new: _Found | None) -> Touched:
    shown = new or old
    block = shown.block
    return Touched(
        kind=shown.fact.kind,
        before=old and old.fact.text,
        after=new and new.fact.text,
        context=block.place if block.kind == "cell" else _context(shown.text, shown.fact),
    )


def _context(text: str, fact: Fact) -> str:
    """The words around a fact, cut between words."""
    start, end = max(0, fact.start - _CONTEXT_AROUND), fact.end + _CONTEXT_AROUND
    before, after = text[start : fact.start], text[fact.end : end]
    if start:
        before = before.partition(" ")[2]
    if end < len(text):
        after = after.rpartition(" ")[0]
    return plain(before + text[fact.start : fact.end] + after)
