"""The pages that name articles: home, category, section, search; 15 entries a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

from spiders.demo import search
from spiders.demo.articles import Article
from spiders.demo.centre import Centre, views_on, visible_dates
from spiders.demo.editions import EDITIONS
from spiders.demo.listing_data import category_data, entry_data, section_data
from spiders.demo.sections import Category, Section
from spiders.demo.skeleton import Crumb, Look, Page, breadcrumbs, date_row

PER_PAGE = 15


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a listing: `number` counts from 1."""

    articles: Sequence[Article]
    number: int
    total: int

    @property
    def page_count(self) -> int:
        return max(1, ceil(self.total / PER_PAGE))

    @property
    def skip(self) -> int:
        return (self.number - 1) * PER_PAGE


def page_of(articles: Sequence[Article], number: int) -> Slice | None:
    """The slice of a page number; None where the listing has no such page."""
    found = Slice(articles[(number - 1) * PER_PAGE : number * PER_PAGE], number, len(articles))
    return found if 1 <= number <= found.page_count else None


def home_page(look: Look) -> Page:
    """The front page: it links the categories and lists no article."""
    links = "".join(
        f'<li><a href="{look.at(f"/help/category/{category.slug}")}" rel="noopener"'
        f' class="demoui-powerLink-a11y {look.cls("card")}">'
        f'<div role="heading" aria-level="2">{escape(category.title)}</div></a></li>'
        for category in look.edition.categories
    )
    return Page(
        title=look.edition.home,
        description="Answers, announcements and product documents",
        canonical="/help",
        content=(
            f'<h1>{look.edition.question}</h1><ul class="{look.cls("categories")}">{links}</ul>'
        ),
        initial_props={},
        server_props={"categories": [category_data(one) for one in look.edition.categories]},
        url_key="%2Fhelp",
        editions=EDITIONS,
    )


def category_page(category: Category, centre: Centre, look: Look) -> Page:
    """A category's own page: its first section where that is a tag, else cards of its sections."""
    if category.first_is_tag:
        first = category.sections[0]
        part = page_of(centre.in_section(first, category), 1)
        return section_page(first, category, part, look, is_on_category=True)
    cards = "".join(
        f'<section><h2><a href="{look.at(f"/help/section/{section.slug}")}" rel="noopener">'
        f"{escape(section.title)}</a></h2><p>{escape(section.description)}</p></section>"
        for section in category.top_sections
    )
    path = f"/help/category/{category.slug}"
    return Page(
        title=category.title,
        description=f"{category.title} by section",
        canonical=path,
        content=(
            breadcrumbs((look.home,), category.title, look)
            + f"<h1>{escape(category.title)}</h1>{_navigation(category, None, look)}{cards}"
        ),
        initial_props={"sectionData": {"allSections": _all_sections(category)}},
        server_props={
            "page": 1,
            "isOnCategory": True,
            "isOnWeb3Site": False,
            "category": category_data(category),
        },
        url_key="%2Fhelp%2Fcategory%2F%5Bslug%5D",
        crumbs=(look.home, (category.title, path)),
        editions=[one for one in EDITIONS if one.category_named(category.slug)],
    )


def section_page(
    section: Section, category: Category, part: Slice, look: Look, *, is_on_category: bool = False
) -> Page:
    """One page of a section's listing."""
    path = f"/help/section/{section.slug}"
    above: tuple[Crumb, ...] = (look.home, (category.title, f"/help/category/{category.slug}"))
    canonical = path if part.number == 1 else f"{path}/page/{part.number}"
    return Page(
        title=f"{section.title} | {category.title}",
        description=section.description,
        canonical=above[-1][1] if is_on_category else canonical,
        content=(
            breadcrumbs(above, section.title, look)
            + f'<div class="{look.cls("titleHeader")}"><h1>{escape(category.title)}</h1>'
            f"<h2>{escape(section.title)}</h2></div>"
            f'<div class="{look.cls("mainWrap")}">{_navigation(category, section, look)}'
            f'<div class="{look.cls("listWrap")}">'
            + _list(part, f"Articles in {section.title}", look.at(path), look)
            + "</div></div>"
        ),
        initial_props={
            "sectionData": {
                "articleList": {
                    "sys": {"type": "Array"},
                    "total": part.total,
                    "skip": part.skip,
                    "limit": PER_PAGE,
                    "items": [entry_data(article) for article in part.articles],
                },
                "allSections": _all_sections(category),
                "currSection": section_data(section, category),
            }
        },
        server_props={
            "page": part.number,
            "isOnCategory": is_on_category,
            "isOnWeb3Site": False,
            "sectionOutline": section_data(section, category),
        },
        url_key="%2Fhelp%2Fsection%2F%5Bslug%5D%2Fpage%2F%5Bpage%5D",
        crumbs=(*above, (section.title, path)),
    )


