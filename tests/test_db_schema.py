"""The schema: the contract's names, a meaning for every column, checks, upgrades."""

import sqlite3

import pytest
from sqlite_utils import Database

from db import comments, schema
from db.connection import open_for_reading, open_for_writing
from db.errors import DatabaseUnusable
from db.kinds import CHANGE_KINDS

CONTRACT = {
    "sites": "id name base_url",
    "crawls": "id site_id started_at finished_at outcome is_baseline pages_fetched "
    "articles_listed articles_fetched errors health parser",
    "listings": "id site_id locale kind slug title category url",
    "listing_crawls": "crawl_id listing_id claimed_total seen_count page_count is_complete",
    "listing_articles": "listing_id article_id first_crawl_id last_crawl_id summary",
    "articles": "id site_id locale source_id slug url title summary category category_slug "
    "section section_slug published_at created_at updated_at shows_updated_date view_count status "
    "first_seen_at last_seen_at last_fetched_at version_id",
    "versions": "id article_id number crawl_id captured_at title body body_sha256 "
    "source_updated_at snapshot_sha256 parser chain_sha256",
    "changes": "id crawl_id article_id kind detected_at severity from_version_id to_version_id "
    "before after detail",
    "view_observations": "article_id observed_at view_count crawl_id",
    "trends": "crawl_id article_id window_days views_gained views_per_day usual_per_day score rank",
    "snapshots": "sha256 url fetched_at http_status content_type size body",
    "fetches": "crawl_id url article_id version_id fetched_at status elapsed_ms size page_kind "
    "error etag last_modified",
}
VIEWS = {"current_articles", "recent_changes", "trending", "daily_activity", "article_timeline"}


@pytest.mark.parametrize("table", CONTRACT)
def test_a_table_of_the_contract_has_its_columns(store, table):
    assert set(CONTRACT[table].split()) <= {c.name for c in store.database[table].columns}


def test_the_views_of_the_contract_are_there_and_answer(store):
    assert set(store.database.view_names()) >= VIEWS
    for view in VIEWS:
        assert list(store.database[view].rows) == []


def test_every_table_view_and_column_has_a_meaning():
    relations = comments.of_current_schema()
    missing = [r.name for r in relations if not r.comment]
    missing += [f"{r.name}.{c.name}" for r in relations for c in r.columns if not c.comment]
    assert missing == []


def test_a_view_column_means_what_it_means_in_its_table():
    meanings = {
        (r.name, c.name): c.comment for r in comments.of_current_schema() for c in r.columns
    }
    assert meanings["recent_changes", "kind"] == meanings["changes", "kind"]
    assert meanings["trending", "score"] == meanings["trends", "score"]


def test_every_kind_of_change_of_the_records_is_allowed_by_the_schema(store):
    sql = store.database["changes"].schema
    assert all(f"'{kind}'" in sql for kind in CHANGE_KINDS)


def test_an_unknown_outcome_is_refused_by_the_schema(store):
    store.site("example", "https://help.example")
    with pytest.raises(sqlite3.IntegrityError):
        store.connection.execute(
            "INSERT INTO crawls (site_id, started_at, outcome) VALUES (1, '2026', 'splendid')"
        )


def test_opening_twice_migrates_once(tmp_path):
    path = tmp_path / "x.db"
    open_for_writing(path).conn.close()
    before = list(open_for_reading(path)["_sqlite_migrations"].rows)
    open_for_writing(path).conn.close()
    assert list(open_for_reading(path)["_sqlite_migrations"].rows) == before
    assert [p.name for p in tmp_path.glob("*before-upgrade*")] == []


@pytest.fixture
def broken_off(monkeypatch):
    """`broken_off(number)`: the step of that number does its work, and then the process dies."""

    class Killed(BaseException):
        pass

    def break_off(number: int):
        steps = schema.migrations._steps
        whole = steps[number]

        def dying(db: Database) -> None:
            whole(db)
            raise Killed

        dying.__name__ = whole.__name__
        monkeypatch.setattr(
            schema.migrations, "_steps", [*steps[:number], dying, *steps[number + 1 :]]
        )
        return Killed

    return break_off


@pytest.mark.parametrize("number", [0, 1, len(schema.migrations.names) - 1])
def test_a_first_opening_that_was_killed_leaves_a_file_that_can_be_opened(
    tmp_path, broken_off, monkeypatch, number
):
    path = tmp_path / "x.db"
    with pytest.raises(broken_off(number)):
        open_for_writing(path)
    monkeypatch.undo()
    with pytest.raises(DatabaseUnusable, match="holds nothing yet"):
        open_for_reading(path)
    open_for_writing(path).conn.close()
    # Nothing was in it, so no copy of it was set aside.
    assert [p.name for p in tmp_path.glob("*before-upgrade*")] == []


def test_an_upgrade_that_was_killed_leaves_the_older_database_as_it_was(
    tmp_path, broken_off, monkeypatch
):
    path = tmp_path / "x.db"
    steps = schema.migrations.names
    older = Database(path)
    schema.migrations.apply(older, stop_before=steps[-2])
    before = older.schema
    older.close()
    with pytest.raises(broken_off(len(steps) - 1)):
        open_for_writing(path)
    monkeypatch.undo()
    assert Database(path).schema == before
    assert [row["name"] for row in open_for_writing(path)["_sqlite_migrations"].rows] == steps


def test_an_older_database_is_upgraded_after_a_copy_is_set_aside(tmp_path):
    path = tmp_path / "x.db"
    steps = schema.migrations.names
    older = Database(path)
    schema.migrations.apply(older, stop_before=steps[-1])
    older["sites"].insert({"name": "okx", "base_url": "https://www.okx.com"})
    older.close()
    with pytest.raises(DatabaseUnusable, match="older helpwatch"):
        open_for_reading(path)
    upgraded = open_for_writing(path)
    assert [row["name"] for row in upgraded["_sqlite_migrations"].rows] == steps
    (aside,) = tmp_path.glob("x.before-upgrade-*.db")
    kept = sqlite3.connect(aside)
    assert kept.execute("SELECT name FROM sites").fetchall() == [("okx",)]
    assert kept.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (len(steps) - 1,)


def test_older_crawls_get_a_name_that_is_the_same_in_every_copy(tmp_path):
    names = []
    for path in (tmp_path / "one.db", tmp_path / "copy.db"):
        older = Database(path)
        schema.migrations.apply(older, stop_before="m010_merging")
        older["sites"].insert({"name": "okx", "base_url": "https://www.okx.com"})
        for day in ("2026-04-17T06:00:00Z", "2026-04-18T06:00:00Z"):
            older["crawls"].insert({"site_id": 1, "started_at": day, "outcome": "complete"})
        older.close()
        upgraded = open_for_writing(path)
        names.append([row["uid"] for row in upgraded["crawls"].rows])
        upgraded.close()
    assert names[0] == names[1]
    assert len(set(names[0])) == 2
