"""A stored page as a WARC file that standard tools replay."""

import io
import uuid
from http import HTTPStatus

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from db.moments import to_text
from reports.data import to_json
from reports.evidence import Evidence, StoredPage, record

SOFTWARE = "helpwatch"
DESCRIPTION = (
    "The payload is the page as helpwatch stored it, decoded from its transfer. Of the server's "
    "headers helpwatch keeps Content-Type, ETag and Last-Modified: these are as received, all "
    "others are missing. The HTTP version and the reason phrase are not recorded and stand for "
    "form's sake."
)


def render(evidence: Evidence, *, is_compressed: bool = False) -> bytes:
    """The records warcinfo, response (resource for an imported file) and metadata.

    The same evidence gives the same bytes. ValueError where the page's bytes are not kept.
    """
    page = evidence.page
    if page is None:
        raise ValueError("the bytes of this version are not kept")
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=is_compressed)
    page_id = _record_id(evidence, "page")
    info = writer.create_warc_record(
        None,
        "warcinfo",
        payload=_stream(
            f"software: {SOFTWARE}\r\nformat: WARC File Format 1.0\r\n"
            f"description: {DESCRIPTION}\r\n".encode()
        ),
        warc_content_type="application/warc-fields",
        warc_headers_dict=_headers(evidence, page, "info"),
    )
    writer.write_record(info)
    writer.write_record(_page_record(writer, evidence, page))
    about = writer.create_warc_record(
        page.url,
        "metadata",
        payload=_stream(to_json(record(evidence)).encode()),
        warc_content_type="application/json",
        warc_headers_dict=_headers(evidence, page, "about") | {"WARC-Concurrent-To": page_id},
    )
    writer.write_record(about)
    return out.getvalue()


def _page_record(writer: WARCWriter, evidence: Evidence, page: StoredPage):
    headers = _headers(evidence, page, "page")
    if page.http_status is None:
        # No server answered: the file was imported, so there is no response to tell of.
        return writer.create_warc_record(
            page.url,
            "resource",
            payload=_stream(page.body),
            warc_content_type=page.content_type or "application/octet-stream",
            warc_headers_dict=headers,
        )
    kept = (
        ("Content-Type", page.content_type),
        ("ETag", page.etag),
        ("Last-Modified", page.last_modified),
    )
    answer = StatusAndHeaders(
        f"{page.http_status} {_phrase(page.http_status)}".strip(),
        [(name, _header_value(value)) for name, value in kept if value],
        protocol="HTTP/1.1",
    )
    return writer.create_warc_record(
        page.url,
        "response",
        payload=_stream(page.body),
        http_headers=answer,
        warc_headers_dict=headers,
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _header_value(value: str) -> str:
    """One line, whatever a server sent."""
    return " ".join(value.split())


def _stream(body: bytes) -> io.BytesIO:
    return io.BytesIO(body)


def _headers(evidence: Evidence, page: StoredPage, name: str) -> dict[str, str]:
    instant = to_text(page.fetched_at.replace(microsecond=0))  # WARC 1.0: whole seconds
    return {"WARC-Record-ID": _record_id(evidence, name), "WARC-Date": instant}


def _record_id(evidence: Evidence, name: str) -> str:
    """Made of the version's link, so that it is the same each time."""
    seed = f"{evidence.version.chain_sha256} {name}"
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, seed)}>"
