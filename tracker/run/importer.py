"""Saved pages and saved listing text -> the same records that a crawl gives."""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from bs4 import BeautifulSoup

from db.store import Store
from spiders import sites
from spiders.errors import PageError
from spiders.items import ArticlePage, Fetch, HomePage, ListingPage, Page, PageRead
from spiders.listing_text import parse_listing_text
from tracker.run.config import Config
from tracker.run.crawl import comparer
from tracker.run.errors import UsageError

logger = logging.getLogger(__name__)

HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".mhtml"})
TEXT_SUFFIXES = frozenset({".txt", ".text", ".md"})


@dataclass(slots=True)
class ImportResult:
    """What an import read: page kind -> how many; and what it skipped, with the reason."""

    crawl_id: int
    read: dict[str, int] = field(default_factory=dict)
    entry_count: int = 0
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    times_from_files: int = 0
    """Pages whose capture time had to be taken from the file's modification time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    config: Config
    site: str
    captured_at: datetime | None = None
    locale: str | None = None


def run_import(job: ImportJob, paths: Sequence[Path], store: Store) -> ImportResult:
    """Reads the files and those in folders, oldest capture first; what cannot be read is told.

    Raises UsageError for a path that does not exist or when there is nothing to read.
    """
    files = list(_files(paths))
    if not files:
        raise UsageError(
            "There is nothing to import: no saved page (.html) or listing text (.txt) in "
            f"{', '.join(map(str, paths))}."
        )
    module = sites.load(job.site)
    base_url = job.config.site(job.site).base_url
    site = store.site(job.site, base_url)
    store.compare_with(comparer(module, base_url))
    captures = sorted(((_captured_at(job, path), path) for path in files), key=lambda c: c[0])
    locales = [job.locale or module.DEFAULT_LOCALE]
    crawl_id = store.begin_crawl(
        site, captures[0][0], parser=module.PARSER, locales=locales, kind="import"
    )
    result = ImportResult(crawl_id=crawl_id)
    for captured_at, path in captures:
        result.times_from_files += job.captured_at is None
        try:
            read = read_file(
                path,
                captured_at,
                module=module,
                base_url=base_url,
                locale=job.locale,
                known_titles=_known_titles(store),
            )
        except (PageError, OSError) as error:
            result.skipped.append((path, str(error)))
            continue
        store.record(crawl_id, site.id, read)
        kind = read.page.kind if isinstance(read.page, ListingPage) else "article"
        result.read[kind] = result.read.get(kind, 0) + 1
        result.entry_count += len(getattr(read.page, "entries", ()))
    outcome = "complete" if not result.skipped else "partial" if result.read else "failed"
    store.finish_crawl(crawl_id, outcome, captures[-1][0])
    return result


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file())
            yield from (p for p in inside if p.suffix.lower() in HTML_SUFFIXES | TEXT_SUFFIXES)
        elif path.exists():
            yield path
        else:
            raise UsageError(f"There is no file or folder {path}.")


def _captured_at(job: ImportJob, path: Path) -> datetime:
    """When the page was saved: as said, else the file's own modification time."""
    if job.captured_at:
        return job.captured_at
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _known_titles(store: Store) -> Collection[str]:
    return [title for (title,) in store.connection.execute("SELECT DISTINCT title FROM articles")]


def read_file(
    path: Path,
    captured_at: datetime,
    *,
    module: ModuleType,
    base_url: str,
    locale: str | None = None,
    known_titles: Collection[str] = (),
) -> PageRead:
    """One saved file as a page read; raises PageError where it holds no page of the site."""
    body = path.read_bytes()
    looks_like_html = b"<html" in body[:4096].lower() or b"<!doctype" in body[:4096].lower()
    if looks_like_html or path.suffix.lower() in HTML_SUFFIXES:
        url = canonical_address(body, base_url)
        page: Page = module.read_page(body, url)
        if isinstance(page, HomePage):
            raise PageError("it is the help centre's home page, which names no article")
        content_type = "text/html"
    else:
        page = _listing_of_text(path, body, module, base_url, locale, known_titles)
        url, content_type = page.url, "text/plain"
    fetch = Fetch(url=url, fetched_at=captured_at, body=body, content_type=content_type)
    wanted = "article" if isinstance(page, ArticlePage) else "listing"
    return PageRead(fetch=fetch, page=page, wanted=wanted)


def _listing_of_text(
    path: Path,
    body: bytes,
    module: ModuleType,
    base_url: str,
    locale: str | None,
    known_titles: Collection[str],
) -> ListingPage:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PageError(f"it is neither a saved page nor UTF-8 text ({error.reason})") from None
    entries = parse_listing_text(text, known_titles)
    if not entries:
        raise PageError("it has no line such as 'Published on Sep 5, 2023' and so no listing")
    return ListingPage(
        locale=locale or module.DEFAULT_LOCALE,
        kind="import",
        slug=path.stem,
        title=path.name,
        url=f"{base_url}/help",
        entries=entries,
        form="text",
        parser=module.PARSER,
    )


def canonical_address(body: bytes, base_url: str) -> str:
    """The address that a saved page says it was saved from, on the site's canonical origin."""
    soup = BeautifulSoup(body[:200_000], "lxml")
    link = soup.find("link", rel="canonical") or soup.find("meta", property="og:url")
    address = str(link.get("href") or link.get("content") or "") if link else ""
    start = address.find("/", address.find("//") + 2) if "//" in address else 0
    return base_url + (address[start:] if start >= 0 else "")
