"""Whether the database can be trusted: every check, row by row, with its first bad row.

Rows are streamed, so memory stays at one page and one text. A check that SQLite breaks off counts
as failed, and the others still run.
"""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import eq
from typing import Any

from db import seals, snapshots
from db.snapshots import zstd
from db.versions import CHAINED, FIRST_LINK, chain_link
from spiders.items import ArticlePage

Progress = Callable[[str, int, int], None]
"""(name of the check, rows done, rows in all), called for every row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How one site's stored pages are read today."""

    parser: str
    """Name and number of the reader in use."""
    read: Callable[[bytes, str, str, str | None], ArticlePage | None]
    """(bytes, url, form, content type) -> what the page says; None where it cannot be read."""
    same_text: Callable[[str, str], bool] = eq


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found. `unit` names, in the plural, what was counted."""

    name: str
    unit: str
    checked_count: int
    bad_count: int
    first_bad: str | None = None
    passed_over: Mapping[str, int]
    """Why rows could not be checked -> how many; these are neither good nor bad."""

    @property
    def ok(self) -> bool:
        return self.bad_count == 0


def verify(
    connection: sqlite3.Connection,
    readers: Mapping[str, Reader],
    progress: Progress = lambda name, done, total: None,
) -> Iterator[Check]:
    """Each check as it ends; `readers` by the name of the site.

    All of them see the database as it was when the first began, whatever a crawl writes meanwhile.
    """
    connection.execute("BEGIN")
    try:
        yield _integrity(connection, progress)
        for name, unit, table, look in (
            ("foreign keys", "tables", None, _foreign_keys),
            ("references", "tables", None, _references),
            ("snapshots", "snapshots", "snapshots", _snapshots),
            ("chain", "links", "versions", _chain),
            ("texts", "versions", "versions", _texts),
        ):
            yield _run(connection, name, unit, table, look(connection), progress)
        unsealed: Counter[str] = Counter()
        logs = _logs(connection, unsealed)
        yield _run(connection, "log", "crawls", "crawls", logs, progress, unsealed)
        for name, table, sql in (
            ("readings", "versions", READ),
            ("rereadings", "rereadings", REREAD),
        ):
            passed_over: Counter[str] = Counter()
            looks = _readings(connection, sql, readers, passed_over)
            yield _run(connection, name, table, table, looks, progress, passed_over)
    finally:
        connection.rollback()


def holds_link(connection: sqlite3.Connection, chain_sha256: str) -> bool:
    """Whether a link that was noted earlier still stands in the chain."""
    found = connection.execute(
        "SELECT 1 FROM versions WHERE chain_sha256 = ?1"
        " UNION ALL SELECT 1 FROM crawl_seals WHERE chain_sha256 = ?1",
        [chain_sha256],
    )
    return found.fetchone() is not None


def _run(
    connection: sqlite3.Connection,
    name: str,
    unit: str,
    table: str | None,
    looks: Iterator[str | None],
    progress: Progress,
    passed_over: Mapping[str, int] | None = None,
) -> Check:
    """Counts what a check says of each row: None, or what is wrong with it."""
    checked = bad = 0
    first_bad = None
    passed_over = {} if passed_over is None else passed_over
    try:
        total = _count(connection, table) if table else 0
        for wrong in looks:
            checked += 1
            if wrong is not None:
                bad += 1
                first_bad = first_bad or wrong
            progress(name, checked + sum(passed_over.values()), total)
    except sqlite3.DatabaseError as error:
        bad += 1
        first_bad = first_bad or f"after {checked} {unit} SQLite could not read on: {error}"
    return Check(
        name=name,
        unit=unit,
        checked_count=checked,
        bad_count=bad,
        first_bad=first_bad,
        passed_over=dict(passed_over),
    )


def _count(connection: sqlite3.Connection, table: str) -> int:
    return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def _stream(connection: sqlite3.Connection, sql: str) -> Iterator[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    yield from cursor.execute(sql)


# -- what SQLite knows by itself ----------------------------------------------------------------


def _integrity(connection: sqlite3.Connection, progress: Progress) -> Check:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    progress("integrity", 0, pages)
    try:
        found = [text for (text,) in connection.execute("PRAGMA integrity_check(100)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    wrong = [text for text in found if text != "ok"]
    progress("integrity", pages, pages)
    return Check(
        name="integrity",
        unit="pages of the file",
        checked_count=pages,
        bad_count=len(wrong),
        first_bad=" ".join(wrong[0].split()) if wrong else None,
        passed_over={},
    )


def _foreign_keys(connection: sqlite3.Connection) -> Iterator[str | None]:
    """A finding for each row that names a row that is not there; None for each sound table."""
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND sql LIKE '%REFERENCES%' ORDER BY rowid"
    ).fetchall()
    for (table,) in tables:
        found = connection.execute(f'PRAGMA foreign_key_check("{table}")').fetchall()
        yield from (_dangling(connection, *row) for row in found)
        if not found:
            yield None


def _dangling(
    connection: sqlite3.Connection, table: str, rowid: int | None, parent: str, key: int
) -> str:
    keys = connection.execute(f'PRAGMA foreign_key_list("{table}")').fetchall()
    column = next(row[3] for row in keys if row[0] == key)
    if rowid is None:  # a table without row numbers
        return f"a row of {table} names by {column} a row of {parent} that is not there"
    (value,) = connection.execute(
        f'SELECT "{column}" FROM "{table}" WHERE rowid = ?', [rowid]
    ).fetchone()
    return f"row {rowid} of {table} names by {column} row {value!r} of {parent}, which is not there"


def _references(connection: sqlite3.Connection) -> Iterator[str | None]:
    """A row that speaks of an article must not name another article's version."""
    for table, article, version in (
        ("articles", "id", "version_id"),
        ("article_states", "article_id", "version_id"),
        ("fetches", "article_id", "version_id"),
        ("changes", "article_id", "from_version_id"),
        ("changes", "article_id", "to_version_id"),
    ):
        found = connection.execute(
            f"SELECT t.id, t.{article}, v.id, v.article_id FROM {table} t"
            f" JOIN versions v ON v.id = t.{version} WHERE v.article_id IS NOT t.{article}"
            " ORDER BY t.id"
        ).fetchall()
        for row, article_id, version_id, owner in found:
            yield (
                f"row {row} of {table} speaks of article {article_id} and names by {version} "
                f"version {version_id}, which is of article {owner}"
            )
        if not found:
            yield None
    yield from _newest(connection)


