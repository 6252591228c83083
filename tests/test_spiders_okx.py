"""The readers of pages in OKX's layout: the cases of tests/pages/okx, the real samples, any bytes.

A case is a folder: page.* (the bytes), expected.json (the address asked for, what is expected of
the page or the error that names it), body.md (an article's text), origin.md (where it is from).
"""

import json
from dataclasses import asdict, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from db.moments import to_text
from spiders import errors, help_page
from spiders.article_reader import first_paragraph
from spiders.demo.pages import render
from spiders.errors import NotAnArticle, PageError
from spiders.items import ArticlePage, HomePage, ListingPage
from spiders.sites import demo, okx

PAGES = Path(__file__).parent / "pages" / "okx"
CASES = sorted(folder.name for folder in PAGES.iterdir())
SAMPLES = Path(__file__).parents[2] / "shared/samples/okx"
ARTICLE_URL = f"{okx.BASE_URL}/help/okx-to-list-perpetual-futures-for-init-crypto"
LISTING_URL = f"{okx.BASE_URL}/help/section/announcements-latest-announcements"


def page_of(case: str) -> bytes:
    return next((PAGES / case).glob("page.*")).read_bytes()


def plain(value: Any) -> Any:
    """Records as JSON has them, so that a case can be compared with its file."""
    if is_dataclass(value):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return to_text(value) if isinstance(value, date) else value


def assert_holds(found: Any, expected: Any, path: str) -> None:
    """What is expected is found; what is not mentioned may be anything. Lists match one by one."""
    if isinstance(expected, dict) and expected:
        for key, value in expected.items():
            assert_holds(found.get(key), value, f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), f"{path}: {found}"
        for number, value in enumerate(expected):
            assert_holds(found[number], value, f"{path}[{number}]")
    else:
        assert found == expected, path


def sample(name: str) -> bytes:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"the real page {name} cannot be tried: ../shared is absent")
    return path.read_bytes()


@pytest.mark.parametrize("case", CASES)
def test_a_saved_page_reads_as_its_case_says(case):
    wanted = json.loads((PAGES / case / "expected.json").read_text())
    asked = {"content_type": wanted.get("content_type"), "form": wanted.get("form")}
    if "error" in wanted:
        with pytest.raises(getattr(errors, wanted["error"])) as raised:
            okx.read_page(page_of(case), wanted["url_asked"], **asked)
        assert raised.value.kind == wanted["kind"]
        return
    page = okx.read_page(page_of(case), wanted["url_asked"], **asked, check_forms=True)
    assert_holds({"page": type(page).__name__, **plain(page)}, wanted["expected"], "page")
    text = PAGES / case / "body.md"
    assert not text.exists() or page.body == text.read_text().removesuffix("\n")


def test_every_case_says_where_its_page_is_from():
    assert all((PAGES / case / "origin.md").read_text().strip() for case in CASES)


class TestTheRealArticlePage:
    def test_its_facts_are_read_exactly(self):
        page = okx.parse_article(sample("article-page.html"), ARTICLE_URL)
        assert page.source_id == "5RsLosabymXyPx3BvzucKA"
        assert page.url == ARTICLE_URL
        assert page.title == "OKX to list perpetual futures for INIT crypto"
        assert (page.section, page.category) == ("New listings", "Announcements")
        assert to_text(page.published_at) == "2025-04-24T06:00:00Z"
        assert to_text(page.updated_at) == "2025-04-25T08:40:07.171Z"
        assert (page.shows_updated_date, page.view_count) == (False, None)
        assert len(page.alternates) == 40

    def test_its_tree_and_its_markup_give_the_same_text(self):
        body = sample("article-page.html")
        from_tree = okx.parse_article(body, ARTICLE_URL, form="json")
        from_markup = okx.parse_article(body, ARTICLE_URL, form="html")
        assert (from_tree.form, from_markup.form) == ("json", "html")
        assert from_tree.body == from_markup.body
        assert "| **Features** | **Details** |\n| --- | --- |" in from_tree.body
        assert from_tree.body.count(f"]({okx.BASE_URL}/help/") == 2

    def test_its_forms_agree(self):
        page = okx.read_page(sample("article-page.html"), ARTICLE_URL, check_forms=True)
        assert page.disagreements == ()


