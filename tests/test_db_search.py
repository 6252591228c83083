"""Search: every word found, in any script, ranked and marked; nothing that is typed is syntax."""

import re
import sqlite3
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from db import schema, search_tables
from db.connection import open_for_writing
from db.search import search
from db.store import Store
from pages_read import NOON, article_read, entry, listing_read, recorded

LATER = NOON + timedelta(days=1)


def slugs(store, words: str, **options) -> list[str]:
    found = search(store.connection, words, **options)
    return [hit.url.rsplit("/", 1)[1] for hit in found]


def marked(pieces) -> str:
    return "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in pieces)


@pytest.fixture
def centre(store):
    """Articles in several scripts."""
    recorded(
        store,
        article_read("fees", title="Withdrawal fees", body="Each withdrawal costs 0.10%.\n"),
        article_read("spot", title="Rules", body="Fees of spot trading. Échange garanti.\n"),
        article_read("other", title="Other", body="Trading on the spot is free.\n", summary="Odd."),
        article_read(
            "zh", locale="zh-hans", title="提币手续费", body="购买USDT的手续费为0.10%。\n"
        ),
        article_read("ar", locale="ar", title="رسوم السحب", body="رسوم السحب من المنصة\n"),
        article_read("ru", locale="ru", title="Комиссия", body="Комиссия за вывод средств\n"),
        article_read("th", locale="th", title="ค่าธรรมเนียมการถอน", body="ค่าธรรมเนียม\n"),
    )
    return store


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("fee", ["fees", "spot"]),  # by its beginning; the title weighs more than the text
        ("WITHDRAW", ["fees"]),
        ("trading spot", ["spot", "other"]),  # all words, in any order
        ('"spot trading"', ["spot"]),  # a phrase as it stands
        ("echange", ["spot"]),  # without its accent
        ("0.10%", ["fees", "zh"]),
        ("手续费", ["zh"]),
        ("提币", ["zh"]),  # two characters, too short for the index of three
        ("提币 usdt", ["zh"]),
        ("usdt", ["zh"]),  # Latin within Chinese, without spaces around it
        ("السحب", ["ar"]),
        ("вывод", ["ru"]),
        ("ธรรมเนียม", ["th"]),
        ("no such word", []),
    ],
)
def test_words_of_every_script_are_found(centre, words, found):
    assert slugs(centre, words) == found


def test_what_was_found_is_marked_in_title_and_text(centre):
    (hit,) = search(centre.connection, "withdrawal")
    assert marked(hit.title) == "[Withdrawal] fees"
    assert marked(hit.snippet).strip() == "Each [withdrawal] costs 0.10%."


def test_what_was_found_by_two_characters_is_marked_too(centre):
    (hit,) = search(centre.connection, "手续")
    assert marked(hit.title) == "提币[手续]费"
    assert "[手续]费" in marked(hit.snippet)


def test_a_summary_is_shown_where_only_the_summary_has_the_word(centre):
    (hit,) = search(centre.connection, "odd")
    assert marked(hit.snippet) == "[Odd]."


def test_a_search_can_be_limited_to_a_locale_and_to_a_number(centre):
    assert slugs(centre, "0.10%", locale="zh-hans") == ["zh"]
    assert slugs(centre, "fee", limit=1) == ["fees"]


@pytest.mark.parametrize("words", ["", " ", '"', '""', "%", "*", "()", "😀", "-"])
def test_words_without_a_letter_or_digit_find_nothing(centre, words):
    assert slugs(centre, words) == []


@pytest.mark.parametrize("words", ["fee*", "-fee", "^fee", "{fee", "fee:", '"fee', "fee)"])
def test_signs_of_a_query_language_mean_nothing(centre, words):
    assert slugs(centre, words) == ["fees", "spot"]


@pytest.mark.parametrize("words", ["fee AND", "fee OR spot", "NOT fee", "title:fee", 'NEAR("fee"'])
def test_words_of_a_query_language_are_words(centre, words):
    assert slugs(centre, words) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_nothing_that_can_be_typed_is_an_error(centre, words):
    for hit in search(centre.connection, words):
        assert hit.title


