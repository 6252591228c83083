"""What was not checked is told with the instant since when, on the demo's database."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC

import pytest

from db import queries
from tracker.run.gaps import not_checked

HANDBOOK = "https://help.demo.example/help/internal-handbook: robots.txt disallows this address"
PHISHING = "https://help.demo.example/help/how-to-prevent-phishing-emails"


@pytest.fixture
def database(demo, tmp_path):
    path = shutil.copy(demo.folder / "helpwatch.db", tmp_path / "helpwatch.db")
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def told(database, crawl_id=3):
    newest = queries.crawl(database, crawl_id)
    return not_checked(database, newest, [newest], UTC)


def test_a_page_that_was_never_read_is_said_to_be_so(database):
    assert told(database) == (f"{HANDBOOK}; it was never read",)


def test_a_page_that_failed_names_when_it_was_last_read(database):
    database.execute(
        "UPDATE fetches SET error = 'answers 503', version_id = NULL, page_kind = 'unreachable'"
        " WHERE url = ? AND crawl_id = 3",
        [PHISHING],
    )
    assert told(database) == (
        f"{PHISHING}: answers 503; last read on 18 Apr 2026, 06:00 UTC",
        f"{HANDBOOK}; it was never read",
    )


def test_articles_that_were_not_due_are_counted_with_the_longest_wait(database):
    database.execute(
        "UPDATE articles SET last_fetched_at = '2026-04-1' || (id + 5) || 'T06:00:00Z'"
        " WHERE id IN (1, 2, 3) AND status = 'listed'"
    )
    said = "3 listed articles were not read in this crawl; last read on 16 Apr 2026, 06:00 UTC"
    assert told(database)[1] == f"{said} or later."
    assert len(told(database, crawl_id=2)) == 1
