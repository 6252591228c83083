"""Records for tests: defaults for everything but the point of the test."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from db.records import (
    ArticleState,
    Change,
    Crawl,
    CrawlFacts,
    FieldFill,
    ListingCoverage,
    Sighting,
    SiteState,
    Version,
    ViewSeries,
)

NOW = datetime(2026, 4, 17, 6, tzinfo=UTC)
PUBLISHED = datetime(2026, 1, 5, 8, tzinfo=UTC)
UPDATED = datetime(2026, 3, 1, 8, tzinfo=UTC)


def article(article_id: int = 1, **facts: Any) -> ArticleState:
    """A listed English article of the section fees, whose page was read as version `article_id`."""
    slug = f"article-{article_id}"
    return ArticleState(
        **{
            "article_id": article_id,
            "locale": "en",
            "source_id": f"id{article_id}",
            "slug": slug,
            "url": f"https://help.example/help/{facts.get('slug', slug)}",
            "title": f"Article {article_id}",
            "category": "FAQ",
            "category_slug": "faq",
            "section": "Fees",
            "section_slug": "fees",
            "published_at": PUBLISHED,
            "updated_at": UPDATED,
            "shows_updated_date": True,
            "version_id": article_id,
            "status": "listed",
            "first_seen_crawl_id": None,
        }
        | facts
    )


def version(version_id: int = 1, article_id: int = 1, **facts: Any) -> Version:
    """A version of an article; its number is 1 and its hash that of its body."""
    body = facts.get("body", f"The text of version {version_id}.")
    return Version(
        **{
            "id": version_id,
            "article_id": article_id,
            "number": 1,
            "crawl_id": 1,
            "captured_at": NOW - timedelta(days=1),
            "title": f"Article {article_id}",
            "body": body,
            "body_sha256": sha256(body.encode("utf-8", "surrogatepass")).hexdigest(),
            "source_updated_at": UPDATED,
            "snapshot_sha256": None,
            "parser": "demo/1",
            "form": "json",
            "chain_sha256": "",
        }
        | facts
    )


def site_state(
    *articles: ArticleState,
    versions: Iterable[Version] = (),
    earlier: Iterable[Version] = (),
) -> SiteState:
    """A state of these articles; `earlier` are older versions of any of them, oldest first."""
    by_article: dict[int, list[Version]] = {}
    for old in earlier:
        by_article.setdefault(old.article_id, []).append(old)
    return SiteState(
        articles={state.article_id: state for state in articles},
        versions={text.id: text for text in versions},
        earlier_versions=by_article,
    )


def sighting(**facts: Any) -> Sighting:
    """What the second, complete crawl of an English site saw: nothing, unless told."""
    return Sighting(
        **{
            "crawl_id": 2,
            "detected_at": NOW,
            "concludes_absence": True,
            "baseline_locales": frozenset({"en"}),
            "is_import": False,
            "seen": frozenset(),
            "held_by": {},
            "listings": {},
            "answers": {},
            "locales_read": frozenset({"en"}),
        }
        | facts
    )


def listing(listing_id: int = 1, **facts: Any) -> ListingCoverage:
    """A section listing of 30 entries, read to its end."""
    return ListingCoverage(
        **{
            "listing_id": listing_id,
            "locale": "en",
            "kind": "section",
            "slug": f"section-{listing_id}",
            "title": f"Section {listing_id}",
            "url": f"https://help.example/help/section/section-{listing_id}",
            "claimed_total": 30,
            "seen_count": 30,
            "page_count": 2,
            "is_complete": True,
        }
        | facts
    )


def crawl(crawl_id: int = 2, **facts: Any) -> Crawl:
    """A complete crawl of 40 pages and 30 articles, without errors."""
    return Crawl(
        **{
            "id": crawl_id,
            "site_id": 1,
            "site": "demo",
            "kind": "crawl",
            "started_at": NOW,
            "finished_at": NOW + timedelta(minutes=10),
            "outcome": "complete",
            "is_baseline": False,
            "pages_fetched": 40,
            "articles_listed": 30,
            "articles_fetched": 30,
            "errors": 0,
            "parser": "demo/1",
            "locales": ("en",),
        }
        | facts
    )


def crawl_facts(
    *,
    listings: Sequence[ListingCoverage] | None = None,
    fills: Mapping[str, tuple[int, int]] | None = None,
    page_kinds: Mapping[str, int] | None = None,
    disagreements: int = 0,
    disallowed: Sequence[str] = (),
    locales_complete: Iterable[str] = ("en",),
    locales_with_baseline: Iterable[str] = ("en",),
    **of_crawl: Any,
) -> CrawlFacts:
    """Facts of a crawl without a fault; `fills` is field -> (known, total)."""
    return CrawlFacts(
        crawl=crawl(**of_crawl),
        listings=[listing()] if listings is None else listings,
        page_kinds={"listing": 10, "article": 30} if page_kinds is None else page_kinds,
        fills=[
            FieldFill(field=field, known=known, total=total)
            for field, (known, total) in (fills or {}).items()
        ],
        disagreements=disagreements,
        disallowed=disallowed,
        locales_complete=frozenset(locales_complete),
        locales_with_baseline=frozenset(locales_with_baseline),
    )


def change(article_id: int = 1, kind: str = "updated", **facts: Any) -> Change:
    return Change(
        **{
            "article_id": article_id,
            "kind": kind,
            "detected_at": NOW,
            "from_version_id": article_id,
            "to_version_id": article_id,
        }
        | facts
    )


def series(article_id: int, counts: Mapping[float, int], **facts: Any) -> ViewSeries:
    """View counts by age in days before NOW: {2: 100, 1: 110, 0: 120}."""
    return ViewSeries(
        **{
            "article_id": article_id,
            "title": f"Article {article_id}",
            "section_slug": "fees",
            "observations": [
                (NOW - timedelta(days=days_ago), count)
                for days_ago, count in sorted(counts.items(), reverse=True)
            ],
            "last_seen_at": NOW,
        }
        | facts
    )
