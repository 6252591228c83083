"""The whole tool on centres of several sizes: crawls, comparisons, reports, verify, import, start.

    python -m bench.whole [SIZE ...]

Sizes are articles; 1,000 and 5,000 unless given. Writes bench/results/SIZE.json for each.
"""

import json
import os
import platform
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.centre_crawl import PYTHON, ROOT, helpwatch, new_folder
from bench.measure import Cost, Failed, Server, cost_of

RESULTS = ROOT / "bench/results"
DEFAULT_SIZES = (1_000, 5_000)
DAYS = {day: f"2026-01-0{day + 4}T06:00:00Z" for day in (1, 2, 3)}
EDITED_SHARE = 0.01
MOST_SAVED_PAGES = 5_000
STARTS = 5
FORMATS = {
    "html": "html", "markdown": "md", "json": "json", "csv": "csv", "xlsx": "xlsx", "atom": "xml"
}  # fmt: skip


class Suite:
    """The steps on one centre, in order, each with its cost."""

    def __init__(self, folder: Path, server: Server, article_count: int):
        self._server, self._article_count = server, article_count
        self._folder = new_folder(folder / "helpwatch")
        self._saved = folder / "saved"
        self.steps: dict[str, dict[str, object]] = {}

    def run(self) -> None:
        self._server.ask("counts")
        self._cycle("first crawl", 1)
        self._cycle("unchanged day", 2, edited_share=0.0)
        self._cycle("1% changed", 3, edited_share=EDITED_SHARE)
        for name in ("compare", "trends"):
            self._take(name, lambda name=name: self._step(name))
        for form, ending in FORMATS.items():
            out = self._folder / f"report.{ending}"
            words = ("report", "--crawl", "3", "--format", form, "-o", out)
            self._take(f"report {form}", lambda words=words: helpwatch(*words, cwd=self._folder))
            self.steps[f"report {form}"]["bytes"] = out.stat().st_size
        self._take("verify", lambda: helpwatch("verify", cwd=self._folder))
        for words in (("--help",), ("status",)):
            self._take(f"start {words[0]}", lambda words=words: self._start(*words))
        self._import()

    def _take(self, name: str, work: Callable[[], Cost]) -> Cost:
        cost = work()
        self.steps[name] = cost.as_json()
        print(_line(name, self.steps[name]), flush=True)
        return cost

    def _cycle(self, name: str, day: int, edited_share: float | None = None) -> None:
        if edited_share is not None:
            self._server.ask(f"day?edited={edited_share}")
        words = ("run", "--base-url", self._server.url, "--now", DAYS[day])
        before = self._database_bytes()
        cost = helpwatch(*words, cwd=self._folder)
        self.steps[name] = cost.as_json() | {
            "served": json.loads(self._server.ask("counts")),
            "database_bytes": self._database_bytes(),
            "database_grew_bytes": self._database_bytes() - before,
        }
        print(_line(name, self.steps[name]), flush=True)

    def _database_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._folder.glob("helpwatch.db*"))

    def _step(self, name: str) -> Cost:
        """One step, timed inside its process; its memory is that of the whole process."""
        command = (PYTHON, "-m", "bench.steps", name, self._folder / "helpwatch.db")
        cost = cost_of(command, cwd=ROOT)
        inside = json.loads(cost.output)
        return Cost(inside["seconds"], inside["cpu_seconds"], cost.peak_megabytes)

    def _start(self, *words: str) -> Cost:
        """The best of several starts; `status` of simulated days is rightly exit code 1."""
        tries = [helpwatch(*words, cwd=self._folder, accepted=(0, 1)) for _ in range(STARTS)]
        return min(tries, key=lambda cost: cost.wall_seconds)

    def _import(self) -> None:
        count = min(self._article_count, MOST_SAVED_PAGES)
        cost_of((PYTHON, "-m", "bench.steps", "save-pages", str(count), self._saved), cwd=ROOT)
        words = ("import", self._saved, "--captured-at", DAYS[1])
        folder = new_folder(self._folder / "imported")
        self._take(f"import of {count:,} pages", lambda: helpwatch(*words, cwd=folder))
        shutil.rmtree(self._saved)


def _line(name: str, step: dict[str, object]) -> str:
    peak = step["peak_megabytes"]
    text = f"  {name:26} {step['wall_seconds']:8.2f} s {step['cpu_seconds']:8.2f} s CPU"
    text += f" {peak:6.0f} MB" if peak else ""
    if served := step.get("served"):
        text += f"  {served['listings']:,} listing pages, {served.get('articles', 0):,} articles"
        text += f", {step['database_grew_bytes'] / 1e6:+.2f} MB in the database"
    return text


def measured(article_count: int) -> dict[str, object]:
    with TemporaryDirectory(prefix="helpwatch-bench-") as name:
        print(f"{article_count:,} articles", flush=True)
        with Server(PYTHON, ROOT, article_count) as server:
            suite = Suite(Path(name), server, article_count)
            suite.run()
    return {
        "articles": article_count,
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": machine(),
        "steps": suite.steps,
    }


def machine() -> str:
    """Processor, cores, memory and versions, in a line."""
    model = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists():
        names = [line for line in cpus.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def main() -> None:
    sizes = [int(word.replace(",", "")) for word in sys.argv[1:]] or DEFAULT_SIZES
    RESULTS.mkdir(exist_ok=True)
    for size in sizes:
        found = measured(size)
        (RESULTS / f"{size}.json").write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"bench.whole: {error}")
