"""What people type for an instant, a period or a version -> what is meant."""

import re
from datetime import UTC, datetime, timedelta

from dateutil import parser as dates

from tracker.run.errors import UsageError

UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def instant(text: str, option: str = "--now") -> datetime:
    """An ISO date or instant as aware UTC; without an offset it is UTC."""
    try:
        found = dates.isoparse(text)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option} {text!r} is no ISO date or instant; write 2026-04-18 or "
            "2026-04-18T06:00:00Z."
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


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
