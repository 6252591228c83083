"""Stored pages read once more with today's reader; both texts are kept.

The versions stay as they are, and nothing is concluded: a comparison of versions that different
readers made takes the text found here, so that no improvement of ours is told as the site's edit.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from db import queries
from db.connection import insert, writing
from db.moments import to_text
from db.store import Store
from db.verify import Progress, Reader, readable

BATCH = 50
"""Versions kept in one transaction: a stop costs at most these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A version whose page today's reader reads otherwise."""

    version_id: int
    number: int
    article_id: int
    title: str


@dataclass(slots=True, kw_only=True)
class Rereading:
    """What a pass over the stored pages found; counts of versions."""

    read_count: int = 0
    known_count: int = 0
    """Read by today's reader before: as versions, or in an earlier pass."""
    unreadable_count: int = 0
    """Without sound bytes, or with bytes that today's reader does not take for an article."""
    without_reader_count: int = 0
    differing: list[Differing] = field(default_factory=list)


def reread(
    store: Store,
    readers: Mapping[str, Reader],
    now: datetime,
    *,
    article_id: int | None = None,
    progress: Progress = lambda name, done, total: None,
) -> Rereading:
    """Reads all versions' snapshots (or one article's) that today's reader has not read yet."""
    found = Rereading()
    pending = _pending(store.connection, readers, article_id, found)
    done = 0
    while batch := list(islice(pending, BATCH)):
        rows = [_read(store.connection, readers[row["site"]], row, now, found) for row in batch]
        with writing(store.connection):
            for row in filter(None, rows):
                insert(store.connection, "rereadings", row)
        done += len(batch)
        progress("rereading", done, 0)
    return found


VERSIONS = """
SELECT v.id, s.name AS site, v.parser,
       EXISTS (SELECT 1 FROM rereadings r WHERE r.version_id = v.id AND r.form = v.form
               AND r.parser = (SELECT value FROM json_each(:parsers) WHERE key = s.name)) AS is_read
FROM versions v JOIN articles a ON a.id = v.article_id JOIN sites s ON s.id = a.site_id
WHERE :article IS NULL OR v.article_id = :article
ORDER BY v.id
"""


def _pending(
    connection: sqlite3.Connection,
    readers: Mapping[str, Reader],
    article_id: int | None,
    found: Rereading,
) -> Iterator[dict[str, Any]]:
    """The versions that today's reader has not read yet; counts the others."""
    parsers = {name: reader.parser for name, reader in readers.items()}
    # Only numbers and names are held; the texts come one by one.
    for row in queries.rows(
        connection, VERSIONS, {"parsers": json.dumps(parsers), "article": article_id}
    ):
        if row["site"] not in readers:
            found.without_reader_count += 1
        elif row["parser"] == parsers[row["site"]] or row["is_read"]:
            found.known_count += 1
        else:
            yield row


def _read(
    connection: sqlite3.Connection,
    reader: Reader,
    pending: Mapping[str, Any],
    now: datetime,
    found: Rereading,
) -> dict[str, Any] | None:
    """The row to keep for one version; None where its page cannot be read."""
    (version,) = queries.rows(
        connection,
        "SELECT v.*, p.url, p.content_type FROM versions v"
        " LEFT JOIN snapshots p ON p.sha256 = v.snapshot_sha256 WHERE v.id = ?",
        [pending["id"]],
    )
    sha256 = version["snapshot_sha256"]
    body = readable(connection, sha256) if sha256 else None
    page = body and reader.read(body, version["url"], version["form"], version["content_type"])
    if not page or page.form != version["form"]:
        found.unreadable_count += 1
        return None
    found.read_count += 1
    if not reader.same_text(version["body"], page.body):
        found.differing.append(
            Differing(
                version_id=version["id"],
                number=version["number"],
                article_id=version["article_id"],
                title=version["title"],
            )
        )
    return {
        "version_id": version["id"],
        "parser": reader.parser,
        "form": page.form,
        "title": page.title,
        "body": page.body,
        "read_at": to_text(now),
    }
