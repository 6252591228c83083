"""The languages of the demo centre: English in full, and a few articles in simplified Chinese."""

from dataclasses import dataclass
from datetime import datetime

from spiders.demo.sections import CATEGORIES, FAQ_ZH_HANS, Category, Section

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One locale: where its pages are, which they are, and the words around them."""

    locale: str
    prefix: str
    """What stands in front of /help in its addresses."""
    hreflang: str
    language: str
    """As the page's data call it."""
    files: tuple[str, ...]
    categories: tuple[Category, ...]
    home: str
    question: str
    published: str
    updated: str
    reading: str
    showing: tuple[str, str, str]
    """Around first and last entry and the total of a list."""
    related: str
    results: str
    all_tab: str

    def at(self, path: str) -> str:
        """The address of a page in this edition, from that in the English one."""
        return self.prefix + path

    def category_named(self, slug: str) -> Category | None:
        return next((category for category in self.categories if category.slug == slug), None)

    def section_named(self, slug: str) -> tuple[Category, Section] | None:
        """A section and its category."""
        for category in self.categories:
            for section in category.sections:
                if section.slug == slug:
                    return category, section
        return None

    def day(self, local: datetime) -> str:
        """A calendar day as readers see it: `Apr 5, 2026`, `2026年4月5日`."""
        if self is ZH_HANS:
            return f"{local.year}年{local.month}月{local.day}日"
        return f"{MONTHS[local.month - 1]} {local.day}, {local.year}"


ENGLISH = Edition(
    locale="en",
    prefix="",
    hreflang="en",
    language="en-US",
    files=("faq.md", "announcements.md", "product_documents.md"),
    categories=CATEGORIES,
    home="Support center",
    question="How can we help?",
    published="Published on {}",
    updated="Updated on {}",
    reading="{} min read",
    showing=("Showing ", " of ", " articles"),
    related="Related articles",
    results="Search results",
    all_tab="All",
)
ZH_HANS = Edition(
    locale="zh-hans",
    prefix="/zh-hans",
    hreflang="zh-Hans",
    language="zh-CN",
    files=("faq_zh_hans.md",),
    categories=(FAQ_ZH_HANS,),
    home="帮助中心",
    question="需要什么帮助？",
    published="发布于 {}",
    updated="更新于 {}",
    reading="阅读时长 {} 分钟",
    showing=("第 ", " 篇，共 ", " 篇"),
    related="相关文章",
    results="搜索结果",
    all_tab="全部",
)
EDITIONS = (ENGLISH, ZH_HANS)


def edition_of(path: str) -> tuple[Edition, str]:
    """The edition that an address belongs to, and the address without its prefix."""
    if path.startswith(f"{ZH_HANS.prefix}/"):
        return ZH_HANS, path.removeprefix(ZH_HANS.prefix)
    return ENGLISH, path
