"""One measured centre crawled by 1, 2 and 4 processes side by side, and their spools merged.

    python -m bench.scaling [ARTICLES [PROCESSES ...]]

1,000 articles and 1, 2 and 4 processes unless given. The sections are dealt out, each process
writes a spool of its own. On a first day everything is read, on a second 1% has changed. Server,
crawlers and merge share this machine, so more processes than it has processors only share them.
Prints a table and writes bench/results/scaling.json.
"""

import json
import os
import sqlite3
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.centre import SECTIONS
from bench.centre_crawl import PYTHON, ROOT, helpwatch, new_folder
from bench.measure import Cost, Server

RESULTS = ROOT / "bench/results/scaling.json"
PROCESSES = (1, 2, 4)
DAYS = {1: "2026-01-05T06:00:00Z", 2: "2026-01-06T06:00:00Z"}
EDITED_SHARE = 0.01
SLUGS = [section.slug for section in SECTIONS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What the crawls of a night cost together, and the merge of their spools."""

    processes: int
    day: int
    pages: int
    crawl_seconds: float
    """From the start of the first to the end of the last."""
    crawl_cpu_seconds: float
    crawl_peak_megabytes: float | None
    """Of all crawlers together; None where there is no /proc."""
    merge_seconds: float
    merge_cpu_seconds: float
    merge_peak_megabytes: float | None
    versions: int
    database_grew_bytes: int

    @property
    def pages_per_second(self) -> float:
        return self.pages / self.crawl_seconds

    @property
    def merged_per_second(self) -> float:
        return self.pages / self.merge_seconds

    def as_json(self) -> dict[str, float]:
        return asdict(self) | {
            "pages_per_second": self.pages_per_second,
            "merged_per_second": self.merged_per_second,
        }


class Cluster:
    """So many crawlers, and the database into which they are merged, each in its own folder."""

    def __init__(self, folder: Path, server: Server, processes: int):
        self._server, self._processes = server, processes
        self._nodes = {
            new_folder(folder / f"node-{number}"): SLUGS[number::processes]
            for number in range(processes)
        }
        self._home = new_folder(folder / "home")
        config = self._home / "helpwatch.toml"
        listed = f"[sites.okx]\nsections = {json.dumps(SLUGS)}"
        config.write_text(config.read_text().replace("[sites.okx]", listed))

    def night(self, day: int) -> Night:
        self._server.ask("counts")
        began = perf_counter()
        with ThreadPoolExecutor(self._processes) as pool:
            crawls = list(pool.map(lambda node: self._crawl(node, day), self._nodes))
        crawl_seconds = perf_counter() - began
        before, versions = self._size(), self._versions()
        spools = [node / "spool.db" for node in self._nodes]
        merged = helpwatch("merge", *spools, "--now", DAYS[day], cwd=self._home)
        return Night(
            processes=self._processes,
            day=day,
            pages=json.loads(self._server.ask("counts"))["requests"],
            crawl_seconds=crawl_seconds,
            crawl_cpu_seconds=sum(crawl.cpu_seconds for crawl in crawls),
            crawl_peak_megabytes=sum(crawl.peak_megabytes or 0 for crawl in crawls) or None,
            merge_seconds=merged.wall_seconds,
            merge_cpu_seconds=merged.cpu_seconds,
            merge_peak_megabytes=merged.peak_megabytes,
            versions=self._versions() - versions,
            database_grew_bytes=self._size() - before,
        )

    def _crawl(self, node: Path, day: int) -> Cost:
        words = ["crawl", "--db", "spool.db", "--base-url", self._server.url, "--now", DAYS[day]]
        for slug in self._nodes[node]:
            words += ["--section", slug]
        return helpwatch(*words, cwd=node)

    def _size(self) -> int:
        return sum(path.stat().st_size for path in self._home.glob("helpwatch.db*"))

    def _versions(self) -> int:
        if not (self._home / "helpwatch.db").exists():
            return 0
        connection = sqlite3.connect(self._home / "helpwatch.db")
        try:
            return connection.execute("SELECT count(*) FROM versions").fetchone()[0]
        finally:
            connection.close()


def measure(article_count: int, counts: Sequence[int]) -> list[Night]:
    nights = []
    for processes in counts:
        with (
            TemporaryDirectory(prefix="helpwatch-scaling-") as folder,
            Server(PYTHON, ROOT, article_count) as server,
        ):
            cluster = Cluster(Path(folder), server, processes)
            nights.append(cluster.night(1))
            server.ask(f"day?edited={EDITED_SHARE}")
            nights.append(cluster.night(2))
            for night in nights[-2:]:
                print(_line(night), flush=True)
    return nights


def _line(night: Night) -> str:
    return (
        f"| {night.processes} | {night.day} | {night.pages:,} | {night.crawl_seconds:.1f} "
        f"| {night.pages_per_second:.0f} | {night.crawl_cpu_seconds:.1f} "
        f"| {night.merge_seconds:.1f} | {night.merged_per_second:.0f} "
        f"| {night.database_grew_bytes / 1e6:.1f} |"
    )


def main(words: Sequence[str]) -> None:
    article_count = int(words[0]) if words else 1_000
    print(f"{article_count:,} articles, {os.cpu_count()} processors")
    print("| processes | day | pages | crawl s | pages/s | CPU s | merge s | pages/s | grew MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    nights = measure(article_count, [int(word) for word in words[1:]] or PROCESSES)
    RESULTS.parent.mkdir(exist_ok=True)
    found = {
        "articles": article_count,
        "processors": os.cpu_count(),
        "nights": [night.as_json() for night in nights],
    }
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
