"""Help centres made with Zendesk, through their public Help Center API, as it is documented.

`GET /api/v2/help_center/{locale}/articles.json` lists what the public may read, with `count`,
`page`, `page_count` and `next_page` (by offset, at most 100 pages) or with `meta.has_more` and
`links.next` (by cursor, which `page[size]` asks for); `.../{locale}/articles/{id}.json` is one
article. With `include=sections,categories` both carry the sections and categories they name.

- Each such centre has an address of its own, so `base_url` has to be configured.
- An article's slug is its id: the API knows it by no other name, and the address that readers see
  (`html_url`) changes with its title.
- `edited_at` is when the text was last edited in its locale, the date that readers are shown;
  `updated_at` also moves with labels, order and votes. There is no date of publication and no view
  count: `vote_sum` is none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from msgspec import Struct

from spiders import markup
from spiders.article_reader import first_paragraph
from spiders.errors import Blocked, LayoutUnknown, NotAnArticle, PageError, PageIncomplete
from spiders.fields import canonical_url, parse_instant
from spiders.items import ArticlePage, Form, ListingEntry, ListingPage, Moment
from spiders.layout import search_slug
from spiders.page_data import whole_number
from spiders.page_html import one_line, plain, read_head
from spiders.page_trouble import check_type, trouble_of

NAME = "zendesk"
BASE_URL = None
TIME_ZONE = UTC
PARSER = "zendesk-1"
DEFAULT_LOCALE = "en-us"

API = "/api/v2/help_center"
PAGE_SIZE = 100
"""The most articles that the API gives at once; its own default is 30."""
OFFSET_PAGES = 100
"""By offset the API answers no page beyond this one."""
_NAMED = {"include": "sections,categories"}
_BY_OFFSET = {**_NAMED, "sort_by": "created_at", "sort_order": "asc", "per_page": str(PAGE_SIZE)}
"""Oldest first: an article that joins while we read comes last and shifts no other page."""
_BY_CURSOR = {**_NAMED, "page[size]": str(PAGE_SIZE)}
_PLACE_IN_LIST = frozenset({"page", "page[after]", "page[size]", "per_page", "start_time"})
_INCREMENTAL = "incremental/articles"
"""The list of what changed since `start_time`: never whole, so no crawl rests on it."""


def start_urls(
    base_url: str,
    locale: str,
    sections: Sequence[str] = (),
    searches: Sequence[Mapping[str, str]] = (),
) -> list[str]:
    """Where a crawl begins: the list of all articles, or of the sections named (by their ids).

    A search's `category` is a category's id; empty: all.
    """
    place = f"{base_url.rstrip('/')}{API}/{quote(locale)}"
    lists = [f"{place}/sections/{quote(one, safe='')}/articles.json" for one in sections]
    lists = lists or [f"{place}/articles.json"]
    begin = [_address(path, _BY_OFFSET) for path in lists]
    return begin + [_search_url(base_url.rstrip("/"), locale, search) for search in searches]


def article_url(base_url: str, locale: str, slug: str) -> str:
    """The address at which the API gives an article; readers see it at its `html_url`."""
    path = f"{base_url.rstrip('/')}{API}/{quote(locale)}/articles/{quote(slug, safe='')}.json"
    return _address(path, _NAMED)


def _search_url(origin: str, locale: str, search: Mapping[str, str]) -> str:
    asked = {"query": search.get("term", ""), "locale": locale}
    asked |= {"category": search["category"]} if search.get("category") else {}
    size = {"per_page": str(PAGE_SIZE)}
    return _address(f"{origin}{API}/articles/search.json", asked | _NAMED | size)


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query, safe=',')}"


# The API's answers, decoded no further than needed.

Text = str | None


class Article(Struct):
    id: Any = None
    title: Text = None
    locale: Text = None
    section_id: Any = None
    html_url: Text = None
    snippet: Text = None
    """Of a search's result: an excerpt, the words sought in <em>."""
    draft: Any = None
    created_at: Any = None
    updated_at: Any = None
    edited_at: Any = None


class ArticleWithText(Article):
    body: Text = None


