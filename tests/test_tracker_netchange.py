"""Several crawls of one article fold into what they come to, with the steps beneath."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import NOW, change
from tracker.netchange import fold


def day(number, kind, article_id=1, **facts):
    """A change found on a day; its row number is the day's."""
    return change(
        article_id,
        kind,
        detected_at=NOW + timedelta(days=number),
        id=10 * article_id + number,
        crawl_id=number,
        **{"from_version_id": number, "to_version_id": number + 1, **facts},
    )


def folded(*changes, same=()):
    """`same` holds pairs of versions with the same text."""
    return fold(changes, lambda old, new: (old, new) in same)


def kinds(nets):
    return [(net.change.kind, len(net.steps), net.is_taken_back) for net in nets]


def test_a_single_change_comes_out_as_it_went_in():
    found = day(1, "silent_edit", detail={"group": {"key": "edit:1", "size": 9}})
    (net,) = folded(found)
    assert (net.change, net.steps, net.is_taken_back) == (found, (), False)


def test_several_edits_are_one_from_the_first_text_to_the_last():
    (net,) = folded(day(1, "updated"), day(2, "silent_edit"), day(4, "updated"))
    assert kinds([net]) == [("updated", 3, False)]
    assert (net.change.from_version_id, net.change.to_version_id) == (1, 5)
    assert (net.change.id, net.change.detected_at) == (14, NOW + timedelta(days=4))
    assert [step.id for step in net.steps] == [11, 12, 14]


def test_edits_that_were_all_quiet_stay_quiet():
    assert kinds(folded(day(1, "silent_edit"), day(2, "silent_edit"))) == [
        ("silent_edit", 2, False)
    ]


def test_an_edit_that_was_taken_back_comes_to_nothing_and_is_told():
    (net,) = folded(day(1, "updated"), day(2, "updated"), same={(1, 3)})
    assert net.is_taken_back
    assert [step.kind for step in net.steps] == ["updated", "updated"]


def test_a_title_that_came_back_is_taken_back_though_the_text_stays_changed():
    nets = folded(
        day(1, "retitled", before="Fees", after="Our fees"),
        day(1, "updated"),
        day(2, "retitled", before="Our fees", after="Fees "),
    )
    assert sorted(kinds(nets)) == [("retitled", 2, True), ("updated", 0, False)]


def test_titles_addresses_and_dates_go_from_the_first_to_the_last():
    for kind in ("retitled", "readdressed", "moved", "touched"):
        (net,) = folded(day(1, kind, before="a", after="b"), day(2, kind, before="b", after="c"))
        assert (net.change.kind, net.change.before, net.change.after) == (kind, "a", "c")
        (net,) = folded(day(1, kind, before="a", after="b"), day(2, kind, before="b", after="a"))
        assert net.is_taken_back, kind


def test_a_move_whose_category_stays_changed_is_not_taken_back():
    out = {"category": {"before": "faq", "after": "news"}}
    (net,) = folded(
        day(1, "moved", before="fees", after="other", detail=out),
        day(2, "moved", before="other", after="fees"),
    )
    assert not net.is_taken_back


def test_a_new_date_beside_an_edit_is_a_step_of_the_edit():
    (net,) = folded(day(1, "updated"), day(3, "touched", before="d1", after="d2"))
    assert kinds([net]) == [("updated", 2, False)]
    assert (net.change.id, net.change.before, net.change.after) == (11, None, None)


def test_what_appeared_and_was_edited_is_new_with_its_last_text():
    (net,) = folded(
        day(1, "new", from_version_id=None), day(2, "updated"), day(3, "retitled", after="x")
    )
    assert kinds([net]) == [("new", 3, False)]
    assert (net.change.id, net.change.from_version_id, net.change.to_version_id) == (11, None, 4)
    assert net.change.detected_at == NOW + timedelta(days=1)
    assert (net.change.before, net.change.after) == (None, None)


def test_what_was_edited_and_went_is_gone():
    (net,) = folded(day(1, "updated"), day(2, "unlisted"), day(3, "removed", to_version_id=None))
    assert kinds([net]) == [("removed", 3, False)]


def test_what_came_and_went_is_taken_back():
    (net,) = folded(day(1, "new"), day(2, "updated"), day(3, "removed"))
    assert kinds([net]) == [("removed", 3, True)]


