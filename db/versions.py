"""Versions: when one is made, what it is compared with, and the chain that shows tampering."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from operator import eq
from typing import Any

from db import snapshots
from db.connection import insert
from db.records import Version, to_moment, to_text
from spiders.items import ArticlePage, Fetch

CHAINED = (
    "id", "article_id", "number", "crawl_id", "captured_at", "title", "body_sha256",
    "source_updated_at", "snapshot_sha256", "parser", "form",
)  # fmt: skip
"""The columns of a version that its link in the chain covers; the body by its hash."""

FIRST_LINK = "0" * 64


@dataclass(frozen=True, slots=True)
class Comparer:
    """What the store cannot know by itself: what counts as the same, and how a page is read."""

    same_text: Callable[[str, str], bool] = eq
    same_title: Callable[[str, str], bool] = eq
    reread: Callable[[bytes, str, str], ArticlePage | None] = lambda body, url, form: None
    """(bytes, url, form) -> the page as today's reader reads it in that form; None if it cannot."""
    zone: tzinfo = UTC


def chain_link(previous: str, row: dict[str, Any]) -> str:
    """The chain_sha256 of a version: covers its row and the link recorded before it."""
    covered = json.dumps([previous, *(row[name] for name in CHAINED)], ensure_ascii=False)
    return hashlib.sha256(covered.encode()).hexdigest()


def from_row(row: sqlite3.Row) -> Version:
    """A row of `versions` as a record."""
    fields = {name: row[name] for name in Version.__dataclass_fields__}
    fields["captured_at"] = to_moment(row["captured_at"])
    fields["source_updated_at"] = to_moment(row["source_updated_at"])
    return Version(**fields)


def at(connection: sqlite3.Connection, article_id: int, instant: datetime) -> Version | None:
    """The version that the article had at an instant; None before its first."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    row = cursor.execute(
        "SELECT * FROM versions WHERE article_id = ? AND captured_at <= ?"
        " ORDER BY captured_at DESC, id DESC LIMIT 1",
        [article_id, to_text(instant)],
    ).fetchone()
    return row and from_row(row)


def text_like(connection: sqlite3.Connection, version: Version, like: Version) -> Version:
    """`version` with its text as the reader and the form of `like` give it, where that is known."""
    if (version.parser, version.form) == (like.parser, like.form):
        return version
    row = connection.execute(
        "SELECT body FROM rereadings WHERE version_id = ? AND parser = ? AND form = ?",
        [version.id, like.parser, like.form],
    ).fetchone()
    return replace(version, body=row[0]) if row else version


class VersionRecorder:
    """Writes versions: one for every text or title that differs from the one before it in time."""

    def __init__(self, connection: sqlite3.Connection, comparer: Comparer):
        self._connection = connection
        self._comparer = comparer

    def record(
        self, crawl_id: int, site_id: int, article_id: int, page: ArticlePage, fetch: Fetch
    ) -> int:
        """The id of the version that the page shows: a new one, or the one that it confirms."""
        previous = at(self._connection, article_id, fetch.fetched_at)
        if previous and self._is_same(previous, page, fetch):
            return previous.id
        return self._insert(crawl_id, site_id, article_id, page, fetch)

    def _is_same(self, previous: Version, page: ArticlePage, fetch: Fetch) -> bool:
        if not self._comparer.same_title(previous.title, page.title):
            return False
        if (previous.parser, previous.form) == (page.parser, page.form):
            return self._comparer.same_text(previous.body, page.body)
        # Like is compared with like, so that our own improvement never looks like their edit.
        reread = self._reread(previous, page)
        if reread is not None:
            return self._comparer.same_text(reread, page.body)
        as_before = self._comparer.reread(fetch.body, fetch.url, previous.form)
        return self._comparer.same_text(previous.body, as_before.body if as_before else page.body)

    def _reread(self, version: Version, page: ArticlePage) -> str | None:
        """The text of a stored version as today's reader gives it in the form of `page`."""
        row = self._connection.execute(
            "SELECT body FROM rereadings WHERE version_id = ? AND parser = ? AND form = ?",
            [version.id, page.parser, page.form],
        ).fetchone()
        if row:
            return row[0]
        body = version.snapshot_sha256 and snapshots.get(self._connection, version.snapshot_sha256)
        again = body and self._comparer.reread(body, page.url, page.form)
        if not again or (again.parser, again.form) != (page.parser, page.form):
            return None
        self._connection.execute(
            "INSERT INTO rereadings (version_id, parser, form, body, read_at)"
            " VALUES (?, ?, ?, ?, ?)",
            [version.id, again.parser, again.form, again.body, to_text(datetime.now(UTC))],
        )
        return again.body

    def _insert(
        self, crawl_id: int, site_id: int, article_id: int, page: ArticlePage, fetch: Fetch
    ) -> int:
        version_id, previous_link = self._connection.execute(
            "SELECT coalesce(max(id), 0) + 1,"
            " (SELECT chain_sha256 FROM versions ORDER BY id DESC LIMIT 1) FROM versions"
        ).fetchone()
        (number,) = self._connection.execute(
            "SELECT coalesce(max(number), 0) + 1 FROM versions WHERE article_id = ?", [article_id]
        ).fetchone()
        row = {
            "id": version_id,
            "article_id": article_id,
            "number": number,
            "crawl_id": crawl_id,
            "captured_at": to_text(fetch.fetched_at),
            "title": page.title,
            "body": page.body,
            "body_sha256": hashlib.sha256(page.body.encode()).hexdigest(),
            "source_updated_at": to_text(page.updated_at),
            "snapshot_sha256": snapshots.put(self._connection, site_id, fetch)
            if fetch.body
            else None,
            "parser": page.parser,
            "form": page.form,
        }
        row["chain_sha256"] = chain_link(previous_link or FIRST_LINK, row)
        insert(self._connection, "versions", row)
        return version_id
