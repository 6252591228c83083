"""OKX's help centre (www.okx.com/help), as its pages were between April 2025 and June 2026."""

from collections.abc import Mapping, Sequence
from datetime import timedelta, timezone

from spiders.layout import API_PATH, Layout, Place

NAME = "okx"
BASE_URL = "https://www.okx.com"
TIME_ZONE = timezone(timedelta(hours=8))
PARSER = "okx-1"
DEFAULT_LOCALE = "en"
ANNOUNCEMENTS_PATH = API_PATH
LAYOUT = Layout(name=NAME, parser=PARSER, default_locale=DEFAULT_LOCALE, time_zone=TIME_ZONE)


def start_urls(
    base_url: str,
    locale: str,
    sections: Sequence[str] = (),
    searches: Sequence[Mapping[str, str]] = (),
) -> list[str]:
    """Where a crawl begins: the home page, or only the sections named; then the searches."""
    place = Place(base_url.rstrip("/"), locale, DEFAULT_LOCALE)
    begin = [place.section(slug) for slug in sections] or [place.home]
    return begin + [
        place.search(search.get("category", ""), search.get("term", "")) for search in searches
    ]


def article_url(base_url: str, locale: str, slug: str) -> str:
    """The address of an article."""
    return Place(base_url.rstrip("/"), locale, DEFAULT_LOCALE).article(slug)


locale_of = LAYOUT.locale_of
read_page = LAYOUT.read_page
"""What a page says: `read_page(body, url, *, content_type=None, form=None, check_forms=False)`; see
`help_page.read`."""
parse_listing = LAYOUT.parse_listing
parse_article = LAYOUT.parse_article
