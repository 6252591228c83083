"""The JSON that a page in the OKX layout carries, decoded no further than needed.

`<script id="appState">` as seen in April 2025; JSON-LD (`Article`, `BreadcrumbList`) as well.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

Text = str | None


class Category(Struct):
    title: Text = None
    slug: Text = None
    showUpdateTime: Any = None


class Section(Struct):
    title: Text = None
    slug: Text = None
    description: Text = None
    contentType: Text = None
    """'tag' lists articles of several sections, 'section' its own."""
    category: Category | None = None
    subSections: "list[Section] | None" = None


class Item(Struct):
    title: Text = None
    id: Text = None
    slug: Text = None
    publishTime: Any = None
    createdAt: Any = None
    updatedAt: Any = None


class ArticleList(Struct):
    total: Any = None
    skip: Any = None
    limit: Any = None
    items: list[Item] | None = None


class SectionData(Struct):
    articleList: ArticleList | None = None
    allSections: list[Section] | None = None
    currSection: Section | None = None


class Post(Struct):
    """An article. `richTextContent` is left as it is until its text is read."""

    title: Text = None
    id: Text = None
    slug: Text = None
    section: Section | None = None
    publishTime: Any = None
    createdAt: Any = None
    updatedAt: Any = None
    isRichText: Any = None
    richTextContent: Raw = Raw(b"null")
    content: Any = None
    """Markdown, where the article is no rich text."""


class InitialProps(Struct):
    sectionData: SectionData | None = None
    content: Any = None
    """{readingTime} on article pages."""


class ServerProps(Struct):
    currentPost: Post | None = None
    sectionOutline: Section | None = None
    page: Any = None
    category: Any = None
    """A category as an object, or its slug on a search page."""
    term: Any = None


class AppContext(Struct):
    initialProps: InitialProps = msgspec.field(default_factory=InitialProps)
    serverSideProps: ServerProps = msgspec.field(default_factory=ServerProps)
    urlKey: Text = None
    """The route with its slashes and brackets encoded: '%2Fhelp%2F%5Bslug%5D'."""

    @property
    def route(self) -> str:
        return (self.urlKey or "").replace("%2F", "/").replace("%5B", "[").replace("%5D", "]")


class AppState(Struct):
    appContext: AppContext


State = Literal["read", "missing", "broken", "cut_off"]
_decode = msgspec.json.Decoder(AppState).decode
_SIGNS = (b"__app_data_for_ssr__", b'id="appState"')


def find_app_context(body: bytes) -> tuple[AppContext | None, State]:
    """The page's data, and why there are none: no such script, not its JSON, or no end of it."""
    start = _script_start(body)
    if start is None:
        return None, "missing"
    end = body.find(b"</script", start)
    if end < 0:
        return None, "cut_off"
    try:
        return _decode(body[start:end]).appContext, "read"
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None, "broken"


def _script_start(body: bytes) -> int | None:
    """Where the content of the script with the page's data begins."""
    for sign in _SIGNS:
        at = body.find(sign)
        while at >= 0:
            tag = body.rfind(b"<", max(0, at - 400), at)
            end = body.find(b">", at, at + 400)
            if tag >= 0 and body.startswith(b"<script", tag):
                return end + 1 if end >= 0 else len(body)
            at = body.find(sign, at + len(sign))
    return None


_LD_SCRIPT = re.compile(rb"<script\b[^<>]{0,200}application/ld\+json[^<>]{0,200}>")


class LinkedItem(Struct):
    name: Text = None
    item: Any = None


class LinkedData(Struct):
    """The parts of JSON-LD objects that are read, whichever of them an object has."""

    type: Any = msgspec.field(default=None, name="@type")
    headline: Text = None
    datePublished: Any = None
    dateModified: Any = None
    itemListElement: list[LinkedItem] | None = None


_decode_linked = msgspec.json.Decoder(LinkedData).decode
MAX_LINKED = 20
"""No page is asked for more JSON-LD objects than this."""


def linked_data(body: bytes, kind: str) -> LinkedData | None:
    """The page's first JSON-LD object of a kind; None where there is none that can be read."""
    return next((found for found in _linked(body) if found.type == kind), None)


def _linked(body: bytes) -> Iterator[LinkedData]:
    for count, script in enumerate(_LD_SCRIPT.finditer(body)):
        end = body.find(b"</script", script.end())
        if end < 0 or count == MAX_LINKED:
            return
        try:
            yield _decode_linked(body[script.end() : end])
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            continue  # another program's data, or broken: the next one may be the page's


def whole_number(value: object) -> int | None:
    """A count as the data has it; None for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < 2**53 else None
