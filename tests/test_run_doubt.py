"""A crawl in doubt is no measure: what its pages really said is told by the next that is believed,
once, and what a person accepts is told then."""

import csv
import io
import json
from datetime import timedelta

import pytest
from rich.console import Console

from db import evidence, queries
from db.past import removed_at
from db.versions import Comparer
from pages_read import NOON, article_read, entry, listing_read
from reports import asof as told_of
from spiders.items import Fetch, PageGone, PageRead
from spiders.sites import demo
from tracker.asof import SiteThen, compare
from tracker.run.config import Config, SiteConfig
from tracker.run.cycle import conclude
from tracker.run.judging import release
from tracker.run.statements import site_then

CONFIG = Config(sites={"demo": SiteConfig()})
NAMES = [f"article-{n}" for n in range(1, 13)]
GOOD, EDITED, BROKEN = "The fee is 0.10%.\n", "The fee is 0.20%.\n", "Cookies!\n"


def crawled(store, number: int, text: str, *, listed=NAMES, read=None, also=(), **texts) -> str:
    """A complete crawl of that day, concluded: its verdict. `texts` are those of single articles,
    with `_` for `-`."""
    at = NOON + timedelta(days=number)
    site = store.site("demo", demo.BASE_URL)
    facts = {"parser": texts.pop("parser", "test-1")}
    crawl_id = store.begin_crawl(site, at, parser=facts["parser"], locales=["en"])
    store.record(crawl_id, site.id, listing_read(*map(entry, listed), at=at))
    for name in listed if read is None else read:
        body = texts.get(name.replace("-", "_"), text)
        store.record(crawl_id, site.id, article_read(name, at=at, body=body, **facts))
    for page in also:
        store.record(crawl_id, site.id, page)
    store.finish_crawl(crawl_id, "complete", at)
    return conclude(store, CONFIG, crawl_id, at).verdict


def gone(name: str, number: int) -> PageRead:
    """The address of an article that was there answers that it is not."""
    url = f"https://help.example/help/{name}"
    page = PageGone(locale="en", url=url, reason="answers 404")
    fetch = Fetch(url=url, fetched_at=NOON + timedelta(days=number), status=404)
    return PageRead(fetch=fetch, page=page, wanted="article", article_id=NAMES.index(name) + 1)


def told(store) -> list[tuple[int, int, str, str | None, str | None]]:
    """(crawl, article, kind, text before, text after) of all that is not held back."""
    return [
        (c.crawl_id, c.article_id, c.kind, text_of(store, c.from_version_id),
         text_of(store, c.to_version_id))
        for c in sorted(queries.changes(store.connection), key=lambda c: (c.crawl_id, c.article_id))
        if "suspect" not in c.detail
    ]  # fmt: skip


def held_back(store) -> list[int]:
    """The crawls of the changes that are held back."""
    return sorted(c.crawl_id for c in queries.changes(store.connection) if "suspect" in c.detail)


def text_of(store, version_id: int | None) -> str | None:
    return version_id and store.database["versions"].get(version_id)["body"]


def test_a_site_that_was_broken_for_a_day_has_not_changed(store):
    crawled(store, 0, GOOD)
    assert crawled(store, 1, BROKEN) == "suspect"
    assert crawled(store, 2, GOOD) == "healthy"
    assert told(store) == []
    assert crawled(store, 3, EDITED) == "suspect"


def test_what_stands_only_in_a_search_that_was_added_on_such_a_day_was_there_before(store):
    crawled(store, 0, GOOD)
    for number, text in ((1, BROKEN), (2, GOOD)):
        at = NOON + timedelta(days=number)
        search = listing_read(entry("found"), kind="search", slug="term=fee", at=at)
        crawled(store, number, text, also=[search])
    assert told(store) == []


def test_an_edit_of_those_days_is_told_once_from_what_was_known_before(store):
    crawled(store, 0, GOOD)
    crawled(store, 1, BROKEN)
    crawled(store, 2, GOOD, article_1=EDITED)
    crawled(store, 3, GOOD, article_1=EDITED)
    assert told(store) == [(3, 1, "silent_edit", GOOD, EDITED)]


def test_an_edit_that_the_crawl_in_doubt_read_well_is_told_by_the_next(store):
    crawled(store, 0, GOOD)
    crawled(store, 1, BROKEN, article_1=EDITED)
    crawled(store, 2, GOOD, article_1=EDITED)
    assert told(store) == [(3, 1, "silent_edit", GOOD, EDITED)]
    assert "settled 12 others" in release(store, CONFIG, 2)
    assert told(store) == [(3, 1, "silent_edit", GOOD, EDITED)]


