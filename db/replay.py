"""What crawls of other databases recorded -> one crawl here, by the same code that records pages.

A spool keeps what differed, not every page. So a listing is put together from the presence of its
articles, an article's page from its state and its text at that time, and both are recorded in the
order in which they were read. Articles are found by what identifies them, never by row number. All
of one crawl is one transaction: a kill leaves all of it or nothing.
"""

import heapq
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db import crawl_rows, queries, replayed, seals, versions
from db.articles import ArticleRecorder
from db.connection import explain, insert, writing
from db.kinds import CrawlKind, Outcome
from db.locales import LocaleRecorder
from db.moments import to_moment, to_text
from db.records import Part, Site, Unread
from db.spool import SpooledCrawl
from db.store import Store

FETCH_FACTS = (
    "url", "locale", "wanted", "fetched_at", "status", "elapsed_ms", "size", "page_kind", "error",
    "etag", "last_modified",
)  # fmt: skip
"""Columns of a fetch that mean the same in every database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """What is to become one crawl here."""

    site: Site
    kind: CrawlKind
    part: Part
    """What the crawl was to read as a whole."""
    members: Sequence[SpooledCrawl]
    """The crawls whose pages it tells."""
    carried: Sequence[int] = ()
    """Crawls here that told other parts of the same pass: their listings count for it, too."""
    unread: Sequence[Unread] = ()
    """What of the whole no crawl was to read."""
    started_at: datetime

    @property
    def finished_at(self) -> datetime:
        return max(self.started_at, *(member.finished_at for member in self.members))


def replay(store: Store, joint: Joint) -> int:
    """Records the members' pages as one crawl; its id. Raises DatabaseUnusable."""
    try:
        with writing(store.connection):
            return _Replay(store, joint).run()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise  # a mistake of ours, not a trouble of the file
        raise explain(error, store.path) from error


