"""What it takes to compare two states of 20,000 articles: `python -m bench.compare_states`.

The whole way that a cycle goes: two crawls in a database, the states before and after the second,
what it saw, and the changes between them, each with its severity. Time is of one pass; memory is
the peak of a second pass, measured by tracemalloc.
"""

import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from db import states
from db.connection import writing
from db.store import Store
from spiders.items import ArticlePage, Fetch, ListingEntry, ListingPage, PageRead
from tracker import changes, watchlist

ARTICLES = 20_000
SECTIONS = 40
BASE = "https://help.example"
FIRST_DAY = datetime(2026, 4, 17, 6, tzinfo=UTC)
UPDATED = datetime(2026, 3, 1, 8, tzinfo=UTC)
WORDS = ("account", "asset", "balance", "deposit", "fee", "fund", "limit", "margin", "order")

Edit = Callable[[int], dict]
"""Number of an article -> the facts of its page on the second day."""


def text(number: int) -> str:
    """About 3 kB of words and figures that are this article's own."""
    rng = Random(number)
    lines = [
        " ".join(rng.choices(WORDS, k=24)) + f" {rng.randint(1, 99)}.{rng.randint(10, 99)}%."
        for _ in range(18)
    ]
    return "\n\n".join(lines) + "\n"


def nothing(number: int) -> dict:
    return {}


def one_in_fifty_edited(number: int) -> dict:
    is_edited = number % 50 == 0
    return (
        {"body": text(number).replace("%", " percent", 3), "updated_at": FIRST_DAY}
        if is_edited
        else {}
    )


def all_stamped(number: int) -> dict:
    return {"updated_at": FIRST_DAY}


def one_footer_everywhere(number: int) -> dict:
    return {"body": text(number) + "\nThe United States and Malaysia included.\n"}


SCENARIOS: dict[str, Edit] = {
    "nothing changed": nothing,
    "1 in 50 edited": one_in_fifty_edited,
    "a new date on all": all_stamped,
    "the same edit on all": one_footer_everywhere,
}


def reads(at: datetime, edit: Edit) -> Iterator[PageRead]:
    """Every section on one page, and every article's own page."""
    for section in range(SECTIONS):
        numbers = range(section, ARTICLES, SECTIONS)
        url = f"{BASE}/help/section/s{section}"
        entries = tuple(
            ListingEntry(title=f"Article {n}", slug=f"a{n}", source_id=f"id{n}", updated_at=UPDATED)
            for n in numbers
        )
        page = ListingPage(
            locale="en", kind="section", slug=f"s{section}", url=url, section_slug=f"s{section}",
            claimed_total=len(entries), entries=entries,
        )  # fmt: skip
        yield PageRead(fetch=Fetch(url=url, fetched_at=at), page=page, wanted="listing")
    for n in range(ARTICLES):
        facts = {"body": text(n), "updated_at": UPDATED} | edit(n)
        url = f"{BASE}/help/a{n}"
        page = ArticlePage(
            locale="en", slug=f"a{n}", url=url, title=f"Article {n}", source_id=f"id{n}",
            section_slug=f"s{n % SECTIONS}", category_slug="faq", parser="bench-1", **facts,
        )  # fmt: skip
        yield PageRead(fetch=Fetch(url=url, fetched_at=at), page=page, wanted="article")


def crawl(store: Store, at: datetime, edit: Edit) -> int:
    site = store.site("bench", BASE)
    crawl_id = store.begin_crawl(site, at, parser="bench-1", locales=["en"])
    with writing(store.connection):
        for read in reads(at, edit):
            store.record(crawl_id, site.id, read)
    store.finish_crawl(crawl_id, "complete", at)
    return crawl_id


def compare(store: Store, crawl_id: int) -> int:
    """How many changes are found; what a cycle does between crawling and keeping them."""
    before, after = states.site_states(store.connection, crawl_id)
    sighting = states.sighting(store.connection, crawl_id)
    rules = watchlist.DEFAULT_RULES
    found = changes.compare(before, after, sighting, zone=UTC, own_origin=BASE, rules=rules)
    return len(watchlist.with_groups_together(found.changes))


def main() -> None:
    print(f"{f'{ARTICLES:,} articles of 3 kB':24} {'changes':>8} {'seconds':>8} {'peak MB':>8}")
    for name, edit in SCENARIOS.items():
        with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/bench.db") as store:
            first = crawl(store, FIRST_DAY - timedelta(days=1), nothing)
            store.conclude(
                first,
                health={"verdict": "healthy", "baseline_locales": ["en"]},
                is_baseline=True,
                changes=(),
                statuses={},
                trends=(),
                compared_at=FIRST_DAY,
            )
            second = crawl(store, FIRST_DAY, edit)
            start = time.perf_counter()
            count = compare(store, second)
            seconds = time.perf_counter() - start
            tracemalloc.start()
            compare(store, second)
            peak = tracemalloc.get_traced_memory()[1] / 1_000_000
            tracemalloc.stop()
        print(f"{name:24} {count:8,} {seconds:8.2f} {peak:8.0f}")


if __name__ == "__main__":
    main()