class Group(Struct):
    """A section or a category."""

    id: Any = None
    name: Text = None
    category_id: Any = None


class Meta(Struct):
    has_more: Any = None


class Links(Struct):
    next: Text = None


class Answer(Struct):
    article: ArticleWithText | None = None
    articles: list[Article] | None = None
    results: list[Article] | None = None
    """Of a search, in place of `articles`."""
    sections: list[Group] | None = None
    categories: list[Group] | None = None
    count: Any = None
    page: Any = None
    page_count: Any = None
    next_page: Text = None
    meta: Meta | None = None
    links: Links | None = None
    error: Any = None
    """A code such as 'RecordNotFound', or an object with title and message."""
    errors: Any = None


_decode = msgspec.json.Decoder(Answer).decode


def read_page(
    body: bytes, url: str, *, content_type: str | None = None, form: str | None = None
) -> ArticlePage | ListingPage:
    """What an answer of the API says; recognised by what it holds. Raises only PageError.

    `url` is the canonical address; of an answer saved elsewhere the locale is its own. There is no
    form but "json".
    """
    answer = _answer(body, url, content_type)
    if form not in (None, "json"):
        raise LayoutUnknown(f"An answer of the Zendesk API has no form {form!r}; read its JSON")
    if answer.error or answer.errors:
        raise _error_of(answer)
    asked = _Asked.of(url)
    if answer.article is not None:
        return _read_article(answer.article, _Groups(answer), asked)
    if answer.articles is not None or answer.results is not None:
        return _read_listing(answer, asked)
    raise NotAnArticle("JSON, but neither an article nor a list of articles", kind="wrong_type")


_SIGN_IN = re.compile(r"[^?#]*/(?:hc/(?:[^/?#]+/)?signin|access|auth|login)(?:[/?#].*)?", re.DOTALL)
_REFUSALS = frozenset({"Couldn't authenticate you", "Forbidden", "Unauthorized", "AccessDenied"})


