"""Any table or view, row by row, as CSV, JSON or JSON lines: nothing is held in memory."""

import base64
import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Literal, TextIO

from db import comments
from db.errors import NotInDatabase

Form = Literal["csv", "json", "jsonl"]
FORMS: tuple[Form, ...] = Form.__args__


def names(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The tables and views that can be exported, as the data dictionary has them."""
    return tuple(
        relation.name
        for relation in comments.relations(connection)
        # A search table keeps no text of its own: it is for asking, not for reading.
        if not relation.name.startswith("article_search")
    )


def export(
    connection: sqlite3.Connection,
    name: str,
    form: Form,
    target: TextIO,
    *,
    csv_text: Callable[[str], str] = str,
) -> int:
    """Writes all rows of a table or view; how many there were.

    All rows are as they were at one instant. Bytes are written as base64 text. `csv_text` makes a
    text cell safe for spreadsheets; numbers are never touched. NotInDatabase names what there is.
    """
    known = names(connection)
    if name not in known:
        raise NotInDatabase(f"There is no table or view {name!r}; known: {', '.join(known)}.")
    cursor = connection.execute(f'SELECT * FROM "{name}"')
    columns = [column for column, *_ in cursor.description]
    rows = (tuple(map(_plain, row)) for row in cursor)
    if form == "csv":
        return _write_csv(columns, rows, target, csv_text)
    return _write_json(columns, rows, target, is_lines=form == "jsonl")


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _write_csv(
    columns: list[str],
    rows: Iterator[tuple],
    target: TextIO,
    csv_text: Callable[[str], str],
) -> int:
    """RFC 4180; NULL is an empty cell."""
    writer = csv.writer(target)
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([csv_text(cell) if isinstance(cell, str) else cell for cell in row])
        count += 1
    return count


def _write_json(
    columns: list[str], rows: Iterator[tuple], target: TextIO, *, is_lines: bool
) -> int:
    """One object a line; as JSON they stand in one array."""
    count = 0
    for row in rows:
        if not is_lines:
            target.write(",\n" if count else "[\n")
        target.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False))
        if is_lines:
            target.write("\n")
        count += 1
    if not is_lines:
        target.write("\n]\n" if count else "[]\n")
    return count
