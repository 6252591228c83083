"""The rendered page in the OKX layout, read by its lasting marks: test ids, aria attributes, links.

Class names end in hashes of a build and are not relied upon. Only slices of the page are looked
at, and every pattern is linear in the slice that it is given.
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from spiders.fields import parse_count
from spiders.runs import is_regular

_INSIDE = r"""[^<>"']*+(?:(?:"[^"]*+"|'[^']*+')[^<>"']*+)*+"""
"""A tag behind its name; quoted values may hold anything."""
_ATTRIBUTES = f"(?P<attributes>{_INSIDE})"
_HEAD_TAG = re.compile(
    r"""<(?:link\s+rel="alternate"\s+href="(http[^"]*+)"\s+hreflang="([^"]++)"\s*/?>"""
    rf"|(meta|link|(?i:html|meta|link))\b({_INSIDE})>)"
)
"""Address and language of a link to another locale, forty of which stand in a head; of any other
tag, and of such a link that is written otherwise, name and attributes."""
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ANCHOR = re.compile(rf"<a\b{_ATTRIBUTES}>", re.IGNORECASE)
_TAG = re.compile(rf"</?[a-zA-Z]{_INSIDE}>")
_BLOCK_TAG = re.compile(rf"</?(?:div|p|li|ul|ol|h[1-6]|section|article|a)\b{_INSIDE}>")
_COMMENT = re.compile(r"<!--[^<>]{0,100}-->")
_WHITE = re.compile(r"[ \t\n\r\f]+")

MAX_HEAD = 300_000
MAX_ROW = 20_000
MAX_DETAILS = 4_000
"""Bytes of a head, of one list entry, of its row of dates and counts; real ones have a tenth."""


def attributes_of(text: str) -> dict[str, str]:
    """The attributes of a tag, names in lower case, values with their entities read."""
    found = {
        name.lower(): in_double or in_single or bare
        for name, in_double, in_single, bare in _ATTRIBUTE.findall(text)
    }
    return {name: unescape(value) for name, value in found.items()} if "&" in text else found


def plain(markup: str) -> str:
    """The text of a piece of markup on one line."""
    text = _TAG.sub("", _COMMENT.sub("", markup))
    return one_line(unescape(text) if "&" in text else text)


def one_line(text: str | None) -> str:
    """A text of the data as the page shows it: white space collapsed, nothing else changed."""
    text = text or ""
    return (text if is_regular(text) else _WHITE.sub(" ", text)).strip(" ")


# The head.


class Head(Struct, frozen=True):
    language: str | None = None
    description: str | None = None
    canonical: str | None = None
    alternates: dict[str, str] = {}
    """hreflang -> absolute address."""

    @property
    def path(self) -> str:
        """The path of the page's own address, as far as it names one."""
        return _path_of(self.canonical)


def _path_of(url: str | None) -> str:
    try:
        return urlsplit(url or "").path.rstrip("/")
    except ValueError:  # a broken IPv6 address
        return ""


def read_head(body: bytes, url: str) -> Head:
    """Language, description and addresses that the head of a page names."""
    end = body.find(b"</head>", 0, MAX_HEAD)
    html = body[: end if end >= 0 else MAX_HEAD].decode("utf-8", "replace")
    language = description = canonical = address = None
    alternates: dict[str, str] = {}
    for href, tag, name, text in _HEAD_TAG.findall(html):
        if tag:
            if "&" in href or "&" in tag:
                href, tag = unescape(href), unescape(tag)
            if tag:
                alternates[tag] = href
            continue
        name = name.lower()
        if name == "meta":
            if "og:url" in text or ("description" in text and "name" in text):
                meta = attributes_of(text)
                if "og:url" in (meta.get("property"), meta.get("name")):
                    address = meta.get("content")
                elif meta.get("name", "").lower() == "description":
                    description = one_line(meta.get("content")) or None
        elif name == "html":
            language = attributes_of(text).get("lang") or None
        elif "hreflang" in text:
            link = attributes_of(text)
            if (href := link.get("href")) and (tag := link.get("hreflang")):
                alternates[tag] = _absolute(href, url)
        elif "canonical" in text:
            canonical = attributes_of(text).get("href")
    return Head(language, description, canonical or address, alternates)


def _absolute(href: str, url: str) -> str:
    try:
        return href if href.startswith("http") else urljoin(url, href)
    except ValueError:  # a broken IPv6 address: kept as it was said
        return href


# Rows of dates and counts.


class Details(Struct, frozen=True):
    """The row below a title: labelled dates, then reading time, category label, view count."""

    dates: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


_DIVIDER = 'data-testid="RowWithDivider"'
_DATE = re.compile(
    r"""<(\w+)\b[^<>]{0,200}data-testid="DateDisplay"[^<>]{0,200}>(.{0,400}?)</\1>""", re.DOTALL
)


def read_details(html: str) -> Details:
    """The first row of dates and counts in `html`; empty where there is none."""
    at = html.find(_DIVIDER)
    if at < 0:
        return Details()
    row = html[html.find(">", at) + 1 :][:MAX_DETAILS]
    row = row[: _end_of_div(row)]
    parts = _DATE.split(row)
    dates = tuple(map(plain, parts[2::3]))
    rest = _TAG.split(_COMMENT.sub("", "<i>".join(parts[::3])))
    return Details(dates, tuple(text for part in rest if (text := one_line(unescape(part)))))


def _end_of_div(html: str) -> int:
    """Where a `div` ends whose content begins at 0."""
    depth = 1
    for found in re.finditer(r"<(/?)(?:div\b|a\s*>|li\b)", html):
        if found[0][1:2] == "/" and found[0][2:5] != "div":
            return found.start()  # the link or the list item around it
        depth += -1 if found[1] else found[0] == "<div"
        if not depth:
            return found.start()
    return len(html)


# Lists.


class Row(Struct, frozen=True):
    """One list entry as it is rendered."""

    href: str
    title: str
    summary: str | None
    details: Details


_LIST_SIGN = b'aria-describedby="help-load-more-desc"'
_DATE_SIGN = b'data-testid="DateDisplay"'
_ENTRY = re.compile(r"<li[\s>]")


def list_slice(body: bytes) -> str | None:
    """The markup of the page's list of articles; None where the page has none."""
    at = body.find(_LIST_SIGN)
    last = at
    if at < 0:
        last = body.rfind(_DATE_SIGN)
        at = body.rfind(b"<ul", 0, max(body.find(_DATE_SIGN), 0))
        if last < 0 or at < 0:
            return None
    end = body.find(b"</ul>", last)
    return body[at : end if end >= 0 else len(body)].decode("utf-8", "replace")


def read_rows(list_html: str) -> Iterator[Row]:
    """The entries of a list, each a link around a title, maybe a summary, and its details."""
    for part in _ENTRY.split(list_html)[1:]:
        entry = part[:MAX_ROW]
        link = _ANCHOR.search(entry)
        href = attributes_of(link["attributes"]).get("href") if link else None
        if not href:
            continue
        inner = entry[link.end() :]
        at = inner.find(_DIVIDER)
        above = inner[: inner.rfind("<", 0, at) if at >= 0 else len(inner)]
        texts = [text for block in _BLOCK_TAG.split(above) if (text := plain(block))]
        if texts:
            yield Row(href, texts[0], " ".join(texts[1:]) or None, read_details(inner))


_NUMBER = re.compile(r"\d(?:[\d.,\u00a0\u202f]*\d)?")


def read_total(body: bytes) -> int | None:
    """The total of 'Showing 16-30 of 2131 articles', in any language the largest number; 0 where
    one of them is ('1-0 of 0')."""
    at = body.find(b'id="help-load-more-desc"')
    if at < 0:
        return None
    html = body[at : at + 500].decode("utf-8", "replace")
    text = plain(html[html.find(">") + 1 :].split("</", 1)[0])
    counts = [count.value for found in _NUMBER.findall(text) if (count := parse_count(found))]
    return 0 if 0 in counts else max(counts, default=None)


# Links.


class Anchor(Struct, frozen=True):
    href: str
    text: str
    attributes: dict[str, str]


def anchors(html: str, containing: str = "") -> Iterator[Anchor]:
    """The links of a piece of markup whose tag contains a word, in order."""
    for found in _ANCHOR.finditer(html):
        if containing in found["attributes"]:
            attributes = attributes_of(found["attributes"])
            end = html.find("</a", found.end(), found.end() + MAX_DETAILS)
            text = plain(html[found.end() : end]) if end >= 0 else ""
            yield Anchor(attributes.get("href", ""), text, attributes)


_NAV = re.compile(r"<nav\b")


def navigation(body: bytes) -> str:
    """The markup of the menus that name sections."""
    html = main_of(body)
    parts = (part.partition("</nav>")[0] for part in _NAV.split(html)[1:])
    return "".join(part for part in parts if "/help/section/" in part)


def next_link(body: bytes) -> str | None:
    """The address behind the arrow to the next page; None on the last page."""
    at = body.find(b'data-testid="okd-pagination-next-icon"')
    start = body.rfind(b"<a", max(0, at - 1000), at) if at >= 0 else -1
    if start < 0:
        return None
    link = next(anchors(body[start : at + 1000].decode("utf-8", "replace")), None)
    if not link or "next-icon" not in link.attributes.get("data-testid", ""):
        return None
    return None if link.attributes.get("aria-disabled") == "true" else link.href or None


def heading(html: str, level: int) -> str | None:
    """The text of the first heading of a level."""
    found = re.search(rf"<h{level}\b[^<>]{{0,500}}>", html)
    if not found:
        return None
    return plain(html[found.end() : found.end() + MAX_ROW].split(f"</h{level}", 1)[0]) or None


def main_of(body: bytes) -> str:
    """The page between its head and its data: what readers see, with header and some footer."""
    start = max(body.find(b"</head>"), 0)
    end = body.find(b"__app_data_for_ssr__", start)
    return body[start : end if end >= 0 else len(body)].decode("utf-8", "replace")
