"""Canonical Markdown -> its blocks, and back.

Reads the form that the readers write: `#` headings, `-` and `1.` items, GFM tables, fences, quotes,
rules, images, hard breaks as a backslash or two spaces before the line's end. Any other text is
read too, as paragraphs; nothing but white space and empty rows is lost.
`join(split(text))` is the one spelling of a text, and splitting that gives the same blocks again.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

Kind = Literal["heading", "paragraph", "item", "row", "code", "quote", "image", "rule"]

# str.split() and `\s` agree on what is a space; line ends are dealt with before this table.
_SPACES = {
    ord(c): " " for c in "\t\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u202f\u205f\u3000\u2028\u2029"
}
_SPACES |= dict.fromkeys(range(0x2000, 0x200B), " ")

_ITEM = re.compile(r"([-*+]|\d{1,9}[.)]) +(?=\S)")
_HEADING = re.compile(r"(#{1,6}) +(?=\S)")
# Kept apart from the lines around it: joined to them it would read as something else.
_LONE_MARKER = re.compile(r"(?:[-*_+ ]+|\d{1,9}[.)]|#{1,6})$")
_RULE = re.compile(r"(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$")
_FENCE = re.compile(r"(`{3,}|~{3,})(.*)$")
_QUOTE = re.compile(r"(?:> *)+")
_IMAGE = re.compile(r"!\[(?:[^\[\]\\]|\\.)*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)$")
_STARTS_BLOCK = re.compile(r"(?:[-*+]|\d{1,9}[.)]|#{1,6})(?: |$)|\|")
_CELL_BORDER = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_DASHES = re.compile(r":?-+:?$")
_FENCE_RUN = re.compile(r"^`{3,}", re.MULTILINE)
_LINK = re.compile(r"!?\[((?:[^\[\]\\]|\\.)*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_MARKS = re.compile(
    r"(?<!\\)(?:[*`]+|~~|</?(?:b|i|s|u|su[bp])>)|<br>|\\?\n"
    r"|(?<![^\W_])(?<!\\)_+(?=[^\s_])|(?<=[^\s_])(?<!\\)_+(?![^\W_])|\\(?=[^\w\s]|_)"
)
# What a link or a mark begins with.
_MAY_BE_MARKED = re.compile(r"[\[*`~<\\\n_]")


class Block(NamedTuple):
    """One block. `marker` is what stands before its text: '##', '-', '3.', '>', '```json'."""

    kind: Kind
    text: str
    """Without the marker; a row's cells as one line, for measuring likeness."""
    marker: str = ""
    depth: int = 0
    """Of a list item: how many lists it stands within, less one."""
    is_counted: bool = False
    """An ordered item whose number follows by counting from the one before it, or begins at 1."""
    cells: tuple[str, ...] = ()
    is_header: bool = False
    """A table's header row; it begins a new table."""

    @property
    def key(self) -> tuple:
        """What makes two blocks the same."""
        return (self.kind, self.marker_key, self.is_header, self.cells or self.text)

    @property
    def marker_key(self) -> tuple:
        """What makes two markers the same. A number that follows by counting is left out, so that
        a new first step does not change all the others."""
        return ("" if self.is_counted else self.marker, self.depth, self.is_counted)

    @property
    def lead(self) -> str:
        """The marker as written before the text, with its indentation and space."""
        return f"{'  ' * self.depth}{self.marker} " if self.marker else ""


def split(text: str) -> tuple[Block, ...]:
    """The blocks of a text in reading order; a table is a run of rows."""
    return _Splitter().read(text)


def join(blocks: Iterable[Block]) -> str:
    """The text that `split` takes apart into these blocks."""
    parts: list[str] = []
    previous: Block | None = None
    for block in blocks:
        if previous is not None:
            continues = block.kind == previous.kind in ("item", "row") and not block.is_header
            parts.append("\n" if continues else "\n\n")
        parts.append(_written(block))
        previous = block
    return "".join(parts)


def plain(text: str) -> str:
    """The words of inline Markdown without its marks and link targets, as one line."""
    if _MAY_BE_MARKED.search(text):
        text = _MARKS.sub(_unmarked, _LINK.sub(r"\1", text))
    return " ".join(text.split())


def _unmarked(mark: re.Match) -> str:
    return " " if mark[0].endswith(("\n", "<br>")) else ""


def _written(block: Block) -> str:
    if block.kind == "row":
        row = "| " + " | ".join(block.cells) + " |"
        return row + "\n|" + " --- |" * len(block.cells) if block.is_header else row
    if block.kind == "code":
        longest = max(map(len, _FENCE_RUN.findall(block.text)), default=2)
        fence = "`" * max(3, longest + 1)
        return f"{fence}{block.marker[3:]}\n{block.text}\n{fence}"
    if block.kind == "quote":
        return "\n".join(f"{block.marker} {line}" for line in block.text.split("\n"))
    return block.lead + block.text


def _cells(line: str) -> tuple[str, ...]:
    """The cells of a row; empty ones at its end are as good as missing, as in GFM."""
    # Most rows have no escape, and one to split by needs no pattern.
    written = _CELL_BORDER.sub(r"\1\n", line).split("\n") if "\\" in line else line.split("|")
    cells = (
        [" ".join(cell.split()) for cell in written]
        if "  " in line
        else [cell.strip(" ") for cell in written]
    )
    del cells[0]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _spaced(text: str) -> str:
    return " ".join(text.split()) if "  " in text else text.strip(" ")


