"""What counts as the same on a site, and how its pages are read again: what the store is told."""

import inspect
from dataclasses import replace
from functools import partial
from types import ModuleType

from db.versions import Comparer
from spiders import forms
from spiders.errors import PageError
from spiders.items import ArticlePage, ListingPage, Page, PageRead
from spiders.origin import moved, origin_of
from tracker import text


def comparer(module: ModuleType, base_url: str) -> Comparer:
    """For the site file `module` at its canonical origin."""

    def reread(body: bytes, url: str, form: str, content_type: str | None) -> ArticlePage | None:
        try:
            page = module.read_page(body, url, form=form, content_type=content_type)
        except PageError:
            return None
        return page if isinstance(page, ArticlePage) else None

    def compared(read: PageRead) -> Page:
        return forms_compared(module, read) if forms.is_checked(read.fetch.url) else read.page

    own = origin_of(base_url)
    locale_of = getattr(module, "locale_of", lambda url: None)

    def locale_at(url: str) -> str | None:
        return locale_of(url) if moved(url, own, own) else None

    return Comparer(
        same_text=partial(text.is_same, own_origin=base_url),
        same_title=text.same_title,
        reread=reread,
        compared=compared,
        zone=module.TIME_ZONE,
        locale_at=locale_at,
        default_locale=module.DEFAULT_LOCALE,
    )


def forms_compared(module: ModuleType, read: PageRead) -> Page:
    """The page with what its forms say differently, where the site's reader can compare them."""
    can_compare = "check_forms" in inspect.signature(module.read_page).parameters
    if not can_compare or not isinstance(read.page, ArticlePage | ListingPage):
        return read.page
    fetch = read.fetch
    try:
        again = module.read_page(
            fetch.body, fetch.url, content_type=fetch.content_type, check_forms=True
        )
    except PageError:
        return read.page
    return replace(read.page, disagreements=again.disagreements)
