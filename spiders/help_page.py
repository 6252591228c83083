"""Any page of a help centre in the OKX layout -> what it is and what it says.

A page is recognised by what it holds, not by its address alone. Its data are read first, its
markup for what they lack, and its markup for everything where they are missing or broken.
"""

import codecs
import re
from urllib.parse import urlsplit

from spiders import article_reader, listing_reader
from spiders.announcements import read_announcements
from spiders.compact import written_out
from spiders.errors import LayoutUnknown, NotAnArticle
from spiders.items import ArticlePage, HomePage, ListingPage
from spiders.layout import Layout
from spiders.page_data import AppContext, find_app_context
from spiders.page_html import Head, read_head
from spiders.page_trouble import check_type, cut_off, has_end, trouble_of

_HOME_PATH = re.compile(r"(?:/[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3})?/help/?")
_SEARCH = re.compile(r"[^?#]*/help/search/?(?:[?#].*)?", re.DOTALL)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta\b[^<>]{0,200}?charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)


def read(
    body: bytes,
    url: str,
    layout: Layout,
    *,
    content_type: str | None = None,
    form: str | None = None,
    check_forms: bool = False,
) -> ArticlePage | ListingPage | HomePage:
    """What a page says. Raises only PageError, whatever the bytes.

    `url` is the page's canonical address. `form` "html" reads everything as it is shown, "json"
    takes nothing but the page's data for what they carry. `check_forms` compares both forms, which
    takes as long as reading dozens of pages.
    """
    body = as_utf8(body, content_type)
    if body[:1] == b"{" or "json" in (content_type or ""):
        return read_announcements(body, url, layout)
    check_type(body, content_type)
    body = written_out(body)
    context, state = find_app_context(body)
    if state == "cut_off":
        raise cut_off()
    head = read_head(body, url)
    if not has_end(body):
        raise trouble_of(body, head, url, is_help=state != "missing")
    if form != "html" and context is not None:
        page = _from_data(body, url, context, head, layout)
        if page is not None:
            return _checked(page, body, url, head, layout) if check_forms else page
    page = _from_markup(body, url, context, head, layout, form)
    if page is None:
        raise trouble_of(body, head, url, is_help=state != "missing")
    if form == "json" and isinstance(page, ArticlePage):
        raise LayoutUnknown("An article without data of its own; read it from its markup")
    return page


def read_listing(body: bytes, url: str, form: str | None = None, *, layout: Layout) -> ListingPage:
    """A page that lists articles; NotAnArticle for any other sound page."""
    page = read(body, url, layout, form=form)
    if isinstance(page, ListingPage):
        return page
    raise NotAnArticle(f"No listing, but {page.url}; skip it", kind=_kind_of(page))


def read_article(body: bytes, url: str, form: str | None = None, *, layout: Layout) -> ArticlePage:
    """The page of an article; NotAnArticle for any other sound page."""
    page = read(body, url, layout, form=form)
    if isinstance(page, ArticlePage):
        return page
    raise NotAnArticle(f"No article, but {page.url}; skip it", kind=_kind_of(page))


def _kind_of(page: ArticlePage | ListingPage | HomePage) -> str | None:
    return "home" if isinstance(page, HomePage) else None


def _from_data(
    body: bytes, url: str, context: AppContext, head: Head, layout: Layout
) -> ArticlePage | ListingPage | None:
    post = context.serverSideProps.currentPost
    if post and (post.title or "").strip() and (post.id or post.slug):
        return article_reader.read_data(body, url, context, head, layout)
    if listing_reader.is_listing_data(context):
        return listing_reader.read_data(body, url, context, head, layout)
    return None


def _checked(
    page: ArticlePage | ListingPage, body: bytes, url: str, head: Head, layout: Layout
) -> ArticlePage | ListingPage:
    reader = article_reader if isinstance(page, ArticlePage) else listing_reader
    return reader.with_check(page, body, url, head, layout)


def _from_markup(
    body: bytes,
    url: str,
    context: AppContext | None,
    head: Head,
    layout: Layout,
    form: str | None,
) -> ArticlePage | ListingPage | HomePage | None:
    route = context.route if context else ""
    if article_reader.is_article_markup(body):
        linked = form != "html"
        return article_reader.read_markup(body, url, head, layout, with_linked_data=linked)
    if route.endswith("/help/search") or (not route and _SEARCH.fullmatch(head.path or url)):
        if route or listing_reader.is_listing_markup(body, head, url):
            return listing_reader.read_search(body, url, head, layout)
        return None
    if route == "/help" or _HOME_PATH.fullmatch(head.path or _path_of(url)):
        home = listing_reader.read_home(body, url, head, layout)
        return home if home.listings else None  # a shell of it proves nothing
    if listing_reader.is_listing_markup(body, head, url):
        return listing_reader.read_markup(body, url, head, layout)
    return None


def _path_of(url: str) -> str:
    return urlsplit(url).path


_ASCII = "<p>\\u0041+~"
"""What every encoding that a page can name in its own markup writes as ASCII does."""
_AS_BROWSERS_READ = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}


def as_utf8(body: bytes, content_type: str | None) -> bytes:
    """The body in UTF-8, whichever encoding a mark, the server or the page itself names."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace").encode()
    if body[:3] == codecs.BOM_UTF8:
        return body[3:]
    named = _CHARSET.search(content_type or "")
    meta = None if named else _META_CHARSET.search(body, 0, 2000)
    charset = named[1] if named else meta[1].decode() if meta else "utf-8"
    if charset.lower() in ("utf-8", "utf8"):
        return body
    try:
        charset = codecs.lookup(charset).name
        if meta and _ASCII.encode(charset) != _ASCII.encode():
            return body  # what was read as ASCII is in no such encoding
        return body.decode(_AS_BROWSERS_READ.get(charset, charset), "replace").encode()
    except (LookupError, UnicodeError):  # no encoding of that name, or none of pages ('idna')
        return body
