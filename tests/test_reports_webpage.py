"""The HTML report: what it tells, that it is one safe file, and how a real browser takes it."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from report_findings import (
    FEE_DIFF,
    HEALTHY,
    article,
    block,
    findings,
    found,
    hostile,
    listing,
    many_changes,
    quiet_day,
    troubled_day,
    usual_day,
    version,
)
from report_golden import HOSTILE_TEXTS, assert_golden
from reports import outline, webpage
from reports.safe_text import visible
from tracker.textdiff import TextDiff


def page_of(told):
    return lxml_html.document_fromstring(webpage.render(told))


def text_of(element):
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("day", [usual_day, quiet_day, troubled_day])
def test_the_page_is_as_it_was_looked_at(day):
    assert_golden(f"report-{day.__name__.replace('_', '-')}.html", webpage.render(day()))


def test_the_same_findings_give_the_same_bytes():
    assert webpage.render(usual_day()) == webpage.render(usual_day())


# One safe file


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_page_text_never_becomes_markup(name):
    text = HOSTILE_TEXTS[name]
    source = webpage.render(hostile(text))
    source.encode("utf-8")
    assert source == visible(source)
    page = lxml_html.document_fromstring(source)
    plain = page_of(hostile("harmless"))
    assert {e.tag for e in page.iter()} <= {e.tag for e in plain.iter()}
    allowed = {name for e in plain.iter() for name in e.attrib}
    assert {name for e in page.iter() for name in e.attrib} <= allowed
    assert not page.xpath("//script | //img | //iframe | //object | //form | //*[@style]")


def test_every_link_leads_to_http_or_within_the_page():
    for text in HOSTILE_TEXTS.values():
        for href in page_of(hostile(text)).xpath("//@href"):
            assert href.startswith(("https://", "http://", "#"))


def test_the_policy_allows_the_one_style_sheet_and_nothing_else():
    page = page_of(usual_day())
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (style,) = page.xpath("//style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style.text and "@import" not in style.text


def test_nothing_is_fetched_and_nothing_runs():
    page = page_of(usual_day())
    assert not page.xpath(
        "//@src | //@srcset | //link | //script | //@*[starts-with(name(), 'on')]"
    )


@settings(max_examples=25, deadline=None)
@given(st.text())
def test_any_title_gives_a_page_that_shows_it(title):
    told = findings(found("retitled", article(1, title), before=title, after="x"))
    source = webpage.render(told)
    assert source == visible(source)
    heading = lxml_html.document_fromstring(source).xpath("//h5")[0]
    assert text_of(heading) == (" ".join(visible(title).split()) or "(untitled)")


# For everyone


def test_headings_go_down_one_step_at_a_time_from_one_headline():
    levels = [int(h.tag[1]) for h in page_of(usual_day()).xpath("//h1|//h2|//h3|//h4|//h5")]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_landmarks_ids_and_references_hold_together():
    page = page_of(usual_day())
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.xpath(f"//body/{landmark}")) == 1
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    named = page.xpath("//@aria-labelledby") + [
        ref[1:] for ref in page.xpath("//a/@href[starts-with(., '#')]")
    ]
    assert set(named) <= set(ids)


def test_tables_have_captions_and_headers():
    for table in page_of(usual_day()).xpath("//table"):
        assert table.xpath("./caption") and table.xpath("./thead//th[@scope='col']")
        assert all(row.xpath("./th[@scope='row']") for row in table.xpath("./tbody/tr"))


def test_edits_are_announced_in_words_not_only_in_colour():
    style = page_of(usual_day()).xpath("//style")[0].text
    assert 'ins::before { content: " [added: "; }' in style
    assert 'del::before { content: " [removed: "; }' in style
    assert "text-decoration: line-through" in style and "text-decoration: underline" in style


def luminance(colour):
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme):
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for text."""
    style = page_of(usual_day()).xpath("//style")[0].text
    first, second = style.split("prefers-color-scheme: dark")[:2]
    colours = dict(
        re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", first if scheme == "light" else second)
    )
    grounds = [colours[name] for name in ("paper", "raised", "bad-paper", "warn-paper")]
    for ink in ("ink", "quiet", "link", "good", "warn", "bad"):
        assert min(contrast(colours[ink], ground) for ground in grounds) >= 4.5, ink
    assert contrast(colours["ins-ink"], colours["ins"]) >= 4.5
    assert contrast(colours["del-ink"], colours["del"]) >= 4.5


# What it tells


