"""One crawl of one site: begun, each page recorded as it comes, finished with its outcome."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from db import queries, states
from db.kinds import Outcome
from db.records import Crawl, Site
from db.store import Store
from spiders import sites
from spiders.items import KnownArticle, PageRead
from tracker.run import recorder
from tracker.run.channel import Post
from tracker.run.config import Config
from tracker.run.recorder import Recorder
from tracker.run.sameness import comparer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlJob:
    """What one crawl is to do. `base_url` says only where to fetch; `now` stands for the clock."""

    config: Config
    site: str
    full: bool = False
    base_url: str | None = None
    locales: tuple[str, ...] = ()
    sections: tuple[str, ...] | None = None
    """Slugs, empty for all; None: as configured. So it is with `searches`, as category:term."""
    searches: tuple[str, ...] | None = None
    now: datetime | None = None

    @property
    def canonical_base(self) -> str:
        return self.config.site(self.site).base_url

    @property
    def wanted_locales(self) -> tuple[str, ...]:
        return self.locales or self.config.site(self.site).locales

    @property
    def wanted_sections(self) -> tuple[str, ...]:
        return self.config.site(self.site).sections if self.sections is None else self.sections

    @property
    def wanted_searches(self) -> tuple[str, ...]:
        return self.config.site(self.site).search_names if self.searches is None else self.searches

    def instant(self) -> datetime:
        """Now, in whole seconds: as given, else by the clock."""
        return self.now or datetime.now(UTC).replace(microsecond=0)


def run_crawl(job: CrawlJob, store: Store) -> Crawl:
    """Crawls and records; the finished crawl. A Twisted reactor starts once per process.

    Raises DatabaseUnusable when the store fails; trouble with pages is recorded, not raised.
    """
    # Begun before Scrapy starts: what is wrong with the database is raised, not logged.
    recording = Recording(job, store)
    recording.begin()
    writer = recording.recorder() if recorder.IS_POSSIBLE else None
    try:
        # Loaded while the recorder starts, which takes as long.
        from tracker.run import scraping

        scraping.run(recording, writer)
    finally:
        if writer:
            writer.close()
    if recording.failure:
        raise recording.failure
    if not recording.is_finished:
        raise RuntimeError("Scrapy ended before the crawl did; run with --debug to see why.")
    done = queries.crawl(store.connection, recording.crawl_id)
    _log_end(done)
    return done


def _log_end(crawl: Crawl) -> None:
    facts = {
        "crawl": crawl.id,
        "site": crawl.site,
        "outcome": crawl.outcome,
        "pages_fetched": crawl.pages_fetched,
        "articles_listed": crawl.articles_listed,
        "articles_fetched": crawl.articles_fetched,
        "errors": crawl.errors,
    }
    logger.info(
        "crawl %d of %s ended: %s; %d pages fetched, %d articles read, %d errors",
        *(crawl.id, crawl.site, crawl.outcome),
        *(crawl.pages_fetched, crawl.articles_fetched, crawl.errors),
        extra={"facts": facts},
    )


class Recording:
    """One crawl's way into the store: begun, each page recorded, finished with its outcome."""

    def __init__(self, job: CrawlJob, store: Store):
        self.job, self.store = job, store
        self.crawl_id: int | None = None
        self.known: Sequence[KnownArticle] = ()
        self.failure: Exception | None = None
        self.is_finished = False
        self._module = sites.load(job.site)
        self._site: Site = store.site(job.site, job.canonical_base)
        store.compare_with(comparer(self._module, job.canonical_base))

    def begin(self) -> None:
        """Opens the crawl; `known` is then what the spider must know of the stored articles."""
        started_at = self.job.instant()
        self.crawl_id = self.store.begin_crawl(
            self._site,
            started_at,
            parser=self._module.PARSER,
            locales=self.job.wanted_locales,
            sections=self.job.wanted_sections,
            searches=self.job.wanted_searches,
        )
        connection = self.store.connection
        recheck_days = self.job.config.crawl.recheck_days
        due = {
            article_id
            for article_id, (identity, at) in states.last_read(connection, self._site.id).items()
            if self.job.full
            or is_due(identity, at and datetime.fromisoformat(at), started_at, recheck_days)
        }
        self.known = states.known_articles(
            connection,
            self._site.id,
            due,
            locales=self.job.wanted_locales,
            sections=self.job.wanted_sections,
        )

    def recorder(self) -> Recorder:
        """A process that records the pages of this crawl; started at once."""
        post = Post(
            database=str(self.store.path),
            site=self.job.site,
            base_url=self.job.canonical_base,
            crawl_id=self.crawl_id,
            site_id=self._site.id,
        )
        return Recorder(post)

    def record(self, read: PageRead) -> None:
        self.store.record(self.crawl_id, self._site.id, read)

    def finish(self, reason: str) -> None:
        facts = queries.crawl_facts(self.store.connection, self.crawl_id)
        wanted = frozenset(self.job.wanted_locales)
        outcome = outcome_of(reason, wanted <= facts.locales_complete, facts.page_kinds)
        self.store.finish_crawl(self.crawl_id, outcome, self.job.instant())
        self.is_finished = True


def outcome_of(reason: str, all_complete: bool, page_kinds: Mapping[str, int]) -> Outcome:
    """How a crawl ended. `reason` is the spider's closing reason.

    A crawl in which no listing was read has seen nothing: it failed, however quietly it ended.
    """
    if reason == "blocked":
        return "blocked"
    if reason == "unreachable" or not any(page_kinds.get(kind) for kind in LISTING_KINDS):
        return "failed"
    if reason == "budget":
        return "partial"
    if reason != "finished":
        return "interrupted"
    return "complete" if all_complete else "partial"


LISTING_KINDS = ("section", "category", "search", "api")


def is_due(identity: str, last_read_at: datetime | None, now: datetime, recheck_days: int) -> bool:
    """Whether an article's own day in the recheck cycle has come since it was last read.

    The day comes from a hash of its identity, so that each day has an equal share of them.
    """
    if last_read_at is None:
        return True
    offset = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:4], "big") % recheck_days
    turn = timedelta(days=recheck_days)
    epoch = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=offset)
    return (now - epoch) // turn > (last_read_at - epoch) // turn
