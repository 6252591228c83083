"""What a comparison gets: the articles that can differ, and what the crawl looked at."""

from dataclasses import replace
from datetime import timedelta

from db import states
from pages_read import NOON, article_read, entry, listing_read, recorded
from spiders.items import Fetch, PageGone, PageRead, PageUnusable

LATER = NOON + timedelta(days=1)


def gone(name: str, at=LATER) -> PageRead:
    url = f"https://help.example/help/{name}"
    fetch = Fetch(url=url, fetched_at=at, status=404)
    page = PageGone(locale="en", url=url, reason="404")
    return PageRead(fetch=fetch, page=page, wanted="article")


def article_id(store, slug: str) -> int:
    (row,) = store.database["articles"].rows_where("slug = ?", [slug])
    return row["id"]


def concluded(store, crawl_id: int, statuses=None, baseline=()) -> None:
    store.conclude(
        crawl_id,
        health={"verdict": "healthy", "baseline_locales": list(baseline)},
        is_baseline=bool(baseline),
        changes=(),
        statuses=statuses or {},
        trends=(),
        compared_at=LATER,
    )


def test_a_crawl_that_found_all_as_it_was_leaves_nothing_to_compare(store):
    recorded(store, listing_read(entry()), article_read())
    second = recorded(store, listing_read(entry()), article_read(at=LATER), at=LATER)
    before, after = states.site_states(store.connection, second)
    assert before.articles == after.articles == {}


def test_an_edited_article_stands_in_both_states_with_its_texts(store):
    recorded(store, listing_read(entry()), article_read())
    second = recorded(
        store, listing_read(entry()), article_read(at=LATER, body="0.12%\n"), at=LATER
    )
    before, after = states.site_states(store.connection, second)
    old, new = before.articles[1], after.articles[1]
    assert before.versions[old.version_id].body == "The fee is 0.10%.\n"
    assert after.versions[new.version_id].body == "0.12%\n"
    assert [v.number for v in after.earlier_versions[1]] == [1]


def test_a_new_article_stands_in_the_state_after_only(store):
    first = recorded(store, listing_read(entry()), article_read())
    concluded(store, first, baseline=["en"])
    reads = (listing_read(entry(), entry("b")), article_read("b", at=LATER))
    second = recorded(store, *reads, at=LATER)
    before, after = states.site_states(store.connection, second)
    assert before.articles.keys() == set()
    assert [a.slug for a in after.articles.values()] == ["b"]
    assert after.articles[2].first_seen_crawl_id == second


def test_what_a_baseline_brings_stands_in_neither_state(store):
    first = recorded(store, listing_read(entry()), article_read(), article_read("unlisted"))
    before, after = states.site_states(store.connection, first)
    assert before.articles == after.articles == after.versions == {}


def test_the_same_instant_twice_keeps_the_order_of_recording(store):
    recorded(store, listing_read(entry()), article_read())
    second = recorded(store, listing_read(entry()), article_read(body="0.12%\n"))
    before, after = states.site_states(store.connection, second)
    assert before.articles[1].version_id == 1
    assert after.articles[1].version_id == 2


def test_a_listed_article_that_was_not_seen_stands_in_both_states(store):
    recorded(store, listing_read(entry(), entry("b")))
    second = recorded(store, listing_read(entry()), gone("b"), at=LATER)
    before, after = states.site_states(store.connection, second)
    missing = article_id(store, "b")
    assert before.articles.keys() == after.articles.keys() == {missing}


def test_an_unlisted_article_that_is_seen_again_stands_in_both_states(store):
    first = recorded(store, listing_read(entry()))
    concluded(store, first, {1: "unlisted"})
    second = recorded(store, listing_read(entry()), at=LATER)
    before, _ = states.site_states(store.connection, second)
    assert before.articles[1].status == "unlisted"


def test_a_sighting_says_what_was_seen_sought_and_held(store):
    recorded(store, listing_read(entry(), entry("b")))
    second = recorded(store, listing_read(entry()), gone("b"), at=LATER)
    sighting = states.sighting(store.connection, second)
    missing = article_id(store, "b")
    assert sighting.seen == {article_id(store, "withdrawal-fees")}
    assert sighting.held_by[missing] == {1}
    assert sighting.answers == {missing: "gone"}
    assert sighting.listings[1].is_complete
    assert sighting.concludes_absence


