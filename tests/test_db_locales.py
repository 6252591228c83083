"""Locales that a site offers, and translations behind the default locale's last change."""

from datetime import timedelta

import pytest

from db import locales
from db.versions import Comparer
from pages_read import BASE, NOON, article_read, listing_read, recorded

TAGS = {
    "en": f"{BASE}/help/withdrawal-fees",
    "x-default": f"{BASE}/help/withdrawal-fees",
    "zh-Hans": f"{BASE}/zh-hans/help/withdrawal-fees",
    "tr": "https://tr.help.example/help/withdrawal-fees",
}


def locale_at(url: str) -> str | None:
    """The locale in an address of the example site."""
    if not url.startswith(BASE + "/"):
        return None
    first = url.removeprefix(BASE).split("/")[1]
    return "en" if first == "help" else first


@pytest.fixture
def store(store):
    store.compare_with(Comparer(locale_at=locale_at))
    return store


def days(count: float):
    return NOON + timedelta(days=count)


def offered(store) -> list[tuple]:
    return [
        (found.locale, found.hreflang, found.url)
        for found in locales.offered(store.connection, "example")
    ]


def test_the_locales_of_hreflang_links_are_kept_as_addresses_name_them(store):
    recorded(store, article_read(alternates=TAGS))
    assert offered(store) == [
        ("en", "en", TAGS["en"]),
        ("tr", "tr", TAGS["tr"]),
        ("zh-hans", "zh-Hans", TAGS["zh-Hans"]),
    ]


def test_the_locale_of_a_page_without_links_is_kept_too_and_named_by_a_later_page(store):
    recorded(store, listing_read())
    assert offered(store) == [("en", None, f"{BASE}/help/section/fees")]
    recorded(store, article_read(alternates=TAGS))
    assert offered(store)[0] == ("en", "en", f"{BASE}/help/section/fees")


def test_a_locale_is_first_and_last_seen_in_crawls(store):
    for day in (2, 1, 3):
        recorded(store, article_read(at=days(day), alternates=TAGS), at=days(day))
    (first, *_) = locales.offered(store.connection, "example")
    assert (first.first_seen_at, first.last_seen_at) == (days(1), days(3))
    assert (first.is_default, first.article_count) == (True, 1)


def test_what_a_crawl_has_noted_is_not_written_again(store):
    site = store.site("example", BASE)
    crawl_id = store.begin_crawl(site, NOON, parser="test-1", locales=["en"])
    store.record(crawl_id, site.id, article_read("a", alternates=TAGS))
    statements: list[str] = []
    store.connection.set_trace_callback(statements.append)
    later = NOON + timedelta(minutes=1)
    store.record(crawl_id, site.id, article_read("b", at=later, alternates=TAGS))
    assert not [said for said in statements if "site_locales" in said]


@pytest.mark.parametrize("tag", ["", "-", "x" * 40, "en; drop", "<script>"])
def test_what_is_no_language_tag_is_no_locale(store, tag):
    recorded(store, article_read(alternates={tag: TAGS["tr"]}))
    assert [locale for locale, _, _ in offered(store)] == ["en"]


def test_a_page_is_not_believed_thousands_of_locales(store):
    many = {f"en-{n:04}": f"{BASE}/en-{n:04}/help" for n in range(5_000)}
    recorded(store, article_read(alternates=many))
    assert len(offered(store)) == locales.MOST_TAGS + 1


# Translations behind


def in_english(day: float, body: str, **facts):
    return article_read(at=days(day), body=body, **facts)


def in_chinese(day: float, body: str, **facts):
    return article_read(
        at=days(day), body=body, locale="zh-hans", url=TAGS["zh-Hans"], title="提币手续费", **facts
    )


def behind(store, until: float = 30) -> list[tuple]:
    found = locales.translations_behind(store.connection, "example", days(until))
    return [(lag.changed_at, lag.text_captured_at, lag.read_at) for lag in found]


def crawls(store, *reads_by_day: tuple) -> None:
    for day, *reads in reads_by_day:
        recorded(store, *reads, at=days(day))


def test_a_translation_whose_text_did_not_follow_a_change_is_behind(store):
    crawls(
        store,
        (0, in_english(0, "0.10%"), in_chinese(0, "零点一")),
        (1, in_english(1, "0.12%"), in_chinese(1, "零点一")),
    )
    assert behind(store) == [(days(1), days(0), days(1))]
    assert behind(store, until=0.5) == []


def test_it_is_not_behind_before_its_page_was_read_again(store):
    crawls(
        store,
        (0, in_english(0, "0.10%"), in_chinese(0, "零点一")),
        (1, in_english(1, "0.12%")),
    )
    assert behind(store) == []
    crawls(store, (3, in_chinese(3, "零点一")))
    assert behind(store) == [(days(1), days(0), days(3))]


def test_it_is_not_behind_once_its_text_follows(store):
    crawls(
        store,
        (0, in_english(0, "0.10%"), in_chinese(0, "零点一")),
        (1, in_english(1, "0.12%"), in_chinese(1, "零点一")),
        (2, in_chinese(2, "零点一二")),
    )
    assert behind(store) == []


def test_two_first_readings_in_one_crawl_are_no_lag(store):
    crawls(
        store,
        (0, in_chinese(0, "零点一"), in_english(0.01, "0.10%")),
        (7, in_chinese(7, "零点一"), in_english(7.01, "0.10%")),
    )
    assert behind(store) == []


def test_a_translation_that_was_changed_before_the_change_was_seen_is_not_behind(store):
    crawls(
        store,
        (0, in_english(0, "0.10%"), in_chinese(0, "零点一")),
        (1, in_chinese(1, "零点一二")),
        (2, in_english(2, "0.12%"), in_chinese(2, "零点一二")),
    )
    assert behind(store) == []


def test_a_change_that_was_taken_back_leaves_no_translation_behind(store):
    crawls(
        store,
        (0, in_english(0, "0.10%"), in_chinese(0, "零点一")),
        (1, in_english(1, "0.12%"), in_chinese(1, "零点一")),
        (2, in_english(2, "0.10%"), in_chinese(2, "零点一")),
    )
    assert behind(store) == []


def test_a_new_title_alone_leaves_no_translation_behind(store):
    crawls(
        store,
        (0, in_english(0, "0.10%"), in_chinese(0, "零点一")),
        (1, in_english(1, "0.10%", title="Fees"), in_chinese(1, "零点一")),
    )
    assert behind(store) == []


def test_another_article_is_no_translation(store):
    crawls(
        store,
        (0, in_english(0, "0.10%"), in_chinese(0, "零点一", source_id="id-other")),
        (1, in_english(1, "0.12%"), in_chinese(1, "零点一", source_id="id-other")),
    )
    assert behind(store) == []
