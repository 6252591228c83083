"""Listings, searches and the home page in the OKX layout -> ListingPage, HomePage."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from spiders import forms
from spiders.article_reader import dates_of
from spiders.errors import LayoutUnknown, PageIncomplete
from spiders.fields import canonical_url, detect_language, parse_count, parse_instant, slug_of
from spiders.items import Form, HomePage, ListingEntry, ListingLink, ListingPage
from spiders.layout import Layout, Place, search_slug
from spiders.page_data import AppContext, ArticleList, Category, Section, whole_number
from spiders.page_html import (
    Head,
    Row,
    anchors,
    heading,
    list_slice,
    main_of,
    navigation,
    next_link,
    one_line,
    read_rows,
    read_total,
)

_LISTING_PATH = re.compile(
    r".*?/help/(?P<kind>section|category)/(?P<slug>[^/?#]+)(?:/page/(?P<page>\d{1,6}))?/?(?:[?#].*)?",
    re.DOTALL,
)
_FROM_DATA: dict[str, Form] = {
    **dict.fromkeys(
        ("source_id", "slug", "url", "title", "published_at", "created_at", "updated_at"), "json"
    ),
    "view_count": "html",
}
_FROM_MARKUP: dict[str, Form] = dict.fromkeys(
    ("slug", "url", "title", "summary", "category", "published_at", "updated_at", "view_count"),
    "html",
)


# From the page's data.


def read_data(
    body: bytes, url: str, context: AppContext, head: Head, layout: Layout
) -> ListingPage:
    """The listing as the page's data give it, with the view counts that only its markup shows.

    PageIncomplete where the data claim entries and have none, LayoutUnknown for a nameless one.
    """
    place = Place.of(url, layout)
    data, server = context.initialProps.sectionData, context.serverSideProps
    section = data.currSection or server.sectionOutline
    category = _category_of(context, section)
    articles = data.articleList
    number = whole_number(server.page) or _page_from_skip(articles) or 1
    is_category = section is None
    is_mixed = is_category or section.contentType == "tag"
    own = category if is_category else section
    slug = (own and own.slug) or _listing_named(head, url)[1]
    page = ListingPage(
        locale=place.locale,
        kind="category" if is_category else "section",
        slug=slug,
        url=place.category(slug) if is_category else place.section(slug),
        title=(own and one_line(own.title)) or None,
        category=(category and one_line(category.title)) or None,
        category_slug=(category and category.slug) or None,
        section=None if is_mixed else one_line(section.title) or None,
        section_slug=None if is_mixed else section.slug,
        page_number=number,
        claimed_total=articles and whole_number(articles.total),
        entries=tuple(_entries_of(articles, place)),
        listings=tuple(_sections_below(data.allSections, section, place)),
        form="json",
        parser=layout.parser,
        language=detect_language("", head.language),
        shows_updated_date=_flag(category and category.showUpdateTime),
        provenance=_FROM_DATA,
        alternates=head.alternates,
    )
    limit = (articles and whole_number(articles.limit)) or len(page.entries)
    if not page.entries and (page.claimed_total or 0) > (number - 1) * limit:
        raise PageIncomplete(f"A list without entries that claims {page.claimed_total}")
    if page.entries and (page.claimed_total or 0) > number * limit:
        page = replace(page, next_url=place.section(slug, number + 1))
    return _with_view_counts(page, body, head)


def is_listing_data(context: AppContext) -> bool:
    """Positive proof: a list of articles, or a category that names its sections and no article."""
    data = context.initialProps.sectionData
    if data is None or data.articleList is None:
        return data is not None and bool(data.allSections) and data.currSection is None
    return data.articleList.items is not None


def _category_of(context: AppContext, section: Section | None) -> Category | None:
    if section and section.category:
        return section.category
    said = context.serverSideProps.category
    if isinstance(said, dict):
        texts = {name: said[name] for name in ("title", "slug") if isinstance(said.get(name), str)}
        return Category(**texts, showUpdateTime=said.get("showUpdateTime"))
    sections = context.initialProps.sectionData.allSections or ()
    return next((one.category for one in sections if one.category), None)


def _page_from_skip(articles: ArticleList | None) -> int | None:
    skip = articles and whole_number(articles.skip)
    limit = articles and whole_number(articles.limit)
    return skip // limit + 1 if skip is not None and limit else None


def _entries_of(articles: ArticleList | None, place: Place) -> Iterator[ListingEntry]:
    for item in (articles and articles.items) or ():
        title = one_line(item.title)
        if title:
            yield ListingEntry(
                title=title,
                slug=item.slug or None,
                url=place.article(item.slug) if item.slug else None,
                source_id=item.id or None,
                published_at=parse_instant(item.publishTime),
                created_at=parse_instant(item.createdAt),
                updated_at=parse_instant(item.updatedAt),
            )


def _sections_below(
    sections: list[Section] | None, current: Section | None, place: Place
) -> Iterator[ListingLink]:
    """Every section that the data name, with those below it, once each."""
    to_do = [*(sections or ()), *((current.subSections if current else None) or ())][::-1]
    seen = set()
    while to_do:
        section = to_do.pop()
        if section.slug and section.slug not in seen:
            seen.add(section.slug)
            title = one_line(section.title) or None
            url = place.section(section.slug)
            yield ListingLink(kind="section", slug=section.slug, url=url, title=title)
        to_do.extend(reversed(section.subSections or ()))


def _with_view_counts(page: ListingPage, body: bytes, head: Head) -> ListingPage:
    """The page with the counts, and the language, of its rendered rows."""
    html = list_slice(body)
    if html is None:
        return page
    rows = {slug_of(row.href): row for row in read_rows(html)}
    labels = next((row.details.dates for row in rows.values() if row.details.dates), ())
    entries = []
    for entry in page.entries:
        row = rows.get(entry.slug)
        counts = [parse_count(text) for text in row.details.others] if row else []
        count = next(filter(None, counts), None)
        if count:
            entry = replace(
                entry, view_count=count.value, is_view_count_approximate=count.is_approximate
            )
        entries.append(entry)
    language = detect_language("\n".join(labels), head.language)
    return replace(page, entries=tuple(entries), language=language)


# From the markup.


def is_listing_markup(body: bytes, head: Head, url: str) -> bool:
    """Positive proof without data: a list of articles, or a category's menu of sections."""
    html = list_slice(body)
    if html is not None and any(slug_of(row.href) for row in read_rows(html)):
        return True
    return _LISTING_PATH.fullmatch(head.path or url) is not None and bool(navigation(body))