def test_what_went_and_came_back_is_taken_back_and_its_edit_is_told():
    nets = folded(
        day(1, "removed"), day(2, "relisted", detail={"was": "removed"}), day(2, "updated")
    )
    assert kinds(nets) == [("relisted", 2, True), ("updated", 0, False)]


@pytest.mark.parametrize(
    ("passages", "net"),
    [
        ([("relisted", "removed")], ("relisted", 0, False)),
        ([("relisted", "removed"), ("removed", None)], ("removed", 2, True)),
        ([("relisted", "unlisted"), ("removed", None)], ("removed", 2, False)),
        ([("unlisted", None), ("removed", "unlisted")], ("removed", 2, False)),
        ([("unlisted", "removed"), ("relisted", "unlisted")], ("relisted", 2, False)),
        ([("unlisted", None), ("relisted", "unlisted")], ("relisted", 2, True)),
    ],
)
def test_presence_is_judged_by_its_two_ends(passages, net):
    steps = [
        day(number, kind, detail={"was": was} if was else {})
        for number, (kind, was) in enumerate(passages, start=1)
    ]
    assert kinds(folded(*steps)) == [net]


def test_severity_is_the_highest_of_the_steps_and_what_was_watched_is_joined():
    def watch(*words):
        return {"watch": [{"label": "Fees", "severity": "high", "words": list(words)}]}

    (net,) = folded(
        day(1, "updated", severity="high", detail=watch("fee", "fees") | {"touched": [1]}),
        day(2, "updated", severity="low", detail=watch("fees", "charge") | {"reverts_to": 1}),
    )
    assert net.change.severity == "high"
    assert net.change.detail == {**watch("fee", "fees", "charge"), "reverts_to": 1}


def test_articles_that_went_through_the_same_two_events_are_one_group():
    def steps(article_id):
        return [
            day(n, "updated", article_id, detail={"group": {"key": f"edit:{n}", "size": 3}})
            for n in (1, 2)
        ]

    nets = folded(*steps(1), *steps(2), *steps(3), day(1, "updated", 4), day(2, "updated", 4))
    groups = [net.change.detail.get("group") for net in nets]
    assert groups[0] == groups[1] == groups[2] and groups[0]["size"] == 3
    assert groups[3] is None


# One article's life, told day by day and told as a whole

LIVES = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from([True, False])),
    min_size=2,
    max_size=7,
)


def told(number, before, after):
    """What a comparison of two days finds: text and title of an article that may be absent."""
    (text, title, there), (new_text, new_title, is_there) = before, after
    if there and not is_there:
        yield day(number, "removed", from_version_id=number, to_version_id=None)
    if is_there and not there:
        yield day(number, "relisted", detail={"was": "removed"})
    if is_there and text != new_text:
        yield day(number, "updated")
    if is_there and title != new_title:
        yield day(number, "retitled", before=title, after=new_title)


@given(LIVES)
def test_a_life_folds_to_what_its_two_ends_differ_in(life):
    seen = [life[0]]
    for text, title, is_there in life[1:]:
        # What is gone is not read: it keeps the text and title that it had.
        seen.append((text, title, True) if is_there else (*seen[-1][:2], False))
    days = list(zip(seen, seen[1:], strict=False))
    steps = [c for n, (old, new) in enumerate(days, start=1) for c in told(n, old, new)]
    bodies = {n: state[0] for n, state in enumerate(seen, start=1)}
    nets = fold(steps, lambda old, new: bodies[old] == bodies[new])
    lasting = {net.change.kind for net in nets if not net.is_taken_back}
    (text, title, there), (new_text, new_title, is_there) = seen[0], seen[-1]
    if there and not is_there:
        assert lasting == {"removed"}
    else:
        expected = {"relisted"} if is_there and not there else set()
        expected |= {"updated"} if text != new_text else set()
        expected |= {"retitled"} if title != new_title else set()
        assert lasting == expected
    assert sorted(step.id for net in nets for step in net.steps or (net.change,)) == sorted(
        step.id for step in steps
    )


@given(LIVES)
def test_folding_does_not_depend_on_the_order_of_reading(life):
    days = list(zip(life, life[1:], strict=False))
    steps = [c for n, (old, new) in enumerate(days, start=1) for c in told(n, old, new)]
    steps = [replace(step, id=number) for number, step in enumerate(steps)]

    def same(old, new):
        return old == new

    assert fold(steps, same) == fold(steps[::-1], same)
