"""The tables of the full-text search, and the triggers that keep them up with the articles."""

import sqlite3

from db.steps import statements

UNSPACED_RANGES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han."""

WIDER_RANGES = "\u0e00-\u1fff\u3040-\ufaff"
"""All of them and more, but no quotation mark, dash or accent of an alphabet."""


def is_unspaced(text: str) -> str:
    """The SQL that tells whether a text is in such a script.

    GLOB compares each character with each range, which takes as long as indexing all words. So a
    text of ASCII alone is told by its length, and most of the others by two ranges in place of six.
    """
    return (
        f"(length({text}) < length(CAST({text} AS BLOB))"
        f" AND {text} GLOB '*[{WIDER_RANGES}]*' AND {text} GLOB '*[{UNSPACED_RANGES}]*')"
    )


def _has_unspaced(article: str, version: str) -> str:
    heads = f"coalesce({article}.title, '') || coalesce({article}.summary, '')"
    return f"({is_unspaced(f'({heads})')} OR {is_unspaced(f'{version}.body')})"


# Words for most languages; for scripts without spaces every run of three characters, since there a
# word has no edge to be found by. Both keep no text of their own: they point into current_articles.
# Trigrams of everything would cost five times as much as the words (docs/analysts.md).
TABLES = f"""
CREATE VIRTUAL TABLE article_search USING fts5( -- Full-text search by words: MATCH, bm25(), snippet(); rowid is articles.id.
    title,
    summary,
    body,
    content="current_articles", content_rowid="id", tokenize="unicode61 remove_diacritics 2"
);

CREATE VIEW unspaced_articles AS -- Articles whose text is in a script without spaces between words.
SELECT a.id, a.title, a.summary, v.body FROM articles a LEFT JOIN versions v ON v.id = a.version_id
WHERE {_has_unspaced("a", "v")};

CREATE VIRTUAL TABLE article_search_unspaced USING fts5( -- The same by runs of three characters, for scripts without spaces between words.
    title,
    summary,
    body,
    content="unspaced_articles", content_rowid="id", tokenize="trigram"
);
"""

HELD = {"article_search": "1", "article_search_unspaced": _has_unspaced("{row}", "v")}
"""Search table -> which articles it holds, with {row} for the article's row in a trigger."""

# A text never changes once it has a version, so what was indexed can always be named again, which is
# how an index without text of its own forgets.
TRIGGER = """
CREATE TRIGGER {table}_{name} AFTER {event} ON articles {when}
BEGIN
  {actions}
END
"""
FORGET = "INSERT INTO {table} ({table}, rowid, title, summary, body)\n  SELECT 'delete', {said}"
LEARN = "INSERT INTO {table} (rowid, title, summary, body)\n  SELECT {said}"
SAID = """{row}.id, {row}.title, {row}.summary, v.body
  FROM (SELECT {row}.version_id AS id) n LEFT JOIN versions v ON v.id = n.id
  WHERE {held};"""
DIFFERS = (
    "WHEN (old.title, old.summary, old.version_id) IS NOT (new.title, new.summary, new.version_id)"
)


def create(connection: sqlite3.Connection) -> None:
    """Makes the tables, and indexes what articles there are."""
    for statement in statements(TABLES):
        connection.execute(statement)
    _add_triggers(connection)
    for table in HELD:
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")


def renew_triggers(connection: sqlite3.Connection) -> None:
    """Puts the triggers of today in the place of those that an older helpwatch has made."""
    for table in HELD:
        for name in ("learns", "keeps_up", "forgets"):
            connection.execute(f"DROP TRIGGER {table}_{name}")
    _add_triggers(connection)


def _add_triggers(connection: sqlite3.Connection) -> None:
    for table, held in HELD.items():
        forget = _action(FORGET, table, "old", held)
        learn = _action(LEARN, table, "new", held)
        for name, event, when, actions in (
            ("learns", "INSERT", "", learn),
            ("keeps_up", "UPDATE OF title, summary, version_id", DIFFERS, f"{forget}\n  {learn}"),
            ("forgets", "DELETE", "", forget),
        ):
            trigger = TRIGGER.format(
                table=table, name=name, event=event, when=when, actions=actions
            )
            connection.execute(trigger)


def _action(sql: str, table: str, row: str, held: str) -> str:
    return sql.format(table=table, said=SAID.format(row=row, held=held.format(row=row)))
