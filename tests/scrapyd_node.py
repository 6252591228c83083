"""A real Scrapyd on loopback, in a folder of its own, that crawls the demo centre for helpwatch.

with ScrapydNode(folder) as node:
    job = node.schedule(site="demo", spool="spool.db")
    node.wait(job)
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from crawling import without_proxies

ROOT = Path(__file__).parents[1]
CONFIG = """\
[sites.demo]
[crawl]
delay_seconds = 0
concurrent_requests = 1
autothrottle = false
"""
SECONDS = 60


def free_port() -> int:
    """Scrapyd takes no port for itself: nobody else asks for this one in the next second."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class ScrapydNode:
    """Starts with the node's own configuration file, on a free port; `kill` is a power cut."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "helpwatch.toml").write_text(CONFIG)
        settings = (ROOT / "deploy" / "scrapy.cfg").read_text()
        self._port = free_port()
        settings = settings.replace("6800", f"{self._port}\npoll_interval = 0.1")
        (folder / "scrapy.cfg").write_text(settings)

    def __enter__(self) -> "ScrapydNode":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        with (self.folder / "scrapyd.log").open("ab") as said:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "scrapyd"],
                cwd=self.folder,
                env=without_proxies() | {"PYTHONPATH": str(ROOT)},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._until(self._answers)

    def kill(self) -> None:
        """Scrapyd and its crawls, at once and without a word."""
        os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()

    def schedule(self, **arguments: str) -> str:
        """The id of a new job. `setting` is one of Scrapy's, NAME=VALUE."""
        job = {"project": "helpwatch", "spider": "helpcentre", **arguments}
        answer = self._ask("schedule.json", urlencode(job).encode())
        assert answer["status"] == "ok", answer
        return answer["jobid"]

    def wait(self, job: str) -> None:
        """Until a job has ended."""
        self._until(lambda: self._ask(f"status.json?job={job}")["currstate"] == "finished")

    def log_of(self, job: str) -> str:
        return (self.folder / "logs" / "helpwatch" / "helpcentre" / f"{job}.log").read_text()

    def _answers(self) -> bool:
        try:
            return self._ask("daemonstatus.json")["status"] == "ok"
        except URLError:
            return False

    def _ask(self, what: str, data: bytes | None = None) -> dict:
        with urlopen(f"http://127.0.0.1:{self._port}/{what}", data, timeout=SECONDS) as answer:
            return json.load(answer)

    def _until(self, look):
        """What `look` gives once it gives something."""
        deadline = time.monotonic() + SECONDS
        while not (found := look()):
            assert self._running.poll() is None, (self.folder / "scrapyd.log").read_text()
            assert time.monotonic() < deadline, (self.folder / "scrapyd.log").read_text()
            time.sleep(0.05)
        return found