class _Replay:
    """One crawl on its way into the database, inside one transaction."""

    def __init__(self, store: Store, joint: Joint):
        self._connection, self._comparer = store.connection, store.comparer
        self._joint, self._site_id = joint, joint.site.id
        self._articles = ArticleRecorder(self._connection, store.comparer)
        self._ids: dict[tuple[int, int], int] = {}
        """(which member, article there) -> article here."""

    def run(self) -> int:
        joint = self._joint
        self._crawl_id = crawl_rows.begin(
            self._connection,
            self._site_id,
            joint.part,
            joint.started_at,
            joint.members[-1].parser,
            joint.kind,
        )
        for step in self._steps():
            self._take(step)
        self._take_views()
        for number, member in enumerate(joint.members):
            self._take_fills(member)
            self._take_locales(member)
            self._settle(number, member)
        for crawl_id in sorted(joint.carried, reverse=True):
            self._carry(crawl_id)
        self._note_members()
        crawl_rows.close(self._connection, self._crawl_id, self._outcome(), joint.finished_at)
        crawl_rows.note_unread(self._connection, self._crawl_id, joint.unread, joint.finished_at)
        seals.seal(self._connection, self._crawl_id, to_text(joint.finished_at))
        return self._crawl_id

    # -- pages, in the order in which they were read ----------------------------------------

    def _steps(self) -> Iterator["replayed.Step"]:
        """Of all members together; at one instant listings come first, as they lead to articles."""
        return heapq.merge(
            *(replayed.steps(number, member) for number, member in enumerate(self._joint.members)),
            key=lambda step: step.order,
        )

    def _take(self, step: "replayed.Step") -> None:
        if step.listing is not None:
            self._take_listing(step.number, step.listing)
        else:
            self._take_fetch(step.number, step.fetch)

    def _take_listing(self, number: int, listing: Mapping[str, Any]) -> None:
        member = self._joint.members[number]
        listing_id = self._articles.listing_id(self._site_id, replayed.listing_page(listing))
        for entry in replayed.entries(member, listing):
            article_id = self._articles.record_entry(
                self._crawl_id, self._site_id, entry.page, entry.entry, entry.at
            )
            self._ids[number, entry.article_id] = article_id
            self._articles.mark_present(listing_id, article_id, self._crawl_id, entry.entry.summary)
        is_complete = listing["is_complete"] if self._joint.kind == "crawl" else 0
        self._connection.execute(
            """
            INSERT INTO listing_crawls
              (crawl_id, listing_id, claimed_total, seen_count, page_count, is_complete)
            VALUES (:crawl, :listing, :claimed, :seen, :pages, :complete)
            ON CONFLICT (crawl_id, listing_id) DO UPDATE SET
              claimed_total = max(coalesce(excluded.claimed_total, claimed_total),
                                  coalesce(claimed_total, excluded.claimed_total)),
              -- Two crawls read it: what either saw is in it.
              seen_count = (SELECT count(*) FROM listing_articles
                            WHERE listing_id = :listing AND last_crawl_id = :crawl),
              page_count = page_count + excluded.page_count,
              is_complete = max(is_complete, excluded.is_complete)
            """,
            {
                "crawl": self._crawl_id,
                "listing": listing_id,
                "claimed": listing["claimed_total"],
                "seen": listing["seen_count"],
                "pages": listing["page_count"],
                "complete": is_complete,
            },
        )

    def _take_fetch(self, number: int, fetch: Mapping[str, Any]) -> None:
        article_id = version_id = None
        at = to_moment(fetch["fetched_at"])
        if fetch["version_id"] is not None:
            article_id, version_id = self._take_article(number, fetch)
        elif fetch["article_id"] is not None:
            article_id = self._known(number, fetch["article_id"])
        if article_id is None and fetch["wanted"] == "article":
            article_id = self._articles.by_url(self._site_id, fetch["url"])
        if fetch["page_kind"] == "gone":
            self._articles.found_gone(article_id, at)
        row = {name: fetch[name] for name in FETCH_FACTS}
        row |= {
            "crawl_id": self._crawl_id,
            "article_id": article_id,
            "version_id": version_id,
        }
        insert(self._connection, "fetches", row)

    def _take_article(self, number: int, fetch: Mapping[str, Any]) -> tuple[int, int]:
        """A page that was read, or confirmed unchanged: it says what its version says."""
        member = self._joint.members[number]
        page = replayed.article_page(member, fetch)
        known_id = self._known(number, fetch["article_id"])
        before = known_id and versions.at(
            self._connection, known_id, to_moment(fetch["fetched_at"])
        )
        is_known = before and (before.body, before.title, before.parser, before.form) == (
            page.body, page.title, page.parser, page.form,
        )  # fmt: skip
        read = replayed.fetch_of(member, fetch, with_body=not is_known)
        ids = self._articles.keep_article(self._crawl_id, self._site_id, page, read)
        self._ids[number, fetch["article_id"]] = ids[0]
        return ids

    def _known(self, number: int, article_id: int) -> int | None:
        """The article here that an article there is; None for one that is not known here."""
        found = self._ids.get((number, article_id))
        is_there = (
            found
            and self._connection.execute("SELECT 1 FROM articles WHERE id = ?", [found]).fetchone()
        )
        if not is_there:  # or it has become one with another
            found = replayed.find(
                self._connection,
                self._site_id,
                self._joint.members[number],
                article_id,
                self._comparer.zone,
            )
        if found:
            self._ids[number, article_id] = found
        return found

    # -- what stands beside the pages -------------------------------------------------------

    def _take_views(self) -> None:
        """In the order of time, so that each count is held against the one before it."""
        views = (replayed.views(n, member) for n, member in enumerate(self._joint.members))
        for at, number, row in heapq.merge(*views, key=lambda view: view[:2]):
            if article_id := self._known(number, row["article_id"]):
                self._articles.observe_views(
                    self._crawl_id,
                    article_id,
                    row["view_count"],
                    at,
                    is_approximate=bool(row["is_approximate"]),
                )

    def _take_fills(self, member: SpooledCrawl) -> None:
        self._connection.executemany(
            """
            INSERT INTO field_fills VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (crawl_id, field) DO UPDATE SET
              page_count = page_count + excluded.page_count,
              known_count = known_count + excluded.known_count,
              disagreement_count = disagreement_count + excluded.disagreement_count
            """,
            [
                (self._crawl_id, *row.values())
                for row in member.spool.rows(
                    "SELECT field, page_count, known_count, disagreement_count"
                    " FROM field_fills WHERE crawl_id = ?",
                    [member.id],
                )
            ],
        )

    def _take_locales(self, member: SpooledCrawl) -> None:
        recorder = LocaleRecorder(self._connection, self._comparer)
        for row in member.spool.rows(
            "SELECT l.* FROM site_locales l JOIN crawls c ON c.site_id = l.site_id WHERE c.id = ?",
            [member.id],
        ):
            for at in (row["first_seen_at"], row["last_seen_at"]):
                recorder.keep(self._site_id, row["locale"], row["hreflang"], row["url"], at)

    def _settle(self, number: int, member: SpooledCrawl) -> None:
        """Instants that no page of this crawl tells by itself: the last sight of each article."""
        for row in member.spool.rows(
            "SELECT id, last_seen_at, last_fetched_at, listed_title_when_read FROM articles"
            " WHERE substr(last_seen_at, 1, 19) BETWEEN ? AND ?",  # to the second, as crawls are
            [to_text(at)[:19] for at in (member.started_at, member.finished_at)],
        ):
            if (article_id := self._known(number, row["id"])) is not None:
                self._connection.execute(
                    "UPDATE articles SET last_seen_at = max(last_seen_at, :last_seen_at),"
                    " listed_title_when_read = iif(last_fetched_at IS :last_fetched_at,"
                    " :listed_title_when_read, listed_title_when_read) WHERE id = :id",
                    row | {"id": article_id},
                )

    # -- the pass as a whole ----------------------------------------------------------------

    def _carry(self, crawl_id: int) -> None:
        """The listings of an earlier crawl of this pass, as it read them; none that we read."""
        values = {"old": crawl_id, "new": self._crawl_id}
        self._connection.execute(
            """
            UPDATE listing_articles SET last_crawl_id = :new
            WHERE first_crawl_id <= :old AND last_crawl_id >= :old AND listing_id IN (
              SELECT listing_id FROM listing_crawls WHERE crawl_id = :old)
              AND listing_id NOT IN (
              SELECT listing_id FROM listing_crawls WHERE crawl_id = :new)
            """,
            values,
        )
        self._connection.execute(
            """
            INSERT OR IGNORE INTO listing_crawls
            SELECT :new, listing_id, claimed_total, seen_count, page_count, is_complete
            FROM listing_crawls WHERE crawl_id = :old
            """,
            values,
        )

    def _note_members(self) -> None:
        carried = queries.rows(
            self._connection,
            "SELECT * FROM merged_crawls"
            " WHERE NOT is_carried AND crawl_id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(self._joint.carried))],
        )
        members = [row for member in self._joint.members for row in _rows_of(member)]
        for row in [*members, *(row | {"is_carried": 1} for row in carried)]:
            insert(self._connection, "merged_crawls", row | {"crawl_id": self._crawl_id})

    def _outcome(self) -> Outcome:
        """How the whole ended: a crawl that stands alone as it did, a pass by what it has read."""
        outcomes = {member.outcome for member in self._joint.members}
        if outcomes - {"complete", "partial"}:
            return self._joint.members[0].outcome
        facts = queries.crawl_facts(self._connection, self._crawl_id)
        is_whole = set(self._joint.part.locales) <= facts.locales_complete
        is_import = self._joint.kind == "import"
        return "complete" if outcomes == {"complete"} and (is_whole or is_import) else "partial"


def _rows_of(member: SpooledCrawl) -> Iterator[dict[str, Any]]:
    """For `merged_crawls`: the crawl, and those that it was itself put together from."""
    for uid in (member.uid, *sorted(member.made_of)):
        yield {
            "uid": uid,
            "source": member.spool.path.name,
            "source_crawl_id": member.id,
            "started_at": to_text(member.started_at),
            "outcome": member.outcome,
            "locales": json.dumps(member.part.locales),
            "sections": json.dumps(member.part.sections),
            "searches": json.dumps(member.part.searches, ensure_ascii=False),
        }
