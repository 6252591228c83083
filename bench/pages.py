"""The pages of a centre as bytes: data in `#appState`, rendered rows and texts, 148 KB of page.

What all pages share (header, navigation, footer and their scripts) is one `Chrome`. A page is kept
as pieces, so that twenty thousand pages share its bytes; `TRACE` stands where each answer has
another trace id, as real ones have.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from random import Random
from typing import Any

from bench.centre import CATEGORIES, ORIGIN, SECTIONS, Article, Block, Centre, Section

PAGE_BYTES = 148_000
ENTRIES_A_PAGE = 15
LOCALES = [f"{letter}{other}" for letter in "abcdefgh" for other in "rstuv"]
"""Forty locales that every page names in its head, as real ones do."""
TRACE = b"0123456789abcdef0123456789abcdef"
SITE_HOURS = timedelta(hours=8)
"""Visible dates are calendar days at UTC+8."""

Pieces = tuple[bytes, ...]


def pages(centre: Centre) -> Iterator[tuple[str, Pieces]]:
    """Path and pieces of every page."""
    chrome = Chrome()
    yield "/help", chrome.page("/help", _links(_category_links()), {}, {}, "%2Fhelp")
    for category in CATEGORIES:
        yield f"/help/category/{category}", category_page(category, chrome)
    for section in SECTIONS:
        yield from listing_pages(centre, section, chrome)
    for article in centre.articles:
        yield article.path, article_page(article, centre, chrome)


def changed_pages(centre: Centre, changed: Sequence[Article]) -> Iterator[tuple[str, Pieces]]:
    """The pages on which some of these articles look different."""
    chrome = Chrome()
    for section in {article.section for article in changed}:
        yield from listing_pages(centre, section, chrome)
    for article in changed:
        yield article.path, article_page(article, centre, chrome)


class Chrome:
    """What every page has around its content."""

    def __init__(self, seed: int = 7):
        self._random = Random(seed)
        self._names = [
            "".join(self._random.choices("aeioulnrstdmkp", k=self._random.randrange(3, 10)))
            for _ in range(900)
        ]
        self._styles = f"<style>{self._words(60)}</style>".encode()
        self._header = (self._script("headerState", 24_000) + self._menu(27_000)).encode()
        self._footer = (
            self._script("_okxGlobal", 17_000)
            + f'<footer id="footer">{self._menu(33_000)}</footer>'
            + self._script("footerState", 8_500)
            + self._script("_okGlobal", 9_000)
        ).encode()
        self._scripts = "".join(
            f'<script crossorigin="" src="https://static.example/help/vendor/{name}.js"></script>'
            for name in self._names[:90]
        ).encode()

    def page(
        self,
        path: str,
        content: str,
        initial_props: dict[str, Any],
        server_props: dict[str, Any],
        route: str,
        *,
        title: str = "Support center",
        crumbs: Sequence[tuple[str, str]] = (),
        article: Article | None = None,
    ) -> Pieces:
        """One page; the filler before `</html>` brings it to PAGE_BYTES, if it is smaller."""
        context = {
            "initialProps": initial_props,
            "serverSideProps": {"cfLocale": "en_US", **server_props},
            "isSSR": True,
            "project": "helpcenter",
            "urlKey": route,
            "traceId": TRACE.decode(),
        }
        head = (
            f'<!DOCTYPE html><html lang="en-US" dir=""><head><meta charset="UTF-8">'
            f"<title>{escape(title)}</title>"
            f'<meta name="description" content="{escape(_description(article) or title)}">'
            f'<meta property="og:url" content="{ORIGIN}{path}">'
            f'<link rel="canonical" href="{ORIGIN}{path}">{_alternates(path)}'
        )
        state = (
            '<script data-id="__app_data_for_ssr__" type="application/json" id="appState">'
            + _json({"appContext": context})
        )
        before, after = f"{content}</div>{state}".encode().split(TRACE)
        linked = "".join(_linked_data(path, crumbs, article)).encode()
        pieces = (
            head.encode(),
            self._styles,
            b"</head><body>",
            self._header,
            b'<div id="root" role="main"><div>',
            before,
            TRACE,
            after,
            b"</script></div>",
            linked,
        )
        return self._filled(pieces)

    def _filled(self, pieces: Pieces) -> Pieces:
        """With the footer behind the content, and as many script tags as are missing."""
        whole = (*pieces, self._footer)
        missing = PAGE_BYTES - sum(map(len, whole)) - len(b"</body></html>")
        return (*whole, _padding(self._scripts, max(0, missing)), b"</body></html>")

    def _words(self, count: int) -> str:
        return " ".join(self._random.choices(self._names, k=count))

    def _script(self, name: str, size: int) -> str:
        entries: dict[str, str] = {}
        length = 0
        while length < size:
            key = f"{self._random.choice(self._names)}_{len(entries)}"
            entries[key] = self._words(self._random.randrange(2, 10))
            length += len(key) + len(entries[key]) + 8
        return f'<script type="application/json" id="{name}">{json.dumps(entries)}</script>'

    def _menu(self, size: int) -> str:
        items, length = [], 0
        while length < size:
            name = self._words(2)
            items.append(
                f'<li class="nav-item_{self._random.getrandbits(24):06x}"><a class="nav-link_Xy2"'
                f' href="/{name.replace(" ", "-")}"><div class="nav-title">{name}</div>'
                f'<div class="nav-desc">{self._words(7)}</div></a></li>'
            )
            length += len(items[-1])
        return f"<ul>{''.join(items)}</ul>"


def _padding(scripts: bytes, count: int) -> bytes:
    """Script tags of so many bytes, the last one cut into a comment."""
    whole = scripts[:count]
    cut = whole.rfind(b"</script>") + len(b"</script>") if b"</script>" in whole else 0
    rest = count - cut
    return whole[:cut] + (b"<!--" + b" " * (rest - 7) + b"-->" if rest >= 7 else b" " * rest)


# -- listings ------------------------------------------------------------------------------------


def category_page(category: str, chrome: Chrome) -> Pieces:
    """A category's own page: it names its sections."""
    sections = [section for section in SECTIONS if section.category == category]
    path = f"/help/category/{category}"
    return chrome.page(
        path,
        f"<h1>{CATEGORIES[category]}</h1><nav>{_links(_section_links(sections))}</nav>",
        {"sectionData": {"allSections": [_section_data(section) for section in sections]}},
        {"page": 1, "category": _category_data(category)},
        "%2Fhelp%2Fcategory%2F%5Bslug%5D",
    )


