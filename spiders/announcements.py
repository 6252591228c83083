"""OKX's public announcements API: `GET /api/v5/support/announcements?annType=&page=`.

`{code, data: [{totalPage, details: [{annType, title, url, pTime, businessPTime}]}]}`, times in
milliseconds as text; from its public documentation. `businessPTime` is the time that the article's
page shows, `pTime` the one at which it was really put there, minutes or days apart.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from msgspec import Struct

from spiders.errors import Blocked, NotAnArticle, PageIncomplete
from spiders.fields import canonical_url, slug_of
from spiders.items import Form, ListingEntry, ListingPage
from spiders.layout import API_PATH, Layout, Place

ALL = "announcements"
"""The name of the listing that holds announcements of every type."""
_PROVENANCE: dict[str, Form] = dict.fromkeys(("title", "slug", "url", "published_at"), "json")
_TOO_MANY = "50011"
"""The API's code for too many requests."""


class Detail(Struct):
    title: str | None = None
    url: str | None = None
    pTime: Any = None
    businessPTime: Any = None


class Part(Struct):
    totalPage: Any = None
    details: list[Detail] | None = None


class Answer(Struct):
    code: Any
    data: list[Part] | None = None
    msg: Any = None


_decode = msgspec.json.Decoder(Answer).decode


def read_announcements(body: bytes, url: str, layout: Layout) -> ListingPage:
    """One page of the API's list. PageError for any other JSON, and for the API's own errors."""
    try:
        answer = _decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise NotAnArticle(
            f"JSON, but no list of announcements: {error}", kind="wrong_type"
        ) from None
    code = str(answer.code)
    if not code.isdecimal():
        raise NotAnArticle("JSON, but no list of announcements", kind="wrong_type")
    if code == _TOO_MANY:
        raise Blocked("The API says that it was asked too often; stop")
    if code != "0" or answer.data is None:
        said = str(answer.msg)[:120]
        raise PageIncomplete(f"The API answers with error {code[:20]}: {said}", kind="soft_error")
    place = Place.of(url, layout)
    asked = parse_qs(urlsplit(url).query)
    kind, number = asked.get("annType", [""])[0], asked.get("page", ["1"])[0]
    page_number = int(number) if re.fullmatch(r"[1-9][0-9]{0,5}", number) else 1
    pages = max((_whole(part.totalPage) or 0 for part in answer.data), default=0)
    return ListingPage(
        locale=place.locale,
        kind="api",
        slug=kind or ALL,
        url=_address(place, kind, 1),
        page_number=page_number,
        entries=tuple(_entries(answer.data, url, place)),
        next_url=_address(place, kind, page_number + 1) if page_number < pages else None,
        parser=layout.parser,
        provenance=_PROVENANCE,
    )


def _address(place: Place, kind: str, number: int) -> str:
    asked = {"annType": kind} if kind else {}
    asked |= {"page": number} if number > 1 else {}
    return f"{place.origin}{API_PATH}{'?' if asked else ''}{urlencode(asked)}"


def _entries(parts: list[Part], url: str, place: Place) -> Iterator[ListingEntry]:
    for part in parts:
        for detail in part.details or ():
            title = " ".join((detail.title or "").split())
            slug = slug_of(detail.url or "")
            if title:
                yield ListingEntry(
                    title=title,
                    slug=slug,
                    url=place.article(slug) if slug else canonical_url(detail.url or "", url),
                    published_at=_instant(detail.businessPTime) or _instant(detail.pTime),
                )


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,14}", text) else None


def _instant(milliseconds: object) -> datetime | None:
    """An instant from milliseconds since 1970; 14 figures reach to the year 5138."""
    number = _whole(milliseconds)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number) if number else None
