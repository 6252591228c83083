"""The spider against servers on loopback: which item comes out, and what the server was asked."""

import gzip
import json
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import brotli
import pytest

from crawling import Crawled, crawl, crawl_all, job, known, outcome, without_proxies
from fault_server import Answer, FaultServer, article, entry, home, listing, self_signed
from spiders import sites
from spiders.demo.server import DemoCentre
from spiders.helpcentre import HelpCentreSpider

ROOT = Path(__file__).parents[1]
SMALL = 64 * 1024
MANY = [f"a{number}" for number in range(20)]


def serve(stack: ExitStack, *slugs: str | dict, **facts) -> FaultServer:
    """A help centre with one section that lists `slugs`, each with its article."""
    server = stack.enter_context(FaultServer(**facts))
    server.put("/help", home(("section", "fees", "/help/section/fees")))
    server.put("/help/section/fees", listing("fees", *slugs))
    for slug in slugs:
        if isinstance(slug, str):
            server.put(f"/help/{slug}", article(slug))
    return server


# -- a whole crawl -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole() -> tuple[Crawled, FaultServer]:
    """Two categories; `a` is in two sections; `kept`, `due` and `gone` were known before."""
    with FaultServer(pause_seconds=0.03) as server:
        server.put(
            "/help",
            home(("category", "faq", "/help/category/faq"), ("category", "x", "/help/category/x")),
        )
        links = [["section", "fees", "/help/section/fees"], ["section", "kyc", "/help/section/kyc"]]
        server.put(
            "/help/category/faq",
            listing(
                "fees", "a", "kept", claimed_total=4, listings=links,
                next_url="/help/section/fees/page/2",
            ),
        )  # fmt: skip
        server.put(
            "/help/section/fees/page/2",
            listing("fees", "due", "b", claimed_total=4, page_number=2),
        )
        server.put("/help/category/x", listing("x", "e", "f", listings=links))
        server.put("/help/section/kyc", listing("kyc", "a", "c"))
        for slug in ("a", "b", "c", "e", "f"):
            server.put(f"/help/{slug}", article(slug))
        server.put("/help/due", Answer(status=304))
        known_articles = [
            known("kept", 1),
            known(
                "due", 2, is_due=True, etag='"v1"', last_modified="Mon, 02 Mar 2026 00:00:00 GMT"
            ),
            known("gone", 3),
            known("long-unlisted", 4, is_listed=False),
        ]
        yield crawl(server.url, known=known_articles, now="2026-04-17T06:00:00Z"), server


def test_each_listing_page_is_asked_for_once(whole):
    crawled, server = whole
    assert sorted(path for path in server.paths if "/section/" in path or "/cat" in path) == [
        "/help/category/faq",
        "/help/category/x",
        "/help/section/fees/page/2",
        "/help/section/kyc",
    ]
    assert crawled.reason == "finished"


def test_each_new_article_is_asked_for_once_though_two_listings_name_it(whole):
    crawled, server = whole
    assert server.paths.count("/help/a") == 1
    assert {"/help/a", "/help/b", "/help/c", "/help/e", "/help/f"} <= set(server.paths)
    assert crawled.at("/help/a")["article_id"] is None


def test_an_article_that_is_known_and_unmoved_is_not_asked_for(whole):
    _, server = whole
    assert "/help/kept" not in server.paths


def test_a_due_article_is_asked_for_with_the_validators_it_gave(whole):
    crawled, server = whole
    asked = next(asked for asked in server.requests if asked.path == "/help/due")
    assert asked.headers["If-None-Match"] == '"v1"'
    assert asked.headers["If-Modified-Since"] == "Mon, 02 Mar 2026 00:00:00 GMT"
    item = crawled.at("/help/due")
    assert (item["type"], item["article_id"], item["fetch"]["status"]) == ("PageUnchanged", 2, 304)


def test_an_article_that_no_listing_names_any_more_is_asked_for_last(whole):
    crawled, server = whole
    assert server.paths[-1] == "/help/gone"
    assert "/help/long-unlisted" not in server.paths
    item = crawled.at("/help/gone")
    assert (item["type"], item["article_id"]) == ("PageGone", 3)
    assert item["page"]["reason"] == "answers 404"