def test_an_article_that_could_not_be_asked_for_is_unknown(store):
    recorded(store, listing_read(entry()), article_read())
    url = "https://help.example/help/withdrawal-fees"
    page = PageUnusable(locale="en", url=url, kind="server_error", message="503")
    failed = PageRead(fetch=Fetch(url=url, fetched_at=LATER), page=page, wanted="article")
    second = recorded(store, failed, at=LATER, outcome="partial")
    assert states.sighting(store.connection, second).answers == {1: "unknown"}


def test_an_article_is_held_by_the_listings_that_held_it_when_it_was_last_seen(store):
    recorded(store, listing_read(entry(), entry("b")), listing_read(entry("b"), slug="limits"))
    recorded(store, listing_read(entry()), listing_read(entry("b"), slug="limits"), at=LATER)
    reads = listing_read(entry()), listing_read(slug="limits")
    for days in (2, 3):
        # On the first of these days its address did not answer: it is still to be told.
        crawl_id = recorded(store, *reads, at=NOON + timedelta(days=days))
        held = states.sighting(store.connection, crawl_id).held_by[article_id(store, "b")]
        assert [listing_slug(store, listing) for listing in held] == ["limits"]


def listing_slug(store, listing_id: int) -> str:
    return store.database["listings"].get(listing_id)["slug"]


def test_a_search_that_is_asked_no_more_holds_nothing(store):
    search = {"slug": "term=fee", "kind": "search"}
    recorded(store, listing_read(entry("b")), listing_read(entry("b"), **search))
    crawl_id = recorded(store, listing_read(entry()), at=LATER)
    held = states.sighting(store.connection, crawl_id).held_by[article_id(store, "b")]
    assert [listing_slug(store, listing) for listing in held] == ["fees"]


def test_a_saved_listing_holds_nothing(store):
    recorded(store, listing_read(entry("b"), kind="import", slug="saved"), kind="import")
    crawl_id = recorded(store, listing_read(entry()), at=LATER)
    assert states.sighting(store.connection, crawl_id).held_by == {}


def test_what_an_earlier_crawl_saw_is_known_after_a_later_one(store):
    first = recorded(store, listing_read(entry(), entry("b")))
    recorded(store, listing_read(entry()), at=LATER)
    assert states.sighting(store.connection, first).seen == {1, article_id(store, "b")}


def test_a_half_read_listing_still_holds_what_it_did_not_show(store):
    recorded(store, listing_read(entry(), entry("b")))
    half = listing_read(entry(), next_url="…/page/2")
    recorded(store, half, at=LATER, outcome="partial")
    third = recorded(store, listing_read(entry()), at=LATER + timedelta(days=1))
    assert states.sighting(store.connection, third).held_by[article_id(store, "b")] == {1}


def test_only_earlier_baselines_count(store):
    first = recorded(store, listing_read(entry()))
    concluded(store, first, baseline=["en"])
    second = recorded(store, listing_read(entry()), at=LATER)
    assert states.sighting(store.connection, first).baseline_locales == frozenset()
    assert states.sighting(store.connection, second).baseline_locales == {"en"}


def test_an_import_concludes_nothing_from_absence(store):
    crawl_id = recorded(store, listing_read(entry()), kind="import")
    sighting = states.sighting(store.connection, crawl_id)
    assert sighting.is_import
    assert not sighting.concludes_absence


def test_validators_are_known_only_for_the_version_they_came_with(store):
    from dataclasses import replace

    def with_etag(read, etag):
        return replace(read, fetch=replace(read.fetch, etag=etag))

    recorded(store, with_etag(article_read(), '"one"'))
    assert known(store).etag == '"one"'
    recorded(store, article_read(at=LATER, body="0.12%\n"), at=LATER)
    assert known(store).etag is None


def known(store):
    (article,) = states.known_articles(store.connection, 1, due={1}, locales=["en"])
    return article


def test_the_spider_learns_what_is_due_and_what_listings_said_when_the_page_was_read(store):
    recorded(store, listing_read(entry(title="Listed title")), article_read(title="Page title"))
    article = known(store)
    assert (article.title, article.is_due, article.is_read) == ("Listed title", True, True)


def test_a_title_that_a_listing_gave_since_stays_a_reason_to_read_the_page(store):
    recorded(store, listing_read(entry(title="Old")), article_read(title="Old"))
    recorded(store, listing_read(entry(title="New")), at=LATER, outcome="interrupted")
    assert known(store).title == "Old"


