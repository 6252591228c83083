"""Changes that are one event told many times: one edit, or one stamp, on many articles."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType

from db.records import Change
from tracker.textdiff import TextDiff

SMALLEST_GROUP = 3
"""Two articles alike may be chance; three are told as one event."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A change and the key that it shares with changes of the same event; None stands alone."""

    change: Change
    key: str | None = None


def edit_key(diff: TextDiff, kind: str = "edit") -> str | None:
    """Names what was added, removed and moved, wherever in the text; None where nothing was.

    Two articles have the same key exactly if the multisets of their added and removed pieces are
    the same. White space around a piece does not count: the same sentence may end a paragraph in
    one article and stand inside one in another.
    """
    parts = [
        (piece.op, piece.text.strip())
        for block in diff.changed
        for piece in block.pieces
        if piece.op != "kept" and piece.text.strip()
    ]
    parts += [
        ("moved", "".join(piece.text for piece in block.pieces).strip())
        for block in diff.changed
        if block.op == "moved"
    ]
    return named(kind, *(f"{op} {text}" for op, text in sorted(parts))) if parts else None


def named(kind: str, *parts: str | None) -> str:
    """A short key for a sequence of texts: 'edit:5d41402abc4b2a76'."""
    content = "\x1f".join(part or "" for part in parts).encode("utf-8", "surrogatepass")
    return f"{kind}:{sha256(content).hexdigest()[:16]}"


def group(
    found: Sequence[Keyed],
    known: Mapping[str, int] = MappingProxyType({}),
    smallest: int = SMALLEST_GROUP,
) -> tuple[Change, ...]:
    """The changes in their order, each with `detail.group` {key, size} where enough share a key.

    `known` are groups (key -> size) that were told before, without these changes.
    """
    counts = Counter(each.key for each in found if each.key is not None)
    sizes = {key: max(count, known.get(key, 0)) for key, count in counts.items()}
    return tuple(
        _with_group(each.change, each.key, sizes[each.key])
        if each.key is not None and sizes[each.key] >= smallest
        else each.change
        for each in found
    )


def _with_group(change: Change, key: str, size: int) -> Change:
    return replace(change, detail={**change.detail, "group": {"key": key, "size": size}})
