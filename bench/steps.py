"""Single steps on a crawled database, each in a process of its own: `python -m bench.steps`.

    compare DATABASE            the newest crawl with the state before it, changes graded
    trends DATABASE             every article's views ranked
    save-pages COUNT FOLDER     writes the article pages of a centre to files (not measured)

The first two print {"seconds", "cpu_seconds", "count"}; nothing is written.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import pages
from bench.centre import ORIGIN, Centre
from db import queries, states
from db.connection import connect_for_reading
from spiders.sites import okx
from tracker import changes
from tracker import trends as ranking


def compare(database: str) -> int:
    """How many changes the newest crawl shows."""
    connection = connect_for_reading(database)
    newest = queries.crawls(connection, site="okx")[-1]
    before, after = states.site_states(connection, newest.id)
    seen = states.sighting(connection, newest.id)
    return len(changes.compare(before, after, seen, zone=okx.TIME_ZONE, own_origin=ORIGIN).changes)


def trends(database: str) -> int:
    """How many articles have a trend after the newest crawl."""
    connection = connect_for_reading(database)
    newest = queries.crawls(connection, site="okx")[-1]
    series = queries.view_series(connection, newest.site_id, newest.finished_at)
    return len(ranking.rank(series, newest.finished_at))


def save_pages(count: int, folder: Path) -> None:
    """Files as a browser saves them: one for each article."""
    folder.mkdir(parents=True, exist_ok=True)
    centre, chrome = Centre(count), pages.Chrome()
    for number, article in enumerate(centre.articles):
        body = b"".join(pages.article_page(article, centre, chrome))
        (folder / f"{number:06}.html").write_bytes(body)


TRIES = 3


def timed(work: Callable[[], int]) -> dict[str, float]:
    """The best of several tries: a step of some milliseconds says little about growth by itself."""
    return min((_timed(work) for _ in range(TRIES)), key=lambda tried: tried["seconds"])


def _timed(work: Callable[[], int]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    count = work()
    return {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "count": count,
    }


def main() -> None:
    what, *words = sys.argv[1:]
    if what == "save-pages":
        save_pages(int(words[0]), Path(words[1]))
        return
    step = {"compare": compare, "trends": trends}[what]
    print(json.dumps(timed(lambda: step(words[0]))))


if __name__ == "__main__":
    main()
