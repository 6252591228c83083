"""What people type for an instant or a period."""

from datetime import UTC, datetime

import pytest

from tracker.run import times
from tracker.run.errors import UsageError

NOW = datetime(2026, 4, 18, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-04-17", datetime(2026, 4, 17, tzinfo=UTC)),
        ("2026-04-17T06:00", datetime(2026, 4, 17, 6, tzinfo=UTC)),
        ("2026-04-17T06:00:00Z", datetime(2026, 4, 17, 6, tzinfo=UTC)),
        ("2026-04-17T14:00:00+08:00", datetime(2026, 4, 17, 6, tzinfo=UTC)),
    ],
)
def test_an_instant_is_utc_unless_it_says_otherwise(text, meant):
    assert times.instant(text) == meant


@pytest.mark.parametrize("text", ["yesterday", "17.04.2026", "", "2026-13-01", "7x"])
def test_what_is_no_instant_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="write 2026-04-18"):
        times.instant(text)


@pytest.mark.parametrize(("text", "meant"), [("7d", 7), ("36h", 1.5), ("2w", 14)])
def test_a_duration_is_given_in_hours_days_or_weeks(text, meant):
    assert times.days(text, "--window") == meant


@pytest.mark.parametrize("text", ["7", "d", "0d", "-7d", "7 days", "7m"])
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="36h, 7d or 2w"):
        times.days(text, "--window")


def test_since_is_an_instant_or_counted_back_from_now():
    assert times.since("7d", NOW) == datetime(2026, 4, 11, 6, tzinfo=UTC)
    assert times.since("2026-04-01", NOW) == datetime(2026, 4, 1, tzinfo=UTC)
