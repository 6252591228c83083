"""Rich-text trees as Contentful serves them: their nodes as the JSON has them.

The tree of a saved article (April 2025) has documents, paragraphs, bold text, hyperlinks, lists and
tables; the other node types and marks are those of Contentful's public rich-text types.
"""

from typing import Any

import msgspec

from spiders.runs import BOLD, CODE, ITALIC, STRIKE, SUBSCRIPT, SUPERSCRIPT, UNDERLINE


class Mark(msgspec.Struct, frozen=True, gc=False):
    type: str | None = None


class Node(msgspec.Struct, gc=False):
    """One node as the JSON has it. A text has `value` and `marks`, any other node `content`."""

    nodeType: str | None = None
    value: str | None = None
    content: "list[Node] | None" = None
    marks: list[Mark] | None = None
    data: dict[str, Any] | None = None


decode = msgspec.json.Decoder(Node).decode
"""JSON -> Node; MsgspecError, RecursionError or UnicodeDecodeError where it is no such tree."""

MARKS = {
    "bold": BOLD,
    "italic": ITALIC,
    "underline": UNDERLINE,
    "strikethrough": STRIKE,
    "superscript": SUPERSCRIPT,
    "subscript": SUBSCRIPT,
    "code": CODE,
}
"""Type of a mark -> its bit in a run."""


def as_lines(text: str) -> str:
    """Text from JSON with `\\n` for each line break."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