class TestTheRealSectionPage:
    def test_it_has_15_of_2131_entries(self):
        page = okx.parse_listing(sample("section-page.html"), f"{LISTING_URL}/page/2")
        assert len(page.entries) == 15
        assert (page.claimed_total, page.page_number) == (2131, 2)
        assert (page.url, page.next_url) == (LISTING_URL, f"{LISTING_URL}/page/3")
        assert len(page.listings) == 12

    def test_its_forms_agree_in_all_that_the_markup_carries(self):
        body = sample("section-page.html")
        page = okx.read_page(body, f"{LISTING_URL}/page/2", check_forms=True)
        assert page.disagreements == ()
        shown = okx.parse_listing(body, f"{LISTING_URL}/page/2", form="html")
        assert [(one.title, one.slug, one.url) for one in shown.entries] == [
            (one.title, one.slug, one.url) for one in page.entries
        ]
        assert [one.published_at for one in shown.entries] == [
            one.published_at.astimezone(okx.TIME_ZONE).date() for one in page.entries
        ]


def test_a_disagreement_names_field_and_forms():
    body = page_of("article-rich-text").replace(b"Apr 15, 2026", b"Apr 16, 2026")
    body = body.replace(b"opens at 10:00 am UTC on April 16, 2026.</p>", b"opens later.</p>")
    page = okx.read_page(body, f"{okx.BASE_URL}/help/okx-to-list-qln", check_forms=True)
    assert page.disagreements[0] == "published_at: json 2026-04-15 15:30:00+00:00, html 2026-04-16"
    assert page.disagreements[1].endswith("html Trading of QLN opens later.")
    assert len(page.disagreements) == 2


WHOLE = [case for case in CASES if not case.startswith(("unusable-", "announcements-api"))]


@pytest.mark.parametrize("case", WHOLE)
def test_a_page_broken_off_anywhere_is_no_page(case):
    body = page_of(case)
    url = json.loads((PAGES / case / "expected.json").read_text())["url_asked"]
    last = b"</body>" if b"</body>" in body else b"</div>"  # SingleFile spares the former
    for end in range(1, body.rindex(last), 97):
        with pytest.raises(PageError):
            okx.read_page(body[:end], url, content_type="text/html")


def test_a_text_broken_off_behind_a_whole_paragraph_is_no_shorter_text():
    body = page_of("article-rich-text")
    end = body.index(b"</p>", body.index(b"richTextContent")) + len(b"</p>")
    with pytest.raises(errors.PageIncomplete) as raised:
        okx.read_page(body[:end], f"{okx.BASE_URL}/help/okx-to-list-qln")
    assert raised.value.kind == "cut_off"


@pytest.mark.parametrize("case", ["article-markdown-with-count", "article-markdown-without-source"])
def test_a_tree_beside_the_markdown_of_an_article_is_not_its_text(case):
    url = f"{okx.BASE_URL}/help/why-do-withdrawals-wait"
    stale = b'"richTextContent": {"nodeType": "document", "content": [{"nodeType": "text", "value":'
    beside = stale + b' "An old draft"}]}, "isRichText": false'
    body = page_of(case).replace(b'"isRichText": false', beside)
    assert beside in body
    assert okx.read_page(body, url).body == okx.read_page(page_of(case), url).body


def test_a_count_in_the_header_is_read_whatever_form_the_text_is_read_from():
    url = f"{okx.BASE_URL}/help/why-do-withdrawals-wait"
    pages = [
        okx.parse_article(page_of("article-markdown-with-count"), url, form=form)
        for form in (None, "json", "html")
    ]
    assert [page.view_count for page in pages] == [11536] * 3


def test_reading_json_alone_refuses_an_article_without_it():
    with pytest.raises(errors.LayoutUnknown):
        okx.read_page(
            page_of("article-without-data"), f"{okx.BASE_URL}/help/okx-to-list-qln", form="json"
        )


def test_an_address_that_only_og_url_names_may_hold_the_words_of_other_tags():
    own = b'<meta property="og:url" content="https://www.okx.com/help/token-name-and-description">'
    canonical = b'<link rel="canonical" href="https://www.okx.com/help/okx-to-list-qln">'
    body = page_of("article-without-data").replace(canonical, own)
    assert own in body
    page = okx.read_page(body, f"{okx.BASE_URL}/help/token-names")
    assert (page.slug, page.summary) == (
        "token-name-and-description",
        "Trading of QLN opens at 10:00 am UTC",
    )


def test_an_article_of_another_part_of_the_site_is_none_of_the_help_centre():
    body = page_of("article-without-data").replace(b"com/help/okx-to-list-qln", b"com/learn/qln")
    with pytest.raises(NotAnArticle):
        okx.read_page(body, f"{okx.BASE_URL}/help/okx-to-list-qln")


