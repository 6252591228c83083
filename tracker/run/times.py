"""What people type for an instant, a period or a version -> what is meant."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.run.errors import UsageError

UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def instant(text: str, option: str = "--now") -> datetime:
    """An ISO date or instant as aware UTC; without an offset it is UTC."""
    from dateutil import parser as dates

    try:
        found = dates.isoparse(text)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option} {text!r} is no ISO date or instant; write 2026-04-18 or "
            "2026-04-18T06:00:00Z."
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def zone(name: str, option: str = "--timezone") -> tzinfo:
    """A time zone by its name; UsageError shows what such names look like."""
    if name.strip().upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"{option} {name!r} is no time zone; write a name such as 'Europe/Berlin' or 'UTC'."
        ) from None


def days(text: str, option: str) -> float:
    """A duration such as 7d, 36h or 2w, in days."""
    found = re.fullmatch(r"(\d{1,6})([hdw])", text.strip())
    if not found or not int(found[1]):
        raise UsageError(f"{option} {text!r} is no duration; write 36h, 7d or 2w.")
    return timedelta(**{UNITS[found[2]]: int(found[1])}) / timedelta(days=1)


def since(text: str, now: datetime, option: str = "--since") -> datetime:
    """An instant, or a duration counted back from now."""
    if re.fullmatch(r"\d+[a-z]", text.strip()):
        return now - timedelta(days=days(text, option))
    return instant(text, option)


def until(text: str, now: datetime, option: str = "--until") -> datetime:
    """The same for an end: a day belongs to the period to its last second."""
    found = since(text, now, option)
    is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip())
    return found + timedelta(days=1, seconds=-1) if is_day else found


def calendar(text: str, option: str = "--during") -> tuple[datetime, datetime]:
    """A day, an ISO week or a month of the calendar, in UTC: its first and its last second."""
    month = re.fullmatch(r"(\d{4})-(\d{2})", text)
    week = re.fullmatch(r"(\d{4})-W(\d{2})", text)
    try:
        if month:
            begin = datetime(int(month[1]), int(month[2]), 1, tzinfo=UTC)
            end = (begin + timedelta(days=31)).replace(day=1)
        elif week:
            begin = datetime.fromisocalendar(int(week[1]), int(week[2]), 1).replace(tzinfo=UTC)
            end = begin + timedelta(days=7)
        else:
            begin = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
            end = begin + timedelta(days=1)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option} {text!r} is no day, week or month; write 2026-04-18, 2026-W16 or 2026-04."
        ) from None
    return begin, end - timedelta(seconds=1)


def crawls(text: str, option: str = "--crawl") -> tuple[int | None, int]:
    """`5` -> (None, 5), one crawl; `2..5` -> (2, 5), from the state of one to that of a later."""
    found = re.fullmatch(r"(?:(\d{1,9})\.\.)?(\d{1,9})", text.strip())
    if not found:
        raise UsageError(f"{option} {text!r} is no crawl; write 5, or 2..5 for what lies between.")
    return found[1] and int(found[1]), int(found[2])
