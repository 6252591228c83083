"""Ours at the network's edge, one at a time; a crawl with all of them is in the spider's tests."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import HtmlResponse, Response
from scrapy.settings import Settings

from spiders.errors import Blocked, NotAnArticle, PageError, PageIncomplete
from spiders.middlewares import (
    BudgetMiddleware,
    BudgetSpent,
    Disallowed,
    OriginGateMiddleware,
    OtherHost,
    PatientRetryMiddleware,
    RobotsMiddleware,
    SameOriginRedirectMiddleware,
    Stopped,
    TooManyRedirects,
    check_answer,
    retry_after_seconds,
)

ORIGIN = "https://help.example"
NOW = datetime(2026, 4, 17, 6, tzinfo=UTC)


def crawler(**spider) -> SimpleNamespace:
    settings = Settings()
    settings.setmodule("spiders.settings")
    counts: list[str] = []
    about = {"origin": ORIGIN, "is_stopping": False} | spider
    made = SimpleNamespace(
        settings=settings,
        spider=SimpleNamespace(**about),
        stats=SimpleNamespace(inc_value=counts.append),
    )
    made.spider.crawler = made
    downloader = SimpleNamespace(slots={}, per_slot_settings={})
    made.engine = SimpleNamespace(downloader=downloader)
    return made


# -- the gate ------------------------------------------------------------------------------------


def test_the_gate_lets_the_configured_origin_through():
    gate = OriginGateMiddleware.from_crawler(crawler())
    assert gate.process_request(Request(f"{ORIGIN}/help", dont_filter=True)) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://help.example/help",
        "https://other.example/",
        "https://help.example.evil.example/",
        "https://help.example@evil.example/",
        "https://help.example:8443/",
        "https://help.example./",
        "https://HELP.example:443@evil.example/",
        "file:///etc/passwd",
        "data:text/html,hello",
        "ftp://help.example/",
    ],
)
def test_the_gate_refuses_every_other_address_though_it_is_not_to_be_filtered(url):
    gate = OriginGateMiddleware.from_crawler(crawler())
    with pytest.raises(OtherHost):
        gate.process_request(Request(url, dont_filter=True, meta={"allow_offsite": True}))


def test_the_gate_refuses_a_request_that_names_another_host_in_its_headers():
    gate = OriginGateMiddleware.from_crawler(crawler())
    with pytest.raises(OtherHost):
        gate.process_request(Request(f"{ORIGIN}/", headers={"Host": "other.example"}))


def test_the_gate_closes_when_the_spider_has_decided_to_stop():
    gate = OriginGateMiddleware.from_crawler(crawler(is_stopping=True))
    with pytest.raises(Stopped):
        gate.process_request(Request(f"{ORIGIN}/help"))


# -- redirects -----------------------------------------------------------------------------------


def redirect(location: str, **request) -> Request | Response:
    asked = Request(f"{ORIGIN}/help/a", **request)
    answer = Response(asked.url, status=302, headers={"Location": location})
    middleware = SameOriginRedirectMiddleware.from_crawler(crawler())
    return middleware.process_response(request=asked, response=answer)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/help/b", f"{ORIGIN}/help/b"),
        ("b", f"{ORIGIN}/help/b"),
        ("HTTPS://HELP.EXAMPLE:443/help/b", f"{ORIGIN}/help/b"),
        ("?page=2", f"{ORIGIN}/help/a?page=2"),
    ],
)
def test_a_redirect_on_the_site_is_followed(location, url):
    assert redirect(location).url == url


@pytest.mark.parametrize(
    "location",
    [
        "https://other.example/help/a",
        "//other.example/help/a",
        "http://help.example/help/a",
        "https://help.example@other.example/",
        "https://help.example:1/",
        "\\\\other.example/help/a",
        "http://[::1",
    ],
)
def test_a_redirect_to_another_host_is_refused_with_the_answers_status(location):
    try:
        following = redirect(location)
    except OtherHost as error:
        assert error.status == 302
    else:
        assert following.url.startswith(f"{ORIGIN}/")


def test_a_redirect_chain_has_an_end():
    with pytest.raises(TooManyRedirects):
        redirect("/help/b", meta={"redirect_times": 5})


def test_validators_are_not_sent_to_where_a_redirect_leads():
    following = redirect(
        "/help", headers={"If-None-Match": '"1"', "If-Modified-Since": "x", "Accept-Language": "en"}
    )
    assert set(following.headers) == {b"Accept-Language"}


# -- Retry-After ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"0", 0.0),
        (b" 120 ", 120.0),
        (b"Fri, 17 Apr 2026 06:01:30 GMT", 90.0),
        (b"Friday, 17-Apr-26 06:01:30 GMT", 90.0),
        (b"Fri, 17 Apr 2026 05:00:00 GMT", 0.0),
        (b"Fri, 17 Apr 2026 08:01:30 +0200", 90.0),
        (b"", None),
        (b"soon", None),
        (b"-5", None),
        (b"\xb2", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert retry_after_seconds(value, NOW) == seconds


@given(st.binary())
def test_no_retry_after_header_breaks_the_reading(value):
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or seconds >= 0


def retry(status: int, headers: dict[str, str] | None = None):
    middleware = PatientRetryMiddleware.from_crawler(crawler())
    asked = Request(f"{ORIGIN}/help/a")
    answer = Response(asked.url, status=status, headers=headers or {}, request=asked)
    return middleware, asked, answer, middleware.process_response(request=asked, response=answer)


def test_a_busy_answer_with_a_time_is_asked_again():
    _, asked, _, result = retry(503, {"Retry-After": "0"})
    assert isinstance(result, Request)
    assert result.url == asked.url


def test_a_wait_longer_than_our_patience_is_left_to_the_spider():
    _, asked, answer, result = retry(429, {"Retry-After": "121"})
    assert result is answer
    assert asked.meta["dont_retry"] is True


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """The one instant that the middlewares see; their sleep moves it on."""
    clock = [1000.0]

    async def sleep(seconds):
        clock[0] += seconds

    monkeypatch.setattr("spiders.middlewares.monotonic", lambda: clock[0])
    monkeypatch.setattr("spiders.middlewares.asyncio.sleep", sleep)
    return clock


def turns(middleware, clock: list[float], count: int) -> list[float]:
    """When each of so many requests that come at once goes out, in seconds from now."""
    began, sent = clock[0], []

    async def one(number: int) -> None:
        await middleware.process_request(Request(f"{ORIGIN}/help/{number}"))
        sent.append(clock[0] - began)

    async def all_of_them() -> None:
        await asyncio.gather(*map(one, range(count)))

    asyncio.run(all_of_them())
    return sent


def test_all_requests_wait_until_the_time_that_the_site_named(clock):
    middleware, *_ = retry(429, {"Retry-After": "7"})
    assert turns(middleware, clock, 3) == pytest.approx([7.0, 7.5, 8.0])


def test_requests_go_out_one_delay_apart_whatever_it_is_by_now(clock):
    middleware = PatientRetryMiddleware.from_crawler(crawler())
    assert turns(middleware, clock, 3) == pytest.approx([0.0, 0.5, 1.0])
    middleware.crawler.engine.downloader.slots["help.example"] = SimpleNamespace(delay=3.0)
    assert turns(middleware, clock, 2) == pytest.approx([3.0, 6.0])


def test_a_crawl_that_is_to_end_waits_for_no_turn(clock):
    middleware, *_ = retry(429, {"Retry-After": "100"})
    middleware.crawler.spider.is_stopping = True
    assert turns(middleware, clock, 2) == [0.0, 0.0]


def test_a_429_without_a_time_waits_too(monkeypatch):
    monkeypatch.setattr("spiders.middlewares.monotonic", lambda: 1000.0)
    middleware, *_ = retry(429)
    assert middleware._quiet_until == 1010.0


# -- robots.txt ----------------------------------------------------------------------------------


def robots(text: str) -> tuple[RobotsMiddleware, list[str]]:
    """The middleware before a site with this robots.txt, and what it asks for."""
    asked: list[str] = []

    async def download(request: Request) -> Response:
        asked.append(request.url)
        return Response(request.url, body=text.encode())

    site = crawler()
    site.engine.downloader.slots["help.example"] = SimpleNamespace(delay=0.5)
    site.engine.download_async = download
    throttle = SimpleNamespace(mindelay=0.5)
    site.get_extension = {AutoThrottle: throttle}.get
    return RobotsMiddleware.from_crawler(site), asked


def ask(middleware: RobotsMiddleware, *urls: str) -> None:
    async def all_of_them() -> None:
        for url in urls:
            await middleware.process_request(Request(url))

    asyncio.run(all_of_them())


def test_robots_txt_is_asked_for_once_and_of_our_own_site_alone():
    middleware, asked = robots("")
    ask(middleware, f"{ORIGIN}/a", "https://other.example/b", f"{ORIGIN}/c")
    assert asked == [f"{ORIGIN}/robots.txt"]


def test_a_rule_for_helpwatch_goes_before_the_rule_for_all():
    text = "User-agent: *\nDisallow: /\nUser-agent: helpwatch\nDisallow: /private"
    ask(robots(text)[0], f"{ORIGIN}/help")
    with pytest.raises(Disallowed):
        ask(robots(text)[0], f"{ORIGIN}/private/a")


@pytest.mark.parametrize(
    ("stated", "seconds"), [("7", 7.0), ("0.1", 0.5), ("99999999", 60.0), ("soon", 0.5)]
)
def test_a_crawl_delay_raises_the_delay_now_and_for_the_rest_of_the_crawl(stated, seconds):
    middleware, _ = robots(f"User-agent: *\nCrawl-delay: {stated}")
    ask(middleware, f"{ORIGIN}/a")
    downloader = middleware.crawler.engine.downloader
    assert downloader.slots["help.example"].delay == seconds
    assert downloader.per_slot_settings == {"help.example": {"delay": seconds}}
    assert middleware.crawler.get_extension(AutoThrottle).mindelay == seconds


# -- the budget ----------------------------------------------------------------------------------


def budget(**settings) -> BudgetMiddleware:
    site = crawler()
    site.settings.update(settings)
    return BudgetMiddleware.from_crawler(site)


def test_no_more_requests_than_the_budget_leave():
    middleware = budget(BUDGET_REQUESTS=2)
    middleware.process_request(Request(f"{ORIGIN}/a"))
    middleware.process_request(Request(f"{ORIGIN}/b"))
    with pytest.raises(BudgetSpent, match="the budget of 2 requests is spent"):
        middleware.process_request(Request(f"{ORIGIN}/c"))


def test_nothing_leaves_after_the_minutes_of_the_budget(monkeypatch):
    clock = iter([0.0, 89.9, 90.0])
    monkeypatch.setattr("spiders.middlewares.monotonic", lambda: next(clock))
    middleware = budget(BUDGET_SECONDS=90.0)
    middleware.process_request(Request(f"{ORIGIN}/a"))
    with pytest.raises(BudgetSpent, match=r"the budget of 1\.5 minutes is spent"):
        middleware.process_request(Request(f"{ORIGIN}/b"))


def test_without_a_budget_everything_leaves():
    middleware = budget()
    for number in range(100):
        assert middleware.process_request(Request(f"{ORIGIN}/{number}")) is None


# -- the page guard ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "error", "kind"),
    [
        (401, {}, Blocked, "blocked"),
        (403, {}, Blocked, "blocked"),
        (429, {}, Blocked, "blocked"),
        (451, {}, Blocked, "blocked"),
        (200, {"cf-mitigated": "challenge"}, Blocked, "challenge"),
        (503, {"cf-mitigated": "challenge"}, Blocked, "challenge"),
        (500, {}, PageIncomplete, "server_error"),
        (404, {}, NotAnArticle, "not_found"),
        (400, {}, NotAnArticle, "server_error"),
        (204, {}, NotAnArticle, "server_error"),
        (304, {}, NotAnArticle, "other_host"),
        (200, {"Content-Type": "image/png"}, NotAnArticle, "wrong_type"),
        (200, {"Content-Type": "application/pdf"}, NotAnArticle, "wrong_type"),
    ],
)
def test_an_answer_that_is_no_page_is_named(status, headers, error, kind):
    with pytest.raises(error) as raised:
        check_answer(HtmlResponse(f"{ORIGIN}/help/a", status=status, headers=headers))
    assert isinstance(raised.value, PageError)
    assert raised.value.kind == kind


@pytest.mark.parametrize(
    "content_type",
    ["text/html; charset=utf-8", "TEXT/HTML", "application/json", "application/xhtml+xml", None],
)
def test_a_page_passes_the_guard(content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    assert check_answer(HtmlResponse(f"{ORIGIN}/help/a", headers=headers)) is None
