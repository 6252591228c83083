"""Export: every row and every value, streamed, as three formats; spreadsheets run nothing."""

import base64
import csv
import io
import json
import tracemalloc

import pytest

from db.errors import NotInDatabase
from db.export import export, names
from pages_read import article_read, entry, listing_read, recorded
from reports.safe_text import csv_text


def exported(store, name: str, form: str, **options) -> str:
    target = io.StringIO(newline="")
    export(store.connection, name, form, target, **options)
    return target.getvalue()


@pytest.fixture
def filled(store):
    recorded(
        store,
        listing_read(entry(view_count=195)),
        article_read(title='=HYPERLINK("https://evil.example")', body='手续费, "quoted"\nline\n'),
    )
    return store


@pytest.mark.parametrize("name", ["articles", "versions", "current_articles", "fetches", "trends"])
def test_json_gives_every_row_and_value(filled, name):
    rows = json.loads(exported(filled, name, "json"))
    assert rows == list(filled.database[name].rows)


def test_json_lines_are_one_object_a_line(filled):
    lines = exported(filled, "fetches", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == list(filled.database["fetches"].rows)


def test_csv_gives_every_row_and_value(filled):
    rows = list(csv.DictReader(io.StringIO(exported(filled, "versions", "csv"), newline="")))
    (version,) = filled.database["versions"].rows
    assert rows == [{name: "" if v is None else str(v) for name, v in version.items()}]


def test_csv_guards_texts_against_formulas_and_leaves_numbers_alone(store):
    store.connection.execute("CREATE TABLE odd (text TEXT, number INTEGER)")
    store.connection.execute("INSERT INTO odd VALUES ('-5', -5), ('=1+1', 7), ('plain', NULL)")
    assert exported(store, "odd", "csv", csv_text=csv_text).splitlines() == [
        "text,number",
        "'-5,-5",
        "'=1+1,7",
        "plain,",
    ]


def test_bytes_are_base64(filled):
    (row,) = json.loads(exported(filled, "snapshots", "json"))
    assert base64.b64decode(row["body"]) == next(filled.database["snapshots"].rows)["body"]


def test_an_empty_table_is_an_empty_array_and_a_bare_header(store):
    assert exported(store, "trends", "json") == "[]\n"
    assert exported(store, "trends", "jsonl") == ""
    assert exported(store, "sites", "csv") == "id,name,base_url\r\n"


@pytest.mark.parametrize(
    "name", ["nope", "sites; DROP TABLE sites", "sqlite_master", "_sqlite_migrations"]
)
def test_an_unknown_name_lists_the_known_ones(store, name):
    with pytest.raises(NotInDatabase, match="known: sites, crawls, .*current_articles"):
        exported(store, name, "json")


def test_every_table_and_view_of_the_dictionary_can_be_exported(filled):
    assert {"articles", "recent_changes", "view_observations"} <= set(names(filled.connection))
    for name in names(filled.connection):
        json.loads(exported(filled, name, "json"))


class Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


def test_a_large_table_is_never_held_in_memory(store):
    store.connection.execute("CREATE TABLE large (text TEXT)")
    store.connection.execute(
        "INSERT INTO large SELECT hex(randomblob(5000)) FROM (WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n)"
    )
    tracemalloc.start()
    try:
        for form in ("csv", "json", "jsonl"):
            assert export(store.connection, "large", form, Nowhere()) == 2000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000  # of 20 MB
