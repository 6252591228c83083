"""The second process of a crawl: it records in order, says what fails, and ends with the crawl."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace

import pytest

from db.errors import DatabaseUnusable
from db.second_writer import SecondWriter
from db.store import Store
from db.versions import Comparer
from pages_read import BASE, NOON, all_rows, article_read, entry, listing_read
from tracker.run.channel import Post, message, message_of
from tracker.run.recorder import Recorder
from tracker.run.recorder_process import MOST_AT_ONCE, Inbox

ENDS_WITHIN_SECONDS = 30


@pytest.fixture
def post(store):
    """A crawl that is running, and what a process must know to record its pages."""
    site = store.site("demo", BASE)
    crawl_id = store.begin_crawl(site, NOON, parser="demo-1", locales=["en"])
    return Post(
        database=str(store.path), site="demo", base_url=BASE, crawl_id=crawl_id, site_id=site.id
    )


@pytest.fixture
def recorder(post):
    started = Recorder(post)
    yield started
    started.close()


def recorded(recorder: Recorder, *reads) -> list[BaseException | None]:
    """All pages handed over at once, as a crawl does; what came back for each."""

    async def hand_over():
        return await asyncio.gather(*map(recorder.record, reads), return_exceptions=True)

    return asyncio.run(hand_over())


def test_a_page_is_stored_when_the_crawl_hears_of_it(store, recorder):
    read = article_read(html=b"<html>" + b"x" * 300_000 + b"</html>")
    assert recorded(recorder, read) == [None]
    (version,) = all_rows(store, "versions")
    assert version["body"] == read.page.body
    (fetch,) = all_rows(store, "fetches")
    assert fetch["size"] == len(read.fetch.body)


def test_pages_are_recorded_in_the_order_in_which_they_were_handed_over(store, recorder):
    names = [f"a{number}" for number in range(40)]
    reads = [listing_read(*map(entry, names)), *map(article_read, names)]
    assert recorded(recorder, *reads) == [None] * 41
    urls = [fetch["url"] for fetch in all_rows(store, "fetches")]
    assert urls == [read.fetch.url for read in reads]


def test_what_cannot_be_stored_is_raised_where_the_crawl_runs(store, recorder):
    broken = article_read(body=None)
    failure, after = recorded(recorder, broken, article_read("b"))
    assert isinstance(failure, Exception) and after is None
    assert [row["slug"] for row in all_rows(store, "articles")] == ["b"]


def test_a_database_that_cannot_be_opened_is_said_in_plain_words(post, tmp_path):
    elsewhere = Recorder(replace(post, database=str(tmp_path / "no folder" / "x.db")))
    (failure,) = recorded(elsewhere, article_read())
    elsewhere.close()
    assert isinstance(failure, DatabaseUnusable)
    assert "There is no folder" in str(failure)


def test_a_process_that_dies_ends_the_crawl_and_not_in_silence(recorder):
    os.kill(recorder.pid, signal.SIGKILL)
    failures = recorded(recorder, article_read("a"), article_read("b"))
    assert [type(failure) for failure in failures] == [DatabaseUnusable] * 2
    assert "ended on its own" in str(failures[0])


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_to_all_processes_leaves_the_page_in_hand_to_its_end(store, recorder, name):
    async def hand_over():
        await recorder.record(article_read("a"))
        os.kill(recorder.pid, getattr(signal, name))
        await recorder.record(article_read("b"))

    asyncio.run(hand_over())
    assert len(all_rows(store, "versions")) == 2


START = """
import sys
from pathlib import Path
from db.store import Store
from tracker.run.channel import Post
from tracker.run.recorder import Recorder
from pages_read import BASE, NOON
store = Store(sys.argv[1])
site = store.site("demo", BASE)
crawl = store.begin_crawl(site, NOON, parser="demo-1", locales=["en"])
recorder = Recorder(
    Post(database=sys.argv[1], site="demo", base_url=BASE, crawl_id=crawl, site_id=site.id)
)
print("started", flush=True)
sys.stdin.read()
"""


def test_a_killed_crawl_takes_its_process_along(tmp_path):
    crawl = subprocess.Popen(
        [sys.executable, "-c", START, str(tmp_path / "x.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert crawl.stdout.readline() == b"started\n"
    crawl.kill()
    # Both hold the other end of this pipe: it ends when both have ended.
    assert crawl.communicate(timeout=ENDS_WITHIN_SECONDS) == (b"", None)


def test_nothing_is_added_to_a_crawl_that_another_process_has_closed(store, post):
    with SecondWriter(
        post.database, Comparer(), crawl_id=post.crawl_id, site_id=post.site_id
    ) as second:
        assert second.keep([article_read("before")]) == [None]
        store.finish_crawl(post.crawl_id, "interrupted", NOON)
        with pytest.raises(DatabaseUnusable, match="was closed by another process"):
            second.keep([article_read("after")])
    assert [row["slug"] for row in all_rows(store, "articles")] == ["before"]


@pytest.fixture
def second(post):
    with SecondWriter(
        post.database, Comparer(), crawl_id=post.crawl_id, site_id=post.site_id
    ) as writer:
        yield writer


def test_pages_that_are_ready_together_are_one_transaction(store, second):
    said = []
    second.connection.set_trace_callback(said.append)
    assert second.keep([article_read("a"), article_read("b"), article_read("c")]) == [None] * 3
    assert said.count("COMMIT") == 1
    assert len(all_rows(store, "versions")) == 3


def test_a_page_that_cannot_be_recorded_leaves_its_neighbours_alone(store, second):
    reads = [article_read("a"), article_read("b", body=None), article_read("c")]
    first, failure, last = second.keep(reads)
    assert (first, last) == (None, None) and isinstance(failure, Exception)
    assert [row["slug"] for row in all_rows(store, "articles")] == ["a", "c"]
    assert [row["url"] for row in all_rows(store, "fetches")] == [
        reads[0].fetch.url, reads[2].fetch.url
    ]  # fmt: skip


def test_no_page_counts_as_recorded_where_the_file_fails_under_a_later_one(
    store, second, monkeypatch
):
    record = second.record

    def record_or_fail(crawl_id, site_id, read):
        if read.page.slug == "b":
            raise DatabaseUnusable("The disk is full")
        record(crawl_id, site_id, read)

    monkeypatch.setattr(second, "record", record_or_fail)
    with pytest.raises(DatabaseUnusable, match="The disk is full"):
        second.keep([article_read("a"), article_read("b"), article_read("c")])
    assert all_rows(store, "articles") == all_rows(store, "fetches") == []


@pytest.fixture
def channel():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, Inbox(theirs)


def test_what_has_come_whole_is_taken_together_and_nothing_else_is_waited_for(channel):
    ours, inbox = channel
    last = message("last")
    ours.sendall(message("a") + message("b" * 100_000) + last[:-1])
    assert inbox.ready() == ["a", "b" * 100_000]
    ours.sendall(last[-1:])
    assert inbox.ready() == ["last"]


def test_a_page_comes_with_its_bytes_which_are_not_pickled(channel):
    ours, inbox = channel
    reads = [article_read("a", html=b"x" * 100_000), listing_read(entry("b")), article_read("c")]
    for read in reads:
        head, body = message_of(read)
        assert len(head) < 5000 and body is read.fetch.body
        ours.sendall(head)
        ours.sendall(body)
    assert inbox.ready() == reads


def test_not_too_many_are_taken_together(channel):
    ours, inbox = channel
    ours.sendall(b"".join(map(message, range(MOST_AT_ONCE + 1))))
    assert inbox.ready() == [*range(MOST_AT_ONCE)]
    assert inbox.ready() == [MOST_AT_ONCE]


def test_a_message_that_is_broken_off_is_none(channel):
    ours, inbox = channel
    ours.sendall(message("whole") + message("broken off")[:-1])
    ours.close()
    assert inbox.ready() == ["whole"]
    assert inbox.ready() == []


def test_the_second_writer_leaves_the_lock_to_its_holder(store, post):
    with SecondWriter(post.database, Comparer(), crawl_id=post.crawl_id, site_id=post.site_id):
        pass
    with pytest.raises(DatabaseUnusable, match="being written by process"):
        Store(store.path)
