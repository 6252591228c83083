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
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from spiders.blocks import (
    Block,
    CodeBlock,
    Heading,
    List,
    Paragraph,
    Quote,
    Rule,
    Table,
    Written,
)
from spiders.inline import inline

_LINE_START = re.compile(
    r"^(?:(?P<sign>\#{1,6}(?=[ ]|$)|[-+](?=[ ]|$)|>|=+[ ]*$|[-:|][-:|\ ]*$)"
    r"|(?P<number>\d{1,9})(?P<point>[.)])(?=[ ]|$))",
    re.MULTILINE | re.VERBOSE,
)
_MAY_BEGIN = frozenset("#-+>=:|0123456789")
_CLOSING_HASHES = re.compile(r"(?:^|(?<= ))#+$")
_ESCAPED = r"\\\g<0>"


def to_markdown(blocks: Sequence[Block]) -> str:
    """The canonical text, without a line break at its end; '' for no blocks."""
    return "\n\n".join([_WRITERS[type(block)](block) for block in merged(blocks)])


def merged(blocks: Sequence[Block]) -> Sequence[Block]:
    """Lists of one kind that follow each other are one list: Markdown cannot tell them apart."""
    if [type(block) for block in blocks].count(List) < 2:
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
    return as_paragraph(inline(block.runs, "\\\n"))


def as_paragraph(text: str) -> str:
    """Escapes what Markdown would take for the begin of another block."""
    if text[0] in _MAY_BEGIN or "\n" in text:
        return _LINE_START.sub(_with_backslash, text)
    return text


def _with_backslash(found: re.Match) -> str:
    if found["sign"]:
        return "\\" + found["sign"]
    return f"{found['number']}\\{found['point']}"


def _heading(block: Heading) -> str:
    return as_heading(inline(block.runs, "<br>"), block.level)


def as_heading(text: str, level: int) -> str:
    return f"{'#' * level} {_CLOSING_HASHES.sub(_ESCAPED, text)}"


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
    if len(blocks) == 1:
        return _WRITERS[type(blocks[0])](blocks[0])
    blocks = merged(blocks)
    parts = [_WRITERS[type(blocks[0])](blocks[0])]
    for before, block in zip(blocks, blocks[1:], strict=False):
        is_close = _is_paragraph(before) and type(block) is List and block.start in (None, 1)
        parts += ["\n" if is_close else "\n\n", _WRITERS[type(block)](block)]
    return "".join(parts)


def _is_paragraph(block: Block) -> bool:
    return block.is_paragraph if type(block) is Written else type(block) is Paragraph


FULL_TABLE_CELLS = 10_000
"""Short rows of larger tables are not filled up with empty cells."""


def _table(block: Table) -> str:
    return table_of([[inline(cell, "<br>") for cell in row] for row in block.rows])


def table_of(rows: Sequence[Sequence[str]]) -> str:
    """A table of cells in Markdown; the rows may be of any length, but none is empty."""
    columns = max(map(len, rows))
    is_filled = columns * len(rows) <= FULL_TABLE_CELLS
    lines = []
    for number, row in enumerate(rows):
        cells = [cell.replace("|", "\\|") for cell in row]
        if (is_filled or not number) and len(cells) < columns:
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
    Written: attrgetter("text"),
}
