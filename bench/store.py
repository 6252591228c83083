"""What the store costs in bytes and time, on a simulated centre of real size.

    python bench/store.py [--articles 5000] [--days 365] [--folder DIR] [--year-folder DIR]

Aims: 4 KB a version with its text and evidence; 20 KB for a day on which nothing changed, 150 bytes
a fetch and 40 bytes a view observation apart; half the pages per second of a bare INSERT of the
same bytes; the README's ten questions each under 200 ms; a year under 200 MB.

Throughput is a matter of the disk (every page is a durable transaction): it is measured in DIR. The
sizes and the questions are not, so the simulated year may lie in memory: `--year-folder /dev/shm`.
"""

import argparse
import re
import sqlite3
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from simulated_centre import BASE, START, Article, Centre  # noqa: E402

from db import copies, search  # noqa: E402
from db.connection import open_for_reading  # noqa: E402
from db.prune import prune  # noqa: E402
from db.records import Change, Site, Trend  # noqa: E402
from db.store import Store  # noqa: E402
from spiders.items import PageRead  # noqa: E402

RECHECK_DAYS = 7
FETCH_LOG_DAYS = 90
PRUNE_EVERY_DAYS = 30
CHANGED_SHARE = 0.01
THROUGHPUT_PAGES = 1_000
THROUGHPUT_TURN = 50
QUESTION_TRIES = 5
HEALTH = {"verdict": "healthy", "baseline_locales": ["en"], "checks": [{"message": "x" * 130}] * 9}
"""As long as what the health checks say of a real crawl."""

VERSIONS = ("versions", "snapshots", "dictionaries")
LOG = ("fetches",)
VIEWS = ("view_observations",)
SEARCH = ("article_search", "article_search_unspaced")


@dataclass
class Sizes:
    """Bytes of the database's pages by the table that they belong to, indexes with their table."""

    by_table: Mapping[str, int]

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> "Sizes":
        rows = connection.execute(
            "SELECT coalesce(m.tbl_name, d.name), sum(d.pgsize) FROM dbstat d"
            " LEFT JOIN sqlite_master m ON m.name = d.name GROUP BY 1"
        )
        return cls(dict(rows.fetchall()))

    def __sub__(self, other: "Sizes") -> "Sizes":
        names = self.by_table.keys() | other.by_table.keys()
        return Sizes(
            {name: self.by_table.get(name, 0) - other.by_table.get(name, 0) for name in names}
        )

    def of_tables(self, tables: Iterable[str]) -> int:
        """A search table's pages are those of the tables behind it."""
        wanted = tuple(tables)
        return sum(
            size
            for name, size in self.by_table.items()
            if name in wanted or (name.startswith(wanted) and name.startswith("article_search"))
        )

    @property
    def total(self) -> int:
        return sum(self.by_table.values())

    @property
    def apart(self) -> int:
        """Everything but the fetch log and the view observations."""
        return self.total - self.of_tables((*LOG, *VIEWS))


class Life:
    """A simulated centre and the store that watches it, day by day."""

    def __init__(self, centre: Centre, store: Store):
        self.centre, self.store = centre, store
        self.site: Site = store.site("okx", BASE)

    def first_crawl(self) -> None:
        self._crawl(0, self.centre.articles, ())

    def quiet_day(self, day: int) -> None:
        self._crawl(day, self._due(day), ())

    def usual_day(self, day: int) -> None:
        changed = self.centre.pass_a_day(day, CHANGED_SHARE)
        asked = {article.number: article for article in (*self._due(day), *changed)}
        self._crawl(day, asked.values(), changed)

    def _due(self, day: int) -> list[Article]:
        return [a for a in self.centre.articles if a.number % RECHECK_DAYS == day % RECHECK_DAYS]

    def _crawl(self, day: int, asked: Iterable[Article], changed: Iterable[Article]) -> None:
        at = START + timedelta(days=day)
        store = self.store
        crawl_id = store.begin_crawl(self.site, at, parser="okx-1", locales=["en"])
        for read in self.centre.listing_reads(at):
            store.record(crawl_id, self.site.id, read)
        for article in asked:
            store.record(crawl_id, self.site.id, self.centre.article_read(article, at))
        store.finish_crawl(crawl_id, "complete", at)
        store.conclude(
            crawl_id,
            health=HEALTH,
            is_baseline=day == 0,
            changes=[self._change(article, at) for article in changed],
            statuses={},
            trends=[_trend(rank) for rank in range(1, 51)] if day else (),
            compared_at=at,
        )

    def _change(self, article: Article, at) -> Change:
        article_id, version_id = self.store.connection.execute(
            "SELECT id, version_id FROM articles WHERE slug = ?", [article.slug]
        ).fetchone()
        return Change(
            article_id=article_id,
            kind="updated" if article.number % 4 else "silent_edit",
            detected_at=at,
            severity="high" if article.number % 5 == 0 else "normal",
            to_version_id=version_id,
            detail={"touched": [{"kind": "percentage", "before": "0.10%", "after": "0.12%"}]},
        )


