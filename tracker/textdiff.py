"""Two texts -> what was kept, added and removed, block by block and word by word."""

from dataclasses import dataclass
from typing import Literal

Op = Literal["kept", "added", "removed"]
BlockOp = Literal["kept", "added", "removed", "changed", "moved"]
BlockKind = Literal["heading", "paragraph", "item", "cell", "code", "quote", "image", "rule"]
TouchedKind = Literal[
    "percentage", "amount", "duration", "date", "figure", "jurisdiction", "link"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text inside a block. Kept and removed pieces join to the text before, kept and
    added ones to the text after, to the character."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDiff:
    """One block (paragraph, list item, table cell, ...) in both texts."""

    op: BlockOp
    kind: BlockKind
    pieces: tuple[Piece, ...]
    heading: str | None = None
    """The nearest heading above it, as context."""
    place: str | None = None
    """Where in a table: 'row 3, Withdrawal fee' ; where a moved block stood before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One typed fact that the difference changed: '0.08%' -> '0.10%'. One side may be None."""

    kind: TouchedKind
    before: str | None
    after: str | None
    context: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDiff:
    """The difference of two texts; empty exactly where they count as the same."""

    blocks: tuple[BlockDiff, ...]
    touched: tuple[Touched, ...] = ()

    @property
    def is_empty(self) -> bool:
        return all(block.op == "kept" for block in self.blocks)
