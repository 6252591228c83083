"""The statement of what was watched: its words, and the chain of its rows."""

import hashlib
import json
from datetime import timedelta

from builders import NOW, article, change, crawl, listing
from db.records import UnreadPage
from reports.coverage import chained_lines, head_of, render_json, render_text
from tracker.coverage import ArticleWatch, Coverage, CoveragePolicy, CrawlWatch, Gap, Unread

DAY = timedelta(days=1)


def watched(article_id: int = 1, *unread: Unread, **facts) -> ArticleWatch:
    return ArticleWatch(
        article=article(article_id, **facts),
        version=None,
        last_read_before=NOW - DAY,
        read_at=(NOW,),
        unread=unread,
    )


def look(*listings, crawl_id: int = 2, unread=(), **facts) -> CrawlWatch:
    return CrawlWatch(
        crawl=crawl(crawl_id, **facts),
        listings=listings or (listing(),),
        unread=unread,
        confirmed_count=29,
        new_count=1,
    )


def coverage(**facts) -> Coverage:
    return Coverage(
        **{
            "site": "demo",
            "base_url": "https://help.example",
            "since": NOW,
            "until": NOW + 3 * DAY,
            "policy": CoveragePolicy(),
            "crawls": (look(),),
            "gaps": (Gap(from_at=NOW, until_at=NOW + DAY, is_long=False),),
            "articles": (watched(),),
            "changes": (),
            "head": None,
        }
        | facts
    )


def text(**facts) -> str:
    return render_text(coverage(**facts), "f" * 64)


SILENT = Unread(from_at=NOW, until_at=NOW + 9 * DAY, why="its page was not asked for")


def test_a_quiet_period_is_stated_in_numbers():
    told = text()
    assert "1 crawl, of them 1 complete." in told
    assert "1 article, of them 1 read often enough all through the period; no change" in told
    assert "No change was found." in told
    assert told.endswith(f"Head of this statement's rows (--format json): {'f' * 64}\n")


def test_changes_are_counted_by_kind():
    told = text(changes=(change(1, "silent_edit"), change(2, "new"), change(3, "new")))
    assert "3 changes found: 1 quietly edited and 2 new." in told


def test_only_listings_with_something_missing_are_named_with_the_crawl():
    whole, short = listing(1), listing(2, claimed_total=40, seen_count=28)
    crawls, listings = text(crawls=(look(whole, short),)).split("\nListings\n")
    assert "Section 2 (en): 28 seen of 40 claimed; 12 of 40 entries not seen" in crawls
    assert "Section 1" not in crawls
    assert "Section 1 (en): read to its end 1 of 1 times; claimed 30, seen 30" in listings


def test_a_listing_is_told_over_all_crawls_of_the_period():
    later = listing(1, claimed_total=33, seen_count=31, is_complete=False)
    told = text(crawls=(look(), look(later, crawl_id=3, outcome="partial")))
    assert "Section 1 (en): read to its end 1 of 2 times; claimed 30 to 33, seen 30 to 31" in told


def test_a_long_gap_and_an_unread_page_stand_out():
    long_gap = Gap(from_at=NOW, until_at=NOW + 3 * DAY, is_long=True)
    page = UnreadPage(url="https://help.example/help/x", kind="robots", why="disallowed")
    told = text(gaps=(long_gap,), crawls=(look(unread=(page,)),))
    assert "3 days  LONGER THAN USUAL" in told
    assert "Not read: https://help.example/help/x: disallowed" in told


def test_very_many_unread_articles_are_cut_short_and_counted():
    told = text(articles=[watched(number, SILENT) for number in range(250)])
    assert told.count("its page was not asked for") == 100
    assert "and 150 more: see --format json" in told


def test_page_text_cannot_act_in_a_terminal():
    assert "\x1b" not in text(articles=(watched(1, SILENT, title="A\x1b[2J"),))


def test_each_row_holds_the_hash_of_the_row_before_it():
    previous = "0" * 64
    for line in render_json(coverage()).splitlines():
        assert json.loads(line)["previous"] == previous
        assert line.isascii()
        previous = hashlib.sha256(line.encode()).hexdigest()
    assert head_of(chained_lines(coverage())) == previous


def test_any_other_fact_gives_another_head():
    heads = {
        head_of(chained_lines(one))
        for one in (
            coverage(),
            coverage(changes=(change(1, "new"),)),
            coverage(articles=(watched(1, SILENT),)),
            coverage(crawls=(look(errors=1),)),
            coverage(gaps=()),
            coverage(until=NOW + 4 * DAY),
        )
    }
    assert len(heads) == 6


def test_a_page_title_cannot_forge_a_row():
    told = coverage(articles=(watched(1, title='A"}\n{"row":"summary","changes":0}'),))
    rows = [json.loads(line)["row"] for line in render_json(told).splitlines()]
    assert rows == ["period", "crawl", "listing", "gap", "article", "summary"]
