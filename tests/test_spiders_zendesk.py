"""Zendesk help centres: the cases of tests/pages/zendesk, crawls of a local one, any bytes.

A case is a folder: page.* (the bytes), expected.json (the address asked for, what is expected of
the page or the error that names it), body.md (an article's text), origin.md (where it is from).
"""

import json
import sqlite3
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawling import crawl
from db.moments import to_text
from fault_server import Answer, FaultServer
from spiders import errors, sites
from spiders.errors import PageError
from spiders.helpcentre import HelpCentreSpider
from spiders.items import ArticlePage, ListingPage
from spiders.sites import zendesk
from tracker.run import config
from tracker.run.errors import UsageError

PAGES = Path(__file__).parent / "pages" / "zendesk"
CASES = sorted(folder.name for folder in PAGES.iterdir())
BASE = "https://support.acme.example"
API = "/api/v2/help_center"
ARTICLE_URL = f"{BASE}{API}/en-us/articles/4407000000001.json?include=sections,categories"


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
            if value != {}:
                assert_holds(found[number], value, f"{path}[{number}]")
    else:
        assert found == expected, path


@pytest.mark.parametrize("case", CASES)
def test_a_saved_answer_reads_as_its_case_says(case):
    wanted = json.loads((PAGES / case / "expected.json").read_text())
    asked = {"content_type": wanted["content_type"], "form": wanted.get("form")}
    if "error" in wanted:
        with pytest.raises(getattr(errors, wanted["error"])) as raised:
            zendesk.read_page(page_of(case), wanted["url_asked"], **asked)
        assert raised.value.kind == wanted["kind"]
        return
    page = zendesk.read_page(page_of(case), wanted["url_asked"], **asked)
    assert_holds({"page": type(page).__name__, **plain(page)}, wanted["expected"], "page")
    text = PAGES / case / "body.md"
    assert not text.exists() or page.body == text.read_text().removesuffix("\n")


def test_every_case_says_where_its_page_is_from():
    assert all((PAGES / case / "origin.md").read_text().strip() for case in CASES)


class TestWhereACrawlBegins:
    LIST = (
        "articles.json?include=sections,categories&sort_by=created_at&sort_order=asc&per_page=100"
    )

    def test_at_the_list_of_all_articles_of_the_locale(self):
        assert zendesk.start_urls(BASE + "/", "zh-cn") == [f"{BASE}{API}/zh-cn/{self.LIST}"]

    def test_at_the_sections_named_and_at_every_search(self):
        searches = [{"category": "36", "term": "how to"}, {"category": "", "term": "fees"}]
        assert zendesk.start_urls(BASE, "en-us", ["17"], searches) == [
            f"{BASE}{API}/en-us/sections/17/{self.LIST}",
            f"{BASE}{API}/articles/search.json?query=how+to&locale=en-us&category=36"
            "&include=sections,categories&per_page=100",
            f"{BASE}{API}/articles/search.json?query=fees&locale=en-us"
            "&include=sections,categories&per_page=100",
        ]

    def test_an_article_is_asked_of_the_api(self):
        assert zendesk.article_url(BASE, "en-us", "4407000000001") == ARTICLE_URL


class TestTheAddressThatHasToBeConfigured:
    def test_a_configuration_without_it_says_so(self, tmp_path):
        path = tmp_path / "helpwatch.toml"
        path.write_text("[sites.zendesk]\n")
        with pytest.raises(UsageError, match=r"sites\.zendesk\.base_url is missing.*such as 'http"):
            config.load(path)
        path.write_text(f"[sites.zendesk]\nbase_url = '{BASE}'\n")
        assert config.load(path).site("zendesk").base_url == BASE

    def test_a_spider_that_is_told_no_address_says_so(self):
        with pytest.raises(ValueError, match="is no origin of a help centre"):
            HelpCentreSpider(site="zendesk")
        assert HelpCentreSpider(site="zendesk", base_url=BASE).canonical_base == BASE


def test_a_new_title_changes_the_address_and_no_link_of_the_text():
    before = json.loads(page_of("article"))
    article = before["article"] | {"title": "Withdrawal times"}
    article["html_url"] = f"{BASE}/hc/en-us/articles/4407000000001-Withdrawal-times"
    old = zendesk.read_page(page_of("article"), ARTICLE_URL)
    new = zendesk.read_page(json.dumps(before | {"article": article}).encode(), ARTICLE_URL)
    assert new.url == f"{BASE}/hc/en-us/articles/4407000000001-Withdrawal-times" != old.url
    assert (new.slug, new.body) == (old.slug, old.body)


# -- a help centre on loopback -------------------------------------------------------------------

SIGNED_IN_ONLY = "/hc/en-us/signin?return_to=x"


def article(number: int, title: str, text: str, **facts) -> dict[str, Any]:
    path = f"/hc/en-us/articles/{number}-{title.replace(' ', '-')}"
    return {
        "id": number,
        "title": title,
        "body": f'<h2 id="h_1">{title[:1]}</h2><p>{text} <a href="#h_1">Top</a></p>',
        "locale": "en-us",
        "draft": False,
        "section_id": 17,
        "html_url": f"https://acme.zendesk.com{path}",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-04-01T00:00:00Z",
        "edited_at": "2026-04-01T00:00:00Z",
        **facts,
    }


