"""A second process, which writes the database while Scrapy downloads and reads.

To download pages and read them fills a processor; to store them takes as much again. Here it is
done beside it, in the order in which the crawl hands pages over, and the crawl waits where it falls
behind: a page counts as recorded when its transaction is committed.

The process ends with its channel. It may outlive a crawl that is killed by the pages that were
handed over already, and those it records only until another process closes the crawl.
"""

import asyncio
import contextlib
import os
import pickle
import socket
import subprocess
import sys
from collections import deque

from db.errors import DatabaseUnusable
from spiders.items import PageRead
from tracker.run.channel import HEAD, Post, message, message_of

IS_POSSIBLE = os.name == "posix"
CHANNEL_BYTES = 4 << 20
"""Room on the way, as far as the system grants it: for all pages that a crawl hands over before it
hears of them. What finds no room would be copied again and again, piece by piece."""
END_SECONDS = 30


class Recorder(asyncio.Protocol):
    """The crawl's end of the channel: pages go over, None or an exception comes back for each."""

    def __init__(self, post: Post):
        self._ours, theirs = socket.socketpair()
        self._ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHANNEL_BYTES)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tracker.run.recorder_process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._ours.sendall(message(post))
        self._transport: asyncio.Transport | None = None
        self._connecting: asyncio.Task | None = None
        self._received = bytearray()
        self._awaited: deque[asyncio.Future] = deque()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def record(self, read: PageRead) -> None:
        """Records a page; DatabaseUnusable where that cannot be done."""
        loop = asyncio.get_running_loop()
        if self._transport is None:
            await self._connect(loop)
        if self._transport.is_closing():
            raise _lost()
        answer = loop.create_future()
        self._awaited.append(answer)
        for part in message_of(read):
            self._transport.write(part)
        if (error := await answer) is not None:
            raise error

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._connecting is None:
            self._connecting = loop.create_task(
                loop.create_connection(lambda: self, sock=self._ours)
            )
        self._transport, _ = await self._connecting

    def end(self) -> None:
        """Lets the process end: all is recorded, or nobody cares. May be called again."""
        # No transport is closed here: its event loop may be gone.
        with contextlib.suppress(OSError):  # it was shut down before, or by the other end
            self._ours.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Ends the process and waits for it."""
        self.end()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= HEAD.size:
            end = HEAD.size + sum(HEAD.unpack_from(self._received))
            if len(self._received) < end:
                return
            self._settle(self._awaited.popleft(), pickle.loads(self._received[HEAD.size : end]))
            del self._received[:end]

    def connection_lost(self, error: Exception | None) -> None:
        while self._awaited:
            self._settle(self._awaited.popleft(), _lost())

    def _settle(self, awaited: asyncio.Future, answer: Exception | None) -> None:
        if not awaited.done():  # whoever waited may have been cancelled
            awaited.set_result(answer)


def _lost() -> DatabaseUnusable:
    return DatabaseUnusable(
        "The process that writes the database has ended on its own (is the machine out of memory?)."
        " What it stored before is kept; start `helpwatch run` again."
    )
