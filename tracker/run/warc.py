"""The pages of one site in a WARC file (.warc, .warc.gz, one gzip member for each record)."""

import contextlib
import io
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import brotli
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParserException

from tracker.run.saved import Saved, Unreadable

IsOfSite = Callable[[str], bool]
"""Whether an address is on the site's own host."""

READABLE_TYPES = ("text/html", "application/xhtml+xml", "application/json", "")
_BROKEN = (
    ArchiveLoadFailed,
    StatusAndHeadersParserException,
    ChunkedDataException,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    zlib.error,
)
"""All that warcio was seen to raise on broken files; it names few of its errors."""


@dataclass(frozen=True, slots=True)
class Record:
    """One answer in a WARC file; its bytes are read when asked for."""

    path: Path
    offset: int
    captured_at: datetime
    url: str

    def read(self, max_bytes: int) -> Saved:
        """The page, decoded from its transfer and content encodings."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                record = _following(ArchiveIterator(file))
                if record is None:
                    raise EOFError("the file has changed")
                return _saved(record, self.url, max_bytes)
        except (*_BROKEN, brotli.error) as error:
            raise Unreadable(f"the record of {self.url} is broken ({_said(error)})") from None


def records(path: Path, is_of_site: IsOfSite, left_out: Counter[str]) -> Iterator[Record]:
    """The records that may be pages of the site; the others are counted in `left_out`.

    Raises Unreadable where the file breaks off or is none, behind the records before that.
    """
    count = 0
    try:
        with path.open("rb") as file:
            _check_start(file)
            archive = ArchiveIterator(file)
            while (record := _following(archive)) is not None:
                count += 1
                facts = _looked_at(record, is_of_site, left_out)
                with _quiet():
                    offset = archive.get_record_offset()
                if getattr(record.raw_stream, "limit", 0) > 0:
                    raise EOFError("less of it is there than it says")
                if facts:
                    yield Record(path, offset, *facts)
    except _BROKEN as error:
        raise Unreadable(_why(error, count)) from None
    if not count:
        raise Unreadable("it holds no WARC record")


def _check_start(file: BinaryIO) -> None:
    """Raises Unreadable for what does not begin as a WARC file: warcio would look for its first
    line to the end of whatever is packed there."""
    start = file.read(1_024)
    file.seek(0)
    if start[:2] == b"\x1f\x8b":
        start = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(start, 16)
    if not start.startswith(b"WARC/"):
        raise Unreadable("it is no WARC file")


def _following(archive: ArchiveIterator) -> Any:
    """The next record, its headers read; None behind the last one."""
    with _quiet():
        return next(archive, None)


def _quiet() -> contextlib.AbstractContextManager:
    """warcio prints what it thinks of a broken file; we tell it in our own summary."""
    return contextlib.redirect_stderr(io.StringIO())


def _looked_at(
    record: Any, is_of_site: IsOfSite, left_out: Counter[str]
) -> tuple[datetime, str] | None:
    """Time and address of a record that may be a page of the site."""
    if record.rec_type not in ("response", "resource"):
        left_out["WARC record that is no answer"] += 1
        return None
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    if not is_of_site(url):
        left_out["record of another host"] += 1
        return None
    status = _status(record)
    if status not in (None, 200):
        left_out[f"answer with status {status}"] += 1
        return None
    if _content_type(record).partition(";")[0].strip().lower() not in READABLE_TYPES:
        left_out["record that is no page"] += 1
        return None
    captured_at = _instant(record.rec_headers.get_header("WARC-Date"))
    if captured_at is None:
        left_out["record without a time"] += 1
        return None
    return captured_at, url


def _status(record: Any) -> int | None:
    code = record.http_headers.get_statuscode() if record.http_headers else None
    if code is None:
        return None
    return int(code) if code.isascii() and code.isdecimal() and len(code) == 3 else 0


def _content_type(record: Any) -> str:
    headers = record.http_headers or record.rec_headers
    return headers.get_header("Content-Type") or ""


def _instant(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _saved(record: Any, url: str, max_bytes: int) -> Saved:
    headers = record.http_headers
    stream = record.raw_stream
    encodings = []
    if headers:
        if (headers.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
            stream = ChunkedDataReader(stream)
        encodings = (headers.get_header("Content-Encoding") or "").lower().split(",")
    body = stream.read(max_bytes + 1)
    for encoding in reversed([name.strip() for name in encodings]):
        body = _unpacked(body, encoding, max_bytes)
    if len(body) > max_bytes:
        raise Unreadable(f"{url} is larger than {max_bytes:,} bytes (crawl.max_page_megabytes)")
    status = _status(record)
    return Saved(body, url, status=status, content_type=_content_type(record) or None)


def _unpacked(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """One content encoding undone, never beyond a byte more than `max_bytes`.

    Some archives keep the header and store the page unpacked: then it is left as it is.
    """
    if encoding in ("gzip", "x-gzip") and body[:2] == b"\x1f\x8b":
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, max_bytes + 1)
    if encoding == "deflate":
        return _inflated(body, max_bytes)
    if encoding == "br" and body.lstrip()[:1] != b"<":
        return brotli.Decompressor().process(body, output_buffer_limit=max_bytes + 1)
    return body


def _inflated(body: bytes, max_bytes: int) -> bytes:
    """`deflate` with its frame or, as some servers send it, without."""
    for window_bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        with contextlib.suppress(zlib.error):
            return zlib.decompressobj(window_bits).decompress(body, max_bytes + 1)
    return body


def _why(error: BaseException, count: int) -> str:
    if "non-chunked gzip" in str(error):
        return "it is compressed as a whole; unpack it with `gunzip` and import the .warc file"
    if not count:
        return f"it is no WARC file ({_said(error)})"
    return f"it breaks off behind record {count} ({_said(error)}); what stands before was read"


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
