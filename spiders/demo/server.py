"""The demo centre on a loopback port, for `helpwatch demo`, the README and the tests."""

import contextlib
import gzip
import hashlib
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from spiders.demo import pages
from spiders.demo.centre import centre_on

HOST = "127.0.0.1"
IDLE_SECONDS = 60


class DemoCentre:
    """The centre on one day; `day` may be set while it runs. Use it as a context manager.

    `requests` holds (method, path) of every request, in the order in which they came.
    `port` 0 takes a free one. OSError where the port is taken, ValueError for an unknown day.
    """

    def __init__(self, day: int = 1, port: int = 0):
        self.day = day
        self.requests: list[tuple[str, str]] = []
        self._server = _Server((HOST, port), _Handler)
        self._server.centre = self
        # A short poll lets the server stop at once; it costs nothing beside the requests.
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def day(self) -> int:
        return self._day

    @day.setter
    def day(self, day: int) -> None:
        self._day = centre_on(day).day

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._server.server_port}"

    def __enter__(self) -> "DemoCentre":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    centre: DemoCentre

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]):
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends the connections that clients keep open: a closed centre answers nobody."""
        for connection in tuple(self._open):
            # The client may have hung up at this very moment.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        """A client that hangs up is no error of the centre's; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    # Head and body are two writes; the second must not wait for the client's delayed ACK.
    disable_nagle_algorithm = True
    server: _Server

    def version_string(self) -> str:
        return "demo-centre"

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        day = self.server.centre.day
        self.server.centre.requests.append((self.command, self.path))
        status, content_type, body = pages.render(day, self.path)
        headers = {"Content-Type": content_type, "Vary": "Accept-Encoding"}
        if target := pages.redirect(day, self.path):
            headers["Location"] = target[1]
        if status == 200 and pages.is_article(day, self.path):
            headers["ETag"] = etag(body)
            if self._already_has(headers["ETag"]):
                status, body = 304, b""
        if body and "gzip" in self.headers.get("Accept-Encoding", ""):
            # Without its time a compressed page is the same bytes each time.
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _already_has(self, tag: str) -> bool:
        asked = self.headers.get("If-None-Match", "")
        return tag in {part.strip().removeprefix("W/") for part in asked.split(",")}

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept in `DemoCentre.requests`; standard error stays quiet."""


def etag(body: bytes) -> str:
    """The validator of a page, quotes included."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
