"""Saved listing text -> entries: rows whose fields stand glued together.

A search row is title, line break, summary, glue, and the next title right behind; a section row is
'- Title' and glue on one line. Glue is published date, updated date, category label, view count,
any of the last three missing: 'Published on Oct 30, 2023Updated on Mar 18, 2026FAQ195Next title'.
Visible dates are calendar days in the site's own zone. Seen April 2025 to June 2026.

Where a count ends and the next title begins is weighed in `spiders.listing_tail`; a row that can
be read in more than one way is marked uncertain. Everything is read in one pass over the text.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from spiders.fields import (
    MARKS,
    PUBLISHED,
    SPACES,
    UPDATED,
    DayReading,
    narrower_tag,
    parse_count,
    read_day_at,
    read_minutes_at,
)
from spiders.items import ListingEntry
from spiders.languages import LANGUAGES, Language
from spiders.listing_tail import Cut, Evidence, Tail, best_cut, gather_evidence, squeezed

_GAP = re.compile(f"[\\s{MARKS}]{{0,3}}")
_MARK_RUN = re.compile(f"[{MARKS}]*")
_BULLET = re.compile(r"[ \t]{0,8}[-*•–][ \t]+")
# After a date in running text; a glue is followed by a label, a count, a title or a line's end.
_RUNNING_ON = re.compile(f"[{SPACES}]+\\S|[.,;:)?!](?!\\d)")


@dataclass(frozen=True, slots=True)
class ArticleHeader:
    """What the line under an article's title says, as text; unknown is None."""

    published_on: date | None = None
    updated_on: date | None = None
    reading_minutes: int | None = None
    view_count: int | None = None
    is_view_count_approximate: bool = False


@dataclass(frozen=True, slots=True)
class _Glue:
    """The dates of one row: `start` of the published label to `end` of the last date."""

    start: int
    end: int
    language: Language
    published: DayReading
    updated: DayReading | None
    line_start: int
    lines_before: int
    """Line breaks in the text before it: two glues with none between are not two rows."""
    is_spaced: bool
    """White space on the same line stands before it, as in a sentence."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: its dates and what stands behind them on the line, with the next title."""

    glue: _Glue
    tail: Tail
    is_doubtful: bool = False
    """Dates in its summary or title may be rows of their own."""


def parse_listing_text(
    text: str, known_titles: Collection[str] = (), language: str | None = None
) -> tuple[ListingEntry, ...]:
    """The entries of a saved listing, in their order; () for a text that is none.

    `language` (a tag) narrows what the label words say, to a region's order of figures. A row cut
    off before its published date is left out, unless its title is among `known_titles`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    glues = _find_glues(text, language)
    if _kind(text, glues) == "section":
        return _section_entries(text, glues)
    return _search_entries(text, glues, frozenset(map(squeezed, known_titles)))


def listing_kind(text: str) -> Literal["search", "section"]:
    """Whether the rows of a saved listing are a section's ('- Title', one a line) or a search's."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _kind(text, _find_glues(text, None))


