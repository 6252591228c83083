"""Lives of the model centre in which telling and ledger once differed, as short as they get.

Each day of a life holds all that was told against what happened; a test adds what it is about.
"""

import pytest

from model_centre import Look
from model_crawl import Watched
from model_events import (
    close_section,
    edit_footers,
    give_address_away,
    move,
    publish,
    readdress,
    relist,
    remove,
    retitle,
    stamp,
    unlist,
)
from test_model_life import Life


@pytest.fixture
def life():
    life = Life()
    yield life
    life.teardown()


def a_day(life: Life, *happenings, full: bool = False) -> None:
    life.a_day(happenings=happenings, look=Look(), full=full, days=1)


@pytest.mark.parametrize("is_unlisted", [False, True])
def test_what_came_on_a_suspect_day_is_new_when_its_page_is_read_again(life, is_unlisted):
    """A listing showed it on a day on which its page could not be read: that told nobody of it."""
    life.opens(count=6, has_archive=False, gap=0)
    a_day(life, full=True)
    a_day(life, (edit_footers, 7, False), full=True)
    a_day(life, (publish, 22, False))
    life.a_day_on_which_robots_txt_disallows(
        happenings=[], look=Look(), full=False, disallowed=frozenset(["/search", "/a"])
    )
    life.somebody_accepts_a_suspect_crawl(pick=0)
    arrived = list(life.centre.articles)[-1]
    unlisted = (unlist, len(life.centre.articles) - 1, False)
    a_day(life, *[unlisted] * is_unlisted, full=True)
    a_day(life)
    told = [(crawl_id, kind) for crawl_id, kind, key in sorted(life.told()) if key == arrived]
    assert told == [(3, "new"), (5, "new"), *[(6, "unlisted")] * is_unlisted]


def test_what_moved_on_a_suspect_day_is_unlisted_once_the_move_is_believed(life):
    """Until then its page names another section than the one that is known, where it may stand."""
    life.opens(count=8, has_archive=False, gap=0)
    a_day(life, full=True)
    a_day(life, (close_section, 36, True), full=True)
    a_day(life, (close_section, 18, False), (move, 40, False))
    a_day(life)
    assert (3, "moved", (5, "en")) in life.told()
    life.somebody_accepts_a_suspect_crawl(pick=0)
    a_day(life)
    assert (5, "unlisted", (5, "en")) in life.told()


def test_two_articles_that_go_from_the_listings_and_pass_an_address_on_are_not_removed(life):
    life.opens(count=2, has_archive=False, gap=0)
    a_day(life, full=True)
    a_day(life, (unlist, 0, False), (unlist, 0, False), (give_address_away, 0, False))
    (address_of,) = {
        key for key, article in life.centre.articles.items() if article.slug == "article-1"
    }
    assert (2, "unlisted", address_of) in life.told()


def test_what_robots_txt_kept_from_us_on_the_first_day_is_not_new_on_the_next(life):
    life.opens(count=1, has_archive=False, gap=0)
    life.a_day_on_which_robots_txt_disallows(
        happenings=[],
        look=Look(),
        full=False,
        disallowed=frozenset(["/search", "/section/fees"]),
    )
    a_day(life)
    assert not life.told()


def test_an_edit_held_back_is_told_where_a_search_alone_shows_the_article_on_the_next_day(life):
    life.opens(count=7, has_archive=False, gap=0)
    a_day(life, full=True)
    a_day(life, (edit_footers, 54, True))
    a_day(life, (retitle, 26, False), full=True)
    life.the_configuration_changes(Watched(sections=("fees", "news")))
    a_day(life)
    assert (4, "retitled", (23, "en")) in life.told()


def test_what_a_dropped_search_alone_showed_last_is_not_called_unlisted(life):
    """Its section was not watched while it stood there: that it is in none now says nothing."""
    all_sections = Watched(sections=(), has_search=False)
    life.opens(count=3, gap=0, has_archive=False)
    a_day(life)
    life.the_configuration_changes(watched=Watched(sections=("fees", "news"), has_search=True))
    life.a_day_on_which_pages_shift(
        happenings=[(close_section, 12, True)],
        meanwhile=[(19, publish, 52, False)],
        look=Look(seed=35),
        full=True,
    )
    a_day(life, (relist, 56, False))
    life.the_configuration_changes(watched=all_sections)
    life.a_day_on_which_pages_shift(
        happenings=[(unlist, 44, True)],
        meanwhile=[(52, readdress, 57, True), (52, readdress, 57, True), (7, stamp, 26, True)],
        look=Look(seed=44),
        full=False,
    )
    life.two_days_on_which_nothing_happens(look=Look(seed=8))
    assert not [kind for crawl_id, kind, _ in life.told() if crawl_id >= 5 and kind == "unlisted"]


