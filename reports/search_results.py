"""What a search found, on a terminal and as JSON, with the words found marked."""

import json
from collections.abc import Sequence
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from reports.safe_text import one_line, visible

FOUND = "bold reverse"
QUIET = "dim"


class Piece(Protocol):
    """A stretch of text; `is_match` where it is what was looked for."""

    @property
    def text(self) -> str: ...
    @property
    def is_match(self) -> bool: ...


class Hit(Protocol):
    """One article that was found."""

    article_id: int
    locale: str
    url: str | None
    section: str | None
    status: str
    updated_at: str | None
    score: float
    title: Sequence[Piece]
    snippet: Sequence[Piece]


def print_hits(hits: Sequence[Hit], words: str, console: Console) -> None:
    """Title, address and the place where the words stand, best first."""
    if not hits:
        _say(console, Text(f"No article has {one_line(words)}."))
        return
    for hit in hits:
        facts = [f"article {hit.article_id}", hit.locale, hit.section, hit.url]
        if hit.status != "listed":
            facts.insert(0, hit.status)
        _say(console, _marked(hit.title, console, "bold"))
        _say(console, Text("  " + " · ".join(one_line(fact) for fact in facts if fact), QUIET))
        _say(console, Text("  ").append_text(_marked(hit.snippet, console)))
    _say(console, Text(f"\n{len(hits)} article{'s' * (len(hits) != 1)}", QUIET))


def _marked(pieces: Sequence[Piece], console: Console, style: str = "") -> Text:
    """Where there is no colour, brackets mark what was found."""
    text = Text(style=style)
    for piece in pieces:
        shown = visible(piece.text)
        if piece.is_match and not console.is_terminal:
            shown = f"[{shown}]"
        text.append(shown, FOUND if piece.is_match else None)
    text.rstrip()
    return text


def _say(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True)


def render_json(hits: Sequence[Hit]) -> str:
    """An array, best first. `matches` are the pieces that were found, `snippet` the text around."""
    return json.dumps([_plain(hit) for hit in hits], ensure_ascii=False, indent=2) + "\n"


def _plain(hit: Hit) -> dict[str, Any]:
    return {
        "article_id": hit.article_id,
        "title": _text(hit.title),
        "locale": hit.locale,
        "section": hit.section,
        "status": hit.status,
        "updated_at": hit.updated_at,
        "url": hit.url,
        "score": round(hit.score, 4),
        "snippet": _text(hit.snippet),
        "matches": [p.text for p in (*hit.title, *hit.snippet) if p.is_match],
    }


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces).strip()
