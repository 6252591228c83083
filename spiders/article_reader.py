"""One article page in the OKX layout -> ArticlePage, from its data, its markup, or both.

`spiders.markup` is loaded by the first page that needs a tree: a crawl whose pages have data never
does, and starts sooner.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from spiders import forms, rich_text, rich_text_tree
from spiders.errors import LayoutUnknown, NotAnArticle, PageIncomplete
from spiders.fields import (
    DateLabel,
    detect_language,
    parse_count,
    parse_instant,
    parse_labelled_date,
    parse_reading_minutes,
    slug_of,
)
from spiders.items import ArticlePage, Form, Moment
from spiders.layout import Layout, Place
from spiders.page_data import AppContext, Post, linked_data, whole_number
from spiders.page_html import (
    MAX_DETAILS,
    Details,
    Head,
    anchors,
    heading,
    one_line,
    read_details,
)

_BODY_NAMES = ("richTextContent", "markdownContent")
_BODY_SIGN = re.compile(rb"<div\b[^<>]{0,200}(?:richTextContent|markdownContent)")
_DIV_CLASS = re.compile(r"richTextContent|markdownContent")
MAX_HEADER = 50_000
"""Bytes in front of an article's text; its title, dates and share links take 4,000."""


class _Header(msgspec.Struct, frozen=True):
    """What the row below an article's title shows."""

    published_on: Moment | None = None
    updated_on: Moment | None = None
    reading_minutes: int | None = None
    view_count: int | None = None
    is_view_count_approximate: bool = False
    language: str | None = None
    has_dates: bool = False


def is_article_markup(body: bytes) -> bool:
    """Positive proof without data: an article element with a title and a text."""
    at = body.find(b"<article")
    return at >= 0 and body.find(b"<h1", at) >= 0 and _BODY_SIGN.search(body, at) is not None


def read_data(
    body: bytes, url: str, context: AppContext, head: Head, layout: Layout
) -> ArticlePage:
    """The article as the page's data give it; what they lack (view counts) as its markup shows.

    LayoutUnknown where its text is in neither; PageIncomplete where it is empty.
    """
    post: Post = context.serverSideProps.currentPost
    place = Place.of(url, layout)
    slug = post.slug or _own_slug(head, url)
    own_url = place.article(slug)
    header = _read_header(body, head)
    text, unknown, form = _text_of(post, body, own_url)
    section, category = post.section, post.section and post.section.category
    minutes = context.initialProps.content
    minutes = whole_number(minutes.get("readingTime")) if isinstance(minutes, dict) else None
    data = {
        "slug": slug,
        "title": one_line(post.title),
        "source_id": post.id or None,
        "category": (category and one_line(category.title)) or None,
        "category_slug": (category and category.slug) or None,
        "section": (section and one_line(section.title)) or None,
        "section_slug": (section and section.slug) or None,
        "published_at": parse_instant(post.publishTime),
        "created_at": parse_instant(post.createdAt),
        "updated_at": parse_instant(post.updatedAt),
        "shows_updated_date": _flag(category and category.showUpdateTime),
        "reading_minutes": minutes,
    }
    data = {name: value for name, value in data.items() if value is not None}
    provenance: dict[str, Form] = dict.fromkeys(data, "json")
    shown = {name: value for name, value in _shown(header).items() if value is not None}
    shown |= _shown_in_head(head, text, section and section.description)
    return ArticlePage(
        locale=place.locale,
        url=own_url,
        body=text,
        form=form,
        parser=layout.parser,
        is_view_count_approximate=header.is_view_count_approximate,
        unknown_nodes=unknown,
        provenance={**dict.fromkeys(shown, "html"), **provenance, "body": form},
        **{**shown, **data},
    )


def _shown(header: _Header) -> dict[str, Any]:
    """What the header row shows, by the names of ArticlePage."""
    return {
        "published_at": header.published_on,
        "updated_at": header.updated_on,
        "shows_updated_date": header.updated_on is not None if header.has_dates else None,
        "reading_minutes": header.reading_minutes,
        "view_count": header.view_count,
        "language": header.language,
    }


def _shown_in_head(head: Head, text: str, section_description: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"summary": _summary(head, text, section_description)}
    if head.alternates:
        found["alternates"] = head.alternates
    return found


