"""Whatever is altered in a database is found, and the first bad row is named."""

import random
import sqlite3
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from db import snapshots
from db.connection import open_for_reading
from db.store import Store
from db.verify import Reader, holds_link, verify
from db.versions import CHAINED, FIRST_LINK, chain_link
from pages_read import NOON, article_read, entry, listing_read, recorded
from spiders.items import ArticlePage

CHECKS = (
    "integrity", "foreign keys", "references", "snapshots", "chain", "texts", "log",
    "readings", "rereadings",
)  # fmt: skip
ALTERED = "crawl {}: its row, its listings or its requests are not what was sealed"
NAMES = ("fees", "limits", "deposits")


def read_example(body: bytes, url: str, form: str, content_type: str | None) -> ArticlePage | None:
    """The reader of the pages that `article_read` makes."""
    if not body.startswith(b"<html>"):
        return None
    text = body.removeprefix(b"<html>").removesuffix(b"</html>").decode()
    return replace(article_read(body=text).page, url=url, form=form)


READERS = {"example": Reader(parser="test-1", read=read_example)}


@pytest.fixture
def path(tmp_path):
    """A database with three articles read on two days: five versions, one fetch more."""
    with Store(tmp_path / "x.db") as store:
        recorded(
            store,
            listing_read(*map(entry, NAMES)),
            *(article_read(name, body=f"About {name}.\n") for name in NAMES),
        )
        day_2 = NOON + timedelta(days=1)
        recorded(
            store,
            article_read("fees", at=day_2, body="Other fees.\n"),
            article_read("limits", at=day_2, body="Other limits.\n"),
            article_read("deposits", at=day_2, body="About deposits.\n"),
            at=day_2,
        )
    return tmp_path / "x.db"


@pytest.fixture
def tamper(path):
    """`tamper(sql, *values)`: what somebody with the file and without scruples does to it."""

    def run(sql: str, *values: object) -> None:
        connection = sqlite3.connect(path)
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%are_never%'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(sql, values)
        connection.commit()
        connection.close()

    return run


def checks(path, readers=READERS, **options) -> dict:
    connection = open_for_reading(path).conn
    try:
        return {check.name: check for check in verify(connection, readers, **options)}
    finally:
        connection.close()


def bad(path) -> dict[str, str]:
    """Name of each failed check -> its first bad row."""
    return {name: check.first_bad for name, check in checks(path).items() if not check.ok}


def one(path, sql: str):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchone()
    finally:
        connection.close()


def test_a_sound_database_passes_every_check(path):
    found = checks(path)
    assert tuple(found) == CHECKS
    assert all(check.ok and check.first_bad is None for check in found.values())
    counted = {name: check.checked_count for name, check in found.items()}
    assert {name: counted[name] for name in ("snapshots", "chain", "texts", "readings")} == {
        "snapshots": 5,
        "chain": 5,
        "texts": 5,
        "readings": 5,
    }


def test_an_empty_database_passes(tmp_path):
    Store(tmp_path / "x.db").close()
    assert bad(tmp_path / "x.db") == {}


# -- snapshots ----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(6, 30, 3))
def test_a_flipped_byte_of_a_snapshot_is_found(path, tamper, place):
    sha256, url, blob = one(path, "SELECT sha256, url, body FROM snapshots ORDER BY rowid LIMIT 1")
    flipped = bytearray(blob)
    flipped[place % len(blob)] ^= 0xFF
    tamper("UPDATE snapshots SET body = ? WHERE sha256 = ?", bytes(flipped), sha256)
    assert bad(path)["snapshots"].startswith(f"snapshot {sha256} of {url}: its bytes")


def test_a_snapshot_with_other_bytes_of_the_same_size_is_found(path, tamper):
    sha256, size = one(path, "SELECT sha256, size FROM snapshots ORDER BY rowid LIMIT 1")
    other = snapshots.zstd.compress(b"x" * size)
    tamper("UPDATE snapshots SET body = ? WHERE sha256 = ?", other, sha256)
    assert "its bytes have the SHA-256" in bad(path)["snapshots"]


