"""Saved pages, listing text and archives -> the same records that a crawl gives.

Captures are recorded in the order of their time, and one import may be kept as several crawls of
kind `import`: a comparison takes one state before and one after for each article, so a page that
comes again begins a new pass.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType

from db.identity import fits_several
from db.records import Site
from db.store import Store
from spiders import sites
from spiders.errors import PageError
from spiders.items import ArticlePage, Fetch, HomePage, ListingEntry, ListingPage, PageRead
from spiders.listing_tail import squeezed
from spiders.listing_text import parse_listing_text
from tracker.run import captures
from tracker.run.address import Addresses
from tracker.run.captures import Capture, Found
from tracker.run.config import Config
from tracker.run.cycle import conclude
from tracker.run.errors import UsageError
from tracker.run.options import now_utc
from tracker.run.sameness import comparer
from tracker.run.saved import Unreadable
from tracker.run.ticker import Ticker

LONGEST_PASS = timedelta(days=1)
"""Captures further apart are no one look at the site: each is told under its own time."""


@dataclass(slots=True)
class ImportResult:
    """What an import read: page kind -> how many; and what it skipped, with the reason."""

    crawl_ids: list[int] = field(default_factory=list)
    """The passes that it was kept as, in order of time."""
    first_captured_at: datetime | None = None
    read: dict[str, int] = field(default_factory=dict)
    entry_count: int = 0
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """What nobody expects to be read (images, records of other hosts) -> how many."""
    times_from_files: int = 0
    """Pages whose capture time had to be taken from the file's modification time."""
    uncounted: list[str] = field(default_factory=list)
    """Titles of entries that stand without their count and label, since these are only likely."""
    unnamed: list[str] = field(default_factory=list)
    """Titles that rows of saved text may have, and that name no article known."""
    ambiguous: list[str] = field(default_factory=list)
    """Titles of entries that may be any of several articles known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    config: Config
    site: str
    captured_at: datetime | None = None
    """For files that do not say themselves when they were captured."""
    locale: str | None = None
    """Of saved text, and of pages that name no address."""


def run_import(job: ImportJob, paths: Sequence[Path], store: Store) -> ImportResult:
    """Reads the files and those in folders, oldest capture first; what cannot be read is told.

    Each pass is concluded when it ends. Raises UsageError for a path that does not exist or when
    there is nothing to read, DatabaseUnusable when the store fails.
    """
    for path in paths:
        if not path.exists():
            raise UsageError(f"There is no file or folder {path}.")
    result = ImportResult()
    reader = CaptureReader(job, store, result)
    with Ticker() as tick:
        found = _look(job, paths, reader, tick)
        result.skipped, result.left_out = found.skipped, found.left_out
        passes = Passes(job, store, result)
        in_order = sorted(found.captures, key=lambda c: (c.captured_at, str(c.path), c.place))
        for number, capture in enumerate(in_order):
            tick("Reading saved pages", number, len(in_order))
            for read in _read_or_tell(capture, reader, result):
                passes.record(read)
                result.times_from_files += capture.time_source == "modified"
        passes.end()
    return result


def _look(job: ImportJob, paths: Sequence[Path], reader: "CaptureReader", tick: Ticker) -> Found:
    found = Found()
    files = list(captures.files_in(list(paths), found))
    if not files:
        raise UsageError(
            "There is nothing to import: no saved page (.html, .mhtml), listing text (.txt), "
            f"API answer (.json) or archive (.warc, .warc.gz) in {', '.join(map(str, paths))}."
        )
    for number, path in enumerate(files):
        tick("Looking at files", number, len(files))
        captures.look_into(
            path, found, captured_at=job.captured_at, is_of_site=reader.addresses.is_of_site
        )
    return found


def _read_or_tell(
    capture: Capture, reader: "CaptureReader", result: ImportResult
) -> Iterator[PageRead]:
    """The page, or nothing and a word in the result on why."""
    try:
        yield reader.read(capture)
    except Unreadable as error:
        result.skipped.append((capture.path, str(error)))
    except PageError as error:
        if capture.time_source == "record":
            # An archive holds the whole site: what is no help page is no fault.
            result.left_out[f"page that gives no record ({error.kind})"] += 1
        else:
            result.skipped.append((capture.path, str(error)))


class CaptureReader:
    """Captures -> what a crawl would have read at that time."""

    def __init__(self, job: ImportJob, store: Store, result: ImportResult):
        self._result = result
        self._module: ModuleType = sites.load(job.site)
        self._base_url = job.config.site(job.site).base_url
        self._locale = job.locale or self._module.DEFAULT_LOCALE
        self._max_bytes = int(job.config.crawl.max_page_megabytes * 1024 * 1024)
        self._titles = KnownTitles(store)
        self.addresses = Addresses(self._module, self._base_url)

    def read(self, capture: Capture) -> PageRead:
        """PageError or Unreadable where there is no page of the site."""
        saved = capture.read(self._max_bytes)
        if capture.kind == "text":
            page, url = self._listing_of_text(capture.path, saved.body), self._home
        else:
            url = self.addresses.of(saved, self._home)
            page = self._module.read_page(saved.body, url, content_type=saved.content_type)
        self._titles.note(page)
        fetch = Fetch(
            url=url,
            fetched_at=capture.captured_at,
            status=saved.status,
            body=saved.body,
            content_type="text/plain" if capture.kind == "text" else saved.content_type,
        )
        wanted = {ArticlePage: "article", HomePage: "home"}.get(type(page), "listing")
        return PageRead(fetch=fetch, page=page, wanted=wanted)

    @property
    def _home(self) -> str:
        return self._module.start_urls(self._base_url, self._locale)[0]

    def _listing_of_text(self, path: Path, body: bytes) -> ListingPage:
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"it is neither a saved page nor UTF-8 text ({error.reason})"
            ) from None
        entries = parse_listing_text(text, self._titles.all())
        if not entries:
            raise Unreadable("it has no line such as 'Published on Sep 5, 2023' and so no listing")
        return ListingPage(
            locale=self._locale,
            kind="import",
            slug=path.stem,
            title=path.name,
            url=self._home,
            entries=tuple(self._without_guesses(entries)),
            form="text",
            parser=self._module.PARSER,
        )

    def _without_guesses(self, entries: Sequence[ListingEntry]) -> Iterator[ListingEntry]:
        """The entries without what is only likely: a count or label that may belong to the next
        title, and a row that may be named otherwise and names no article known."""
        known = set(map(squeezed, self._titles.all()))
        for entry in entries:
            if entry.is_title_uncertain and squeezed(entry.title) not in known:
                self._result.unnamed.append(entry.title)
                continue
            if entry.is_uncertain and (entry.view_count is not None or entry.category):
                self._result.uncounted.append(entry.title)
                entry = replace(
                    entry, view_count=None, is_view_count_approximate=False, category=None
                )
            yield entry


class KnownTitles:
    """The titles that the database knows, read once, and those that the import adds."""

    def __init__(self, store: Store):
        self._store = store
        self._titles: set[str] | None = None

    def all(self) -> Collection[str]:
        if self._titles is None:
            rows = self._store.connection.execute("SELECT title FROM articles")
            self._titles = {title for (title,) in rows}
        return self._titles

    def note(self, page: ArticlePage | ListingPage | HomePage) -> None:
        if self._titles is not None:
            self._titles.update(entry.title for entry in getattr(page, "entries", ()))
            if isinstance(page, ArticlePage):
                self._titles.add(page.title)


class Passes:
    """Records pages in crawls of kind `import`, each page of the site at most once in each."""

    def __init__(self, job: ImportJob, store: Store, result: ImportResult):
        self._job, self._store, self._result = job, store, result
        self._module = sites.load(job.site)
        base_url = job.config.site(job.site).base_url
        self._site: Site = store.site(job.site, base_url)
        store.compare_with(comparer(self._module, base_url))
        self._crawl_id: int | None = None
        self._begun_at = self._last_at = datetime.min
        self._seen: set[Hashable] = set()

    def record(self, read: PageRead) -> None:
        """One page, later than all before it."""
        at, keys = read.fetch.fetched_at, _keys(read.page)
        if self._crawl_id is not None and (
            not self._seen.isdisjoint(keys) or at - self._begun_at > LONGEST_PASS
        ):
            self.end()
        if self._crawl_id is None:
            self._begin(at, read.page.locale)
        if isinstance(read.page, ListingPage) and read.page.form == "text":
            read = replace(read, page=self._without_ambiguous(read.page))
        self._store.record(self._crawl_id, self._site.id, read)
        self._seen |= keys
        self._last_at = at
        result = self._result
        kind = read.page.kind if isinstance(read.page, ListingPage) else read.wanted
        result.read[kind] = result.read.get(kind, 0) + 1
        result.entry_count += len(getattr(read.page, "entries", ()))

    def _without_ambiguous(self, page: ListingPage) -> ListingPage:
        """The listing without what may be any of several articles: it is not one more."""
        sure = []
        for entry in page.entries:
            if entry.slug is None and fits_several(
                self._store.connection,
                self._site.id,
                page.locale,
                title=entry.title,
                published_at=entry.published_at,
                zone=self._store.comparer.zone,
            ):
                self._result.ambiguous.append(entry.title)
            else:
                sure.append(entry)
        return replace(page, entries=tuple(sure))

    def _begin(self, at: datetime, locale: str) -> None:
        self._crawl_id = self._store.begin_crawl(
            self._site, at, parser=self._module.PARSER, locales=[locale], kind="import"
        )
        self._begun_at = at
        self._seen = set()
        self._result.crawl_ids.append(self._crawl_id)
        self._result.first_captured_at = self._result.first_captured_at or at

    def end(self) -> None:
        """Ends the pass in hand, if any, and works out what it changed."""
        if self._crawl_id is None:
            return
        self._store.finish_crawl(self._crawl_id, "complete", self._last_at)
        conclude(self._store, self._job.config, self._crawl_id, now_utc())
        self._crawl_id = None


def _keys(page: ArticlePage | ListingPage | HomePage) -> set[Hashable]:
    """The names under which a page would come again; a listing's text has its file's name."""
    if isinstance(page, ArticlePage):
        names = {("slug", page.locale, page.slug)}
        return names | ({("id", page.locale, page.source_id)} if page.source_id else set())
    if isinstance(page, ListingPage):
        return {("listing", page.locale, page.kind, page.slug, page.page_number)}
    return set()
