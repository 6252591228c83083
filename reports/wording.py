"""Every phrase and number format of the reports: plain words for a compliance officer.

All functions return plain text, made of records and numbers; what comes from pages is passed
through untouched and has to be escaped by whoever shows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit

from db.kinds import ChangeKind
from db.moments import Moment, to_moment
from db.records import Change, Crawl, ListingCoverage, Trend, UnreadPage
from tracker.findings import Findings, LaggingTranslation

UNKNOWN = "unknown"
_WHOLE_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

KIND_NAMES: dict[ChangeKind, str] = {
    "new": "New",
    "updated": "Updated",
    "silent_edit": "Quietly edited",
    "touched": "New date, same text",
    "retitled": "Retitled",
    "moved": "Moved to another section",
    "readdressed": "New address",
    "unlisted": "No longer listed",
    "removed": "Removed",
    "relisted": "Back again",
}
KIND_MEANINGS: dict[ChangeKind, str] = {
    "new": "First seen in this period.",
    "updated": "The text differs, and so does the page's own updated date.",
    "silent_edit": "The text differs; the page's own updated date stayed the same.",
    "touched": "The page's updated date moved and nothing else did.",
    "retitled": "The title differs.",
    "moved": "The article stands in another section or category.",
    "readdressed": "The same article answers at another address.",
    "unlisted": "In no listing any more; its address still answers.",
    "removed": "In no listing any more, and its address no longer shows it.",
    "relisted": "Listed again after it was gone.",
}
_KINDS_COUNTED: dict[ChangeKind, str] = {
    "touched": "with a new date only",
    "readdressed": "at a new address",
    "moved": "moved",
}
SEVERITY_NAMES = {"high": "High severity", "normal": "Normal severity", "low": "Low severity"}
VERDICT_NAMES = {
    "healthy": "Healthy",
    "degraded": "Healthy with gaps",
    "suspect": "Suspect",
    "unusable": "Not usable",
}
VERDICT_MEANINGS = {
    "healthy": "Every listing was read to its end, and the pages read as usual.",
    "degraded": "What was seen can be relied on; some of the site could not be looked at.",
    "suspect": "Too much seems changed at once, so the reading of pages may be at fault.",
    "unusable": "Nothing can be concluded from this crawl.",
}
OUTCOME_NAMES = {
    "running": "still running",
    "complete": "complete",
    "partial": "partial: some listing was not read to its end",
    "blocked": "blocked by the site",
    "failed": "failed",
    "interrupted": "interrupted",
}
STATUS_NAMES = {"listed": "listed", "unlisted": "in no listing", "removed": "removed"}
TREND_NOTES = {
    "reset": "the site's counter fell or was reset",
    "newly_popular": "newly popular",
    "cooling": "cooling down",
    "after_edit": "the rise followed an edit",
}
TOUCHED_NAMES = {
    "percentage": "Percentage",
    "amount": "Amount",
    "duration": "Duration",
    "date": "Date",
    "figure": "Figure",
    "jurisdiction": "Jurisdiction",
    "link": "Link",
}
CHECK_LEVELS = {"info": "Note", "warning": "Warning", "problem": "Problem"}
TAKEN_BACK_MEANING = "Made within the period and undone before its end: nothing is left of these."
NO_GAPS = "No gaps are recorded for this period."


# Numbers


def thousands(number: int) -> str:
    """14182 -> '14,182'."""
    return f"{number:,}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """'1 article', '4 articles', '2,131 entries' (with plural='entries')."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def rate(per_day: float) -> str:
    """Views per day: '1,234', '40', '3.5', '0.3', 'under 0.1'."""
    if 0 < per_day < 0.1:
        return "under 0.1"
    return f"{per_day:,.0f}" if per_day >= 10 else f"{per_day:.1f}".removesuffix(".0")


def times(ratio: float) -> str:
    """'3.1x', '120x'."""
    return f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.1f}x"


def days(number: float) -> str:
    """'7 days', '1 day', '2.5 days'."""
    text = f"{number:,.1f}".removesuffix(".0")
    return f"{text} day" if text == "1" else f"{text} days"


def short_hash(sha256: str) -> str:
    return sha256[:12]


# Dates


