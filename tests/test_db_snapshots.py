"""Snapshots: the bytes come back, once, in little space."""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from db import snapshots
from db.snapshots import zstd
from db.store import Store
from pages_read import NOON
from spiders.items import Fetch


def fetch(body: bytes) -> Fetch:
    return Fetch(url="https://help.example/help/a", fetched_at=NOON, status=200, body=body)


def page(chrome: bytes, text: bytes) -> bytes:
    return b"<html>" + chrome + text + b"</html>"


def random_bytes(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def test_stored_bytes_come_back(store):
    site = store.site("example", "https://help.example")
    sha256 = snapshots.put(store.connection, site.id, fetch(b"<html>text</html>"))
    assert sha256 == hashlib.sha256(b"<html>text</html>").hexdigest()
    assert snapshots.get(store.connection, sha256) == b"<html>text</html>"


def test_the_same_bytes_are_stored_once(store):
    site = store.site("example", "https://help.example")
    for _ in range(2):
        snapshots.put(store.connection, site.id, fetch(b"<html>text</html>"))
    assert store.database["snapshots"].count == 1


def test_unknown_bytes_are_none(store):
    assert snapshots.get(store.connection, "0" * 64) is None


def test_a_page_is_the_one_frame_that_a_new_compressor_would_write(store):
    """The compressor of a dictionary is kept: nothing of one page may get into the next."""
    site = store.site("example", "https://help.example")
    chrome = random_bytes(1, 50_000)
    pages = [page(chrome, random_bytes(number, 500 * number)) for number in range(5)]
    for body in pages:
        snapshots.put(store.connection, site.id, fetch(body))
    (kept,) = store.database["dictionaries"].rows
    dictionary = zstd.ZstdDict(zstd.decompress(kept["body"]), is_raw=True).as_digested_dict
    for row, body in zip(store.database["snapshots"].rows, pages, strict=True):
        assert row["body"] == zstd.compress(body, snapshots.LEVEL, zstd_dict=dictionary)


def test_pages_with_the_same_chrome_cost_little_more_than_their_text(store):
    site = store.site("example", "https://help.example")
    chrome = random_bytes(1, 60_000)
    for number in range(20):
        snapshots.put(
            store.connection, site.id, fetch(page(chrome, random_bytes(number + 2, 1000)))
        )
    (stored,) = store.connection.execute("SELECT sum(length(body)) FROM snapshots").fetchone()
    assert stored < 20 * 1200
    assert store.database["dictionaries"].count == 1


def test_a_dictionary_is_not_indexed_anew_for_each_page():
    bodies = [page(random_bytes(1, 150_000), random_bytes(number, 500)) for number in range(20)]
    stored = zstd.compress(bodies[0])
    fresh = zstd.ZstdDict(bodies[0], is_raw=True)

    def against_a_fresh_one(body: bytes) -> bytes:
        return zstd.compress(body, snapshots.LEVEL, zstd_dict=fresh)

    def kept(body: bytes) -> bytes:
        return snapshots._against(stored, body)

    assert [*map(kept, bodies)] == [*map(against_a_fresh_one, bodies)]
    assert least_seconds(kept, bodies) < 0.7 * least_seconds(against_a_fresh_one, bodies)


def least_seconds(compress: Callable[[bytes], bytes], bodies: Sequence[bytes]) -> float:
    """The least processor time that any of a few passes took."""
    passes = []
    for _ in range(7):
        began = process_time()
        for body in bodies:
            compress(body)
        passes.append(process_time() - began)
    return min(passes)


def test_a_new_layout_makes_a_new_dictionary(store):
    site = store.site("example", "https://help.example")
    for seed in (1, 2):
        for number in range(3):
            body = page(random_bytes(seed, 60_000), random_bytes(number + 10, 500))
            snapshots.put(store.connection, site.id, fetch(body))
    assert store.database["dictionaries"].count == 2


def test_what_the_server_said_is_kept_with_the_bytes(store):
    site = store.site("example", "https://help.example")
    said = replace(fetch(b"x"), content_type="text/html; charset=utf-8")
    snapshots.put(store.connection, site.id, said)
    (row,) = store.database["snapshots"].rows
    assert (row["url"], row["http_status"], row["content_type"], row["size"]) == (
        "https://help.example/help/a",
        200,
        "text/html; charset=utf-8",
        1,
    )
    assert row["fetched_at"] == "2026-04-17T12:00:00Z"


@given(st.lists(st.binary(max_size=20_000), max_size=6))
def test_any_bytes_come_back(tmp_path_factory, bodies):
    with Store(tmp_path_factory.mktemp("any") / "x.db") as store:
        site = store.site("example", "https://help.example")
        kept = [snapshots.put(store.connection, site.id, fetch(body)) for body in bodies]
        assert [snapshots.get(store.connection, sha256) for sha256 in kept] == bodies