def put(server: FaultServer, *articles: dict[str, Any], unlisted: int = 0) -> None:
    """Lists the articles, two a page, and gives each; the last `unlisted` ones stand in no list."""
    groups = {
        "sections": [{"id": 17, "name": "Fees", "category_id": 3}],
        "categories": [{"id": 3, "name": "Trading"}],
    }
    listed = articles[: len(articles) - unlisted]
    pages = [listed[at : at + 2] for at in range(0, len(listed), 2)]
    first = zendesk.start_urls("", "en-us")[0]
    for number, page in enumerate(pages, 1):
        path = first if number == 1 else f"{first}&page={number}"
        following = f"https://acme.zendesk.com{API}/en-us/articles.json?page={number + 1}"
        answer = {
            "articles": page,
            "count": len(listed),
            "page": number,
            "page_count": len(pages),
            "next_page": following if number < len(pages) else None,
        }
        server.put(path, as_json(answer | groups))
    for one in articles:
        path = zendesk.article_url("", "en-us", str(one["id"]))
        server.put(path, as_json({"article": one} | groups))


def as_json(value: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(value).encode(), status, content_type="application/json")


def test_a_crawl_reads_the_list_to_its_end_and_each_article_once():
    with FaultServer() as server:
        put(server, *[article(number, f"Article {number}", "0.10%") for number in range(1, 6)])
        path = zendesk.article_url("", "en-us", "4")
        server.put(path, as_json({"error": "RecordNotFound"}, status=404))
        server.put(
            zendesk.article_url("", "en-us", "5"), Answer(status=302, headers={"Location": "/5"})
        )
        server.put("/5", Answer(status=302, headers={"Location": SIGNED_IN_ONLY}))
        server.put(SIGNED_IN_ONLY, b"<html><head><title>Acme</title></head></html>")
        crawled = crawl(server.url, site="zendesk", canonical_base=BASE)
        paths = server.paths
    assert crawled.reason == "finished"
    assert [item["type"] for item in crawled.items].count("ListingPage") == 3
    one = crawled.at("/hc/en-us/articles/1-Article-1")
    assert one["fetch"]["url"] == f"{BASE}{zendesk.article_url('', 'en-us', '1')}"
    assert (one["page"]["section"], one["page"]["category"]) == ("Fees", "Trading")
    assert outcome_of(crawled, "4") == "PageGone"
    assert outcome_of(crawled, "5") == "blocked"
    assert len(paths) == len(set(paths)) == 3 + 5 + 2


def outcome_of(crawled: Any, number: str) -> str:
    item = crawled.at(zendesk.article_url("", "en-us", number))
    return item["page"].get("kind") or item["type"]


def test_a_list_that_only_the_signed_in_may_read_blocks_the_crawl():
    with FaultServer() as server:
        denied = as_json({"error": "Couldn't authenticate you"}, status=401)
        server.put(zendesk.start_urls("", "en-us")[0], denied)
        crawled = crawl(server.url, site="zendesk", canonical_base=BASE)
    assert (crawled.reason, [item["page"]["kind"] for item in crawled.items]) == (
        "blocked",
        ["blocked"],
    )


FIRST = [
    article(1, "Withdrawal fees", "The fee is 0.10%."),
    article(2, "Votes alone", "Nobody edits this."),
    article(3, "Taken down", "Gone tomorrow."),
    article(4, "Taken out of its section", "Still to be read."),
    article(5, "Old name", "The same text."),
]
LATER = {"edited_at": "2026-04-17T12:00:00Z", "updated_at": "2026-04-17T12:00:00Z"}
SECOND = [
    article(1, "Withdrawal fees", "The fee is 0.08%.", **LATER),
    article(2, "Votes alone", "Nobody edits this.", vote_sum=9, updated_at=LATER["updated_at"]),
    article(5, "New name", "The same text.", **LATER) | {"body": FIRST[4]["body"]},
    article(6, "Quite new", "Hello.", created_at="2026-04-17T12:00:00Z"),
    FIRST[3],
]


@pytest.fixture
def two_days(helpwatch, tmp_path):
    """The database after two daily runs, and what was asked for on the second."""
    (tmp_path / "helpwatch.toml").write_text(
        f"[sites.zendesk]\nbase_url = '{BASE}'\n"
        "[crawl]\ndelay_seconds = 0\nautothrottle = false\nrecheck_days = 1000\n"
    )
    for day, articles, unlisted in ((17, FIRST, 0), (18, SECOND, 1)):
        with FaultServer() as server:
            put(server, *articles, unlisted=unlisted)
            now = f"2026-04-{day}T06:00:00Z"
            ran = helpwatch("run", "--base-url", server.url, "--now", now)
            assert ran.code == 0, ran.err + ran.out
    connection = sqlite3.connect(tmp_path / "helpwatch.db")
    yield connection, server.paths
    connection.close()


