"""Blocks -> canonical Markdown: one form for one content, whatever source it was read from.

The form is CommonMark with the tables and strikethrough of GFM:

- Blocks stand apart by an empty line, list items by a line break. `- ` and `1. ` begin items.
- `**bold**`, `_italic_`, `~~struck~~`, and `<u>`, `<sup>`, `<sub>` for what Markdown lacks; where
  Markdown's own marks would not be read as such (`**Note:**text`), `<b>`, `<i>`, `<s>`.
- A line break inside a paragraph is a backslash at the end of the line; in a heading or a cell
  `<br>`, which also joins the paragraphs of a cell. A table's first row is its header.
- Whatever Markdown would read as markup is escaped with a backslash.

Reading canonical text as Markdown gives the same canonical text.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from markdown_it.common.utils import isPunctChar, isWhiteSpace

from spiders.blocks import (
    BOLD,
    CODE,
    ITALIC,
    STRIKE,
    SUBSCRIPT,
    SUPERSCRIPT,
    UNDERLINE,
    Block,
    CodeBlock,
    Heading,
    List,
    Paragraph,
    Quote,
    Rule,
    Run,
    Runs,
    Table,
)

_SIGN = re.compile(r"[\\`*_\[\]<&~]")
_ALWAYS_ESCAPED = frozenset("\\`*[]")
_ESCAPED_HERE = re.compile(
    r"(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w{1,32};)|\A~|~(?=~|\Z)|(?<=~)~"
)
_LINE_START = re.compile(
    r"^(?:(?P<sign>\#{1,6}(?=[ ]|$)|[-+](?=[ ]|$)|>|=+[ ]*$|[-:|][-:|\ ]*$)"
    r"|(?P<number>\d{1,9})(?P<point>[.)])(?=[ ]|$))",
    re.MULTILINE | re.VERBOSE,
)
_MAY_BEGIN = frozenset("#-+>=:|0123456789")
_UNSAFE_IN_TARGET = re.compile(r"[\s()<>\\|\x00-\x20\x7f]")
_ENTITY = re.compile(r"&(?=#?\w{1,32};)")
_CLOSING_HASHES = re.compile(r"(?:^|(?<= ))#+$")
_SIGNS = {
    BOLD: ("**", "b"),
    ITALIC: ("_", "i"),
    UNDERLINE: ("", "u"),
    STRIKE: ("~~", "s"),
    SUPERSCRIPT: ("", "sup"),
    SUBSCRIPT: ("", "sub"),
}
"""Mark -> Markdown's sign, if it has one, and HTML's tag. The order is that of nesting."""
_MARKS_OF = tuple(tuple(mark for mark in _SIGNS if marks & mark) for marks in range(2 * CODE))
"""The marks of a run, from their bits, in the order of nesting; code is none that wraps."""


def escaped(text: str) -> str:
    """Text in which Markdown finds no inline markup."""
    return _SIGN.sub(_escaped_sign, text)


def _escaped_sign(found: re.Match) -> str:
    sign = found[0]
    if sign in _ALWAYS_ESCAPED or _ESCAPED_HERE.match(found.string, found.start()):
        return "\\" + sign
    return sign


def _target(url: str) -> str:
    """An address that can stand in `(...)` as it is."""
    url = _UNSAFE_IN_TARGET.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url
    )
    return _ENTITY.sub("&amp;", url) if "&" in url else url


def _inline(runs: Runs, line_break: str) -> str:
    if len(runs) == 1:
        return _alone(runs[0], line_break)
    return _InlineWriter(line_break).write(runs)


def _alone(run: Run, line_break: str) -> str:
    """A run with nothing beside it: there Markdown's own marks are always read as such."""
    text = _leaf(run, line_break)
    if run.href is not None:
        text = f"[{text}]({_target(run.href)})"
    for mark in reversed(_MARKS_OF[run.marks]):
        opening, closing = _delimiters(mark, is_markdown=True)
        text = f"{opening}{text}{closing}"
    return text


def _leaf(run: Run, line_break: str) -> str:
    if run.src is not None:
        return f"![{escaped(run.text)}]({_target(run.src)})"
    if run.marks & CODE:
        return _code_span(run.text)
    return escaped(run.text).replace("\n", line_break)