def test_an_article_known_from_listings_alone_is_found_by_its_title(store):
    recorded(store, listing_read(entry("tax-report", summary="For your tax office")))
    assert slugs(store, "tax") == slugs(store, "office") == ["tax-report"]


@pytest.mark.parametrize(("old", "new"), [("fee", "charge"), ("手续费", "服务费用")])
def test_only_the_newest_text_and_title_are_found(store, old, new):
    recorded(store, article_read("a", title=f"The {old}", body=f"A {old}.\n"))
    recorded(store, article_read("a", title=f"The {new}", body=f"A {new}.\n", at=LATER), at=LATER)
    assert slugs(store, old) == []
    assert slugs(store, new) == ["a"]


def test_the_index_agrees_with_the_texts_whatever_happened(centre):
    recorded(centre, article_read("zh", locale="zh-hans", title="Now in English", body="Text.\n"))
    recorded(centre, article_read("ru", locale="ru", title="Комиссия", body="中文。\n", at=LATER))
    assert disagreeing(centre) == []


def test_an_index_that_does_not_agree_with_the_texts_is_noticed(centre):
    """The test above can fail."""
    for name in ("article_search", "article_search_unspaced"):
        centre.connection.execute(f"DROP TRIGGER {name}_keeps_up")
    recorded(centre, article_read("zh", locale="zh-hans", title="提币", body="新。\n", at=LATER))
    assert disagreeing(centre) == ["article_search", "article_search_unspaced"]


def disagreeing(store) -> list[str]:
    """FTS5 compares every entry with the text it was made of, and fails where they differ."""
    found = []
    for table in ("article_search", "article_search_unspaced"):
        try:
            store.connection.execute(
                f"INSERT INTO {table} ({table}, rank) VALUES (?, 1)", ["integrity-check"]
            )
        except sqlite3.DatabaseError:
            found.append(table)
    return found


UNSPACED = re.compile(f"[{search_tables.UNSPACED_RANGES}]")
LETTERS = st.sampled_from("fee ’–é\n") | st.sampled_from("费ค်ខのﶀ한\ua4ff\u0dff") | st.characters()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(LETTERS, max_size=8).filter(lambda text: "\0" not in text))
def test_a_script_without_spaces_is_told_by_any_one_character_of_it(store, text):
    told = search_tables.is_unspaced("?1")
    assert store.connection.execute(f"SELECT {told}", [text]).fetchone() == (
        int(bool(UNSPACED.search(text))),
    )


def test_an_older_database_is_indexed_by_the_triggers_of_today(tmp_path):
    path, today = tmp_path / "x.db", tmp_path / "today.db"
    older = Database(path)
    schema.migrations.apply(older, stop_before="m011_faster_indexing")
    for name in ("learns", "keeps_up", "forgets"):
        trigger = f"article_search_unspaced_{name}"
        event = {"learns": "INSERT", "keeps_up": "UPDATE", "forgets": "DELETE"}[name]
        older.execute(f"DROP TRIGGER {trigger}")
        older.execute(f"CREATE TRIGGER {trigger} AFTER {event} ON articles BEGIN SELECT 1; END")
    older.close()
    with Store(path) as store, Store(today) as fresh:
        assert store.database.triggers == fresh.database.triggers
        recorded(store, article_read("fees", body="手续费 and fees.\n"))
        assert slugs(store, "手续费") == ["fees"]


def test_a_database_from_before_the_search_is_indexed_when_it_is_upgraded(tmp_path):
    path = tmp_path / "x.db"
    with Store(path) as store:
        recorded(store, article_read("fees", body="手续费 and fees.\n"))
        for name in ("article_search", "article_search_unspaced"):
            for trigger in ("learns", "keeps_up", "forgets"):
                store.connection.execute(f"DROP TRIGGER {name}_{trigger}")
            store.connection.execute(f"DROP TABLE {name}")
        store.connection.execute("DROP VIEW unspaced_articles")
        store.database["_sqlite_migrations"].delete_where("name = 'm003_search'")
    assert "m003_search" in schema.migrations.names
    upgraded = open_for_writing(path)
    assert [hit.article_id for hit in search(upgraded.conn, "fees")] == [1]
    assert [hit.article_id for hit in search(upgraded.conn, "手续费")] == [1]