def test_stored_addresses_bear_the_canonical_origin(whole):
    crawled, _ = whole
    urls = [item[part]["url"] for item in crawled.items for part in ("page", "fetch")]
    assert all(url.startswith("https://help.example/") for url in urls)


def test_every_answer_is_one_item_with_its_time_and_kind(whole):
    crawled, server = whole
    assert len(crawled.items) == len(server.paths)
    assert {item["fetch"]["fetched_at"] for item in crawled.items} == {"2026-04-17 06:00:00+00:00"}
    assert all(item["fetch"]["elapsed_ms"] >= 30 for item in crawled.items)
    assert [item["wanted"] for item in crawled.items].count("listing") == 4
    assert [item["wanted"] for item in crawled.items].count("home") == 1


def test_no_more_requests_run_at_once_than_configured(whole):
    _, server = whole
    assert server.most_at_once == 2


def test_the_server_sees_an_honest_name_and_no_traces(whole):
    _, server = whole
    for asked in server.requests:
        assert asked.headers["User-Agent"].startswith("helpwatch/")
        assert not {"Cookie", "Referer"} & set(asked.headers)
    assert server.requests[0].path == "/robots.txt"


def test_progress_tells_what_was_read_and_what_is_expected(whole):
    crawled, server = whole
    assert crawled.progress == {
        "pages_asked": len(server.paths),
        "pages_read": len(server.paths),
        "pages_expected": len(server.paths),
        "listings_found": 3,
        "listings_done": 3,
        "entries_claimed": 4,
        "entries_seen": 8,
        "articles_asked": 7,
    }


# -- faults, many in one crawl -------------------------------------------------------------------


