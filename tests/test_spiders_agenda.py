"""What a crawl asks for, as a pure function of the pages it has read."""

from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from spiders.agenda import Agenda, has_moved, has_news
from spiders.items import (
    HomePage,
    KnownArticle,
    ListingEntry,
    ListingLink,
    ListingPage,
    PageUnusable,
)

BASE = "https://help.example"
ZONE = timezone(timedelta(hours=8))
SITE = SimpleNamespace(
    TIME_ZONE=ZONE,
    start_urls=lambda base, locale, sections, searches: (
        [f"{base}/help/section/{slug}" for slug in sections] or [f"{base}/help"]
    ),
    article_url=lambda base, locale, slug: f"{base}/help/{slug}",
)
UPDATED = datetime(2026, 3, 1, 20, tzinfo=UTC)  # 04:00 on 2 March in the site's zone


def agenda(*known: KnownArticle, **facts) -> Agenda:
    return Agenda(SITE, base_url=BASE, known=known, **facts)


def known(slug: str = "a", **facts) -> KnownArticle:
    return KnownArticle(
        **{
            "article_id": 1,
            "locale": "en",
            "source_id": f"id-{slug}",
            "slug": slug,
            "url": f"{BASE}/help/{slug}",
            "title": f"About {slug}",
            "updated_at": UPDATED,
            "is_read": True,
            "is_due": False,
            "is_listed": True,
        }
        | facts
    )


def entry(slug: str | None = "a", **facts) -> ListingEntry:
    return ListingEntry(
        **{
            "slug": slug,
            "title": f"About {slug}",
            "source_id": slug and f"id-{slug}",
            "updated_at": UPDATED,
        }
        | facts
    )


def link(kind: str, slug: str) -> ListingLink:
    return ListingLink(kind=kind, slug=slug, url=f"{BASE}/help/{kind}/{slug}")


def home(*links: ListingLink) -> HomePage:
    return HomePage(locale="en", url=f"{BASE}/help", listings=links)


def listing(*slugs: str | ListingEntry, slug: str = "fees", **facts) -> ListingPage:
    entries = tuple(entry(one) if isinstance(one, str) else one for one in slugs)
    return ListingPage(
        **{
            "locale": "en",
            "kind": "section",
            "slug": slug,
            "url": f"{BASE}/help/section/{slug}",
            "entries": entries,
        }
        | facts
    )


def walk(plan: Agenda, pages: dict[str, object]) -> list[str]:
    """Paths in the order in which they are asked for; what has no page fails."""
    queue, asked = plan.begin("en"), []
    while queue:
        errand = queue.pop(0)
        path = errand.url.removeprefix(BASE)
        asked.append(path)
        given = pages.get(path)
        answer = given.pop(0) if isinstance(given, list) else given
        failed = PageUnusable(locale="en", url=errand.url, kind="network", message="")
        queue += plan.after(errand, answer or failed)
        if not queue:
            queue += plan.missing()
    return asked


def test_a_category_page_that_is_its_first_section_is_that_sections_first_page():
    sections = (link("section", "fees"), link("section", "kyc"))
    asked = walk(
        agenda(),
        {
            "/help": home(link("category", "faq"), link("category", "x")),
            "/help/category/faq": listing(listings=sections),
            "/help/category/x": listing(slug="x1", listings=(link("section", "x1"), *sections)),
            "/help/section/kyc": listing(slug="kyc", listings=sections),
        },
    )
    assert asked == ["/help", "/help/category/faq", "/help/category/x", "/help/section/kyc"]


def test_sections_are_read_though_a_category_fails():
    asked = walk(
        agenda(),
        {
            "/help": home(link("category", "faq"), link("category", "lost")),
            "/help/category/faq": listing(listings=(link("section", "kyc"),)),
        },
    )
    assert asked == ["/help", "/help/category/faq", "/help/category/lost", "/help/section/kyc"]


def test_a_listing_is_read_page_by_page_to_its_end():
    asked = walk(
        agenda(),
        {
            "/help": home(link("section", "fees")),
            "/help/section/fees": listing(next_url=f"{BASE}/help/section/fees/page/2"),
            "/help/section/fees/page/2": listing(page_number=2),
        },
    )
    assert asked == ["/help", "/help/section/fees", "/help/section/fees/page/2"]


def test_pages_that_lead_in_a_circle_are_read_once():
    asked = walk(
        agenda(),
        {
            "/help": home(link("section", "fees")),
            "/help/section/fees": listing(next_url=f"{BASE}/p2"),
            "/p2": listing(page_number=2, next_url=f"{BASE}/help/section/fees"),
        },
    )
    assert asked == ["/help", "/help/section/fees", "/p2"]