def test_a_listing_is_no_article_and_the_home_page_says_so():
    with pytest.raises(NotAnArticle):
        okx.parse_article(page_of("section-tag"), f"{LISTING_URL}/page/2")
    with pytest.raises(NotAnArticle) as raised:
        okx.parse_article(page_of("home"), f"{okx.BASE_URL}/help/gone")
    assert raised.value.kind == "home"
    with pytest.raises(NotAnArticle):
        okx.parse_listing(page_of("article-rich-text"), f"{okx.BASE_URL}/help/okx-to-list-qln")


def test_a_page_in_another_encoding_reads_the_same():
    url = f"{okx.BASE_URL}/help/okx-to-list-qln"
    text = page_of("article-rich-text").decode().replace("OKX to list QLN", "Café à Zürich")
    page = okx.read_page(text.encode(), url)
    assert page.title == "Café à Zürich"
    assert okx.read_page(text.encode("utf-16"), url) == page
    latin = text.replace('charset="UTF-8"', 'charset="ISO-8859-1"').encode("latin-1")
    assert okx.read_page(latin, url) == page
    assert okx.read_page(latin, url, content_type="text/html; charset=latin-1") == page


def test_a_mark_of_the_encoding_goes_before_what_else_names_one():
    url = f"{okx.BASE_URL}/help/okx-to-list-qln"
    body = page_of("article-rich-text").replace(b"OKX to list QLN", "Café à Zürich".encode())
    page = okx.read_page(b"\xef\xbb\xbf" + body, url, content_type="text/html; charset=gbk")
    assert page == okx.read_page(body, url)
    listing = okx.read_page(b"\xef\xbb\xbf" + page_of("announcements-api"), f"{okx.BASE_URL}/api/x")
    assert listing.entries


def test_signs_of_windows_are_read_as_browsers_read_them():
    body = page_of("article-rich-text").replace(b"OKX to list QLN", b"\x93Fees\x94")
    body = body.replace(b'charset="UTF-8"', b'charset="ISO-8859-1"')
    page = okx.read_page(body, f"{okx.BASE_URL}/help/okx-to-list-qln")
    assert page.title == "\u201cFees\u201d"


@pytest.mark.parametrize("name", ["idna", "undefined", "utf-16", "unicode_escape", "cp037", "hex"])
def test_an_encoding_that_no_page_can_name_is_not_believed(name):
    url = f"{okx.BASE_URL}/help/okx-to-list-qln"
    body = page_of("article-rich-text")
    named = body.replace(b'charset="UTF-8"', f'charset="{name}"'.encode())
    assert okx.read_page(named, url) == okx.read_page(body, url)


def test_an_encoding_that_cannot_be_decoded_is_not_believed_of_a_server_either():
    url = f"{okx.BASE_URL}/help/okx-to-list-qln"
    body = page_of("article-rich-text")
    for name in ("idna", "undefined", "hex"):
        found = okx.read_page(body, url, content_type=f"text/html; charset={name}")
        assert found == okx.read_page(body, url)


def test_a_first_paragraph_is_words_without_markup():
    assert first_paragraph("## Fees\n\nThe [**new**\\\nfee](https://a.example) is \\[1\\]") == (
        "The new fee is [1]"
    )


def test_a_paragraph_of_brackets_is_looked_at_in_one_go():
    assert set(first_paragraph("\\[" * 500_000)) == {"["}  # each began a search to the end


class TestWhereACrawlBegins:
    def test_at_the_home_page_of_the_locale(self):
        assert okx.start_urls(okx.BASE_URL, "en", [], []) == ["https://www.okx.com/help"]
        assert okx.start_urls("http://127.0.0.1:8000/", "zh-hans", [], []) == [
            "http://127.0.0.1:8000/zh-hans/help"
        ]

    def test_at_the_sections_named_and_at_every_search(self):
        searches = [{"category": "faq", "term": "how to"}]
        assert okx.start_urls(okx.BASE_URL, "fr", ["faq-x"], searches) == [
            "https://www.okx.com/fr/help/section/faq-x",
            "https://www.okx.com/fr/help/search?category=faq&term=how+to",
        ]

    def test_an_article_has_its_address(self):
        assert okx.article_url(okx.BASE_URL, "en", "a-b") == "https://www.okx.com/help/a-b"
        assert (
            okx.article_url(okx.BASE_URL, "pt-br", "é") == "https://www.okx.com/pt-br/help/%C3%A9"
        )


