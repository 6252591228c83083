"""The page of one article: its data, its header row, its body, and the chrome around the body."""

from html import escape
from math import ceil
from typing import Any

from spiders.demo import blocks, bodies
from spiders.demo.articles import Article, editions_with
from spiders.demo.centre import Centre, views_on, visible_dates
from spiders.demo.listing_data import section_data
from spiders.demo.sections import ORIGIN, stable_id
from spiders.demo.skeleton import (
    Look,
    Page,
    breadcrumbs,
    date_row,
    shortened,
)

IMAGE_HOSTS = {
    1: ("https://static.demo.example", "?x-process=image/format,webp"),
    2: ("https://static2.demo.example", "?v=20260417"),
    3: ("https://cdn.demo.example", "?v=20260418&x-process=image/format,avif"),
}
WORDS_PER_MINUTE = {1: 100, 2: 100, 3: 120}
SOCIAL = {
    1: (("Get the app", "/download"), ("Follow us on X", "https://x.com/demo-exchange-example")),
    2: (("Get the app", "/download"), ("Follow us on X", "https://x.com/demo-exchange-example")),
    3: (("Follow us on X", "https://x.com/demo-exchange"), ("Our forum", "/community")),
}
"""The social footer stands after the text and is no part of it; on day 3 it changes."""


def article_page(article: Article, centre: Centre, look: Look) -> Page:
    """The page of an article that answers."""
    text = _with_images(article.body, look.day)
    body = blocks.parse(text)
    minutes = ceil(len(text.split()) / WORDS_PER_MINUTE[look.day])
    category, section = article.place
    path = f"/help/{article.slug}"
    editions = editions_with(article.slug)
    above = (
        look.home,
        (category.title, f"/help/category/{category.slug}"),
        (section.title, f"/help/section/{section.slug}"),
    )
    description = shortened(next(filter(None, map(blocks.plain, body))))
    likes = sum(map(ord, article.slug)) % 40 + look.day
    return Page(
        title=article.title,
        description=description,
        canonical=path,
        content=breadcrumbs(above, "Article", look) + _markup(article, body, minutes, centre, look),
        initial_props={
            "articleLikes": {"like": likes, "dislike": likes // 9},
            "content": {"headings": [], "readingTime": minutes},
        },
        server_props={
            "currentPost": _post(article, text, body, look),
            "supportLocales": [edition.language for edition in editions],
        },
        url_key="%2Fhelp%2F%5Bslug%5D",
        crumbs=(*above, (article.title, path)),
        linked_data=(_linked_data(article, look.at(path)),),
        editions=editions,
    )


def _with_images(text: str, day: int) -> str:
    """The text with its `cdn:` addresses written out: host and query change, the path stays."""
    host, query = IMAGE_HOSTS[day]
    return "\n".join(
        line.replace("(cdn:", f"({host}/cdn/assets/imgs/").removesuffix(")") + f"{query})"
        if line.startswith("![")
        else line
        for line in text.split("\n")
    )


def _post(
    article: Article, text: str, body: tuple[blocks.Block, ...], look: Look
) -> dict[str, Any]:
    post = {
        "id": article.source_id,
        "slug": article.slug,
        "title": article.title,
        "section": section_data(article.place[1], article.category, brief=True),
        "footers": [
            {
                "id": stable_id("social footer"),
                "content": "\n\n".join(f"[{name}]({href})" for name, href in SOCIAL[look.day]),
                "type": "social",
                "isExpandable": False,
            }
        ],
        "tags": [],
        "publishTime": article.published,
        "createdAt": article.created,
        "updatedAt": article.updated,
        "isStandalone": False,
        "isRichText": article.is_rich_text,
    }
    if article.is_rich_text:
        return post | {"richTextContent": bodies.tree(body)}
    return post | {"content": text}


def _linked_data(article: Article, path: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Article",
        "mainEntityOfPage": {"@type": "WebPage", "@id": ORIGIN + path},
        "headline": article.title,
        "author": {"@type": "Organization", "name": "Demo Exchange", "url": ORIGIN},
        "publisher": {"@type": "Organization", "name": "Demo Exchange"},
        "datePublished": article.published,
        "dateModified": article.updated,
    }


def _markup(
    article: Article,
    body: tuple[blocks.Block, ...],
    minutes: int,
    centre: Centre,
    look: Look,
) -> str:
    kind = "richTextContent" if article.is_rich_text else "markdownContent"
    shown = bodies.markup(body, is_rich_text=article.is_rich_text, gap=look.gap)
    return (
        f'<div id="article-container" class="{look.cls("articleWrap")}">'
        f'<article aria-label="{escape(article.title)}">{_header(article, minutes, look)}'
        f'<div class="{look.cls("articleContainer")}">'
        f'<div class="{look.cls("contentContainer")}"><div class="{look.cls("content")}">'
        f'<div class="{look.cls(kind)}">{shown}</div>{_social(look)}</div></div>'
        f'<div class="{look.cls("articleSidebarContainer")}">{_related(article, centre, look)}'
        "</div></div></article></div>"
    )


def _header(article: Article, minutes: int, look: Look) -> str:
    dates = visible_dates(article)
    extras = [look.edition.reading.format(minutes)]
    views = views_on(article, look.day)
    if views is not None and article.category.shows_views:
        extras.append(f"{views:,}")
    url = escape(ORIGIN + look.at(f"/help/{article.slug}"))
    shares = "".join(
        f'<a href="https://{host}?url={url}&amp;text={escape(article.title)}" target="_blank"'
        f' rel="noopener nofollow" data-testid="icon-{name}" aria-label="Share article"></a>'
        for name, host in (("twitter", "x.com/intent/post"), ("telegram", "t.me/share/url"))
    )
    return (
        f'<div class="{look.cls("headerContainer")}"><div class="{look.cls("article-row")}">'
        f'<h1 class="{look.cls("article-title-h1")}">{escape(article.title)}</h1></div>'
        f'<div class="{look.cls("detail-row")}">{date_row(dates, extras, look, "timeWrap")}'
        f'<div class="{look.cls("shareContainer")}">{shares}</div></div></div>'
    )


def _social(look: Look) -> str:
    links = "\n".join(f'<p><a href="{href}">{name}</a></p>' for name, href in SOCIAL[look.day])
    name = f"footer-{stable_id('social footer')}"
    return (
        f'<div class="{look.cls("footerContainer")}"><div data-testid="footer"'
        f' class="{look.cls("footer")}"><div id="{name}" data-testid="{name}">{links}</div>'
        "</div></div>"
    )


def _related(article: Article, centre: Centre, look: Look) -> str:
    """Two neighbours, other ones each day."""
    others = [other for other in centre.listed(article.category) if other.slug != article.slug]
    start = (len(article.slug) + look.day * 3) % len(others)
    links = "".join(
        f'<li><a href="{look.at(f"/help/{other.slug}")}">{escape(other.title)}</a></li>'
        for other in (others * 2)[start : start + 2]
    )
    return (
        f'<div class="{look.cls("inner")}"><div role="heading" aria-level="2">'
        f"{look.edition.related}</div><ul>{links}</ul></div>"
    )
