"""Identity: which stored article a record speaks of."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from db.identity import merged, title_key
from db.store import Store
from db.versions import Comparer
from pages_read import NOON, all_rows, article_read, entry, listing_read, recorded

SHANGHAI = timezone(timedelta(hours=8))
LATER = NOON + timedelta(days=1)


def saved_row(title: str, published: date, **fields):
    """A row of a saved listing text: no address, no id, bare dates."""
    return entry(title=title, slug=None, url=None, source_id=None, published_at=published, **fields)


def saved(*entries):
    return listing_read(*entries, kind="import", slug="saved", section=None, section_slug=None)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "x.db", Comparer(zone=SHANGHAI)) as opened:
        yield opened


def test_a_renamed_article_with_the_same_id_stays_the_same_article(store):
    recorded(store, article_read("old-slug", source_id="7"))
    recorded(store, article_read("new-slug", source_id="7", at=LATER), at=LATER)
    (article,) = all_rows(store, "articles")
    assert article["slug"] == "new-slug"


def test_a_slug_that_passed_to_another_id_is_another_article(store):
    recorded(store, article_read("fees", source_id="7"))
    recorded(store, article_read("fees", source_id="8", at=LATER), at=LATER)
    assert [row["source_id"] for row in all_rows(store, "articles")] == ["7", "8"]


def test_an_article_known_by_its_slug_gains_its_id(store):
    recorded(store, listing_read(entry("fees", source_id=None)))
    recorded(store, article_read("fees", source_id="7", at=LATER), at=LATER)
    (article,) = all_rows(store, "articles")
    assert article["source_id"] == "7"


def test_a_saved_row_is_the_article_with_its_title_and_day(store):
    published = datetime(2023, 9, 4, 18, tzinfo=UTC)  # the 5th at UTC+8
    recorded(store, article_read("fees", title="Why?", published_at=published))
    recorded(store, saved(saved_row("Why?", date(2023, 9, 5))), at=LATER, kind="import")
    assert len(all_rows(store, "articles")) == 1


def test_a_saved_row_of_another_day_is_another_article_with_that_title(store):
    recorded(store, saved(saved_row("FAQ", date(2023, 9, 5)), saved_row("FAQ", date(2024, 1, 1))))
    assert [row["published_at"] for row in all_rows(store, "articles")] == [
        "2023-09-05",
        "2024-01-01",
    ]


def test_an_imported_article_gains_its_address_when_it_is_crawled(store):
    recorded(store, saved(saved_row("Why?", date(2023, 9, 5))), kind="import")
    page = article_read(
        "why", title="Why?", published_at=datetime(2023, 9, 5, tzinfo=UTC), at=LATER
    )
    recorded(store, page, at=LATER)
    (article,) = all_rows(store, "articles")
    assert (article["slug"], article["source_id"]) == ("why", "id-why")
    assert article["published_at"] == "2023-09-05T00:00:00Z"


def test_a_saved_row_that_fits_two_articles_is_not_one_more_at_each_import(store):
    twins = [entry(f"notice-{n}", title="Notice", source_id=str(n)) for n in (1, 2)]
    recorded(store, listing_read(*twins))
    for hour in range(1, 4):
        at = NOON + timedelta(hours=hour)
        row = saved_row("Notice", date(2025, 1, 1))
        recorded(store, saved(row), at=at, kind="import")
    assert [row["slug"] for row in all_rows(store, "articles")] == ["notice-1", "notice-2", None]


def test_two_addresses_with_one_title_are_two_articles(store):
    recorded(store, article_read("fees-1", title="Fees"), article_read("fees-2", title="Fees"))
    assert len(all_rows(store, "articles")) == 2


def test_locales_are_articles_of_their_own(store):
    recorded(store, article_read("fees"), article_read("fees", locale="zh-hans"))
    assert [row["locale"] for row in all_rows(store, "articles")] == ["en", "zh-hans"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("How to  do\u00a0it?", "how to do it?", True),
        ("Fee 1.5%", "Fee 15%", False),
        ("ＫＹＣ", "KYC", True),
    ],
)
def test_titles_are_folded_for_matching(one, other, same):
    assert (title_key(one) == title_key(other)) is same


def test_an_instant_replaces_a_bare_date_but_not_the_reverse():
    instant = datetime(2026, 4, 1, 20, tzinfo=UTC)  # the 2nd at UTC+8
    assert merged(date(2026, 4, 2), instant, SHANGHAI) == instant
    assert merged(instant, date(2026, 4, 2), SHANGHAI) == instant
    assert merged(instant, date(2026, 4, 1), SHANGHAI) == date(2026, 4, 1)
    assert merged(instant, None, SHANGHAI) == instant


def test_a_slug_without_an_id_is_that_of_the_article_that_took_it_last(store):
    """Also where both were seen at the same instant."""
    from pages_read import article_read, entry, listing_read, recorded

    recorded(store, article_read("a"), article_read("a", source_id="id-new"))
    recorded(store, listing_read(entry("a", source_id=None)))
    found = store.connection.execute("SELECT article_id FROM listing_articles").fetchall()
    assert found == [(2,)]
