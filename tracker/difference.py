"""What a difference of two texts is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Op = Literal["kept", "added", "removed"]
BlockOp = Literal["kept", "added", "removed", "changed", "moved"]
BlockKind = Literal["heading", "paragraph", "item", "cell", "code", "quote", "image", "rule"]
TouchedKind = Literal[
    "percentage", "amount", "duration", "date", "figure", "jurisdiction", "link"
]  # fmt: skip
TOUCHED_KINDS: tuple[TouchedKind, ...] = TouchedKind.__args__


class Piece(NamedTuple):
    """A run of text inside a block. Kept and removed pieces join to the text before, kept and
    added ones to the text after, to the character."""

    op: Op
    text: str


class BlockDiff(NamedTuple):
    """One block (paragraph, list item, table cell, ...) in both texts.

    Its pieces hold the text without the marker ('##', '-', '3.', '>'), except where the marker
    itself changed. An empty table cell has no pieces.
    """

    op: BlockOp
    kind: BlockKind
    pieces: tuple[Piece, ...]
    heading: str | None = None
    """The nearest heading above it, as context."""
    place: str | None = None
    """Where in a table: 'row 3 (BTC), Withdrawal fee'; an ordered item's number: 'item 3'; for a
    moved block where it stood before: 'under Fees', 'further down'."""
    heading_before: str | None = None
    """For a moved block: the nearest heading above it in the text before."""

    @property
    def before(self) -> str:
        """Its text before; "" where it was added."""
        return "".join(piece.text for piece in self.pieces if piece.op != "added")

    @property
    def after(self) -> str:
        """Its text after; "" where it was removed."""
        return "".join(piece.text for piece in self.pieces if piece.op != "removed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One typed fact that the difference changed: '0.08%' -> '0.10%'. One side may be None."""

    kind: TouchedKind
    before: str | None
    after: str | None
    context: str | None = None
    """The words around it, or its place in a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDiff:
    """The difference of two texts; empty exactly where they count as the same."""

    blocks: Sequence[BlockDiff]
    touched: tuple[Touched, ...] = ()
    changed: Sequence[BlockDiff] | None = None
    """The blocks that were not kept; found among `blocks` where they are not given."""

    def __post_init__(self) -> None:
        if self.changed is None:
            changed = tuple(block for block in self.blocks if block.op != "kept")
            object.__setattr__(self, "changed", changed)

    @property
    def is_empty(self) -> bool:
        return not self.changed
