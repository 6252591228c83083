"""The one spider: a help centre's listings and articles -> one PageRead for each answer.

`base_url` says only where to fetch. Everything that leaves the spider bears the canonical base, so
a page read from a mirror or a test server is the same page.

How a crawl ended stands in Scrapy's closing reason, which pipelines get with `spider_closed`:

- `finished`: everything that was to be asked for was asked for;
- `blocked`: the site keeps us out (exit code 3);
- `unreachable`: robots.txt cannot be read, or nothing answers (exit code 3);
- `budget`: it has asked for as much, or for as long, as it may; listings come first then;
- `no_pages`: no listing or article came out of it, as when there is nothing to ask: failed;
- `spider_error`: a reader raised something else than a page error, so some page is missing;
- `start_error`, `shutdown` and Scrapy's others: interrupted.

Each item is a PageRead. A crawl that yields none is `no_pages` or `unreachable`, never `finished`.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, NoReturn

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import (
    CloseSpider,
    DontCloseSpider,
    DownloadCancelledError,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.python.failure import Failure

from spiders import sites
from spiders.agenda import Agenda, Errand, Progress
from spiders.errors import Blocked, NotAnArticle, PageError, PageIncomplete
from spiders.items import (
    ArticlePage,
    Fetch,
    HomePage,
    KnownArticle,
    ListingPage,
    Page,
    PageGone,
    PageRead,
    PageUnchanged,
    PageUnusable,
)
from spiders.middlewares import (
    BudgetSpent,
    Refused,
    RobotsBlocked,
    RobotsUnreachable,
    Stopped,
    check_answer,
)
from spiders.no_answer import why
from spiders.origin import moved, origin_of

BLOCKED_ARTICLES_TO_STOP = 3
"""Refusals in a row. One article may be kept from us; three in a row mean us."""
LEAST_ARTICLES_OUT = 50
"""Articles handed to Scrapy at a time, twice CONCURRENT_REQUESTS if that is more. The others wait
as errands: tens of thousands of Scrapy's requests take more memory than all else."""
UNANSWERED_TO_STOP = 10
"""Requests in a row, each with its retries, to which nothing answered."""

_PRIORITIES = {"home": 20, "listing": 10, "article": 0}