def read_markup(
    body: bytes, url: str, head: Head, layout: Layout, *, with_linked_data: bool
) -> ArticlePage:
    """The article as the page shows it; instants from JSON-LD where that is to be used.

    NotAnArticle where the page says that it lies outside the help centre, LayoutUnknown where a
    title or text is not where it is expected; PageIncomplete for no text.
    """
    if head.path and slug_of(head.path) is None:
        raise NotAnArticle(f"An article outside the help centre: {head.path[:120]!r}; skip it")
    place = Place.of(url, layout)
    slug = _own_slug(head, url)
    article = _article_slice(body)
    title = heading(article, 1)
    text, unknown = _shown_text(article, place.article(slug))
    if title is None or text is None:
        raise LayoutUnknown("An article without the title or text where the reader expects them")
    if not text:
        raise PageIncomplete("An article without text; ask again later")
    header = _read_header(body, head)
    shown = {"slug": slug, "title": title, **_breadcrumbs(body), **_shown(header)}
    shown = {name: value for name, value in shown.items() if value is not None}
    shown |= _shown_in_head(head, text, None)
    page = ArticlePage(
        locale=place.locale,
        url=place.article(slug),
        body=text,
        form="html",
        parser=layout.parser,
        is_view_count_approximate=header.is_view_count_approximate,
        unknown_nodes=unknown,
        provenance=dict.fromkeys((*shown, "body"), "html"),
        **shown,
    )
    return _with_linked_data(page, body) if with_linked_data else page


def with_check(page: ArticlePage, body: bytes, url: str, head: Head, layout: Layout) -> ArticlePage:
    """The page with what its markup and its JSON-LD say otherwise."""
    if not is_article_markup(body):
        return replace(page, disagreements=("markup: json an article, html none",))
    try:
        shown = read_markup(body, url, head, layout, with_linked_data=False)
    except (LayoutUnknown, NotAnArticle, PageIncomplete) as error:
        return replace(page, disagreements=(f"markup: json an article, html {error}",))
    found = forms.article_disagreements(page, shown, layout.time_zone)
    linked = _with_linked_data(shown, body)
    for name in ("published_at", "updated_at"):
        one, other = getattr(page, name), getattr(linked, name)
        if linked.provenance.get(name) == "json-ld" and one != other:
            found += (f"{name}: json {one}, json-ld {other}",)
    return replace(page, disagreements=found)


def _with_linked_data(page: ArticlePage, body: bytes) -> ArticlePage:
    """An instant beats a bare date: those of JSON-LD, where it has them, and its breadcrumbs where
    none are shown."""
    found: dict[str, Any] = {}
    if article := linked_data(body, "Article"):
        found["published_at"] = parse_instant(article.datePublished)
        found["updated_at"] = parse_instant(article.dateModified)
    crumbs = linked_data(body, "BreadcrumbList")
    if crumbs and page.section is None:
        items = [(one_line(crumb.name), crumb.item) for crumb in crumbs.itemListElement or ()]
        found |= _crumbs_of((name, item) for name, item in items if isinstance(item, str))
    found = {name: value for name, value in found.items() if value}
    provenance = {**page.provenance, **dict.fromkeys(found, "json-ld")}
    return replace(page, **found, provenance=provenance)


def _own_slug(head: Head, url: str) -> str:
    slug = slug_of(head.canonical or "") or slug_of(url)
    if slug is None:
        raise LayoutUnknown("An article whose address names none")
    return slug


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


# The header row.


def _read_header(body: bytes, head: Head) -> _Header:
    """The row between title and text; rows behind the text are those of other articles."""
    start = body.find(b"</h1>", max(body.find(b"<article"), 0))
    text = _BODY_SIGN.search(body, start, start + MAX_HEADER) if start >= 0 else None
    end = text.start() if text else start + MAX_DETAILS
    html = body[start:end].decode("utf-8", "replace") if start >= 0 else ""
    return _header_of(read_details(html), head)


def _header_of(details: Details, head: Head) -> _Header:
    language = detect_language("\n".join(details.dates), head.language)
    published, updated = dates_of(details, language)
    counts = [count for text in details.others if (count := parse_count(text))]
    minutes = [
        found for text in details.others if (found := parse_reading_minutes(text)) is not None
    ]
    return _Header(
        published_on=published,
        updated_on=updated,
        reading_minutes=minutes[0] if minutes else None,
        view_count=counts[-1].value if counts else None,
        is_view_count_approximate=bool(counts and counts[-1].is_approximate),
        language=language,
        has_dates=bool(details.dates),
    )


