"""Sections and list entries as the pages' own data give them."""

from typing import Any

from spiders.demo.articles import Article
from spiders.demo.sections import SECTIONS, Category, Section, stable_id


def category_data(category: Category) -> dict[str, Any]:
    return {
        "id": stable_id(f"category {category.slug}"),
        "title": category.title,
        "slug": category.slug,
        "showRating": category.shows_views,
        "showPublishTime": True,
        "showUpdateTime": category.shows_updated_date,
        "showSidebar": False,
        "showReadingTime": True,
        "isFirstSectionUsingTag": category.first_is_tag,
    }


def section_data(section: Section, category: Category, *, brief: bool = False) -> dict[str, Any]:
    """A section; `brief` is the form inside an article, without what lies above and below it."""
    data = {
        "slug": section.slug,
        "title": section.title,
        "description": section.description,
        "contentType": "tag" if section.lists_all else "section",
        "priority": 80 - 10 * category.sections.index(section),
        "id": stable_id(f"section {section.slug}"),
        "category": category_data(category),
        "level": 1 if section.parent else 0,
    }
    if brief:
        return data
    above = [SECTIONS[section.parent]] if section.parent else []
    return data | {
        "subSections": [section_data(below, category) for below in category.below(section)],
        "ancestors": [section_data(parent, category, brief=True) for parent in above],
        "seo": {"title": section.title, "description": section.description, "noindex": False},
    }


def entry_data(article: Article) -> dict[str, str]:
    return {
        "id": article.source_id,
        "slug": article.slug,
        "title": article.title,
        "createdAt": article.created,
        "updatedAt": article.updated,
        "publishTime": article.published,
    }
