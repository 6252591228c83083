"""The data dictionary: what each table, view and column means, read from the schema's own SQL."""

import re
import sqlite3
from dataclasses import dataclass

from sqlite_utils import Database

from db import schema


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a view with its comments. `kind` is table or view."""

    name: str
    kind: str
    comment: str
    columns: tuple[Column, ...]


# A view's column means what it means in the table it comes from: these, in this order.
VIEW_SOURCES = {
    "current_articles": ("articles", "versions"),
    "recent_changes": ("changes", "articles"),
    "trending": ("trends", "articles"),
    "daily_activity": (),
    "article_timeline": ("changes",),
    "translations_behind": ("articles", "changes"),
    "unspaced_articles": ("articles",),
    "article_search": ("articles",),
    "article_search_unspaced": ("articles",),
}

VIEW_COLUMNS = {
    "at": "UTC instant at which it was seen.",
    "body": "Newest text as canonical Markdown.",
    "changed_at": "UTC instant at which the default locale's last change was seen.",
    "changes": "Changes found.",
    "crawls": "Crawls and imports started.",
    "day": "Calendar day, UTC.",
    "default_article_id": "The same article in the default locale.",
    "default_title": "Title in the default locale.",
    "default_url": "Address in the default locale.",
    "detail": "What a reader should know more.",
    "edited": "Changes of kind updated or silent_edit.",
    "errors": "Pages that could not be read.",
    "event": "version, change or views.",
    "from_version": "Number of the version before.",
    "gone": "Changes of kind unlisted or removed.",
    "high": "Changes of high severity.",
    "new": "Changes of kind new.",
    "pages": "Pages that answered.",
    "read_at": "UTC instant at which its page was last read.",
    "site": "Name of the site.",
    "text_captured_at": "UTC instant since which its text is known.",
    "to_version": "Number of the version after.",
    "version": "Number of its newest version.",
    "version_count": "How many versions it has.",
    "what": "What happened, in a word.",
}


def of_current_schema() -> tuple[Relation, ...]:
    """The dictionary of the schema that this helpwatch writes."""
    database = Database(memory=True)
    schema.migrations.apply(database)
    try:
        return relations(database.conn)
    finally:
        database.close()


def relations(connection: sqlite3.Connection) -> tuple[Relation, ...]:
    """Every table and view with its comments, tables first, in the order of their making."""
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT IN "
        # The tables in which a search table keeps its index are nobody's to read.
        "(SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY type, rowid"
    ).fetchall()
    meanings = {(name, column): text for _, name, sql in rows for column, text in _comments(sql)}
    return tuple(
        Relation(
            name,
            kind,
            _head_comment(sql),
            tuple(
                Column(column, type_, _meaning(name, column, meanings))
                for _, column, type_, *_ in connection.execute(f'PRAGMA table_info("{name}")')
            ),
        )
        for kind, name, sql in rows
    )


def _head_comment(sql: str) -> str:
    found = re.match(r"[^\n]*? -- (.+)", sql)
    return found[1] if found else ""


def _comments(sql: str) -> list[tuple[str, str]]:
    # A column that joined later stands behind a comma on the line of the one before.
    return re.findall(r"(?:^[ ,]+|, )([a-z_0-9]+) [A-Z][^\n]*? -- (.+)$", sql, re.M)


def _meaning(relation: str, column: str, meanings: dict[tuple[str, str], str]) -> str:
    if (relation, column) in meanings:
        return meanings[relation, column]
    if column in VIEW_COLUMNS:
        return VIEW_COLUMNS[column]
    sources = VIEW_SOURCES.get(relation, ())
    return next((meanings[s, column] for s in sources if (s, column) in meanings), "")
