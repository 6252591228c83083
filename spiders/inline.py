"""Runs -> Markdown within a line: marks, links, images, code, and what has to be escaped."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from markdown_it.common.utils import isPunctChar, isWhiteSpace

from spiders.runs import (
    BOLD,
    CODE,
    ITALIC,
    STRIKE,
    SUBSCRIPT,
    SUPERSCRIPT,
    UNDERLINE,
    Run,
    Runs,
)

_SIGN = re.compile(r"[\\`*_\[\]<&~]")
_ALWAYS_ESCAPED = frozenset("\\`*[]")
_ESCAPED_HERE = re.compile(
    r"(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w{1,32};)|\A~|~(?=~|\Z)|(?<=~)~"
)
_UNSAFE_IN_TARGET = re.compile(r"[\s()<>\\|\x00-\x20\x7f]")
_ENTITY = re.compile(r"&(?=#?\w{1,32};)")
SIGNS = {
    BOLD: ("**", "b"),
    ITALIC: ("_", "i"),
    UNDERLINE: ("", "u"),
    STRIKE: ("~~", "s"),
    SUPERSCRIPT: ("", "sup"),
    SUBSCRIPT: ("", "sub"),
}
"""Mark -> Markdown's sign, if it has one, and HTML's tag. The order is that of nesting."""
_MARKS_OF = tuple(tuple(mark for mark in SIGNS if marks & mark) for marks in range(2 * CODE))
"""The marks of a run, from their bits, in the order of nesting; code is none that wraps."""


def _escaped_sign(found: re.Match) -> str:
    sign = found[0]
    if sign in _ALWAYS_ESCAPED or _ESCAPED_HERE.match(found.string, found.start()):
        return "\\" + sign
    return sign


escaped: Callable[[str], str] = partial(_SIGN.sub, _escaped_sign)
"""Text -> the same where Markdown finds no inline markup."""


def target_of(url: str) -> str:
    """An address that can stand in `(...)` as it is."""
    url = _UNSAFE_IN_TARGET.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), url
    )
    return _ENTITY.sub("&amp;", url) if "&" in url else url


def inline(runs: Runs, line_break: str) -> str:
    """The Markdown of tidy runs; `line_break` is what stands for one."""
    if len(runs) == 1:
        return alone(runs[0], line_break)
    return _InlineWriter(line_break).write(runs)


def alone(run: Run, line_break: str = "") -> str:
    """A run with nothing beside it: there Markdown's own marks are always read as such."""
    text = _leaf(run, line_break)
    if run.href is not None:
        text = f"[{text}]({target_of(run.href)})"
    for mark in reversed(_MARKS_OF[run.marks]):
        opening, closing = delimiters(mark, is_markdown=True)
        text = f"{opening}{text}{closing}"
    return text


def _leaf(run: Run, line_break: str) -> str:
    if run.src is not None:
        return f"![{escaped(run.text)}]({target_of(run.src)})"
    if run.marks & CODE:
        return _code_span(run.text)
    return escaped(run.text).replace("\n", line_break)


def delimiters(mark: int, is_markdown: bool) -> tuple[str, str]:
    sign, tag = SIGNS[mark]
    return (sign, sign) if sign and is_markdown else (f"<{tag}>", f"</{tag}>")


