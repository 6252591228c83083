"""Blocks -> the two forms of an article's body: the rich-text tree in its data, and its markup.

The tree is of the kind that Contentful serves: links inside the site are absolute in it, and
site-relative in the markup, as on the real pages.
"""

from html import escape
from typing import Any

from spiders.demo.blocks import (
    Block,
    Heading,
    Image,
    Item,
    Items,
    Paragraph,
    Quote,
    Rule,
    Runs,
    Table,
)
from spiders.demo.sections import ORIGIN, stable_id

Node = dict[str, Any]
RICH_TAGS = {"bold": "b", "italic": "i", "code": "code"}
MARKDOWN_TAGS = {"bold": "strong", "italic": "em", "code": "code"}


def tree(blocks: tuple[Block, ...]) -> Node:
    """The rich-text document of a body."""
    return _node("document", [_tree_block(block) for block in blocks])


def _node(kind: str, content: list[Node], data: dict[str, Any] | None = None) -> Node:
    return {"data": data or {}, "content": content, "nodeType": kind}


def _tree_block(block: Block) -> Node:
    match block:
        case Heading(level=level, runs=runs):
            return _node(f"heading-{level}", _tree_runs(runs))
        case Paragraph(runs=runs):
            return _node("paragraph", _tree_runs(runs))
        case Quote(runs=runs):
            return _node("blockquote", [_node("paragraph", _tree_runs(runs))])
        case Items(is_ordered=is_ordered, items=items):
            kind = "ordered-list" if is_ordered else "unordered-list"
            return _node(kind, [_tree_item(item) for item in items])
        case Table(rows=rows):
            return _node("table", [_tree_row(row, is_head=not n) for n, row in enumerate(rows)])
        case Image(alt=alt, src=src):
            return _node("embedded-asset-block", [], _asset(alt, src))
        case Rule():
            return _node("hr", [])


def _tree_item(item: Item) -> Node:
    content = [_node("paragraph", _tree_runs(item.runs))]
    if item.nested:
        content.append(_tree_block(item.nested))
    return _node("list-item", content)


def _tree_row(row: tuple[Runs, ...], is_head: bool) -> Node:
    kind = "table-header-cell" if is_head else "table-cell"
    cells = [_node(kind, [_node("paragraph", _tree_runs(cell))]) for cell in row]
    return _node("table-row", cells)


def _tree_runs(runs: Runs) -> list[Node]:
    """Text nodes; a link is always followed by one, if only an empty one."""
    nodes: list[Node] = []
    for run in runs:
        if run.href:
            uri = ORIGIN + run.href if run.href.startswith("/") else run.href
            nodes.append(_node("hyperlink", [_text(run.text)], {"uri": uri}))
        else:
            nodes.append(_text(run.text, run.mark))
    if not nodes or nodes[-1]["nodeType"] == "hyperlink":
        nodes.append(_text(""))
    return nodes


def _text(value: str, mark: str | None = None) -> Node:
    marks = [{"type": mark}] if mark else []
    return {"data": {}, "marks": marks, "value": value, "nodeType": "text"}


def _asset(alt: str, src: str) -> dict[str, Any]:
    name = src.partition("?")[0].rpartition("/")[2]
    sys = {"id": stable_id(f"asset {name}"), "type": "Asset", "linkType": "Asset"}
    file = {"url": src, "fileName": name, "contentType": "image/png"}
    return {"target": {"sys": sys, "fields": {"title": alt, "file": file}}}


def markup(blocks: tuple[Block, ...], *, is_rich_text: bool, gap: str = "") -> str:
    """The body as the page shows it; `gap` is the white space that the renderer leaves between."""
    write = _Markup(is_rich_text)
    return gap.join(write.block(block) for block in blocks)


class _Markup:
    """Markup as the site's two renderers write it: rich text wraps cells and items in `p`."""

    def __init__(self, is_rich_text: bool):
        self.is_rich_text = is_rich_text
        self.tags = RICH_TAGS if is_rich_text else MARKDOWN_TAGS

    def block(self, block: Block) -> str:
        match block:
            case Heading(level=level, runs=runs):
                return f"<h{level}>{self.runs(runs)}</h{level}>"
            case Paragraph(runs=runs):
                return f"<p>{self.runs(runs)}</p>"
            case Quote(runs=runs):
                return f"<blockquote><p>{self.runs(runs)}</p></blockquote>"
            case Items(is_ordered=is_ordered, items=items):
                tag = "ol" if is_ordered else "ul"
                return f"<{tag}>{''.join(self.item(item) for item in items)}</{tag}>"
            case Table(rows=rows):
                return self.table(rows)
            case Image(alt=alt, src=src):
                image = f'<img src="{escape(src)}" alt="{escape(alt)}" loading="lazy">'
                return image if self.is_rich_text else f"<p>{image}</p>"
            case Rule():
                return "<hr>"

    def item(self, item: Item) -> str:
        nested = self.block(item.nested) if item.nested else ""
        return f"<li>{self.cell(item.runs)}{nested}</li>"

    def table(self, rows: tuple[tuple[Runs, ...], ...]) -> str:
        head, *body = (
            "<tr>" + "".join(f"<{tag}>{self.cell(cell)}</{tag}>" for cell in row) + "</tr>"
            for row, tag in zip(rows, ["th", *["td"] * len(rows)], strict=False)
        )
        if self.is_rich_text:
            inner = f"<tbody>{head}{''.join(body)}</tbody>"
            return f'<div class="table-wrap"><table>{inner}</table></div>'
        return f"<table><thead>{head}</thead><tbody>{''.join(body)}</tbody></table>"

    def cell(self, runs: Runs) -> str:
        return f"<p>{self.runs(runs)}</p>" if self.is_rich_text else self.runs(runs)

    def runs(self, runs: Runs) -> str:
        parts = []
        for run in runs:
            text = escape(run.text, quote=False).replace("\n", "<br>")
            if run.href:
                target = "" if run.href.startswith("/") else ' target="_blank"'
                text = (
                    f'<a href="{escape(run.href)}" rel="noopener"{target}'
                    f' class="demoui-powerLink-a11y">{text}</a>'
                )
            elif run.mark:
                text = f"<{self.tags[run.mark]}>{text}</{self.tags[run.mark]}>"
            parts.append(text)
        return "".join(parts)