def _trend(rank: int) -> Trend:
    return Trend(
        article_id=rank,
        window_days=7.0,
        views_gained=100 * rank,
        views_per_day=14.3 * rank,
        usual_per_day=3.2,
        score=7.5 / rank,
        rank=rank,
    )


# -- time ---------------------------------------------------------------------------------------


def throughput(folder: Path, pages_at_once: int) -> None:
    """Article pages per second, beside a bare INSERT of the same bytes on the same disk.

    Both commit after so many pages: a polite crawl after each, one at full speed after those that
    wait for the store.
    """
    centre = Centre(THROUGHPUT_PAGES, seed=2)
    reads = [centre.article_read(article, START) for article in centre.articles]
    stored = bare = 0.0
    with (
        Store(folder / f"throughput-{pages_at_once}.db") as store,
        closing(
            sqlite3.connect(folder / f"bare-{pages_at_once}.db", isolation_level=None)
        ) as plain,
    ):
        site = store.site("okx", BASE)
        crawl_id = store.begin_crawl(site, START, parser="okx-1", locales=["en"])
        plain.execute("PRAGMA journal_mode = WAL")
        plain.execute("PRAGMA synchronous = FULL")
        plain.execute("CREATE TABLE pages (url TEXT, body BLOB)")
        # In turns, since a shared machine is not equally busy all the time.
        for first in range(0, len(reads), THROUGHPUT_TURN):
            turn = reads[first : first + THROUGHPUT_TURN]
            parts = [turn[n : n + pages_at_once] for n in range(0, len(turn), pages_at_once)]
            stored += _timed(lambda parts=parts: _record(store, crawl_id, site, parts))
            bare += _timed(lambda parts=parts: _insert(plain, parts))
    print(
        f"throughput, {pages_at_once} in a transaction: {len(reads) / stored:,.0f} pages a second "
        f"stored, {len(reads) / bare:,.0f} by a bare INSERT: {bare / stored:.0%} of it (aim 50%)"
    )


def _record(store: Store, crawl_id: int, site: Site, parts: Iterable[Iterable[PageRead]]) -> None:
    for reads in parts:
        with store.writing():
            for read in reads:
                store.record(crawl_id, site.id, read)


def _insert(plain: sqlite3.Connection, parts: Iterable[Iterable[PageRead]]) -> None:
    for reads in parts:
        plain.execute("BEGIN IMMEDIATE")
        for read in reads:
            plain.execute("INSERT INTO pages VALUES (?, ?)", [read.fetch.url, read.fetch.body])
        plain.execute("COMMIT")


def _timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# -- bytes --------------------------------------------------------------------------------------


def first_crawl(life: Life) -> None:
    began = time.perf_counter()
    life.first_crawl()
    seconds = time.perf_counter() - began
    connection, count = life.store.connection, len(life.centre.articles)
    sizes = Sizes.of(connection)
    (chars,) = connection.execute("SELECT avg(length(body)) FROM versions").fetchone()
    pages = connection.execute("SELECT avg(size), avg(length(body)) FROM snapshots").fetchone()
    print(
        f"first crawl of {count:,} articles: {sizes.total / 1e6:.1f} MB in {seconds:.0f} s\n"
        f"  per article {sizes.total / count:,.0f} bytes, of which\n"
        f"    version with text and evidence {sizes.of_tables(VERSIONS) / count:,.0f} (aim 4,096): "
        f"text {chars:,.0f}, page of {pages[0]:,.0f} kept in {pages[1]:,.0f}\n"
        f"    search {sizes.of_tables(SEARCH) / count:,.0f}\n"
        f"    fetch log {sizes.of_tables(LOG) / _count(connection, 'fetches'):,.0f} a fetch "
        "(aim 150)"
    )


