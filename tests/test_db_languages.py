"""Pages in another language than their article: no edit of it, unless they stay so."""

from datetime import timedelta

import pytest

from db.languages import main_language
from db.store import Store
from pages_read import NOON, all_rows, article_read, recorded


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "x.db") as opened:
        yield opened


def read_on(store, day: int, body: str, language: str | None, **crawl) -> None:
    at = NOON + timedelta(days=day)
    recorded(store, article_read(at=at, body=body, language=language), at=at, **crawl)


def texts(store) -> list[str]:
    return [row["body"] for row in all_rows(store, "versions")]


def kinds(store) -> list[str]:
    return [row["page_kind"] for row in all_rows(store, "fetches")]


def test_one_answer_in_another_language_is_no_edit(store):
    read_on(store, 0, "The fee is 1%.", "en")
    read_on(store, 1, "Les frais sont de 1 %.", "fr")
    read_on(store, 2, "The fee is 1%.", "en")
    assert texts(store) == ["The fee is 1%."]
    assert kinds(store) == ["article", "other_language", "article"]
    (_, trouble, _) = all_rows(store, "fetches")
    assert trouble["error"] == "The page came in fr, not in en as before; ask again later"
    assert [crawl["errors"] for crawl in all_rows(store, "crawls")] == [0, 1, 0]


def test_an_article_that_stays_in_another_language_was_switched(store):
    read_on(store, 0, "The fee is 1%.", "en")
    read_on(store, 1, "Les frais sont de 1 %.", "fr")
    read_on(store, 2, "Les frais sont de 2 %.", "fr")
    assert texts(store) == ["The fee is 1%.", "Les frais sont de 2 %."]


def test_labels_in_another_language_around_the_same_text_are_nothing(store):
    read_on(store, 0, "The fee is 1%.", "en")
    read_on(store, 1, "The fee is 1%.", "fr")
    read_on(store, 2, "The fee is 2%.", "en")
    assert kinds(store) == ["article"] * 3


def test_an_edit_in_a_region_or_an_unknown_language_is_an_edit(store):
    read_on(store, 0, "The fee is 1%.", "en-us")
    read_on(store, 1, "The fee is 2%.", "en-au")
    read_on(store, 2, "The fee is 3%.", None)
    assert len(texts(store)) == 3


def test_a_page_that_a_person_saved_is_believed(store):
    read_on(store, 0, "The fee is 1%.", "en")
    read_on(store, 1, "Les frais sont de 1 %.", "fr", kind="import")
    assert len(texts(store)) == 2


def test_recording_such_a_page_twice_changes_nothing(store):
    read_on(store, 0, "The fee is 1%.", "en")
    at = NOON + timedelta(days=1)
    read = article_read(at=at, body="Les frais.", language="fr")
    recorded(store, read, read, at=at)
    assert texts(store) == ["The fee is 1%."]


def test_chinese_differs_by_its_script():
    assert main_language("zh-Hans-150") == "zh-hans" != main_language("zh_hant")
    assert main_language("en-AU") == "en" == main_language("en")
    assert main_language(None) == ""
