"""What the demo centre answers to an address, as a pure function of day and path."""

import json
import re
from html import escape
from math import ceil
from urllib.parse import parse_qs, unquote, urlsplit

from spiders.demo import listing_pages, search
from spiders.demo.article_page import article_page
from spiders.demo.centre import Centre, centre_on, instant
from spiders.demo.editions import edition_of
from spiders.demo.sections import ANNOUNCEMENTS, ORIGIN, Category
from spiders.demo.skeleton import Look, Page, html_page
from spiders.layout import API_PATH

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
PER_ANSWER = 20
"""Announcements in one answer of the API."""
DISALLOWED = "/help/internal-handbook"
ROBOTS = f"User-agent: *\nDisallow: {DISALLOWED}\nAllow: /help\n"
SECTION = re.compile(r"/help/section/([\w-]+)(?:/page/(\d{1,4}))?")
CATEGORY = re.compile(r"/help/category/([\w-]+)")
ARTICLE = re.compile(r"/help/([\w-]+)")


def render(day: int, path: str) -> tuple[int, str, bytes]:
    """Status, content type and body for a path with its query; ValueError for an unknown day.

    The same day and path always give the same bytes. Where a redirect leads, `redirect` tells.
    """
    if target := redirect(day, path):
        status, location = target
        note = f'<!DOCTYPE html><title>Moved</title><a href="{escape(location)}">Moved</a>'
        return status, HTML, note.encode()
    if urlsplit(path).path == "/robots.txt":
        return 200, TEXT, ROBOTS.encode()
    if urlsplit(path).path == API_PATH:
        return 200, "application/json", _announcements(centre_on(day), urlsplit(path).query)
    edition, plain = edition_of(path)
    look = Look(day=day, path=path, edition=edition)
    page = _page(centre_on(day, edition), plain, look)
    if page is None:
        return 404, HTML, _not_found(look)
    return 200, HTML, html_page(page, look)


def redirect(day: int, path: str) -> tuple[int, str] | None:
    """Status and site-relative location, where the path leads elsewhere on that day."""
    edition, plain = edition_of(path)
    centre = centre_on(day, edition)
    slug = unquote(urlsplit(plain).path).removeprefix("/help/")
    if slug in centre.redirects:
        return 301, edition.at(f"/help/{centre.redirects[slug]}")
    article = centre.articles.get(slug)
    if article and article.answer == "home":
        return 302, edition.at("/help")
    return None


def is_article(day: int, path: str) -> bool:
    """Whether the path is that of an article that answers; only such pages carry an ETag."""
    edition, plain = edition_of(path)
    matched = ARTICLE.fullmatch(unquote(urlsplit(plain).path))
    article = matched and centre_on(day, edition).articles.get(matched[1])
    return bool(article and article.answer == "article")


def _page(centre: Centre, path: str, look: Look) -> Page | None:
    parts = urlsplit(path)
    plain = unquote(parts.path)
    if plain == "/help":
        return listing_pages.home_page(look)
    if plain == "/help/search":
        return _search(centre, parts.query, look)
    if matched := SECTION.fullmatch(plain):
        return _section(centre, matched[1], int(matched[2] or 1), look)
    if matched := CATEGORY.fullmatch(plain):
        category = look.edition.category_named(matched[1])
        return category and listing_pages.category_page(category, centre, look)
    if is_article(centre.day, look.path):
        return article_page(centre.articles[ARTICLE.fullmatch(plain)[1]], centre, look)
    return None


def _section(centre: Centre, slug: str, number: int, look: Look) -> Page | None:
    named = look.edition.section_named(slug)
    if named is None:
        return None
    category, section = named
    part = listing_pages.page_of(centre.in_section(section, category), number)
    return part and listing_pages.section_page(section, category, part, look)


def _search(centre: Centre, query: str, look: Look) -> Page | None:
    """An unknown category shows the All tab, as on the real site."""
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    category: Category | None = look.edition.category_named(asked.get("category", ""))
    term, number = asked.get("term", ""), asked.get("page", "1")
    if not number.isdecimal():
        return None
    part = listing_pages.page_of(search.found(centre, category, term), int(number))
    return part and listing_pages.search_page(category, term, part, look)


def _announcements(centre: Centre, query: str) -> bytes:
    """One page of the API that lists the announcements, in the form that OKX documents."""
    asked = parse_qs(query).get("page", ["1"])[0]
    number = int(asked) if asked.isdecimal() else 1
    listed = centre.listed(ANNOUNCEMENTS)
    part = listed[(number - 1) * PER_ANSWER : number * PER_ANSWER]
    details = [
        {
            "annType": article.section,
            "title": article.title,
            "url": f"{ORIGIN}/help/{article.slug}",
            "pTime": str(int(instant(article.published).timestamp() * 1000)),
        }
        for article in part
    ]
    pages = max(1, ceil(len(listed) / PER_ANSWER))
    answer = {"code": "0", "msg": "", "data": [{"totalPage": str(pages), "details": details}]}
    return json.dumps(answer, ensure_ascii=False).encode()


def _not_found(look: Look) -> bytes:
    """The site's page for a missing article, with the chrome of any page and no data of one."""
    state = json.dumps({"appContext": {"serverSideProps": {}, "traceId": look.trace_id}})
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><title>Page not found</title>'
        '</head><body><div id="root" role="main"><h1>This page cannot be found</h1>'
        '<a href="/help">Support center</a></div><script data-id="__app_data_for_ssr__"'
        f' type="application/json" id="appState">{state}</script></body></html>'
    ).encode()