class HelpCentreSpider(Spider):
    """Reads every listing once, and the articles that are new, changed, due or missing.

    Arguments may be text, as `scrapy crawl -a` gives them: lists with commas, searches as
    `category:term`, `now` in ISO 8601. ValueError says which argument is wrong.
    `spool` names the database file that a pipeline of ours records into; None: the configured one.
    `known` is what that database holds; a pipeline sets it in `open_spider`, before `start`.
    """

    name = "helpcentre"
    custom_settings: ClassVar[dict[str, Any]] = {
        # One answer makes one item. Scrapy starts as many workers for each answer, by default a
        # hundred, and to start and end them costs as much as all else that it does for a page.
        "CONCURRENT_ITEMS": 1,
        # Scrapy would parse our source for a mistake that is not in it, time and again.
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        # Pages that are read and wait to be recorded, in bytes: forty, so that downloads go on
        # while the other process starts, or brings its log into the database.
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 6_000_000,
    }
    known: Sequence[KnownArticle] = ()

    def __init__(
        self,
        site: str = "okx",
        base_url: str | None = None,
        locales: str | Sequence[str] | None = None,
        sections: str | Sequence[str] | None = None,
        searches: str | Sequence[Any] | None = None,
        full: bool | str = False,
        now: datetime | str | None = None,
        canonical_base: str | None = None,
        spool: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.site = sites.load(site)
        self.canonical_base = origin_of(canonical_base or self.site.BASE_URL or base_url or "")
        self.base_url = self.origin = origin_of(base_url or self.canonical_base)
        self.locales = _listed(locales) or [self.site.DEFAULT_LOCALE]
        self.sections = _listed(sections)
        self.searches = [_search(search) for search in _listed(searches)]
        self.spool = spool
        self.full = _truth(full)
        self.now = _instant(now)
        self._is_done = False
        self.has_budget = False
        self._later: list[Errand] = []
        self._waiting: deque[Errand] = deque()
        self._articles_out = 0
        self._most_articles_out = LEAST_ARTICLES_OUT
        self._agenda = self._new_agenda()
        self._has_answered = False
        self._unanswered_in_a_row = self._blocked_in_a_row = self._pages_of_use = 0
        self._troubles: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "HelpCentreSpider":
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.has_budget = any(
            crawler.settings.getfloat(name) for name in ("BUDGET_REQUESTS", "BUDGET_SECONDS")
        )
        spider._most_articles_out = max(
            LEAST_ARTICLES_OUT, 2 * crawler.settings.getint("CONCURRENT_REQUESTS")
        )
        crawler.signals.connect(spider.ask_for_the_missing, signals.spider_idle)
        return spider

    @property
    def progress(self) -> Progress:
        """For a progress bar; counts move while the crawl runs."""
        return self._agenda.progress

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is to be asked: we have had enough, or are told to end."""
        return self._is_done or not self.crawler.crawling

    def ask_no_more(self) -> None:
        """What waits for its turn is not asked any more; what is under way may end."""
        self._is_done = True

    async def start(self) -> AsyncIterator[PageRead | Request]:
        self._agenda = self._new_agenda()
        for locale in self.locales:
            for asked in self._ask(self._agenda.begin(locale, self.searches)):
                yield asked

    def ask_for_the_missing(self) -> None:
        """When all is read: known articles that were in no listing, then the end.

        On a budget, all articles come now, those that only are to be read again last.
        """
        errands = sorted(
            [*self._later, *self._agenda.missing()], key=lambda errand: errand.is_recheck
        )
        self._later = []
        self._articles_out = 0  # nothing is out; one on which a reader failed was not counted back
        requests = [*self._ask(errands, is_now=True)]
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider
        if self.crawler.stats.get_value("spider_exceptions/count"):
            raise CloseSpider("spider_error")
        if not self._pages_of_use:
            is_silent = self._troubles and self._troubles <= {"network", "server_error"}
            raise CloseSpider("unreachable" if is_silent else "no_pages")

    # -- what comes back --------------------------------------------------------------------

    def read(self, response: Response, errand: Errand) -> Iterator[PageRead | Request]:
        """Callback of every request: an answer of any status."""
        self._has_answered, self._unanswered_in_a_row = True, 0
        self._articles_out -= errand.wanted == "article"
        is_blocked = False
        fetch = self._fetch(response)
        try:
            page = self._page(response, fetch, errand)
        except PageError as error:
            again = self._again(response, error)
            if again is not None:
                self._articles_out += errand.wanted == "article"
                yield again
                return
            is_blocked = isinstance(error, Blocked)
            page = _unusable(errand, error.kind, str(error))
        if isinstance(page, PageGone | PageUnusable):
            # What was asked for is at fault, wherever it may have led.
            fetch = replace(fetch, url=errand.url)
        yield self._item(errand, fetch, page)
        self._mind_blocks(is_blocked, errand, response)
        yield from self._ask(self._agenda.after(errand, page))

    def fail(self, failure: Failure) -> Iterator[PageRead | Request]:
        """Errback of every request: no answer, or one that a rule of ours turned away."""
        errand, error = failure.request.cb_kwargs["errand"], failure.value
        self._articles_out -= errand.wanted == "article"
        if isinstance(error, Stopped) or (isinstance(error, BudgetSpent) and self.is_stopping):
            return
        kind = _kind_of(error)
        status = error.status if isinstance(error, Refused) else None
        fetch = Fetch(url=errand.url, fetched_at=self._clock(), status=status)
        page = _unusable(errand, kind, why(error))
        yield self._item(errand, fetch, page)
        if isinstance(error, RobotsBlocked):
            self._stop("blocked")
        if isinstance(error, BudgetSpent):
            yield from self._left_unread(errand, error)
            self._stop("budget")
        self._mind_silence(kind, isinstance(error, RobotsUnreachable))
        yield from self._ask(self._agenda.after(errand, page))

    def _page(self, response: Response, fetch: Fetch, errand: Errand) -> Page:
        """What an answer says, as far as it is what was asked for; else raises PageError."""
        if response.status == 304 and _validators(response.request):
            return PageUnchanged(locale=errand.locale, url=errand.url)
        if response.status in (404, 410) and errand.wanted == "article" and _is_plain(response):
            reason = f"answers {response.status}"
            return PageGone(locale=errand.locale, url=errand.url, reason=reason)
        check_answer(response)
        page = self.site.read_page(fetch.body, fetch.url, content_type=fetch.content_type)
        return _fitting(errand, page)

    def _again(self, response: Response, error: PageError) -> Request | None:
        """A page that is broken off may be whole the next time, within RETRY_TIMES."""
        was_retried = response.status in self.settings.getlist("RETRY_HTTP_CODES")
        if not isinstance(error, PageIncomplete) or response.meta.get("dont_retry") or was_retried:
            return None
        return get_retry_request(response.request, spider=self, reason=error.kind)

    # -- when to stop -----------------------------------------------------------------------

    def _mind_blocks(self, is_blocked: bool, errand: Errand, response: Response) -> None:
        """Stops where the site keeps us out, or asks us to stay away longer than we would wait."""
        self._blocked_in_a_row = self._blocked_in_a_row + 1 if is_blocked else 0
        if is_blocked and (
            errand.wanted != "article"
            or response.meta.get("dont_retry")
            or self._blocked_in_a_row >= BLOCKED_ARTICLES_TO_STOP
        ):
            self._stop("blocked")

    def _mind_silence(self, kind: str, is_for_all: bool) -> None:
        """Stops where nothing answers: at once when nothing ever did."""
        if kind != "network":
            return
        self._unanswered_in_a_row += 1
        if is_for_all or not self._has_answered or self._unanswered_in_a_row >= UNANSWERED_TO_STOP:
            self._stop("unreachable")

    def _left_unread(self, refused: Errand, error: BudgetSpent) -> Iterator[PageRead]:
        """An item for each other locale with listings to be read, which nothing else would tell."""
        told = refused.locale if refused.wanted != "article" else None
        for errand in self._agenda.unread():
            if errand.locale != told:
                page = _unusable(errand, error.kind, str(error))
                yield self._item(errand, Fetch(url=errand.url, fetched_at=self._clock()), page)

    def _stop(self, reason: str) -> NoReturn:
        self.ask_no_more()
        raise CloseSpider(reason)

    # -- what goes out ----------------------------------------------------------------------

    def _new_agenda(self) -> Agenda:
        return Agenda(
            self.site,
            base_url=self.canonical_base,
            sections=self.sections,
            known=self.known,
            full=self.full,
        )

    def _ask(
        self, errands: Iterable[Errand], *, is_now: bool = False
    ) -> Iterator[PageRead | Request]:
        """Requests for errands; at once an item for one that leads to another host. On a budget,
        articles wait until all listings are read.
        """
        for errand in errands:
            if errand.wanted != "article":
                yield from self._begun(errand)
            elif self.has_budget and not is_now:
                self._later.append(errand)
            else:
                self._waiting.append(errand)
        while self._waiting and self._articles_out < self._most_articles_out:
            yield from self._begun(self._waiting.popleft())

    def _begun(self, errand: Errand) -> Iterator[PageRead | Request]:
        url = moved(errand.url, self.canonical_base, self.origin)
        url = url or moved(errand.url, self.origin, self.origin)
        if url is not None:
            self._articles_out += errand.wanted == "article"
            yield self._request(errand, url)
            return
        page = _unusable(errand, "other_host", f"is not on {self.canonical_base}")
        yield self._item(errand, Fetch(url=errand.url, fetched_at=self._clock()), page)
        yield from self._ask(self._agenda.after(errand, page))

    def _request(self, errand: Errand, url: str) -> Request:
        """Every request may repeat an address (`dont_filter`): the agenda keeps count, and a
        redirect to a page read before must still give its item.
        """
        headers = {"Accept-Language": errand.locale}
        if errand.article and not self.full:
            if errand.article.etag:
                headers["If-None-Match"] = errand.article.etag
            if errand.article.last_modified:
                headers["If-Modified-Since"] = errand.article.last_modified
        return Request(
            url,
            callback=self.read,
            errback=self.fail,
            cb_kwargs={"errand": errand},
            headers=headers,
            priority=_PRIORITIES[errand.wanted],
            dont_filter=True,
        )

    def _item(self, errand: Errand, fetch: Fetch, page: Page) -> PageRead:
        self.progress.pages_read += 1
        self._pages_of_use += isinstance(page, ListingPage | ArticlePage | PageUnchanged)
        if isinstance(page, PageUnusable):
            self._troubles.add(page.kind)
        wanted = errand.wanted
        if errand.is_door and isinstance(page, HomePage | ListingPage):
            wanted = "home" if isinstance(page, HomePage) else "listing"
        article_id = errand.article.article_id if errand.article else None
        return PageRead(fetch=fetch, page=page, wanted=wanted, article_id=article_id)

    def _fetch(self, response: Response) -> Fetch:
        latency_seconds = response.meta.get("download_latency")
        return Fetch(
            url=self._canonical(response.url),
            fetched_at=self._clock(),
            status=response.status,
            body=response.body,
            content_type=_header(response, "Content-Type"),
            elapsed_ms=None if latency_seconds is None else round(latency_seconds * 1000),
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
        )

    def _canonical(self, url: str) -> str:
        plain = url.partition("#")[0]
        return moved(plain, self.origin, self.canonical_base) or plain

    def _clock(self) -> datetime:
        return self.now or datetime.now(UTC)


def _fitting(errand: Errand, page: Page) -> Page:
    """`page` if it is what was asked for. An article that leads to the help home is gone."""
    if errand.wanted == "article":
        if isinstance(page, HomePage):
            reason = "leads to the help home page"
            return PageGone(locale=errand.locale, url=errand.url, reason=reason)
        if isinstance(page, ListingPage):
            raise NotAnArticle(f"leads to the {page.kind} {page.slug!r}, which is no article")
        return page
    if isinstance(page, HomePage) and not (errand.is_door and errand.wanted == "home"):
        raise NotAnArticle("leads to the help home page, which is no listing", kind="home")
    if not isinstance(page, HomePage | ListingPage):
        raise NotAnArticle("is an article where a listing was asked for")
    return page


def _kind_of(error: BaseException) -> str:
    if isinstance(error, Refused):
        return error.kind
    if isinstance(error, DownloadCancelledError):
        return "too_large"  # the one reason for which Scrapy breaks off a download
    return "cut_off" if isinstance(error, ResponseDataLossError) else "network"


def _unusable(errand: Errand, kind: str, message: str) -> PageUnusable:
    return PageUnusable(locale=errand.locale, url=errand.url, kind=kind, message=message)


def _validators(request: Request) -> bool:
    return b"If-None-Match" in request.headers or b"If-Modified-Since" in request.headers


def _is_plain(response: Response) -> bool:
    return b"cf-mitigated" not in response.headers


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value is not None else None


# -- arguments, as Python or as text -------------------------------------------------------------


def _listed(value: str | Sequence[Any] | None) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value or ())


def _search(value: Any) -> Mapping[str, str]:
    if not isinstance(value, str):
        return value
    category, separator, term = value.partition(":")
    if not separator:
        raise ValueError(f"The search {value!r} is not of the form category:term")
    return {"category": category, "term": term}


def _truth(value: bool | str) -> bool:
    if isinstance(value, bool):
        return value
    answers = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if value.lower() not in answers:
        raise ValueError(f"full is {value!r}; give true or false")
    return answers[value.lower()]


def _instant(value: datetime | str | None) -> datetime | None:
    """An aware instant; text without an offset is UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
