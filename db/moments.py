"""Instants and days as the database writes them.

A `Moment` is an aware UTC datetime, or a bare date where only the day is known.
"""

from datetime import UTC, date, datetime
from functools import lru_cache

Moment = datetime | date


@lru_cache(maxsize=512)
def to_text(moment: Moment | None) -> str | None:
    """UTC ISO 8601 ending in Z (milliseconds only where there are any), or a date alone.

    Kept for a while: a page's few moments are written a dozen times each.
    """
    if moment is None or not isinstance(moment, datetime):
        return moment and moment.isoformat()
    utc = moment.astimezone(UTC)
    text = utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds")
    return text.removesuffix("+00:00") + "Z"


def to_moment(text: str | None) -> Moment | None:
    """The reverse of `to_text`."""
    if text is None:
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
