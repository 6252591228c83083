"""The demo's own texts (a small subset of Markdown) -> blocks, from which every form is rendered.

Known: headings, paragraphs, one-line list items (nested by two spaces), tables whose first row is
the header, quotes, images, rules; inside them bold, italic, code, links and a line break written
as a backslash at the end of the line. Anything else is plain text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*]+?)\*|`(?P<code>[^`]+)`"
    r"|\[(?P<label>[^]]+)\]\((?P<href>[^)]+)\)"
)
HEADING = re.compile(r"(#{2,4}) (.+)")
IMAGE = re.compile(r"!\[([^]]*)\]\(([^)]+)\)")
ITEM = re.compile(r"( *)(-|\d+\.) (.+)")


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one kind. `mark` is bold, italic or code; a line break is a `\\n` in the text."""

    text: str
    mark: str | None = None
    href: str | None = None


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    runs: Runs


@dataclass(frozen=True, slots=True)
class Paragraph:
    runs: Runs


@dataclass(frozen=True, slots=True)
class Item:
    runs: Runs
    nested: "Items | None" = None


@dataclass(frozen=True, slots=True)
class Items:
    is_ordered: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first row is the header."""

    rows: tuple[tuple[Runs, ...], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    runs: Runs


@dataclass(frozen=True, slots=True)
class Image:
    alt: str
    src: str


@dataclass(frozen=True, slots=True)
class Rule:
    pass


Block = Heading | Paragraph | Items | Table | Quote | Image | Rule


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of one text; blocks stand apart by an empty line."""
    return tuple(_block(chunk.split("\n")) for chunk in re.split(r"\n{2,}", text.strip("\n")))


def _block(lines: list[str]) -> Block:
    first = lines[0]
    if heading := HEADING.fullmatch(first):
        return Heading(len(heading[1]), runs(heading[2]))
    if image := IMAGE.fullmatch(first):
        return Image(image[1], image[2])
    if first == "---":
        return Rule()
    if first.startswith("> "):
        return Quote(runs(" ".join(line.removeprefix("> ") for line in lines)))
    if first.startswith("|"):
        return Table(tuple(_cells(line) for line in (first, *lines[2:])))
    if ITEM.fullmatch(first):
        return _items(lines)
    return Paragraph(runs(_joined(lines)))


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).replace("\\\n", "\0").replace("\n", " ").replace("\0", "\n")


def _cells(line: str) -> tuple[Runs, ...]:
    return tuple(runs(cell.strip(" ")) for cell in line.strip("|").split("|"))


def _items(lines: list[str]) -> Items:
    """Items at the first line's indent; deeper lines belong to the item above them."""
    indent = len(ITEM.fullmatch(lines[0])[1])
    groups: list[list[str]] = []
    for line in lines:
        if len(ITEM.fullmatch(line)[1]) == indent:
            groups.append([])
        groups[-1].append(line)
    return Items(
        is_ordered=ITEM.fullmatch(lines[0])[2] != "-",
        items=tuple(
            Item(runs(ITEM.fullmatch(head)[3]), _items(deeper) if deeper else None)
            for head, *deeper in groups
        ),
    )


def runs(text: str) -> Runs:
    """The inline runs of one line of text."""
    return tuple(_runs(text))


def _runs(text: str) -> Iterator[Run]:
    end = 0
    for found in INLINE.finditer(text):
        if found.start() > end:
            yield Run(text[end : found.start()])
        end = found.end()
        if found["href"]:
            yield Run(found["label"], href=found["href"])
        else:
            mark = found.lastgroup
            yield Run(found[mark], mark)
    if end < len(text):
        yield Run(text[end:])


def plain(block: Block) -> str:
    """The block's words, as a search excerpt or a meta description shows them."""
    match block:
        case Heading(runs=found) | Paragraph(runs=found) | Quote(runs=found):
            return _words(found)
        case Items(items=items):
            return " ".join(
                " ".join(filter(None, (_words(item.runs), item.nested and plain(item.nested))))
                for item in items
            )
        case Table(rows=rows):
            return " ".join(_words(cell) for row in rows for cell in row)
        case _:
            return ""


def _words(found: Runs) -> str:
    return "".join(run.text for run in found).replace("\n", " ")