def parse_article_header(text: str, language: str | None = None) -> ArticleHeader:
    """Dates, reading time and count of an article's header as text; each None where unknown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    glue = next(iter(_find_glues(text, language)), None)
    if not glue:
        return ArticleHeader()
    minutes, rest = read_minutes_at(text, glue.end) or (None, _line_at(text, glue.end))
    cut, is_sure = best_cut(Tail(rest.strip(), glue.language, is_last=True), Evidence())
    count = parse_count(cut.count) if is_sure else None
    return ArticleHeader(
        published_on=glue.published.day,
        updated_on=glue.updated.day if glue.updated else None,
        reading_minutes=minutes,
        view_count=count.value if count else None,
        is_view_count_approximate=bool(count and count.is_approximate),
    )


def _find_glues(text: str, hint: str | None) -> list[_Glue]:
    """Every published label with a date behind it, in order."""
    glues: list[_Glue] = []
    line_start = lines = counted_to = 0
    for found in PUBLISHED.pattern.finditer(text):
        spoken = LANGUAGES[PUBLISHED.tag_of(found)]
        tag = narrower_tag(spoken.tag, hint)
        published = read_day_at(text, _GAP.match(text, found.end()).end(), tag)
        if not published:
            continue
        # Counted from the label before, so that a text of one endless line stays one pass.
        lines += text.count("\n", counted_to, found.start())
        line_start = max(line_start, text.rfind("\n", counted_to, found.start()) + 1)
        counted_to = found.start()
        updated = None
        label = UPDATED.pattern.match(text, _GAP.match(text, published.end).end())
        if label:
            updated = read_day_at(text, _GAP.match(text, label.end()).end(), tag)
        end = _MARK_RUN.match(text, (updated or published).end).end()
        start = found.start()
        is_spaced = start > line_start and text[start - 1].isspace()
        glues.append(_Glue(start, end, spoken, published, updated, line_start, lines, is_spaced))
    return glues


def _kind(text: str, glues: Sequence[_Glue]) -> Literal["search", "section"]:
    """A section where most lines with dates begin with a bullet and end with their row."""
    lines = {glue.line_start: glue for glue in glues}
    rows = sum(
        bool(_BULLET.match(text, start, glue.start)) and _ends_line(text, glue)
        for start, glue in lines.items()
    )
    return "section" if rows * 2 > len(lines) else "search"


def _ends_line(text: str, glue: _Glue) -> bool:
    """Nothing but a label and a count stands behind the dates."""
    behind = _line_at(text, glue.end).strip()
    labels = ("", *glue.language.labels)
    rests = [behind.removeprefix(label) for label in labels if behind.startswith(label)]
    return any(not rest or parse_count(rest) for rest in rests)


def _line_at(text: str, position: int) -> str:
    """The rest of the line from `position` on."""
    end = text.find("\n", position)
    return text[position : end if end >= 0 else len(text)]


def _section_entries(text: str, glues: Sequence[_Glue]) -> tuple[ListingEntry, ...]:
    """One entry per line; of several glues on a line the last is the row's, others its title's."""
    entries = []
    for line_start, glue in {glue.line_start: glue for glue in glues}.items():
        bullet = _BULLET.match(text, line_start, glue.start)
        title = text[bullet.end() if bullet else line_start : glue.start].strip()
        tail = Tail(_line_at(text, glue.end).strip(), glue.language, is_last=True)
        cut, is_sure = best_cut(tail, Evidence())
        if title:
            is_whole = cut.end == len(tail.text)
            entries.append(_entry(glue, cut, title, None, is_sure=is_sure and is_whole))
    return tuple(entries)


def _search_entries(
    text: str, glues: Sequence[_Glue], known: frozenset[str]
) -> tuple[ListingEntry, ...]:
    rows = _rows_of(text, glues)
    if not rows:
        return ()
    evidence = gather_evidence([row.tail for row in rows], known)
    title, summary, is_title_sure = _first_title(text[: rows[0].glue.start], rows, evidence)
    stops = [*(row.glue.start for row in rows[1:]), len(text)]
    entries = []
    for row, stop in zip(rows, stops, strict=True):
        cut, is_sure = best_cut(row.tail, evidence)
        if row.tail.is_last:
            is_sure = is_sure and not _is_cut_off(row, cut)
        if title:
            is_title_sure = is_title_sure and not row.is_doubtful
            entry = _entry(row.glue, cut, title, summary, is_sure=is_sure and is_title_sure)
            entries.append(replace(entry, is_title_uncertain=not is_title_sure))
        title, summary = _title_and_summary(text[row.glue.end + cut.end : stop])
        is_title_sure = is_sure
    # What is left is a row without its dates, or the foot of the page: only a known title tells.
    if title and summary and squeezed(title) in known:
        entries.append(ListingEntry(title=title, summary=summary, is_uncertain=True))
    return tuple(entries)


def _rows_of(text: str, glues: Sequence[_Glue]) -> list[_Row]:
    """The glues that end rows, without those that are dates in a summary or a title."""
    has_glued = any(not glue.is_spaced for glue in glues)
    kept: list[tuple[_Glue, bool]] = []
    is_doubtful = False
    for glue in glues:
        if _RUNNING_ON.match(text, glue.end):
            continue
        if has_glued and glue.is_spaced and not glue.updated:
            is_doubtful = True  # a sentence says "Published on": part of the next row's summary
            continue
        if kept and kept[-1][0].lines_before == glue.lines_before:
            is_doubtful = True  # no line break between the two: one of them is no row's end
            if glue.is_spaced and not kept[-1][0].is_spaced:
                continue
            kept.pop()
        kept.append((glue, is_doubtful))
        is_doubtful = False
    last = kept[-1][0] if kept else None
    return [
        _Row(glue, Tail(_line_at(text, glue.end), glue.language, is_last=glue is last), is_doubtful)
        for glue, is_doubtful in kept
    ]


def _first_title(
    before: str, rows: Sequence[_Row], evidence: Evidence
) -> tuple[str | None, str | None, bool]:
    """Title and summary of the first row, behind the lines that name the tabs; and if surely."""
    language = rows[0].tail.language
    lines = before.split("\n")
    tabs_end = _end_of_tabs(lines, language)
    title, summary = _title_and_summary("\n".join(lines[tabs_end:]))
    begins_in_summary = evidence.is_glued and not summary and not before.rstrip(" ").endswith("\n")
    if begins_in_summary and squeezed(title or "") not in evidence.known_titles:
        return None, None, False
    # Tabs of a language in which none have been seen would be taken for a title.
    return title, summary, bool(language.all_tab or tabs_end or len(lines) < 4)


def _end_of_tabs(lines: Sequence[str], language: Language) -> int:
    """How many lines lead up to and name the tabs, each once; 0 where fewer than two do."""
    seen: set[str] = set()
    end = 0
    for index, line in enumerate(lines[:16]):
        name = line.strip()
        if name in language.tabs and name not in seen:
            seen.add(name)
            end = index + 1
        elif name and seen:
            break
    return end if len(seen) > 1 else 0


def _title_and_summary(segment: str) -> tuple[str | None, str | None]:
    """The first line with text, and what follows it."""
    title, _, summary = segment.lstrip().partition("\n")
    return title.strip() or None, summary.strip() or None


def _is_cut_off(row: _Row, cut: Cut) -> bool:
    """The text ends within this row's label, updated date or count."""
    left = row.tail.text[cut.end :].strip()
    language = row.tail.language
    words = (*language.labels, *(() if row.glue.updated else language.updated))
    return bool(left) and (
        left[0].isdecimal() or any(word.startswith(left) or left.startswith(word) for word in words)
    )


def _entry(
    glue: _Glue, cut: Cut, title: str, summary: str | None, *, is_sure: bool
) -> ListingEntry:
    count = parse_count(cut.count)
    dates = [reading.day for reading in (glue.published, glue.updated) if reading]
    return ListingEntry(
        title=title,
        summary=summary,
        category=cut.label or None,
        published_at=glue.published.day,
        updated_at=glue.updated.day if glue.updated else None,
        view_count=count.value if count else None,
        is_view_count_approximate=bool(count and count.is_approximate),
        is_uncertain=not is_sure or None in dates,
    )
