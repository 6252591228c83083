"""How well it is known that an article had a text at an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from builders import NOW, version
from tracker.standing import standing

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reading:
    fetched_at: datetime
    version_id: int | None
    page_kind: str = "article"
    status: int | None = 200


FIRST = version(1, number=1, captured_at=NOW)
SECOND = version(2, number=2, captured_at=NOW + 5 * DAY)
READINGS = [
    Reading(NOW, 1),
    Reading(NOW + 2 * DAY, 1),
    Reading(NOW + 3 * DAY, None, "network", None),
    Reading(NOW + 4 * DAY, 1),
    Reading(NOW + 5 * DAY, 2),
    Reading(NOW + 6 * DAY, None, "gone", 404),
]


def at(day: float):
    return standing([FIRST, SECOND], READINGS, NOW + day * DAY)


def test_readings_before_and_after_the_instant_speak_for_the_text():
    found = at(3)
    assert found.version is FIRST
    assert found.confirmed_before == (NOW + 2 * DAY,)
    assert found.confirmed_after == (NOW + 4 * DAY,)
    assert found.last_read_before_at == NOW + 2 * DAY


def test_the_next_version_is_told_with_the_text_before_it():
    found = at(4.5)
    assert found.version is FIRST
    assert found.confirmed_after == ()
    assert found.next_version is SECOND


def test_the_first_reading_confirms_nothing_by_itself():
    found = at(1)
    assert found.confirmed_before == ()
    assert found.last_read_before_at == NOW


def test_requests_without_a_text_are_told_beside_the_readings():
    assert [reading.page_kind for reading in at(1).other_answers] == ["network"]
    assert [reading.page_kind for reading in at(7).other_answers] == ["gone"]


def test_a_version_stands_from_the_very_instant_of_its_first_reading():
    assert at(5).version is SECOND
    assert at(5).next_version is None


def test_before_its_first_version_nothing_is_known():
    assert at(-1) is None
    assert standing([], [], NOW) is None


def test_two_readings_at_one_instant_count_once():
    twice = [Reading(NOW, 1), Reading(NOW + DAY, 1), Reading(NOW + DAY, 1)]
    assert standing([FIRST], twice, NOW + 2 * DAY).confirmed_before == (NOW + DAY,)
