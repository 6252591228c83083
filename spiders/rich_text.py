"""Rich-text tree (as Contentful serves it) -> canonical Markdown.

Nearly all of an article are paragraphs, headings, lists, quotes and tables, each where it belongs.
These are read straight here, and what is mere text is written at once. Whatever else a tree holds
is walked (`spiders.rich_text_walk`), by itself: of two blocks beside each other neither changes how
the other is read.
"""

from collections.abc import Callable, Iterable, Sequence

from spiders.blocks import MAX_DEPTH, Block, List, Quote, Written, cell_of, in_columns
from spiders.canonical import as_heading, as_paragraph, table_of, to_markdown
from spiders.inline import escaped, inline
from spiders.rich_text_tree import MARKS, Mark, Node
from spiders.rich_text_walk import cell_span, link_target, walked
from spiders.runs import Run, is_regular, tidy
from spiders.usual_line import usual_line


def read(document: Node, page_url: str) -> tuple[str, dict[str, int]]:
    """The canonical Markdown of a tree, and how many nodes and marks of which unknown type it has.

    Links are written out from `page_url`. Unknown nodes keep their text.
    """
    reader = _Reader(page_url)
    nodes = document.content or () if document.nodeType == "document" else (document,)
    return to_markdown(reader.blocks(nodes, 0)), reader.unknown


class _Reader:
    """Reads what it knows where it belongs, and has the rest walked."""

    def __init__(self, page_url: str):
        self.page_url = page_url
        self.unknown: dict[str, int] = {}

    def blocks(self, nodes: Iterable[Node], depth: int) -> list[Block]:
        """The blocks of what stands in a document, quote or item, itself in `depth` others."""
        found: list[Block] = []
        others: list[Node] = []
        for node in nodes:
            read_block = _READERS.get(node.nodeType)
            if read_block is None:
                others.append(node)
                continue
            if others:
                found += self._walked(others, depth)
                others = []
            found += read_block(self, node, depth)
        return [*found, *self._walked(others, depth)] if others else found

    def _walked(self, nodes: Sequence[Node], depth: int) -> Sequence[Block]:
        return walked(nodes, self.page_url, self.unknown, depth)

    def _paragraph(self, node: Node, depth: int) -> Sequence[Block]:
        text = self._line((node,), "\\\n")
        if text is None:
            return self._walked((node,), depth)
        return (Written(as_paragraph(text)),) if text else ()

    def _heading(self, node: Node, depth: int) -> Sequence[Block]:
        text = self._line((node,), "<br>")
        if text is None:
            return self._walked((node,), depth)
        level = int(node.nodeType[-1])
        return (Written(as_heading(text, level), is_paragraph=False),) if text else ()

    def _quote(self, node: Node, depth: int) -> Sequence[Block]:
        if depth >= MAX_DEPTH:
            return self._walked((node,), depth)
        blocks = self.blocks(node.content or (), depth + 1)
        return (Quote(tuple(blocks)),) if blocks else ()

    def _list(self, node: Node, depth: int) -> Sequence[Block]:
        nodes = node.content or ()
        if depth >= MAX_DEPTH or any(item.nodeType != "list-item" for item in nodes):
            return self._walked((node,), depth)
        items = [tuple(self.blocks(item.content or (), depth + 1)) for item in nodes]
        items = tuple(filter(None, items))
        start = 1 if node.nodeType == "ordered-list" else None
        return (List(items, start),) if items else ()

    def _table(self, node: Node, depth: int) -> Sequence[Block]:
        if depth >= MAX_DEPTH or not _is_table(node):
            return self._walked((node,), depth)
        rows = [
            [
                (self._cell(cell, depth + 1), cell_span(cell.data) if cell.data else (1, 1))
                for cell in row.content or ()
            ]
            for row in node.content or ()
        ]
        rows = in_columns(rows, empty="")
        return (Written(table_of(rows), is_paragraph=False),) if rows else ()

    def _cell(self, node: Node, depth: int) -> str:
        nodes = node.content or ()
        text = self._line(nodes, "<br>")
        return inline(cell_of(self._walked(nodes, depth)), "<br>") if text is None else text

    def _line(self, nodes: Sequence[Node], line_break: str) -> str | None:
        """The Markdown of paragraphs or headings, one a line; '' for nothing, None where there is
        more than text and links."""
        if len(nodes) == 1 and nodes[0].nodeType in _LINES:
            texts = nodes[0].content
            if texts and len(texts) == 1 and texts[0].nodeType == "text" and not texts[0].marks:
                words = (texts[0].value or "").strip()
                if is_regular(words) and "\0" not in words:
                    return escaped(words)  # four of five lines
        runs = self._runs(nodes)
        if runs is None:
            return None
        line = usual_line(runs)
        return inline(tidy(runs), line_break) if line is None else line

    def _runs(self, nodes: Sequence[Node]) -> list[Run] | None:
        runs: list[Run] = []
        for node in nodes:
            if node.nodeType not in _LINES:
                return None
            if runs:
                runs.append(_LINE_BREAK)
            for inner in node.content or ():
                is_link = inner.nodeType == "hyperlink"
                href = link_target(inner, self.page_url) if is_link else None
                for text in (inner.content or ()) if is_link else (inner,):
                    words, marks = text.value or "", _bits(text.marks) if text.marks else 0
                    if text.nodeType != "text" or marks is None or "\0" in words or "\r" in words:
                        return None
                    if words:
                        runs.append(Run(words, marks, href))
        return runs


_LINE_BREAK = Run("\n")


_HEADINGS = [f"heading-{level}" for level in range(1, 7)]
_READERS: dict[str | None, Callable[[_Reader, Node, int], Sequence[Block]]] = {
    "paragraph": _Reader._paragraph,
    **dict.fromkeys(_HEADINGS, _Reader._heading),
    "blockquote": _Reader._quote,
    "unordered-list": _Reader._list,
    "ordered-list": _Reader._list,
    "table": _Reader._table,
}
_ROWS = {"table-row"}
_CELLS = {"table-cell", "table-header-cell"}
_LINES = {"paragraph", *_HEADINGS}


def _is_table(node: Node) -> bool:
    """Whether a table holds rows alone, and they cells alone."""
    rows = node.content or ()
    cells = [cell.nodeType for row in rows for cell in row.content or ()]
    return _ROWS.issuperset([row.nodeType for row in rows]) and _CELLS.issuperset(cells)


def _bits(marks: Sequence[Mark]) -> int | None:
    """The marks of a text as bits; None where one of them is not known."""
    bits = 0
    for mark in marks:
        if mark.type not in MARKS:
            return None
        bits |= MARKS[mark.type]
    return bits