def _answer(body: bytes, url: str, content_type: str | None) -> Answer:
    """The decoded answer; PageError says what stands in its place."""
    start = body[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"<":
        raise _trouble_of_page(body, url)
    if start[:1] != b"{":
        check_type(body, content_type)
        raise NotAnArticle("The answer is no JSON of the Zendesk API", kind="wrong_type")
    try:
        return _decode(body.removeprefix(b"\xef\xbb\xbf"))
    except msgspec.ValidationError as error:
        raise LayoutUnknown(f"JSON in a shape that the reader does not know: {error}") from None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise PageIncomplete("JSON that is broken off; ask again later", kind="cut_off") from None


def _trouble_of_page(body: bytes, url: str) -> PageError:
    """Why a web page comes where the API was asked."""
    if _SIGN_IN.fullmatch(url):
        return Blocked("The help centre asks to sign in: its articles are not public; stop")
    error = trouble_of(body, read_head(body, url), url, is_help=False)
    if isinstance(error, NotAnArticle):
        return NotAnArticle("A web page where the API's JSON was expected", kind="wrong_type")
    return error


def _error_of(answer: Answer) -> PageError:
    """The API's own error: a code, or objects with a title or code."""
    errors = answer.errors if isinstance(answer.errors, list) else [answer.error]
    said = errors[0] if errors else None
    if isinstance(said, dict):
        said = said.get("code") or said.get("title")
    code = one_line(said)[:120] if isinstance(said, str) else "without a name"
    if code in _REFUSALS:
        return Blocked(f"The API refuses ({code}): it may not be open to the public; stop")
    if code == "RecordNotFound":
        return NotAnArticle("The API knows no such article, section or locale", kind="not_found")
    return PageIncomplete(f"The API answers with the error {code!r}; ask again", kind="soft_error")


# What was asked for.

_API_ADDRESS = re.compile(
    rf"(?P<path>[^?#]*{API}/"
    r"(?:(?P<locale>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)/)?"
    r"(?:sections/(?P<section_id>[0-9]{1,20})/)?"
    r"(?P<what>articles/search|incremental/articles|articles)(?:/[^/?#]*)?(?:\.json)?)"
    r"(?:\?(?P<query>[^#]*))?",
    re.DOTALL,
)
_ORIGIN = re.compile(r"[a-z]+://[^/?#\\\s]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """An address, as far as it is one of the API: `what` is empty for any other."""

    origin: str
    path: str = ""
    what: str = ""
    locale: Text = None
    section_id: Text = None
    query: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, url: str) -> "_Asked":
        found, origin = _API_ADDRESS.fullmatch(url), _ORIGIN.match(url)
        parts = found.groupdict() if found else {}
        parts["query"] = dict(parse_qsl(parts.get("query") or "", keep_blank_values=True))
        parts["locale"] = parts.get("locale") or parts["query"].get("locale")
        return cls(origin=origin[0] if origin else "", **parts)

    def shows(self, article: Article) -> bool:
        """Whether readers of this locale see the article: no draft, no text of another locale."""
        said = article.locale or self.locale or ""
        return article.draft is not True and said.casefold() == (self.locale or said).casefold()

    def locale_of(self, article: Article | None) -> str:
        """The locale that was asked for, else the article's own."""
        own = article.locale.lower() if article and article.locale else None
        return self.locale or own or DEFAULT_LOCALE


class _Groups:
    """The sections and categories that came along with an answer, by their ids."""

    def __init__(self, answer: Answer):
        self._sections = {_id(one.id): one for one in answer.sections or () if _id(one.id)}
        self._categories = {_id(one.id): one for one in answer.categories or () if _id(one.id)}

    def place_of(self, section_id: Text) -> dict[str, Text]:
        """Section and category by the names of ArticlePage; what did not come along is None."""
        section = self._sections.get(section_id)
        category_id = _id(section.category_id) if section else None
        category = self._categories.get(category_id)
        return {
            "section": (section and one_line(section.name)) or None,
            "section_slug": section_id,
            "category": (category and one_line(category.name)) or None,
            "category_slug": category_id,
        }


# An article.


def _read_article(article: ArticleWithText, groups: _Groups, asked: _Asked) -> ArticlePage:
    source_id, title = _id(article.id), one_line(article.title)
    if not asked.shows(article):
        kind = "a draft" if article.draft is True else f"in {article.locale}, not {asked.locale}"
        raise NotAnArticle(f"The article {source_id} is {kind}; skip it")
    if source_id is None or not title:
        raise LayoutUnknown("An article without id or title where the reader expects them")
    if article.body is None:
        raise PageIncomplete(f"The article {source_id} comes without its text; ask again later")
    locale = asked.locale_of(article)
    # Links are written out from an address that stays when the title, and so `html_url`, changes.
    text, unknown = markup.read_html(
        markup.parse(article.body), _plain_address(asked.origin, locale, source_id)
    )
    data = {
        **groups.place_of(_id(article.section_id)),
        "summary": first_paragraph(text) or None,
        "created_at": parse_instant(article.created_at),
        "updated_at": _edited_at(article),
    }
    data = {name: value for name, value in data.items() if value is not None}
    provenance: dict[str, Form] = dict.fromkeys((*data, "slug", "title", "source_id"), "json")
    return ArticlePage(
        locale=locale,
        slug=source_id,
        url=_readers_address(article, asked.origin, locale, source_id),
        title=title,
        body=text,
        source_id=source_id,
        parser=PARSER,
        language=(article.locale or locale).lower(),
        unknown_nodes=unknown,
        provenance={**provenance, "body": "json"},
        **data,
    )


def _edited_at(article: Article) -> Moment | None:
    return parse_instant(article.edited_at) or parse_instant(article.updated_at)


_READERS_PATH = re.compile(r"https?://[^/?#\\\s]+(/hc/[^?#\\\s]+)(?:[?#].*)?", re.DOTALL)


def _readers_address(article: Article, origin: str, locale: str, source_id: str) -> str:
    """`html_url` on the canonical origin, whichever of the centre's hosts the API names."""
    found = _READERS_PATH.fullmatch(article.html_url or "")
    url = canonical_url(found[1], origin) if found else None
    return url or _plain_address(origin, locale, source_id)


def _plain_address(origin: str, locale: str, source_id: str) -> str:
    """Leads to the article whatever its title is."""
    return f"{origin}/hc/{quote(locale)}/articles/{quote(source_id, safe='')}"


def _id(value: object) -> str | None:
    """An id as the API has it, a number or (as its documentation advises) a text of figures."""
    if isinstance(value, str):
        return value if re.fullmatch(r"[0-9]{1,20}", value) else None
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and 0 < value < 10**20 else None


# A list of articles.


def _read_listing(answer: Answer, asked: _Asked) -> ListingPage:
    groups = _Groups(answer)
    articles = (answer.articles if answer.articles is not None else answer.results) or []
    shown = [article for article in articles if asked.shows(article)]
    locale = asked.locale_of(shown[0] if shown else None)
    total = whole_number(answer.count) if asked.what != _INCREMENTAL else None
    return ListingPage(
        locale=locale,
        **_listing_named(asked, groups),
        page_number=whole_number(answer.page) or 1,
        claimed_total=None if total is None else max(0, total - len(articles) + len(shown)),
        entries=tuple(_entries(shown, groups, asked.origin, locale)),
        next_url=_next_url(answer, asked),
        parser=PARSER,
        language=locale.lower(),
        provenance=_FROM_DATA,
    )


_FROM_DATA: dict[str, Form] = dict.fromkeys(
    ("source_id", "slug", "url", "title", "category", "created_at", "updated_at"), "json"
)


def _listing_named(asked: _Asked, groups: _Groups) -> dict[str, Any]:
    """Kind, slug, first address and titles of the list that was asked for."""
    if asked.what == "articles/search":
        category, term = (asked.query.get(name, "") for name in ("category", "query"))
        search = {"category": category, "term": term}
        url = _search_url(asked.origin, asked.locale or DEFAULT_LOCALE, search)
        return {"kind": "search", "slug": search_slug(category, term), "url": url}
    if not asked.what:
        return {"kind": "import", "slug": "articles", "url": asked.origin or API}
    if asked.what == _INCREMENTAL:
        since = {"start_time": asked.query.get("start_time", "0")}
        return {"kind": "api", "slug": "incremental", "url": _address(asked.path, _NAMED | since)}
    named: dict[str, Any] = {"kind": "api", "slug": "articles"}
    if asked.section_id:
        place = groups.place_of(asked.section_id)
        named = {"kind": "section", "slug": asked.section_id, "title": place["section"], **place}
    return named | {"url": _address(asked.path, _BY_OFFSET)}


def _entries(
    articles: Sequence[Article], groups: _Groups, origin: str, locale: str
) -> Iterator[ListingEntry]:
    for article in articles:
        source_id, title = _id(article.id), one_line(article.title)
        if source_id and title:
            yield ListingEntry(
                title=title,
                slug=source_id,
                url=_readers_address(article, origin, locale, source_id),
                source_id=source_id,
                summary=plain(article.snippet or "") or None,
                category=groups.place_of(_id(article.section_id))["category"],
                created_at=parse_instant(article.created_at),
                updated_at=_edited_at(article),
            )


def _next_url(answer: Answer, asked: _Asked) -> str | None:
    """The next page at our own address: of the API's link only the place in the list is taken."""
    if answer.meta is not None:
        link = answer.links.next if answer.links and answer.meta.has_more is True else None
    else:
        link = answer.next_page
        pages, page = whole_number(answer.page_count) or 0, whole_number(answer.page)
        if pages > OFFSET_PAGES and page == 1 and asked.what == "articles":
            return _address(asked.path, _BY_CURSOR)
    is_drained = asked.what == _INCREMENTAL and not answer.articles
    if not link or not asked.what or is_drained:
        return None
    turn = dict(parse_qsl(link.partition("#")[0].partition("?")[2]))
    turn = {name: value for name, value in turn.items() if name in _PLACE_IN_LIST}
    return _address(asked.path, {**asked.query, **turn}) if turn else None
