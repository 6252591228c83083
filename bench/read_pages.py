"""How fast the real pages are read: ms per page, and the ratio to parsing the same page to a tree.

    python bench/read_pages.py [FOLDER]

FOLDER holds article-page.html and section-page.html (../shared/samples/okx if not given). Without
them it measures the pages of the demo help centre, which are smaller, and says so.
"""

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean

from bs4 import BeautifulSoup

from spiders.demo.pages import render
from spiders.sites import demo, okx

SAMPLES = Path(__file__).parents[2] / "shared/samples/okx"
ROUNDS, READS = 20, 25
AIMS_MS = {"article": 1.0, "section": 3.0}


def milliseconds(work: Callable[[], object], rounds: int, reads: int) -> tuple[float, float]:
    """Mean over all reads, and over the best round: other programs disturb that one least."""
    work()
    gc.collect()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(reads):
            work()
        times.append((time.perf_counter() - started) / reads * 1000)
    return mean(times), min(times)


def real_pages(folder: Path) -> dict[str, tuple[bytes, str]]:
    names = {
        "article": ("article-page.html", "/help/okx-to-list-perpetual-futures-for-init-crypto"),
        "section": (
            "section-page.html",
            "/help/section/announcements-latest-announcements/page/2",
        ),
    }
    return {
        kind: ((folder / file).read_bytes(), okx.BASE_URL + path)
        for kind, (file, path) in names.items()
    }


def demo_pages() -> dict[str, tuple[bytes, str]]:
    paths = {
        "article": "/help/why-did-my-identity-verification-fail",
        "section": "/help/section/announcements-latest-announcements",
    }
    return {kind: (render(1, path)[2], demo.BASE_URL + path) for kind, path in paths.items()}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    is_real = (folder / "article-page.html").exists()
    site, pages = (okx, real_pages(folder)) if is_real else (demo, demo_pages())
    if not is_real:
        print(f"No saved pages in {folder}: measuring pages of the demo help centre instead")
    print("page        KB   read ms (best round)   tree ms   ratio   aim ms")
    for kind, (body, url) in pages.items():
        average, best = milliseconds(
            lambda b=body, u=url: site.read_page(b, u, check_forms=False), ROUNDS, READS
        )
        tree, _ = milliseconds(lambda b=body: BeautifulSoup(b, "lxml"), 3, 3)
        print(
            f"{kind:8} {len(body) / 1024:5.0f}   {average:7.2f} ({best:.2f})"
            f"       {tree:11.1f}   1:{tree / average:.0f}   {AIMS_MS[kind]:6.1f}"
        )


if __name__ == "__main__":
    main()
