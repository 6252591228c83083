"""The chain: each version's link covers its row and the link before it."""

from datetime import timedelta

from db.versions import CHAINED, FIRST_LINK, chain_link
from pages_read import NOON, all_rows, article_read, recorded


def test_each_link_covers_its_row_and_the_link_before(store):
    for day in range(3):
        at = NOON + timedelta(days=day)
        recorded(store, article_read(at=at, body=f"Day {day}\n"), article_read("b", at=at), at=at)
    previous = FIRST_LINK
    for row in store.database["versions"].rows_where(order_by="id"):
        assert row["chain_sha256"] == chain_link(previous, row)
        previous = row["chain_sha256"]
    assert len(all_rows(store, "versions")) == 4


def test_any_change_of_a_covered_column_breaks_the_link(store):
    recorded(store, article_read())
    (row,) = all_rows(store, "versions")
    for name in CHAINED:
        assert chain_link(FIRST_LINK, row | {name: "tampered"}) != row["chain_sha256"]
