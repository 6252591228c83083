"""What counts as the same on a site, and how its pages are read again: what the store is told."""

from functools import partial
from types import ModuleType

from db.versions import Comparer
from spiders.errors import PageError
from spiders.items import ArticlePage
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

    own = origin_of(base_url)
    locale_of = getattr(module, "locale_of", lambda url: None)

    def locale_at(url: str) -> str | None:
        return locale_of(url) if moved(url, own, own) else None

    return Comparer(
        same_text=partial(text.is_same, own_origin=base_url),
        same_title=text.same_title,
        reread=reread,
        zone=module.TIME_ZONE,
        locale_at=locale_at,
        default_locale=module.DEFAULT_LOCALE,
    )