def _delimiters(mark: int, is_markdown: bool) -> tuple[str, str]:
    sign, tag = _SIGNS[mark]
    return (sign, sign) if sign and is_markdown else (f"<{tag}>", f"</{tag}>")


class _InlineWriter:
    """Nests links and marks, the longest outside, and picks delimiters that will be read as such.

    Delimiters are put as (mark, is_opening) among the pieces and resolved at the end, when the
    characters on either side are known.
    """

    def __init__(self, line_break: str):
        self.line_break = line_break
        self.pieces: list[str | tuple[int, bool]] = []
        self.open: list[int | str] = []
        self.has_marks = False

    def write(self, runs: Runs) -> str:
        wrappers = [_wrappers(run) for run in runs]
        reaches = None
        for at, wanted in enumerate(wrappers):
            if self.open:
                self._close_to(wanted)
            fresh = [wrapper for wrapper in wanted if wrapper not in self.open]
            if len(fresh) > 1:
                reaches = reaches or _reaches(wrappers)
                fresh.sort(key=reaches[at].get, reverse=True)
            for wrapper in fresh:
                self._open(wrapper)
            self.pieces.append(_leaf(runs[at], self.line_break))
        self._close_to(())
        return "".join(self._resolved() if self.has_marks else self.pieces)

    def _close_to(self, wanted: Sequence[int | str]) -> None:
        """Closes from the inside until all that stays open is wanted."""
        keep = 0
        while keep < len(self.open) and self.open[keep] in wanted:
            keep += 1
        for wrapper in reversed(self.open[keep:]):
            if isinstance(wrapper, str):
                self.pieces.append(f"]({_target(wrapper)})")
            else:
                self.pieces.append((wrapper, False))
        del self.open[keep:]

    def _open(self, wrapper: int | str) -> None:
        if isinstance(wrapper, str):
            if self.pieces and isinstance(self.pieces[-1], str) and self.pieces[-1][-1:] == "!":
                self.pieces[-1] = self.pieces[-1][:-1] + "\\!"  # `![` would begin an image
            self.pieces.append("[")
        else:
            self.pieces.append((wrapper, True))
            self.has_marks = True
        self.open.append(wrapper)

    def _resolved(self) -> Iterable[str]:
        is_markdown: dict[int, bool] = {}
        opened: list[int] = []
        for at, piece in enumerate(self.pieces):
            if isinstance(piece, str):
                continue
            if piece[1]:
                opened.append(at)
                is_markdown[at] = self._reads_as_mark(at)
            else:
                start = opened.pop()
                is_markdown[at] = is_markdown[start] and self._reads_as_mark(at)
                is_markdown[start] = is_markdown[at]
        for at, piece in enumerate(self.pieces):
            if isinstance(piece, str):
                yield piece
            else:
                mark, is_opening = piece
                yield _delimiters(mark, is_markdown[at])[0 if is_opening else 1]

    def _reads_as_mark(self, at: int) -> bool:
        """CommonMark's rule for delimiters, seen from the text that they enclose."""
        mark, is_opening = self.pieces[at]
        before = self.pieces[at - 1] if at else " "
        behind = self.pieces[at + 1] if at + 1 < len(self.pieces) else " "
        sides = (
            before[-1] if isinstance(before, str) else "*",
            behind[0] if isinstance(behind, str) else "*",
        )
        outside, inside = sides if is_opening else sides[::-1]
        if isWhiteSpace(ord(inside)) or inside == "\n":
            return False
        is_apart = isWhiteSpace(ord(outside)) or outside == "\n" or isPunctChar(outside)
        return is_apart or (mark != ITALIC and not isPunctChar(inside))


def _wrappers(run: Run) -> Sequence[int | str]:
    marks = _MARKS_OF[run.marks]
    return marks if run.href is None else (*marks, run.href)


def _reaches(wrappers: Sequence[Sequence[int | str]]) -> list[dict[int | str, int]]:
    """For each run and each of its wrappers: over how many runs it extends from there."""
    reaches: list[dict[int | str, int]] = []
    behind: dict[int | str, int] = {}
    for wanted in reversed(wrappers):
        behind = {wrapper: behind.get(wrapper, 0) + 1 for wrapper in wanted}
        reaches.append(behind)
    return reaches[::-1]


