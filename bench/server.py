"""Serves a measured centre on loopback, in a process of its own: `python -m bench.server ARTICLES`.

Pages are bytes before the first request comes; each answer gets another trace id. It prints its
address once it is ready, and ends with its standard input. Beside the pages it answers to

    /-/day?edited=0.01   a day passes; how many pages that changes
    /-/counts            {"requests", "bytes", "articles", "listings"} since last asked
    /-/urls              every address of a listing or article, one a line
"""

import asyncio
import json
import os
import sys
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from bench import pages
from bench.centre import Centre

HOST = "127.0.0.1"
ROBOTS = b"User-agent: *\nAllow: /\n"
HTML, PLAIN = b"text/html; charset=utf-8", b"text/plain; charset=utf-8"


class Served:
    """What the server answers, and what it has counted."""

    def __init__(self, article_count: int):
        self.centre = Centre(article_count)
        self.pages = dict(pages.pages(self.centre))
        self.counts: Counter[str] = Counter()
        self._traces = 0

    def answer(self, target: str) -> tuple[bytes, bytes, bytes]:
        """Status line, content type and body."""
        if target.startswith("/-/"):
            return b"200 OK", PLAIN, self._about(target)
        pieces = self.pages.get(target)
        if target == "/robots.txt":
            return b"200 OK", PLAIN, ROBOTS
        if pieces is None:
            self.counts["missing"] += 1
            return b"404 Not Found", HTML, b"<!DOCTYPE html><title>Page not found</title>"
        self._traces += 1
        trace = f"{self._traces:032x}".encode()
        body = b"".join(trace if piece is pages.TRACE else piece for piece in pieces)
        self.counts["requests"] += 1
        self.counts["bytes"] += len(body)
        self.counts["articles" if _is_article(target) else "listings"] += 1
        return b"200 OK", HTML, body

    def _about(self, target: str) -> bytes:
        parts = urlsplit(target)
        if parts.path == "/-/day":
            changed = self.centre.pass_a_day(float(parse_qs(parts.query)["edited"][0]))
            self.pages.update(pages.changed_pages(self.centre, changed))
            return str(len(changed)).encode()
        if parts.path == "/-/urls":
            return "\n".join(path for path in self.pages if path != "/help").encode()
        counted, self.counts = dict(self.counts), Counter()
        return json.dumps(counted).encode()


def _is_article(path: str) -> bool:
    return path.count("/") == 2


class Connection(asyncio.Protocol):
    """One client: requests without a body, answered in turn."""

    def __init__(self, served: Served):
        self._served = served
        self._received = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head, self._received = self._received[:end], self._received[end + 4 :]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        method, target, version = head.split(b"\r\n", 1)[0].split(b" ")
        status, kind, body = self._served.answer(target.decode())
        closes = b"connection: close" in head.lower() or version == b"HTTP/1.0"
        self._transport.write(
            b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\nConnection: %b\r\n\r\n%b"
            % (
                status,
                kind,
                len(body),
                b"close" if closes else b"keep-alive",
                b"" if method == b"HEAD" else body,
            )
        )
        if closes:
            self._transport.close()


async def serve(article_count: int) -> None:
    served = Served(article_count)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(served), HOST, 0, backlog=1000)
    print(f"http://{HOST}:{server.sockets[0].getsockname()[1]}", flush=True)
    # Whoever started us holds the other end; where that process dies, we end as well.
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