def read_markup(body: bytes, url: str, head: Head, layout: Layout) -> ListingPage:
    """The listing as the page shows it: dates are days, ids and hidden dates are unknown.

    PageIncomplete for a section without entries that does not claim to have none.
    """
    place = Place.of(url, layout)
    menu = list(_listing_links(navigation(body), place))
    kind, slug, number = _listing_named(head, url)
    current = _current_section(body) if kind == "category" else None
    if current:
        kind, slug = "section", current
    before = main_of(body).partition('aria-describedby="help-load-more-desc"')[0]
    category = next(
        (link for link in _listing_links(before, place) if link.kind == "category"), None
    )
    rows = list(read_rows(list_slice(body) or ""))
    total = read_total(body)
    if kind == "section" and not rows and total != 0:
        raise PageIncomplete("A section without its list")
    language = _language_of(rows, head)
    return ListingPage(
        locale=place.locale,
        kind=kind,
        slug=slug,
        url=place.section(slug) if kind == "section" else place.category(slug),
        title=heading(before, 2 if kind == "section" else 1),
        category=heading(before, 1) if kind == "section" else None,
        category_slug=category.slug if category else slug if kind == "category" else None,
        page_number=number,
        claimed_total=total,
        entries=tuple(_shown_entries(rows, url, place, language)),
        next_url=_shown_next(body, url),
        listings=tuple(link for link in menu if link.kind == "section"),
        form="html",
        parser=layout.parser,
        language=language,
        shows_updated_date=any(len(row.details.dates) > 1 for row in rows) if rows else None,
        provenance=_FROM_MARKUP,
        alternates=head.alternates,
    )