def test_what_was_not_read_again_waits_until_it_is(store):
    crawled(store, 0, GOOD)
    crawled(store, 1, BROKEN)
    crawled(store, 2, GOOD, read=NAMES[1:])
    crawled(store, 3, GOOD, article_1=EDITED)
    assert told(store) == [(4, 1, "silent_edit", GOOD, EDITED)]


def test_pages_that_a_crawl_in_doubt_read_are_asked_for_again_whole(store):
    from db import states

    def is_due() -> set[tuple[bool, str | None]]:
        known = states.known_articles(store.connection, 1, (), locales=["en"])
        return {(article.is_due, article.etag) for article in known}

    crawled(store, 0, GOOD)
    crawled(store, 1, BROKEN)
    store.connection.execute("UPDATE fetches SET etag = 'x' WHERE article_id IS NOT NULL")
    assert is_due() == {(True, None)}
    release(store, CONFIG, 2)
    assert is_due() == {(False, "x")}


def test_a_reader_that_was_mended_puts_its_text_in_the_place_of_the_broken_one(store):
    """Which the broken reader's own snapshots, read again, would only confirm."""

    def reread(body, url, form, content_type):
        return article_read("x", body=body.decode()[6:-7], parser="test-2").page

    crawled(store, 0, GOOD)
    crawled(store, 1, BROKEN)
    store.compare_with(Comparer(reread=reread))
    crawled(store, 2, GOOD, article_1=EDITED, parser="test-2")
    assert told(store) == [(3, 1, "silent_edit", GOOD, EDITED)]
    now = store.database.query("SELECT body FROM current_articles ORDER BY id")
    assert [row["body"] for row in now] == [EDITED, *[GOOD] * 11]


def as_read(parser: str, fee: str) -> str:
    return f"Read by {parser}.\n\nThe fee is {fee}.\n"


def reader(parser: str) -> Comparer:
    def reread(body, url, form, content_type):
        fee = body.decode()[6:-7].partition("The fee is ")[2].removesuffix(".\n")
        return article_read("x", body=as_read(parser, fee), parser=parser).page

    return Comparer(reread=reread)


@pytest.mark.parametrize("todays", ["test-3", "test-4"])
def test_what_better_readers_read_since_is_no_edit_once_the_first_is_accepted(store, todays):
    """No reader has read both the text that is believed from then on and the newest one."""
    for number, (parser, fee) in enumerate(
        [("test-1", "1%"), ("test-1", "2%"), ("test-2", "2%"), ("test-3", "2%")]
    ):
        store.compare_with(reader(parser))
        crawled(store, number, as_read(parser, fee), parser=parser)
    assert set(held_back(store)) == {2, 3, 4}
    store.compare_with(reader(todays))
    release(store, CONFIG, 2)
    assert {change.crawl_id for change in queries.changes(store.connection)} == {2}


def test_a_mass_change_stays_suspect_until_it_is_accepted_and_is_told_once(store):
    crawled(store, 0, GOOD)
    assert [crawled(store, number, EDITED) for number in (1, 2, 3)] == ["suspect"] * 3
    assert held_back(store) == [2] * 12 + [3] * 12 + [4] * 12
    assert "tells its 12 changes" in release(store, CONFIG, 2)
    assert held_back(store) == []
    assert crawled(store, 4, EDITED) == "healthy"
    assert {row[0] for row in told(store)} == {2}
    assert len(told(store)) == 12


def test_accepting_a_later_crawl_tells_all_and_leaves_the_earlier_nothing(store):
    crawled(store, 0, GOOD)
    crawled(store, 1, EDITED)
    crawled(store, 2, EDITED)
    release(store, CONFIG, 3)
    assert crawled(store, 3, EDITED) == "healthy"
    assert "tells its 0 changes" in release(store, CONFIG, 2)
    assert [row[0] for row in told(store)] == [3] * 12


def test_after_acceptance_the_next_crawl_is_compared_with_what_was_accepted(store):
    crawled(store, 0, GOOD)
    crawled(store, 1, EDITED)
    release(store, CONFIG, 2)
    crawled(store, 2, EDITED, article_3=GOOD)
    assert told(store)[12:] == [(3, 3, "silent_edit", EDITED, GOOD)]
    assert queries.changes(store.connection, crawl_ids=[3])[0].detail["reverts_to"] == 1


