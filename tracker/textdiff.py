"""Two texts -> what was kept, added and removed, block by block and word by word.

Blocks first: equal ones are kept, equal ones elsewhere moved, alike ones changed. Then words
within a changed block, and cell by cell within a changed row. What counts as equal is decided by
`tracker.text`, so a difference is empty exactly where two texts are the same.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from tracker import likeness, text, words
from tracker.align import align, numbered
from tracker.difference import (
    BlockDiff,
    BlockKind,
    BlockOp,
    Op,
    Piece,
    TextDiff,
    Touched,
    TouchedKind,
)
from tracker.markdown_blocks import Block
from tracker.placement import Placed, placed
from tracker.rowdiff import changed_row, whole_row
from tracker.touched import touched

__all__ = [
    "BlockDiff",
    "BlockKind",
    "BlockOp",
    "Op",
    "Piece",
    "TextDiff",
    "Touched",
    "TouchedKind",
    "as_json",
    "diff",
]


class _Step(NamedTuple):
    """One block of the difference; either side may be missing."""

    op: BlockOp
    before: Placed | None
    after: Placed | None


class _Gap(NamedTuple):
    """A stretch that differs, and the kept pairs that follow it."""

    before: list[Placed]
    after: list[Placed]
    kept: list[tuple[Placed, Placed]]


def diff(before: str, after: str, own_origin: str | None = None) -> TextDiff:
    """The difference of two canonical texts; `own_origin` is the site's base address.

    Blocks stand in the order of the text after, removed ones where they were. Kept and removed
    pieces of a block join to its text before (normalised, without its marker), kept and added
    ones to its text after.
    """
    old, new = placed(text.blocks(before, own_origin)), placed(text.blocks(after, own_origin))
    blocks = _Blocks(_steps(old, new))
    return TextDiff(blocks=blocks, touched=touched(blocks.stretches), changed=blocks.changed)


class _Blocks(Sequence[BlockDiff]):
    """All blocks of a difference. Kept ones are made when somebody looks at them: of a long table
    they are many, and a report shows none."""

    def __init__(self, steps: Iterable[_Step]):
        self._parts: list[_Step | BlockDiff] = []
        self.stretches: list[list[BlockDiff]] = [[]]
        """What differs, between what was kept."""
        for step in steps:
            for part in (step,) if step.op == "kept" else _block_diffs(step):
                self._parts.append(part)
                if part.op != "kept":
                    self.stretches[-1].append(part)
                elif self.stretches[-1]:
                    self.stretches.append([])

    @property
    def changed(self) -> tuple[BlockDiff, ...]:
        return tuple(block for stretch in self.stretches for block in stretch)

    def __iter__(self) -> Iterator[BlockDiff]:
        for part in self._parts:
            if isinstance(part, _Step):
                yield from _block_diffs(part)
            else:
                yield part

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, at: int | slice) -> Any:
        return tuple(self)[at]


def as_json(difference: TextDiff) -> dict[str, Any]:
    """Plain data: {"is_empty", "blocks": [{"op", "kind", "heading", "place", "heading_before",
    "pieces": [{"op", "text"}]}], "touched": [{"kind", "before", "after", "context"}]}."""
    blocks = [
        block._asdict() | {"pieces": [piece._asdict() for piece in block.pieces]}
        for block in difference.blocks
    ]
    touched_facts = [asdict(fact) for fact in difference.touched]
    return {"is_empty": difference.is_empty, "blocks": blocks, "touched": touched_facts}


def _steps(old: list[Placed], new: list[Placed]) -> Iterator[_Step]:
    """Every block of both texts once, in the order of telling."""
    gaps = _gaps(old, new)
    came_from = _moves(gaps)
    gone = {was.at for was in came_from.values()}
    for gap in gaps:
        left = [p for p in gap.before if p.at not in gone]
        stayed = [p for p in gap.after if p.at not in came_from]
        pairs = likeness.pairs([p.block for p in left], [p.block for p in stayed])
        waiting_old, waiting_new = deque(left), deque(gap.after)
        for before, after in [*((left[i], stayed[j]) for i, j in pairs), (None, None)]:
            while waiting_old and waiting_old[0] is not before:
                yield _Step("removed", waiting_old.popleft(), None)
            while waiting_new and waiting_new[0] is not after:
                here = waiting_new.popleft()
                was = came_from.get(here.at)
                yield _Step("moved" if was else "added", was, here)
            if before:
                yield _Step("changed", waiting_old.popleft(), waiting_new.popleft())
        for before, after in gap.kept:
            yield _Step("kept", before, after)


def _gaps(old: list[Placed], new: list[Placed]) -> list[_Gap]:
    gaps = []
    i = j = 0
    for run in align(*numbered((p.block.key for p in old), (p.block.key for p in new))):
        i_end, j_end = run.i + run.size, run.j + run.size
        kept = list(zip(old[run.i : i_end], new[run.j : j_end], strict=True))
        gaps.append(_Gap(old[i : run.i], new[j : run.j], kept))
        i, j = i_end, j_end
    return [*gaps, _Gap(old[i:], new[j:], [])]


def _moves(gaps: list[_Gap]) -> dict[int, Placed]:
    """Place after -> block before, for blocks that left one place and stand word for word in
    another."""
    left: dict[tuple, deque[Placed]] = defaultdict(deque)
    for gap in gaps:
        for here in gap.before:
            left[here.block.key].append(here)
    added = [here for gap in gaps for here in gap.after]
    return {here.at: left[here.block.key].popleft() for here in added if left.get(here.block.key)}


def _block_diffs(step: _Step) -> Iterator[BlockDiff]:
    """One block, or the cells of one row."""
    op, before, after = step
    shown = after or before
    if shown.block.kind == "row":
        yield from changed_row(before, after) if op == "changed" else whole_row(op, before, after)
        return
    pieces = _pieces(op, before and before.block, after and after.block)
    if op == "changed" and all(piece.op == "kept" for piece in pieces):
        # The numbers of two items are the same, only the counting that led to them differs.
        op = "kept"
    yield BlockDiff(
        op=op,
        kind=shown.block.kind,
        pieces=pieces,
        heading=shown.heading,
        place=_place(op, before, after),
        heading_before=before.heading if op == "moved" else None,
    )


def _pieces(op: BlockOp, before: Block | None, after: Block | None) -> tuple[Piece, ...]:
    if op == "removed":
        return words.pieces(before.text, "")
    if op == "added":
        return words.pieces("", after.text)
    if op != "changed":
        return words.pieces(after.text, after.text)
    pieces = words.pieces(before.text, after.text)
    if before.lead == after.lead or before.marker_key == after.marker_key:
        return pieces
    return (*words.pieces(before.lead, ""), *words.pieces("", after.lead), *pieces)


def _place(op: BlockOp, before: Placed | None, after: Placed | None) -> str | None:
    """Where a moved block stood before; else the number of an ordered item."""
    if op == "moved":
        if before.heading != after.heading:
            return f"under {before.heading}" if before.heading else "above the first heading"
        return "further down" if before.at > after.at else "further up"
    block = (after or before).block
    is_numbered = block.kind == "item" and block.marker[0].isdigit()
    return f"item {block.marker[:-1]}" if is_numbered else None