def dates_of(details: Details, language: str | None) -> tuple[Moment | None, Moment | None]:
    """Published and updated day of a row; in words not known, the first and the second."""
    labels: list[DateLabel] = [parse_labelled_date(text, language) for text in details.dates]
    days: dict[str, Moment | None] = {}
    for kind, label in zip(("published", "updated"), labels, strict=False):
        days.setdefault(label.kind or kind, label.on)
    return days.get("published"), days.get("updated")


# The text.


def _text_of(post: Post, body: bytes, url: str) -> tuple[str, dict[str, int], Form]:
    """The article's text, what of it is unknown, and the form it was read from.

    A tree is not the text that readers see where the article is said to be no rich text.
    """
    text, unknown = "", {}
    if bytes(post.richTextContent)[:1] == b"{" and post.isRichText is not False:
        try:
            text, unknown = rich_text.read(rich_text_tree.decode(post.richTextContent), url)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            text = ""  # no tree that is known: the markup says the same
    elif isinstance(post.content, str):
        from spiders import markup

        text, unknown = markup.read_markdown(rich_text_tree.as_lines(post.content), url)
    if text:
        return text, unknown, "json"
    shown, unknown = _shown_text(_article_slice(body), url)
    if shown is None:
        raise LayoutUnknown("An article whose text is neither in its data nor in its markup")
    if not shown:
        raise PageIncomplete("An article without text; ask again later")
    return shown, unknown, "html"


def _article_slice(body: bytes) -> str:
    at = body.find(b"<article")
    if at < 0:
        return ""
    end = body.find(b"__app_data_for_ssr__", at)
    end = body.rfind(b"</article>", at, end if end >= 0 else len(body))
    return body[at : end if end >= 0 else len(body)].decode("utf-8", "replace")


def _shown_text(article: str, url: str) -> tuple[str | None, dict[str, int]]:
    """The canonical text of an article's markup; None where the reader does not find it."""
    if not any(name in article for name in _BODY_NAMES):
        return None, {}
    from spiders import markup

    container = markup.parse(article).find("div", class_=_DIV_CLASS)
    return markup.read_html(container, url) if container else (None, {})


def _breadcrumbs(body: bytes) -> dict[str, str]:
    """Section and category from the links above the title."""
    at = body.find(b"<article")
    start = max(body.find(b"breadcrumb", max(0, at - MAX_HEADER), at), 0)
    html = body[max(start, at - MAX_HEADER) : at].decode("utf-8", "replace")
    return _crumbs_of((anchor.text, anchor.href) for anchor in anchors(html, "/help/"))


_CRUMB = re.compile(r"/help/(category|section)/([^/?#]+)")


def _crumbs_of(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    found = {}
    for title, href in links:
        kind = _CRUMB.search(href)
        if kind and title:
            found |= {kind[1]: title, f"{kind[1]}_slug": kind[2]}
    return found


def _summary(head: Head, text: str, section_description: str | None) -> str | None:
    """The page's own description, else its first paragraph; the section's is not its own."""
    if head.description and head.description != one_line(section_description):
        return head.description
    return first_paragraph(text)


_NO_PARAGRAPH = re.compile(r"#|\||>|```|\*\*\*$|!\[|- |\d+\. ")
_LINK = re.compile(r"!?\[((?:[^\[\]\\]|\\.){0,2000}+)\]\([^()]*\)", re.DOTALL)
_MARK = re.compile(r"\*\*|</?(?:b|i|s|u|sup|sub)>|~~")
MAX_SUMMARY = 20_000
"""Characters of a first paragraph that are looked at; each may begin a link of 2,000."""


def first_paragraph(text: str) -> str | None:
    """The first paragraph of a canonical text without its markup."""
    for block in text.split("\n\n"):
        if not _NO_PARAGRAPH.match(block):
            words = _MARK.sub("", _LINK.sub(r"\1", block[:MAX_SUMMARY]))
            words = re.sub(r"(?<![\w\\])_|(?<!\\)_(?!\w)", "", words.replace("\\\n", " "))
            return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words)
    return None
