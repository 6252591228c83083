"""Findings -> JSON and CSV, for programs and spreadsheets. `docs/report-json.md` tells the fields.

JSON holds page text exactly as it stood; only characters that cannot be seen are written as
escapes, which every JSON reader turns back. CSV is for eyes: there they are written out, and text
that a spreadsheet would run as a formula is led by an apostrophe.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from db.moments import to_text
from db.records import ArticleState, Crawl, ListingCoverage, Version
from reports import outline, redline, wording
from reports.dictionary import Relation
from reports.safe_text import UNSEEN, csv_text, visible
from tracker.findings import ChangeFinding, Findings, TranslationsBehind, TrendFinding
from tracker.textdiff import TextDiff

SCHEMA = "helpwatch.report/1"
TRENDING_SCHEMA = "helpwatch.trending/1"
DIFF_SCHEMA = "helpwatch.diff/1"
"""A number grows when a field changes its meaning or goes; new fields may join without."""

_UNSEEN_IN_JSON = re.compile(f"[{UNSEEN}]")
_CSV_CELL_BYTES = 30_000
"""A spreadsheet's cell holds 32,767 characters."""


def render_json(findings: Findings) -> str:
    """One JSON document, two spaces deep, ending in a line feed."""
    return to_json(
        {
            "schema": SCHEMA,
            "site": findings.site,
            "base_url": findings.base_url,
            "generated_at": to_text(findings.generated_at),
            "since": to_text(findings.since),
            "until": to_text(findings.until),
            "filters": _plain(findings.filters),
            "headline": wording.headline(findings),
            "health": findings.health and _health(findings),
            "last_good_crawl_at": to_text(findings.last_good_crawl_at),
            "articles_known": findings.articles_known,
            "articles_listed": findings.articles_listed,
            "counts": findings.counts,
            "not_checked": list(findings.not_checked),
            "changes": [_change(finding) for finding in findings.changes],
            "held_back": [_change(finding) for finding in findings.held_back],
            "taken_back": [_change(finding) for finding in findings.taken_back],
            "trending": [_trend(item) for item in findings.trending],
            "translations_behind": [
                _translations_behind(item) for item in findings.translations_behind
            ],
            "crawls": [_crawl(crawl) for crawl in findings.crawls],
            "coverage": [_listing(listing) for listing in findings.coverage],
        }
    )


def render_trending_json(findings: Findings) -> str:
    """The trending articles alone."""
    return to_json(
        {
            "schema": TRENDING_SCHEMA,
            "site": findings.site,
            "base_url": findings.base_url,
            "generated_at": to_text(findings.generated_at),
            "until": to_text(findings.until),
            "filters": _plain(findings.filters),
            "trending": [_trend(item) for item in findings.trending],
        }
    )


def render_diff_json(old: Version, new: Version, diff: TextDiff) -> str:
    """The difference between two versions of an article."""
    versions = {"from_version": _version(old), "to_version": _version(new)}
    return to_json({"schema": DIFF_SCHEMA, **versions, **diff_record(diff)})


def render_schema(relations: Iterable[Relation]) -> str:
    """The data dictionary: a list of tables and views, each with its columns."""
    return to_json(
        [
            {
                "name": relation.name,
                "kind": relation.kind,
                "comment": relation.comment,
                "columns": [
                    {"name": column.name, "type": column.type, "comment": column.comment}
                    for column in relation.columns
                ],
            }
            for relation in relations
        ]
    )


def to_json(record: Any) -> str:
    """JSON text in which nothing is unseen: bidi marks and their like stand as escapes."""
    text = json.dumps(record, ensure_ascii=False, indent=2)
    return _UNSEEN_IN_JSON.sub(lambda found: json.dumps(found[0])[1:-1], text) + "\n"


