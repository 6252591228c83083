"""What was watched in a period: a statement in plain words, and its rows as a hash chain.

The chain: each line is one JSON object in ASCII without spaces, whose first field, `previous`, is
the SHA-256 of the line before it (64 zeros in the first line). The SHA-256 of the last line is the
statement's head. Nothing in it depends on when it was made, so the same records give the same head.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from db.moments import to_text
from db.records import ListingCoverage
from reports import wording
from reports.safe_text import one_line
from tracker.coverage import ArticleWatch, Coverage, CrawlWatch, Gap

SCHEMA = "helpwatch.coverage/1"
"""The number grows when a field changes its meaning or goes; new fields may join without."""

FIRST_PREVIOUS = "0" * 64
_MAX_UNREAD = 100


# -- the chained rows ---------------------------------------------------------------------------


def chained_lines(coverage: Coverage) -> Iterator[str]:
    """The statement's rows, one JSON object a line, each holding the SHA-256 of the one before."""
    previous = FIRST_PREVIOUS
    for row in _rows(coverage):
        line = json.dumps({"previous": previous, **row}, separators=(",", ":"))
        previous = hashlib.sha256(line.encode()).hexdigest()
        yield line


def head_of(lines: Iterable[str]) -> str:
    """The SHA-256 of the last line: whoever holds it can tell whether any line was altered."""
    last = FIRST_PREVIOUS
    for line in lines:
        last = hashlib.sha256(line.encode()).hexdigest()
    return last


def render_json(coverage: Coverage) -> str:
    """The chained rows as JSON lines."""
    return "".join(line + "\n" for line in chained_lines(coverage))


def _rows(coverage: Coverage) -> Iterator[dict[str, Any]]:
    yield {
        "row": "period",
        "schema": SCHEMA,
        "site": coverage.site,
        "base_url": coverage.base_url,
        "since": to_text(coverage.since),
        "until": to_text(coverage.until),
        "recheck_days": coverage.policy.recheck_days,
        "slack_days": coverage.policy.slack_days,
        "usual_gap_hours": coverage.policy.usual_gap_hours,
        "last_version_id": coverage.head and coverage.head.id,
        "last_chain_sha256": coverage.head and coverage.head.chain_sha256,
        "last_sealed_crawl_id": coverage.seal and coverage.seal.crawl_id,
        "last_seal_sha256": coverage.seal and coverage.seal.chain_sha256,
    }
    for one in coverage.crawls:
        yield _crawl(one)
        for listing in one.listings:
            yield _listing(one.crawl.id, listing)
        for page in one.unread:
            yield {
                "row": "unread_page",
                "crawl_id": one.crawl.id,
                "url": page.url,
                "kind": page.kind,
                "why": page.why,
            }
    for gap in coverage.gaps:
        yield {"row": "gap", **_span(gap), "is_long": gap.is_long}
    for one in coverage.articles:
        yield _article(one)
    for change in coverage.changes:
        yield {
            "row": "change",
            "article_id": change.article_id,
            "kind": change.kind,
            "detected_at": to_text(change.detected_at),
            "crawl_id": change.crawl_id,
            "from_version_id": change.from_version_id,
            "to_version_id": change.to_version_id,
            "before": change.before,
            "after": change.after,
            # Only where it is so: a statement made before keeps its head.
            **({"in_doubt": True} if "suspect" in change.detail else {}),
        }
    yield {"row": "summary", **summary(coverage)}


def _crawl(one: CrawlWatch) -> dict[str, Any]:
    crawl = one.crawl
    return {
        "row": "crawl",
        "crawl_id": crawl.id,
        "kind": crawl.kind,
        "started_at": to_text(crawl.started_at),
        "finished_at": to_text(crawl.finished_at),
        "outcome": crawl.outcome,
        "health": crawl.health.get("verdict"),
        "locales": list(crawl.locales),
        "parser": crawl.parser,
        "articles_listed": crawl.articles_listed,
        "articles_confirmed": one.confirmed_count,
        "articles_with_new_version": one.new_count,
        "errors": crawl.errors,
    }