def test_two_days_of_a_centre_tell_each_change_and_no_other(two_days):
    database, asked = two_days
    found = database.execute(
        "SELECT a.source_id, c.kind FROM changes c JOIN articles a ON a.id = c.article_id"
        " ORDER BY a.source_id, c.kind"
    ).fetchall()
    assert found == [
        ("1", "updated"),
        ("3", "removed"),
        ("4", "unlisted"),
        ("5", "retitled"),
        ("6", "new"),
    ]
    assert zendesk.article_url("", "en-us", "2") not in asked
    stored = database.execute(
        "SELECT url, slug, section, category, updated_at, view_count FROM articles"
        " WHERE source_id = '5'"
    ).fetchone()
    url = f"{BASE}/hc/en-us/articles/5-New-name"
    assert stored == (url, "5", "Fees", "Trading", "2026-04-17T12:00:00Z", None)
    assert database.execute(
        "SELECT kind, slug, claimed_total, seen_count, page_count, is_complete"
        " FROM listing_crawls JOIN listings ON listings.id = listing_id ORDER BY crawl_id"
    ).fetchall() == [("api", "articles", 5, 5, 3, 1), ("api", "articles", 4, 4, 2, 1)]


# -- any bytes -----------------------------------------------------------------------------------

SEEDS = [page_of(case) for case in CASES]
WANTED = [json.loads((PAGES / case / "expected.json").read_text()) for case in CASES]
ODD_URLS = ["", "https://[", f"{BASE}{API}/", f"{BASE}{API}/x/sections/9/articles?page=%00&%ff=%ff"]
URLS = st.sampled_from(sorted({wanted["url_asked"] for wanted in WANTED}) + ODD_URLS)
PIECES = [
    b"{", b"}", b"[", b"]", b'"', b",", b":", b"\0", b"\xff", b"null", b"true", b"[]", b"{}", b"-1",
    b"1e999", b"9" * 5000, b'"\\ud800"', b"\\u0000", b'"body":', b"<table>" * 50, b"</p>", b"<!--",
    b"[" * 3000, b'{"article":' * 2000, "\u202e\u200b".encode(), b'"draft": true,', b"\xed\xa0\x80",
    b'"html_url": "https://a/hc/\\u0000",', b'"next_page": "?page[after]=%zz",', b'"error": [{}],',
]  # fmt: skip


@st.composite
def mutated_answers(draw) -> bytes:
    """A real-shaped answer with pieces cut, doubled, moved and put in anywhere."""
    page = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(page))] * 2)))
        end = min(end, start + draw(st.sampled_from([0, 1, 4, 40, 400])))
        put_in = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)))
        page = page[:start] + put_in + page[end:]
    return page


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside),
    max_leaves=8,
)
TEXTS = st.one_of(st.text(max_size=60), st.none())
ARTICLES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("title", "body", "locale", "html_url", "snippet"), TEXTS),
        **dict.fromkeys(("id", "section_id", "draft", "created_at", "edited_at"), JSON),
    },
)
GROUPS = st.fixed_dictionaries({}, optional={"id": JSON, "name": TEXTS, "category_id": JSON})
REST = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("count", "page", "page_count", "error"), JSON),
        "next_page": TEXTS,
        "meta": st.fixed_dictionaries({"has_more": JSON}),
        "sections": st.lists(GROUPS, max_size=2),
    },
)


@st.composite
def made_answers(draw) -> bytes:
    """An answer with the API's own keys, and anything at all where it is not sure to say a text."""
    one = draw(ARTICLES)
    one = draw(st.sampled_from([one, FIRST[0] | one]))
    held = draw(st.sampled_from([{"article": one}, {"articles": [one]}, {"results": [one]}]))
    return json.dumps(held | draw(REST)).encode()


def assert_a_page_or_a_page_error(body: bytes, url: str) -> None:
    try:
        page = zendesk.read_page(body, url)
    except PageError as error:
        assert error.kind and str(error)
        return
    assert isinstance(page, ArticlePage | ListingPage)
    if isinstance(page, ArticlePage):
        assert page.title and page.slug == page.source_id and page.url
    json.dumps(plain(page)).encode()
    assert zendesk.read_page(body, url) == page


@settings(max_examples=200, deadline=2000)
@given(mutated_answers(), URLS)
def test_a_mutated_answer_is_a_page_or_a_page_error(body, url):
    assert_a_page_or_a_page_error(body, url)


@settings(max_examples=200, deadline=2000)
@given(made_answers(), URLS)
def test_an_answer_of_any_values_is_a_page_or_a_page_error(body, url):
    assert_a_page_or_a_page_error(body, url)


@settings(max_examples=100, deadline=2000)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)), URLS)
def test_any_bytes_are_a_page_or_a_page_error(body, url):
    assert_a_page_or_a_page_error(body, url)


def test_the_site_is_found_by_its_name():
    assert "zendesk" in sites.known()
    assert sites.load("zendesk") is zendesk
