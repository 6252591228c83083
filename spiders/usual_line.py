"""Runs -> Markdown in one pass, for the lines that nearly all texts are made of.

Such a line has texts, each with one mark or one link at most and none that its neighbour bears: so
nothing nests. What comes out is what `inline` writes of the tidy runs.
"""

from collections.abc import Sequence

from spiders.inline import SIGNS, alone, delimiters, escaped, reads_as_mark, target_of
from spiders.runs import Run, is_regular


def usual_line(runs: Sequence[Run]) -> str | None:
    """The Markdown of what stands in a paragraph; '' for nothing, None for no such line."""
    parts = _parts(runs)
    return None if parts is None else _written(parts)


def _parts(runs: Sequence[Run]) -> list[Run] | None:
    """Runs without white space at either end of the line; spaces beside a mark or a link go to the
    text around it."""
    parts: list[Run] = []
    plain = ""
    last = len(runs) - 1
    for at, run in enumerate(runs):
        text, mark, href = run.text, run.marks, run.href
        if not parts and not plain:
            text = text.lstrip()
        if at == last:
            text = text.rstrip()
        if run.src is not None or not is_regular(text):
            return None
        core = text.strip(" ")
        if not core or not mark and href is None:
            plain += text[1:] if text[:1] == " " and plain[-1:] == " " else text
            continue
        if mark and (href is not None or mark not in SIGNS):
            return None
        if text[0] == " " and plain[-1:] != " ":
            plain += " "
        if plain.strip(" "):
            parts.append(Run(plain))
        elif parts:
            if parts[-1].marks == mark and parts[-1].href == href:
                return None
            if plain:
                parts.append(Run(plain))
        parts.append(Run(core, mark, href))
        plain = " " if text[-1] == " " else ""
    if plain := plain.rstrip():
        parts.append(Run(plain))
    elif parts and parts[-1].text[-1].isspace():
        return None
    return parts


def _written(parts: Sequence[Run]) -> str:
    if len(parts) == 1:
        return alone(parts[0])
    leaves = [escaped(part.text) for part in parts]
    last = len(parts) - 1
    written = []
    for at, part in enumerate(parts):
        leaf, mark = leaves[at], part.marks
        if part.href is not None:
            leaf = f"[{leaf}]({target_of(part.href)})"
        elif mark:
            before = _last_sign(parts[at - 1], leaves[at - 1]) if at else " "
            behind = _first_sign(parts[at + 1], leaves[at + 1]) if at < last else " "
            is_read = reads_as_mark(mark, before, leaf[0]) and reads_as_mark(mark, behind, leaf[-1])
            leaf = leaf.join(delimiters(mark, is_read))
        elif leaf[-1] == "!" and at < last and parts[at + 1].href is not None:
            leaf = leaf[:-1] + "\\!"  # `![` would begin an image
        written.append(leaf)
    return "".join(written)


def _last_sign(part: Run, leaf: str) -> str:
    return "*" if part.marks else leaf[-1] if part.href is None else ")"


def _first_sign(part: Run, leaf: str) -> str:
    return "*" if part.marks else leaf[0] if part.href is None else "["