def _listing(crawl_id: int, listing: ListingCoverage) -> dict[str, Any]:
    return {
        "row": "listing",
        "crawl_id": crawl_id,
        "locale": listing.locale,
        "kind": listing.kind,
        "slug": listing.slug,
        "url": listing.url,
        "claimed_total": listing.claimed_total,
        "seen_count": listing.seen_count,
        "page_count": listing.page_count,
        "is_complete": listing.is_complete,
    }


def _article(one: ArticleWatch) -> dict[str, Any]:
    article, version = one.article, one.version
    return {
        "row": "article",
        "article_id": article.article_id,
        "locale": article.locale,
        "url": article.url,
        "title": article.title,
        "status": article.status,
        "version_id": version and version.id,
        "version_number": version and version.number,
        "captured_at": version and to_text(version.captured_at),
        "body_sha256": version and version.body_sha256,
        "chain_sha256": version and version.chain_sha256,
        "last_read_before": to_text(one.last_read_before),
        "read_at": [to_text(instant) for instant in one.read_at],
        "unread": [{**_span(stretch), "why": stretch.why} for stretch in one.unread],
    }


def _span(span: Any) -> dict[str, str | None]:
    return {"from_at": to_text(span.from_at), "until_at": to_text(span.until_at)}


def summary(coverage: Coverage) -> dict[str, int]:
    """The statement in numbers."""
    crawls = [one.crawl for one in coverage.crawls if one.crawl.kind == "crawl"]
    return {
        "crawls": len(crawls),
        "complete_crawls": sum(crawl.outcome == "complete" for crawl in crawls),
        "imports": len(coverage.crawls) - len(crawls),
        "long_gaps": sum(gap.is_long for gap in coverage.gaps),
        "articles": len(coverage.articles),
        "articles_read_often_enough": sum(one.is_watched for one in coverage.articles),
        "articles_watched_and_unchanged": coverage.unchanged_count,
        "changes": len(coverage.changes),
    }


# -- plain words --------------------------------------------------------------------------------


def render_text(coverage: Coverage, head: str) -> str:
    """The statement for a reader. `head` is that of the chained rows."""
    numbers = summary(coverage)
    lines = [
        f"What helpwatch watched of {coverage.site} ({coverage.base_url})",
        f"from {_when(coverage.since)} to {_when(coverage.until)}",
        "",
        *_findings(coverage, numbers),
        "",
        "Crawls",
        *(_crawl_lines(coverage) or ["  None."]),
        "",
        "Listings",
        *(_listing_lines(coverage) or ["  None."]),
        "",
        "Between the complete crawls (what came and went within a stretch was not seen)",
        *[_gap_line(gap) for gap in coverage.gaps],
        "",
        f"Articles whose page was not read every {wording.days(coverage.policy.recheck_days)}",
        *(_unread_lines(coverage) or ["  None."]),
        "",
        *_evidence(coverage, head),
    ]
    return "\n".join(lines) + "\n"


def _findings(coverage: Coverage, numbers: dict[str, int]) -> list[str]:
    crawls = wording.count(numbers["crawls"], "crawl")
    said = [f"{crawls}, of them {numbers['complete_crawls']:,} complete."]
    known = wording.count(numbers["articles"], "article")
    said.append(
        f"{known}, of them {numbers['articles_read_often_enough']:,} read often enough all "
        f"through the period; no change was found on "
        f"{numbers['articles_watched_and_unchanged']:,} of these."
    )
    counts: dict[str, int] = {}
    for change in coverage.changes:
        counts[change.kind] = counts.get(change.kind, 0) + 1
    changes = wording.count(len(coverage.changes), "change")
    kinds = f": {wording.counted_kinds(counts)}" if counts else ""
    said.append(f"{changes} found{kinds}." if coverage.changes else "No change was found.")
    return said


