"""What counts as the same event on several articles."""

from builders import change
from tracker.groups import Keyed, edit_key, group
from tracker.textdiff import BlockDiff, Piece, TextDiff


def difference(*blocks: tuple[str, list[tuple[str, str]]]) -> TextDiff:
    return TextDiff(
        blocks=tuple(
            BlockDiff(op=op, kind="paragraph", pieces=tuple(Piece(*piece) for piece in pieces))
            for op, pieces in blocks
        )
    )


def groups_of(*keys: str | None) -> list[dict | None]:
    found = [Keyed(change(number), key) for number, key in enumerate(keys)]
    return [each.detail.get("group") for each in group(found)]


def test_three_articles_with_one_key_are_a_group_and_two_are_not():
    assert groups_of("a", "a", "b", "b", "b") == [None, None] + [{"key": "b", "size": 3}] * 3


def test_changes_without_a_key_stand_alone():
    assert groups_of(None, None, None, None) == [None] * 4


def test_grouping_keeps_the_order_and_the_rest_of_the_detail():
    found = [Keyed(change(n, detail={"reverts_to": n}), "a") for n in (3, 1, 2)]
    assert [each.article_id for each in group(found)] == [3, 1, 2]
    assert [each.detail["reverts_to"] for each in group(found)] == [3, 1, 2]


def test_the_same_edit_has_the_same_key_whatever_stands_around_it():
    first = difference(
        ("kept", [("kept", "About wallets.")]),
        ("changed", [("kept", "Write to "), ("removed", "a@x.example"), ("added", "b@x.example")]),
    )
    second = difference(
        ("changed", [("removed", "a@x.example "), ("added", " b@x.example"), ("kept", " helps.")]),
        ("kept", [("kept", "About fees.")]),
    )
    assert edit_key(first) == edit_key(second)


def test_the_order_of_the_pieces_does_not_matter_and_their_number_does():
    one = ("changed", [("added", "new")])
    other = ("changed", [("removed", "old")])
    assert edit_key(difference(one, other)) == edit_key(difference(other, one))
    assert edit_key(difference(one, other)) != edit_key(difference(one, one, other))


def test_adding_is_not_removing():
    added = difference(("added", [("added", "a line")]))
    removed = difference(("removed", [("removed", "a line")]))
    assert edit_key(added) != edit_key(removed)


def test_a_moved_block_is_part_of_the_edit():
    moved = difference(("moved", [("kept", "A block.")]))
    assert edit_key(moved) is not None
    assert edit_key(moved) != edit_key(difference(("moved", [("kept", "Another.")])))


def test_no_edit_has_no_key():
    assert edit_key(difference(("kept", [("kept", "All as it was.")]))) is None


def test_changes_join_a_group_that_was_told_before_without_making_one():
    found = [Keyed(change(1), "edit:known"), Keyed(change(2), "edit:unknown")]
    groups = [each.detail.get("group") for each in group(found, {"edit:known": 7, "edit:x": 3})]
    assert groups == [{"key": "edit:known", "size": 7}, None]
