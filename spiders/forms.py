"""Two forms of one page (its data, its markup) compared: where they differ, the layout drifts."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from itertools import zip_longest
from typing import Any
from zlib import crc32

from spiders.items import ArticlePage, ListingEntry, ListingPage, Moment

CHECKED_ONE_IN = 50


def is_checked(url: str) -> bool:
    """Whether this page's forms are compared: one page in fifty, always the same ones."""
    return crc32(url.encode()) % CHECKED_ONE_IN == 0


ARTICLE_FIELDS = (
    "slug", "title", "section", "section_slug", "category", "category_slug",
    "published_at", "updated_at", "reading_minutes", "body",
)  # fmt: skip
LISTING_FIELDS = ("slug", "title", "category_slug", "page_number", "claimed_total", "next_url")
ENTRY_FIELDS = ("slug", "title", "url", "published_at", "updated_at")


def article_disagreements(
    data: ArticlePage, html: ArticlePage, time_zone: tzinfo
) -> tuple[str, ...]:
    """Fields on which the two readings of an article differ, as 'field: json 1, html 2'."""
    return tuple(_differences(data, html, ARTICLE_FIELDS, time_zone))


def listing_disagreements(
    data: ListingPage, html: ListingPage, time_zone: tzinfo
) -> tuple[str, ...]:
    """The same for a listing and each of its entries, in their order."""
    found = list(_differences(data, html, LISTING_FIELDS, time_zone))
    if len(data.entries) != len(html.entries):
        found.append(f"entries: json {len(data.entries)}, html {len(html.entries)}")
    for one, other in zip(data.entries, html.entries, strict=False):
        found.extend(_differences(one, other, ENTRY_FIELDS, time_zone))
    return tuple(found)


def moments_differ(one: Moment, other: Moment, time_zone: tzinfo) -> bool:
    """An instant and a bare date are the same where the date is the instant's day in the zone."""
    if isinstance(one, datetime) == isinstance(other, datetime):
        return one != other
    return _day(one, time_zone) != _day(other, time_zone)


def _day(moment: Moment, time_zone: tzinfo) -> date:
    return moment.astimezone(time_zone).date() if isinstance(moment, datetime) else moment


Record = ArticlePage | ListingPage | ListingEntry


def _differences(
    data: Record, html: Record, names: Sequence[str], time_zone: tzinfo
) -> Iterator[str]:
    for name in names:
        one, other = getattr(data, name), getattr(html, name)
        if other is None:
            continue  # the markup does not show it
        if name.endswith("_at") and one is not None:
            differs = moments_differ(one, other, time_zone)
        else:
            differs = one != other
        if differs:
            yield _wording(name, one, other)


def _wording(name: str, one: Any, other: Any) -> str:
    if name == "body":
        lines = zip_longest(one.split("\n"), other.split("\n"), fillvalue="")
        one, other = next(pair for pair in lines if pair[0] != pair[1])
    return f"{name}: json {str(one)[:120]}, html {str(other)[:120]}"