def _crawl_lines(coverage: Coverage) -> list[str]:
    """Each crawl, and what it could not read; all of each listing stands in the rows."""
    lines = []
    for one in coverage.crawls:
        crawl = one.crawl
        ended = sum(listing.is_complete for listing in one.listings)
        lines.append(
            f"  {wording.crawl_line(crawl, UTC)}; {ended:,} of "
            f"{wording.count(len(one.listings), 'listing')} read to the end, "
            f"{wording.count(crawl.articles_listed, 'article')} listed, "
            f"{one.confirmed_count:,} confirmed as they were, {one.new_count:,} with a new version"
        )
        lines += [
            f"    {_name(listing)}: {_claimed(listing)}; {wording.coverage_words(listing)}"
            for listing in one.listings
            if listing.gap or not listing.is_complete
        ]
        lines += [
            f"    Not read: {one_line(page.url)}: {one_line(page.why)}" for page in one.unread
        ]
    return lines


def _listing_lines(coverage: Coverage) -> list[str]:
    """Each listing over the whole period: how often it was read, what it claimed and showed."""
    seen: dict[int, list[ListingCoverage]] = {}
    for one in coverage.crawls:
        for listing in one.listings:
            seen.setdefault(listing.listing_id, []).append(listing)
    lines = []
    for readings in sorted(seen.values(), key=lambda found: _name(found[0])):
        ended = sum(listing.is_complete for listing in readings)
        lines.append(
            f"  {_name(readings[-1])}: read to its end {ended:,} of {len(readings):,} times; "
            f"claimed {_range(listing.claimed_total for listing in readings)}, "
            f"seen {_range(listing.seen_count for listing in readings)}"
        )
    return lines


def _range(numbers: Iterable[int | None]) -> str:
    known = [number for number in numbers if number is not None]
    if not known:
        return "nothing"
    least, most = min(known), max(known)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _name(listing: ListingCoverage) -> str:
    return f"{one_line(listing.title or listing.slug)} ({listing.locale})"


def _claimed(listing: ListingCoverage) -> str:
    seen = f"{listing.seen_count:,} seen"
    return seen if listing.claimed_total is None else f"{seen} of {listing.claimed_total:,} claimed"


def _gap_line(gap: Gap) -> str:
    note = "  LONGER THAN USUAL" if gap.is_long else ""
    return f"  {_when(gap.from_at)} to {_when(gap.until_at)}: {_length(gap.hours)}{note}"


def _length(hours: float) -> str:
    return f"{hours:.1f} hours" if hours < 48 else wording.days(hours / 24)


def _unread_lines(coverage: Coverage) -> list[str]:
    """The first of them; all stand in the rows."""
    lines = [
        f"  {one_line(one.article.title)} ({one.article.locale}, article "
        f"{one.article.article_id}): {_when(stretch.from_at)} to {_when(stretch.until_at)}, "
        f"{one_line(stretch.why)}"
        for one in coverage.articles
        for stretch in one.unread
    ]
    if (more := len(lines) - _MAX_UNREAD) > 0:
        lines = [*lines[:_MAX_UNREAD], f"  and {more:,} more: see --format json"]
    return lines


def _evidence(coverage: Coverage, head: str) -> list[str]:
    lines = [f"Head of this statement's rows (--format json): {head}"]
    if coverage.head:
        lines.append(
            f"Last version recorded in the period: {coverage.head.id}, "
            f"chain link {coverage.head.chain_sha256}"
        )
    if coverage.seal:
        lines.append(
            f"Last crawl sealed in the period: {coverage.seal.crawl_id}, "
            f"seal {coverage.seal.chain_sha256}"
        )
    return lines


def _when(instant: datetime) -> str:
    return f"{wording.day(instant)}, {instant.astimezone(UTC):%H:%M:%S} UTC"
