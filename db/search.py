"""Full-text search over title, summary and newest text: ranked, with the words found marked.

Words are looked for by their beginnings and "quoted words" as a phrase, in any script. Nothing that
a person types is query syntax.
"""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db import queries
from db.search_tables import UNSPACED_RANGES

MOST_HITS = 20
TITLE_WEIGHT, SUMMARY_WEIGHT, BODY_WEIGHT = 8.0, 2.0, 1.0
SNIPPET_WORDS, SNIPPET_TRIGRAMS, SNIPPET_CHARS = 24, 60, 40
TRIGRAM = 3

OPEN, CLOSE = "\x02", "\x03"
"""Control characters mark what was found inside SQLite; no page shows them."""

_UNSPACED = re.compile(f"[{UNSPACED_RANGES}]")
_TERM = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `is_match` where it is what was looked for."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class Term:
    """What must be found: a word by its beginning, or a phrase as it stands."""

    text: str
    is_phrase: bool

    @property
    def fts5(self) -> str:
        """The term as an FTS5 string: quoted, so that no character in it is syntax."""
        quoted = '"' + self.text.replace('"', '""') + '"'
        return quoted if self.is_phrase else quoted + "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article that has all terms. `score` is the higher the better it fits."""

    article_id: int
    locale: str
    url: str | None
    section: str | None
    status: str
    updated_at: str | None
    score: float
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]


def search(
    connection: sqlite3.Connection,
    words: str,
    *,
    locale: str | None = None,
    limit: int = MOST_HITS,
) -> list[Hit]:
    """The articles that have all the words, best first; none where no letter or digit is asked."""
    terms = parse(words)
    if not terms:
        return []
    found: dict[int, Hit] = {}
    for hit in _all_hits(connection, terms, locale, limit):
        best = found.get(hit.article_id)
        if best is None or hit.score > best.score:
            found[hit.article_id] = hit
    return sorted(found.values(), key=lambda hit: (-hit.score, hit.article_id))[:limit]


def parse(words: str) -> list[Term]:
    """`fee "spot trading"` -> a word and a phrase. What has no letter or digit finds nothing."""
    terms = [
        Term(phrase or word, is_phrase=not word)
        for phrase, word in _TERM.findall(words.replace("\0", " "))
    ]
    return [term for term in terms if any(char.isalnum() for char in term.text)]


def _all_hits(
    connection: sqlite3.Connection, terms: Sequence[Term], locale: str | None, limit: int
) -> list[Hit]:
    is_unspaced = any(_UNSPACED.search(term.text) for term in terms)
    hits: list[Hit] = []
    if not is_unspaced:
        hits += _matches(connection, "article_search", terms, locale, limit, SNIPPET_WORDS)
    if all(len(term.text) >= TRIGRAM for term in terms):
        # Latin words, too: in Chinese text USDT stands without spaces around it.
        as_they_stand = [Term(term.text, is_phrase=True) for term in terms]
        table = "article_search_unspaced"
        hits += _matches(connection, table, as_they_stand, locale, limit, SNIPPET_TRIGRAMS)
    elif is_unspaced:
        hits += _scanned(connection, terms, locale, limit)
    return hits


COLUMNS = "a.id AS article_id, a.locale, a.url, a.section, a.status, a.updated_at"


def _matches(
    connection: sqlite3.Connection,
    table: str,
    terms: Sequence[Term],
    locale: str | None,
    limit: int,
    snippet_tokens: int,
) -> list[Hit]:
    # The best rows are found first: to mark what was found costs far more than to rank it.
    found = queries.rows(
        connection,
        f"""
        SELECT {COLUMNS}, -best.score AS score,
               highlight({table}, 0, :open, :close) AS title,
               snippet({table}, 2, :open, :close, '…', {snippet_tokens}) AS body,
               snippet({table}, 1, :open, :close, '…', {snippet_tokens}) AS summary
        FROM (SELECT f.rowid AS id,
                     bm25({table}, {TITLE_WEIGHT}, {SUMMARY_WEIGHT}, {BODY_WEIGHT}) AS score
              FROM {table} f JOIN articles x ON x.id = f.rowid
              WHERE {table} MATCH :query AND (:locale IS NULL OR x.locale = :locale)
              ORDER BY score, f.rowid LIMIT :limit) best
        JOIN articles a ON a.id = best.id
        JOIN {table} ON {table}.rowid = best.id AND {table} MATCH :query
        """,
        {
            "query": " AND ".join(term.fts5 for term in terms),
            "locale": locale,
            "limit": limit,
            "open": OPEN,
            "close": CLOSE,
        },
    )
    return [_hit(row) for row in found]


ANYWHERE = (
    "(instr(lower(a.title), ?{0}) OR instr(lower(a.summary), ?{0}) OR instr(lower(v.body), ?{0}))"
)


def _scanned(
    connection: sqlite3.Connection, terms: Sequence[Term], locale: str | None, limit: int
) -> list[Hit]:
    """By reading every text: for words of one or two characters, too short for any index."""
    found = queries.rows(
        connection,
        f"""
        SELECT {COLUMNS}, a.title, a.summary, v.body FROM articles a
        LEFT JOIN versions v ON v.id = a.version_id
        WHERE (?1 IS NULL OR a.locale = ?1)
          AND {" AND ".join(ANYWHERE.format(n) for n in range(2, len(terms) + 2))}
        """,
        [locale, *(term.text.lower() for term in terms)],
    )
    pattern = re.compile("|".join(re.escape(term.text) for term in terms), re.I)
    for row in found:
        row["score"] = sum(
            weight * len(pattern.findall(row[name] or "")) / (1 + len(row[name] or "") / 500)
            for name, weight in (
                ("title", TITLE_WEIGHT),
                ("summary", SUMMARY_WEIGHT),
                ("body", BODY_WEIGHT),
            )
        )
    best = sorted(found, key=lambda row: -row["score"])[:limit]
    for row in best:
        for name in ("title", "summary", "body"):
            row[name] = _marked(row[name] or "", pattern, whole=name == "title")
    return [_hit(row) for row in best]


def _marked(text: str, pattern: re.Pattern[str], *, whole: bool) -> str:
    """The text, or the part of it around the first find, with what was found marked."""
    first = pattern.search(text)
    if first and not whole:
        start, end = max(0, first.start() - SNIPPET_CHARS), first.end() + SNIPPET_CHARS
        text = "…" * (start > 0) + text[start:end] + "…" * (end < len(text))
    return pattern.sub(lambda found: f"{OPEN}{found[0]}{CLOSE}", text)


def _hit(row: dict[str, Any]) -> Hit:
    body, summary = row.pop("body") or "", row.pop("summary") or ""
    # The text says more than the summary, unless only the summary has the words.
    said = body if OPEN in body or OPEN not in summary else summary
    return Hit(**row | {"title": _pieces(row["title"] or ""), "snippet": _pieces(said)})


def _pieces(marked: str) -> tuple[Piece, ...]:
    """Text with marks -> its pieces; white space runs are one space, since lines are cut anyway."""
    pieces = []
    for number, part in enumerate(re.split(f"[{OPEN}{CLOSE}]", re.sub(r"\s+", " ", marked))):
        if part:
            pieces.append(Piece(part, is_match=number % 2 == 1))
    return tuple(pieces)