def test_a_change_has_title_link_section_locale_dates_and_what_was_touched():
    change = page_of(usual_day()).get_element_by_id("change-1")
    shown = text_of(change)
    assert change.xpath(".//h5/a/@href") == ["https://www.okx.com/help/article-1"]
    for fact in (
        "In FAQ › Trading",
        "Locale en",
        "Published 5 Mar 2024",
        "Updated 17 Apr 2026, 09:30 UTC",
        "Seen by us 18 Apr 2026, 06:00 UTC",
        "Percentage 0.08% → 0.10%",
        "Duration 30 days",
        "Fees (high): fees, withdrawal",
        "does not show its updated date",
        "helpwatch diff https://www.okx.com/help/article-1 1 2",
        "helpwatch snapshot https://www.okx.com/help/article-1 --at 2026-04-18T06:00:00Z",
    ):
        assert fact in shown
    newest = version(1, 2, "Fees after.")
    assert change.xpath(".//summary/code/@title") == [f"SHA-256 {newest.body_sha256}"]
    assert newest.snapshot_sha256 in shown


def test_the_same_edit_on_several_articles_is_one_row_that_unfolds():
    page = page_of(usual_day())
    (group,) = [a for a in page.xpath("//article") if "same edit on 3 articles" in text_of(a)]
    titles = [text_of(link) for link in group.xpath(".//details[@class='members']//th//a")]
    assert titles == ["Terms of use", "Privacy notice", "Cookie notice"]
    assert text_of(group).count("Not offered in the Netherlands.") == 1
    assert "helpwatch snapshot ADDRESS --at DAY" in text_of(group)


def test_a_removed_article_keeps_its_last_text_folded():
    (details,) = (
        page_of(usual_day()).get_element_by_id("change-2").xpath("./details[@class='long']")
    )
    assert "open" not in details.attrib
    assert "- Mastercard" in details.text_content()


def test_a_short_redline_stands_open_and_a_long_one_is_folded():
    long = TextDiff(blocks=tuple(block(("added", f"Line {n}."), op="added") for n in range(40)))
    page = page_of(
        findings(found("updated", id=1, diff=FEE_DIFF), found("updated", id=2, diff=long))
    )
    assert page.get_element_by_id("change-1").xpath("./div[@class='redline']")
    assert page.get_element_by_id("change-2").xpath("./details/div[@class='redline']")
    assert "Redline: 40 changed blocks" in text_of(page.get_element_by_id("change-2"))


def test_a_new_title_alone_has_no_difference_of_texts_to_show():
    texts = [version(7, number, "The same.", title=f"Title {number}") for number in (1, 2)]
    told = found("retitled", from_version=texts[0], to_version=texts[1])
    labels = [label for label, _ in outline.evidence_commands(told)]
    assert labels == ["The page before", "The page after", "Its whole history"]


def test_on_a_large_day_every_redline_is_folded():
    for number, folded in ((20, 0), (201, 201)):
        page = page_of(many_changes(number))
        assert len(page.xpath("//div[@class='redline']")) == number
        assert len(page.xpath("//details//div[@class='redline']")) == folded


def test_trouble_stands_in_the_first_section_and_in_the_headline():
    page = page_of(troubled_day())
    assert text_of(page.xpath("//h1")[0]).startswith("Check the parser for www.okx.com")
    health = text_of(page.xpath("//main/section")[0])
    for fact in (
        "Health: Suspect",
        "Problem: 212 of 214 articles seem changed",
        "Warning: 2 pages answered with a challenge.",
        "not read to its end (3 pages read)",
        "2 of 21 entries not seen, as before",
        "Section New listings was read for 3 of about 12 pages.",
        "began on 17 Apr 2026, 05:51 UTC",
    ):
        assert fact in health


def test_a_quiet_day_says_what_was_checked():
    shown = text_of(page_of(quiet_day()).get_element_by_id("changes"))
    assert "No change was found. 2 of 2 listings read to the end; 214 articles listed" in shown


def test_a_baseline_is_not_told_as_a_day_without_changes():
    page = page_of(findings(health=replace(HEALTHY, baseline_locales=("en",))))
    assert "First crawl of www.okx.com (en)" in text_of(page.get_element_by_id("changes"))
    assert "No change was found" not in text_of(page)


def test_a_filtered_report_says_so_at_the_top():
    page = page_of(findings(filters={"locale": "en"}))
    assert "A filtered report. Only locale en." in text_of(page.xpath("//body/header")[0])


def test_trends_have_a_picture_that_is_told_in_words():
    page = page_of(usual_day())
    pictures = page.get_element_by_id("trending").xpath(".//*[local-name()='svg']/@aria-label")
    assert pictures[0] == "Views a day from 7 Apr 2026 to 18 Apr 2026: between 38 and 164"
    assert "3.1x its usual 40 a day (the rise followed an edit)" in text_of(page)


def test_many_listings_are_folded_but_those_with_gaps_are_not():
    listings = [listing(n, f"Section {n}") for n in range(30)]
    listings.append(replace(listing(30, "Broken"), is_complete=False))
    page = page_of(findings(coverage=listings))
    assert "Broken" in text_of(page.get_element_by_id("health"))
    assert "All 31 listings" in text_of(page.get_element_by_id("coverage").xpath("./details")[0])


def test_a_thousand_changes_stay_a_file_that_can_be_mailed():
    assert len(webpage.render(many_changes()).encode()) < 5_000_000