def listing_pages(centre: Centre, section: Section, chrome: Chrome) -> Iterator[tuple[str, Pieces]]:
    """Every page of a section's listing."""
    articles = centre.sections[section.slug]
    starts = range(0, max(len(articles), 1), ENTRIES_A_PAGE)
    for number, start in enumerate(starts, 1):
        path = f"/help/section/{section.slug}" + (f"/page/{number}" if number > 1 else "")
        held = articles[start : start + ENTRIES_A_PAGE]
        yield path, _listing_page(path, section, held, number, len(articles), chrome)


def _listing_page(
    path: str,
    section: Section,
    held: Sequence[Article],
    number: int,
    total: int,
    chrome: Chrome,
) -> Pieces:
    kin = [one for one in SECTIONS if one.category == section.category]
    first = (number - 1) * ENTRIES_A_PAGE
    items = [{"id": a.source_id, "slug": a.slug, "title": a.title, **_dates(a)} for a in held]
    return chrome.page(
        path,
        f"<h1>{CATEGORIES[section.category]}</h1><h2>{section.title}</h2>"
        f"<nav>{_links(_section_links(kin))}</nav>"
        f'<ul class="index_list__x1" aria-describedby="help-load-more-desc">'
        f'{"".join(map(_row, held))}</ul><span id="help-load-more-desc">Showing {first + 1}-'
        f"{first + len(held)} of {total} articles</span>",
        {
            "sectionData": {
                "articleList": {
                    "total": total,
                    "skip": first,
                    "limit": ENTRIES_A_PAGE,
                    "items": items,
                },
                "allSections": [_section_data(one) for one in kin],
                "currSection": _section_data(section),
            }
        },
        {"page": number, "sectionOutline": _section_data(section)},
        "%2Fhelp%2Fsection%2F%5Bslug%5D%2Fpage%2F%5Bpage%5D",
        crumbs=_crumbs(section),
    )


def _row(article: Article) -> str:
    return (
        f'<li class="index_articleItem__d8Ksm"><a href="{article.path}" rel="noopener"'
        f' class="okui-powerLink-a11y"><div class="index_title__iTmos">{escape(article.title)}'
        f"</div>{_details(article)}</a></li>"
    )


def _category_data(category: str) -> dict[str, Any]:
    return {
        "title": CATEGORIES[category],
        "slug": category,
        "showUpdateTime": category == "faq",
        "showPublishTime": True,
    }


def _section_data(section: Section) -> dict[str, Any]:
    return {
        "slug": section.slug,
        "title": section.title,
        "description": f"All about {section.title.lower()}",
        "contentType": "section",
        "category": _category_data(section.category),
        "subSections": [],
    }


def _category_links() -> dict[str, str]:
    return {f"/help/category/{slug}": title for slug, title in CATEGORIES.items()}


def _section_links(sections: Sequence[Section]) -> dict[str, str]:
    return {f"/help/section/{section.slug}": section.title for section in sections}


def _links(named: dict[str, str]) -> str:
    items = "".join(f'<li><a href="{href}">{text}</a></li>' for href, text in named.items())
    return f"<ul>{items}</ul>"


# -- articles ------------------------------------------------------------------------------------


