"""Saved files -> captures: what is in them, when it was captured, from which address.

Looked through once without keeping any bytes (`find`), then read one by one in order of time
(`Capture.read`). A file that cannot be read is told, never raised beyond `Unreadable`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal, Protocol

from dateutil import parser as dates

from tracker.run import mhtml, warc
from tracker.run.saved import Saved, Unreadable

HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
MHTML_SUFFIXES = frozenset({".mhtml", ".mht"})
TEXT_SUFFIXES = frozenset({".txt", ".text", ".md"})
JSON_SUFFIXES = frozenset({".json"})
WARC_SUFFIXES = frozenset({".warc"})
"""Also with .gz behind it."""
KNOWN_SUFFIXES = HTML_SUFFIXES | MHTML_SUFFIXES | TEXT_SUFFIXES | JSON_SUFFIXES | WARC_SUFFIXES

HEAD_BYTES = 8_192
"""How far into a file a statement of its own is looked for."""

Kind = Literal["page", "mhtml", "text", "warc"]
TimeSource = Literal["record", "file", "option", "modified"]
"""Whose word a capture's time is: the WARC record, the file, --captured-at, the file system."""


class Source(Protocol):
    """What gives the bytes of one capture."""

    def read(self, max_bytes: int) -> Saved: ...


@dataclass(frozen=True, slots=True)
class Capture:
    """One saved page, not read yet. `path` and `place` say where it lies."""

    captured_at: datetime
    time_source: TimeSource
    path: Path
    place: int
    """Offset in a WARC file, else 0: captures of one instant keep the order of their file."""
    source: Source
    kind: Kind

    def read(self, max_bytes: int) -> Saved:
        """The bytes and the address. Unreadable says why there are none."""
        return self.source.read(max_bytes)


@dataclass(slots=True)
class Found:
    """What files hold. `left_out` counts what nobody expects to be read: images, other hosts."""

    captures: list[Capture] = field(default_factory=list)
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def files_in(paths: list[Path], found: Found) -> Iterator[Path]:
    """The files named, and those of known kinds in the folders named; others are counted."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for inside in sorted(path.rglob("*")):
            if not inside.is_file():
                continue
            if is_known(inside):
                yield inside
            else:
                found.left_out["file of another kind"] += 1


def is_known(path: Path) -> bool:
    return _suffix(path) in KNOWN_SUFFIXES


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if len(suffixes) == 2 and suffixes[1] == ".gz" and suffixes[0] in WARC_SUFFIXES:
        return suffixes[0]
    return suffixes[-1] if suffixes else ""


def look_into(
    path: Path, found: Found, *, captured_at: datetime | None, is_of_site: warc.IsOfSite
) -> None:
    """Adds the captures of one file to `found`, or the reason why there are none."""
    if not path.is_file():
        found.skipped.append((path, "it is no regular file"))
        return
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            modified_at = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except (OSError, OverflowError, ValueError) as error:
        found.skipped.append((path, f"it cannot be read: {error}"))
        return
    kind = kind_of(path, head)
    if kind == "warc":
        _look_into_warc(path, found, is_of_site)
        return
    said_at = _stated_time(head, kind)
    instant, source = (
        (said_at, "file")
        if said_at
        else (captured_at, "option")
        if captured_at
        else (modified_at, "modified")
    )
    reader = mhtml.MhtmlFile(path) if kind == "mhtml" else WholeFile(path)
    found.captures.append(Capture(instant, source, path, 0, reader, kind))


def _look_into_warc(path: Path, found: Found, is_of_site: warc.IsOfSite) -> None:
    try:
        for record in warc.records(path, is_of_site, found.left_out):
            found.captures.append(
                Capture(record.captured_at, "record", path, record.offset, record, "page")
            )
    except Unreadable as error:
        found.skipped.append((path, str(error)))


def kind_of(path: Path, head: bytes) -> Kind:
    """What a file is, by its beginning where that tells, else by its name."""
    suffix = _suffix(path)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"WARC/") or (suffix in WARC_SUFFIXES and head[:2] == b"\x1f\x8b"):
        return "warc"
    if suffix in MHTML_SUFFIXES:
        return "mhtml"
    is_page = start[:1] in (b"<", b"{", b"[") or head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if is_page and suffix not in TEXT_SUFFIXES:
        return "page"
    if b"<html" in head.lower() or b"<!doctype" in head.lower():
        return "page"
    return "page" if suffix in HTML_SUFFIXES | JSON_SUFFIXES else "text"


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A file that is one page."""

    path: Path

    def read(self, max_bytes: int) -> Saved:
        try:
            with self.path.open("rb") as file:
                body = file.read(max_bytes + 1)
        except OSError as error:
            raise Unreadable(f"it cannot be read: {error.strerror}") from None
        if len(body) > max_bytes:
            raise Unreadable(f"it is larger than {max_bytes:,} bytes (crawl.max_page_megabytes)")
        return Saved(body)


# What a file says of itself. Browsers say where a page was saved from, some tools also when:
# '<!-- Page saved with SingleFile  url: https://...  saved date: Fri Apr 17 2026 06:00:00 GMT+0000
# (Coordinated Universal Time) -->', and MHTML has a Date header.

_SAVED_DATE = re.compile(rb"<!--[^<>]{0,2000}?\bsaved date:[ \t]{0,9}([^\r\n<>]{8,120})")
_ZONE_NAME = re.compile(r"\([^)]*\)|GMT(?=[+-])")
_DATE_HEADER = re.compile(rb"^Date:[ \t]*([^\r\n]{8,120})", re.MULTILINE | re.IGNORECASE)


def _stated_time(head: bytes, kind: Kind) -> datetime | None:
    """When the page was captured, as far as the file itself says; an instant without an offset
    says too little."""
    pattern = _DATE_HEADER if kind == "mhtml" else _SAVED_DATE
    stated = pattern.search(head)
    if not stated:
        return None
    text = stated[1].decode("latin-1").strip()
    try:
        if kind == "mhtml":
            moment = parsedate_to_datetime(text)
            # '-0000', as browsers write it, is UTC too, of a place that is not told.
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        else:
            moment = dates.parse(_ZONE_NAME.sub("", text))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError, TypeError):
        return None