def moment(value: Moment | None, zone: tzinfo) -> str:
    """'18 Apr 2026, 06:00 UTC' for an instant, '18 Apr 2026' for a bare date."""
    if value is None:
        return UNKNOWN
    if not isinstance(value, datetime):
        return day(value)
    local = value.astimezone(zone)
    return f"{day(local)}, {local:%H:%M} {_zone_name(local)}"


def day(value: date) -> str:
    """'18 Apr 2026'; a datetime counts as the day it names."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year:04}"


def month(value: date) -> str:
    """'April 2026', for a heading."""
    return f"{_WHOLE_MONTHS[value.month - 1]} {value.year:04}"


def _zone_name(local: datetime) -> str:
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


def recorded_moment(text: str | None, zone: tzinfo) -> str:
    """A moment that a change holds as text ('2026-04-18T06:00:00Z'), for a reader."""
    if text is None:
        return UNKNOWN
    try:
        return moment(to_moment(text), zone)
    except ValueError:
        return text


def iso(value: Moment) -> str:
    """For machines: the `datetime` attribute of HTML, command lines."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value.isoformat()


# Changes


def shift(before: str | None, after: str | None, arrow: str = "->") -> str:
    """'0.08% -> 0.10%'; one side may be missing."""
    if before is None:
        return f"{after} added"
    return f"{before} removed" if after is None else f"{before} {arrow} {after}"


def fact_context(context: str | None, *values: str | None) -> str | None:
    """Where a fact stands: its place in a table as it is, the words around it as a quotation."""
    if context and any(value and value in context for value in values):
        return f"“… {context} …”"
    return context


def times_over(number: int) -> str:
    """', 3 times' behind what happened more than once; '' behind what happened once."""
    return f", {number:,} times" if number > 1 else ""


def counted_kinds(counts: Mapping[str, int]) -> str:
    """'2 quietly edited, 1 removed and 3 new', in `TELLING_ORDER`; many kinds are cut short."""
    numbers = {kind: counts[kind] for kind in TELLING_ORDER if counts.get(kind)}
    named = list(numbers)[:_MAX_KINDS_NAMED]
    parts = [
        f"{numbers[kind]:,} {_KINDS_COUNTED.get(kind, _lower_first(KIND_NAMES[kind]))}"
        for kind in named
    ]
    if others := sum(numbers.values()) - sum(numbers[kind] for kind in named):
        parts.append(count(others, "other"))
    return listed(parts)


_MAX_KINDS_NAMED = 4
TELLING_ORDER: tuple[ChangeKind, ...] = (
    "silent_edit", "removed", "unlisted", "updated", "new",
    "retitled", "moved", "readdressed", "relisted", "touched",
)  # fmt: skip


