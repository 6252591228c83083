"""Findings -> the short text that is sent to a destination: as long as it takes, and no longer.

Text from pages cannot call anybody, nor hide where a link leads: what chat services take for a
mention (`@everyone`, `<!channel>`, `<users/all>`) or for a link with other words (`[x](http://y)`)
is set apart by a space.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup, escape

from db.kinds import SEVERITIES
from reports import outline, wording
from reports.safe_text import one_line, safe_link
from tracker.findings import Findings

Kind = Literal["high", "digest", "health", "heartbeat"]
Form = Literal["text", "html"]

_LONGEST = 8_000
"""However much a destination takes: this is a note, the report tells all."""
_MOST_ROWS = 20
_MOST_FACTS = 4
_ACTING = re.compile(r"((?<![\w.])[@\uff20](?=[\w!&])|<(?=[!#]|users/)|\](?=\())")


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `body` is of the form that was asked for; both are within the limits."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Note:
    """A paragraph: a first line, with its link, and what stands below."""

    head: str
    lines: Sequence[str] = field(default=())
    url: str | None = None


def message(
    kind: Kind,
    findings: Findings,
    *,
    form: Form,
    body_limit: int,
    title_limit: int,
    report_url: str | None = None,
) -> Message:
    """The message about `findings`, which hold only the changes that it is to tell."""
    title = _cut(_title(kind, findings), title_limit) if title_limit > 0 else ""
    notes = list(_NOTES[kind](findings))
    if not title:
        notes.insert(0, _Note(_title(kind, findings)))
    tail = [_Note("The whole report", url=report_url)] if report_url else []
    room = min(body_limit, _LONGEST) - len(title)
    return Message(title, _fitted(notes, tail, form, room))


def trial(*, form: Form) -> Message:
    """What `helpwatch notify test` sends."""
    note = _Note(
        "This is a test of helpwatch.",
        ["Changes of the help centre will be told here. Nothing has to be done."],
    )
    return Message("helpwatch: a test", _joined([note], form))


# What is told


def _title(kind: Kind, findings: Findings) -> str:
    where = wording.host(findings)
    if kind == "high":
        return f"{wording.count(len(findings.changes), 'change')} of high severity on {where}"
    if kind == "health" and _is_suspect(findings):
        return f"Check the parser for {where}: this crawl is suspect"
    if kind == "health":
        return f"The crawl of {where} needs a look"
    if kind == "heartbeat":
        return f"All quiet on {where}"
    return wording.headline(findings)


def _is_suspect(findings: Findings) -> bool:
    return findings.health is not None and findings.health.verdict == "suspect"


def _changes(findings: Findings) -> Iterator[_Note]:
    rows = [
        row
        for chapter in outline.chapters(findings.changes)
        for part in chapter.parts
        for row in part.rows
    ]
    for row in rows[:_MOST_ROWS]:
        yield _row(row, findings)
    if rest := sum(len(row.findings) for row in rows[_MOST_ROWS:]):
        yield _Note(f"And {wording.count(rest, 'more change')}.")
    if findings.taken_back:
        yield _Note(wording.taken_back_line(findings))


def _row(row: outline.Row, findings: Findings) -> _Note:
    first = row.first
    article, kind = first.article, first.change.kind
    name = wording.KIND_NAMES[kind]
    if row.is_group:
        titles = [one_line(finding.article.title, 80) for finding in row.findings[:3]]
        more = len(row.findings) - len(titles)
        listed = "; ".join(titles) + (f"; and {more:,} more" if more else "")
        head, lines = f"{name}: {wording.group_title(kind, len(row.findings))}", [listed]
    else:
        head = f"{name}: {one_line(article.title, 160) or '(untitled)'}"
        places = [one_line(place, 60) for place in (article.category, article.section) if place]
        lines = [", ".join([*places, one_line(article.locale, 20)])]
    if first.change.severity == SEVERITIES[0]:
        lines[0] += " (high severity)"
    return _Note(head, [*lines, *_facts(row, findings)], None if row.is_group else article.url)


def _facts(row: outline.Row, findings: Findings) -> Iterator[str]:
    first = row.first
    if shift := None if row.is_group else outline.shift(first, findings.time_zone):
        yield f"{shift.label}: {one_line(shift.before, 120)} -> {one_line(shift.after, 120)}"
    touched = outline.touched(first)
    for fact in touched[:_MOST_FACTS]:
        what = one_line(wording.shift(fact.before, fact.after), 120)
        yield f"{wording.TOUCHED_NAMES[fact.kind]}: {what}{wording.times_over(fact.count)}"
    if len(touched) > _MOST_FACTS:
        yield f"and {len(touched) - _MOST_FACTS} more"
    if watched := outline.watched(*row.findings):
        yield f"Watchlist: {', '.join(one_line(rule.label, 40) for rule in watched[:6])}"


def _digest(findings: Findings) -> Iterator[_Note]:
    yield from _changes(findings)
    if findings.trending:
        lines = [
            f"{one_line(item.article.title, 120)}: {wording.trend_words(item.trend)}"
            for item in findings.trending[:3]
        ]
        yield _Note("Trending", lines)
    if gaps := len(findings.not_checked):
        yield _Note(f"What was not checked: {wording.count(gaps, 'fact')}; see the report.")


def _health(findings: Findings) -> Iterator[_Note]:
    advice = []
    if _is_suspect(findings):
        advice = [
            "The changes that it shows are held back until a person has looked; "
            f"if they are right: helpwatch accept {findings.crawl.id}"
        ]
    yield _Note(wording.headline(findings), advice)
    failed = [check for check in findings.health.checks if not check.ok] if findings.health else []
    if failed:
        lines = [
            f"{wording.CHECK_LEVELS[check.level]}: {one_line(check.message, 400)}"
            for check in failed[:8]
        ]
        yield _Note("What the checks say", lines)
    if findings.not_checked:
        facts = [one_line(fact, 300) for fact in findings.not_checked[:3]]
        yield _Note(f"What was not checked ({len(findings.not_checked):,})", facts)
    yield _Note(wording.checked(findings), [wording.last_good(findings)])


def _heartbeat(findings: Findings) -> Iterator[_Note]:
    lines = [wording.checked(findings), wording.last_good(findings)]
    yield _Note(wording.headline(findings), lines)


_NOTES: dict[Kind, Callable[[Findings], Iterator[_Note]]] = {
    "high": _changes,
    "digest": _digest,
    "health": _health,
    "heartbeat": _heartbeat,
}

# As text or HTML


def _fitted(notes: Sequence[_Note], tail: Sequence[_Note], form: Form, room: int) -> str:
    """As many notes as there is room for, the first ones first; what is left out is said."""
    shown = list(notes)
    while shown:
        left_out = len(notes) - len(shown)
        more = [_Note(f"And more, left out here ({left_out}).")] if left_out else []
        if len(text := _joined([*shown, *more, *tail], form)) <= room:
            return text
        shown.pop()
    brief = _joined([_Note(_cut(notes[0].head, 80)), *tail], form)
    if len(brief) <= room:
        return brief
    # Not even that fits: the first line is what a pager shows.
    line = _cut(notes[0].head, max(1, room))
    return line if form == "text" else str(escape(line))


def _joined(notes: Sequence[_Note], form: Form) -> str:
    if form == "html":
        return str(Markup("\n").join(_html(note) for note in notes))
    return "\n\n".join(_text(note) for note in notes)


def _text(note: _Note) -> str:
    href = safe_link(note.url)
    return "\n".join(
        [*(_calm(line) for line in (note.head, *note.lines)), *([href] if href else [])]
    )


def _html(note: _Note) -> Markup:
    href = safe_link(note.url)
    head = Markup("<b>{}</b>").format(_calm(note.head))
    if href:
        head = Markup('<a href="{}">{}</a>').format(href, head)
    lines = [Markup("{}").format(_calm(line)) for line in note.lines]
    return Markup("<p>{}</p>").format(Markup("<br>\n").join([head, *lines]))


def _calm(text: str) -> str:
    """One visible line that calls nobody and links to nothing."""
    return _ACTING.sub(r"\1 ", one_line(text, 2_000))


def _cut(text: str, limit: int) -> str:
    line = _calm(text)
    return line if len(line) <= limit else line[: max(0, limit - 1)] + "…"
