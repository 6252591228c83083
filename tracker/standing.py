"""How well it is known that an article had a text at an instant: read before it, read after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from db.records import Version


class Reading(Protocol):
    """One request for an article's own page, and what came of it."""

    fetched_at: datetime
    version_id: int | None
    page_kind: str
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One version at one instant, with the readings that speak for it and those that do not.

    `version.captured_at` is its first reading. A page is looked at now and then: a text that stood
    only between two readings is not seen.
    """

    at: datetime
    version: Version
    version_count: int
    """Versions of the article on record, at any time."""
    confirmed_before: tuple[datetime, ...]
    """Later readings that showed the same version, up to `at`."""
    confirmed_after: tuple[datetime, ...]
    """The same after `at`."""
    next_version: Version | None
    """The version that the article showed after it."""
    other_answers: tuple[Reading, ...]
    """Requests from its first reading to the next version's that gave no text: gone, errors."""

    @property
    def last_read_before_at(self) -> datetime:
        """The last reading up to `at`."""
        return self.confirmed_before[-1] if self.confirmed_before else self.version.captured_at


def standing(
    versions: Sequence[Version], readings: Sequence[Reading], at: datetime
) -> Standing | None:
    """What is known of the text at `at`; None before the first version.

    `versions` and `readings` are all those of one article, oldest first.
    """
    earlier = [version for version in versions if version.captured_at <= at]
    if not earlier:
        return None
    version = earlier[-1]
    following = versions[len(earlier) :]
    next_version = following[0] if following else None
    confirmed = sorted(
        {
            reading.fetched_at
            for reading in readings
            if reading.version_id == version.id and reading.fetched_at > version.captured_at
        }
    )
    return Standing(
        at=at,
        version=version,
        version_count=len(versions),
        confirmed_before=tuple(instant for instant in confirmed if instant <= at),
        confirmed_after=tuple(instant for instant in confirmed if instant > at),
        next_version=next_version,
        other_answers=tuple(
            reading
            for reading in readings
            if reading.version_id is None
            and reading.fetched_at >= version.captured_at
            and (next_version is None or reading.fetched_at < next_version.captured_at)
        ),
    )
