"""Pages saved as MHTML ('web page, single file'): the page itself out of its mail envelope."""

import email
import email.errors
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from tracker.run.saved import Saved, Unreadable

MAX_BYTES = 64 * 1024 * 1024
"""Of the whole file, with its images."""
MAX_PARTS = 5_000


@dataclass(frozen=True, slots=True)
class MhtmlFile:
    path: Path

    def read(self, max_bytes: int) -> Saved:
        """The first HTML part with its address; Unreadable where there is none."""
        try:
            if self.path.stat().st_size > MAX_BYTES:
                raise Unreadable(f"it is larger than {MAX_BYTES:,} bytes")
            whole = self.path.read_bytes()
        except OSError as error:
            raise Unreadable(f"it cannot be read: {error.strerror}") from None
        try:
            message = email.message_from_bytes(whole)
            part = _page_part(message)
            body = part.get_payload(decode=True) if part else None
        except (ValueError, LookupError, RecursionError, email.errors.MessageError) as error:
            raise Unreadable(f"it is no MHTML file that can be read ({error})") from None
        if not isinstance(body, bytes):
            raise Unreadable("it is an MHTML file without a page in it")
        if len(body) > max_bytes:
            raise Unreadable(f"its page is larger than {max_bytes:,} bytes")
        address = message["Snapshot-Content-Location"] or part["Content-Location"]
        charset = part.get_param("charset")
        content_type = "text/html"
        if isinstance(charset, str):
            content_type += f"; charset={charset}"
        return Saved(body, str(address) if address else None, content_type=content_type)


def _page_part(message: Message) -> Message | None:
    for count, part in enumerate(message.walk()):
        if count == MAX_PARTS:
            return None
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            return part
    return None