def test_a_snapshot_that_claims_to_be_huge_is_not_unpacked(path, tamper):
    sha256, _ = one(path, "SELECT sha256, size FROM snapshots LIMIT 1")
    bomb = snapshots.zstd.compress(bytes(64 * 1024 * 1024))
    tamper("UPDATE snapshots SET body = ? WHERE sha256 = ?", bomb, sha256)
    connection = open_for_reading(path).conn
    tracemalloc.start()
    found = {check.name: check for check in verify(connection, {})}
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    connection.close()
    assert "claim to be 67,108,864" in found["snapshots"].first_bad
    assert peak < 8 * 1024 * 1024


def test_a_damaged_dictionary_is_told_by_the_snapshots_that_need_it(store):
    chrome = random.Random(1).randbytes(20_000)
    for number in range(3):
        page = b"<html>" + chrome + f"Page {number}.".encode() + b"</html>"
        recorded(store, article_read(f"a{number}", html=page))
    store.connection.execute("UPDATE dictionaries SET body = substr(body, 1, length(body) - 9)")
    found = checks(store.path, {})["snapshots"]
    assert found.bad_count == 3
    assert "cannot be decompressed" in found.first_bad


# -- the chain ----------------------------------------------------------------------------------


def test_an_edited_text_is_found_by_its_hash_and_by_reading_its_page_again(path, tamper):
    tamper("UPDATE versions SET body = 'No fee at all.' WHERE id = 4")
    found = bad(path)
    assert set(found) == {"texts", "readings"}
    assert found["texts"].startswith("version 4 (number 2 of article 1, 'Fees')")
    assert found["readings"].startswith("version 4 (number 2 of article 1, 'Fees')")


def test_an_edited_text_with_its_hash_mended_breaks_the_chain(path, tamper):
    text = "No fee at all."
    tamper(
        "UPDATE versions SET body = ?, body_sha256 = ? WHERE id = 2",
        text,
        sha256(text.encode()).hexdigest(),
    )
    found = bad(path)
    assert set(found) == {"chain", "log", "readings"}
    assert found["chain"].startswith("version 2 (number 1 of article 2, 'Limits')")
    assert checks(path)["chain"].bad_count == 1


@pytest.mark.parametrize("column", ["title", "captured_at", "source_updated_at", "parser", "form"])
def test_any_other_edited_fact_of_a_version_breaks_the_chain(path, tamper, column):
    tamper(f"UPDATE versions SET {column} = '2020-01-01T00:00:00Z' WHERE id = 3")
    assert bad(path)["chain"].startswith("version 3 (number 1 of article 3")


def test_a_link_mended_after_an_edit_breaks_the_next_one(path, tamper):
    tamper("UPDATE versions SET title = 'Forged' WHERE id = 2")
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    rows = connection.execute("SELECT * FROM versions ORDER BY id").fetchall()
    connection.close()
    mended = chain_link(rows[0]["chain_sha256"], rows[1])
    tamper("UPDATE versions SET chain_sha256 = ? WHERE id = 2", mended)
    assert bad(path)["chain"].startswith("version 3 ")


def test_a_deleted_version_is_missed(path, tamper):
    tamper("DELETE FROM versions WHERE id = 2")
    found = bad(path)
    assert found["chain"] == "version 2 is missing"
    assert "row '2'" not in found["foreign keys"]
    assert "names by version_id row 2 of versions, which is not there" in found["foreign keys"]


def test_several_deleted_versions_are_missed(path, tamper):
    tamper("DELETE FROM versions WHERE id IN (2, 3)")
    assert bad(path)["chain"] == "versions 2 to 3 are missing"


def test_a_cut_off_end_of_the_chain_is_seen_by_those_who_noted_its_link(path, tamper):
    (link,) = one(path, "SELECT chain_sha256 FROM versions ORDER BY id DESC LIMIT 1")
    for table in ("fetches", "article_states", "articles"):
        tamper(f"UPDATE {table} SET version_id = (SELECT min(v.id) FROM versions v WHERE"
               f" v.article_id = {table}.{'id' if table == 'articles' else 'article_id'})"
               " WHERE version_id = 5")  # fmt: skip
    tamper("DELETE FROM snapshots WHERE sha256 IN (SELECT snapshot_sha256 FROM versions"
           " WHERE id = 5)")  # fmt: skip
    assert holds(path, link)
    tamper("DELETE FROM versions WHERE id = 5")
    # The crawl that recorded it is sealed with its link.
    assert set(bad(path)) == {"foreign keys", "log"}
    tamper("DELETE FROM crawl_seals WHERE crawl_id = 2")
    for table in ("fetches", "article_states", "listing_crawls", "field_fills",
                  "view_observations", "crawls"):  # fmt: skip
        tamper(f"DELETE FROM {table} WHERE {'id' if table == 'crawls' else 'crawl_id'} = 2")
    # All that it recorded is gone with it: now the noted link alone tells.
    assert set(bad(path)) <= {"foreign keys"}
    assert not holds(path, link)


