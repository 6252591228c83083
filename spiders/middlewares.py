"""The edge to the network: where requests may go, when to wait, what answer is a page at all.

Scrapy's own middlewares do the work; these change what they leave open (each says what). What they
turn away is a `Refused`, whose `kind` becomes PageUnusable.kind.
"""

import asyncio
import re
import sys
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import ClassVar
from urllib.parse import urlsplit

import brotli
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser

from spiders.errors import Blocked, NotAnArticle, PageError, PageIncomplete
from spiders.no_answer import why
from spiders.origin import moved

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


_UNPACKING_ERRORS = (OSError, EOFError, zlib.error, brotli.error, zstd.ZstdError)


class Refused(IgnoreRequest):
    """Turned away by a rule of ours. `status` is that of the answer that led here, if any."""

    kind: ClassVar[str]

    def __init__(self, message: str, *, status: int | None = None):
        super().__init__(message)
        self.status = status


class OtherHost(Refused):
    """An address outside the configured origin."""

    kind = "other_host"


class TooManyRedirects(Refused):
    """A chain or a circle of redirects."""

    kind = "redirect_loop"


class TooLarge(Refused):
    """A body beyond DOWNLOAD_MAXSIZE, as sent or once unpacked."""

    kind = "too_large"


class Unpackable(Refused):
    """A compressed body that is broken."""

    kind = "cut_off"


class Disallowed(Refused):
    """robots.txt asks us not to: no error."""

    kind = "robots"


class RobotsUnreachable(Refused):
    """Whether we may ask could not be learnt, so nothing is asked."""

    kind = "network"


class RobotsBlocked(Refused):
    """robots.txt itself is kept from us."""

    kind = "blocked"


class BudgetSpent(Refused):
    """The crawl has asked for as much, or for as long, as it may."""

    kind = "budget"


class Stopped(Refused):
    """The spider has decided to stop; this was not asked any more."""

    kind = "stopped"


class OriginGateMiddleware:
    """The last door before the network: nothing passes but the spider's own origin.

    Scrapy's off-site filter lets `dont_filter` requests, and so redirects of start pages, through.
    """

    def __init__(self, crawler: Crawler):
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "OriginGateMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        spider = self._crawler.spider
        if not request.url.startswith(spider.origin + "/") or b"Host" in request.headers:
            raise OtherHost(f"{request.url} is not on {spider.origin}")
        if spider.is_stopping:
            raise Stopped("not asked: the crawl is being stopped")


class BudgetMiddleware:
    """Counts what goes out to the site: pages, redirects, retries and robots.txt."""

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        self._most = crawler.settings.getint("BUDGET_REQUESTS")
        self._seconds = crawler.settings.getfloat("BUDGET_SECONDS")
        self._began = monotonic()
        self._asked = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "BudgetMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if self._most and self._asked >= self._most:
            raise BudgetSpent(f"not asked: the budget of {self._most} requests is spent")
        if self._seconds and monotonic() - self._began >= self._seconds:
            minutes = f"{self._seconds / 60:g} minutes"
            raise BudgetSpent(f"not asked: the budget of {minutes} is spent")
        self._asked += 1


class SameOriginRedirectMiddleware(RedirectMiddleware):
    """Follows a few redirects on the spider's origin; says where the others lead.

    Scrapy follows to any host. Validators belong to the address that gave them, so they are not
    sent along: the help home's "not modified" would pass for the article's.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SameOriginRedirectMiddleware":
        redirects = cls(crawler.settings)
        redirects.crawler = crawler
        return redirects

    def handle_referer(self, request: Request, response: Response) -> None:
        request.headers.pop("Referer", None)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        try:
            following = super().process_response(request, response)
        except IgnoreRequest as error:
            raise TooManyRedirects(
                f"more than {self.max_redirect_times} redirects", status=response.status
            ) from error
        except ValueError as error:
            raise OtherHost("redirects to what is no address", status=response.status) from error
        if following is response:
            return response
        origin = self.crawler.spider.origin
        url = moved(following.url, origin, origin)
        if url is None:
            raise OtherHost(f"redirects to {following.url}", status=response.status)
        for validator in ("If-None-Match", "If-Modified-Since"):
            following.headers.pop(validator, None)
        return following.replace(url=url)


class UnpackingMiddleware(HttpCompressionMiddleware):
    """Names a body that unpacks beyond the limit, or not at all; Scrapy drops the one and lets the
    other's error pass for one of the network.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise TooLarge(
                f"{len(response.body)} bytes unpack to more than {self._max_size}",
                status=response.status,
            ) from error
        except _UNPACKING_ERRORS as error:
            raise Unpackable(f"cannot be unpacked: {error}", status=response.status) from error


