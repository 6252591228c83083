"""Any rich-text tree -> blocks: whatever its nodes are, wherever they stand, however deep."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from spiders.blocks import Block, Builder, span_of
from spiders.fields import canonical_url
from spiders.rich_text_tree import MARKS, Mark, Node, as_lines

OPENED: dict[str, tuple[str, int | None]] = {
    **{f"heading-{level}": ("heading", level) for level in range(1, 7)},
    "unordered-list": ("list", None),
    "ordered-list": ("list", 1),
    "list-item": ("item", None),
    "blockquote": ("quote", None),
    "table": ("table", None),
    "table-row": ("row", None),
    "table-cell": ("cell", None),
    "table-header-cell": ("cell", None),
}
_LINKS = {"hyperlink", "entry-hyperlink", "asset-hyperlink", "resource-hyperlink"}
EMBEDDED = {
    "embedded-asset-block",
    "embedded-entry-block",
    "embedded-entry-inline",
    "embedded-resource-block",
    "embedded-resource-inline",
}
_PLAIN = {"document", "paragraph"}
_TITLES = ("title", "name", "internalName")
_TEXTS = ("text", "content", "body", "description")


def walked(
    nodes: Sequence[Node], page_url: str, unknown: dict[str, int], depth: int
) -> tuple[Block, ...]:
    """The blocks of nodes that stand beside each other, in `depth` quotes, lists and tables.

    `unknown` counts the types of nodes and marks that are not known; their text is kept.
    """
    walk = _Walk(page_url, unknown, depth)
    walk.run(nodes)
    return walk.builder.blocks()


_Open = tuple[Iterator[Node], str | None, Callable[[], None] | None]
"""A node whose content is visited: its children to come, the link that they stand in, and what the
builder is told behind them."""


class _Walk:
    """Visits a tree of any depth in reading order."""

    def __init__(self, page_url: str, unknown: dict[str, int], depth: int):
        self.page_url = page_url
        self.builder = Builder(depth)
        self.unknown = unknown
        self._outer: list[_Open] = []
        """The nodes around the one whose children are visited."""

    def run(self, nodes: Sequence[Node]) -> None:
        children, href, tell_end = iter(nodes), None, None
        while True:
            for node in children:
                if node.nodeType != "text":
                    self._outer.append((children, href, tell_end))
                    children, href, tell_end = self._visit(node, node.nodeType or "", href)
                    break
                if node.value:
                    self._text(node, node.value, href)
            else:
                if tell_end:
                    tell_end()
                if not self._outer:
                    return
                children, href, tell_end = self._outer.pop()

    def _visit(self, node: Node, kind: str, href: str | None) -> _Open:
        """Tells the builder of a node that is no text, and opens it."""
        builder, tell_end = self.builder, None
        if kind in _PLAIN:
            builder.end_paragraph()
            tell_end = builder.end_paragraph
        elif kind in OPENED:
            name, number = OPENED[kind]
            builder.open(name, number, cell_span(node.data or {}) if name == "cell" else (1, 1))
            tell_end = builder.close
        elif kind in _LINKS:
            href = link_target(node, self.page_url) or href
        elif kind == "hr":
            builder.rule()
        elif kind in EMBEDDED:
            self._embed(node, kind, href)
        else:
            self._count(kind or "untyped")
            if node.value:
                self._text(node, node.value, href)
        return iter(node.content or ()), href, tell_end

    def _text(self, node: Node, text: str, href: str | None) -> None:
        self.builder.text(as_lines(text), self._marks(node.marks), href)

    def _marks(self, marks: list[Mark] | None) -> int:
        bits = 0
        for mark in marks or ():
            bit = MARKS.get(mark.type or "")
            if bit is None:
                self._count(f"mark {mark.type}")
            else:
                bits |= bit
        return bits

    def _count(self, kind: str) -> None:
        self.unknown[kind] = self.unknown.get(kind, 0) + 1

    def _embed(self, node: Node, kind: str, href: str | None) -> None:
        """An image for an image, a link with its title for anything else; behind the node's content
        follows its own text."""
        is_block = kind.endswith("-block")
        if is_block:
            self.builder.end_paragraph()
        _, fields = _target_of(node.data or {})
        own_text = () if "asset" in kind else tuple(_texts_of(fields))
        self._outer.append((iter(own_text), None, self.builder.end_paragraph if is_block else None))
        label = next((text for key in _TITLES if isinstance(text := fields.get(key), str)), "")
        file = _file_of(fields)
        target = link_target(node, self.page_url)
        if "asset" in kind:
            label = label or _string(fields.get("description"))
            if _string(file.get("contentType") or "image/").startswith("image/"):
                self.builder.image(label, target, 0, href)
                return
            label = label or _string(file.get("fileName"))
        self.builder.text(label or target or "", 0, target)


def _texts_of(fields: dict[str, Any]) -> Iterator[Node]:
    """What an embedded entry says, where the tree brings its fields along."""
    for key in _TEXTS:
        value = fields.get(key)
        if isinstance(value, str):
            yield Node("paragraph", content=[Node("text", value)])
        elif isinstance(value, dict) and value.get("nodeType") == "document":
            yield msgspec.convert(value, Node)


def cell_span(data: dict[str, Any]) -> tuple[int, int]:
    """Columns and rows that a cell spans."""
    return span_of(data.get("colspan"), data.get("rowspan"))


def link_target(node: Node, page_url: str) -> str | None:
    """Where a link leads; 'entry:ID' and the like where the tree has only a name for it."""
    data = node.data or {}
    if isinstance(uri := data.get("uri"), str):
        return canonical_url(uri, page_url) if uri.strip() else None
    sys, fields = _target_of(data)
    if isinstance(slug := fields.get("slug"), str) and slug:
        return canonical_url(_article_path(slug, page_url), page_url)
    if url := _file_of(fields).get("url"):
        return canonical_url(str(url), page_url)
    return _named(sys, (node.nodeType or "").removeprefix("embedded-").partition("-")[0])


def _target_of(data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """`sys` and `fields` of what a node points to; the fields are missing where not resolved."""
    target = data.get("target")
    target = target if isinstance(target, dict) else {}
    sys, fields = target.get("sys"), target.get("fields")
    return sys if isinstance(sys, dict) else {}, fields if isinstance(fields, dict) else {}


def _file_of(fields: dict[str, Any]) -> dict[str, Any]:
    file = fields.get("file")
    return file if isinstance(file, dict) else {}


def _named(sys: dict[str, Any], kind: str) -> str | None:
    name = _string(sys.get("urn")) or _string(sys.get("id"))
    return f"{kind}:{name}" if name else None


def _article_path(slug: str, page_url: str) -> str:
    """An article beside the one on `page_url`."""
    head, mark, _ = page_url.partition("/help/")
    return f"{head}{mark}{slug}" if mark else f"/help/{slug}"


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
