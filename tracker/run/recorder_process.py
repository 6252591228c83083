"""The other end of `tracker.run.recorder`: started by it, ends with its channel."""

import pickle
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from db.second_writer import SecondWriter
from spiders import sites
from spiders.items import PageRead
from tracker.run.channel import HEAD, Post, message, with_body
from tracker.run.sameness import comparer

Keep = Callable[[Sequence[PageRead]], list[Exception | None]]

MOST_AT_ONCE = 32
"""Pages in one transaction; of large ones the crawl hands over fewer before it hears of them."""
READ_SIZE = 1 << 18


def serve(channel: socket.socket) -> None:
    """Records every page that comes, and says how it went, until the channel ends.

    What lies ready is recorded in one transaction: one page while a crawl goes politely, several
    where it waits for us. No page is answered for before all of them are committed.
    """
    with channel:
        inbox = Inbox(channel)
        keep = _opened(inbox.next())
        _load_readers()
        try:
            while reads := inbox.ready():
                channel.sendall(b"".join(map(_packed, _kept(keep, reads))))
        except (BrokenPipeError, ConnectionResetError):
            pass  # the crawl is gone, and with it whoever would hear the answer


class Inbox:
    """The messages of a channel, as they come."""

    def __init__(self, channel: socket.socket):
        self._channel = channel
        self._received = bytearray()

    def next(self) -> Any:
        """The next message, waited for; None at the end, be it in the middle of one."""
        while not self._has_whole():
            if not self._receive():
                return None
        return self._taken()

    def ready(self) -> list[Any]:
        """The next message, waited for, and those behind it that are here; none at the end."""
        first = self.next()
        found = [] if first is None else [first]
        while found and len(found) < MOST_AT_ONCE and self._is_here():
            found.append(self._taken())
        return found

    def _is_here(self) -> bool:
        while not self._has_whole():
            if not select.select([self._channel], [], [], 0)[0] or not self._receive():
                return False
        return True

    def _receive(self) -> bool:
        """More bytes, waited for; False at the channel's end."""
        data = self._channel.recv(READ_SIZE)
        self._received += data
        return bool(data)

    def _has_whole(self) -> bool:
        return len(self._received) >= HEAD.size and len(self._received) >= self._end()

    def _end(self) -> int:
        return HEAD.size + sum(HEAD.unpack_from(self._received))

    def _taken(self) -> Any:
        packed_size, body_size = HEAD.unpack_from(self._received)
        end_of_pickle = HEAD.size + packed_size
        end = end_of_pickle + body_size
        with memoryview(self._received) as received:
            content = pickle.loads(received[HEAD.size : end_of_pickle])
            body = bytes(received[end_of_pickle:end])
        del self._received[:end]
        return with_body(content, body) if body else content


def _opened(post: Post) -> Keep:
    """What records pages; where the database cannot be opened, what says so of every page."""
    try:
        site = sites.load(post.site)
        store = SecondWriter(
            post.database,
            comparer(site, post.base_url),
            crawl_id=post.crawl_id,
            site_id=post.site_id,
        )
    except Exception as error:  # raised again by the crawl, for all to see
        found = error

        def refuse(reads: Sequence[PageRead]) -> list[Exception | None]:
            raise found

        return refuse
    return store.keep


def _load_readers() -> None:
    """Now, while the crawl still starts: of one page in fifty both forms are read here."""
    from spiders import help_page, markup  # noqa: F401


def _kept(keep: Keep, reads: Sequence[PageRead]) -> list[Exception | None]:
    """For each page what went wrong with it, if anything did."""
    try:
        return keep(reads)
    except Exception as error:  # raised again by the crawl, for all to see
        return [error] * len(reads)


def _packed(failure: Exception | None) -> bytes:
    try:
        return message(failure)
    except (pickle.PicklingError, TypeError, AttributeError):
        return message(RuntimeError(f"{type(failure).__name__}: {failure}"))


def main() -> None:
    # Whoever stops the crawl means the crawl: it ends the page in hand, and so this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
