"""Rich-text tree (as Contentful serves it) -> canonical Markdown.

The tree of a saved article (April 2025) has documents, paragraphs, bold text, hyperlinks, lists and
tables; the other node types and marks are those of Contentful's public rich-text types.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from spiders.blocks import (
    BOLD,
    CODE,
    ITALIC,
    STRIKE,
    SUBSCRIPT,
    SUPERSCRIPT,
    UNDERLINE,
    Builder,
    span_of,
)
from spiders.canonical import to_markdown
from spiders.fields import canonical_url


class Mark(msgspec.Struct, frozen=True, gc=False):
    type: str | None = None


class Node(msgspec.Struct, gc=False):
    """One node as the JSON has it. A text has `value` and `marks`, any other node `content`."""

    nodeType: str | None = None
    value: str | None = None
    content: "list[Node] | None" = None
    marks: list[Mark] | None = None
    data: dict[str, Any] | None = None


_MARKS = {
    "bold": BOLD,
    "italic": ITALIC,
    "underline": UNDERLINE,
    "strikethrough": STRIKE,
    "superscript": SUPERSCRIPT,
    "subscript": SUBSCRIPT,
    "code": CODE,
}
_OPENED: dict[str, tuple[str, int | None]] = {
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
_EMBEDDED = {
    "embedded-asset-block",
    "embedded-entry-block",
    "embedded-entry-inline",
    "embedded-resource-block",
    "embedded-resource-inline",
}
_PLAIN = {"document", "paragraph"}
_TITLES = ("title", "name", "internalName")
_TEXTS = ("text", "content", "body", "description")

decode = msgspec.json.Decoder(Node).decode
"""JSON -> Node; MsgspecError, RecursionError or UnicodeDecodeError where it is no such tree."""


def read(document: Node, page_url: str) -> tuple[str, dict[str, int]]:
    """The canonical Markdown of a tree, and how many nodes and marks of which unknown type it has.

    Links are written out from `page_url`. Unknown nodes keep their text.
    """
    walk = _Walk(page_url)
    walk.run(document)
    return to_markdown(walk.builder.blocks()), walk.unknown


_Open = tuple[Iterator[Node], str | None, Callable[[], None] | None]
"""A node whose content is visited: its children to come, the link that they stand in, and what the
builder is told behind them."""
_NOTHING: _Open = iter(()), None, None


class _Walk:
    """Visits a tree of any depth in reading order."""

    def __init__(self, page_url: str):
        self.page_url = page_url
        self.builder = Builder()
        self.unknown: dict[str, int] = {}
        self._outer: list[_Open] = []
        """The nodes around the one whose children are visited."""

    def run(self, document: Node) -> None:
        children, href, tell_end = iter((document,)), None, None
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
        elif kind in _OPENED:
            name, number = _OPENED[kind]
            span = _span_of(node) if name == "cell" and node.data else (1, 1)
            if name == "cell" and (only := _only_text(node)):
                builder.cell(as_lines(only.value), self._marks(only.marks), href, span)
                return _NOTHING
            builder.open(name, number, span)
            tell_end = builder.close
        elif kind in _LINKS:
            href = self._target(node) or href
        elif kind == "hr":
            builder.rule()
        elif kind in _EMBEDDED:
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
            bit = _MARKS.get(mark.type or "")
            if bit is None:
                self._count(f"mark {mark.type}")
            else:
                bits |= bit
        return bits

    def _count(self, kind: str) -> None:
        self.unknown[kind] = self.unknown.get(kind, 0) + 1

    def _target(self, node: Node) -> str | None:
        """Where a link leads; 'entry:ID' and the like where the tree has only a name for it."""
        data = node.data or {}
        if isinstance(uri := data.get("uri"), str):
            return canonical_url(uri, self.page_url) if uri.strip() else None
        sys, fields = _target_of(data)
        if isinstance(slug := fields.get("slug"), str) and slug:
            return canonical_url(_article_path(slug, self.page_url), self.page_url)
        if url := _file_of(fields).get("url"):
            return canonical_url(str(url), self.page_url)
        return _named(sys, (node.nodeType or "").removeprefix("embedded-").partition("-")[0])

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
        target = self._target(node)
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


def _only_text(node: Node) -> Node | None:
    """The text of a node that holds nothing but a paragraph of one text."""
    inner = node.content
    if inner and len(inner) == 1 and inner[0].nodeType == "paragraph":
        texts = inner[0].content
        if texts and len(texts) == 1 and texts[0].nodeType == "text" and texts[0].value:
            return texts[0]
    return None


def _span_of(cell: Node) -> tuple[int, int]:
    return span_of(cell.data.get("colspan"), cell.data.get("rowspan"))


def as_lines(text: str) -> str:
    """Text from JSON with `\\n` for each line break."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


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
