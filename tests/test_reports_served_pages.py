"""The pages of `helpwatch serve`: page text stays text in them."""

import pytest
from lxml import html as lxml_html

from report_findings import article, findings, found, hostile, usual_day
from report_golden import HOSTILE_TEXTS
from reports import article_page, home_page
from reports.safe_text import visible
from served_pages import history, home

PAGES = {
    "home": lambda text: home_page.render(
        home(hostile(text), problems=[text], sites=["demo", "okx"])
    ),
    "article": lambda text: article_page.render(history(text)),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_page_text_never_becomes_markup(page, name):
    render = PAGES[page]
    source = render(HOSTILE_TEXTS[name])
    source.encode("utf-8")
    assert source == visible(source)
    shown = lxml_html.document_fromstring(source)
    plain = lxml_html.document_fromstring(render("harmless"))
    assert {e.tag for e in shown.iter()} <= {e.tag for e in plain.iter()}
    links = {link.split(":")[0] for link in shown.xpath("//@href | //@action")}
    assert all(link[:1] in "/#" or link in ("http", "https") for link in links)
    assert len(source) < 200_000


def test_forms_ask_their_own_server_and_nobody_else():
    source = home_page.render(home(usual_day()))
    assert "form-action &#39;self&#39;" in source or "form-action 'self'" in source


def test_where_nothing_needs_a_look_that_is_said():
    shown = lxml_html.document_fromstring(home_page.render(home(findings())))
    look = " ".join(shown.get_element_by_id("look").text_content().split())
    assert "Nothing: no change of high severity in the 7 days up to the newest crawl" in look


def test_a_mass_stamp_is_one_row_of_the_recent_changes():
    stamp = {"group": {"key": "date", "size": 412}}
    changes = [found("touched", article(n), severity="low", detail=stamp) for n in range(412)]
    shown = lxml_html.document_fromstring(home_page.render(home(findings(*changes))))
    rows = shown.get_element_by_id("recent").xpath(".//tbody/tr")
    assert len(rows) == 1
    assert "A new updated date on 412 articles" in rows[0].text_content()
    assert "and 362 more" in rows[0].text_content()
