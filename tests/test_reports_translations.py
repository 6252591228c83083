"""Translations behind: told in every report, and only where there are any."""

import io
import json
from datetime import timedelta

import pytest
from rich.console import Console

from report_findings import NOW, article, findings
from report_golden import HOSTILE_TEXTS
from reports import data, markdown, terminal, webpage
from reports.safe_text import visible
from tracker.findings import LaggingTranslation, TranslationsBehind


def behind(number=1, title="How are trading fees set?", locales=("de", "zh-hans")):
    return TranslationsBehind(
        article=article(number, title),
        changed_at=NOW,
        translations=[
            LaggingTranslation(
                article=article(
                    100 * number + n, locale=locale, url=f"https://www.okx.com/{locale}/help/x"
                ),
                text_captured_at=NOW - timedelta(days=30),
                read_at=NOW,
            )
            for n, locale in enumerate(locales)
        ],
    )


def on_terminal(told):
    console = Console(file=io.StringIO(), width=120, _environ={})
    terminal.print_summary(told, console)
    return console.file.getvalue()


RENDERERS = {"html": webpage.render, "markdown": markdown.render, "terminal": on_terminal}


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
def test_each_document_names_the_article_its_change_and_the_locales_behind(render):
    shown = render(findings(translations_behind=[behind()]))
    _, _, section = shown.partition("Translations behind")
    for word in ("How are trading fees set?", "18 Apr 2026, 06:00 UTC", "de", "zh"):
        assert word in section


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
def test_nothing_is_said_where_no_translation_lags(render):
    assert "Translations behind" not in render(findings())


def test_json_holds_both_articles_and_the_instants():
    told = json.loads(data.render_json(findings(translations_behind=[behind()])))
    (item,) = told["translations_behind"]
    assert (item["article"]["locale"], item["changed_at"]) == ("en", "2026-04-18T06:00:00Z")
    assert [lag["article"]["locale"] for lag in item["translations"]] == ["de", "zh-hans"]
    assert item["translations"][0]["text_captured_at"] == "2026-03-19T06:00:00Z"
    assert item["translations"][0]["read_at"] == "2026-04-18T06:00:00Z"


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
def test_page_text_in_it_stays_text(render, name):
    text = HOSTILE_TEXTS[name][:5_000]
    shown = render(findings(translations_behind=[behind(title=text, locales=(text[:60],))]))
    assert shown == visible(shown)
    if render is webpage.render:
        assert "<script" not in shown and "<img" not in shown


def test_a_long_list_is_cut_and_counted():
    many = findings(translations_behind=[behind(n) for n in range(1, 131)])
    assert "And 80 more articles." in markdown.render(many)
    assert "And 30 more." in webpage.render(many)
    assert "and 90 more articles" in on_terminal(many)