class TestTheDemoCentre:
    """Every page of the demo, in all its forms: what its data lack is in its markup."""

    @pytest.mark.parametrize("day", [1, 2, 3])
    def test_every_page_reads_and_its_forms_agree(self, day):
        to_read, read = ["/help", "/help/search?category=all&term="], {}
        while to_read:
            path = to_read.pop()
            status, content_type, body = render(day, path)
            if path in read or status != 200:
                continue
            url = demo.BASE_URL + path
            page = demo.read_page(body, url, content_type=content_type, check_forms=True)
            read[path] = page
            links = [link.url for link in getattr(page, "listings", ())]
            links += [entry.url for entry in getattr(page, "entries", ())]
            links += [page.next_url] if getattr(page, "next_url", None) else []
            to_read += [link.removeprefix(demo.BASE_URL) for link in links]
        pages = list(read.values())
        articles = [page for page in pages if isinstance(page, ArticlePage)]
        assert len(articles) > 30 and any(page.view_count for page in articles)
        assert {page.parser for page in pages if not isinstance(page, HomePage)} == {"demo-1"}
        assert not [page for page in pages if getattr(page, "disagreements", ())]
        assert not [page for page in articles if page.unknown_nodes]

    def test_counts_of_listings_are_those_that_their_markup_alone_gives(self):
        url = f"{demo.BASE_URL}/help/section/faq-trading"
        body = render(1, "/help/section/faq-trading")[2]
        counts = [entry.view_count for entry in demo.parse_listing(body, url).entries]
        shown = demo.parse_listing(body, url, form="html").entries
        assert counts == [entry.view_count for entry in shown]
        assert all(counts)


# Any record, rendered as a page, gives itself back in every form.

TITLES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Z")) | st.sampled_from(" <>&'\""), min_size=1
).filter(lambda title: title == " ".join(title.split(" ")).strip(" ") and title.strip())
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=instant.microsecond // 1000 * 1000)
)
ARTICLES = st.builds(
    ArticlePage,
    locale=st.just("en"),
    slug=st.just("a-slug"),
    url=st.just(f"{okx.BASE_URL}/help/a-slug"),
    title=TITLES,
    body=st.sampled_from(["Text", "**Bold** text", "- a\n- b"]),
    source_id=st.just("id-1"),
    section=TITLES,
    published_at=INSTANTS,
    updated_at=INSTANTS,
    view_count=st.none() | st.integers(0, 10**9),
    reading_minutes=st.integers(1, 200),
)


def rendered(page: ArticlePage) -> bytes:
    def shown(instant: datetime) -> str:
        day = instant.astimezone(okx.TIME_ZONE)
        return f"{day:%b} {day.day}, {day.year}"

    post = {
        "id": page.source_id,
        "slug": page.slug,
        "title": page.title,
        "section": {"slug": "s", "title": page.section},
        "publishTime": to_text(page.published_at),
        "updatedAt": to_text(page.updated_at),
        "content": page.body,
    }
    context = {
        "initialProps": {"content": {"readingTime": page.reading_minutes}},
        "serverSideProps": {"currentPost": post},
    }
    state = json.dumps({"appContext": context}).replace("</", "<\\/")
    count = "" if page.view_count is None else f"<span>{page.view_count:,}</span>"
    return (
        '<html lang="en"><head></head><body><div class="breadcrumbs">'
        f'<a href="/help/section/s">{escape(page.section)}</a></div>'
        f'<article><h1>{escape(page.title)}</h1><div data-testid="RowWithDivider">'
        f'<span data-testid="DateDisplay">Published on {shown(page.published_at)}</span>'
        f'<span data-testid="DateDisplay">Updated on {shown(page.updated_at)}</span>'
        f"<span>{page.reading_minutes} min read</span>{count}</div>"
        f'<div class="index_markdownContent__x">{MarkdownIt().render(page.body)}</div></article>'
        f'<script id="appState">{state}</script></body></html>'
    ).encode()


@settings(max_examples=100, deadline=None)
@given(ARTICLES)
def test_an_article_rendered_as_a_page_gives_itself_back_in_both_forms(article):
    page = okx.read_page(rendered(article), article.url, check_forms=True)
    assert page.disagreements == ()
    shown = okx.read_page(rendered(article), article.url, form="html")
    fields = ("title", "slug", "url", "body", "section", "view_count", "reading_minutes")
    for field in fields:
        assert getattr(page, field) == getattr(shown, field) == getattr(article, field)
    for field in ("published_at", "updated_at"):
        instant = getattr(article, field)
        assert getattr(page, field) == instant
        assert getattr(shown, field) == instant.astimezone(okx.TIME_ZONE).date()


