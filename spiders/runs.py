"""Runs: pieces of text of one kind, with white space as HTML shows it."""

import re
from collections.abc import Sequence

from msgspec import Struct

BOLD, ITALIC, UNDERLINE, STRIKE, SUPERSCRIPT, SUBSCRIPT, CODE = (1 << n for n in range(7))
"""Marks of a run, as bits."""


class Run(Struct, frozen=True, gc=False):
    """Text of one kind; a line break is a `\\n` in it. An image has `src`, and its alt as text."""

    text: str
    marks: int = 0
    href: str | None = None
    src: str | None = None


Runs = tuple[Run, ...]


_SPACES = re.compile(r"[ \t\r\f]+")
_BREAKS = re.compile(r"[\n\t\r\f]")


def is_regular(text: str) -> bool:
    """No line break and no white space to collapse."""
    return "  " not in text and (text.isprintable() or not _BREAKS.search(text))


def tidy(runs: Sequence[Run]) -> Runs:
    """Runs with white space collapsed, none at either end or beside a line break.

    White space between two runs bears only what both bear, so that `<b>a </b>b` is `<b>a</b> b`.
    """
    if len(runs) == 1 and runs[0].src is None and is_regular(text := runs[0].text.strip()):
        return (_with_text(runs[0], text),) if text else ()  # nine of ten paragraphs
    pieces: list[tuple[list[str], Run]] = []
    gap = ""
    for run in runs:
        if run.src is not None:
            if gap and pieces:
                _join(pieces, gap, run)
            pieces.append(([" ".join(run.text.split())], run))
            gap = ""
            continue
        text = run.text if is_regular(run.text) else _SPACES.sub(" ", run.text)
        for number, line in enumerate(text.split("\n")):
            if number:
                gap = "\n"
            if line[:1] == " ":
                gap = gap or " "
            core = line.strip(" ")
            if gap == "\n":
                _trim_end(pieces)
            if gap == "\n" or not pieces:
                core = core.lstrip()
            if core:
                if gap and pieces:
                    _join(pieces, gap, run)
                _append(pieces, core, run)
                gap = " " if line[-1] == " " else ""
    _trim_end(pieces)
    return tuple([_run_of(parts, run) for parts, run in pieces])


def _run_of(parts: Sequence[str], like: Run) -> Run:
    return _with_text(like, parts[0] if len(parts) == 1 else "".join(parts))


def _with_text(run: Run, text: str) -> Run:
    return run if text is run.text else Run(text, run.marks, run.href, run.src)


def _append(pieces: list[tuple[list[str], Run]], text: str, like: Run) -> None:
    """Adds text, to the last piece where that is of the same kind."""
    if pieces:
        parts, run = pieces[-1]
        if run.marks == like.marks and run.href == like.href and run.src is None:
            parts.append(text)
            return
    pieces.append(([text], like))


def _join(pieces: list[tuple[list[str], Run]], gap: str, following: Run) -> None:
    before = pieces[-1][1]
    marks = before.marks & following.marks
    href = before.href if before.href == following.href else None
    _append(pieces, gap, Run(gap, marks & ~CODE if gap == "\n" else marks, href))


def _trim_end(pieces: list[tuple[list[str], Run]]) -> None:
    """Drops white space of every kind from the end."""
    while pieces and pieces[-1][1].src is None:
        parts = pieces[-1][0]
        while parts:
            parts[-1] = parts[-1].rstrip()
            if parts[-1]:
                return
            parts.pop()
        pieces.pop()