def test_a_listing_that_shows_less_than_it_claims_is_read_once_more():
    pages = {
        "/help": home(link("section", "fees")),
        "/help/section/fees": [
            listing("a", "b", claimed_total=4, next_url=f"{BASE}/p2"),
            listing("a", "c", claimed_total=4, next_url=f"{BASE}/p2"),
        ],
        "/p2": [listing("d", claimed_total=4, page_number=2)],
    }
    plan = agenda()
    asked = [path for path in walk(plan, pages) if path in ("/help/section/fees", "/p2")]
    # `c` had slipped to a page already read; once it is seen nothing is missing any more.
    assert asked == ["/help/section/fees", "/p2", "/help/section/fees"]
    assert plan.progress.entries_seen == 4


def test_a_gap_that_stays_is_not_read_a_third_time():
    pages = {
        "/help": home(link("section", "fees")),
        "/help/section/fees": listing(claimed_total=9, next_url=f"{BASE}/p2"),
        "/p2": listing(claimed_total=9, page_number=2),
    }
    assert walk(agenda(), pages).count("/p2") == 2


def test_a_listing_of_one_page_has_no_other_page_to_hide_an_entry_on():
    pages = {
        "/help": home(link("section", "fees")),
        "/help/section/fees": listing(claimed_total=9),
    }
    assert walk(agenda(), pages) == ["/help", "/help/section/fees"]


def test_configured_sections_alone_are_read():
    sections = (link("section", "fees"), link("section", "kyc"), link("category", "faq"))
    asked = walk(
        agenda(sections=["fees"]),
        {"/help/section/fees": listing("a", listings=sections)},
    )
    assert asked == ["/help/section/fees", "/help/a"]


def test_progress_estimates_the_pages_to_come():
    plan = agenda(known(), known("b", article_id=2))
    (first,) = plan.begin("en")
    (section,) = plan.after(first, home(link("section", "fees")))
    plan.after(section, listing("a", "b", claimed_total=10, next_url=f"{BASE}/p2"))
    assert (plan.progress.pages_asked, plan.progress.pages_expected) == (3, 7)


# -- which articles ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "stored", "expected"),
    [
        (entry(), None, True),
        (entry(), known(), False),
        (entry(), known(is_read=False), True),
        (entry(), known(is_due=True), False),
        (entry(updated_at=UPDATED + timedelta(seconds=1)), known(), True),
        (entry(updated_at=UPDATED - timedelta(days=1)), known(), True),
        (entry(updated_at=date(2026, 3, 2)), known(), False),
        (entry(updated_at=date(2026, 3, 1)), known(), True),
        (entry(), known(updated_at=date(2026, 3, 2)), False),
        (entry(updated_at=None), known(), False),
        (entry(), known(updated_at=None), False),
        (entry(title="Other"), known(), True),
        (entry(title="About\u00a0 a "), known(), False),
        (entry(slug="b", source_id="id-a", title="About a"), known(), True),
        (entry(slug=None, title="About a"), known(), False),
        (entry(view_count=10), known(), False),
    ],
)
def test_an_article_is_asked_for_when_a_listing_gives_reason_to(listed, stored, expected):
    assert has_news(listed, stored, ZONE) is expected


def test_an_article_whose_day_has_come_is_asked_for_and_marked_as_no_news():
    moved = entry("b", updated_at=UPDATED + timedelta(days=1))
    plan = agenda(known("a", is_due=True), known("b", article_id=2, is_due=True))
    (first,) = plan.begin("en")
    (section,) = plan.after(first, home(link("section", "fees")))
    asked = plan.after(section, listing("a", moved, "c"))
    assert {errand.url[-1]: errand.is_recheck for errand in asked} == {
        "a": True,
        "b": False,
        "c": False,
    }


# -- what is still to be read --------------------------------------------------------------------


def test_a_locale_has_unread_listings_until_the_last_of_them_is_answered():
    plan = agenda()
    (first,) = plan.begin("en")
    assert plan.unread() == [first]
    fees, kyc = plan.after(first, home(link("section", "fees"), link("section", "kyc")))
    plan.after(fees, listing("a"))
    assert plan.unread() == [kyc]
    (second,) = plan.after(
        kyc, listing("b", slug="kyc", next_url=f"{BASE}/help/section/kyc/page/2")
    )[:1]
    assert plan.unread() == [second]
    plan.after(second, listing("c", slug="kyc", page_number=2))
    assert plan.unread() == []