def diff_record(diff: TextDiff) -> dict[str, Any]:
    """The changed blocks of a difference, whole, and the facts it touched."""
    return {
        "blocks": [
            {
                "op": block.op,
                "kind": block.kind,
                "heading": block.heading,
                "place": block.place,
                "pieces": [{"op": piece.op, "text": piece.text} for piece in block.pieces],
            }
            for block in diff.changed
        ],
        "touched": [
            {"kind": item.kind, "before": item.before, "after": item.after, "context": item.context}
            for item in diff.touched
        ],
    }


def _health(findings: Findings) -> dict[str, Any]:
    health = findings.health
    return {
        "verdict": health.verdict,
        "is_accepted": health.is_accepted,
        "baseline_locales": list(health.baseline_locales),
        "checks": [
            {
                "name": check.name,
                "ok": check.ok,
                "level": check.level,
                "message": check.message,
                "value": check.value,
                "threshold": check.threshold,
            }
            for check in health.checks
        ],
    }


def _change(finding: ChangeFinding) -> dict[str, Any]:
    change = finding.change
    return {
        "id": change.id,
        "crawl_id": change.crawl_id,
        "kind": change.kind,
        "severity": change.severity,
        "detected_at": to_text(change.detected_at),
        "before": change.before,
        "after": change.after,
        "detail": _plain(change.detail),
        "article": _article(finding.article),
        "from_version": _version(finding.from_version),
        "to_version": _version(finding.to_version),
        "diff": finding.diff and diff_record(finding.diff),
        "last_text": finding.last_text
        and {**_version(finding.last_text), "body": finding.last_text.body},
        "steps": [_change(step) for step in finding.steps],
    }


def _article(article: ArticleState) -> dict[str, Any]:
    return {
        "id": article.article_id,
        "locale": article.locale,
        "source_id": article.source_id,
        "slug": article.slug,
        "url": article.url,
        "title": article.title,
        "category": article.category,
        "category_slug": article.category_slug,
        "section": article.section,
        "section_slug": article.section_slug,
        "published_at": to_text(article.published_at),
        "updated_at": to_text(article.updated_at),
        "shows_updated_date": article.shows_updated_date,
        "status": article.status,
    }


def _version(version: Version | None) -> dict[str, Any] | None:
    return version and {
        "id": version.id,
        "number": version.number,
        "captured_at": to_text(version.captured_at),
        "title": version.title,
        "body_sha256": version.body_sha256,
        "snapshot_sha256": version.snapshot_sha256,
        "chain_sha256": version.chain_sha256,
        "source_updated_at": to_text(version.source_updated_at),
        "parser": version.parser,
        "form": version.form,
    }


def _trend(item: TrendFinding) -> dict[str, Any]:
    trend, series = item.trend, item.series
    return {
        "rank": trend.rank,
        "article": _article(item.article),
        "window_days": trend.window_days,
        "views_gained": trend.views_gained,
        "views_per_day": trend.views_per_day,
        "usual_per_day": trend.usual_per_day,
        "score": trend.score,
        "note": trend.note,
        "locales": list(series.locales),
        "last_seen_at": to_text(series.last_seen_at),
        "observations": [
            {"observed_at": to_text(at), "view_count": views} for at, views in series.observations
        ],
    }


def _translations_behind(item: TranslationsBehind) -> dict[str, Any]:
    return {
        "article": _article(item.article),
        "changed_at": to_text(item.changed_at),
        "translations": [
            {
                "article": _article(lag.article),
                "text_captured_at": to_text(lag.text_captured_at),
                "read_at": to_text(lag.read_at),
            }
            for lag in item.translations
        ],
    }


def _crawl(crawl: Crawl) -> dict[str, Any]:
    return {
        "id": crawl.id,
        "kind": crawl.kind,
        "started_at": to_text(crawl.started_at),
        "finished_at": to_text(crawl.finished_at),
        "outcome": crawl.outcome,
        "is_baseline": crawl.is_baseline,
        "pages_fetched": crawl.pages_fetched,
        "articles_listed": crawl.articles_listed,
        "articles_fetched": crawl.articles_fetched,
        "errors": crawl.errors,
        "locales": list(crawl.locales),
    }


