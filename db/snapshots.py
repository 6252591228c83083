"""The bytes behind the versions, compressed against other pages of the same site."""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from db.connection import insert
from db.moments import to_text

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from spiders.items import Fetch

LEVEL = 4
"""Against a page of the same site: a twentieth smaller than level 3 for a fifth more time. Level 5
saves a hundredth for another fifth; those above gain little and take many times as long."""

DICTIONARY_LEVEL = 15
"""A hundredth larger than level 19, in a third of the time; there are few dictionaries."""

NEW_DICTIONARY_RATIO = 0.12
"""A page that shrinks less than this against the newest dictionary becomes the next dictionary:
it is of another kind, or the site has a new layout."""

SMALLEST_DICTIONARY = 4096

BASE_GAIN = 0.5
"""An earlier page of the same article must save half of what a dictionary leaves; else the article
was rewritten, and the page stands by itself for the next ones to build on."""


def put(
    connection: sqlite3.Connection, site_id: int, fetch: Fetch, article_id: int | None = None
) -> str:
    """Stores the bytes of a fetch once; returns their SHA-256.

    A page of an article that has a stored one is kept as what differs from that.
    """
    sha256 = hashlib.sha256(fetch.body).hexdigest()
    if connection.execute("SELECT 1 FROM snapshots WHERE sha256 = ?", [sha256]).fetchone():
        return sha256
    dictionary_id, packed = _pack(connection, site_id, fetch.body)
    base_sha256 = None
    if article_id is not None and (base := _base(connection, article_id)):
        as_difference = zstd.compress(fetch.body, LEVEL, zstd_dict=_dictionary(base[1]))
        if len(as_difference) < len(packed) * BASE_GAIN:
            base_sha256, dictionary_id, packed = base[0], None, as_difference
    row = {
        "sha256": sha256,
        "url": fetch.url,
        "fetched_at": to_text(fetch.fetched_at),
        "http_status": fetch.status,
        "content_type": fetch.content_type,
        "size": len(fetch.body),
        "dictionary_id": dictionary_id,
        "base_sha256": base_sha256,
        "body": packed,
    }
    insert(connection, "snapshots", row)
    return sha256


def get(connection: sqlite3.Connection, sha256: str) -> bytes | None:
    """The bytes as they were fetched; None where no such snapshot is stored.

    Raises ZstdError where they, or the page that they build on, are damaged.
    """
    row = connection.execute(
        "SELECT s.body, d.body, s.base_sha256 FROM snapshots s"
        " LEFT JOIN dictionaries d ON d.id = s.dictionary_id WHERE s.sha256 = ?",
        [sha256],
    ).fetchone()
    if row is None:
        return None
    packed, dictionary, base_sha256 = row
    if base_sha256 is not None:
        base = get(connection, base_sha256)
        return zstd.decompress(packed, zstd_dict=base and _dictionary(base))
    return zstd.decompress(packed, zstd_dict=dictionary and _loaded(dictionary))


def _base(connection: sqlite3.Connection, article_id: int) -> tuple[str, bytes] | None:
    """The newest page of the article that stands by itself, if its bytes are sound."""
    row = connection.execute(
        "SELECT s.sha256 FROM versions v JOIN snapshots s ON s.sha256 = v.snapshot_sha256"
        " WHERE v.article_id = ? AND s.base_sha256 IS NULL ORDER BY v.number DESC LIMIT 1",
        [article_id],
    ).fetchone()
    if row is None:
        return None
    try:
        body = get(connection, row[0])
    except zstd.ZstdError:
        return None
    if not body or hashlib.sha256(body).hexdigest() != row[0]:
        return None
    return row[0], body


def _pack(connection: sqlite3.Connection, site_id: int, body: bytes) -> tuple[int | None, bytes]:
    """The dictionary used and the compressed bytes."""
    best: tuple[int | None, bytes] | None = None
    # Few kinds of page, so few dictionaries; the newest ones are the likeliest to fit.
    candidates = connection.execute(
        "SELECT id, body FROM dictionaries WHERE site_id = ? ORDER BY id DESC LIMIT 3", [site_id]
    )
    for dictionary_id, dictionary in candidates:
        packed = _against(dictionary, body)
        if best is None or len(packed) < len(best[1]):
            best = (dictionary_id, packed)
        if len(packed) <= len(body) * NEW_DICTIONARY_RATIO:
            return best
    plain = zstd.compress(body, LEVEL)
    if best is None or len(plain) < len(best[1]):
        best = (None, plain)
    if len(body) < SMALLEST_DICTIONARY or len(best[1]) <= len(body) * NEW_DICTIONARY_RATIO:
        return best
    dictionary = zstd.compress(body, DICTIONARY_LEVEL)
    dictionary_id = insert(connection, "dictionaries", {"site_id": site_id, "body": dictionary})
    return dictionary_id, _against(dictionary, body)


def _against(dictionary: bytes, body: bytes) -> bytes:
    """The bytes compressed against a stored page: one frame, the same as by a new compressor."""
    compressor = _compressor(dictionary)
    compressor.set_pledged_input_size(len(body))
    return compressor.compress(body, compressor.FLUSH_FRAME)


@lru_cache(maxsize=4)
def _compressor(dictionary: bytes) -> zstd.ZstdCompressor:
    """Kept with its tables and with the page indexed: to make either anew for each page takes
    longer than the page."""
    return zstd.ZstdCompressor(LEVEL, zstd_dict=_loaded(dictionary).as_digested_dict)


@lru_cache(maxsize=8)
def _loaded(dictionary: bytes) -> zstd.ZstdDict:
    """A stored page as a dictionary; loading one costs more than using it."""
    return _dictionary(zstd.decompress(dictionary))


def _dictionary(page: bytes) -> zstd.ZstdDict:
    return zstd.ZstdDict(page, is_raw=True)
