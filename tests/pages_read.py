"""Builders of what the spider yields: defaults for all but the point of a test."""

from datetime import UTC, datetime

from spiders.items import ArticlePage, Fetch, ListingEntry, ListingPage, PageRead

NOON = datetime(2026, 4, 17, 12, tzinfo=UTC)
BASE = "https://help.example"


def listing_read(*entries: ListingEntry, at: datetime = NOON, **fields) -> PageRead:
    """A section page, whole on one page unless `next_url` says otherwise."""
    slug = fields.setdefault("slug", "fees")
    url = f"{BASE}/help/section/{slug}"
    page = ListingPage(
        **{
            "locale": "en",
            "kind": "section",
            "url": url,
            "section": slug.title(),
            "section_slug": slug,
            "category": "FAQ",
            "category_slug": "faq",
            "claimed_total": len(entries),
            "entries": entries,
            **fields,
        }
    )
    return PageRead(fetch=Fetch(url=url, fetched_at=at, status=200), page=page, wanted="listing")


def entry(name: str = "withdrawal-fees", **fields) -> ListingEntry:
    """An entry of a listing; its title and id come from its slug."""
    return ListingEntry(
        **{
            "title": name.replace("-", " ").capitalize(),
            "slug": name,
            "url": f"{BASE}/help/{name}",
            "source_id": f"id-{name}",
            "published_at": datetime(2025, 1, 1, tzinfo=UTC),
            "updated_at": datetime(2026, 4, 1, tzinfo=UTC),
            **fields,
        }
    )


def article_read(
    name: str = "withdrawal-fees", at: datetime = NOON, html: bytes | None = None, **fields
) -> PageRead:
    """An article's own page."""
    url = f"{BASE}/help/{name}"
    page = ArticlePage(
        **{
            "locale": "en",
            "slug": name,
            "url": url,
            "title": name.replace("-", " ").capitalize(),
            "body": "The fee is 0.10%.\n",
            "source_id": f"id-{name}",
            "category": "FAQ",
            "category_slug": "faq",
            "section": "Fees",
            "section_slug": "fees",
            "published_at": datetime(2025, 1, 1, tzinfo=UTC),
            "updated_at": datetime(2026, 4, 1, tzinfo=UTC),
            "parser": "test-1",
            **fields,
        }
    )
    body = f"<html>{page.body}</html>".encode() if html is None else html
    fetch = Fetch(url=url, fetched_at=at, status=200, body=body, content_type="text/html")
    return PageRead(fetch=fetch, page=page, wanted="article")


def recorded(store, *reads: PageRead, at: datetime = NOON, outcome: str = "complete", **crawl):
    """One whole crawl of the example site in the store; its id."""
    site = store.site("example", BASE)
    crawl_id = store.begin_crawl(site, at, parser="test-1", locales=["en"], **crawl)
    for read in reads:
        store.record(crawl_id, site.id, read)
    store.finish_crawl(crawl_id, outcome, at)
    return crawl_id


def all_rows(store, table: str) -> list[dict]:
    """A whole table as dicts."""
    return list(store.database[table].rows)
