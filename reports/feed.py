"""Findings -> an Atom feed (RFC 4287): one entry a change, one for a group, one for an ill crawl.

An entry's id depends on what happened to which article and when, not on the report: the same
change told twice is the same entry, and feed readers update it in place.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree

from markupsafe import Markup

from db.moments import to_text
from reports import outline, redline, wording
from reports.safe_text import one_line, safe_link, visible
from tracker.findings import ChangeFinding, Findings

_ATOM = "http://www.w3.org/2005/Atom"
_REDLINE_BYTES = 8_000
_MAX_LINKS = 50


def render(findings: Findings, earlier: Sequence[Findings] = ()) -> str:
    """The feed as XML text with its declaration; newest first. Well-formed for any page text.

    `earlier` are findings of the same site that a reader may not have fetched yet, newest first.
    """
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    host = wording.host(findings)
    _add(feed, "id", _urn("feed", findings.site, findings.base_url))
    _add(feed, "title", f"Changes on {host}")
    _add(feed, "subtitle", wording.headline(findings))
    updated = _add(feed, "updated")
    _add(_add(feed, "author"), "name", "helpwatch")
    _add(feed, "generator", "helpwatch")
    _link(feed, findings.base_url)
    for told in (findings, *earlier):
        _entries(feed, told)
    updated.text = _updated_at(feed, findings)
    ElementTree.indent(feed)
    body = ElementTree.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _entries(feed: ElementTree.Element, findings: Findings) -> None:
    """What one report tells: an ill crawl first, then its changes, the newest first."""
    _health_entry(feed, findings)
    rows = [
        row
        for chapter in outline.chapters(findings.changes)
        for part in chapter.parts
        for row in part.rows
    ]
    rows.sort(key=lambda row: row.first.change.detected_at, reverse=True)
    for row in rows:
        _entry(feed, row, findings)
    for finding in findings.taken_back:
        _entry(feed, outline.Row((finding,)), findings, is_back=True)


def _updated_at(feed: ElementTree.Element, findings: Findings) -> str:
    """When its newest entry was updated, so that an unchanged feed keeps its date."""
    found = [entry.text for entry in feed.iterfind("entry/updated")]
    return max(found, key=datetime.fromisoformat, default=to_text(findings.until))


def _health_entry(feed: ElementTree.Element, findings: Findings) -> None:
    """A crawl that is not healthy is news too."""
    crawl, health = findings.crawl, findings.health
    if crawl is None or (crawl.outcome == "complete" and (not health or _is_well(findings))):
        return
    entry = _add(feed, "entry")
    _add(entry, "id", _urn("crawl", findings.site, findings.base_url, str(crawl.id)))
    _add(entry, "title", wording.headline(findings))
    _add(entry, "updated", to_text(crawl.finished_at or crawl.started_at))
    _add(entry, "category", term="health")
    _link(entry, findings.base_url)
    checks = [check.message for check in health.checks if not check.ok] if health else []
    held = [wording.held_back_line(findings)] if findings.held_back else []
    rest_on = [wording.checked(findings), wording.last_good(findings)]
    facts = [*held, *rest_on, *checks, *findings.not_checked]
    _content(entry, _items(facts))


def _is_well(findings: Findings) -> bool:
    return findings.health.verdict == "healthy" or findings.health.is_accepted


def _entry(
    feed: ElementTree.Element, row: outline.Row, findings: Findings, *, is_back: bool = False
) -> None:
    first = row.first
    change, article = first.change, first.article
    entry = _add(feed, "entry")
    _add(entry, "id", _entry_id(row, findings))
    _add(entry, "title", f"Taken back: {_title(row)}" if is_back else _title(row))
    _add(entry, "updated", to_text(change.detected_at))
    _add(entry, "category", term=change.kind, label=wording.KIND_NAMES[change.kind])
    _add(entry, "category", term=f"severity-{change.severity}")
    _link(entry, findings.base_url if row.is_group else article.url or findings.base_url)
    _content(entry, _group_html(row) if row.is_group else _single_html(first, findings))


def _entry_id(row: outline.Row, findings: Findings) -> str:
    change, article = row.first.change, row.first.article
    when = to_text(change.detected_at)
    if row.is_group:
        key = change.detail["group"]["key"]
        severity_and_kind = (change.severity, change.kind)
        return _urn("group", findings.base_url, *severity_and_kind, str(key), when)
    name = article.source_id or article.slug or article.title
    return _urn("change", findings.base_url, article.locale, name, change.kind, when)


def _title(row: outline.Row) -> str:
    kind = row.first.change.kind
    if row.is_group:
        return wording.group_title(kind, len(row.findings))
    return f"{wording.KIND_NAMES[kind]}: {one_line(row.first.article.title) or '(untitled)'}"


def _single_html(finding: ChangeFinding, findings: Findings) -> Markup:
    article, zone = finding.article, findings.time_zone
    places = [one_line(name) for name in (article.category, article.section) if name]
    facts = [
        " › ".join([*places, one_line(article.locale, 40)]),
        f"Published {wording.moment(article.published_at, zone)}, "
        f"updated {wording.moment(article.updated_at, zone)}, "
        f"seen by us {wording.moment(finding.change.detected_at, zone)}",
        *_watch(finding),
        *wording.notes(finding.change),
        *(
            wording.shift(item.before, item.after, "→") + wording.times_over(item.count)
            for item in outline.touched(finding)
        ),
    ]
    if shift := outline.shift(finding, findings.time_zone):
        facts.append(f"{shift.label}: {one_line(shift.before)} → {one_line(shift.after)}")
    facts += [
        f"Step {number}: {wording.KIND_NAMES[step.change.kind]}, "
        f"seen by us {wording.moment(step.change.detected_at, zone)}"
        for number, step in enumerate(finding.steps, start=1)
    ]
    newest = finding.to_version or finding.last_text
    if newest:
        facts.append(f"Version {newest.number}, text SHA-256 {newest.body_sha256}")
    return _items(facts) + _diff(finding)


def _group_html(row: outline.Row) -> Markup:
    shown = row.findings[:_MAX_LINKS]
    titles = [
        f"{one_line(item.article.title)} ({one_line(item.article.locale, 40)})" for item in shown
    ]
    if len(row.findings) > len(shown):
        titles.append(f"and {len(row.findings) - len(shown):,} more")
    return _items(_watch(*row.findings)) + _diff(row.first) + _items(titles)


def _watch(*findings: ChangeFinding) -> list[str]:
    return [
        f"Watchlist: {rule.label}: {', '.join(rule.words[:12])}"
        for rule in outline.watched(*findings)
    ]


def _diff(finding: ChangeFinding) -> Markup:
    if finding.diff is None or finding.diff.is_empty:
        return Markup("")
    return Markup(redline.diff_html(finding.diff, _REDLINE_BYTES))


def _items(facts: list[str]) -> Markup:
    items = Markup("").join(
        Markup("<li>{}</li>").format(one_line(fact, 1_000)) for fact in facts if fact
    )
    return Markup("<ul>{}</ul>").format(items) if items else items


def _content(entry: ElementTree.Element, html: Markup) -> None:
    _add(entry, "content", str(html), type="html")


def _link(parent: ElementTree.Element, url: str) -> None:
    if href := safe_link(url):
        _add(parent, "link", rel="alternate", href=href)


def _add(
    parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    """A child element; its text is made visible, since XML cannot hold control characters."""
    attributes = {key: visible(value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = None if text is None else visible(text)
    return element


def _urn(*parts: str) -> str:
    name = "\n".join(visible(part) for part in parts)
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"