def test_what_moved_before_its_page_was_ever_read_is_unlisted_a_crawl_later(life):
    """Its page names another section than the listing that showed it: it may have gone there."""
    life.opens(count=1, gap=0, has_archive=False)
    life.a_day_on_which_robots_txt_disallows(
        happenings=[],
        look=Look(),
        full=False,
        disallowed=frozenset(["/section/news", "/article-1"]),
    )
    a_day(life, (close_section, 0, False), (move, 0, False))
    a_day(life, full=True)
    told = [crawl_id for crawl_id, kind, _ in sorted(life.told()) if kind == "unlisted"]
    assert told == [3]


def test_what_moved_and_went_while_nobody_looked_is_unlisted_a_crawl_after_the_move(life):
    """Its page tells of the move on the first day that somebody looks again."""
    life.opens(count=1, gap=0, has_archive=False)
    life.the_configuration_changes(Watched(sections=("fees", "limits"), has_search=False))
    a_day(life, full=True)
    life.the_configuration_changes(Watched(sections=("news",), has_search=False))
    a_day(life, (move, 7, False), (unlist, 0, False))
    life.the_configuration_changes(Watched(sections=("fees", "limits"), has_search=False))
    life.two_days_on_which_nothing_happens(look=Look())
    assert {(3, "moved"), (4, "unlisted")} <= {(crawl, kind) for crawl, kind, _ in life.told()}


def test_the_last_of_two_articles_to_stand_at_an_address_is_removed_with_it(life):
    """The other was there before, and nobody knows where it is: one request speaks for both."""
    life.opens(count=2, gap=0, has_archive=False)
    a_day(life, full=True)
    a_day(life, (unlist, 0, False), (give_address_away, 0, False), full=True)
    a_day(life, full=True)
    (heir,) = {key for key, article in life.centre.articles.items() if article.slug == "article-1"}
    a_day(life, (remove, list(life.centre.articles).index(heir), False))
    assert (4, "removed", heir) in life.told()
    (asked,) = life.store.connection.execute(
        "SELECT a.source_id FROM fetches f JOIN articles a ON a.id = f.article_id"
        " WHERE f.crawl_id = 4 AND f.page_kind = 'gone'"
    )
    assert asked == (f"id{heir[0]}",)


def test_what_two_better_readers_read_since_is_no_edit_once_the_first_is_accepted(life):
    """No reader has read both the text that is believed then and the newest one."""
    life.opens(count=8, gap=0, has_archive=False)
    a_day(life, full=True)
    a_day(life, (edit_footers, 7, False), full=True)
    for _ in range(2):
        life.the_reader_improves()
        a_day(life, full=True)
    assert {crawl_id for crawl_id, _ in life.ledger.doubted} == {2, 3, 4}
    life.somebody_accepts_a_suspect_crawl(pick=0)
    assert {crawl_id for crawl_id, _, _ in life.told()} == {2}


def test_what_came_on_a_suspect_day_stays_new_where_it_was_told_when_that_day_is_accepted(life):
    """A listing showed it in between, on a day on which its page failed: that told nobody of it."""
    life.opens(count=9, gap=1, has_archive=False)
    a_day(life)
    life.a_day_on_which_pages_fail(
        happenings=[
            (edit_footers, 49, True),
            (publish, 40, False),
            (publish, 11, False),
            (close_section, 58, False),
        ],
        look=Look(),
        full=True,
        failing=frozenset([11]),
    )
    assert life.ledger.doubted
    life.a_day_on_which_pages_fail(
        happenings=[(publish, 0, False)] * 4,
        look=Look(),
        full=False,
        failing=frozenset([13, 18, 21, 29, 35, 38]),
    )
    a_day(life)
    life.somebody_accepts_a_suspect_crawl(pick=0)
    arrived = (54, "fr")
    assert [crawl_id for crawl_id, _, key in life.told() if key == arrived] == [4]