def test_while_sections_wait_for_a_category_the_locale_is_unread():
    plan = agenda()
    (first,) = plan.begin("en")
    (category,) = plan.after(first, home(link("category", "faq"), link("section", "fees")))
    assert plan.unread() == [category]
    asked = plan.after(category, listing("a", kind="category", slug="faq"))
    (section,) = (errand for errand in asked if errand.wanted == "listing")
    assert plan.unread() == [section]


def test_each_locale_with_unread_listings_is_named_once():
    plan = agenda()
    plan.begin("en")
    (french,) = plan.begin("fr")
    plan.after(french, home(link("section", "fees"), link("section", "kyc")))
    assert [errand.locale for errand in plan.unread()] == ["en", "fr"]


def test_a_bare_date_is_any_instant_of_that_day_in_the_sites_zone():
    assert not has_moved(date(2026, 3, 2), datetime(2026, 3, 1, 16, tzinfo=UTC), ZONE)
    assert has_moved(date(2026, 3, 2), datetime(2026, 3, 1, 15, 59, tzinfo=UTC), ZONE)


def articles_asked(plan: Agenda, *entries: ListingEntry) -> list[tuple[str, int | None]]:
    """Path and known id of the articles asked for after one listing."""
    (first,) = plan.begin("en")
    errands = plan.after(first, listing(*entries)) + plan.missing()
    return [
        (errand.url.removeprefix(BASE), errand.article and errand.article.article_id)
        for errand in errands
        if errand.wanted == "article"
    ]


def test_an_article_is_recognised_by_its_id_under_another_slug():
    renamed = entry(slug="new", source_id="id-a")
    assert articles_asked(agenda(known()), renamed) == [("/help/new", 1)]


def test_an_article_is_recognised_by_its_title_where_there_is_nothing_else():
    stored = known(slug="a", source_id=None)
    assert articles_asked(agenda(stored), entry(slug=None, title="About a")) == []


def test_two_articles_with_one_title_are_two():
    twin = entry(slug="b", title="About a")
    assert articles_asked(agenda(known()), twin) == [("/help/b", None), ("/help/a", 1)]


def test_a_slug_that_another_article_has_taken_over_is_new():
    other = entry(slug="a", source_id="id-other", title="Other")
    assert ("/help/a", None) in articles_asked(agenda(known()), other)


def test_both_are_asked_for_where_one_article_took_over_the_address_of_another():
    plan = agenda(known("a"), known("b", article_id=2), full=True)
    moved = [entry("c", source_id="id-a"), entry("a", source_id="id-b")]
    assert articles_asked(plan, *moved) == [("/help/c", 1), ("/help/a", 2)]


def test_an_entry_with_no_address_at_all_is_known_from_its_listing_alone():
    assert articles_asked(agenda(), entry(slug=None, title="Only a title")) == []


def test_full_asks_for_everything_once():
    plan = agenda(known(), full=True)
    assert articles_asked(plan, entry(), entry()) == [("/help/a", 1)]


def test_the_same_article_in_another_locale_is_another_article():
    plan = agenda(known(locale="fr"))
    assert articles_asked(plan, entry()) == [("/help/a", None)]


def test_what_stands_in_no_listing_any_more_is_asked_for_at_the_end():
    plan = agenda(known("gone"), known("off", article_id=2, is_listed=False))
    assert articles_asked(plan) == [("/help/gone", 1)]
    assert plan.missing() == []


def test_an_article_of_another_section_whose_day_has_come_is_asked_for_where_a_search_shows_it():
    def plan() -> Agenda:
        return agenda(known(is_listed=False, is_due_if_shown=True))

    assert articles_asked(plan(), entry("a")) == [("/help/a", 1)]
    assert articles_asked(plan()) == []


def test_an_unlisted_article_is_asked_for_when_it_is_due():
    assert articles_asked(agenda(known(is_listed=False, is_due=True))) == [("/help/a", 1)]


def test_nothing_is_missing_in_a_locale_of_which_no_listing_was_read():
    plan = agenda(known("gone"))
    (first,) = plan.begin("en")
    failed = PageUnusable(locale="en", url=first.url, kind="network", message="")
    assert plan.after(first, failed) + plan.missing() == []


def test_a_missing_article_is_asked_for_at_the_address_that_the_site_has_now():
    moved_site = known(url="https://old.example/help/a")
    assert articles_asked(agenda(moved_site)) == [("/help/a", 1)]