# Any bytes at all.

SEEDS = [page_of(case) for case in CASES]
URLS = st.sampled_from(
    [
        f"{okx.BASE_URL}/help",
        f"{okx.BASE_URL}/help/an-article",
        f"{okx.BASE_URL}/zh-hans/help/section/x/page/3",
        f"{okx.BASE_URL}/help/category/faq",
        f"{okx.BASE_URL}/help/search?category=all&term=%00&page=9",
    ]
)
PIECES = [
    b"<", b">", b'"', b"'", b"\0", b"\xff", b"</script>", b"</article>", b"<ul><li>", b"<!--",
    b"\\u0000", b"\\ud800", b"null", b"[]", b"{}", b"-1", b"1e999", b'"nodeType":"?"', b"&#x0;",
    b"<h1>", b"<a href=//[>", b'data-testid="RowWithDivider"', b"{" * 2000, b"[" * 3000,
    b"<div>" * 3000, b"\r\n", "\u202e\u200b".encode(), b"%5B", b"\xed\xa0\x80", b"9" * 30,
]  # fmt: skip


@st.composite
def mutated_pages(draw) -> bytes:
    """A real-shaped page with pieces cut, doubled, moved and put in anywhere."""
    page = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 5))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(page))] * 2)))
        end = min(end, start + draw(st.sampled_from([0, 1, 4, 40, 400, 10**6])))
        put = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8), st.just(page[start:])))
        page = page[:start] + put + page[end:]
    return page


def assert_a_page_or_a_page_error(body: bytes, url: str, form: str | None) -> None:
    try:
        page = okx.read_page(body, url, form=form, check_forms=True)
    except PageError as error:
        assert error.kind and str(error)
        return
    assert isinstance(page, ArticlePage | ListingPage | HomePage)
    if isinstance(page, ArticlePage):
        assert page.title and page.slug and page.body.strip()
    json.dumps(plain(page)).encode()
    assert okx.read_page(body, url, form=form, check_forms=True) == page


def test_a_broken_byte_in_the_data_of_a_text_leaves_the_text_of_the_markup():
    body, url = page_of("article-rich-text"), f"{okx.BASE_URL}/help/okx-to-list-qln"
    at = body.index(b'"value":', body.index(b'"richTextContent":')) + len(b'"value":')
    at = body.index(b'"', at) + 1
    page = okx.read_page(body[:at] + b"\xc4" + body[at:], url)
    assert page.form == "html"
    assert page.body == okx.read_page(body, url, form="html").body


FORMS = st.sampled_from([None, "html", "json"])


@settings(max_examples=150, deadline=2000)
@given(mutated_pages(), URLS, FORMS)
def test_a_mutated_page_is_a_page_or_a_page_error(body, url, form):
    assert_a_page_or_a_page_error(body, url, form)


@settings(max_examples=100, deadline=2000)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)), URLS, FORMS)
def test_any_bytes_are_a_page_or_a_page_error(body, url, form):
    assert_a_page_or_a_page_error(body, url, form)


@pytest.mark.parametrize(
    "piece",
    [b"<", b"<a ", b"<a '", b'<a "', b"<li><a href=/help/x>", b"<script", b"<meta ", b"<!--",
     b'<script id="appState">', b'data-testid="DateDisplay"', b"<h1>", b"<nav ", b"<b>", b"[",
     b'<span data-testid="DateDisplay">', b"<article><h1>", b"<div class=richTextContent>"],
)  # fmt: skip
@pytest.mark.parametrize("case", ["section-tag", "article-rich-text", "unusable-shop-page"])
def test_a_page_swollen_with_one_piece_is_read_in_bounded_time(case, piece):
    page = page_of(case)
    at = page.index(b"<h1")
    body = page[:at] + piece * (100_000 // len(piece)) + page[at:]
    started = datetime.now()
    assert_a_page_or_a_page_error(body, f"{okx.BASE_URL}/help/x", None)
    assert datetime.now() - started < timedelta(seconds=10)


def test_another_zone_decides_which_day_an_instant_is_shown_as():
    layout = replace(okx.LAYOUT, time_zone=UTC)
    page = help_page.read(page_of("section-tag"), f"{LISTING_URL}/page/2", layout, check_forms=True)
    assert page.disagreements == ("published_at: json 2026-04-16 16:10:00+00:00, html 2026-04-17",)
