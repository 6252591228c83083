"""A text difference as a reader wants it: only what changed, with enough around it to know where.

`redline` chooses and shortens; `diff_text` and `diff_html` are two ways to show it. `diff_html`
escapes what comes from pages and is safe to put into a document as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from reports import wording
from reports.safe_text import one_line, visible
from tracker.textdiff import BlockDiff, Piece, TextDiff

CONTEXT_CHARS = 140
"""How much unchanged text stands on each side of a change within its block."""
_CUT_SLACK_CHARS = 40
"""An unchanged run only this much longer than its context is not worth cutting."""
_PLACE_CHARS = 160
WHOLE = 1_000_000_000
"""A limit for those who want all of it."""

MARKS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}


@dataclass(frozen=True, slots=True)
class Line:
    """One changed block; its pieces are as they stood, `heading` and `place` visible and short.

    `heading` is given where it differs from that of the line above.
    """

    op: str
    kind: str
    pieces: tuple[Piece, ...]
    heading: str | None
    place: str | None


@dataclass(frozen=True, slots=True)
class Redline:
    """The changed blocks of a text, as far as the limit allows."""

    lines: tuple[Line, ...]
    omitted_count: int = 0
    """Changed blocks that the limit left out."""
    is_cut: bool = False
    """The end of a single long block is not shown."""

    @property
    def char_count(self) -> int:
        return sum(len(piece.text) for line in self.lines for piece in line.pieces)


def redline(diff: TextDiff, limit_bytes: int = WHOLE) -> Redline:
    """The changed blocks, unchanged runs shortened, as many as fit into the limit.

    Blocks are shown whole or not at all, lest half a figure be taken for a figure; only a first
    block that is too long by itself is cut.
    """
    lines: list[Line] = []
    left, heading, is_cut = limit_bytes, None, False
    for block in diff.changed:
        pieces = tuple(_shortened(block))
        size = sum(size_bytes(piece.text) for piece in pieces)
        if size > left:
            if lines:
                break
            pieces, is_cut = _cut(pieces, left), True
        left -= size
        is_told = block.heading == heading or block.kind == "heading"
        heading = block.heading
        shown = None if is_told else _context(heading)
        lines.append(Line(block.op, block.kind, pieces, shown, _context(block.place)))
    return Redline(tuple(lines), len(diff.changed) - len(lines), is_cut)


def _context(text: str | None) -> str | None:
    return one_line(text, _PLACE_CHARS) if text else None


def size_bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def cut_to(text: str, limit_bytes: int) -> str:
    """The beginning of the text that fits; not one character broken."""
    return text.encode("utf-8", "replace")[:limit_bytes].decode("utf-8", "ignore")


def _shortened(block: BlockDiff) -> Iterator[Piece]:
    """Long unchanged runs keep only what stands next to a change."""
    last = len(block.pieces) - 1
    for number, piece in enumerate(block.pieces):
        sides = (number > 0) + (number < last)
        room = max(1, sides) * CONTEXT_CHARS + _CUT_SLACK_CHARS
        if piece.op != "kept" or len(piece.text) <= room:
            yield piece
        elif block.op == "moved":
            yield Piece("kept", piece.text[:CONTEXT_CHARS].rstrip() + " …")
        else:
            head = _to_word_end(piece.text[:CONTEXT_CHARS]) + " " if number > 0 else ""
            tail = " " + _from_word_start(piece.text[-CONTEXT_CHARS:]) if number < last else ""
            yield Piece("kept", f"{head}…{tail}")


def _to_word_end(text: str) -> str:
    return text.rsplit(" ", 1)[0] if " " in text[-30:] else text


def _from_word_start(text: str) -> str:
    return text.split(" ", 1)[1] if " " in text[:30] else text


def _cut(pieces: tuple[Piece, ...], limit_bytes: int) -> tuple[Piece, ...]:
    kept: list[Piece] = []
    for piece in pieces:
        size = size_bytes(piece.text)
        if size > limit_bytes:
            return (*kept, Piece(piece.op, cut_to(piece.text, limit_bytes) + "…"))
        kept.append(piece)
        limit_bytes -= size
    return tuple(kept)


def changed_pieces(line: Line) -> tuple[Piece, ...]:
    """The pieces with their say: a block added or removed whole is so in every piece."""
    op = {"added": "added", "removed": "removed"}.get(line.op)
    return tuple(Piece(op or piece.op, visible(piece.text)) for piece in line.pieces)


def label(line: Line) -> str | None:
    """Where the block stands or stood: 'Row 3, Withdrawal fee', 'Moved; before: ...'."""
    if line.op == "moved":
        return f"Moved from {line.place}" if line.place else "Moved"
    return line.place and wording.upper_first(line.place)


def omission(shown: Redline) -> str | None:
    """What is said at the end of a redline that does not show all."""
    said = []
    if shown.is_cut:
        said.append("The rest of this block is not shown here.")
    if shown.omitted_count:
        said.append(f"{wording.count(shown.omitted_count, 'more changed block')} not shown here.")
    return " ".join(said) or None


# As text


def diff_text(diff: TextDiff, limit_bytes: int = WHOLE) -> str:
    """A redline in plain characters: `~ The fee is [-0.08%-]{+0.10%+}.`, a block a line."""
    return "\n".join(redline_text(redline(diff, limit_bytes))) + "\n"


def redline_text(shown: Redline) -> list[str]:
    """The lines of `diff_text`: `+` added, `-` removed, `~` changed, `>` moved, `#` a heading."""
    out: list[str] = []
    for line in shown.lines:
        if line.heading:
            out.append(f"# {line.heading}")
        out.append(f"{MARKS[line.op]} {_prefix(line)}{_inline_text(line)}")
    if said := omission(shown):
        out.append(said)
    return out or ["No difference."]


def _prefix(line: Line) -> str:
    said = label(line)
    return f"({said}) " if said else ""


def _inline_text(line: Line) -> str:
    return "".join(marked for _, marked in marked_pieces(line))


def marked_pieces(line: Line) -> list[tuple[str, str]]:
    """(op, text with its marks) of each piece; a block added or removed whole needs none."""
    is_whole = line.op in ("added", "removed")
    marks = {"added": ("{+", "+}"), "removed": ("[-", "-]")}
    marked = []
    for piece in changed_pieces(line):
        before, after = ("", "") if is_whole else marks.get(piece.op, ("", ""))
        marked.append((piece.op, f"{before}{piece.text}{after}".replace("\n", "\n    ")))
    return marked


# As HTML


def diff_html(diff: TextDiff, limit_bytes: int = WHOLE) -> str:
    """A redline with `ins` and `del`, in a `div class="redline"`; everything escaped."""
    shown = redline(diff, limit_bytes)
    out: list[str] = []
    for line in shown.lines:
        if line.heading:
            out.append(f'<p class="under" dir="auto">{escape(line.heading)}</p>')
        out.append(_block_html(line))
    if said := omission(shown):
        out.append(f'<p class="more">{escape(said)}</p>')
    if not out:
        out.append("<p>No difference.</p>")
    return Markup('<div class="redline">{}</div>').format(Markup("\n").join(map(Markup, out)))


def _block_html(line: Line) -> str:
    said = label(line)
    place = f'<span class="place">{escape(said)}</span> ' if said else ""
    tags = {"added": "ins", "removed": "del"}
    inline = "".join(
        f"<{tags[piece.op]}>{escape(piece.text)}</{tags[piece.op]}>"
        if piece.op in tags
        else str(escape(piece.text))
        for piece in changed_pieces(line)
    )
    return f'<p class="{line.op} {line.kind}" dir="auto">{place}{inline}</p>'
