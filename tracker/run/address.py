"""Where a saved page comes from: the address that it, or what it was saved in, names."""

import re
from collections.abc import Iterator
from types import ModuleType

from spiders.help_page import as_utf8
from spiders.origin import moved, origin_of
from spiders.page_html import read_head
from tracker.run.saved import Saved, Unreadable

# Browsers put '<!-- saved from url=(0042)https://... -->' above the page; the figures are its
# length. SingleFile writes ' url: https://...' into a comment of its own.
_SAVED_FROM = re.compile(
    rb"<!--[^<>]{0,400}?(?:saved from url=\(\d{1,6}\)|\burl:[ \t])[ \t]{0,9}([^\s<>]{1,2000})"
)
_ABOVE_BYTES = 8_192


class Addresses:
    """The addresses of one site. A page of a mirror bears the site's own, so both are known."""

    def __init__(self, module: ModuleType, base_url: str):
        self._base = origin_of(base_url)
        hosts = {self._base, origin_of(module.BASE_URL or base_url)}
        self._origins = {origin for host in hosts for origin in _variants(host)}

    def on_site(self, url: str) -> str | None:
        """The address on the configured origin, without a fragment; None on another host."""
        plain = url.strip().partition("#")[0]
        if plain.startswith("/") and not plain.startswith(("//", "/\\")):
            return self._base + plain
        for origin in self._origins:
            if address := moved(plain, origin, self._base):
                return address
        return None

    def is_of_site(self, url: str) -> bool:
        return self.on_site(url) is not None

    def of(self, saved: Saved, default: str) -> str:
        """The page's address; `default` where nothing names one.

        What was asked for comes first, as in a crawl: a search's canonical address lacks its term.
        Unreadable where all that is named lies elsewhere.
        """
        elsewhere = None
        for named in _named(saved):
            address = self.on_site(named)
            if address:
                return address
            if named.startswith(("http:", "https:")):
                elsewhere = elsewhere or named
        if elsewhere:
            raise Unreadable(f"it is a page of another host ({elsewhere[:120]})")
        return default


def _variants(origin: str) -> Iterator[str]:
    """An origin with http and https, with and without www."""
    host = origin.partition("://")[2]
    bare = host.removeprefix("www.")
    for scheme in ("http", "https"):
        yield f"{scheme}://{host}"
        yield f"{scheme}://{bare}"
        yield f"{scheme}://www.{bare}"


def _named(saved: Saved) -> Iterator[str]:
    if saved.url:
        yield saved.url
    if saved.body.lstrip()[:1] in (b"{", b"["):
        return
    body = as_utf8(saved.body, saved.content_type)
    if above := _SAVED_FROM.search(body, 0, _ABOVE_BYTES):
        yield above[1].decode("utf-8", "replace")
    if canonical := read_head(body, "").canonical:
        yield canonical
