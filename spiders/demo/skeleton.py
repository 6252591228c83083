"""What every page of the demo has around its content, and what changes there from day to day.

The shape is that of the real pages: their data as JSON in `#appState`, other JSON scripts of header
and footer, breadcrumbs, hreflang links, class names that end in the hash of a build.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from spiders.demo.editions import ENGLISH, Edition
from spiders.demo.sections import ORIGIN

Crumb = tuple[str, str]
"""Name and site-relative address."""
DESCRIPTION_LENGTH = 150
VERSIONS = {1: "0.0.427", 2: "0.0.427", 3: "0.0.431"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one page is dressed on one day: hashes of the build, trace id, white space."""

    day: int
    path: str
    edition: Edition = ENGLISH

    @property
    def home(self) -> Crumb:
        return (self.edition.home, "/help")

    def at(self, path: str) -> str:
        """The address of a page in the edition of this one."""
        return self.edition.at(path)

    def cls(self, name: str) -> str:
        """A class name as the build of the day gives it: `index_list__lAqHy`."""
        return f"index_{name}__{_digest(f'{self.day} {name}')[:5]}"

    @property
    def trace_id(self) -> str:
        return str(int(_digest(f"{self.day} {self.path}", "sha256"), 16))[:19]

    @property
    def gap(self) -> str:
        """White space between blocks: none, line breaks, or line breaks and an indent."""
        return {1: "", 2: "\n", 3: "\n  "}[self.day]


def _digest(text: str, name: str = "md5") -> str:
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The content of one page; `content` is its markup inside `#root`.

    `canonical` and the addresses of `crumbs` are those of the English edition; `editions` are those
    that hold the page, told by hreflang links (none: the page tells of no other).
    """

    title: str
    description: str
    canonical: str
    content: str
    initial_props: dict[str, Any]
    server_props: dict[str, Any]
    url_key: str
    crumbs: Sequence[Crumb] = ()
    linked_data: Sequence[dict[str, Any]] = ()
    editions: Sequence[Edition] = ()


def html_page(page: Page, look: Look) -> bytes:
    """The whole page."""
    linked = [*page.linked_data, breadcrumb_list(page.crumbs, look)] if page.crumbs else []
    scripts = "".join(_script(data, 'type="application/ld+json"') for data in linked)
    return (
        f'<!DOCTYPE html><html lang="{look.edition.hreflang}" dir="" class="">'
        f"<head>{_head(page, look)}</head>"
        f'<body id="body" class="" data-responsive="true" data-nav="true">{_header(look)}'
        f'<div class="home-container"><div id="root" role="main"><div>{page.content}</div></div>\n'
        f"{app_state(page, look)}</div>{_footer(look)}{scripts}</body></html>"
    ).encode()


def _head(page: Page, look: Look) -> str:
    title, description = escape(page.title), escape(page.description)
    url = escape(ORIGIN + look.at(page.canonical))
    tags = {edition.hreflang: edition for edition in page.editions}
    if tags:
        tags["x-default"] = ENGLISH
    alternates = "".join(
        f'<link rel="alternate" href="{escape(ORIGIN + edition.at(page.canonical))}"'
        f' hreflang="{tag}">'
        for tag, edition in tags.items()
    )
    return (
        '<meta charset="UTF-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1.0">'
        f"<title>{title} | Demo Exchange</title>"
        f'<meta name="description" content="{description}">'
        '<meta property="og:type" content="website">'
        f'<meta property="og:title" content="{title}"><meta property="og:url" content="{url}">'
        '<meta property="og:site_name" content="Demo Exchange">'
        f'<link rel="canonical" href="{url}">{alternates}'
    )


def _script(data: Any, attributes: str) -> str:
    """JSON in a script; `</` is escaped so that no text can end the script."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f"<script {attributes}>{text}</script>"


def app_state(page: Page, look: Look) -> str:
    """The page's own data, under the names of the real pages."""
    context = {
        "initialProps": {"supportBanner": {"text": ""}, **page.initial_props},
        "initState": {},
        "isSSR": True,
        "faasUseSSR": True,
        "useSSR": True,
        "isSSRSuccess": True,
        "serverSideProps": {"cfLocale": look.edition.language, **page.server_props},
        "templateConfig": None,
        "version": VERSIONS[look.day],
        "project": "helpcenter",
        "urlKey": page.url_key,
        "traceId": look.trace_id,
        "enableRTL": True,
    }
    attributes = 'data-id="__app_data_for_ssr__" type="application/json" id="appState"'
    return _script({"appContext": context}, attributes)


def _header(look: Look) -> str:
    state = {"headerContext": {"traceId": look.trace_id, "nav": ["Buy crypto", "Trade", "Earn"]}}
    attributes = 'data-id="__header_data_for_ssr__" type="application/json" id="headerState"'
    return (
        f"{_script(state, attributes)}"
        '<header id="header"><nav aria-label="Main"><a href="/">Demo Exchange</a>'
        '<a href="/buy-crypto">Buy crypto</a><a href="/trade">Trade</a><a href="/earn">Earn</a>'
        f'<a class="extend-link" href="{look.at("/help")}">{look.edition.home}</a></nav></header>'
    )


def _footer(look: Look) -> str:
    """The site's footer; its order and wording change between days and mean nothing."""
    links = ["/about|About us", "/fees|Fees", "/careers|Careers", "/community|Community"]
    turn = look.day % len(links)
    items = "".join(
        f'<li><a href="{href}">{name}</a></li>'
        for href, _, name in (link.partition("|") for link in links[turn:] + links[:turn])
    )
    attributes = 'data-id="__footer_data_for_ssr__" type="application/json" id="footerState"'
    return (
        f'<footer id="footer"><ul>{items}</ul><p>Build {_digest(str(look.day))[:7]}</p></footer>'
        + _script({"footerContext": {"traceId": look.trace_id}}, attributes)
    )


def breadcrumb_list(crumbs: Sequence[Crumb], look: Look) -> dict[str, Any]:
    """JSON-LD of the way to the page, the page itself last."""
    return {
        "@context": "https://schema.org/",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"position": n, "@type": "ListItem", "name": name, "item": ORIGIN + look.at(href)}
            for n, (name, href) in enumerate(crumbs, 1)
        ],
    }


def breadcrumbs(crumbs: Sequence[Crumb], last: str, look: Look) -> str:
    """The way to the page as readers see it; `last` is not a link."""
    steps = "".join(
        f'<div class="demoui-breadcrumbs-crumb"><a href="{escape(look.at(href))}" rel="noopener"'
        f' class="demoui-hyperlink-text">{escape(name)}</a></div>'
        for name, href in crumbs
    )
    return (
        f'<div class="{look.cls("breadcrumb")}" role="navigation" aria-label="Breadcrumbs">{steps}'
        f'<div class="demoui-breadcrumbs-crumb" aria-current="location">{escape(last)}</div></div>'
    )


def date_row(dates: Sequence[str], extras: Sequence[str], look: Look, name: str) -> str:
    """Published and updated dates, then reading time, label or view count, as a page shows them."""
    spans = [f'<span data-testid="DateDisplay" class="">{text}</span>' for text in dates]
    spans += [f"<span>{escape(text)}</span>" for text in extras]
    classes = f"{look.cls('dividerRow')} {look.cls(name)}"
    return f'<div data-testid="RowWithDivider" class="{classes}">{"".join(spans)}</div>'


def shortened(text: str, length: int = DESCRIPTION_LENGTH) -> str:
    """The text cut to a length between words."""
    return text if len(text) <= length else text[: length + 1].rpartition(" ")[0]
