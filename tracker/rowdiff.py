"""Two rows of a table -> the difference of their cells, column by column."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from tracker import words
from tracker.align import align, numbered
from tracker.difference import BlockDiff, BlockOp, Piece
from tracker.placement import Placed

Columns = list[tuple[int | None, int | None]]
"""Column before, column after; None on one side where only one of the tables has it."""


def whole_row(op: BlockOp, before: Placed | None, after: Placed | None) -> Iterator[BlockDiff]:
    """The cells of a row that was kept, added, removed or moved as a whole."""
    row = after or before
    piece_op = op if op in ("added", "removed") else "kept"
    is_moved = op == "moved"
    for column, cell in enumerate(row.block.cells):
        yield BlockDiff(
            op=op,
            kind="cell",
            pieces=(Piece(piece_op, cell),) if cell else (),
            heading=row.heading,
            place=(before if is_moved else row).cell_place(column),
            heading_before=before.heading if is_moved else None,
        )


def changed_row(before: Placed, after: Placed) -> Iterator[BlockDiff]:
    """The cells of one row that changed; its columns are matched by the headers of both tables."""
    for i, j in _columns(before, after):
        row, column = (before, i) if j is None else (after, j)
        old = "" if i is None else before.block.cells[i]
        new = "" if j is None else after.block.cells[j]
        op: BlockOp = "kept" if old == new else "changed"
        if i is None or j is None:
            op = "added" if i is None else "removed"
        yield BlockDiff(
            op=op,
            kind="cell",
            pieces=words.pieces(old, new),
            heading=row.heading,
            place=row.cell_place(column),
        )


def _columns(before: Placed, after: Placed) -> Columns:
    old, new = len(before.block.cells), len(after.block.cells)
    if before.header and after.header and before.header.cells != after.header.cells:
        return _matched(_named(before.header.cells, old), _named(after.header.cells, new))
    if old == new or (before.header and after.header):
        return list(zip_longest(range(old), range(new)))
    return _matched(before.block.cells, after.block.cells)


def _named(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    """A name for each of so many columns; those beyond the header have none."""
    return (*names[:count], *("",) * (count - len(names)))


def _matched(old: Sequence, new: Sequence) -> Columns:
    """Equal ones pair up in order; between them the others do, from left to right."""
    columns: Columns = []
    i = j = 0
    for run in [*align(*numbered(old, new)), None]:
        i_end, j_end = (run.i, run.j) if run else (len(old), len(new))
        while i < i_end or j < j_end:
            columns.append((i if i < i_end else None, j if j < j_end else None))
            i, j = min(i + 1, i_end), min(j + 1, j_end)
        if run:
            columns += [(run.i + k, run.j + k) for k in range(run.size)]
            i, j = run.i + run.size, run.j + run.size
    return columns