def holds(path, link: str) -> bool:
    connection = open_for_reading(path).conn
    try:
        return holds_link(connection, link)
    finally:
        connection.close()


def test_two_swapped_links_are_found(path, tamper):
    tamper(
        "UPDATE versions SET chain_sha256 = (SELECT chain_sha256 FROM versions v"
        " WHERE v.id = CASE versions.id WHEN 2 THEN 3 ELSE 2 END) WHERE id IN (2, 3)"
    )
    found = checks(path)["chain"]
    assert found.first_bad.startswith("version 2 (number 1 of article 2, 'Limits')")
    assert found.bad_count >= 2


def test_a_chain_written_anew_differs_in_its_last_link(path, tamper):
    """The chain alone cannot show this; a link noted elsewhere can."""
    (noted,) = one(path, "SELECT chain_sha256 FROM versions WHERE id = 5")
    tamper("UPDATE versions SET title = 'Forged' WHERE id = 1")
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    previous = FIRST_LINK
    for row in connection.execute("SELECT * FROM versions ORDER BY id").fetchall():
        previous = chain_link(previous, row)
        connection.execute(
            "UPDATE versions SET chain_sha256 = ? WHERE id = ?", [previous, row["id"]]
        )
    connection.commit()
    connection.close()
    assert "chain" not in bad(path)
    assert not holds(path, noted)


# -- the log ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE fetches SET fetched_at = '2026-04-17T09:00:00Z' WHERE id = 7",
        "UPDATE fetches SET status = 500 WHERE id = 7",
        "UPDATE fetches SET url = 'https://help.example/help/other' WHERE id = 7",
        "UPDATE fetches SET version_id = NULL WHERE id = 7",
        "UPDATE fetches SET page_kind = 'not_modified' WHERE id = 7",
        "UPDATE fetches SET error = 'timeout' WHERE id = 7",
        "UPDATE crawls SET outcome = 'partial' WHERE id = 2",
        "UPDATE crawls SET started_at = '2026-04-18T00:00:00Z' WHERE id = 2",
        "UPDATE snapshots SET http_status = 404 WHERE sha256 ="
        " (SELECT snapshot_sha256 FROM versions WHERE id = 4)",
        "UPDATE snapshots SET fetched_at = '2020-01-01T00:00:00Z' WHERE sha256 ="
        " (SELECT snapshot_sha256 FROM versions WHERE id = 4)",
        "UPDATE snapshots SET content_type = 'text/plain' WHERE sha256 ="
        " (SELECT snapshot_sha256 FROM versions WHERE id = 4)",
    ],
)
def test_an_altered_fact_of_what_was_looked_at_breaks_the_seal(path, tamper, sql):
    tamper(sql)
    assert bad(path) == {"log": ALTERED.format(2)}


@pytest.mark.parametrize("column", ["claimed_total", "seen_count", "page_count"])
def test_an_altered_listing_breaks_the_seal(path, tamper, column):
    tamper(f"UPDATE listing_crawls SET {column} = {column} + 1")
    assert bad(path) == {"log": ALTERED.format(1)}


def test_a_deleted_and_an_invented_request_are_counted(path, tamper):
    tamper("DELETE FROM fetches WHERE id = 7")
    assert bad(path) == {"log": "crawl 2: its log holds 2 requests, sealed were 3"}
    for _ in range(2):
        tamper(
            "INSERT INTO fetches (crawl_id, url, wanted, article_id, version_id, fetched_at,"
            " status, page_kind) SELECT crawl_id, url, wanted, article_id, version_id,"
            " '2026-04-18T13:00:00Z', 200, 'article' FROM fetches WHERE id = 6"
        )
    assert bad(path) == {"log": "crawl 2: its log holds 4 requests, sealed were 3"}