def _count(connection: sqlite3.Connection, table: str) -> int:
    return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def quiet_days(life: Life, first_day: int, days: int) -> None:
    """Days without any change, averaged: single pages are coarse."""
    connection = life.store.connection
    before, fetches = Sizes.of(connection), _count(connection, "fetches")
    for day in range(first_day, first_day + days):
        life.quiet_day(day)
    grown = Sizes.of(connection) - before
    fetched = _count(connection, "fetches") - fetches
    print(
        f"a day without change: {grown.apart / days:,.0f} bytes (aim 20,480), and "
        f"{fetched / days:,.0f} fetches of {grown.of_tables(LOG) / fetched:,.0f} bytes (aim 150)"
    )


def usual_days(life: Life, first_day: int, days: int) -> None:
    """Days with 1% changed and counts that move, averaged."""
    connection = life.store.connection
    before = Sizes.of(connection)
    versions, views = _count(connection, "versions"), _count(connection, "view_observations")
    for day in range(first_day, first_day + days):
        life.usual_day(day)
    grown = Sizes.of(connection) - before
    versions = _count(connection, "versions") - versions
    views = _count(connection, "view_observations") - views
    print(
        f"a day with 1% changed: {grown.total / days / 1e3:,.0f} kB; "
        f"{versions / days:,.0f} versions of {grown.of_tables(VERSIONS) / versions:,.0f} bytes "
        f"(aim 4,096), {views / days:,.0f} view observations of "
        f"{grown.of_tables(VIEWS) / views:,.0f} bytes (aim 40)"
    )


def year(life: Life, first_day: int, days: int) -> None:
    began = time.perf_counter()
    for day in range(first_day, days):
        life.usual_day(day)
        if day % PRUNE_EVERY_DAYS == 0 and day > FETCH_LOG_DAYS:
            prune(life.store, START + timedelta(days=day - FETCH_LOG_DAYS))
        if day % 30 == 0:
            print(f"  day {day}: {life.store.path.stat().st_size / 1e6:.0f} MB", flush=True)
    prune(life.store, START + timedelta(days=days - FETCH_LOG_DAYS))
    sizes = Sizes.of(life.store.connection)
    versions = _count(life.store.connection, "versions")
    print(
        f"{days} days: {sizes.total / 1e6:.0f} MB (aim 200 for 5,000 articles and 365 days), "
        f"simulated in {time.perf_counter() - began:.0f} s; {versions:,} versions of "
        f"{sizes.of_tables(VERSIONS) / versions:,.0f} bytes"
    )
    for name, size in sorted(sizes.by_table.items(), key=lambda item: -item[1])[:10]:
        print(f"    {size / 1e6:7.1f} MB {name}")


# -- questions ----------------------------------------------------------------------------------


def questions(path: Path) -> None:
    """The ten of the README, as they stand there, and three searches."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    asked = re.findall(r'^\$ sqlite-utils helpwatch\.db "(.+)" --table$', readme, re.M)
    print(f"{len(asked)} questions of the README (aim 200 ms each)")
    with closing(open_for_reading(path).conn) as connection:
        for sql in asked:
            run = lambda sql=sql: connection.execute(sql).fetchall()  # noqa: E731
            _tell(run, sql)
        for words in ("withdrawal fee", '"withdrawal fee"', "费率"):
            _tell(lambda words=words: search.search(connection, words), f"search {words}")
        target = path.with_name("latest.db")
        seconds = _timed(lambda: copies.leave_copy(connection, target))
        print(f"latest.db: {target.stat().st_size / 1e6:.0f} MB in {seconds:.1f} s")


def _tell(run, name: str) -> None:
    milliseconds = [1000 * _timed(run) for _ in range(QUESTION_TRIES)]
    mark = "  " if max(milliseconds) < 200 else "! "
    print(
        f"  {mark}{median(milliseconds):6.1f} ms, at most {max(milliseconds):6.1f}; "
        f"{len(run()):4} rows: {name[:90]}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--year-folder", type=Path)
    given = parser.parse_args()
    with TemporaryDirectory(dir=given.folder, prefix="helpwatch-bench-") as name:
        for pages_at_once in (1, 10):
            throughput(Path(name), pages_at_once)
    year_folder = given.year_folder or given.folder
    with TemporaryDirectory(dir=year_folder, prefix="helpwatch-bench-") as name:
        folder = Path(name)
        with Store(folder / "year.db") as store:
            life = Life(Centre(given.articles), store)
            first_crawl(life)
            quiet_days(life, 1, 7)
            usual_days(life, 8, 7)
            year(life, 15, given.days)
        questions(folder / "year.db")


if __name__ == "__main__":
    main()