class PatientRetryMiddleware(RetryMiddleware):
    """Retries as Scrapy does, and lets requests go out one by one: each the delay after the one
    before, and none while the site asks for quiet.

    Scrapy keeps the delay in a queue of its own, which neither a site's wish nor the end of the
    crawl reaches any more. So the wait is here, and that queue stays empty; the delay is still
    Scrapy's, since AutoThrottle moves it.

    A longer wait than RETRY_AFTER_MAX_SECONDS is no wait of ours: the answer goes on to the spider
    with `dont_retry` in its meta.
    """

    def __init__(self, settings):
        super().__init__(settings)
        self._default_wait_seconds = settings.getfloat("RETRY_AFTER_DEFAULT_SECONDS")
        self._max_wait_seconds = settings.getfloat("RETRY_AFTER_MAX_SECONDS")
        self._delay_seconds = settings.getfloat("DOWNLOAD_DELAY")
        self._quiet_until = self._last_sent_at = 0.0
        self._turn = asyncio.Lock()

    async def process_request(self, request: Request) -> None:
        async with self._turn:
            while (wait_seconds := self._next_turn_at() - monotonic()) > 0:
                if self.crawler.spider.is_stopping:
                    return  # the gate refuses it
                await asyncio.sleep(min(wait_seconds, 1.0))
            self._last_sent_at = monotonic()

    def _next_turn_at(self) -> float:
        slots = self.crawler.engine.downloader.slots.values()
        delay_seconds = max((slot.delay for slot in slots), default=self._delay_seconds)
        return max(self._quiet_until, self._last_sent_at + delay_seconds)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if response.status in (429, 503):
            wait_seconds = retry_after_seconds(
                response.headers.get("Retry-After"), datetime.now(UTC)
            )
            if wait_seconds is None:
                wait_seconds = self._default_wait_seconds if response.status == 429 else 0.0
            if wait_seconds > self._max_wait_seconds:
                request.meta["dont_retry"] = True
            else:
                self._quiet_until = max(self._quiet_until, monotonic() + wait_seconds)
        return super().process_response(request, response)


def retry_after_seconds(value: bytes | None, now: datetime) -> float | None:
    """A Retry-After header (seconds or an HTTP date) as seconds from `now`; None if unreadable."""
    if value is None:
        return None
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


class RobotsMiddleware(RobotsTxtMiddleware):
    """Obeys robots.txt, its Crawl-delay too, and asks nothing where it cannot be read.

    Scrapy allows everything when robots.txt answers 5xx or not at all, and asks the robots.txt of
    any host. An answer of 4xx means that there is none (RFC 9309), but for those that say "go
    away".
    """

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._answer: asyncio.Future[RobotParser] | None = None
        self._max_delay_seconds = crawler.settings.getfloat("CRAWL_DELAY_MAX_SECONDS")

    async def process_request(self, request: Request) -> None:
        spider = self.crawler.spider
        is_ours = request.url.startswith(spider.origin + "/")
        if request.meta.get("dont_obey_robotstxt") or not is_ours:
            return  # robots.txt itself, or what the gate will refuse
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._ask(spider))
        if not self._answer.done():
            await asyncio.wait([self._answer])
        error = self._answer.exception()
        if isinstance(error, RobotsBlocked | Stopped):
            raise error
        if error is not None:
            raise RobotsUnreachable(
                f"robots.txt could not be read, so nothing was asked: {why(error)}",
                status=getattr(error, "status", None),
            ) from error
        self.process_request_2(self._answer.result(), request)

    def process_request_2(self, rp: RobotParser, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise Disallowed("robots.txt disallows this address") from error

    async def _ask(self, spider: Spider) -> RobotParser:
        request = Request(
            f"{spider.origin}/robots.txt",
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        response = await self.crawler.engine.download_async(request)
        status = response.status
        if status in (401, 403, 429) or is_challenge(response, spider):
            raise RobotsBlocked(f"robots.txt answers {status}: we are kept out", status=status)
        if not 200 <= status < 300 and not 400 <= status < 500:
            raise RobotsUnreachable(f"it answers {status}", status=status)
        parser = self._parserimpl.from_crawler(self.crawler, response.body if status < 300 else b"")
        agent = self._robotstxt_useragent or self._default_useragent
        keep_apart(self.crawler, min(parser.crawl_delay(agent) or 0.0, self._max_delay_seconds))
        return parser


def keep_apart(crawler: Crawler, seconds: float) -> None:
    """From now on at least so long lies between two requests, retries and redirects included.

    Scrapy's own delay is raised, by which AutoThrottle and our turns go.
    """
    downloader = crawler.engine.downloader
    least = max(seconds, crawler.settings.getfloat("DOWNLOAD_DELAY"))
    for slot in downloader.slots.values():
        slot.delay = max(slot.delay, least)
    # A slot that was idle for a minute is thrown away and made anew.
    host = urlsplit(crawler.spider.origin).hostname
    downloader.per_slot_settings[host] = {"delay": least}
    throttle = crawler.get_extension(AutoThrottle)
    if throttle is not None:
        throttle.mindelay = max(throttle.mindelay, least)


def is_challenge(response: Response, spider: Spider) -> bool:
    """Whether a web page stands where robots.txt was asked for, and it is a challenge."""
    if response.headers.get("cf-mitigated") == b"challenge":
        return True
    if response.body.lstrip()[:1] != b"<":
        return False
    try:
        spider.site.read_page(response.body, f"{spider.canonical_base}/robots.txt")
    except Blocked:
        return True
    except PageError:
        return False
    return False


def check_answer(response: Response) -> None:
    """The page guard: raises the PageError that an answer's status or type amounts to, if any.

    What remains is for the site's reader, which knows pages by their content.
    """
    status = response.status
    if response.headers.get("cf-mitigated") == b"challenge":
        raise Blocked(f"answers {status} with a challenge", kind="challenge")
    if status in (401, 403, 429, 451):
        raise Blocked(f"answers {status}")
    if status >= 500:
        raise PageIncomplete(f"answers {status}", kind="server_error")
    if status in (404, 410):
        raise NotAnArticle(f"answers {status}", kind="not_found")
    if 300 <= status < 400:
        raise NotAnArticle(f"answers {status} and leads nowhere we go", kind="other_host")
    if status != 200:
        raise NotAnArticle(f"answers {status}", kind="server_error")
    content_type = response.headers.get("Content-Type", b"").split(b";")[0].strip().lower()
    if content_type and not _READABLE_TYPE.fullmatch(content_type):
        raise NotAnArticle(f"is {content_type.decode('latin-1')}, not a page", kind="wrong_type")


_READABLE_TYPE = re.compile(rb"text/.*|.*[/+](html|json|xml)")
