"""One crawl of the model centre through the real agenda, recording and store; Scrapy left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace

from db.kinds import Outcome
from db.store import Store
from db.versions import Comparer
from model_centre import (
    BASE,
    LOCALES,
    TERM,
    ZONE,
    Article,
    Centre,
    Look,
    address,
    article_page,
    page_at,
    recorded_facts,
    start_urls,
)
from spiders.agenda import Agenda, Errand
from spiders.items import ArticlePage, Fetch, Page, PageGone, PageRead, PageUnusable
from tracker import text
from tracker.run.config import Config, SiteConfig
from tracker.run.crawl import CrawlJob, Recording

SITE = SimpleNamespace(
    TIME_ZONE=ZONE,
    start_urls=start_urls,
    article_url=lambda base, locale, slug: address(locale, f"/{slug}"),
)
_ORDER = {"home": 0, "listing": 1, "article": 2}


@dataclass(frozen=True)
class Watched:
    """What the configuration watches of the centre."""

    sections: tuple[str, ...] = ()
    """None: all of them."""
    has_search: bool = True

    @property
    def config(self) -> Config:
        searches = ({"category": "all", "term": TERM},) if self.has_search else ()
        site = SiteConfig(locales=LOCALES, sections=self.sections, searches=searches)
        return Config(sites={"demo": site})

    def holds_section(self, slug: str | None) -> bool:
        return not self.sections or slug in self.sections

    def holds(self, article: Article, trouble: "Trouble | None" = None) -> bool:
        """Whether a listed article stands in a listing that is read; `trouble` may close some."""
        is_closed = trouble.disallows if trouble else lambda path: False
        in_section = self.holds_section(article.section)
        in_search = self.has_search and article.is_in_search
        return (in_section and not is_closed(f"/section/{article.section}")) or (
            in_search and not is_closed("/search")
        )


@dataclass(frozen=True)
class Trouble:
    """What goes wrong in one crawl. `failing` are places in the order of asking."""

    failing: frozenset[int] = frozenset()
    disallowed: frozenset[str] = frozenset()
    """What robots.txt disallows: beginnings of paths behind `/help`."""
    stops_after: int | None = None
    stops_as: str = "blocked"
    """blocked, shutdown, budget; killed: nobody closes the crawl."""
    shifts: Mapping[int, Callable[[Centre], None]] = field(default_factory=dict)
    """What happens to the centre after so many pages were read."""

    @property
    def is_none(self) -> bool:
        return self == Trouble()

    def disallows(self, path: str) -> bool:
        return path.startswith(tuple(self.disallowed))


@dataclass
class Crawled:
    """What a crawl was served, in order, and how it ended."""

    crawl_id: int
    served: list[PageRead]
    outcome: Outcome | None = None
    is_cut_short: bool = False


def comparer(look: Look) -> Comparer:
    """The real notion of sameness; pages are read again by today's reader."""
    return Comparer(
        same_text=partial(text.is_same, own_origin=BASE),
        same_title=text.same_title,
        reread=lambda body, url, form, *_: article_page(
            body, Look(seed=look.seed, form=form, parser=look.parser)
        ),
        zone=ZONE,
    )


def crawl(
    store: Store,
    centre: Centre,
    now: datetime,
    look: Look,
    trouble: Trouble,
    watched: Watched,
    *,
    full: bool,
) -> Crawled:
    """Reads the centre as the spider would; what is still to be asked comes from the agenda."""
    config = watched.config
    recording = Recording(CrawlJob(config=config, site="demo", now=now, full=full), store)
    store.compare_with(comparer(look))
    recording.begin()
    agenda = Agenda(
        SITE, base_url=BASE, sections=watched.sections, known=recording.known, full=full
    )
    done = Crawled(recording.crawl_id, [])
    site = store.site("demo", BASE)
    searches = config.site("demo").searches
    queue = [errand for locale in LOCALES for errand in agenda.begin(locale, searches)]
    while queue or (queue := agenda.missing()):
        if len(done.served) == trouble.stops_after:
            break
        queue.sort(key=lambda errand: (_ORDER[errand.wanted], errand.is_recheck))
        errand = queue.pop(0)
        place = len(done.served)
        at = now + timedelta(seconds=place)
        if trouble.disallows(errand.url.removeprefix(address(errand.locale))):
            read = _unread(errand, at, "robots")
        elif place in trouble.failing:
            read = _unread(errand, at, "server_error", status=503)
        else:
            read = _read(centre, errand, at, look)
        store.record(done.crawl_id, site.id, read)
        done.served.append(read)
        queue += agenda.after(errand, read.page)
        trouble.shifts.get(place, lambda centre: None)(centre)
    is_stopped = len(done.served) == trouble.stops_after and bool(queue)
    done.is_cut_short = is_stopped
    if is_stopped and trouble.stops_as == "budget":
        refused = min(queue, key=lambda errand: _ORDER[errand.wanted])
        told = refused.locale if refused.wanted != "article" else None
        for errand in [refused, *(e for e in agenda.unread() if e.locale != told)]:
            store.record(done.crawl_id, site.id, _unread(errand, now, "budget"))
    if not (is_stopped and trouble.stops_as == "killed"):
        recording.finish(trouble.stops_as if is_stopped else "finished")
    row = store.connection.execute(
        "SELECT outcome FROM crawls WHERE id = ?", [done.crawl_id]
    ).fetchone()
    done.outcome = row[0]
    return done


def saved_page(centre: Centre, article: Article, at: datetime) -> tuple[datetime, bytes] | None:
    """An article's page as somebody saves it; None where its address does not answer."""
    return None if article.presence == "removed" else (at, recorded_facts(article))


def import_pages(
    store: Store, pages: Sequence[tuple[datetime, bytes]], look: Look
) -> tuple[int, list[PageRead]]:
    """One import of saved pages, oldest first, each of another article; its id and what it read."""
    site = store.site("demo", BASE)
    store.compare_with(comparer(look))
    crawl_id = store.begin_crawl(
        site, pages[0][0], parser=look.parser, locales=LOCALES, kind="import"
    )
    reads = []
    for at, body in pages:
        page = article_page(body, look)
        fetch = Fetch(url=page.url, fetched_at=at, body=body)
        reads.append(PageRead(fetch=fetch, page=page, wanted="article"))
        store.record(crawl_id, site.id, reads[-1])
    store.finish_crawl(crawl_id, "complete", pages[-1][0])
    return crawl_id, reads


def _read(centre: Centre, errand: Errand, at: datetime, look: Look) -> PageRead:
    page: Page = page_at(centre, errand.url, look)
    body = b""
    if isinstance(page, ArticlePage):
        number = int(page.source_id.removeprefix("id"))
        body = recorded_facts(centre.articles[number, page.locale])
    status = 404 if isinstance(page, PageGone) else 200
    return _answer(errand, page, Fetch(url=errand.url, fetched_at=at, status=status, body=body))


def _unread(errand: Errand, at: datetime, kind: str, status: int | None = None) -> PageRead:
    page = PageUnusable(locale=errand.locale, url=errand.url, kind=kind, message="not read")
    return _answer(errand, page, Fetch(url=errand.url, fetched_at=at, status=status))


def _answer(errand: Errand, page: Page, fetch: Fetch) -> PageRead:
    article_id = errand.article.article_id if errand.article else None
    return PageRead(fetch=fetch, page=page, wanted=errand.wanted, article_id=article_id)