def _code_span(text: str) -> str:
    fence = "`" * (max((len(ticks) for ticks in re.findall("`+", text)), default=0) + 1)
    loses_spaces = text[0] == text[-1] == " " and bool(text.strip(" "))  # CommonMark takes one off
    pad = " " if text[0] == "`" or text[-1] == "`" or loses_spaces else ""
    return f"{fence}{pad}{text}{pad}{fence}"


# Blocks -> Markdown.


def to_markdown(blocks: Sequence[Block]) -> str:
    """The canonical text, without a line break at its end; '' for no blocks."""
    return "\n\n".join(_WRITERS[type(block)](block) for block in merged(blocks))


def merged(blocks: Sequence[Block]) -> Sequence[Block]:
    """Lists of one kind that follow each other are one list: Markdown cannot tell them apart."""
    if len(blocks) == 1:
        return blocks
    result: list[Block] = []
    for kind, group in groupby(blocks, _list_kind):
        if kind:
            lists = list(group)
            items = tuple(item for each in lists for item in each.items)
            result.append(List(items, lists[0].start))
        else:
            result.extend(group)
    return result


def _list_kind(block: Block) -> str:
    if not isinstance(block, List):
        return ""
    return "bullets" if block.start is None else "numbers"


def _paragraph(block: Paragraph) -> str:
    text = _inline(block.runs, "\\\n")
    if text[0] in _MAY_BEGIN or "\n" in text:
        text = _LINE_START.sub(_with_backslash, text)
    return text


def _with_backslash(found: re.Match) -> str:
    if found["sign"]:
        return "\\" + found["sign"]
    return f"{found['number']}\\{found['point']}"


def _heading(block: Heading) -> str:
    text = _CLOSING_HASHES.sub(r"\\\g<0>", _inline(block.runs, "<br>"))
    return f"{'#' * block.level} {text}"


def _code_block(block: CodeBlock) -> str:
    ticks = max((len(found) for found in re.findall("`{3,}", block.text)), default=2) + 1
    return f"{'`' * ticks}{block.language}\n{block.text}\n{'`' * ticks}"


def _quote(block: Quote) -> str:
    lines = to_markdown(block.blocks).split("\n")
    return "\n".join(f"> {line}" if line else ">" for line in lines)


_LATER_LINE = re.compile(r"\n(?=[^\n])")
MAX_NUMBER = 999_999_999
"""Of a list item: Markdown reads no longer ones."""


def _list(block: List) -> str:
    items = []
    first = min(block.start or 0, MAX_NUMBER + 1 - len(block.items))
    for number, item in enumerate(block.items, first):
        sign = "- " if block.start is None else f"{number}. "
        text = _item(item)
        if "\n" in text:
            text = _LATER_LINE.sub("\n" + " " * len(sign), text)
        items.append(sign + text)
    return "\n".join(items)


def _item(blocks: Sequence[Block]) -> str:
    """A list right behind a paragraph follows without an empty line, where Markdown allows it."""
    blocks = merged(blocks)
    parts = [_WRITERS[type(blocks[0])](blocks[0])]
    for before, block in zip(blocks, blocks[1:], strict=False):
        is_close = type(before) is Paragraph and type(block) is List and block.start in (None, 1)
        parts += ["\n" if is_close else "\n\n", _WRITERS[type(block)](block)]
    return "".join(parts)


FULL_TABLE_CELLS = 10_000
"""Short rows of larger tables are not filled up with empty cells."""


def _table(block: Table) -> str:
    columns = max(map(len, block.rows))
    is_filled = columns * len(block.rows) <= FULL_TABLE_CELLS
    lines = []
    for number, row in enumerate(block.rows):
        cells = [_inline(cell, "<br>").replace("|", "\\|") for cell in row]
        if is_filled or not number:
            cells += [""] * (columns - len(cells))
        lines.append(f"| {' | '.join(cells)} |")
    lines.insert(1, f"|{' --- |' * columns}")
    return "\n".join(lines)


_WRITERS = {
    Paragraph: _paragraph,
    Heading: _heading,
    CodeBlock: _code_block,
    Rule: lambda _: "***",
    Quote: _quote,
    List: _list,
    Table: _table,
}
