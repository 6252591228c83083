"""An answer -> what it says, as far as it is what was asked for. Pure, and without Scrapy."""

from types import ModuleType

from spiders.agenda import Errand
from spiders.errors import NotAnArticle
from spiders.items import Fetch, HomePage, ListingPage, Page, PageGone


def read_answer(site: ModuleType, fetch: Fetch, errand: Errand) -> Page:
    """What a page of the site says; PageError where it is not what was asked for."""
    page = site.read_page(fetch.body, fetch.url, content_type=fetch.content_type)
    return _fitting(errand, page)


def _fitting(errand: Errand, page: Page) -> Page:
    """`page` if it is what was asked for. An article that leads to the help home is gone."""
    if errand.wanted == "article":
        if isinstance(page, HomePage):
            reason = "leads to the help home page"
            return PageGone(locale=errand.locale, url=errand.url, reason=reason)
        if isinstance(page, ListingPage):
            raise NotAnArticle(f"leads to the {page.kind} {page.slug!r}, which is no article")
        return page
    if isinstance(page, HomePage) and not (errand.is_door and errand.wanted == "home"):
        raise NotAnArticle("leads to the help home page, which is no listing", kind="home")
    if not isinstance(page, HomePage | ListingPage):
        raise NotAnArticle("is an article where a listing was asked for")
    return page