def listed(parts: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def upper_first(text: str) -> str:
    """For a phrase that begins a sentence or stands alone."""
    return text[:1].upper() + text[1:]


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def group_title(kind: ChangeKind, shown: int) -> str:
    """The heading of a group: the same change on several articles."""
    articles = count(shown, "article")
    if kind == "touched":
        return f"A new updated date on {articles}, with the same text"
    if kind in ("updated", "silent_edit"):
        return f"The same edit on {articles}"
    return f"The same change on {articles}"


def notes(change: Change) -> list[str]:
    """What a reader should know beside the change itself, from `change.detail`; whole sentences."""
    detail = change.detail
    said = []
    if reverts_to := detail.get("reverts_to"):
        known = f"version {reverts_to}" if _is_number(reverts_to) else "an earlier version"
        said.append(f"The text of {known} is back.")
    if detail.get("hidden_date"):
        said.append("The page does not show its updated date to readers.")
    if detail.get("date_unknown"):
        said.append("The page's updated date is unknown on one side.")
    if detail.get("date_set_back"):
        said.append("The page's updated date was set back in time.")
    if detail.get("text_unknown"):
        said.append("Its page was not read on both sides, so only the dates were compared.")
    if (was := detail.get("was")) in _GONE:
        said.append(f"Before, it was {_GONE[was]}.")
    if detail.get("answers_again"):
        said.append("Its address answers again.")
    if detail.get("address_taken"):
        said.append("Its address shows another article.")
    if reworked := detail.get("reworked"):
        why = "a suspect crawl before it" if "accepted" in reworked else "an older capture"
        was = "accepted" if "accepted" in reworked else "imported"
        said.append(f"It was worked out again after {why} had been {was}.")
    if detail.get("suspect"):
        said.append("The crawl that showed it is suspect, and nobody has accepted it.")
    size = group_size(detail)
    if size > 1:
        said.append(f"The same change was found on {count(size, 'article')}.")
    return said


_GONE = {"removed": "removed", "unlisted": "in no listing"}


def group_size(detail: Mapping[str, Any]) -> int:
    """How many articles the tracker found in the change's group; 1 without a group."""
    group = detail.get("group")
    size = group.get("size") if isinstance(group, Mapping) else None
    return size if _is_number(size) else 1


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# Trends


def trend_line(trend: Trend) -> str:
    """'864 views in 7 days, 123 a day: 3.1x its usual 40 a day'."""
    return f"{trend_gain(trend)}: {trend_words(trend)}"


def trend_gain(trend: Trend) -> str:
    """'864 views in 7 days, 123 a day'."""
    gained = f"{count(trend.views_gained, 'view')} in {days(trend.window_days)}"
    return f"{gained}, {rate(trend.views_per_day)} a day"


def trend_words(trend: Trend) -> str:
    """'3.1x its usual 40 a day (the rise followed an edit)'."""
    usual = trend.usual_per_day
    if usual is None:
        words = "what is usual for it is not known yet"
    elif usual < 0.1:
        words = "it usually has hardly any views"
    else:
        words = f"{_of_usual(trend.views_per_day / usual)} its usual {rate(usual)} a day"
    note = TREND_NOTES.get(trend.note or "")
    return f"{words} ({note})" if note else words


def _of_usual(ratio: float) -> str:
    """'3.1x'; in words what would be '0.0x'."""
    if ratio == 0:
        return "none of"
    return times(ratio) if ratio >= 0.05 else "almost none of"


# The state of things


def host(findings: Findings) -> str:
    """'www.okx.com', else the site's name."""
    return urlsplit(findings.base_url).hostname or findings.site


def period(findings: Findings) -> str:
    """'From ... to ...' as the report covers it."""
    zone = findings.time_zone
    if findings.since is None:
        return f"As of {moment(findings.until, zone)}"
    return f"From {moment(findings.since, zone)} to {moment(findings.until, zone)}"


def headline(findings: Findings) -> str:
    """The whole report in one sentence, trouble first."""
    trouble, where = _trouble(findings), host(findings)
    number = len(findings.changes)
    back = f" {taken_back_line(findings)}" if findings.taken_back else ""
    if not number and trouble:
        return f"{trouble}.{back}"
    if not number:
        return f"No lasting change on {where}.{back}" if back else _nothing_changed(findings)
    high = sum(finding.change.severity == "high" for finding in findings.changes)
    severe = f", {thousands(high)} of high severity" if high else ""
    kinds = counted_kinds(findings.counts)
    if trouble:
        return f"{trouble}. In what was seen: {count(number, 'change')}{severe} ({kinds}).{back}"
    return f"{count(number, 'change')} on {where}{severe}: {kinds}.{back}"


def taken_back_line(findings: Findings) -> str:
    """'2 changes were made and taken back within the period.'"""
    number = len(findings.taken_back)
    verb = "was" if number == 1 else "were"
    return f"{count(number, 'change')} {verb} made and taken back within the period."


def held_back_line(findings: Findings) -> str:
    """What is not told, why, and what to do about it."""
    number = len(findings.held_back)
    crawls = sorted({finding.change.crawl_id for finding in findings.held_back})
    accept = listed([f"`helpwatch accept {crawl_id}`" for crawl_id in crawls])
    return (
        f"{count(number, 'change')} held back: the crawl that showed "
        f"{'it' if number == 1 else 'them'} is suspect. Check the parser on a few of "
        f"`helpwatch report --crawl {crawls[-1]} --format json`; if they are right, {accept} "
        "tells them."
    )


def _trouble(findings: Findings) -> str | None:
    """Why the report cannot be read as usual; None when all is well."""
    crawl, where = findings.crawl, host(findings)
    if crawl is None:
        return f"Nothing was crawled on {where} in this period"
    if crawl.outcome in _OUTCOME_TROUBLE:
        return _OUTCOME_TROUBLE[crawl.outcome].format(where)
    verdict = findings.health.verdict if findings.health else None
    if verdict == "unusable":
        return f"The last crawl of {where} is not usable"
    if verdict == "suspect" and not findings.health.is_accepted:
        number = len(findings.held_back)
        held = f": {count(number, 'change')} held back" if number else ""
        return f"Check the parser for {where} before relying on this report{held}"
    if verdict == "degraded" or crawl.outcome == "partial":
        rest = "" if findings.changes else "; no change was found in the rest"
        return f"Parts of {where} could not be checked{rest}"
    return None


_OUTCOME_TROUBLE = {
    "blocked": "{} blocked the crawl, so little can be said",
    "failed": "The last crawl of {} failed",
    "interrupted": "The last crawl of {} was interrupted",
    "running": "The crawl of {} has not ended yet",
}


def _nothing_changed(findings: Findings) -> str:
    where = host(findings)
    if locales := baseline_locales(findings):
        articles = count(findings.articles_known, "article")
        return (
            f"First crawl of {where} ({listed(locales)}): {articles} recorded; "
            "changes are told from the next crawl on."
        )
    return f"No change was found on {where}."


def nothing_told(findings: Findings) -> str:
    """What stands in the place of changes where there are none; never an all-clear that is none."""
    if baseline_locales(findings):
        return f"{headline(findings)} {checked(findings)}"
    if findings.held_back:
        return held_back_line(findings)
    if not _has_conclusions(findings):
        return "Nothing can be said of changes: no crawl of this period could be compared."
    if _trouble(findings):
        return f"No change was found in what could be looked at. {checked(findings)}"
    return f"No change was found. {checked(findings)}"


def no_trends(findings: Findings) -> str:
    """What stands in the place of trends where there are none."""
    if not _has_conclusions(findings):
        return "Nothing can be said of views: no crawl of this period could be compared."
    return "No article's views rose notably against its own past."


def _has_conclusions(findings: Findings) -> bool:
    crawl, health = findings.crawl, findings.health
    is_usable = health is None or health.verdict != "unusable"
    return crawl is not None and crawl.outcome in ("complete", "partial") and is_usable


def baseline_locales(findings: Findings) -> list[str]:
    return sorted(findings.health.baseline_locales) if findings.health else []


def checked(findings: Findings) -> str:
    """What the report rests on, in one sentence: listings, articles listed, articles read."""
    crawl = findings.crawl
    if crawl is None:
        return "No crawl was made."
    read_to_end = sum(listing.is_complete for listing in findings.coverage)
    total = count(len(findings.coverage), "listing")
    return (
        f"{thousands(read_to_end)} of {total} read to the end; "
        f"{count(crawl.articles_listed, 'article')} listed, "
        f"{count(crawl.articles_fetched, 'article page')} read; {count(crawl.errors, 'error')}."
    )


def last_good(findings: Findings) -> str:
    """When all was last well: freshness stands in every report."""
    if findings.last_good_crawl_at is None:
        return "No complete, healthy crawl is on record yet."
    when = moment(findings.last_good_crawl_at, findings.time_zone)
    return f"The last complete, healthy crawl began on {when}."


def crawl_line(crawl: Crawl, zone: tzinfo) -> str:
    """'Crawl 3, begun 18 Apr 2026, 06:00 UTC: complete'."""
    name = "Import" if crawl.kind == "import" else "Crawl"
    begun = moment(crawl.started_at, zone)
    return f"{name} {crawl.id}, begun {begun}: {OUTCOME_NAMES[crawl.outcome]}"


_IMPORTED = {"article": "article", "home": "home page"}


def import_line(read: Mapping[str, int], entry_count: int) -> str:
    """'Read 1 article and 2 section listings with 30 entries.'."""
    parts = [
        count(number, _IMPORTED.get(kind, f"{kind} listing"))
        for kind, number in sorted(read.items())
    ]
    if not parts:
        return "Nothing could be read."
    entries = f" with {count(entry_count, 'entry', 'entries')}" if entry_count else ""
    return f"Read {listed(parts)}{entries}."


def import_passes(crawl_ids: Sequence[int], first_at: datetime) -> str:
    """'Kept as 3 passes (crawls 4 to 6), ...: see `helpwatch changes --since 2026-04-17`.'."""
    return (
        f"Kept as {count(len(crawl_ids), 'pass', 'passes')} (crawls {crawl_ids[0]} to "
        f"{crawl_ids[-1]}), since pages were captured more than once or on several days: see "
        f"`helpwatch changes --since {first_at:%Y-%m-%d}`."
    )


_MAX_NAMED = 5


def import_doubts(
    uncounted: Sequence[str], unnamed: Sequence[str], ambiguous: Sequence[str]
) -> Iterator[str]:
    """What a listing's text does not say for sure, and was therefore left out."""
    if uncounted:
        yield (
            f"Left out the view count of {count(len(uncounted), 'entry', 'entries')}, since it may "
            f"be the beginning of the next title: {_some(uncounted)}."
        )
    if unnamed:
        yield (
            f"Left out {count(len(unnamed), 'entry', 'entries')} whose title may begin elsewhere "
            f"and names no article known: {_some(unnamed)}. Import the page itself (.html)."
        )
    if ambiguous:
        yield (
            f"Left out {count(len(ambiguous), 'entry', 'entries')} whose title and date several "
            f"known articles have: {_some(ambiguous)}. Import the page itself (.html)."
        )


def _some(titles: Sequence[str]) -> str:
    named = [f"'{title}'" for title in titles[:_MAX_NAMED]]
    more = len(titles) - len(named)
    return ", ".join(named) + (f" and {thousands(more)} more" if more else "")


def merge_line(
    taken_count: int, crawl_ids: Sequence[int], known_count: int, added: Mapping[str, int]
) -> str:
    """'Merged 4 crawls as crawl 3: 181 pages, 60 new versions, ...; 8 crawls known already.'."""
    known = f" {count(known_count, 'crawl')} known already." if known_count else ""
    if not taken_count:
        return f"Nothing new to merge.{known}"
    first, last = crawl_ids[0], crawl_ids[-1]
    ids = f"crawl {first}" if first == last else f"crawls {first} to {last}"
    found = [
        count(added["fetches"], "page"),
        count(added["versions"], "new version"),
        count(added["articles"], "new article"),
        count(added["changes"], "change"),
    ]
    return f"Merged {count(taken_count, 'crawl')} as {ids}: {listed(found)}.{known}"


def merged_late(late_count: int) -> str:
    """What became of crawls that came when newer ones were known."""
    return (
        f"{count(late_count, 'crawl')} older than what is known of the same locales: kept as "
        "imports, from which no absence is concluded. Merge all spools of a night together."
    )


def lag_words(lag: LaggingTranslation, zone: tzinfo) -> str:
    """'text of 17 Apr 2026, 06:00 UTC, still there on 18 Apr 2026, 06:00 UTC'."""
    known, read = moment(lag.text_captured_at, zone), moment(lag.read_at, zone)
    return f"text known since {known}, still there on {read}"


TRANSLATIONS_NOTE = (
    "The text of these locales is older than the last change of the same article in the default "
    "locale, and stood unchanged when it was read since."
)


def coverage_words(listing: ListingCoverage) -> str:
    """What one listing's row says: 'read to the end', '12 of 40 entries not seen'."""
    claimed = listing.claimed_total
    if not listing.is_complete:
        pages = count(listing.page_count, "page")
        return f"not read to its end ({pages} read)"
    if not listing.gap:
        return "read to the end"
    gap = f"{thousands(listing.gap)} of {thousands(claimed)} entries not seen"
    return f"{gap}, as before" if listing.earlier_gap == listing.gap else gap


def unread_page(page: UnreadPage, last_read_at: datetime | None, zone: tzinfo) -> str:
    """'https://...: answers 503; last read on 17 Apr 2026, 06:00 UTC'."""
    if last_read_at is None:
        return f"{page.url}: {page.why}; it was never read"
    return f"{page.url}: {page.why}; last read on {moment(last_read_at, zone)}"


def not_read_again(number: int, longest_ago: datetime | None, zone: tzinfo) -> str:
    """That a daily crawl reads an unmoved article only when its day has come."""
    articles = f"{count(number, 'listed article')} {'was' if number == 1 else 'were'}"
    since = f"last read on {moment(longest_ago, zone)}"
    return f"{articles} not read in this crawl; {since}{'' if number == 1 else ' or later'}."


def filters(findings: Findings) -> str | None:
    """'Only: locale en, section fees'; None where the report tells everything."""
    parts = [
        f"{name.replace('_', ' ')} {listed([str(item) for item in _as_list(value)])}"
        for name, value in sorted(findings.filters.items())
        if value not in (None, "", (), [])
    ]
    return f"Only {listed(parts)}" if parts else None


def _as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
