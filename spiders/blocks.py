"""Blocks of text, and the builder through which every source (rich text, HTML) makes them.

A reader tells a `Builder` what it meets in reading order; `spiders.canonical` writes the blocks.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

BOLD, ITALIC, UNDERLINE, STRIKE, SUPERSCRIPT, SUBSCRIPT, CODE = (1 << n for n in range(7))
"""Marks of a run, as bits."""


class Run(Struct, frozen=True, gc=False):
    """Text of one kind; a line break is a `\\n` in it. An image has `src`, and its alt as text."""

    text: str
    marks: int = 0
    href: str | None = None
    src: str | None = None


Runs = tuple[Run, ...]


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


Block = Paragraph | Heading | CodeBlock | Rule | Quote | List | Table


# Runs: white space as HTML shows it.

_SPACES = re.compile(r"[ \t\r\f]+")


def _is_regular(text: str) -> bool:
    """No line break and no white space to collapse, for sure."""
    return "  " not in text and text.isprintable()


def tidy(runs: Sequence[Run]) -> Runs:
    """Runs with white space collapsed, none at either end or beside a line break.

    White space between two runs bears only what both bear, so that `<b>a </b>b` is `<b>a</b> b`.
    """
    if len(runs) == 1 and runs[0].src is None and _is_regular(runs[0].text):
        return _tidy_alone(runs[0])  # nine of ten paragraphs
    pieces: list[tuple[list[str], Run]] = []
    gap = ""
    for run in runs:
        if run.src is not None:
            if gap and pieces:
                _join(pieces, gap, run)
            pieces.append(([" ".join(run.text.split())], run))
            gap = ""
            continue
        text = run.text if _is_regular(run.text) else _SPACES.sub(" ", run.text)
        for number, line in enumerate(text.split("\n")):
            if number:
                gap = "\n"
            if line[:1] == " ":
                gap = gap or " "
            core = line.strip(" ")
            if gap == "\n":
                _trim_end(pieces)
            if gap == "\n" or not pieces:
                core = core.lstrip()
            if core:
                if gap and pieces:
                    _join(pieces, gap, run)
                _append(pieces, core, run)
                gap = " " if line[-1] == " " else ""
    _trim_end(pieces)
    return tuple([_run_of(parts, run) for parts, run in pieces])


def _run_of(parts: Sequence[str], like: Run) -> Run:
    text = parts[0] if len(parts) == 1 else "".join(parts)
    return like if text is like.text else Run(text, like.marks, like.href, like.src)


def _tidy_alone(run: Run) -> Runs:
    text = run.text.strip()
    if not text:
        return ()
    return (run if text is run.text else Run(text, run.marks, run.href),)


def _append(pieces: list[tuple[list[str], Run]], text: str, like: Run) -> None:
    """Adds text, to the last piece where that is of the same kind."""
    if pieces:
        parts, run = pieces[-1]
        if run.marks == like.marks and run.href == like.href and run.src is None:
            parts.append(text)
            return
    pieces.append(([text], like))


def _join(pieces: list[tuple[list[str], Run]], gap: str, following: Run) -> None:
    before = pieces[-1][1]
    marks = before.marks & following.marks
    href = before.href if before.href == following.href else None
    _append(pieces, gap, Run(gap, marks & ~CODE if gap == "\n" else marks, href))


def _trim_end(pieces: list[tuple[list[str], Run]]) -> None:
    """Drops white space of every kind from the end."""
    while pieces and pieces[-1][1].src is None:
        parts = pieces[-1][0]
        while parts:
            parts[-1] = parts[-1].rstrip()
            if parts[-1]:
                return
            parts.pop()
        pieces.pop()


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

    Text collects until a block begins or ends. Whatever is opened is closed, in order.
    """

    def __init__(self):
        self._runs: list[Run] = []
        self._frames = [_Frame("document")]
        self._depth = 0

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

    def cell(self, text: str, marks: int, href: str | None, span: tuple[int, int]) -> None:
        """A cell of one paragraph that is one text, as nearly all cells are."""
        row = self._frames[-1]
        if self._runs or row.kind != "row" or row.owner is not None:
            self.open("cell", None, span)
            self.text(text, marks, href)
            self.close()
        else:
            row.held.append((tidy((Run(_shown(text), marks, href),)), span))

    def close(self) -> None:
        """Ends what was opened last."""
        if self._runs:
            self.end_paragraph()
        frame = self._frames.pop()
        if frame.owner is not None:
            return
        kind, held = frame.kind, frame.held
        if kind == "cell":
            self._frames[-1].held.append((_cell(held), frame.span))
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
            if rows := _rows(held):
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
            owner.held.append((_cell([block]), (1, 1)))
        elif isinstance(block, List) and owner.held:
            owner.held[-1].append(block)
        else:
            owner.held.append([block])


def _are_images(runs: Runs) -> bool:
    """Whether the runs are images and nothing else, but for white space between them."""
    return all(run.src or run.text.isspace() for run in runs) and any(run.src for run in runs)


def _cell(blocks: Sequence[Block]) -> Runs:
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


Row = list[tuple[Runs, tuple[int, int]]]


def _rows(rows: Sequence[Row]) -> tuple[tuple[Runs, ...], ...]:
    """Cells in their columns: a cell that spans others is followed by empty ones."""
    grid = []
    covered: dict[int, int] = {}
    """Column -> rows that a cell from above still covers there."""
    left_to_cover = MAX_COVERED
    for row in rows:
        cells: list[Runs] = []
        spanning = {column: left - 1 for column, left in covered.items() if left > 1}
        for runs, (columns, height) in row:
            while len(cells) in covered:
                cells.append(())
            left_to_cover -= columns * height - 1
            if left_to_cover < 0:
                columns = height = 1
            if height > 1:
                spanning |= {len(cells) + n: height - 1 for n in range(columns)}
            cells += [runs, *[()] * (columns - 1)]
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