NOT_NEWEST = """
SELECT a.id, a.version_id, v.id FROM articles a JOIN versions v ON v.id = (
  SELECT x.id FROM versions x WHERE x.article_id = a.id ORDER BY x.captured_at DESC, x.id DESC
  LIMIT 1)
WHERE v.id IS NOT a.version_id ORDER BY a.id
"""


def _newest(connection: sqlite3.Connection) -> Iterator[str | None]:
    """What is shown as an article's text today must be the newest one in time."""
    found = connection.execute(NOT_NEWEST).fetchall()
    for article_id, version_id, newest_id in found:
        named = f"version {version_id}" if version_id else "no version"
        yield f"row {article_id} of articles names {named}; its newest is version {newest_id}"
    if not found:
        yield None


# -- the evidence -------------------------------------------------------------------------------


def _snapshots(connection: sqlite3.Connection) -> Iterator[str | None]:
    """Every snapshot gives the bytes that its SHA-256 names."""
    # By dictionary: loading one costs more than using it.
    found = _stream(
        connection, "SELECT sha256, url, size, body FROM snapshots ORDER BY dictionary_id, rowid"
    )
    for row in found:
        wrong = _wrong_snapshot(connection, row)
        yield wrong and f"snapshot {row['sha256']} of {row['url']}: {wrong}"


def _wrong_snapshot(connection: sqlite3.Connection, row: sqlite3.Row) -> str | None:
    try:
        # What a frame claims to hold is checked first: a tampered one could fill the memory.
        claimed = zstd.get_frame_info(row["body"]).decompressed_size
        if claimed is not None and claimed != row["size"]:
            return f"its bytes claim to be {claimed:,}, the row says {row['size']:,}"
        body = snapshots.get(connection, row["sha256"])
    except zstd.ZstdError as error:
        return f"its bytes cannot be decompressed ({error})"
    if len(body) != row["size"]:
        return f"it holds {len(body):,} bytes, the row says {row['size']:,}"
    sha256 = hashlib.sha256(body).hexdigest()
    return None if sha256 == row["sha256"] else f"its bytes have the SHA-256 {sha256}"


