"""The demo centre behind a server that errs on purpose, and `helpwatch run` measured from outside.

with faulty_centre(day=1) as server:
    server.put("/help/affiliate-faq", Answer(status=503))
    ran = run_measured("run", "--base-url", server.url, cwd=folder)
    ran.code, ran.peak_megabytes
"""

import gzip
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crawling import without_proxies
from fault_server import Answer, FaultServer
from spiders.demo import pages

CONFIG = """\
[sites.demo]
[crawl]
delay_seconds = 0
concurrent_requests = 8
autothrottle = false
timeout_seconds = 2.5
[report]
formats = ["json"]
"""


@dataclass(frozen=True)
class Measured:
    """What one run of the command line gave, and the most memory that it held."""

    code: int
    out: str
    err: str
    peak_megabytes: float


def faulty_centre(day: int = 1, **facts) -> FaultServer:
    """The demo centre of a day, compressed as a real one is; `put` makes single pages fail."""
    return FaultServer(otherwise=lambda path: page(day, path), **facts)


@lru_cache(maxsize=500)
def page(day: int, path: str) -> Answer:
    status, content_type, body = pages.render(day, path)
    headers = {"Content-Encoding": "gzip"}
    if target := pages.redirect(day, path):
        headers["Location"] = target[1]
    return Answer(gzip.compress(body), status, headers, content_type)


def run_measured(*arguments: object, cwd: Path, seconds: float = 120) -> Measured:
    """The command line in a process of its own, which is killed after so long."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            [sys.executable, "-m", "tracker.run.cli", *map(str, arguments)],
            cwd=cwd,
            stdout=out,
            stderr=err,
            env=without_proxies(),
        )
        code, usage = _waited(child, seconds)
        said = []
        for stream in (out, err):
            stream.seek(0)
            said.append(stream.read().decode())
    kilobytes = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    return Measured(code, *said, kilobytes / 1024)


def _waited(child: subprocess.Popen, seconds: float) -> tuple[int, object]:
    """The exit code and what the process used; wait4 tells of this one child alone."""
    import threading

    watch = threading.Timer(seconds, child.kill)
    watch.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
    finally:
        watch.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage


def rows(folder: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(folder / "helpwatch.db")) as connection:
        return connection.execute(sql).fetchall()
