"""Blocks of text, and the builder through which every source (rich text, HTML) makes them.

A reader tells a `Builder` what it meets in reading order; `spiders.canonical` writes the blocks.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec import Struct

from spiders.runs import CODE, Run, Runs, tidy


class Paragraph(Struct, frozen=True, gc=False):
    runs: Runs


class Heading(Struct, frozen=True, gc=False):
    level: int
    runs: Runs


class CodeBlock(Struct, frozen=True, gc=False):
    text: str
    language: str = ""


class Rule(Struct, frozen=True, gc=False):
    pass


class Quote(Struct, frozen=True, gc=False):
    blocks: "tuple[Block, ...]"


class List(Struct, frozen=True, gc=False):
    """`start` is the number of the first item, None for bullets."""

    items: "tuple[tuple[Block, ...], ...]"
    start: int | None = None


class Table(Struct, frozen=True, gc=False):
    """Rows of cells; the first is the header. Rows may be shorter than the widest one."""

    rows: tuple[tuple[Runs, ...], ...]


class Written(Struct, frozen=True, gc=False):
    """A paragraph or a table that is Markdown already: where its source is so plain that it can be
    written at once."""

    text: str
    is_paragraph: bool = True


Block = Paragraph | Heading | CodeBlock | Rule | Quote | List | Table | Written


# Reading order -> blocks.

MAX_DEPTH = 12
"""Quotes, lists and tables nested deeper give their text to the one that is this deep."""
MAX_SPAN = 64
"""No cell is taken to span more columns or rows than this."""
MAX_COVERED = 100_000
"""Places that the spanning cells of one table cover; real ones cover a hundred. Each is kept, so
that more would take memory without bound; cells beyond span nothing."""


class _Frame(Struct, eq=False):
    """An open quote, list, item, table, row, cell or heading, with what it holds so far."""

    kind: str
    number: int | None = None
    """Level of a heading, first number of a list."""
    span: tuple[int, int] = (1, 1)
    owner: "_Frame | None" = None
    """The frame that gets what stands in this one, where that is another one: for a heading, and
    for what is too deep or out of place and stands for nothing."""
    held: list = []
    """Blocks; items of a list, rows of a table, (runs, span) of a row."""
    loose: list[Block] = []
    """Blocks that stand in a table outside its cells: they go before it."""


def _shown(text: str) -> str:
    """NUL as the replacement character that every parser makes of it."""
    return text.replace("\0", "\ufffd")


_PARENTS = {"item": "list", "row": "table", "cell": "row"}
_NESTING = frozenset(("quote", "list", "table"))
_NO_PLACE = frozenset(("table", "row", "list"))
"""In which a block cannot stand as it is."""


class Builder:
    """Told what stands in a document, in reading order, it gives the document's blocks.

    Text collects until a block begins or ends. Whatever is opened is closed, in order. `depth` is
    how many quotes, lists and tables the document stands in.
    """

    def __init__(self, depth: int = 0):
        self._runs: list[Run] = []
        self._frames = [_Frame("document")]
        self._depth = depth

    def blocks(self) -> tuple[Block, ...]:
        """All blocks; to be asked once, when everything has been told."""
        while len(self._frames) > 1:
            self.close()
        self.end_paragraph()
        return tuple(self._frames[0].held)

    def text(self, text: str, marks: int = 0, href: str | None = None) -> None:
        """Text; a line break in it is one that readers see."""
        if text:
            self._runs.append(Run(_shown(text) if "\0" in text else text, marks, href))

    def image(self, alt: str, src: str | None, marks: int = 0, href: str | None = None) -> None:
        """An image; its alt alone where it leads nowhere."""
        if src:
            self._runs.append(Run(_shown(alt), marks & ~CODE, href, src))
        else:
            self.text(alt, marks, href)

    def code_block(self, text: str, language: str = "") -> None:
        self.end_paragraph()
        lines = [line.rstrip() for line in text.expandtabs(4).split("\n")]
        text = "\n".join(lines).strip("\n")
        if text:
            self._add(CodeBlock(_shown(text), language))

    def rule(self) -> None:
        self.end_paragraph()
        self._add(Rule())

    def end_paragraph(self) -> None:
        """Makes the text so far a paragraph (or the heading that is open)."""
        if not self._runs:
            return
        runs, self._runs = tidy(self._runs), []
        if not runs:
            return
        frame = self._frames[-1]
        if frame.kind == "heading":
            self._add(Heading(frame.number, runs))
        elif len(runs) > 1 and _are_images(runs):
            for run in runs:
                if run.src:  # images beside each other are as many paragraphs
                    self._add(Paragraph((run,)))
        else:
            self._add(Paragraph(runs))

    def open(self, kind: str, number: int | None = None, span: tuple[int, int] = (1, 1)) -> None:
        """Begins a quote, list (`number`: its first, None for bullets), item, table, row, cell
        (`span`: columns, rows) or heading (`number`: its level)."""
        if self._runs:
            self.end_paragraph()
        parent = self._frames[-1]
        if kind in _PARENTS:
            is_own = parent.kind == _PARENTS[kind] and parent.owner is None
        else:
            is_own = kind != "heading" and self._depth < MAX_DEPTH
        owner = None if is_own else parent.owner or parent
        self._frames.append(_Frame(kind, number, span, owner))
        self._depth += is_own and kind in _NESTING

    def close(self) -> None:
        """Ends what was opened last."""
        if self._runs:
            self.end_paragraph()
        frame = self._frames.pop()
        if frame.owner is not None:
            return
        kind, held = frame.kind, frame.held
        if kind == "cell":
            self._frames[-1].held.append((cell_of(held), frame.span))
        elif kind == "row":
            self._frames[-1].held.append(held)
        elif kind == "item":
            if held:
                self._frames[-1].held.append(held)
        else:
            self._depth -= 1
            self._close_nested(kind, frame)

    def _close_nested(self, kind: str, frame: _Frame) -> None:
        held = frame.held
        if kind == "quote" and held:
            self._add(Quote(tuple(held)))
        elif kind == "list" and held:
            self._add(List(tuple(map(tuple, held)), frame.number))
        elif kind == "table":
            for block in frame.loose:
                self._add(block)
            if rows := in_columns(held, empty=()):
                self._add(Table(rows))

    def _add(self, block: Block) -> None:
        """Puts a block where it stands, and where a block cannot stand, makes it a place."""
        owner = self._frames[-1].owner or self._frames[-1]
        kind = owner.kind
        if kind not in _NO_PLACE:
            owner.held.append(block)
        elif kind == "table":
            owner.loose.append(block)
        elif kind == "row":
            owner.held.append((cell_of([block]), (1, 1)))
        elif isinstance(block, List) and owner.held:
            owner.held[-1].append(block)
        else:
            owner.held.append([block])


def _are_images(runs: Runs) -> bool:
    """Whether the runs are images and nothing else, but for white space between them."""
    return all(run.src or run.text.isspace() for run in runs) and any(run.src for run in runs)


def cell_of(blocks: Sequence[Block]) -> Runs:
    """The runs of a table cell: one line per paragraph, item, code line or inner row."""
    if len(blocks) == 1 and type(blocks[0]) is Paragraph:
        return blocks[0].runs
    runs: list[Run] = []
    for line in _lines(blocks):
        if runs:
            runs.append(Run("\n"))
        runs.extend(line)
    return tidy(runs)


def _lines(blocks: Sequence[Block]) -> Iterator[Sequence[Run]]:
    for block in blocks:
        match block:
            case Paragraph(runs=runs) | Heading(runs=runs):
                yield runs
            case CodeBlock(text=text):
                yield from ((Run(line, CODE),) for line in text.split("\n"))
            case Quote(blocks=inner):
                yield from _lines(inner)
            case List(items=items, start=start):
                for number, item in enumerate(items, start or 0):
                    sign = Run("- " if start is None else f"{number}. ")
                    for line in _lines(item):
                        yield (sign, *line) if sign else line
                        sign = None
            case Table(rows=rows):
                for row in rows:
                    cells = [run for cell in row if cell for run in (Run(" | "), *cell)]
                    yield cells[1:]


Cell = TypeVar("Cell")


def in_columns(
    rows: Sequence[Sequence[tuple[Cell, tuple[int, int]]]], empty: Cell
) -> tuple[tuple[Cell, ...], ...]:
    """The cells of a table in their columns, from rows of cells with what each spans.

    A cell that spans others is followed by empty ones; nothing empty ends a row, and no row is it.
    """
    grid = []
    covered: dict[int, int] = {}
    """Column -> rows that a cell from above still covers there."""
    left_to_cover = MAX_COVERED
    for row in rows:
        cells: list[Cell] = []
        spanning = {column: left - 1 for column, left in covered.items() if left > 1}
        for cell, (columns, height) in row:
            while len(cells) in covered:
                cells.append(empty)
            if columns == height == 1:
                cells.append(cell)
                continue
            left_to_cover -= columns * height - 1
            if left_to_cover < 0:
                columns = height = 1
            if height > 1:
                spanning |= {len(cells) + n: height - 1 for n in range(columns)}
            cells += [cell, *[empty] * (columns - 1)]
        covered = spanning
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            grid.append(tuple(cells))
    return tuple(grid)


def span_of(columns: object, rows: object) -> tuple[int, int]:
    """What a cell spans, from what a page says: 1 where that is no sensible number."""
    return _span(columns), _span(rows)


def _span(value: object) -> int:
    text = str(value)
    return min(max(int(text), 1), MAX_SPAN) if re.fullmatch(r"[0-9]{1,6}", text) else 1