def article_page(article: Article, centre: Centre, chrome: Chrome) -> Pieces:
    """The article's text in its data and as markup, between title row and related articles."""
    related = _links({other.path: escape(other.title) for other in centre.neighbours(article)})
    text = "".join(map(_markup, article.blocks))
    return chrome.page(
        article.path,
        f'<article aria-label="{escape(article.title)}"><div class="index_header__x2">'
        f"<h1>{escape(article.title)}</h1>{_details(article)}</div>"
        f'<div class="index_richTextContent__x9H5y">{text}</div>'
        f'<div class="index_related__k2Jq0">{related}</div></article>',
        {"content": {"headings": [], "readingTime": 4}, "articleLikes": {"like": 3}},
        {
            "currentPost": {
                "id": article.source_id,
                "slug": article.slug,
                "title": article.title,
                "section": _section_data(article.section),
                **_dates(article),
                "isRichText": True,
                "richTextContent": _node("document", *map(_tree, article.blocks)),
            }
        },
        "%2Fhelp%2F%5Bslug%5D",
        title=article.title,
        crumbs=(*_crumbs(article.section), (article.title, article.path)),
        article=article,
    )


def _description(article: Article | None) -> str | None:
    return article and " ".join(article.blocks[0].texts)[:150]


def _node(kind: str, *content: dict, **data: Any) -> dict[str, Any]:
    return {"nodeType": kind, "data": data, "content": list(content)}


def _text(value: str, *marks: str) -> dict[str, Any]:
    return {
        "nodeType": "text",
        "value": value,
        "marks": [{"type": mark} for mark in marks],
        "data": {},
    }


def _tree(block: Block) -> dict[str, Any]:
    if block.kind == "heading":
        return _node("heading-2", _text(block.texts[0]))
    if block.kind == "list":
        items = [_node("list-item", _node("paragraph", _text(text))) for text in block.texts]
        return _node("unordered-list", *items)
    if block.kind == "table":
        rows = [
            _node("table-row", *(_node("table-cell", _node("paragraph", _text(c))) for c in row))
            for row in block.texts
        ]
        return _node("table", *rows)
    first, *others = block.texts
    parts = [_text(first, "bold") if others else _text(first)]
    parts += [_text(" " + text) for text in others]
    if len(others) > 1:
        parts += [_text(" "), _node("hyperlink", _text("here"), uri=f"{ORIGIN}/trade-market")]
    return _node("paragraph", *parts)


def _markup(block: Block) -> str:
    if block.kind == "heading":
        return f"<h2>{escape(block.texts[0])}</h2>"
    if block.kind == "list":
        return f"<ul>{''.join(f'<li><p>{escape(text)}</p></li>' for text in block.texts)}</ul>"
    if block.kind == "table":
        rows = ["".join(f"<td><p>{cell}</p></td>" for cell in row) for row in block.texts]
        return f"<table><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"
    first, *others = map(escape, block.texts)
    words = " ".join([f"<b>{first}</b>" if others else first, *others])
    more = ' <a href="/trade-market">here</a>' if len(others) > 1 else ""
    return f"<p>{words}{more}</p>"


# -- dates, heads, JSON --------------------------------------------------------------------------


def _dates(article: Article) -> dict[str, str]:
    return {
        "publishTime": _instant(article.published_at),
        "createdAt": _instant(article.published_at),
        "updatedAt": _instant(article.updated_at),
    }


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def _details(article: Article) -> str:
    """The row of dates and the view count."""
    dates = [f"Published on {_day(article.published_at)}"]
    if article.view_count is not None:
        dates.append(f"Updated on {_day(article.updated_at)}")
    spans = "".join(f'<span data-testid="DateDisplay">{date}</span>' for date in dates)
    if article.view_count is not None:
        spans += f"<span>{article.view_count:,}</span>"
    return f'<div data-testid="RowWithDivider" class="index_dividerRow__i17Oz">{spans}</div>'


def _day(at: datetime) -> str:
    local = at + SITE_HOURS
    return f"{local:%b} {local.day}, {local.year}"


def _alternates(path: str) -> str:
    links = [
        f'<link rel="alternate" href="{ORIGIN}/{locale}{path}" hreflang="{locale}">'
        for locale in LOCALES
    ]
    return "".join(links) + f'<link rel="alternate" href="{ORIGIN}{path}" hreflang="en">'


def _crumbs(section: Section) -> tuple[tuple[str, str], ...]:
    return (
        ("Support center", "/help"),
        (CATEGORIES[section.category], f"/help/category/{section.category}"),
        (section.title, f"/help/section/{section.slug}"),
    )


def _linked_data(
    path: str, crumbs: Sequence[tuple[str, str]], article: Article | None
) -> Iterator[str]:
    steps = [
        {"@type": "ListItem", "position": n, "name": name, "item": ORIGIN + href}
        for n, (name, href) in enumerate(crumbs, 1)
    ]
    found: list[dict[str, Any]] = [{"@type": "BreadcrumbList", "itemListElement": steps}]
    if article:
        found.append(
            {
                "@type": "Article",
                "headline": article.title,
                "datePublished": _instant(article.published_at),
                "dateModified": _instant(article.updated_at),
            }
        )
    for data in found:
        yield f'<script type="application/ld+json">{_json(data)}</script>'


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