def with_check(page: ListingPage, body: bytes, url: str, head: Head, layout: Layout) -> ListingPage:
    """The page with what its markup says otherwise."""
    try:
        shown = read_markup(body, url, head, layout)
    except (LayoutUnknown, PageIncomplete) as error:
        return replace(page, disagreements=(f"markup: json a listing, html {error}",))
    found = forms.listing_disagreements(page, shown, layout.time_zone)
    return replace(page, disagreements=found)


def _listing_named(head: Head, url: str) -> tuple[str, str, int]:
    """Kind, slug and page number that the page's own address names, or the one asked for."""
    named = _LISTING_PATH.fullmatch(head.path) or _LISTING_PATH.fullmatch(url)
    if not named:
        raise LayoutUnknown("A listing that does not say which")
    return named["kind"], named["slug"], int(named["page"] or 1)


def _current_section(body: bytes) -> str | None:
    """The section that a category's page shows, by the menu's mark of the current one."""
    for anchor in anchors(navigation(body), "aria-current"):
        named = _LISTING_PATH.fullmatch(anchor.href)
        if named and named["kind"] == "section":
            return named["slug"]
    return None


def _listing_links(html: str, place: Place) -> Iterator[ListingLink]:
    """The sections and categories that links lead to, once each, in order."""
    seen = set()
    for anchor in anchors(html, "/help/"):
        named = _LISTING_PATH.fullmatch(anchor.href)
        if not named or (named["kind"], named["slug"]) in seen:
            continue
        seen.add((named["kind"], named["slug"]))
        address = place.section if named["kind"] == "section" else place.category
        yield ListingLink(
            kind=named["kind"],
            slug=named["slug"],
            url=address(named["slug"]),
            title=anchor.text or None,
        )


def _language_of(rows: Iterable[Row], head: Head) -> str | None:
    labels = next((row.details.dates for row in rows if row.details.dates), ())
    return detect_language("\n".join(labels), head.language)


def _shown_entries(
    rows: Iterable[Row], url: str, place: Place, language: str | None
) -> Iterator[ListingEntry]:
    for row in rows:
        slug = slug_of(row.href)
        published, updated = dates_of(row.details, language)
        counts = {text: parse_count(text) for text in row.details.others}
        count = next(filter(None, counts.values()), None)
        yield ListingEntry(
            title=row.title,
            slug=slug,
            url=place.article(slug) if slug else canonical_url(row.href, url),
            summary=row.summary,
            category=next((text for text, found in counts.items() if not found), None),
            published_at=published,
            updated_at=updated,
            view_count=count.value if count else None,
            is_view_count_approximate=bool(count and count.is_approximate),
        )


def _shown_next(body: bytes, url: str) -> str | None:
    href = next_link(body)
    return canonical_url(href, url) if href else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


# Searches and the home page.


def read_search(body: bytes, url: str, head: Head, layout: Layout) -> ListingPage:
    """A page of search results; only its markup holds them.

    LayoutUnknown where it shows neither results nor that there are none.
    """
    place = Place.of(url, layout)
    asked = parse_qs(urlsplit(url).query)
    category, term = (asked.get(name, [""])[0] for name in ("category", "term"))
    number = asked.get("page", ["1"])[0]
    html = list_slice(body) or ""
    rows = [row for row in read_rows(html) if slug_of(row.href)]
    total = read_total(body)
    if not rows and total != 0:
        raise LayoutUnknown("A search whose results are not on its page")
    language = _language_of(rows, head)
    return ListingPage(
        locale=place.locale,
        kind="search",
        slug=search_slug(category, term),
        url=place.search(category, term),
        page_number=int(number) if re.fullmatch(r"[1-9][0-9]{0,5}", number) else 1,
        claimed_total=total,
        entries=tuple(_shown_entries(rows, url, place, language)),
        next_url=_shown_next(body, url),
        form="html",
        parser=layout.parser,
        language=language,
        provenance=_FROM_MARKUP,
        alternates=head.alternates,
    )


def read_home(body: bytes, url: str, head: Head, layout: Layout) -> HomePage:
    """The front page with the categories (and sections) that it links."""
    place = Place.of(url, layout)
    return HomePage(
        locale=place.locale,
        url=place.home,
        listings=tuple(_listing_links(main_of(body), place)),
        alternates=head.alternates,
        language=detect_language("", head.language),
    )