@pytest.mark.parametrize("is_accepted", [False, True])
def test_what_is_gone_in_a_crawl_in_doubt_is_told_once(store, is_accepted):
    crawled(store, 0, GOOD)
    missing = [gone(name, 1) for name in NAMES[:10]]
    assert crawled(store, 1, GOOD, listed=NAMES[10:], also=missing) == "suspect"
    if is_accepted:
        release(store, CONFIG, 2)
    crawled(store, 2, GOOD, listed=NAMES[1:], also=[gone(NAMES[0], 2)])
    crawled(store, 3, GOOD, listed=NAMES[1:], also=[gone(NAMES[0], 3)])
    found = [(crawl, article, kind) for crawl, article, kind, *_ in told(store)]
    if is_accepted:
        assert found[10:] == [(3, article, "relisted") for article in range(2, 11)]
    else:
        assert found == [(3, 1, "removed")]
        assert "tells its 0 changes" in release(store, CONFIG, 2)
    (status,) = store.connection.execute("SELECT status FROM articles WHERE id = 1").fetchone()
    assert status == "removed"


def test_an_article_that_a_crawl_in_doubt_saw_first_is_new_to_the_next(store):
    with_another = [*NAMES, "article-13"]
    crawled(store, 0, GOOD)
    crawled(store, 1, BROKEN, listed=with_another)
    crawled(store, 2, GOOD, listed=with_another)
    assert told(store) == [(3, 13, "new", None, GOOD)]


def test_what_only_a_crawl_in_doubt_saw_goes_without_a_word(store):
    with_another = [*NAMES, "article-13"]
    crawled(store, 0, GOOD)
    crawled(store, 1, BROKEN, listed=with_another)
    url = "https://help.example/help/article-13"
    lost = PageRead(
        fetch=Fetch(url=url, fetched_at=NOON + timedelta(days=2), status=404),
        page=PageGone(locale="en", url=url, reason="answers 404"),
        wanted="article",
        article_id=13,
    )
    crawled(store, 2, GOOD, also=[lost])
    assert told(store) == []
    crawled(store, 3, GOOD, listed=with_another)
    crawled(store, 4, GOOD, listed=with_another)
    assert told(store) == [(4, 13, "new", None, GOOD)]


def test_a_gap_that_a_crawl_in_doubt_found_does_not_count_as_usual(store):
    site = store.site("demo", demo.BASE_URL)
    for number in range(3):
        at = NOON + timedelta(days=number)
        crawl_id = store.begin_crawl(site, at, parser="test-1", locales=["en"])
        shown = NAMES if number == 0 else NAMES[:6]
        store.record(crawl_id, site.id, listing_read(*map(entry, shown), at=at, claimed_total=12))
        for name in NAMES:
            store.record(crawl_id, site.id, article_read(name, at=at, body=GOOD))
        store.finish_crawl(crawl_id, "complete", at)
        verdict = conclude(store, CONFIG, crawl_id, at).verdict
        assert verdict == ("suspect" if number else "healthy")
    assert queries.changes(store.connection) == []


def test_a_baseline_in_doubt_is_a_measure_for_there_is_no_other(store):
    crawled(store, 0, GOOD)
    store.connection.execute(
        "UPDATE crawls SET health = json_set(health, '$.verdict', 'suspect') WHERE id = 1"
    )
    crawled(store, 1, GOOD, article_1=EDITED)
    assert told(store) == [(2, 1, "silent_edit", GOOD, EDITED)]


def test_nobody_waits_for_what_later_crawls_have_settled(store):
    from db import outbox

    crawled(store, 0, GOOD)
    crawled(store, 1, BROKEN)
    held = queries.changes(store.connection, crawl_ids=[2])
    outbox.hold_back(store.connection, "mail", map(outbox.key_of, held))
    crawled(store, 2, GOOD)
    release(store, CONFIG, 2)
    assert outbox.held_back(store.connection, 1, "mail") == set()


def test_a_capture_of_before_the_doubt_does_not_settle_it(store):
    crawled(store, 0, GOOD)
    crawled(store, 2, EDITED)
    site, at = store.site("demo", demo.BASE_URL), NOON + timedelta(days=1)
    capture = store.begin_crawl(site, at, parser="test-1", locales=["en"], kind="import")
    store.record(capture, site.id, article_read(NAMES[0], at=at, body=BROKEN))
    store.finish_crawl(capture, "complete", at)
    conclude(store, CONFIG, capture, at)
    release(store, CONFIG, 2)
    assert told(store)[0] == (2, 1, "silent_edit", BROKEN, EDITED)
    assert told(store)[-1] == (3, 1, "silent_edit", GOOD, BROKEN)
    assert len(told(store)) == 13


# -- the help centre as it was ------------------------------------------------------------------


def as_of(store, number: int, hours: int = 1) -> SiteThen:
    at = NOON + timedelta(days=number, hours=hours)
    return site_then(store.connection, evidence.site(store.connection, "demo"), at)


