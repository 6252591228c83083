"""What goes between a crawl and the process that records its pages: messages on a socket."""

import pickle
import struct
from dataclasses import dataclass, replace
from typing import Any

from spiders.items import PageRead

HEAD = struct.Struct("<II")
"""The lengths of a message's pickle and of the body that follows it. Both ends are ours, on a
socket pair. A page's bytes go beside its pickle: to pickle them takes longer than all the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What the process is started for."""

    database: str
    site: str
    base_url: str
    crawl_id: int
    site_id: int


def message(content: Any, body_size: int = 0) -> bytes:
    """A message up to its body, which its sender lets follow."""
    packed = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(packed), body_size) + packed


def message_of(read: PageRead) -> tuple[bytes, bytes]:
    """A page as a message and its body."""
    body = read.fetch.body
    return message(with_body(read, b""), len(body)), body


def with_body(read: PageRead, body: bytes) -> PageRead:
    return replace(read, fetch=replace(read.fetch, body=body))