def test_the_spider_learns_only_of_the_locales_that_it_will_read(store):
    recorded(store, article_read(), article_read("b", locale="fr"))
    found = states.known_articles(store.connection, 1, due=(), locales=["fr"])
    assert [article.locale for article in found] == ["fr"]


def test_an_article_of_a_section_that_is_not_read_is_not_missed(store):
    recorded(store, article_read(), article_read("b", section_slug="limits"))
    found = states.known_articles(store.connection, 1, due=(), locales=["en"], sections=["limits"])
    assert [article.is_listed for article in found] == [False, True]


def test_an_article_of_a_section_that_is_not_read_is_not_due(store):
    recorded(store, article_read(), article_read("b", section_slug="limits"))
    found = states.known_articles(
        store.connection, 1, due={1, 2}, locales=["en"], sections=["limits"]
    )
    assert [article.is_due for article in found] == [False, True]
    # A search may show it all the same.
    assert [article.is_due_if_shown for article in found] == [True, True]


def test_an_article_that_is_gone_is_not_due_again_before_its_turn(store):
    recorded(store, listing_read(entry()), article_read())
    recorded(store, gone("withdrawal-fees"), at=LATER)
    ((_, read_at),) = states.last_read(store.connection, 1).values()
    assert read_at == "2026-04-18T12:00:00Z"


def test_an_address_that_shows_another_article_has_none_of_its_own(store):
    first = recorded(store, listing_read(entry("a"), entry("b")), article_read("a"))
    assert states.sighting(store.connection, first).answers == {1: "answers"}
    led_elsewhere = replace(article_read("b"), article_id=article_id(store, "a"))
    second = recorded(store, listing_read(entry("b")), led_elsewhere)
    assert states.sighting(store.connection, second).answers == {1: "replaced", 2: "answers"}
    third = recorded(store, article_read("b", source_id="id-new"))
    assert states.sighting(store.connection, third).answers == {2: "replaced", 3: "answers"}


def test_an_article_that_took_over_an_address_answers_there_though_its_former_one_is_gone(store):
    recorded(store, article_read("a", source_id="id-a"), article_read("b", source_id="id-b"))
    taken_over = replace(article_read("a", source_id="id-b"), article_id=1)
    second = recorded(store, taken_over, replace(gone("b"), article_id=2), at=LATER)
    assert states.sighting(store.connection, second).answers == {1: "replaced", 2: "answers"}


def test_a_locale_is_not_read_in_full_where_robots_txt_disallows_a_listing(store):
    recorded(store, listing_read(entry()), article_read())
    url = "https://help.example/help/section/limits"
    page = PageUnusable(locale="en", url=url, kind="robots", message="robots.txt disallows it")
    kept = PageRead(fetch=Fetch(url=url, fetched_at=LATER), page=page, wanted="listing")
    for reads, locales in (([listing_read()], {"en"}), ([listing_read(), kept], set())):
        crawl_id = recorded(store, *reads, at=LATER)
        assert states.sighting(store.connection, crawl_id).locales_read == locales


def test_the_past_of_a_text_holds_all_that_stood_before_it_and_no_query_for_each(store):
    bodies = {"a": ("1%\n", "2%\n"), "b": ("1%\n", "2%\n"), "c": ("1%\n", "2%\n", "1%\n")}
    for day in range(3):
        at = NOON + timedelta(days=day)
        reads = [
            article_read(name, at=at, body=known[day - 3])
            for name, known in bodies.items()
            if day >= 3 - len(known)
        ]
        last = recorded(store, listing_read(*map(entry, bodies), at=at), *reads, at=at)
    asked: list[str] = []
    store.connection.set_trace_callback(asked.append)
    _, after = states.site_states(store.connection, last)
    store.connection.set_trace_callback(None)
    past = {
        after.articles[article_id].slug: [version.body for version in earlier]
        for article_id, earlier in after.earlier_versions.items()
    }
    assert past == {"a": ["1%\n"], "b": ["1%\n"], "c": ["1%\n", "2%\n"]}
    assert sum("FROM versions WHERE article_id = " in sql for sql in asked) == 1


def test_a_date_that_readers_are_not_shown_is_known_to_be_hidden(store):
    recorded(store, article_read(shows_updated_date=False))
    second = recorded(
        store, article_read(at=LATER, body="New.\n", shows_updated_date=False), at=LATER
    )
    before, after = states.site_states(store.connection, second)
    assert before.articles[1].shows_updated_date is after.articles[1].shows_updated_date is False
