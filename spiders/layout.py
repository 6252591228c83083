"""What one help centre in the OKX layout is called, and how its addresses are made.

The readers are loaded with the first page: a command that looks at the database needs of a site
only its constants, and starts in half the time.
"""

from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    from spiders.items import ArticlePage, HomePage, ListingPage

API_PATH = "/api/v5/support/announcements"
"""Of the public API that lists announcements; see `spiders.announcements`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The constants of a site that its pages are read with."""

    name: str
    parser: str
    """Name and number of the reader, kept with every text."""
    default_locale: str
    """The locale that addresses do not name."""
    time_zone: tzinfo
    """In which visible dates are calendar days."""

    def read_page(
        self,
        body: bytes,
        url: str,
        *,
        content_type: str | None = None,
        form: str | None = None,
        check_forms: bool = False,
    ) -> "ArticlePage | ListingPage | HomePage":
        """What a page says; see `help_page.read`."""
        return _help_page().read(
            body, url, self, content_type=content_type, form=form, check_forms=check_forms
        )

    def parse_listing(self, body: bytes, url: str, form: str | None = None) -> "ListingPage":
        """See `help_page.read_listing`."""
        return _help_page().read_listing(body, url, form, layout=self)

    def parse_article(self, body: bytes, url: str, form: str | None = None) -> "ArticlePage":
        """See `help_page.read_article`."""
        return _help_page().read_article(body, url, form, layout=self)

    def locale_of(self, url: str) -> str:
        """The locale that an address names; the default one where it names none."""
        return _fields().locale_of(url, self.default_locale)


@cache
def _help_page() -> ModuleType:
    from spiders import help_page

    return help_page


@cache
def _fields() -> ModuleType:
    from spiders import fields

    return fields


@dataclass(frozen=True, slots=True)
class Place:
    """A help centre in one locale at one origin ('https://www.okx.com', canonical)."""

    origin: str
    locale: str
    default_locale: str

    @classmethod
    def of(cls, url: str, layout: Layout) -> "Place":
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        return cls(origin, layout.locale_of(url), layout.default_locale)

    @property
    def home(self) -> str:
        locale = "" if self.locale == self.default_locale else f"/{self.locale}"
        return f"{self.origin}{locale}/help"

    def article(self, slug: str) -> str:
        return f"{self.home}/{quote(slug, safe=_PLAIN)}"

    def section(self, slug: str, page_number: int = 1) -> str:
        first = f"{self.home}/section/{quote(slug, safe=_PLAIN)}"
        return first if page_number == 1 else f"{first}/page/{page_number}"

    def category(self, slug: str) -> str:
        return f"{self.home}/category/{quote(slug, safe=_PLAIN)}"

    def search(self, category: str, term: str) -> str:
        return f"{self.home}/search?{search_slug(category, term)}"


_PLAIN = "-._~!$&'()*+,;=:@%"


def search_slug(category: str, term: str) -> str:
    """The name of a search among listings: its query, without the page number."""
    return urlencode({"category": category, "term": term})
