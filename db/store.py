"""Every write. A page is written whole or not at all: a kill costs at most the pages in hand."""

import json
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db import crawl_rows, doubt, outbox, seals
from db.articles import ArticleRecorder
from db.connection import connect_for_writing, explain, insert, writing
from db.errors import DatabaseUnusable
from db.kinds import READING_KINDS, CrawlKind, Outcome, Status
from db.locales import LocaleRecorder
from db.moments import to_text
from db.records import Change, Part, Reworked, Site, SiteState, Trend, Unread
from db.versions import Comparer, VersionRecorder, is_alike
from spiders.items import (
    ArticlePage,
    HomePage,
    ListingPage,
    PageGone,
    PageRead,
    PageUnchanged,
    PageUnusable,
)

if TYPE_CHECKING:
    from sqlite_utils import Database


class Store:
    """The database open for writing: at most one at a time, by a lock that dies with its process.

    Raises DatabaseUnusable when the file cannot be used or another process is writing.
    """

    def __init__(self, path: str | Path, comparer: Comparer | None = None):
        self.path = Path(path)
        self._writer_note = Path(f"{self.path}.writer")
        self._take_lock()
        try:
            self.connection: sqlite3.Connection = connect_for_writing(self.path)
        except BaseException:
            self._release_lock()
            raise
        self.comparer = comparer or Comparer()
        self._articles = ArticleRecorder(self.connection, self.comparer)
        self._locales = LocaleRecorder(self.connection, self.comparer)

    @property
    def database(self) -> "Database":
        """The same with the conveniences of sqlite-utils."""
        from sqlite_utils import Database

        return Database(self.connection)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()
        self._release_lock()

    def compare_with(self, comparer: Comparer) -> None:
        """From now on texts are compared, and pages read again, as `comparer` says."""
        self.comparer = comparer
        self._articles = ArticleRecorder(self.connection, comparer)
        self._locales = LocaleRecorder(self.connection, comparer)

    # -- the lock ---------------------------------------------------------------------------

    def _take_lock(self) -> None:
        from filelock import FileLock, Timeout  # not for a second writer, which takes none

        self._lock = FileLock(f"{self.path}.lock")
        try:
            self._lock.acquire(blocking=False)
            note = {"pid": os.getpid(), "host": socket.gethostname(), "since": _now_text()}
            self._writer_note.write_text(json.dumps(note))
        except Timeout:
            raise DatabaseUnusable(self._who_is_writing()) from None
        except OSError as error:
            raise DatabaseUnusable(
                f"The database {self.path} cannot be written: {error.strerror}: "
                f"{error.filename}. Check the folder and its permissions."
            ) from error

    def _who_is_writing(self) -> str:
        try:
            note = json.loads(self._writer_note.read_text())
            who = f"process {note['pid']} on {note['host']} since {note['since']}"
        except (OSError, ValueError, KeyError):
            who = "another process"
        return f"The database {self.path} is being written by {who}. Wait until that has ended."

    def _release_lock(self) -> None:
        self._writer_note.unlink(missing_ok=True)
        self._lock.release()

    # -- sites and crawls -------------------------------------------------------------------

    def site(self, name: str, base_url: str) -> Site:
        """The site's row, made or brought up to date."""
        with self.writing():
            self.connection.execute(
                "INSERT INTO sites (name, base_url) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET base_url = excluded.base_url",
                [name, base_url],
            )
        (site_id,) = self.connection.execute(
            "SELECT id FROM sites WHERE name = ?", [name]
        ).fetchone()
        return Site(id=site_id, name=name, base_url=base_url)

    def begin_crawl(
        self,
        site: Site,
        started_at: datetime,
        *,
        parser: str,
        locales: Sequence[str],
        sections: Sequence[str] = (),
        searches: Sequence[str] = (),
        kind: CrawlKind = "crawl",
    ) -> int:
        """The id of a new crawl; one that a dead process left running is closed first.

        `sections` and `searches` are those that it is to read: slugs (none: all), category:term.
        """
        self.close_interrupted(site)
        part = Part(locales=tuple(locales), sections=tuple(sections), searches=tuple(searches))
        with self.writing():
            crawl_id = crawl_rows.begin(self.connection, site.id, part, started_at, parser, kind)
        # Until the crawl is finished, a power cut (nothing less) may cost the pages since the last
        # checkpoint, which the next crawl reads again; a disk's sync for each costs more than all.
        self.connection.execute("PRAGMA synchronous = NORMAL")
        return crawl_id

    def close_interrupted(self, site: Site) -> list[int]:
        """Ends the crawls that died without a word; we hold the lock, so nobody runs them."""
        running = self.connection.execute(
            "SELECT id, coalesce((SELECT max(fetched_at) FROM fetches WHERE crawl_id = crawls.id),"
            " started_at) FROM crawls WHERE site_id = ? AND outcome = 'running'",
            [site.id],
        ).fetchall()
        for crawl_id, last_sign in running:
            self.finish_crawl(crawl_id, "interrupted", datetime.fromisoformat(last_sign))
        return [crawl_id for crawl_id, _ in running]

    def finish_crawl(self, crawl_id: int, outcome: Outcome, finished_at: datetime) -> None:
        """Closes a crawl with its outcome and the counts of what it recorded; all is durable then.

        The one full sync is of the whole log, and so of every page that was recorded before.
        """
        self.connection.execute("PRAGMA synchronous = FULL")
        with self.writing():
            crawl_rows.close(self.connection, crawl_id, outcome, finished_at)
            seals.seal(self.connection, crawl_id, to_text(finished_at))

    # -- pages ------------------------------------------------------------------------------

    def record(self, crawl_id: int, site_id: int, read: PageRead) -> None:
        """What one page said, in one transaction. May be repeated: it changes nothing then."""
        with self.writing():
            read = replace(read, page=self.comparer.compared(read))
            read = self._without_another_language(crawl_id, site_id, read)
            page, article_id, version_id = read.page, read.article_id, None
            match page:
                case ListingPage():
                    self._articles.record_listing(crawl_id, site_id, page, read.fetch)
                case ArticlePage():
                    article_id, version_id = self._articles.record_article(
                        crawl_id, site_id, page, read.fetch
                    )
                case PageUnchanged():
                    version_id = self._articles.confirm(article_id, read.fetch.fetched_at)
                case PageGone():
                    asked = article_id or self._articles.by_url(site_id, page.url)
                    article_id = self._articles.last_seen_at(page.url, asked)
                    self._articles.found_gone(article_id, read.fetch.fetched_at)
                case PageUnusable():
                    article_id = article_id or self._articles.by_url(site_id, page.url)
            if isinstance(page, HomePage | ListingPage | ArticlePage):
                self._locales.note(crawl_id, site_id, page, read.fetch.fetched_at)
            if isinstance(page, ArticlePage) and read.article_id not in (None, article_id):
                self._log_elsewhere(crawl_id, read)
            self._log_fetch(crawl_id, read, article_id, version_id)

    def _without_another_language(self, crawl_id: int, site_id: int, read: PageRead) -> PageRead:
        """A page that is unusable, for a page of an article in a language that is not its own."""
        if not isinstance(read.page, ArticlePage):
            return read
        trouble = self._articles.in_another_language(crawl_id, site_id, read.page, read.fetch)
        return replace(read, page=trouble) if trouble else read

    def _log_elsewhere(self, crawl_id: int, read: PageRead) -> None:
        """The address of one article led to the page of another one."""
        self.connection.execute(
            "INSERT INTO fetches (crawl_id, url, locale, wanted, article_id, fetched_at, page_kind)"
            " SELECT ?, coalesce(url, ?), locale, 'article', id, ?, 'elsewhere'"
            # One that turned out to be the same article is merged with it by now.
            " FROM articles WHERE id = ?",
            [crawl_id, read.fetch.url, to_text(read.fetch.fetched_at), read.article_id],
        )

    def _log_fetch(
        self, crawl_id: int, read: PageRead, article_id: int | None, version_id: int | None
    ) -> None:
        fetch = read.fetch
        kind, error = _page_kind(read)
        row = {
            "crawl_id": crawl_id,
            "url": fetch.url,
            "locale": read.page.locale,
            "wanted": read.wanted,
            "article_id": article_id,
            "version_id": version_id,
            "fetched_at": to_text(fetch.fetched_at),
            "status": fetch.status,
            "elapsed_ms": fetch.elapsed_ms,
            "size": len(fetch.body) or None,
            "page_kind": kind,
            "error": error,
            "etag": fetch.etag,
            "last_modified": fetch.last_modified,
        }
        insert(self.connection, "fetches", row)

    def note_unread(self, crawl_id: int, unread: Iterable[Unread], at: datetime) -> None:
        """What the crawl was not to read though it is watched: it is not complete then."""
        with self.writing():
            if crawl_rows.note_unread(self.connection, crawl_id, unread, at):
                seals.seal(self.connection, crawl_id, to_text(at))

    # -- conclusions ------------------------------------------------------------------------

    def conclude(
        self,
        crawl_id: int,
        *,
        health: Mapping[str, Any],
        is_baseline: bool,
        changes: Iterable[Change],
        statuses: Mapping[int, Status],
        trends: Iterable[Trend],
        compared_at: datetime,
        reworked: Iterable[Reworked] = (),
    ) -> None:
        """Keeps what was concluded from a crawl, all of it or nothing; replaces an earlier try."""
        with self.writing():
            for table in ("changes", "trends"):
                self.connection.execute(f"DELETE FROM {table} WHERE crawl_id = ?", [crawl_id])
            for change in changes:
                insert(self.connection, "changes", _change_row(crawl_id, change))
            self.rework(reworked)
            for trend in trends:
                row = asdict(trend) | {"crawl_id": crawl_id}
                insert(self.connection, "trends", row)
            self.connection.executemany(
                "UPDATE articles SET status = ? WHERE id = ?",
                [(status, article_id) for article_id, status in statuses.items()],
            )
            self.connection.execute(
                "UPDATE crawls SET health = ?, is_baseline = ?, compared_at = ? WHERE id = ?",
                [
                    json.dumps(health, ensure_ascii=False),
                    int(is_baseline),
                    to_text(compared_at),
                    crawl_id,
                ],
            )

    def accept(self, crawl_id: int, health: Mapping[str, Any]) -> int:
        """Keeps a suspect crawl's verdict as a person left it, and takes the mark off its changes.

        What later crawls have settled is not told once more, and goes; what crawls still in doubt
        repeat of it goes there. How many were released; 0 when it is done again.
        """
        with self.writing():
            self.connection.execute(
                "UPDATE crawls SET health = ? WHERE id = ?",
                [json.dumps(health, ensure_ascii=False), crawl_id],
            )
            return doubt.release(self.connection, crawl_id)

    def read_alike(self, before: SiteState, after: SiteState) -> bool:
        """Lets today's reader read the two texts of an article that no reader has both read;
        whether it has read any."""
        recorder = VersionRecorder(self.connection, self.comparer)
        pairs = [
            (before.versions[was], after.versions[now.version_id])
            for article_id, now in after.articles.items()
            if (old := before.articles.get(article_id))
            and (was := old.version_id) in before.versions
            and now.version_id in after.versions
        ]
        with self.writing():
            return sum(recorder.read_alike(*pair) for pair in pairs if not is_alike(*pair)) > 0

    def rework(self, again: Iterable[Reworked]) -> None:
        """Lets what some crawls told of some articles' readings give way to what is known now."""
        with self.writing():
            for one in again:
                self._replace_readings(one)
            outbox.forget_held_back(self.connection)

    def _replace_readings(self, again: Reworked) -> None:
        """What one crawl tells of one article's readings gives way to what is known now."""
        self.connection.execute(
            "DELETE FROM changes WHERE crawl_id = ? AND article_id = ?"
            " AND kind IN (SELECT value FROM json_each(?))",
            [again.crawl_id, again.article_id, json.dumps(READING_KINDS)],
        )
        for change in again.changes:
            insert(self.connection, "changes", _change_row(again.crawl_id, change))

    def mark_reported(self, crawl_id: int, at: datetime) -> None:
        """The crawl's report was written."""
        with self.writing():
            self.connection.execute(
                "UPDATE crawls SET reported_at = ? WHERE id = ?", [to_text(at), crawl_id]
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, around other writes too; what SQLite says comes out in plain words."""
        try:
            with writing(self.connection):
                yield
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise  # a mistake of ours, not a trouble of the file
            raise explain(error, self.path) from error


def _page_kind(read: PageRead) -> tuple[str, str | None]:
    """What fetches.page_kind and fetches.error say of a page."""
    match read.page:
        case HomePage():
            return "home", None
        case ListingPage(kind=kind):
            return kind, None
        case ArticlePage():
            return "article", None
        case PageUnchanged():
            return "not_modified", None
        case PageGone(reason=reason):
            return "gone", reason
        case PageUnusable(kind=kind, message=message):
            return kind, message


def _change_row(crawl_id: int, change: Change) -> dict[str, Any]:
    row = asdict(change) | {
        "crawl_id": crawl_id,
        "detected_at": to_text(change.detected_at),
        "detail": json.dumps(dict(change.detail), ensure_ascii=False),
    }
    del row["id"]
    return row


def _now_text() -> str:
    return to_text(datetime.now(UTC).replace(microsecond=0))
