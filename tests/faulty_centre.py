"""The demo centre behind a server that errs on purpose, and `helpwatch run` measured from outside.

with faulty_centre(day=1) as server:
    server.put("/help/affiliate-faq", Answer(status=503))
    ran = run_measured("run", "--base-url", server.url, cwd=folder)
    ran.code, ran.peak_megabytes
"""

import gzip
import os
import signal
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


# A process counts in its peak what its parent held when it was started: pytest holds hundreds of
# megabytes. So a small process stands between, which starts the command line and measures it.
_BETWEEN = """\
import os, sys
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[2:]], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def run_measured(*arguments: object, cwd: Path, seconds: float = 120) -> Measured:
    """The command line in a process of its own, which is killed after so long."""
    with tempfile.TemporaryDirectory() as name:
        peak = Path(name, "peak_kilobytes")
        words = [sys.executable, "-c", _BETWEEN, peak, "-m", "tracker.run.cli", *arguments]
        running = subprocess.Popen(
            [str(word) for word in words],
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=without_proxies(),
            start_new_session=True,
        )
        try:
            out, err = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
            raise
        return Measured(running.returncode, out, err, int(peak.read_text()) / 1024)


def rows(folder: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(folder / "helpwatch.db")) as connection:
        return connection.execute(sql).fetchall()
