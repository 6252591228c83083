"""The other end of `tracker.run.recorder`: started by it, ends with its channel."""

import pickle
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from db.second_writer import SecondWriter
from spiders import sites
from spiders.items import PageRead
from tracker.run.recorder import HEAD, Post, message
from tracker.run.sameness import comparer


def serve(channel: socket.socket) -> None:
    """Records every page that comes, and says how it went, until the channel ends."""
    with channel, channel.makefile("rb", buffering=1 << 20) as handed_over:
        keep = _opened(receive(handed_over))
        try:
            while (read := receive(handed_over)) is not None:
                channel.sendall(_packed(_failure_of(keep, read)))
        except (BrokenPipeError, ConnectionResetError):
            pass  # the crawl is gone, and with it whoever would hear the answer


def receive(channel: BinaryIO) -> Any:
    """The next message; None at the end, be it in the middle of one."""
    head = channel.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    (length,) = HEAD.unpack(head)
    packed = channel.read(length)
    return pickle.loads(packed) if len(packed) == length else None


def _opened(post: Post) -> Callable[[PageRead], None]:
    """What records a page; where the database cannot be opened, what says so of every page."""
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

        def refuse(read: PageRead) -> None:
            raise found

        return refuse
    return store.keep


def _failure_of(keep: Callable[[PageRead], None], read: PageRead) -> Exception | None:
    """What went wrong with a page, if anything did."""
    try:
        keep(read)
    except Exception as error:  # raised again by the crawl, for all to see
        return error
    return None


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
