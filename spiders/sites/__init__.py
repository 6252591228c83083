"""One file per help centre, found by its name.

A site file is plain Python without Scrapy. It offers:

- `NAME`, `BASE_URL` (canonical origin, no trailing slash; None where each centre of the kind has
  its own, so that it has to be configured), `TIME_ZONE` (in which its visible dates are calendar
  days), `PARSER` (name and number; a new number whenever a reader would give another text for the
  same bytes), `DEFAULT_LOCALE`;
- `start_urls(base_url, locale, sections, searches) -> list[str]`: where a crawl begins;
- `article_url(base_url, locale, slug) -> str`: where an article's page is asked for, which may be
  another address than the one that readers see and that its record bears;
- `read_page(body, url, *, content_type=None, form=None) -> Page`: what the page says. `url` is the
  canonical address (the configured base_url, whatever host was asked). It raises only PageError.
  `form` forces one form ("json", "html"), so that like can be compared with like.

It may offer `locale_of(url) -> str`, the locale that an address of the site names (without it a
locale is called as its hreflang tag is, in lower case), and `ANNOUNCEMENTS_PATH`, where a public
API lists announcements that `read_page` can read.
"""

import importlib
import pkgutil
from types import ModuleType


def known() -> list[str]:
    """Names of the help centres that have a site file."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> ModuleType:
    """The site file called `name`; ValueError tells which names there are."""
    if name not in known():
        raise ValueError(
            f"No help centre {name!r}; known: {', '.join(known())}. "
            f"To add one, write spiders/sites/{name if name.isidentifier() else 'NAME'}.py"
        )
    return importlib.import_module(f"{__name__}.{name}")