def _chain(connection: sqlite3.Connection) -> Iterator[str | None]:
    """Every version has the number that follows, and the link that its row and the one before
    give. After a broken link the stored one is taken on, so that only broken ones are counted."""
    columns = ", ".join((*CHAINED, "chain_sha256"))
    previous, number = FIRST_LINK, 0
    for row in _stream(connection, f"SELECT {columns} FROM versions ORDER BY id"):
        missing = row["id"] - number - 1
        if missing:
            yield (
                f"version {number + 1} is missing"
                if missing == 1
                else f"versions {number + 1} to {row['id'] - 1} are missing"
            )
        elif chain_link(previous, row) != row["chain_sha256"]:
            yield f"{_name(row)}: its link does not follow from its row and the link before"
        else:
            yield None
        previous, number = row["chain_sha256"], row["id"]


def _texts(connection: sqlite3.Connection) -> Iterator[str | None]:
    """Every text has the SHA-256 that its version names (and that the chain covers)."""
    found = _stream(
        connection, "SELECT id, article_id, number, title, body, body_sha256 FROM versions"
    )
    for row in found:
        is_sound = hashlib.sha256(row["body"].encode()).hexdigest() == row["body_sha256"]
        yield None if is_sound else f"{_name(row)}: its text does not have the SHA-256 it names"


def _logs(connection: sqlite3.Connection, unsealed: Counter[str]) -> Iterator[str | None]:
    """Every ended crawl has a seal, and its log is what that seal covers; the seals are a chain."""
    yield from (wrong for wrong in seals.wrong_links(connection) if wrong)
    (first_sealed,) = connection.execute("SELECT min(crawl_id) FROM crawl_seals").fetchone()
    found = connection.execute(
        "SELECT c.id, EXISTS (SELECT 1 FROM crawl_seals s WHERE s.crawl_id = c.id) FROM crawls c"
        " WHERE c.outcome != 'running' ORDER BY c.id"
    )
    for crawl_id, is_sealed in found:
        if is_sealed:
            yield seals.broken(connection, crawl_id)
        elif first_sealed is not None and crawl_id > first_sealed:
            yield f"crawl {crawl_id}: its seal is missing"
        else:
            unsealed["that ended before crawls were sealed"] += 1


def _name(row: sqlite3.Row) -> str:
    return (
        f"version {row['id']} (number {row['number']} of article {row['article_id']}, "
        f"{row['title']!r})"
    )


READ = """
SELECT v.id, v.article_id, v.number, v.title, v.body, v.parser, v.form, v.snapshot_sha256,
       s.name AS site, p.url, p.content_type
FROM versions v JOIN articles a ON a.id = v.article_id JOIN sites s ON s.id = a.site_id
LEFT JOIN snapshots p ON p.sha256 = v.snapshot_sha256
ORDER BY v.id
"""


# Comparisons and redlines rest on these as on the versions, and no link covers them.
REREAD = """
SELECT v.id, v.article_id, v.number, r.title, r.body, r.parser, r.form, v.snapshot_sha256,
       s.name AS site, p.url, p.content_type
FROM rereadings r JOIN versions v ON v.id = r.version_id JOIN articles a ON a.id = v.article_id
JOIN sites s ON s.id = a.site_id LEFT JOIN snapshots p ON p.sha256 = v.snapshot_sha256
ORDER BY r.version_id, r.parser, r.form
"""


def _readings(
    connection: sqlite3.Connection,
    sql: str,
    readers: Mapping[str, Reader],
    passed_over: Counter[str],
) -> Iterator[str | None]:
    """Every text by today's reader is the one that this reader finds in the snapshot."""
    for row in _stream(connection, sql):
        reader = readers.get(row["site"])
        if reader is None:
            passed_over[f"of a site without a site file ({row['site']})"] += 1
        elif row["parser"] != reader.parser:
            passed_over["of another reader than today's; see `helpwatch reread`"] += 1
        elif row["snapshot_sha256"] is None:
            passed_over["without stored bytes"] += 1
        else:
            body = readable(connection, row["snapshot_sha256"])
            if body is None:
                passed_over["whose snapshot is damaged"] += 1
                continue
            yield _misread(reader, body, row)


def readable(connection: sqlite3.Connection, sha256: str) -> bytes | None:
    """A snapshot's bytes; None where they are missing or damaged."""
    try:
        body = snapshots.get(connection, sha256)
    except zstd.ZstdError:
        return None
    return body if body is not None and hashlib.sha256(body).hexdigest() == sha256 else None


def _misread(reader: Reader, body: bytes, row: Mapping[str, Any]) -> str | None:
    page = reader.read(body, row["url"], row["form"], row["content_type"])
    if page is None:
        return f"{_name(row)}: its snapshot cannot be read as an article"
    if page.body == row["body"]:
        return None
    return f"{_name(row)}: its snapshot reads otherwise than its text"
