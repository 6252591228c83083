"""What `helpwatch serve` shows first: the home page of the demo, and its articles."""

import shutil
import sqlite3
from contextlib import closing

import msgspec
import pytest
from lxml import html as lxml_html

from db.errors import NotInDatabase
from reports import article_page, home_page
from tracker.run import browsing
from tracker.run.config import load


@pytest.fixture
def database(demo, tmp_path):
    """A copy of the demo's database, open; the schedule's own judgement needs the configuration."""
    path = shutil.copy(demo.folder / "helpwatch.db", tmp_path / "demo copy.db")
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.fixture
def config(demo):
    return msgspec.structs.replace(load(demo.folder / "helpwatch.toml"), database="demo copy.db")


def page_of(html):
    return lxml_html.document_fromstring(html)


def text_of(element):
    return " ".join(element.text_content().split())


def section(page, name):
    return text_of(page.get_element_by_id(name))


def article_id(connection, slug):
    found = connection.execute("SELECT id FROM articles WHERE slug = ?", [slug]).fetchone()
    return found[0]


def test_the_home_page_shows_the_last_crawl_and_what_needs_a_look(database, config):
    page = page_of(home_page.render(browsing.home(database, config, None)))
    assert "13 changes on help.demo.example" in text_of(page.find(".//h1"))
    look = section(page, "look")
    assert "No crawl since 2026-04-19" in look
    assert "The same edit on 4 articles" in look
    # Of a group every word that was found in any of its articles.
    assert "Fees (normal)" in look and "Limits (normal)" in look
    assert "Withdrawals of PELT have resumed" in look
    assert "Proof of reserves for March 2026" not in look
    assert "18 of 18 listings read to the end" in section(page, "health")
    recent = section(page, "recent")
    assert "Proof of reserves for March 2026" in recent
    assert "A new updated date on 6 articles, with the same text" in recent
    assert "2,940x its usual" in section(page, "trending")


def test_every_article_that_the_home_page_names_has_its_page(database, config):
    page = page_of(home_page.render(browsing.home(database, config, "demo")))
    links = [link for link in page.xpath("//main//a/@href") if link.startswith("/-/article/")]
    assert len(set(links)) > 20
    for link in set(links):
        name = int(link.rsplit("/", 1)[1])
        shown = page_of(article_page.render(browsing.history(database, config, name)))
        assert text_of(shown.find(".//h1"))
    assert "/demo%20copy/search" in page.xpath("//form/@action")


def test_an_article_has_its_timeline_versions_redlines_views_and_reads(database, config):
    name = article_id(database, "how-do-i-set-up-a-recurring-buy-plan")
    page = page_of(article_page.render(browsing.history(database, config, name)))
    events = [text_of(heading) for heading in page.xpath("//*[@id='timeline']//h3")]
    assert events == [
        "Updated 19 Apr 2026, 06:00 UTC",
        "Updated 18 Apr 2026, 06:00 UTC",
        "First recorded 17 Apr 2026, 06:00 UTC",
    ]
    timeline = page.get_element_by_id("timeline")
    assert "The text of version 1 is back." in text_of(timeline)
    assert timeline.xpath(".//div[@class='redline']//del")[0].text == "0.12%"
    assert [row.text for row in page.xpath("//*[@id='versions']//tbody//th")] == ["3", "2", "1"]
    assert "version 3" in section(page, "reads")
    assert page.xpath("//*[@id='views']//*[local-name() = 'svg']/@aria-label")
    assert "50" in section(page, "views")


def test_an_article_known_from_listings_alone_says_so(database, config):
    name = article_id(database, "internal-handbook")
    page = page_of(article_page.render(browsing.history(database, config, name)))
    assert "known from listings alone" in section(page, "timeline")
    assert "robots.txt disallows this address" in section(page, "reads")


def test_changes_of_a_suspect_crawl_are_held_back_on_the_home_page_too(database, config):
    database.execute(
        "UPDATE changes SET detail = json_set(detail, '$.suspect', 1) WHERE crawl_id = 3"
    )
    page = page_of(home_page.render(browsing.home(database, config, None)))
    assert "13 changes held back" in section(page, "look")
    assert "Withdrawals of PELT" not in section(page, "recent")


def test_a_database_without_a_crawl_says_so(store, tmp_path, config):
    with closing(sqlite3.connect(tmp_path / "helpwatch.db")) as connection:
        page = page_of(home_page.render(browsing.home(connection, config, None)))
    assert "Nothing was crawled" in text_of(page.find(".//h1"))


def test_what_there_is_not_is_named(database, config):
    with pytest.raises(NotInDatabase, match="known: demo"):
        browsing.home(database, config, "okx")
    with pytest.raises(NotInDatabase, match="no article 0"):
        browsing.history(database, config, 0)
