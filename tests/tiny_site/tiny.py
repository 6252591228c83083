"""A help centre whose pages are JSON in a pair of html tags: for tests of the spider alone."""

import json
from datetime import datetime, timedelta, timezone
from urllib.parse import urljoin, urlsplit

from spiders.errors import Blocked, LayoutUnknown, PageIncomplete
from spiders.items import ArticlePage, HomePage, ListingEntry, ListingLink, ListingPage

NAME = "tiny"
BASE_URL = "https://help.example"
TIME_ZONE = timezone(timedelta(hours=8))
PARSER = "tiny-1"
DEFAULT_LOCALE = "en"


def start_urls(base_url, locale, sections, searches):
    if sections:
        return [f"{base_url}{_prefix(locale)}/help/section/{slug}" for slug in sections]
    return [f"{base_url}{_prefix(locale)}/help"] + [
        f"{base_url}{_prefix(locale)}/help/search?term={search['term']}" for search in searches
    ]


def article_url(base_url, locale, slug):
    return f"{base_url}{_prefix(locale)}/help/{slug}"


def read_page(body, url, *, content_type=None, form=None):
    if b"are you human" in body:
        raise Blocked("a challenge", kind="challenge")
    if not body.startswith(b"<html>"):
        raise LayoutUnknown("no page of this help centre")
    if not body.endswith(b"</html>"):
        raise PageIncomplete("ends early", kind="cut_off")
    data = body.removeprefix(b"<html>").removesuffix(b"</html>")
    if not data.startswith(b"{"):
        raise LayoutUnknown("no data in the page")
    facts = json.loads(data)
    kind = facts.pop("page")
    first = urlsplit(url).path.split("/")[1]
    locale = "en" if first == "help" else first
    if kind == "article":
        return ArticlePage(locale=locale, url=url, body="Text.", **facts)
    links = tuple(
        ListingLink(kind=kind, slug=slug, url=urljoin(url, path))
        for kind, slug, path in facts.pop("listings", ())
    )
    if kind == "home":
        return HomePage(locale=locale, url=url, listings=links)
    entries = tuple(_entry(entry, url) for entry in facts.pop("entries"))
    next_url = facts.pop("next_url", None)
    return ListingPage(
        locale=locale,
        url=urljoin(url, facts.pop("first_url", url)),
        listings=links,
        entries=entries,
        next_url=next_url and urljoin(url, next_url),
        **facts,
    )


def _entry(facts, url):
    facts = dict(facts)
    if "updated_at" in facts:
        facts["updated_at"] = datetime.fromisoformat(facts["updated_at"])
    if "url" in facts:
        facts["url"] = urljoin(url, facts["url"])
    return ListingEntry(**facts)


def _prefix(locale):
    return "" if locale == DEFAULT_LOCALE else f"/{locale}"