def _listing(listing: ListingCoverage) -> dict[str, Any]:
    return {
        "id": listing.listing_id,
        "locale": listing.locale,
        "kind": listing.kind,
        "slug": listing.slug,
        "title": listing.title,
        "url": listing.url,
        "claimed_total": listing.claimed_total,
        "seen_count": listing.seen_count,
        "page_count": listing.page_count,
        "is_complete": listing.is_complete,
        "earlier_gap": listing.earlier_gap,
    }


def _plain(value: Any) -> Any:
    """Mappings and sequences of any sort as those that JSON knows, sets in order."""
    if isinstance(value, (set, frozenset)):
        return sorted(str(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "items"):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if isinstance(value, (int, float, str, type(None))) else str(value)


# CSV

CHANGE_COLUMNS = (
    "change_id", "crawl_id", "kind", "severity", "detected_at", "article_id", "title", "url",
    "category", "section", "locale", "published_at", "updated_at", "before", "after", "touched",
    "watchlist", "notes", "from_version", "to_version", "body_sha256", "difference",
    "steps", "taken_back",
)  # fmt: skip
TREND_COLUMNS = (
    "rank", "article_id", "title", "url", "category", "section", "locale", "window_days",
    "views_gained", "views_per_day", "usual_per_day", "score", "note",
)  # fmt: skip


def render_csv(findings: Findings) -> str:
    """The changes, one a row (RFC 4180; columns in CHANGE_COLUMNS)."""
    rows = [_change_row(finding, 0) for finding in (*findings.changes, *findings.held_back)]
    rows += [_change_row(finding, 1) for finding in findings.taken_back]
    return _csv(CHANGE_COLUMNS, rows)


def render_trending_csv(findings: Findings) -> str:
    """The trending articles, one a row (columns in TREND_COLUMNS)."""
    return _csv(TREND_COLUMNS, [_trend_row(item) for item in findings.trending])


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(
        [csv_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return out.getvalue()


def _change_row(finding: ChangeFinding, taken_back: int) -> list[Any]:
    change, article = finding.change, finding.article
    newest = finding.to_version or finding.last_text
    touched = "; ".join(
        wording.shift(item.before, item.after) + wording.times_over(item.count)
        for item in outline.touched(finding)
    )
    watched = "; ".join(
        f"{rule.label}: {', '.join(rule.words)}" for rule in outline.watched(finding)
    )
    diff = finding.diff and redline.diff_text(finding.diff, _CSV_CELL_BYTES)
    return [
        change.id,
        change.crawl_id,
        change.kind,
        change.severity,
        to_text(change.detected_at),
        *_article_cells(article),
        to_text(article.published_at),
        to_text(article.updated_at),
        _cell(change.before),
        _cell(change.after),
        _cell(touched),
        _cell(watched),
        " ".join(wording.notes(change)),
        finding.from_version and finding.from_version.number,
        finding.to_version and finding.to_version.number,
        newest and newest.body_sha256,
        _cell(diff and diff.rstrip("\n")),
        max(1, len(finding.steps)),
        taken_back,
    ]


def _trend_row(item: TrendFinding) -> list[Any]:
    trend = item.trend
    return [
        trend.rank,
        *_article_cells(item.article),
        trend.window_days,
        trend.views_gained,
        trend.views_per_day,
        trend.usual_per_day,
        trend.score,
        trend.note,
    ]


def _article_cells(article: ArticleState) -> list[Any]:
    texts = (article.title, article.url, article.category, article.section, article.locale)
    return [article.article_id, *(_cell(text) for text in texts)]


def _cell(text: str | None) -> str | None:
    return text and redline.cut_to(visible(text), _CSV_CELL_BYTES)
