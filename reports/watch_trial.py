"""What a rule of the watchlist would have matched, on a terminal and as JSON."""

from collections.abc import Sequence
from datetime import tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from db.moments import to_text
from reports import wording
from reports.data import to_json
from reports.safe_text import one_line
from tracker.watch_rules import WatchRule
from tracker.watch_trial import Match

SCHEMA = "helpwatch.watch-test/1"
_MOST_WORDS = 8


def print_trial(
    rule: WatchRule, matches: Sequence[Match], tried_count: int, console: Console, zone: tzinfo
) -> None:
    """The changes that match, oldest first, with the words and what becomes of their severity."""
    counted = wording.count(tried_count, "change")
    head = f"{one_line(rule.label)} ({rule.severity}): {len(matches):,} of {counted} matched"
    console.print(Text(head, "bold"), soft_wrap=not console.is_terminal)
    if not matches:
        return
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 3, 0, 0))
    for column in ("Seen", "Change", "Article", "Words", "Severity"):
        table.add_column(column)
    for match in matches:
        change, article = match.finding.change, match.finding.article
        severity = change.severity
        if match.is_raised:
            severity = wording.shift(severity, match.severity)
        table.add_row(
            Text(wording.moment(change.detected_at, zone)),
            Text(wording.KIND_NAMES[change.kind]),
            Text(one_line(article.title)),
            Text(_words(match)),
            Text(severity),
        )
    console.print(table)


def _words(match: Match) -> str:
    words = ", ".join(one_line(word, 60) for word in match.words[:_MOST_WORDS])
    more = len(match.words) - _MOST_WORDS
    return f"{words} and {more} more" if more > 0 else words


def render_json(rule: WatchRule, matches: Sequence[Match], tried_count: int) -> str:
    return to_json(
        {
            "schema": SCHEMA,
            "rule": {"label": rule.label, "severity": rule.severity},
            "changes_tried": tried_count,
            "matches": [_match(match) for match in matches],
        }
    )


def _match(match: Match) -> dict:
    change, article = match.finding.change, match.finding.article
    return {
        "change_id": change.id,
        "crawl_id": change.crawl_id,
        "kind": change.kind,
        "detected_at": to_text(change.detected_at),
        "severity": change.severity,
        "severity_with_rule": match.severity,
        "words": list(match.words),
        "article": {
            "id": article.article_id,
            "locale": article.locale,
            "title": article.title,
            "url": article.url,
        },
    }
