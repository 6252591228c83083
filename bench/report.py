"""How long a report over 1,000 changes takes in each format, and how large it gets.

    python bench/report.py

Aim: the HTML report in under 3 s and under 5 MB.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from report_findings import many_changes  # noqa: E402
from reports import data, feed, markdown, webpage  # noqa: E402

CHANGES = 1_000


def main() -> None:
    findings = many_changes(CHANGES)
    renderers = {
        "html": webpage.render,
        "markdown": markdown.render,
        "json": data.render_json,
        "csv": data.render_csv,
        "atom": feed.render,
    }
    print(f"{CHANGES:,} text edits of six changed blocks each")
    for name, render in renderers.items():
        began = time.perf_counter()
        size = len(render(findings).encode())
        print(f"{name:9} {time.perf_counter() - began:6.2f} s {size / 1e6:6.2f} MB")


if __name__ == "__main__":
    main()
