"""helpwatch beside what people would use instead: on the same pages, in turns, as ratios.

    python -m bench.turns [--articles 2000] [--rounds 3] [--watched 5000]
        [--watched-by-changedetection 250]

A machine that does other things as well makes all of them slower; taken in turns, the ratio of two
neighbours says more than either time. Each ratio is the median over the rounds.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import ModuleType

from bench.centre_crawl import CONCURRENT_REQUESTS, PYTHON, ROOT, helpwatch, new_folder
from bench.measure import Cost, Failed, Server, cost_of
from bench.peers import changedetection, webchanges

DAY_1, DAY_2 = "2026-01-05T06:00:00Z", "2026-01-06T06:00:00Z"

BARE = {
    "bare Scrapy": (),
    "bare Scrapy, one item worker": ("-s", "CONCURRENT_ITEMS=1"),
    "bare Scrapy, its own settings": ("--own-settings",),
}
"""Bare spiders -> their options: with our settings module, with that of our spider too, without."""


@dataclass
class Turns:
    """What each program took in each round."""

    costs: dict[str, list[Cost]] = field(default_factory=dict)

    def take(self, name: str, run: Callable[[], Cost]) -> None:
        self.costs.setdefault(name, []).append(run())

    def ratio(self, one: str, other: str) -> float:
        """How many times as long the other takes: the median of the rounds."""
        pairs = zip(self.costs[one], self.costs[other], strict=True)
        return median(b.wall_seconds / a.wall_seconds for a, b in pairs)

    def seconds(self, name: str) -> float:
        return median(cost.wall_seconds for cost in self.costs[name])


def first_crawls(article_count: int, rounds: int) -> dict[str, object]:
    """A first crawl beside a bare spider, and beside curl, on the same addresses."""
    turns = Turns()
    with (
        Server(PYTHON, ROOT, article_count) as server,
        TemporaryDirectory(prefix="helpwatch-bench-") as name,
    ):
        folder = Path(name)
        paths = ["/robots.txt", "/help", *server.ask("urls").split()]
        (folder / "paths").write_text("\n".join(paths))
        urls = [server.url + path for path in paths]
        (folder / "urls").write_text("\n".join(urls))
        (folder / "curl").write_text(
            "\n".join(f'url = "{url}"\noutput = "/dev/null"' for url in urls)
        )
        bare = (PYTHON, "-m", "bench.peers.bare_scrapy")
        asked = (server.url, folder / "paths", CONCURRENT_REQUESTS)
        for _ in range(rounds):
            turns.take("helpwatch", lambda: _fresh_crawl(folder, server.url))
            for name, options in BARE.items():
                turns.take(name, lambda words=(*bare, *options, *asked): _bare(words, len(paths)))
            for program, words in _downloads(folder):
                turns.take(program, lambda words=words: cost_of(words, cwd=folder))
    return {
        "articles": article_count,
        "pages": len(paths),
        "rounds": rounds,
        "seconds": {name: turns.seconds(name) for name in turns.costs},
        "cpu_seconds": {
            name: median(cost.cpu_seconds for cost in costs) for name, costs in turns.costs.items()
        },
        "speed_beside": {
            name: turns.ratio("helpwatch", name) for name in turns.costs if name != "helpwatch"
        },
    }


def _fresh_crawl(folder: Path, url: str) -> Cost:
    shutil.rmtree(folder / "crawl", ignore_errors=True)
    return helpwatch("crawl", "--base-url", url, cwd=new_folder(folder / "crawl"))


def _bare(words: Sequence[str | Path | int], page_count: int) -> Cost:
    """A bare spider's run; Failed where it has not got every page."""
    cost = cost_of(words, cwd=ROOT)
    if cost.output.split()[-1:] != [str(page_count)]:
        raise Failed(f"not {page_count} pages, but: {cost.output}")
    return cost


def _downloads(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """What the network allows: a program that only downloads, with its command line."""
    if shutil.which("curl"):
        parallel = ("--parallel", "--parallel-max", str(CONCURRENT_REQUESTS))
        quiet = ("--silent", "--show-error")
        yield "curl", ["curl", *quiet, *parallel, "--config", str(folder / "curl")]
    elif shutil.which("wget"):
        yield "wget", ["wget", "--quiet", "--output-document=/dev/null", "-i", str(folder / "urls")]
    else:
        print("neither curl nor wget is here: what the network allows is not measured", flush=True)


def unchanged_day(peer: ModuleType, article_count: int) -> dict[str, object]:
    """A day on which nothing changed, beside a peer that looks at the same articles."""
    with (
        Server(PYTHON, ROOT, article_count) as server,
        TemporaryDirectory(prefix="helpwatch-bench-") as name,
    ):
        folder = Path(name)
        program = peer.installed(folder)
        if program is None:
            return {"skipped": f"{peer.NAME} could not be installed here: not measured"}
        urls = [server.url + path for path in server.ask("urls").split() if path.count("/") == 2]
        own, their_own = new_folder(folder / "helpwatch"), folder / "peer"
        helpwatch("run", "--base-url", server.url, "--now", DAY_1, cwd=own)
        peer.first_look(program, their_own, urls)
        server.ask("counts")
        theirs = peer.next_look(program, their_own)
        their_counts = json.loads(server.ask("counts"))
        ours = helpwatch("run", "--base-url", server.url, "--now", DAY_2, cwd=own)
        our_counts = json.loads(server.ask("counts"))
    if their_counts.get("articles") != len(urls):
        raise Failed(f"{peer.NAME} asked for {their_counts}, not for {len(urls)} articles")
    return {
        "peer": peer.NAME,
        "articles": article_count,
        "seconds": {"helpwatch": ours.wall_seconds, peer.NAME: theirs.wall_seconds},
        "cpu_seconds": {"helpwatch": ours.cpu_seconds, peer.NAME: theirs.cpu_seconds},
        "counts": {"helpwatch": our_counts, peer.NAME: their_counts},
        "times_less_wall": theirs.wall_seconds / ours.wall_seconds,
        "times_fewer_bytes": their_counts["bytes"] / our_counts["bytes"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    watched = "articles of an unchanged day beside {}; 0: none"
    parser.add_argument("--watched", type=int, default=5_000, help=watched.format(webchanges.NAME))
    parser.add_argument(
        "--watched-by-changedetection",
        type=int,
        default=250,
        help=watched.format(changedetection.NAME),
    )
    given = parser.parse_args()
    found = {"first_crawl": first_crawls(given.articles, given.rounds)}
    beside = ((webchanges, given.watched), (changedetection, given.watched_by_changedetection))
    found["unchanged_days"] = [unchanged_day(peer, count) for peer, count in beside if count]
    results = ROOT / "bench/results"
    results.mkdir(exist_ok=True)
    (results / "turns.json").write_text(json.dumps(found, indent=2))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    try:
        main()
    except (Failed, subprocess.SubprocessError) as error:
        sys.exit(f"bench.turns: {error}")
