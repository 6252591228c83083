"""What a power cut may cost: pages of the crawl that was running, whole ones, and nothing else."""

import shutil
import sqlite3
from contextlib import closing
from random import Random

import pytest

from pages_read import BASE, NOON, article_read, entry, listing_read

NORMAL, FULL = 1, 2


def sync_of(store) -> int:
    return store.connection.execute("PRAGMA synchronous").fetchone()[0]


def begun(store) -> tuple[int, int]:
    site = store.site("example", BASE)
    return store.begin_crawl(site, NOON, parser="test-1", locales=["en"]), site.id


def test_no_page_waits_for_the_disk_and_the_end_of_a_crawl_does(store):
    assert sync_of(store) == FULL
    crawl_id, site_id = begun(store)
    store.record(crawl_id, site_id, article_read())
    assert sync_of(store) == NORMAL
    store.finish_crawl(crawl_id, "complete", NOON)
    assert sync_of(store) == FULL


def test_a_crawl_that_died_is_closed_with_a_full_sync(store):
    begun(store)
    begun(store)
    assert sync_of(store) == NORMAL
    store.close_interrupted(store.site("example", BASE))
    assert sync_of(store) == FULL


@pytest.mark.parametrize("seed", range(12))
def test_a_log_that_was_cut_off_anywhere_holds_whole_pages(store, tmp_path, seed):
    """What was not synced may be lost from any byte of the log on."""
    crawl_id, site_id = begun(store)
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    names = [f"a{number}" for number in range(12)]
    store.record(crawl_id, site_id, listing_read(*map(entry, names)))
    for name in names:
        store.record(crawl_id, site_id, article_read(name))
    after = tmp_path / "after"
    after.mkdir()
    log = store.path.with_name(f"{store.path.name}-wal").read_bytes()
    shutil.copy(store.path, after / "x.db")
    (after / "x.db-wal").write_bytes(log[: Random(seed).randrange(len(log))])
    with closing(sqlite3.connect(after / "x.db")) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = set(found.execute("SELECT slug FROM articles WHERE version_id IS NOT NULL"))
        read = set(
            found.execute(
                "SELECT a.slug FROM fetches f JOIN versions v ON v.id = f.version_id"
                " JOIN snapshots s ON s.sha256 = v.snapshot_sha256"
                " JOIN articles a ON a.id = f.article_id"
            )
        )
        assert kept == read == {(name,) for name in names[: len(kept)]}
