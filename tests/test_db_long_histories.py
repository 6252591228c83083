"""What is asked each day, or by people, takes no longer the more years lie behind."""

from datetime import timedelta

from db import evidence, past, states
from pages_read import NOON, article_read, entry, listing_read, recorded
from tracker.run.statements import coverage_of

DAY = timedelta(days=1)


def plan(connection, sql: str, values=()) -> str:
    return "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))


def test_the_days_are_counted_in_one_pass_over_crawls_and_changes(store):
    found = plan(store.connection, "SELECT * FROM daily_activity")
    assert "CORRELATED" not in found


def test_a_day_tells_its_crawls_and_its_changes(store):
    first = recorded(store, listing_read(entry("fees")), article_read("fees"))
    recorded(
        store, article_read("fees", at=NOON + timedelta(hours=3)), at=NOON + timedelta(hours=3)
    )
    for at, kind, severity in (
        ("2026-04-17T12:00:00Z", "new", "normal"),
        ("2026-04-17T15:00:00Z", "silent_edit", "high"),
        # What an import tells lies on the day of the capture, on which perhaps nothing was crawled.
        ("2025-12-01T06:00:00Z", "updated", "low"),
    ):
        store.connection.execute(
            "INSERT INTO changes (crawl_id, article_id, kind, detected_at, severity)"
            " VALUES (?, 1, ?, ?, ?)",
            [first, kind, at, severity],
        )
    found = store.connection.execute("SELECT * FROM daily_activity").fetchall()
    assert found == [
        ("2026-04-17", 2, 3, 0, 2, 1, 1, 0, 1),
        ("2025-12-01", 0, 0, 0, 1, 0, 1, 0, 0),
    ]


def test_the_validators_of_an_article_are_found_without_reading_its_whole_log(store):
    asked = []
    store.connection.set_trace_callback(asked.append)
    states.known_articles(store.connection, 1, (), locales=["en"])
    store.connection.set_trace_callback(None)
    (sql,) = [sql for sql in asked if "listed_title_when_read" in sql]
    assert "USING INDEX fetches_with_validators (article_id=?)" in plan(store.connection, sql)


def test_a_statement_asks_no_more_of_the_database_the_more_crawls_it_tells_of(store):
    def questions() -> int:
        asked = []
        store.connection.set_trace_callback(asked.append)
        found = coverage_of(
            store.connection, evidence.site(store.connection, None), NOON, NOON + 9 * DAY, 7
        )
        store.connection.set_trace_callback(None)
        assert len(found.crawls) == days
        return len(asked)

    counts = []
    for days in (1, 2, 3):
        at = NOON + days * DAY
        recorded(store, listing_read(entry("a"), at=at), article_read("a", at=at), at=at)
        counts.append(questions())
    assert counts[0] == counts[1] == counts[2]


def test_the_log_is_read_through_and_not_looked_up_article_by_article(store):
    values = {"site": 1, "since": "2026", "until": "2027"}
    for found in (
        plan(store.connection, evidence.READINGS, values),
        plan(store.connection, past.LAST_CONFIRMED, [1, "2027"]),
    ):
        assert "SCAN fetches" in found
        assert "SEARCH fetches" not in found


def test_the_state_at_an_instant_is_sought_once_for_each_article(store):
    sql = f"{states.STATE} WHERE a.site_id = :site AND t.id = ({past.LATEST_STATE})"
    found = plan(store.connection, sql, {"site": 1, "at": "2026"})
    assert "SCAN t" not in found