class _InlineWriter:
    """Nests links and marks, the longest outside, and picks delimiters that will be read as such.

    Delimiters are put as (mark, is_opening) among the pieces and resolved at the end, when the
    characters on either side are known.
    """

    def __init__(self, line_break: str):
        self.line_break = line_break
        self.pieces: list[str | tuple[int, bool]] = []
        self.open: list[int | str] = []
        self.has_marks = False

    def write(self, runs: Runs) -> str:
        wrappers = [_wrappers(run) for run in runs]
        reaches = None
        for at, wanted in enumerate(wrappers):
            if self.open:
                self._close_to(wanted)
            if wanted:
                fresh = [wrapper for wrapper in wanted if wrapper not in self.open]
                if len(fresh) > 1:
                    reaches = reaches or _reaches(wrappers)
                    fresh.sort(key=reaches[at].get, reverse=True)
                for wrapper in fresh:
                    self._open(wrapper)
            self.pieces.append(_leaf(runs[at], self.line_break))
        self._close_to(())
        return "".join(self._resolved() if self.has_marks else self.pieces)

    def _close_to(self, wanted: Sequence[int | str]) -> None:
        """Closes from the inside until all that stays open is wanted."""
        keep = 0
        while keep < len(self.open) and self.open[keep] in wanted:
            keep += 1
        for wrapper in reversed(self.open[keep:]):
            if isinstance(wrapper, str):
                self.pieces.append(f"]({target_of(wrapper)})")
            else:
                self.pieces.append((wrapper, False))
        del self.open[keep:]

    def _open(self, wrapper: int | str) -> None:
        if isinstance(wrapper, str):
            if self.pieces and isinstance(self.pieces[-1], str) and self.pieces[-1][-1:] == "!":
                self.pieces[-1] = self.pieces[-1][:-1] + "\\!"  # `![` would begin an image
            self.pieces.append("[")
        else:
            self.pieces.append((wrapper, True))
            self.has_marks = True
        self.open.append(wrapper)

    def _resolved(self) -> Iterable[str]:
        is_markdown: dict[int, bool] = {}
        opened: list[int] = []
        for at, piece in enumerate(self.pieces):
            if isinstance(piece, str):
                continue
            if piece[1]:
                opened.append(at)
                is_markdown[at] = self._reads_as_mark(at)
            else:
                start = opened.pop()
                is_markdown[at] = is_markdown[start] and self._reads_as_mark(at)
                is_markdown[start] = is_markdown[at]
        for at, piece in enumerate(self.pieces):
            if isinstance(piece, str):
                yield piece
            else:
                mark, is_opening = piece
                yield delimiters(mark, is_markdown[at])[0 if is_opening else 1]

    def _reads_as_mark(self, at: int) -> bool:
        mark, is_opening = self.pieces[at]
        before = self.pieces[at - 1] if at else " "
        behind = self.pieces[at + 1] if at + 1 < len(self.pieces) else " "
        sides = (
            before[-1] if isinstance(before, str) else "*",
            behind[0] if isinstance(behind, str) else "*",
        )
        return reads_as_mark(mark, *(sides if is_opening else sides[::-1]))


def reads_as_mark(mark: int, outside: str, inside: str) -> bool:
    """CommonMark's rule for a delimiter between two characters, seen from the text it encloses."""
    if mark != ITALIC and inside.isalnum():
        return True  # whatever is outside
    if isWhiteSpace(ord(inside)) or inside == "\n":
        return False
    is_apart = isWhiteSpace(ord(outside)) or outside == "\n" or isPunctChar(outside)
    return is_apart or (mark != ITALIC and not isPunctChar(inside))


def _wrappers(run: Run) -> Sequence[int | str]:
    marks = _MARKS_OF[run.marks]
    return marks if run.href is None else (*marks, run.href)


def _reaches(wrappers: Sequence[Sequence[int | str]]) -> list[dict[int | str, int]]:
    """For each run and each of its wrappers: over how many runs it extends from there."""
    reaches: list[dict[int | str, int]] = []
    behind: dict[int | str, int] = {}
    for wanted in reversed(wrappers):
        behind = {wrapper: behind.get(wrapper, 0) + 1 for wrapper in wanted}
        reaches.append(behind)
    return reaches[::-1]


def _code_span(text: str) -> str:
    fence = "`" * (max((len(ticks) for ticks in re.findall("`+", text)), default=0) + 1)
    loses_spaces = text[0] == text[-1] == " " and bool(text.strip(" "))  # CommonMark takes one off
    pad = " " if text[0] == "`" or text[-1] == "`" or loses_spaces else ""
    return f"{fence}{pad}{text}{pad}{fence}"