def marks(then: SiteThen) -> list[tuple[int, str, bool, str | None]]:
    """(article, status, read in doubt, status in doubt) of those that are marked."""
    return [
        (id_, a.state.status, a.is_read_in_doubt, a.status_in_doubt)
        for id_, a in sorted(then.articles.items())
        if a.is_in_doubt
    ]


def test_what_a_crawl_in_doubt_read_is_marked_in_the_help_centre_as_it_was(store):
    crawled(store, 0, GOOD)
    assert crawled(store, 1, BROKEN) == "suspect"
    crawled(store, 2, GOOD)
    assert marks(as_of(store, 0)) == marks(as_of(store, 2)) == []
    assert marks(as_of(store, 1)) == [(id_, "listed", True, None) for id_ in range(1, 13)]


def test_what_is_accepted_is_no_longer_marked(store):
    crawled(store, 0, GOOD)
    crawled(store, 1, EDITED)
    assert len(marks(as_of(store, 1))) == 12
    release(store, CONFIG, 2)
    assert marks(as_of(store, 1)) == []


def test_a_status_that_a_crawl_in_doubt_tells_is_marked_and_not_believed(store):
    crawled(store, 0, GOOD)
    lost = [gone(name, 1) for name in NAMES[:8]]
    assert crawled(store, 1, GOOD, listed=NAMES[8:], also=lost) == "suspect"
    then = as_of(store, 1)
    assert marks(then) == [(id_, "listed", False, "removed") for id_ in range(1, 9)]
    statuses = dict(store.connection.execute("SELECT id, status FROM articles").fetchall())
    assert {id_: a.state.status for id_, a in then.articles.items()} == statuses
    assert removed_at(store.connection, 1, NOON + timedelta(days=1)) == {}
    crawled(store, 2, GOOD)
    assert marks(as_of(store, 2)) == []


def test_a_removal_that_is_accepted_counts_from_the_day_on_which_it_was_seen(store):
    crawled(store, 0, GOOD)
    crawled(store, 1, GOOD, listed=NAMES[8:], also=[gone(name, 1) for name in NAMES[:8]])
    release(store, CONFIG, 2)
    assert [a.state.status for a in as_of(store, 1).articles.values()].count("removed") == 8


def test_what_a_baseline_finds_gone_is_gone_though_no_change_tells_it(store):
    """An import knew it before; the first whole crawl does not tell it."""
    site = store.site("demo", demo.BASE_URL)
    import_id = store.begin_crawl(site, NOON, parser="test-1", locales=["en"], kind="import")
    store.record(import_id, site.id, listing_read(*map(entry, NAMES)))
    for name in NAMES:
        store.record(import_id, site.id, article_read(name, body=GOOD))
    store.finish_crawl(import_id, "complete", NOON)
    conclude(store, CONFIG, import_id, NOON)
    crawled(store, 2, GOOD, listed=NAMES[1:], also=[gone(NAMES[0], 2)])
    assert told(store) == []
    statuses = dict(store.connection.execute("SELECT id, status FROM articles").fetchall())
    assert statuses[1] == "removed"
    assert as_of(store, 1).articles[1].state.status == "listed"
    assert {id_: a.state.status for id_, a in as_of(store, 2).articles.items()} == statuses


def test_doubt_stands_in_every_form_of_the_help_centre_as_it_was(store):
    crawled(store, 0, GOOD)
    crawled(store, 1, GOOD, listed=NAMES[8:], also=[gone(name, 1) for name in NAMES[:8]])
    crawled(store, 2, BROKEN)
    gone_away, broken = as_of(store, 1), as_of(store, 2)
    out = io.StringIO()
    console = Console(file=out, width=300)
    told_of.print_site(gone_away, console)
    assert "Of 8 articles a crawl in doubt tells (suspect, and not accepted)" in out.getvalue()
    assert out.getvalue().count("listed; removed to a crawl in doubt") == 8
    as_json = json.loads(told_of.render_site_json(gone_away))
    assert as_json["articles_in_doubt"] == 8
    assert [a["status_in_doubt"] for a in as_json["articles"]].count("removed") == 8
    as_csv = list(csv.DictReader(io.StringIO(told_of.render_site_csv(broken))))
    assert {row["in_doubt"] for row in as_csv} == {"True"}
    differences = compare(as_of(store, 0), broken, lambda was, now: False)
    told_of.print_differences(as_of(store, 0), broken, differences, console)
    assert out.getvalue().count("(as read by a crawl in doubt)") == 12
    as_json = json.loads(told_of.render_differences_json(as_of(store, 0), broken, differences))
    assert {one["in_doubt"] for one in as_json["differences"]} == {True}
