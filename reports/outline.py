"""The order of telling, shared by all documents: severity, then kind, then one row a change.

The same change on many articles (`change.detail["group"]`) is one row.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from db.kinds import SEVERITIES, ChangeKind, Severity
from db.records import Change
from reports import wording
from reports.safe_text import safe_link, shell_word
from tracker.findings import ChangeFinding


@dataclass(frozen=True, slots=True)
class Row:
    """One change, or the same change on several articles."""

    findings: tuple[ChangeFinding, ...]
    group_size: int = 1
    """How many articles the tracker found in the group; filters may leave fewer to show."""

    @property
    def first(self) -> ChangeFinding:
        return self.findings[0]

    @property
    def is_group(self) -> bool:
        return len(self.findings) > 1


@dataclass(frozen=True, slots=True)
class Part:
    """All changes of one kind within one severity."""

    kind: ChangeKind
    rows: tuple[Row, ...]

    @property
    def change_count(self) -> int:
        return sum(len(row.findings) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Chapter:
    """All changes of one severity."""

    severity: Severity
    parts: tuple[Part, ...]

    @property
    def change_count(self) -> int:
        return sum(part.change_count for part in self.parts)


def chapters(changes: Sequence[ChangeFinding]) -> tuple[Chapter, ...]:
    """The changes by severity and kind; within a kind they keep the order they came in."""
    return tuple(
        Chapter(severity, parts(found))
        for severity in SEVERITIES
        if (found := [item for item in changes if item.change.severity == severity])
    )


def parts(changes: Sequence[ChangeFinding]) -> tuple[Part, ...]:
    """The changes by kind, whatever their severity."""
    return tuple(
        Part(kind, tuple(_rows(found)))
        for kind in wording.TELLING_ORDER
        if (found := [item for item in changes if item.change.kind == kind])
    )


def _rows(changes: Sequence[ChangeFinding]) -> list[Row]:
    """Groups stand where their first change stood."""
    rows: dict[object, list[ChangeFinding]] = {}
    for number, finding in enumerate(changes):
        group = finding.change.detail.get("group")
        key = group.get("key") if isinstance(group, Mapping) else None
        rows.setdefault(number if key is None else ("group", str(key)), []).append(finding)
    return [
        Row(tuple(found), max(len(found), wording.group_size(found[0].change.detail)))
        for found in rows.values()
    ]


@dataclass(frozen=True, slots=True)
class Watched:
    """A rule of the watchlist that matched, with the words that did."""

    label: str
    severity: str
    words: tuple[str, ...]


def watched(*findings: ChangeFinding) -> list[Watched]:
    """From `change.detail["watch"]`, as the tracker writes it; of several changes each rule once,
    with the words that it found in any of them."""
    severities: dict[str, str] = {}
    words: dict[str, dict[str, None]] = {}
    for finding in findings:
        for item in _mappings(finding.change.detail.get("watch")):
            label = str(item.get("label", ""))
            severities.setdefault(label, str(item.get("severity", "")))
            words.setdefault(label, {}).update(dict.fromkeys(map(str, item.get("words", ()))))
    return [Watched(label, severities[label], tuple(found)) for label, found in words.items()]


@dataclass(frozen=True, slots=True)
class Fact:
    """A typed fact that an edit changed, as often as it did."""

    kind: str
    before: str | None
    after: str | None
    context: str | None
    """Of the first of several."""
    count: int = 1


def touched(finding: ChangeFinding) -> list[Fact]:
    """The typed facts that an edit changed, of the diff, else of `change.detail["touched"]`; the
    same change of a fact in several places once, with their number."""
    if finding.diff is not None:
        found = [
            (fact.kind, fact.before, fact.after, fact.context) for fact in finding.diff.touched
        ]
    else:
        found = [
            (item["kind"], item.get("before"), item.get("after"), item.get("context"))
            for item in _mappings(finding.change.detail.get("touched"))
            if item.get("kind") in wording.TOUCHED_NAMES
        ]
    counts = Counter(fact[:3] for fact in found)
    first = {fact[:3]: fact[3] for fact in reversed(found)}
    return [
        Fact(*fact, wording.fact_context(first[fact], *fact[1:]), count)
        for fact, count in counts.items()
    ]


def _mappings(value: object) -> list[Mapping[str, Any]]:
    found = value if isinstance(value, (list, tuple)) else ()
    return [item for item in found if isinstance(item, Mapping)]


@dataclass(frozen=True, slots=True)
class Shift:
    """What a change without two texts changed: a title, an address, a section, a date."""

    label: str
    before: str
    after: str


def shift(finding: ChangeFinding, zone: tzinfo) -> Shift | None:
    """`before` and `after` of the change in words; None where it holds neither."""
    change = finding.change
    if change.before is None and change.after is None:
        return None
    if change.kind == "touched":
        return Shift(
            "Updated date",
            wording.recorded_moment(change.before, zone),
            wording.recorded_moment(change.after, zone),
        )
    before, after = change.before or wording.UNKNOWN, change.after or wording.UNKNOWN
    return Shift(_shift_label(change), before, after)


def _shift_label(change: Change) -> str:
    if change.kind == "moved":
        category = change.detail.get("category")
        values = {"before": change.before, "after": change.after}
        return "Category" if category == values else "Section"
    return {"retitled": "Title", "readdressed": "Address"}.get(change.kind, "Value")


def evidence_commands(finding: ChangeFinding) -> list[tuple[str, str]]:
    """(what it gives, command) pairs that fetch the evidence from the database."""
    article = finding.article
    name = shell_word(safe_link(article.url) or article.slug or str(article.article_id))
    commands = []
    before, after = finding.from_version, finding.to_version
    if before and after and before.id == after.id:
        before = None
    if before and after and before.body_sha256 != after.body_sha256:
        numbers = f"{before.number} {after.number}"
        commands.append(("The whole difference", f"helpwatch diff {name} {numbers}"))
    pages = {"The page": after}
    if before and after:
        pages = {"The page before": before, "The page after": after}
    elif not after:
        pages = {"The page as it last was": finding.last_text or before}
    for label, version in pages.items():
        if version:
            at = wording.iso(version.captured_at)
            commands.append((label, f"helpwatch snapshot {name} --at {at}"))
    commands.append(("Its whole history", f"helpwatch history {name}"))
    return commands
