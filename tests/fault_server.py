"""A web server on loopback that errs on purpose, for tests of the spider.

with FaultServer() as server:
    server.put("/help", home(("section", "fees", "/help/section/fees")))
    server.put("/help/a", Answer(status=503), article("a"))   # first a 503, then the page
    server.url, server.requests, server.most_at_once
"""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

MEGABYTE = 1024 * 1024
STALL_SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """One answer. `sent_bytes`: how much of the body is sent before the connection is reset, or
    before nothing more comes where it `stalls`. `framing`: how the body's length is told; "close"
    means that the connection's end is the body's. `claimed_bytes`: a length that is not true.
    `drip_seconds` lie between any two bytes, and `filler_megabytes` of spaces follow the body.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/html"
    sent_bytes: int | None = None
    stalls: bool = False
    framing: Literal["length", "chunks", "close"] = "length"
    claimed_bytes: int | None = None
    drip_seconds: float = 0.0
    filler_megabytes: int = 0

    @property
    def length(self) -> int:
        full = len(self.body) + self.filler_megabytes * MEGABYTE
        return full if self.claimed_bytes is None else self.claimed_bytes

    def pieces(self, pause: Callable[[float], object]) -> Iterator[bytes]:
        body = self.body[: self.sent_bytes]
        if self.drip_seconds:
            for at in range(len(body)):
                pause(self.drip_seconds)
                yield body[at : at + 1]
        elif body:
            yield body
        for _ in range(self.filler_megabytes):
            yield b" " * MEGABYTE


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it: when, by its own clock, and over which connection."""

    path: str
    headers: Mapping[str, str]
    at: float = 0.0
    port: int = 0


class FaultServer:
    """`pause_seconds` is how long each answer takes, so that requests can overlap.

    `certificate` is a PEM file with a key and a certificate: the server then speaks TLS.
    `otherwise` answers the paths for which nothing was `put`.
    """

    def __init__(
        self,
        pause_seconds: float = 0.0,
        certificate: Path | None = None,
        otherwise: Callable[[str], Answer] = lambda path: Answer(b"nothing here", status=404),
    ):
        self.requests: list[Asked] = []
        self.most_at_once = 0
        self._pause_seconds = pause_seconds
        self._otherwise = otherwise
        self._answers: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()
        self._at_once = 0
        self._ending = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fault_server = self
        self._scheme = "http"
        if certificate:
            self._scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order, without robots.txt."""
        return [asked.path for asked in self.requests if asked.path != "/robots.txt"]

    def put(self, path: str, *answers: Answer | bytes) -> None:
        """What `path` answers, in order; the last answer stays. Anything else is a 404."""
        self._answers[path] = [
            answer if isinstance(answer, Answer) else Answer(answer) for answer in answers
        ]

    def __enter__(self) -> "FaultServer":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.requests.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            answers = self._answers.get(asked.path)
            if answers:
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if self._pause_seconds:
            self.pause(self._pause_seconds)
        return answer if answers else self._otherwise(asked.path)

    def pause(self, seconds: float) -> None:
        """Waits, unless the server is being closed."""
        self._ending.wait(seconds)

    def leave(self) -> None:
        with self._lock:
            self._at_once -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fault_server: FaultServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server.fault_server
        asked = Asked(self.path, dict(self.headers), monotonic(), self.client_address[1])
        answer = server.answer(asked)
        server.leave()
        self.send_response(answer.status)
        if answer.status != 304:
            self.send_header("Content-Type", answer.content_type)
        self._tell_framing(answer)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for piece in answer.pieces(server.pause):
            is_chunk = answer.framing == "chunks"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunk else piece)
        if answer.stalls:
            server.pause(STALL_SECONDS)
        if answer.sent_bytes is not None:
            self._reset()
        elif answer.framing == "chunks":
            self.wfile.write(b"0\r\n\r\n")

    def _tell_framing(self, answer: Answer) -> None:
        if answer.framing == "chunks":
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.framing == "close":
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(answer.length))
            # What is not as long as it says would garble the next answer.
            self.close_connection = answer.claimed_bytes is not None

    def _reset(self) -> None:
        self.wfile.flush()
        linger_none = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_none)
        self.connection.close()
        self.close_connection = True

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, OSError, ValueError):
            self.close_connection = True  # the client left, or we cut the connection ourselves

    def finish(self) -> None:
        try:
            super().finish()
        except (ConnectionError, OSError, ValueError):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at `requests`."""


# -- pages of tests/tiny_site/tiny.py ------------------------------------------------------------


def page(**facts: Any) -> bytes:
    return b"<html>" + json.dumps(facts).encode() + b"</html>"


def home(*links: tuple[str, str, str]) -> bytes:
    """The help home; each link is kind, slug and path."""
    return page(page="home", listings=links)


def entry(slug: str, **facts: Any) -> dict[str, Any]:
    return {"slug": slug, "title": f"About {slug}", "source_id": f"id-{slug}", **facts}


def listing(slug: str, *entries: str | dict, **facts: Any) -> bytes:
    """One page of the section `slug`."""
    return page(
        page="listing",
        slug=slug,
        entries=[entry(one) if isinstance(one, str) else one for one in entries],
        **{"kind": "section", "first_url": f"/help/section/{slug}", **facts},
    )


def article(slug: str, **facts: Any) -> bytes:
    return page(
        **{"page": "article", "slug": slug, "title": f"About {slug}", "source_id": f"id-{slug}"}
        | facts
    )


def self_signed(folder: Path) -> Path:
    """A PEM file with a fresh key and a certificate for 127.0.0.1 that no authority has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(pem + certificate.public_bytes(Encoding.PEM))
    return path
