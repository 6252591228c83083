"""The bytes behind the versions, compressed against other pages of the same site."""

import hashlib
import sqlite3
import sys
from functools import lru_cache

from db.records import to_text
from spiders.items import Fetch

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 3
"""Against a page of the same site the higher levels gain a tenth and cost ten times as much."""

DICTIONARY_LEVEL = 19
NEW_DICTIONARY_RATIO = 0.12
"""A page that shrinks less than this against the newest dictionary becomes the next dictionary:
it is of another kind, or the site has a new layout."""

SMALLEST_DICTIONARY = 4096


def put(connection: sqlite3.Connection, site_id: int, fetch: Fetch) -> str:
    """Stores the bytes of a fetch once; returns their SHA-256."""
    sha256 = hashlib.sha256(fetch.body).hexdigest()
    if connection.execute("SELECT 1 FROM snapshots WHERE sha256 = ?", [sha256]).fetchone():
        return sha256
    dictionary_id, packed = _pack(connection, site_id, fetch.body)
    connection.execute(
        "INSERT INTO snapshots (sha256, url, fetched_at, http_status, content_type, size,"
        " dictionary_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            sha256,
            fetch.url,
            to_text(fetch.fetched_at),
            fetch.status,
            fetch.content_type,
            len(fetch.body),
            dictionary_id,
            packed,
        ],
    )
    return sha256


def get(connection: sqlite3.Connection, sha256: str) -> bytes | None:
    """The bytes as they were fetched; None where no such snapshot is stored."""
    row = connection.execute(
        "SELECT s.body, d.body FROM snapshots s LEFT JOIN dictionaries d ON d.id = s.dictionary_id"
        " WHERE s.sha256 = ?",
        [sha256],
    ).fetchone()
    if row is None:
        return None
    packed, dictionary = row
    return zstd.decompress(packed, zstd_dict=dictionary and _loaded(dictionary))


def _pack(connection: sqlite3.Connection, site_id: int, body: bytes) -> tuple[int | None, bytes]:
    """The dictionary used and the compressed bytes."""
    best: tuple[int | None, bytes] = (None, zstd.compress(body, LEVEL))
    # Few kinds of page, so few dictionaries; the newest ones are the likeliest to fit.
    candidates = connection.execute(
        "SELECT id, body FROM dictionaries WHERE site_id = ? ORDER BY id DESC LIMIT 3", [site_id]
    )
    for dictionary_id, dictionary in candidates:
        packed = zstd.compress(body, LEVEL, zstd_dict=_loaded(dictionary))
        if len(packed) < len(best[1]):
            best = (dictionary_id, packed)
        if len(packed) <= len(body) * NEW_DICTIONARY_RATIO:
            break
    if len(body) < SMALLEST_DICTIONARY or len(best[1]) <= len(body) * NEW_DICTIONARY_RATIO:
        return best
    dictionary = zstd.compress(body, DICTIONARY_LEVEL)
    cursor = connection.execute(
        "INSERT INTO dictionaries (site_id, body) VALUES (?, ?)", [site_id, dictionary]
    )
    return cursor.lastrowid, zstd.compress(body, LEVEL, zstd_dict=_loaded(dictionary))


@lru_cache(maxsize=8)
def _loaded(dictionary: bytes) -> zstd.ZstdDict:
    """A stored page as a dictionary; loading one costs more than using it."""
    return zstd.ZstdDict(zstd.decompress(dictionary), is_raw=True)