def test_a_seal_that_was_altered_or_taken_away_is_missed(path, tamper):
    tamper("UPDATE crawl_seals SET sealed_at = '2026-04-20T00:00:00Z' WHERE id = 2")
    assert bad(path)["log"].startswith("seal 2, of crawl 2: its link does not follow")
    tamper("DELETE FROM crawl_seals WHERE id = 2")
    assert bad(path) == {"log": "crawl 2: its seal is missing"}


def test_crawls_from_before_there_were_seals_are_counted_and_not_judged(path, tamper):
    tamper("DELETE FROM crawl_seals")
    found = checks(path)["log"]
    assert found.ok
    assert found.passed_over == {"that ended before crawls were sealed": 2}


def test_seals_are_append_only(path):
    with Store(path) as store:
        for sql in ("DELETE FROM crawl_seals", "UPDATE crawl_seals SET crawl_id = 1"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                store.connection.execute(sql)


def test_a_noted_seal_stands_in_the_chain(path):
    (link,) = one(path, "SELECT chain_sha256 FROM crawl_seals WHERE crawl_id = 1")
    assert holds(path, link)


def test_an_older_capture_that_divides_a_version_breaks_no_seal(path):
    """Later readings then name the version in which the text stood again."""
    with Store(path) as store:
        between = NOON + timedelta(hours=12)
        recorded(
            store, article_read("deposits", at=between, body="Gone.\n"), at=between, kind="import"
        )
        (number,) = store.connection.execute(
            "SELECT v.number FROM fetches f JOIN versions v ON v.id = f.version_id WHERE f.id = 7"
        ).fetchone()
        assert number == 3
    assert bad(path) == {}


# -- what SQLite knows by itself ----------------------------------------------------------------


def test_a_broken_foreign_key_is_named_by_row_and_column(path, tamper):
    tamper("UPDATE fetches SET crawl_id = 99 WHERE id = 3")
    assert bad(path) == {
        "foreign keys": "row 3 of fetches names by crawl_id row 99 of crawls, which is not there",
        "log": "crawl 1: its log holds 3 requests, sealed were 4",
    }


def test_a_broken_foreign_key_of_a_table_without_row_numbers_is_named(path, tamper):
    tamper("UPDATE listing_articles SET article_id = 77 WHERE article_id = 1")
    assert bad(path)["foreign keys"] == (
        "a row of listing_articles names by article_id a row of articles that is not there"
    )


def test_a_confirmation_that_names_another_articles_version_is_found(path, tamper):
    tamper("UPDATE fetches SET version_id = 2 WHERE id = 2")
    assert bad(path) == {
        "references": "row 2 of fetches speaks of article 1 and names by version_id "
        "version 2, which is of article 2",
        "log": ALTERED.format(1),
    }


def test_an_article_that_shows_an_older_text_than_its_newest_is_named(path, tamper):
    tamper("UPDATE articles SET version_id = 1 WHERE id = 1")
    assert bad(path) == {"references": "row 1 of articles names version 1; its newest is version 4"}
    tamper("UPDATE articles SET version_id = NULL WHERE id = 1")
    assert "names no version; its newest is version 4" in bad(path)["references"]


def test_random_bytes_in_the_middle_of_the_file_are_found_and_the_other_checks_still_run(path):
    (size,) = one(path, "PRAGMA page_size")
    (root,) = one(path, "SELECT rootpage FROM sqlite_master WHERE name = 'fetches'")
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(bytes(index * 37 % 256 for index in range(size)))
    found = checks(path)
    assert tuple(found) == CHECKS
    assert not found["integrity"].ok
    assert found["integrity"].first_bad
    assert found["chain"].ok


# -- readings -----------------------------------------------------------------------------------


def test_a_text_that_its_page_does_not_give_is_named(path):
    def read(body, url, form, content_type):
        page = read_example(body, url, form, content_type)
        return replace(page, body="Other.") if b"deposits" in body else page

    found = checks(path, {"example": Reader(parser="test-1", read=read)})["readings"]
    assert found.bad_count == 1
    assert found.first_bad == (
        "version 3 (number 1 of article 3, 'Deposits'): its snapshot reads otherwise than its text"
    )


def test_a_page_that_can_no_longer_be_read_is_bad(path):
    found = checks(path, {"example": Reader(parser="test-1", read=lambda *page: None)})
    assert found["readings"].bad_count == 5


def test_versions_of_another_reader_are_counted_and_not_judged(path):
    found = checks(path, {"example": Reader(parser="test-2", read=lambda *page: None)})["readings"]
    assert found.ok
    assert found.checked_count == 0
    assert list(found.passed_over.values()) == [5]
    assert "reread" in next(iter(found.passed_over))


def test_versions_of_a_site_without_a_site_file_are_counted(path):
    assert checks(path, {})["readings"].passed_over == {
        "of a site without a site file (example)": 5
    }


def test_versions_without_bytes_are_counted(store):
    recorded(store, article_read(html=b""))
    assert checks(store.path)["readings"].passed_over == {"without stored bytes": 1}


def test_a_version_with_a_damaged_snapshot_is_told_once(path, tamper):
    sha256, size = one(path, "SELECT snapshot_sha256, 1 FROM versions WHERE id = 1")
    tamper("UPDATE snapshots SET body = x'00' WHERE sha256 = ?", sha256)
    found = checks(path)
    assert not found["snapshots"].ok
    assert found["readings"].ok
    assert found["readings"].passed_over == {"whose snapshot is damaged": 1}


def test_a_page_is_read_again_with_its_own_address_form_and_content_type(path):
    asked = []
    checks(path, {"example": Reader(parser="test-1", read=lambda *page: asked.append(page))})
    body, url, form, content_type = asked[0]
    assert body == b"<html>About fees.\n</html>"
    assert (url, form, content_type) == ("https://help.example/help/fees", "json", "text/html")


def test_a_rereading_that_its_page_does_not_give_is_named(path, tamper):
    tamper(
        "INSERT INTO rereadings SELECT id, parser, 'html', title, body, captured_at FROM versions"
        " WHERE id IN (3, 4)"
    )
    assert bad(path) == {}
    assert checks(path)["rereadings"].checked_count == 2
    tamper("UPDATE rereadings SET body = 'No fees.' WHERE version_id = 4")
    assert bad(path) == {
        "rereadings": "version 4 (number 2 of article 1, 'Fees'): its snapshot reads otherwise "
        "than its text"
    }


def test_rereadings_by_an_earlier_reader_are_counted_and_not_judged(path, tamper):
    tamper("INSERT INTO rereadings SELECT id, 'test-0', form, title, '', '' FROM versions")
    found = checks(path)["rereadings"]
    assert (found.ok, found.checked_count, list(found.passed_over.values())) == (True, 0, [5])


# -- long runs ----------------------------------------------------------------------------------


def test_progress_is_told_for_every_row(path):
    told = []
    checks(path, progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "chain"] == [
        ("chain", number, 5) for number in range(1, 6)
    ]


def test_a_crawl_may_write_while_all_is_checked(path):
    connection = open_for_reading(path).conn
    running = verify(connection, READERS)
    assert next(running).ok
    with Store(path) as store:
        later = NOON + timedelta(days=2)
        recorded(store, article_read("new", at=later, body="New.\n"), at=later)
    rest = {check.name: check for check in running}
    connection.close()
    assert all(check.ok for check in rest.values())
    assert rest["chain"].checked_count == 5


def test_memory_stays_at_one_page(tmp_path):
    page_bytes, pages = 400_000, 25
    with Store(tmp_path / "x.db") as store:
        for number in range(pages):
            text = f"{number} " + "x" * page_bytes
            recorded(store, article_read(f"a{number}", body=text))
    connection = open_for_reading(tmp_path / "x.db").conn
    tracemalloc.start()
    assert all(check.ok for check in verify(connection, READERS))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    connection.close()
    # A page, its text, and what the eight loaded dictionaries and the reader hold of it.
    assert peak < 8 * page_bytes < pages * page_bytes


def test_the_link_covers_every_column_that_says_something(path):
    """Should a column join versions, the chain must cover it, or a reason stand here."""
    connection = sqlite3.connect(path)
    columns = {row[1] for row in connection.execute("PRAGMA table_info(versions)")}
    connection.close()
    covered_by_its_hash, the_link_itself = {"body"}, {"chain_sha256"}
    assert columns - set(CHAINED) == covered_by_its_hash | the_link_itself