class _Splitter:
    """Reads line by line; `lines` holds the open paragraph, item or quote."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.lines: list[str] = []
        self.open: tuple[Kind, str, int, bool] = ("paragraph", "", 0, False)
        self.indents: list[int] = []
        self.numbers: list[int | None] = []
        self.row_may_be_header = False

    def read(self, text: str) -> tuple[Block, ...]:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        lines = iter(text.translate(_SPACES).split("\n"))
        for line in lines:
            bare = line.strip(" ")
            if not bare:
                self.close()
            elif bare[0].isalpha():  # most lines begin with what begins nothing but text
                self.row_may_be_header = False
                self.read_text(line)
            elif not self.read_table_row(bare):
                self.row_may_be_header = False
                if not self.read_fence(line, bare, lines):
                    self.read_line(line, bare)
        self.close()
        return tuple(b for b in self.blocks if b.text or b.is_header or b.kind == "code")

    def read_line(self, line: str, bare: str) -> None:
        if bare[0] == ">":
            self.read_quote(line, bare)
        elif _RULE.match(bare):
            self.end_lists()
            self.blocks.append(Block("rule", "---"))
        elif _LONE_MARKER.match(bare):
            self.close()
            self.blocks.append(Block("paragraph", bare))
        elif heading := _HEADING.match(bare):
            self.end_lists()
            self.blocks.append(Block("heading", _spaced(bare[heading.end() :]), heading[1]))
        elif item := _ITEM.match(bare):
            self.close()
            indent = len(line) - len(line.lstrip(" "))
            self.open = self.item(item[1], indent)
            self.lines.append(line.lstrip(" ")[item.end() :])
        else:
            self.read_text(line)

    def read_text(self, line: str) -> None:
        if self.open[0] == "quote":
            self.close()
        self.lines.append(line)

    def item(self, mark: str, indent: int) -> tuple[Kind, str, int, bool]:
        """Opens an item. Paragraphs between two items do not end a list: only a heading or a
        rule does, so whether a paragraph is indented makes no difference."""
        while self.indents and self.indents[-1] > indent:
            self.indents.pop()
        if not self.indents or self.indents[-1] < indent:
            self.indents.append(indent)
        depth = len(self.indents) - 1
        # What was counted at this depth counts on, though it was indented otherwise.
        self.numbers[depth:] = self.numbers[depth : depth + 1] or [None]
        if not mark[0].isdigit():
            self.numbers[depth] = None
            return "item", mark, depth, False
        number, before = int(mark[:-1]), self.numbers[depth]
        self.numbers[depth] = number
        return "item", f"{number}.", depth, number == (before or 0) + 1

    def read_quote(self, line: str, bare: str) -> None:
        marks = _QUOTE.match(bare)
        marker = "> " * (marks[0].count(">") - 1) + ">"
        inner = line.lstrip(" ")[marks.end() :]
        is_same_quote = self.open[:2] == ("quote", marker)
        if not is_same_quote or not inner.strip(" ") or _STARTS_BLOCK.match(inner):
            self.close()
        if inner.strip(" "):
            self.open = ("quote", marker, 0, False)
            self.lines.append(inner)
            if _LONE_MARKER.match(inner.strip(" ")):
                self.close()

    def read_table_row(self, bare: str) -> bool:
        if bare[0] != "|":
            return False
        self.close()
        cells = _cells(bare)
        if self.row_may_be_header and all(map(_DASHES.match, cells)):
            header = self.blocks.pop()
            self.blocks.append(Block("row", header.text, cells=header.cells, is_header=True))
            self.row_may_be_header = False
        else:
            self.blocks.append(Block("row", " ".join(cells).strip(" "), cells=cells))
            self.row_may_be_header = True
        return True

    def read_fence(self, line: str, bare: str, lines: Iterable[str]) -> bool:
        opening = _FENCE.match(bare)
        if not opening or (bare[0] == "`" and "`" in opening[2]):
            return False
        self.close()
        indent = len(line) - len(line.lstrip(" "))
        code = []
        for inner in lines:
            stripped = inner.strip(" ")
            if stripped.startswith(opening[1]) and not stripped.strip(bare[0]):
                break
            code.append(inner[min(indent, len(inner) - len(inner.lstrip(" "))) :].rstrip(" "))
        info = _spaced(opening[2].replace("`", ""))
        self.blocks.append(Block("code", "\n".join(code).strip("\n"), "```" + info))
        return True

    def end_lists(self) -> None:
        self.close()
        self.indents.clear()
        self.numbers.clear()

    def close(self) -> None:
        """Ends the open block: soft line ends become spaces, hard breaks a backslash."""
        if not self.lines:
            self.open = ("paragraph", "", 0, False)
            return
        text = _spaced(self.lines[0]) if len(self.lines) == 1 else _broken_lines(self.lines)
        kind, marker, depth, is_counted = self.open
        if kind == "paragraph" and text.startswith("![") and _IMAGE.match(text):
            kind = "image"
        self.blocks.append(Block(kind, text, marker, depth, is_counted))
        self.lines = []
        self.open = ("paragraph", "", 0, False)


def _broken_lines(lines: list[str]) -> str:
    parts = []
    for line in lines[:-1]:
        text = _spaced(line)
        backslashes = len(text) - len(text.rstrip("\\"))
        if backslashes % 2:
            parts.append(text + "\n")
        else:
            parts.append(text + ("\\\n" if line.endswith("  ") else " "))
    return "".join(parts) + _spaced(lines[-1])