def search_page(category: Category | None, term: str, part: Slice, look: Look) -> Page:
    """One page of a search: the rows of a listing, with an excerpt each. Its data hold no rows.

    `category` None is the All tab, whose rows name their category.
    """
    path = search.address(category, term)
    tabs = "".join(
        f'<a role="tab" href="{escape(look.at(search.address(tab, term)))}"'
        f' aria-selected="{str(tab is category).lower()}">'
        f"{tab.tab if tab else look.edition.all_tab}</a>"
        for tab in (None, *look.edition.categories)
    )
    rows = {article.slug: search.excerpt(article, term) for article in part.articles}
    return Page(
        title=f"Search results for {term}" if term else "Search results",
        description="Search the support center",
        canonical="/help/search",
        content=(
            breadcrumbs((look.home,), "Search", look)
            + f'<h1>{look.edition.results}</h1><div role="tablist">{tabs}</div>'
            f'<div class="{look.cls("listWrap")}">'
            + _list(part, "Search results", look.at(path), look, rows, has_labels=not category)
            + "</div>"
        ),
        initial_props={},
        server_props={
            "page": part.number,
            "category": category.slug if category else "all",
            "term": term,
        },
        url_key="%2Fhelp%2Fsearch",
    )


def _all_sections(category: Category) -> list[dict]:
    return [section_data(section, category) for section in category.top_sections]


def _navigation(category: Category, current: Section | None, look: Look) -> str:
    """The category's sections, those below a section nested in its item."""

    def items(sections: Sequence[Section]) -> str:
        return "".join(
            f'<li><div class="{look.cls("navBaseItem")}">'
            f'<a href="{look.at(f"/help/section/{section.slug}")}"'
            f' rel="noopener"{_current(section is current)} class="demoui-powerLink-a11y">'
            f'<div role="heading" aria-level="2" class="{look.cls("titleWrap")}">'
            f"{escape(section.title)}</div></a></div>"
            + (f"<ul>{items(below)}</ul>" if (below := category.below(section)) else "")
            + "</li>"
            for section in sections
        )

    return (
        f'<div class="{look.cls("navWrap")}"><nav aria-label="{escape(category.title)}">'
        f'<ul data-category="false">{items(category.top_sections)}</ul></nav></div>'
    )


def _current(is_current: bool) -> str:
    return ' aria-current="page"' if is_current else ""


def _list(
    part: Slice,
    label: str,
    path: str,
    look: Look,
    summaries: dict[str, str] | None = None,
    *,
    has_labels: bool = False,
) -> str:
    rows = look.gap.join(
        _row(article, look, (summaries or {}).get(article.slug), has_label=has_labels)
        for article in part.articles
    )
    first, last = part.skip + 1, part.skip + len(part.articles)
    before, between, behind = look.edition.showing
    return (
        f'<ul class="{look.cls("list")}" aria-label="{escape(label)}"'
        f' aria-describedby="help-load-more-desc">{rows}</ul>'
        f'<div class="{look.cls("paginationWrap")}">{_pagination(part, path)}'
        f'<span id="help-load-more-desc">{before}<!-- -->{first}<!-- -->-<!-- -->{last} <!-- -->'
        f"{between}<!-- -->{part.total}<!-- -->{behind}</span></div>"
    )


def _row(article: Article, look: Look, summary: str | None, *, has_label: bool) -> str:
    """Title, excerpt in a search, dates, label on the All tab, views of FAQ articles."""
    category = article.category
    extras = [category.label] if has_label else []
    views = views_on(article, look.day)
    if views is not None and category.shows_views:
        extras.append(f"{views:,}")
    shown = f'<div class="{look.cls("summary")}">{escape(summary)}</div>' if summary else ""
    return (
        f'<li class="{look.cls("articleItem")}">'
        f'<a href="{look.at(f"/help/{article.slug}")}" rel="noopener"'
        f' class="demoui-powerLink-a11y {look.cls("articleLink")}">'
        f'<div class="{look.cls("title")} {look.cls("articleTitle")}">{escape(article.title)}</div>'
        f"{shown}{date_row(visible_dates(article), extras, look, 'detailsRow')}</a></li>"
    )


def _pagination(part: Slice, path: str) -> str:
    """Page numbers, the page itself not a link, between arrows where there is somewhere to go."""
    if part.page_count == 1:
        return ""

    def address(number: int) -> str:
        return escape(search.page_address(path, number))

    pagers = [
        f'<div class="demoui-pagination-item-active" data-testid="okd-pagination-pager">{n}</div>'
        if n == part.number
        else f'<a href="{address(n)}" rel="noopener" data-testid="okd-pagination-pager">{n}</a>'
        for n in range(1, part.page_count + 1)
    ]
    arrows = {
        name: f'<a href="{address(n)}" rel="noopener" aria-disabled="false"'
        f' data-testid="okd-pagination-{name}-icon"></a>'
        for name, n in (("prev", part.number - 1), ("next", part.number + 1))
        if 1 <= n <= part.page_count
    }
    inner = arrows.get("prev", "") + "".join(pagers) + arrows.get("next", "")
    return f'<ul class="demoui-pagination">{inner}</ul>'