def test_what_comes_back_at_a_new_address_in_a_listing_that_is_kept_from_us_is_removed_first(life):
    """Once it is unlisted, the one address that is known decides; the next day shows it again."""
    life.opens(count=6, gap=0, has_archive=False)
    life.the_configuration_changes(Watched(has_search=False))
    a_day(life, full=True)
    a_day(life, (unlist, 0, False), full=True)
    (gone,) = {key for _, kind, key in life.told() if kind == "unlisted"}
    place = list(life.centre.articles).index(gone)
    life.a_day_on_which_robots_txt_disallows(
        happenings=[(readdress, place, False), (relist, 0, False)],
        look=Look(),
        full=True,
        disallowed=frozenset([f"/section/{life.centre.articles[gone].section}"]),
    )
    assert (3, "removed", gone) in life.told()
    a_day(life, full=True)
    assert (4, "relisted", gone) in life.told()


def test_a_budget_that_was_spent_before_a_section_is_no_proof_that_it_was_not_there(life):
    """The row that tells of it names the first listing alone that was not read: a search."""
    life.opens(count=4, gap=0, has_archive=False)
    life.a_day_on_which_robots_txt_disallows(
        happenings=[], look=Look(), full=False, disallowed=frozenset(["/section/fees"])
    )
    life.a_day_on_which_the_crawl_breaks_off(happenings=[], look=Look(), after=3, how="budget")
    a_day(life)
    assert not life.told()


def test_what_goes_to_a_new_address_in_a_section_that_is_kept_from_us_is_removed(life):
    """Its old listing does not have it any more and its address is gone: nobody could know better.
    Once that section is read, it is back."""
    life.opens(count=6, gap=0, has_archive=False)
    life.the_configuration_changes(Watched(has_search=False))
    a_day(life, full=True)
    went = next(key for key, one in life.centre.articles.items() if one.section != "news")
    life.centre.change(went, section="news")
    life.a_day_on_which_robots_txt_disallows(
        happenings=[(readdress, list(life.centre.articles).index(went), False)],
        look=Look(),
        full=True,
        disallowed=frozenset(["/section/news"]),
    )
    assert (2, "removed", went) in life.told()
    a_day(life, full=True)
    assert (3, "relisted", went) in life.told()


def test_accepting_a_crawl_leaves_alone_what_it_was_believed_on_all_along(life):
    """Its other locale was known before, and is what made it suspect."""
    look = Look()
    life.opens(count=3, gap=0, has_archive=False)
    life.a_day_on_which_pages_fail(
        happenings=[], look=look, full=False, failing=frozenset([0, 7, 8])
    )
    life.a_day_on_which_pages_fail(
        happenings=[(publish, 0, False)], look=look, full=False, failing=frozenset([1, 2, 3])
    )
    assert life.ledger.doubted == {(2, "fr")}
    life.the_configuration_changes(Watched(sections=("fees",), has_search=False))
    a_day(life, full=True)
    a_day(life, (move, 1, False), full=True)
    assert life.told() == {(4, "moved", (5, "en")): 1}
    states = "SELECT count(*) FROM article_states WHERE crawl_id = 2"
    before = life.store.connection.execute(states).fetchone()
    life.somebody_accepts_a_suspect_crawl(pick=0)
    assert life.store.connection.execute(states).fetchone() == before


def test_what_moved_and_went_before_the_baseline_is_told_as_unlisted_by_the_crawl_after_it(life):
    """The baseline reads on its page that it moved, and cannot tell yet that it is nowhere."""
    life.opens(count=4, gap=0, has_archive=False)
    for after, happenings in (
        (14, []),
        (0, [(close_section, 37, False)]),
        (0, [(unlist, 0, False), (unlist, 0, False)]),
    ):
        life.a_day_on_which_the_crawl_breaks_off(
            happenings=happenings, look=Look(), after=after, how="blocked"
        )
    life.two_days_on_which_nothing_happens(look=Look())
    assert life.told() == {(5, "unlisted", (5, "en")): 1}
