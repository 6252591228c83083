"""What bench/results holds, as a table with its growth, and as README's section on performance.

    python -m bench.summary [--write-readme]

Growth is the exponent k of `cost ~ articles ** k` over the sizes that were measured: 1 is linear.
CPU seconds are fitted, since wall seconds are shared with whatever else the machine does.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench/results"
README = ROOT / "README.md"
BEGIN, END = "<!-- performance: written by `make bench` -->", "<!-- /performance -->"
MOST_GROWTH = 1.05
GROWING = ("first crawl", "unchanged day", "1% changed", "compare", "trends", "verify")
TOLD = {
    "first crawl": "first crawl, with its report",
    "unchanged day": "a day on which nothing changed",
    "1% changed": "a day on which 1% changed",
    "verify": "`helpwatch verify`",
    "report html": "`helpwatch report --format html`",
}


def results() -> list[dict[str, Any]]:
    """What `bench.whole` measured, smallest size first."""
    found = [json.loads(path.read_text()) for path in RESULTS.glob("[0-9]*.json")]
    return sorted(found, key=lambda result: result["articles"])


def growth(points: Sequence[tuple[float, float]]) -> float | None:
    """The exponent of the least-squares line through the logarithms; None for too few points."""
    logs = [(log(x), log(y)) for x, y in points if y > 0]
    if len(logs) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread if spread else None


def growths(found: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Step -> exponent of its CPU seconds; and that of the database's bytes."""
    exponents = {
        name: growth([(each["articles"], each["steps"][name]["cpu_seconds"]) for each in found])
        for name in GROWING
    }
    exponents["database bytes"] = growth(
        [(each["articles"], each["steps"]["1% changed"]["database_bytes"]) for each in found]
    )
    return {name: exponent for name, exponent in exponents.items() if exponent is not None}


def printed(found: Sequence[Mapping[str, Any]]) -> str:
    """The table for a terminal: wall seconds, CPU seconds and peak memory by size."""
    names = list(dict.fromkeys(name for each in found for name in each["steps"]))
    head = "".join(f"{each['articles']:>26,}" for each in found)
    lines = [f"{'articles':28}{head}", f"{'':28}" + f"{'wall s   CPU s     MB':>26}" * len(found)]
    for name in names:
        cells = "".join(f"{_cell(each['steps'].get(name)):>26}" for each in found)
        lines.append(f"{name:28}{cells}")
    for name, exponent in growths(found).items():
        verdict = "" if exponent <= MOST_GROWTH else f"  more than {MOST_GROWTH}"
        lines.append(f"growth of {name:24} {exponent:.2f}{verdict}")
    if len(found) > 1:
        peaks = [peak_megabytes(each) for each in found]
        lines.append("peak memory " + ", ".join(f"{peak:.0f} MB" for peak in peaks))
    return "\n".join(lines)


def _cell(step: Mapping[str, Any] | None) -> str:
    if step is None:
        return "-"
    peak = step["peak_megabytes"]  # of a program that is over at once nobody has seen it
    memory = "     -" if peak is None else f"{peak:6.0f}"
    return f"{step['wall_seconds']:.2f} {step['cpu_seconds']:7.2f} {memory}"


def peak_megabytes(result: Mapping[str, Any]) -> float:
    """The most that any of the crawling steps took."""
    return max(result["steps"][name]["peak_megabytes"] for name in GROWING[:3])


def section(found: Sequence[Mapping[str, Any]], turns: Mapping[str, Any] | None) -> str:
    """README's section."""
    newest = found[-1]
    head = " | ".join(f"{each['articles']:,} articles" for each in found)
    lines = [
        f"Measured on {newest['at']} on a machine with {newest['machine']}, against a server on",
        "the same machine, with politeness off: real sites are asked far more slowly. `make bench`",
        "measures it again and writes this section.",
        "",
        f"| seconds of wall time | {head} |",
        "| --- |" + " ---: |" * len(found),
    ]
    for name, told in TOLD.items():
        cells = " | ".join(f"{each['steps'][name]['wall_seconds']:.1f}" for each in found)
        lines.append(f"| {told} | {cells} |")
    peaks = " | ".join(f"{peak_megabytes(each):.0f} MB" for each in found)
    sizes = " | ".join(
        f"{each['steps']['first crawl']['database_bytes'] / 1e6:.0f} MB" for each in found
    )
    lines += [f"| peak memory | {peaks} |", f"| database after the first crawl | {sizes} |", ""]
    lines += [_requests(newest), *_beside(turns or {})]
    return "\n".join(lines)


def _requests(result: Mapping[str, Any]) -> str:
    served = result["steps"]["unchanged day"]["served"]
    return (
        f"On the unchanged day of {result['articles']:,} articles helpwatch asked for "
        f"{served['listings']:,} listing pages and {served.get('articles', 0):,} articles."
    )


def _beside(turns: Mapping[str, Any]) -> list[str]:
    """What was measured in turns, in a sentence each."""
    said = []
    if first := turns.get("first_crawl"):
        beside = first["speed_beside"]
        said.append(
            f"A first crawl, reading and storing included, goes at {beside['bare Scrapy']:.0%} of"
            " the speed of a bare Scrapy spider that downloads the same pages, with the settings of"
            " helpwatch, and does nothing with them. It is"
            f" {beside['bare Scrapy, its own settings']:.0%} of the speed of one with Scrapy's own"
            f" settings, and {beside['bare Scrapy, one item worker']:.0%} of one whose item workers"
            " are cut to one as well, as those of helpwatch are."
        )
        for program in {"curl", "wget"} & beside.keys():
            seconds = first["seconds"]
            said.append(
                f"{program} downloads them in {seconds[program]:.1f} s where helpwatch takes"
                f" {seconds['helpwatch']:.1f}: the network is no limit here."
            )
    for day in turns.get("unchanged_days", ()):
        if "times_less_wall" in day:
            said.append(
                f"An unchanged day of {day['articles']:,} articles takes"
                f" {day['times_less_wall']:.0f} times less time and"
                f" {day['times_fewer_bytes']:.1f} times fewer bytes than {day['peer']} takes to"
                " look at the same articles."
            )
    return said


def write_readme(text: str) -> None:
    """Replaces what stands between the markers; ValueError where README has none."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise ValueError(f"README.md has no place for it: {BEGIN} ... {END}")
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write-readme", action="store_true")
    given = parser.parse_args()
    found = results()
    if not found:
        raise SystemExit("bench/results is empty; `make bench` fills it")
    print(printed(found))
    turns = RESULTS / "turns.json"
    text = section(found, json.loads(turns.read_text()) if turns.exists() else None)
    (RESULTS / "summary.md").write_text(text + "\n", encoding="utf-8")
    if given.write_readme:
        write_readme(text)


if __name__ == "__main__":
    main()
