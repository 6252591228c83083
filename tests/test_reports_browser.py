"""The web pages in a real browser: for every reader, light and dark, narrow and wide, on paper."""

from dataclasses import replace

import pytest

from browser import DESKTOP, PHONE
from report_findings import (
    FEE_DIFF,
    crawl,
    findings,
    found,
    hostile,
    many_changes,
    quiet_day,
    troubled_day,
    usual_day,
)
from report_findings import version as text
from report_golden import HOSTILE_TEXTS
from reports import article_page, home_page, webpage
from served_pages import history, home
from tracker.run.archive import write_reports

LIGHT_PAPER, DARK_PAPER = "rgb(252, 251, 248)", "rgb(23, 23, 22)"
UNFOLD = "document.querySelectorAll('details').forEach(details => { details.open = true; })"


def period():
    """Net changes with their steps, and one that was taken back."""
    texts = {"from_version": text(1, 1, "Before."), "to_version": text(1, 2, "After.")}
    steps = tuple(found("silent_edit", diff=FEE_DIFF, **texts) for _ in range(2))
    return findings(
        found("updated", id=1, diff=FEE_DIFF, steps=steps, **texts),
        crawls=(crawl(1), crawl(2), crawl(3)),
        taken_back=(found("retitled", before="a", after="b", steps=steps),),
    )


def archive(tmp_path):
    for number, told in enumerate((usual_day(), troubled_day()), start=1):
        write_reports(replace(told, crawls=(crawl(number),)), tmp_path, ["html", "json"])
    return (tmp_path / "index.html").read_text()


PAGES = {
    "usual": lambda tmp_path: webpage.render(usual_day()),
    "quiet": lambda tmp_path: webpage.render(quiet_day()),
    "troubled": lambda tmp_path: webpage.render(troubled_day()),
    "period": lambda tmp_path: webpage.render(period()),
    "large": lambda tmp_path: webpage.render(many_changes(8)),
    "archive": archive,
    "home": lambda tmp_path: home_page.render(home(usual_day(), problems=["No crawl came."])),
    "article": lambda tmp_path: article_page.render(history()),
}


@pytest.fixture
def visit(browser, tmp_path):
    """`visit(html, width, dark=...)`: the page in the browser, from a file as a reader has it."""

    def opened(html, width=DESKTOP, *, dark=False):
        path = tmp_path / "visited.html"
        path.write_text(html, encoding="utf-8")
        return browser.page(path.as_uri(), width, dark=dark)

    return opened


@pytest.mark.parametrize(
    ("width", "dark"), [(PHONE, False), (DESKTOP, True)], ids=["phone-light", "desktop-dark"]
)
@pytest.mark.parametrize("name", PAGES)
def test_the_page_breaks_no_rule_asks_for_nothing_and_fits(tmp_path, visit, name, width, dark):
    with visit(PAGES[name](tmp_path), width, dark=dark) as page:
        assert len(page.requests) == 1
        assert page.complaints == []
        assert page.overflow() == 0
        paper = page.ask("getComputedStyle(document.body).backgroundColor")
        assert paper == (DARK_PAPER if dark else LIGHT_PAPER)
        # What is folded is not judged, and must hold as well.
        page.ask(UNFOLD)
        assert page.overflow() == 0
        broken, kept = page.broken_rules()
        assert broken == []
        assert kept > 15


def test_the_rules_do_find_what_is_wrong(visit):
    html = webpage.render(usual_day()).replace('<html lang="en">', "<html>")
    with visit(html) as page:
        page.ask("document.documentElement.style.setProperty('--quiet', '#bbbbbb')")
        broken, _ = page.broken_rules()
        assert {name for name, _ in broken} == {"html-has-lang", "color-contrast"}


def test_what_the_console_says_and_what_is_asked_for_is_seen(visit):
    html = "<title>x</title><img src='http://127.0.0.1:9/x'><script>console.log(1); y()</script>"
    with visit(html) as page:
        assert "http://127.0.0.1:9/x" in page.requests
        assert len(page.complaints) >= 2


