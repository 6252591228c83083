"""Versions: when one is made, what it is compared with, and the chain that shows tampering."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from operator import eq
from typing import TYPE_CHECKING, Any

from db import snapshots
from db.connection import insert
from db.moments import to_moment, to_text
from db.records import Version

if TYPE_CHECKING:
    from spiders.items import ArticlePage, Fetch, Page, PageRead

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
    reread: Callable[[bytes, str, str, str | None], ArticlePage | None] = lambda *_: None
    """(bytes, url, form, content type) -> the page as today's reader reads it in that form; None
    if it cannot."""
    compared: Callable[[PageRead], Page] = lambda read: read.page
    """A page with what its forms say differently, where this one is among those looked at."""
    zone: tzinfo = UTC
    locale_at: Callable[[str], str | None] = lambda url: None
    """address -> the locale that it names; None for one on another host."""
    default_locale: str = "en"


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


def _by_id(connection: sqlite3.Connection, version_id: int) -> Version:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return from_row(cursor.execute("SELECT * FROM versions WHERE id = ?", [version_id]).fetchone())


def text_like(connection: sqlite3.Connection, version: Version, like: Version) -> Version:
    """`version` with its text as the reader and the form of `like` give it, where that is known."""
    if (version.parser, version.form) == (like.parser, like.form):
        return version
    row = connection.execute(
        "SELECT body FROM rereadings WHERE version_id = ? AND parser = ? AND form = ?",
        [version.id, like.parser, like.form],
    ).fetchone()
    return replace(version, body=row[0], parser=like.parser, form=like.form) if row else version


def alike(connection: sqlite3.Connection, old: Version, new: Version) -> tuple[Version, Version]:
    """Two versions as one reader gives them in one form, where one has read both so."""
    for pair in (
        (text_like(connection, old, new), new),
        (old, text_like(connection, new, old)),
        _as_a_third_reader_has(connection, old, new),
    ):
        if is_alike(*pair):
            return pair
    return old, new


def is_alike(old: Version, new: Version) -> bool:
    """Whether one reader gave both, in one form."""
    return (old.parser, old.form) == (new.parser, new.form)


def _as_a_third_reader_has(
    connection: sqlite3.Connection, old: Version, new: Version
) -> tuple[Version, Version]:
    row = connection.execute(
        "SELECT o.parser, o.form, o.body, n.body FROM rereadings o"
        " JOIN rereadings n USING (parser, form) WHERE o.version_id = ? AND n.version_id = ?"
        " ORDER BY o.read_at DESC, o.parser DESC",
        [old.id, new.id],
    ).fetchone()
    if row is None:
        return old, new
    parser, form, *bodies = row
    was, now = (
        replace(version, body=body, parser=parser, form=form)
        for version, body in zip((old, new), bodies, strict=True)
    )
    return was, now


class VersionRecorder:
    """Writes versions: one for every text or title that differs from the one before it in time."""

    def __init__(self, connection: sqlite3.Connection, comparer: Comparer):
        self._connection = connection
        self._comparer = comparer

    def record(
        self,
        crawl_id: int,
        site_id: int,
        article_id: int,
        page: ArticlePage,
        fetch: Fetch,
        *,
        after_doubt: bool = False,
        vouched_id: int | None = None,
    ) -> tuple[int, str]:
        """Id and title of the version that the page shows: a new one, or one that it confirms.

        `after_doubt`: a crawl in doubt read the page last; `vouched_id` is what was known before.
        """
        previous = at(self._connection, article_id, fetch.fetched_at)
        if previous and after_doubt:
            if found := self._after_doubt(crawl_id, previous, vouched_id, page, fetch):
                return found
        elif previous and self._is_same(previous, page, fetch):
            return previous.id, previous.title
        for following in self._following(article_id, fetch.fetched_at):
            if (following.parser, following.form) != (page.parser, page.form):
                # An older capture, read by today's reader: so is to be what it is compared with.
                self._reread(following, page)
        return self._insert(crawl_id, site_id, article_id, page, fetch), page.title

    def is_known(self, article_id: int, page: ArticlePage, fetch: Fetch) -> bool:
        """Whether the page says what the article said before; also if it said nothing yet."""
        previous = at(self._connection, article_id, fetch.fetched_at)
        return previous is None or self._is_same(previous, page, fetch)

    def _after_doubt(
        self,
        crawl_id: int,
        doubtful: Version,
        vouched_id: int | None,
        page: ArticlePage,
        fetch: Fetch,
    ) -> tuple[int, str] | None:
        """What was known before the doubt, where it stands again; else the doubtful version, where
        the page was read to the same text once more: a better reader's text takes its place."""
        if vouched_id is not None:
            vouched = _by_id(self._connection, vouched_id)
            if self._is_same(vouched, page, fetch):
                if vouched_id == doubtful.id:
                    return vouched_id, vouched.title
                captured_at = to_text(fetch.fetched_at)
                return self.repeat(vouched_id, crawl_id, captured_at), vouched.title
        if (doubtful.parser, doubtful.form) != (page.parser, page.form):
            self._reread(doubtful, page)
        if not self._comparer.same_title(doubtful.title, page.title):
            return None
        is_confirmed = self._comparer.same_text(doubtful.body, page.body)
        return (doubtful.id, doubtful.title) if is_confirmed else None

    def _following(self, article_id: int, instant: datetime) -> list[Version]:
        """The versions after an instant: its neighbour, and what lies behind one in doubt."""
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        rows = cursor.execute(
            "SELECT * FROM versions WHERE article_id = ? AND captured_at > ?"
            " ORDER BY captured_at, id",
            [article_id, to_text(instant)],
        )
        return [from_row(row) for row in rows]

    def _is_same(self, previous: Version, page: ArticlePage, fetch: Fetch) -> bool:
        was, now = (previous.title, previous.body), (page.title, page.body)
        if (previous.parser, previous.form) != (page.parser, page.form):
            # Like is compared with like, so that our own improvement never looks like their edit.
            reread = self._reread(previous, page)
            if reread is not None:
                was = reread
            elif as_before := self._comparer.reread(
                fetch.body, fetch.url, previous.form, fetch.content_type
            ):
                now = as_before.title, as_before.body
        return self._comparer.same_title(was[0], now[0]) and self._comparer.same_text(
            was[1], now[1]
        )

    def read_alike(self, old: Version, new: Version) -> bool:
        """Lets today's reader read two versions, as far as one reader has not read both already;
        whether it could."""
        if self._reread(old, new) or self._reread(new, old):
            return True
        again = self._again(new, new.form)
        return again is not None and all(self._reread(each, again) for each in (old, new))

    def _reread(self, version: Version, page: ArticlePage | Version) -> tuple[str, str] | None:
        """Title and text of a stored version as today's reader gives them in the form of `page`."""
        row = self._connection.execute(
            "SELECT title, body FROM rereadings WHERE version_id = ? AND parser = ? AND form = ?",
            [version.id, page.parser, page.form],
        ).fetchone()
        if row:
            return row
        again = self._again(version, page.form)
        if not again or (again.parser, again.form) != (page.parser, page.form):
            return None
        row = {
            "version_id": version.id,
            "parser": again.parser,
            "form": again.form,
            "title": again.title,
            "body": again.body,
            "read_at": to_text(datetime.now(UTC)),
        }
        insert(self._connection, "rereadings", row)
        return again.title, again.body

    def _again(self, version: Version, form: str) -> ArticlePage | None:
        """The stored page of a version as today's reader gives it."""
        if version.snapshot_sha256 is None:
            return None
        url, content_type = self._connection.execute(
            "SELECT url, content_type FROM snapshots WHERE sha256 = ?", [version.snapshot_sha256]
        ).fetchone()
        body = snapshots.get(self._connection, version.snapshot_sha256)
        return self._comparer.reread(body, url, form, content_type) if body else None

    def _insert(
        self, crawl_id: int, site_id: int, article_id: int, page: ArticlePage, fetch: Fetch
    ) -> int:
        row = {
            "article_id": article_id,
            "crawl_id": crawl_id,
            "captured_at": to_text(fetch.fetched_at),
            "title": page.title,
            "body": page.body,
            "body_sha256": hashlib.sha256(page.body.encode()).hexdigest(),
            "source_updated_at": to_text(page.updated_at),
            "snapshot_sha256": snapshots.put(self._connection, site_id, fetch, article_id)
            if fetch.body
            else None,
            "parser": page.parser,
            "form": page.form,
        }
        return self._append(row)

    def repeat(self, version_id: int, crawl_id: int, captured_at: str) -> int:
        """The id of a new version that says what an earlier one said, as it was read again.

        Its snapshot is the earlier one's: of a page that differs in nothing no bytes are kept.
        """
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        row = dict(
            cursor.execute(
                "SELECT article_id, title, body, body_sha256, source_updated_at, snapshot_sha256,"
                " parser, form FROM versions WHERE id = ?",
                [version_id],
            ).fetchone()
        )
        return self._append(row | {"crawl_id": crawl_id, "captured_at": captured_at})

    def _append(self, row: dict[str, Any]) -> int:
        """Adds a row with the next id, the article's next number and its link of the chain."""
        version_id, previous_link = self._connection.execute(
            "SELECT coalesce(max(id), 0) + 1,"
            " (SELECT chain_sha256 FROM versions ORDER BY id DESC LIMIT 1) FROM versions"
        ).fetchone()
        (number,) = self._connection.execute(
            "SELECT coalesce(max(number), 0) + 1 FROM versions WHERE article_id = ?",
            [row["article_id"]],
        ).fetchone()
        row |= {"id": version_id, "number": number}
        row["chain_sha256"] = chain_link(previous_link or FIRST_LINK, row)
        insert(self._connection, "versions", row)
        return version_id
