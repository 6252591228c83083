"""The blocks of a text, each with what stands above it: its heading and its table's columns."""

from collections.abc import Iterable
from typing import NamedTuple

from tracker.markdown_blocks import Block, plain

# A heading or a column's name is context; a longer one is cut.
_CONTEXT_LENGTH = 80
# A longer first cell is text, not the name of its row.
_LABEL_LENGTH = 40


class Header(NamedTuple):
    """The header row of a table, and its cells as names for the columns, without marks."""

    cells: tuple[str, ...]
    names: tuple[str, ...]


class Placed(NamedTuple):
    """A block at its place in a text."""

    block: Block
    at: int
    """How many blocks stand before it."""
    heading: str | None
    """The nearest heading above it, in plain words; for a heading the one it stands under."""
    header: Header | None = None
    """Of a row: the header of its table, for the header row itself its own."""
    row_number: int = 0
    """Of a row: from 1 below its header."""

    def cell_place(self, column: int) -> str:
        """'row 3 (BTC), Withdrawal fee': the row's first cell names it, where it is short; a column
        without a name has a number."""
        if self.block.is_header:
            return f"header, column {column + 1}"
        names = self.header.names if self.header else ()
        name = names[column] if column < len(names) else ""
        label = _label(self.block.cells[0]) if column else ""
        return f"row {self.row_number}{label}, {name or f'column {column + 1}'}"


def placed(blocks: Iterable[Block]) -> list[Placed]:
    """Each block with its place, in order."""
    found: list[Placed] = []
    above: list[tuple[int, str]] = []
    header: Header | None = None
    row_number = 0
    for at, block in enumerate(blocks):
        level = len(block.marker) if block.kind == "heading" else 0
        while level and above and above[-1][0] >= level:
            above.pop()
        if block.is_header:
            header = Header(block.cells, tuple(_short(plain(cell)) for cell in block.cells))
            row_number = 0
        elif block.kind == "row":
            row_number += 1
        else:
            header, row_number = None, 0
        heading = above[-1][1] if above else None
        found.append(Placed(block, at, heading, header, row_number))
        if level:
            above.append((level, _short(plain(block.text))))
    return found


def _label(cell: str) -> str:
    words = plain(cell)
    return f" ({words})" if words and len(words) <= _LABEL_LENGTH else ""


def _short(words: str) -> str:
    return words if len(words) <= _CONTEXT_LENGTH else words[: _CONTEXT_LENGTH - 1].rstrip() + "…"