def test_what_is_folded_unfolds_by_a_click_and_by_the_keyboard(visit):
    with visit(webpage.render(usual_day())) as page:
        states = "[...document.querySelectorAll('details')].map(details => details.open)"
        assert set(page.ask(states)) == {False}
        seen = "document.querySelector('.members table').checkVisibility()"
        assert page.ask(seen) is False
        page.ask("document.querySelector('.members summary').click()")
        assert page.ask(seen) is True
        page.ask("document.querySelector('.members summary').focus()")
        for kind in ("keyDown", "keyUp"):
            page.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key="Enter",
                text="\r",
                windowsVirtualKeyCode=13,
            )
        assert page.ask(seen) is False


def test_tables_stay_tables_where_their_rows_are_shown_as_cards(visit):
    with visit(webpage.render(troubled_day()), PHONE) as page:
        shown = "getComputedStyle(document.querySelector('.stack tbody tr')).display"
        assert page.ask(shown) == "flex"
        tree = page.tree()
    assert ("table", "Listings that were not seen whole") in tree
    assert ("rowheader", "New listings") in tree
    assert ("columnheader", "Result") in tree
    said = " ".join(name for role, name in tree if role == "StaticText")
    assert "not read to its end (3 pages read)" in said


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_every_anchor_leads_to_its_place(visit, width):
    with visit(webpage.render(period()), width) as page:
        anchors = page.ask(
            "[...document.querySelectorAll('a[href^=\"#\"]')]"
            ".filter(a => a.checkVisibility()).map(a => a.getAttribute('href'))"
        )
        assert {"#health", "#not-checked", "#changes", "#trending", "#coverage"} <= set(anchors)
        for anchor in anchors:
            page.ask(f"document.querySelector('a[href=\"{anchor}\"]').click()")
            place = page.ask(f"document.querySelector('{anchor}').getBoundingClientRect().top")
            at_end = "innerHeight + scrollY >= document.documentElement.scrollHeight - 1"
            assert page.ask("location.hash") == anchor
            assert -1 <= place < 100 or page.ask(at_end), anchor


def test_a_screen_reader_gets_landmarks_headings_tables_and_edits(visit):
    with visit(webpage.render(usual_day())) as page:
        tree = page.tree()
    roles = [role for role, _ in tree]
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert roles.count(landmark) == 1, landmark
    assert ("navigation", "Contents") in tree
    assert {"Health: Healthy", "Changes", "Trending", "Coverage"} <= {
        name for role, name in tree if role == "region"
    }
    assert ("heading", "High severity 2 changes") in tree
    assert ("article", "How are trading fees set?") in tree
    assert ("table", "Changes by kind and severity") in tree
    assert "columnheader" in roles and "rowheader" in roles
    assert {"insertion", "deletion"} <= set(roles)
    said = " ".join(name.strip() for role, name in tree if role == "StaticText")
    assert "book pay [removed: 0.08% ] [added: 0.10% ] of the amount" in said
    assert [name for role, name in tree if role in ("link", "image", "table") and not name] == []


def test_hostile_text_runs_nothing_and_asks_for_nothing(visit):
    origin = "http://127.0.0.1:9"
    text = "".join(value for name, value in HOSTILE_TEXTS.items() if name != "long")
    text += f'<img src="{origin}/image"><link rel=stylesheet href={origin}/style>'
    text += f"<style>@import '{origin}/import';</style><iframe src={origin}/frame></iframe>"
    with visit(webpage.render(hostile(text)), PHONE) as page:
        assert page.ask("document.title") == "www.okx.com, 18 Apr 2026: helpwatch report"
        assert page.ask("document.scripts.length") == 0
        assert len(page.requests) == 1
        assert page.complaints == []
        page.ask(UNFOLD)
        assert page.overflow() == 0


def test_on_paper_everything_is_unfolded(visit):
    """Nothing can be clicked on paper: what is folded is shown, what only leads about is not."""
    with visit(webpage.render(usual_day())) as page:
        page.call("Emulation.setEmulatedMedia", media="print")
        shown = page.ask("document.querySelector('main').innerText")
        assert "Mastercard" in shown
        assert "Cookie notice" in shown
        hidden = "['nav', '.skip'].map(name => document.querySelector(name).checkVisibility())"
        assert page.ask(hidden) == [False, False]
        address = "getComputedStyle(document.querySelector('.change h5 a'), '::after').content"
        assert "https://www.okx.com/help/article-1" in page.ask(address)
        assert page.printed().startswith(b"%PDF-")