@pytest.fixture(scope="module")
def faults() -> tuple[Crawled, FaultServer, FaultServer]:
    soon = format_datetime(datetime.now(UTC).replace(microsecond=0), usegmt=True)
    big = b"<html>" + b" " * SMALL + b"</html>"
    answers = {
        "lost": [Answer(status=404)],
        "dropped": [Answer(status=410)],
        "leads-home": [Answer(status=302, headers={"Location": "/help"})],
        "leads-home-if-unchanged": [Answer(status=302, headers={"Location": "/help"})],
        "forbidden": [Answer(status=403)],
        "limited": [Answer(status=429, headers={"Retry-After": "1"}), article("limited")],
        "limited-by-date": [
            Answer(status=429, headers={"Retry-After": soon}),
            article("limited-by-date"),
        ],
        "busy": [Answer(status=503), article("busy")],
        "broken": [Answer(status=500)],
        "teapot": [Answer(status=418)],
        "moved-here": [Answer(status=301, headers={"Location": "/help/moved-there#top"})],
        "moved-there": [article("moved-there")],
        "circle": [Answer(status=302, headers={"Location": "/help/circle"})],
        "no-address": [Answer(status=302, headers={"Location": "http://[::1/"})],
        "script": [Answer(status=302, headers={"Location": "javascript:alert(1)"})],
        "torn": [Answer(article("torn"), sent_bytes=20)],
        "torn-once": [Answer(article("torn-once"), sent_bytes=20), article("torn-once")],
        "cut": [article("cut")[:40]],
        "cut-once": [article("cut-once")[:40], article("cut-once")],
        "huge": [big],
        "gzip-bomb": [Answer(gzip.compress(big), headers={"Content-Encoding": "gzip"})],
        "brotli-bomb": [Answer(brotli.compress(big), headers={"Content-Encoding": "br"})],
        "not-gzip": [Answer(b"<html>", headers={"Content-Encoding": "gzip"})],
        "not-brotli": [Answer(b"<html>", headers={"Content-Encoding": "br"})],
        "not-deflate": [Answer(b"<html>", headers={"Content-Encoding": "deflate"})],
        "not-zstd": [Answer(b"<html>", headers={"Content-Encoding": "zstd"})],
        "zipped": [Answer(gzip.compress(article("zipped")), headers={"Content-Encoding": "gzip"})],
        "image": [Answer(b"\x89PNG", content_type="image/png")],
        "other-layout": [b"<p>Hello"],
        "section-now": [listing("section-now", "lost")],
        "secret": [article("secret")],
        "refreshing": [b'<html><meta http-equiv="refresh" content="0;url=/help/lost">'],
    }
    with ExitStack() as stack:
        elsewhere = stack.enter_context(FaultServer())
        server = stack.enter_context(FaultServer())
        port = elsewhere.url.rpartition(":")[2]
        hops = {
            "off-site": f"{elsewhere.url}/help/x",
            "off-site-userinfo": f"{server.url}@127.0.0.1:{port}/help/x",
            "off-site-backslash": f"http://127.0.0.1:{port}\\@{server.url[7:]}/help/x",
            "off-site-decimal": f"http://2130706433:{server.url[17:]}/help/x",
            "off-site-mapped": f"http://[::ffff:127.0.0.1]:{server.url[17:]}/help/x",
            "off-site-dot": f"http://127.0.0.1.:{server.url[17:]}/help/x",
            "off-site-name": f"http://localhost:{server.url[17:]}/help/x",
            "off-site-no-scheme": f"//127.0.0.1:{port}/help/x",
        }
        for slug, url in hops.items():
            answers[slug] = [Answer(status=302, headers={"Location": url})]
        for slug, given in answers.items():
            server.put(f"/help/{slug}", *given)
        entries = [
            *(slug for slug in answers if slug not in ("moved-there", "forbidden")),
            entry("listed-elsewhere", url=f"{elsewhere.url}/help/listed-elsewhere"),
            "forbidden",
        ]
        links = (
            ("section", "fees", "/help/section/fees"),
            ("section", "lost", "/help/section/lost"),
            ("section", "leads-home", "/help/section/leads-home"),
            ("section", "elsewhere", f"{elsewhere.url}/help/section/elsewhere"),
        )
        server.put("/robots.txt", b"User-agent: helpwatch\nDisallow: /help/secret\n")
        server.put("/help", home(*links))
        server.put("/help/section/fees", listing("fees", *entries))
        server.put("/help/section/leads-home", Answer(status=302, headers={"Location": "/help"}))
        crawled = crawl(
            server.url,
            known=[
                known("leads-home", 5, is_due=True),
                known("leads-home-if-unchanged", 6, is_due=True, last_modified="yesterday"),
                known("secret", 7, is_read=False),
            ],
            settings={"DOWNLOAD_MAXSIZE": SMALL, "DOWNLOAD_WARNSIZE": SMALL // 2},
        )
        yield crawled, server, elsewhere


@pytest.mark.parametrize(
    ("slug", "expected"),
    {
        "lost": "PageGone",
        "dropped": "PageGone",
        "leads-home": "PageGone",
        "leads-home-if-unchanged": "PageGone",
        "forbidden": "blocked",
        "limited": "ArticlePage",
        "limited-by-date": "ArticlePage",
        "busy": "ArticlePage",
        "broken": "server_error",
        "teapot": "server_error",
        "moved-there": "ArticlePage",
        "circle": "redirect_loop",
        "no-address": "other_host",
        "script": "other_host",
        "torn": "cut_off",
        "torn-once": "ArticlePage",
        "cut": "cut_off",
        "cut-once": "ArticlePage",
        "huge": "too_large",
        "gzip-bomb": "too_large",
        "brotli-bomb": "too_large",
        "not-gzip": "cut_off",
        "not-brotli": "cut_off",
        "not-deflate": "cut_off",
        "not-zstd": "cut_off",
        "zipped": "ArticlePage",
        "image": "wrong_type",
        "other-layout": "layout_unknown",
        "section-now": "not_an_article",
        "secret": "robots",
        "refreshing": "cut_off",
        "off-site": "other_host",
        "off-site-userinfo": "other_host",
        "off-site-backslash": "other_host",
        "off-site-decimal": "other_host",
        "off-site-mapped": "other_host",
        "off-site-dot": "other_host",
        "off-site-name": "other_host",
        "off-site-no-scheme": "other_host",
        "listed-elsewhere": "other_host",
        "section/lost": "not_found",
        "section/leads-home": "home",
        "section/elsewhere": "other_host",
    }.items(),
)
def test_each_fault_becomes_one_item_that_names_it(faults, slug, expected):
    crawled, _, _ = faults
    assert outcome(crawled.at(f"/help/{slug}")) == expected


def test_faults_of_single_pages_do_not_end_a_crawl(faults):
    crawled, _, _ = faults
    assert crawled.reason == "finished"


def test_no_request_leaves_for_another_host(faults):
    _, server, elsewhere = faults
    assert elsewhere.requests == []
    assert "/help/x" not in server.paths


def test_what_robots_txt_disallows_is_not_asked_for(faults):
    crawled, server, _ = faults
    assert "/help/secret" not in server.paths
    item = crawled.at("/help/secret")
    assert (item["article_id"], item["fetch"]["status"]) == (7, None)


def test_a_failing_page_is_asked_for_three_times_and_a_gone_one_once(faults):
    _, server, _ = faults
    asked = {
        slug: server.paths.count(f"/help/{slug}") for slug in ("broken", "torn", "cut", "lost")
    }
    assert asked == {"broken": 3, "torn": 3, "cut": 3, "lost": 1}


def test_a_redirect_is_followed_without_the_validators_of_the_first_address(faults):
    _, server, _ = faults
    first = next(a for a in server.requests if a.path == "/help/leads-home-if-unchanged")
    assert "If-Modified-Since" in first.headers
    assert not any("If-Modified-Since" in a.headers for a in server.requests if a.path == "/help")


def test_a_redirected_article_is_stored_at_the_address_that_gave_it(faults):
    crawled, _, _ = faults
    item = crawled.at("/help/moved-there")
    assert item["fetch"]["url"] == item["page"]["url"] == "https://help.example/help/moved-there"


def test_a_meta_refresh_is_not_followed(faults):
    _, server, _ = faults
    assert server.paths.count("/help/lost") == 1


# -- crawls that end early, side by side ---------------------------------------------------------


@pytest.fixture(scope="module")
def ends(tmp_path_factory) -> dict[str, tuple[Crawled, FaultServer | None]]:
    servers: dict[str, FaultServer | None] = {}
    with ExitStack() as stack:
        elsewhere = stack.enter_context(FaultServer())
        for name, robots in {
            "robots-500": Answer(status=500),
            "robots-403": Answer(status=403),
            "robots-429": Answer(status=429, headers={"Retry-After": "9999"}),
            "robots-challenge": Answer(b"<html>are you human</html>"),
            "robots-web-page": Answer(b"<html><p>Welcome</html>"),
            "robots-404": Answer(status=404),
            "robots-off-site": Answer(
                status=302, headers={"Location": f"{elsewhere.url}/robots.txt"}
            ),
            "robots-disallows-all": Answer(b"User-agent: *\nDisallow: /"),
        }.items():
            servers[name] = serve(stack, "a")
            servers[name].put("/robots.txt", robots)
        for name, first in {
            "home-403": Answer(status=403),
            "home-challenge": Answer(b"<html>are you human</html>", status=200),
            "home-cf": Answer(status=503, headers={"cf-mitigated": "challenge"}),
            "home-500": Answer(status=500),
            "home-empty": home(),
        }.items():
            servers[name] = serve(stack)
            servers[name].put("/help", first)
        servers["listing-403"] = serve(stack)
        servers["listing-403"].put("/help/section/fees", Answer(status=403))
        servers["articles-403"] = serve(stack, *MANY, pause_seconds=0.02)
        servers["articles-long-wait"] = serve(stack, *MANY, pause_seconds=0.02)
        for slug in MANY:
            servers["articles-403"].put(f"/help/{slug}", Answer(status=403))
            servers["articles-long-wait"].put(
                f"/help/{slug}", Answer(status=429, headers={"Retry-After": "86400"})
            )
        servers["every-other-403"] = serve(stack, *MANY)
        for slug in MANY[::2]:
            servers["every-other-403"].put(f"/help/{slug}", Answer(status=403))
        servers["reader-fails"] = serve(stack, "a")
        servers["reader-fails"].put("/help/a", b'<html>{"page": "unheard of"}</html>')
        certificate = self_signed(tmp_path_factory.mktemp("tls"))
        servers["self-signed"] = serve(stack, "a", certificate=certificate)
        servers["no-robots-asked"] = serve(stack, "a")
        with FaultServer() as closed:
            servers["refused"] = None
        jobs = {name: job(server.url if server else closed.url) for name, server in servers.items()}
        jobs["no-robots-asked"]["settings"]["ROBOTSTXT_OBEY"] = False
        # One at a time: "in a row" would depend on which answer comes first.
        jobs["every-other-403"]["settings"]["CONCURRENT_REQUESTS"] = 1
        servers["refused-no-robots"] = None
        jobs["refused-no-robots"] = job(closed.url, settings={"ROBOTSTXT_OBEY": False})
        servers["unresolved"] = None
        jobs["unresolved"] = job("http://nowhere.invalid")
        crawled = crawl_all(*jobs.values())
        yield {name: (crawled[number], servers[name]) for number, name in enumerate(jobs)} | {
            "elsewhere": (None, elsewhere)
        }


@pytest.mark.parametrize(
    ("name", "reason"),
    {
        "robots-500": "unreachable",
        "robots-off-site": "unreachable",
        "robots-403": "blocked",
        "robots-429": "blocked",
        "robots-challenge": "blocked",
        "robots-web-page": "finished",
        "robots-404": "finished",
        "robots-disallows-all": "no_pages",
        "home-403": "blocked",
        "home-challenge": "blocked",
        "home-cf": "blocked",
        "home-500": "unreachable",
        "home-empty": "no_pages",
        "listing-403": "blocked",
        "articles-403": "blocked",
        "articles-long-wait": "blocked",
        "every-other-403": "finished",
        "reader-fails": "spider_error",
        "no-robots-asked": "finished",
        "self-signed": "unreachable",
        "refused": "unreachable",
        "refused-no-robots": "unreachable",
        "unresolved": "unreachable",
    }.items(),
)
def test_the_closing_reason_says_how_a_crawl_ended(ends, name, reason):
    assert ends[name][0].reason == reason


@pytest.mark.parametrize(
    "name", ["robots-500", "robots-403", "robots-429", "robots-challenge", "robots-off-site"]
)
def test_where_robots_txt_cannot_be_read_nothing_is_asked(ends, name):
    crawled, server = ends[name]
    assert server.paths == []
    expected = "blocked" if crawled.reason == "blocked" else "network"
    assert crawled.outcomes() == {"/help": expected}


def test_robots_txt_is_not_followed_to_another_host(ends):
    assert ends["elsewhere"][1].requests == []


def test_robots_txt_is_tried_three_times_when_it_answers_500(ends):
    assert len(ends["robots-500"][1].requests) == 3


def test_a_block_of_home_or_listing_stops_at_once(ends):
    assert ends["home-403"][1].paths == ["/help"]
    assert ends["home-challenge"][0].outcomes() == {"/help": "challenge"}
    assert ends["home-cf"][0].outcomes() == {"/help": "challenge"}
    assert ends["listing-403"][1].paths == ["/help", "/help/section/fees"]


def test_three_blocked_articles_in_a_row_stop_the_crawl(ends):
    crawled, server = ends["articles-403"]
    asked = [path for path in server.paths if "/section/" not in path and path != "/help"]
    # The third refusal stops it; a few more were under way by then.
    assert 3 <= len(asked) < len(MANY) / 2
    assert list(crawled.outcomes().values()).count("blocked") == len(asked)


def test_a_wait_beyond_our_patience_is_not_cut_short(ends):
    crawled, server = ends["articles-long-wait"]
    asked = [path for path in server.paths if "/section/" not in path and path != "/help"]
    assert len(asked) == len(set(asked)) < len(MANY) / 2
    assert "blocked" in crawled.outcomes().values()


def test_an_unanswered_crawl_still_gives_its_item(ends):
    for name in ("refused", "refused-no-robots", "unresolved"):
        crawled = ends[name][0]
        assert crawled.outcomes() == {"/help": "network"}
        assert crawled.items[0]["fetch"]["status"] is None


def test_a_server_that_cannot_prove_its_name_is_asked_nothing(ends):
    crawled, server = ends["self-signed"]
    assert server.requests == []
    assert "certificate" in crawled.at("/help")["page"]["message"]


def test_robots_txt_is_not_asked_for_where_the_operator_switched_it_off(ends):
    assert [asked.path for asked in ends["no-robots-asked"][1].requests][0] == "/help"


# -- the demo centre, with its real readers ------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> tuple[Crawled, Crawled, list[str], list[str]]:
    """Day 1 read whole, then read again with all of its articles known."""
    with DemoCentre(day=1) as centre:
        first = crawl(centre.url, site="demo")
        asked_first = [path for _, path in centre.requests]
        articles = [item["page"] for item in first.items if item["type"] == "ArticlePage"]
        stored = [
            known(
                page["slug"],
                number,
                **{name: page[name] for name in ("source_id", "url", "title", "updated_at")},
            )
            for number, page in enumerate(articles)
        ]
        second = crawl(centre.url, site="demo", known=stored)
        asked_second = [path for _, path in centre.requests[len(asked_first) :]]
    return first, second, asked_first, asked_second


def test_the_demo_centre_is_read_whole(demo):
    first, _, asked, _ = demo
    assert first.reason == "finished"
    assert set(first.outcomes().values()) == {"HomePage", "ListingPage", "ArticlePage", "robots"}
    assert len(asked) == len(set(asked))
    progress = first.progress
    assert progress["listings_done"] == progress["listings_found"] > 3
    assert progress["entries_seen"] == progress["entries_claimed"] > 15


def test_a_second_crawl_of_a_day_asks_for_no_article_again(demo):
    first, second, asked_first, asked_second = demo
    listing_pages = [path for path in asked_first if "/section/" in path or "/category/" in path]
    assert sorted(asked_second) == sorted(["/robots.txt", "/help", *listing_pages])
    # What robots.txt disallows was never read, so it is named again, and again not asked for.
    assert [item["type"] for item in second.items if item["wanted"] == "article"] == [
        "PageUnusable"
    ]
    assert first.reason == second.reason == "finished"


def test_scrapys_own_command_runs_the_spider():
    with DemoCentre(day=1) as centre:
        command = [
            *(sys.executable, "-m", "scrapy", "crawl", "helpcentre"),
            *("-a", "site=demo", "-a", f"base_url={centre.url}", "-a", "sections=faq-trading"),
            *("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0"),
            *("-s", "ITEM_PIPELINES={}"),
        ]
        done = subprocess.run(
            command, cwd=ROOT, env=without_proxies(), capture_output=True, text=True, check=True
        )
        paths = [path for _, path in centre.requests]
    assert "Spider closed (finished)" in done.stderr
    assert paths[:2] == ["/robots.txt", "/help/section/faq-trading"]
    assert not any("/category/" in path for path in paths)


# -- arguments -----------------------------------------------------------------------------------


@pytest.fixture
def tiny(monkeypatch):
    path = [*sites.__path__, str(Path(__file__).parent / "tiny_site")]
    monkeypatch.setattr(sites, "__path__", path)


def test_arguments_may_be_text_as_the_command_line_gives_them(tiny):
    spider = HelpCentreSpider(
        site="tiny",
        base_url="HTTP://127.0.0.1:80/",
        locales="en, zh-hans",
        sections="fees,kyc",
        searches="faq:withdrawal",
        full="true",
        now="2026-04-17T14:00+08:00",
    )
    assert spider.base_url == "http://127.0.0.1"
    assert spider.canonical_base == "https://help.example"
    assert spider.locales == ["en", "zh-hans"]
    assert spider.sections == ["fees", "kyc"]
    assert spider.searches == [{"category": "faq", "term": "withdrawal"}]
    assert spider.full is True
    assert spider.now == datetime(2026, 4, 17, 6, tzinfo=UTC)


def test_without_arguments_the_site_file_says_where_and_which_locale(tiny):
    spider = HelpCentreSpider(site="tiny")
    assert spider.base_url == spider.canonical_base == "https://help.example"
    assert (spider.locales, spider.sections, spider.full) == (["en"], [], False)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("base_url", "ftp://help.example"),
        ("base_url", "https://help.example/mirror"),
        ("base_url", "https://user@help.example"),
        ("searches", "withdrawal"),
        ("full", "perhaps"),
        ("now", "yesterday"),
    ],
)
def test_a_wrong_argument_is_named(tiny, argument, value):
    with pytest.raises(ValueError, match=r"withdrawal|help\.example|perhaps|yesterday"):
        HelpCentreSpider(site="tiny", **{argument: value})


def test_finding_the_spider_imports_no_site_file():
    script = (
        "import json, sys; from scrapy.spiderloader import SpiderLoader;"
        "from scrapy.utils.project import get_project_settings as get;"
        "names = SpiderLoader.from_settings(get()).list();"
        "print(json.dumps([names, [m for m in sys.modules if m.startswith('spiders.sites.')]]))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(found.stdout) == [["helpcentre"], []]
