"""Real local servers that messages are sent to: a webhook, a mail server, a silent one."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from aiosmtpd.controller import Controller


class Webhook(ThreadingHTTPServer):
    """Notes what is posted to it, and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.location: str | None = None
        self.posted: list[SimpleNamespace] = []

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_port}/hook"

    @property
    def titles(self) -> list[str]:
        return [post.body["title"] for post in self.posted]


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(
            SimpleNamespace(path=self.path, headers=dict(self.headers), body=json.loads(body))
        )
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        # What a careless service says of a request that it refuses.
        self.wfile.write(f"{self.path} {dict(self.headers)}".encode())

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Mailbox:
    """Keeps what it is sent; with `refusal` it answers each message with that."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.refusal: str | None = None

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        if self.refusal:
            return self.refusal
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    """A mailbox and the Apprise address of a mail to it."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield (
            mailbox,
            (
                f"mailto://127.0.0.1:{controller.port}"
                "?mode=insecure&from=helpwatch@watch.example&to=team@watch.example"
            ),
        )
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[str]:
    """The Apprise address of a server that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"json://127.0.0.1:{server.getsockname()[1]}/"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def refusing_address() -> str:
    """The Apprise address of a port on which nobody listens."""
    return f"json://127.0.0.1:{free_port()}/"
