"""Findings -> Markdown (CommonMark with GitHub's tables), for mail, wikis and tickets.

Page text is escaped, so that it renders as the text it is. Edits are `del` and `ins` elements:
asterisks and tildes do not mark half a word that begins with a sign.
"""

from collections.abc import Iterable, Iterator, Sequence

from reports import outline, redline, wording
from reports.dictionary import Relation
from reports.safe_text import (
    escape_markdown,
    markdown_code,
    markdown_line,
    markdown_link,
    visible,
)
from tracker.findings import ChangeFinding, Findings
from tracker.textdiff import TextDiff

_REDLINE_BYTES = 6_000
_TEXT_BYTES = 3_000
_MAX_TOUCHED = 12
_MAX_GROUP_ROWS = 50


def render(findings: Findings) -> str:
    """The report as Markdown text, ending in a line feed."""
    parts = [
        _head(findings),
        _health(findings),
        _changes(findings),
        _trending(findings),
        *_translations_behind(findings),
        _coverage(findings),
        f"Made by helpwatch on {wording.moment(findings.generated_at, findings.time_zone)}.",
    ]
    return "\n\n".join(parts) + "\n"


def render_schema(relations: Iterable[Relation]) -> str:
    """The data dictionary as Markdown: a heading and a table of columns for each relation."""
    parts = ["# The database of helpwatch"]
    for relation in relations:
        parts.append(f"## {markdown_code(relation.name)} ({relation.kind})")
        parts.append(markdown_line(relation.comment, 2_000))
        rows = [
            [markdown_code(column.name), column.type, markdown_line(column.comment, 2_000)]
            for column in relation.columns
        ]
        parts.append(_table(["Column", "Type", "Meaning"], rows))
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(findings: Findings) -> str:
    lines = [f"# {markdown_line(wording.headline(findings), 2_000)}"]
    lines.append(f"{markdown_line(findings.site)}. {wording.period(findings)}.")
    if only := wording.filters(findings):
        lines.append(f"**A filtered report.** {markdown_line(only)}.")
    return "\n\n".join(lines)


def _health(findings: Findings) -> str:
    health = findings.health
    name = wording.VERDICT_NAMES[health.verdict] if health else "Not judged"
    meaning = wording.VERDICT_MEANINGS[health.verdict] if health else ""
    accepted = " A person has accepted it." if health and health.is_accepted else ""
    lines = [f"{meaning}{accepted} {wording.last_good(findings)}".strip(), ""]
    lines.append(wording.checked(findings))
    failed = [check for check in health.checks if not check.ok] if health else []
    lacking = [item for item in findings.coverage if not item.is_complete or item.gap]
    if failed or lacking:
        lines.append("")
    lines += [
        f"- **{wording.CHECK_LEVELS[check.level]}:** {markdown_line(check.message, 600)}"
        for check in failed
    ]
    lines += [
        f"- **Listing** {markdown_line(item.title or item.slug)} "
        f"({markdown_line(item.locale)}): {wording.coverage_words(item)}"
        for item in lacking
    ]
    lines += ["", "### What was not checked", ""]
    lines += [f"- {markdown_line(fact, 1_000)}" for fact in findings.not_checked]
    if not findings.not_checked:
        lines.append(wording.NO_GAPS)
    return f"## Health: {name}\n\n" + "\n".join(lines)


def _changes(findings: Findings) -> str:
    if not findings.changes:
        return "\n\n".join(
            [f"## Changes\n\n{wording.nothing_told(findings)}", *_taken_back(findings)]
        )
    rows = [
        [wording.KIND_NAMES[kind], wording.thousands(number)]
        for kind, number in _in_telling_order(findings.counts)
    ]
    out = ["## Changes", _table(["Kind", "Changes"], rows)]
    if findings.held_back:
        out.append(f"**{wording.held_back_line(findings)}**")
    for chapter in outline.chapters(findings.changes):
        title = wording.SEVERITY_NAMES[chapter.severity]
        out.append(f"## {title}: {wording.count(chapter.change_count, 'change')}")
        for part in chapter.parts:
            name = wording.KIND_NAMES[part.kind]
            out.append(f"### {name} ({wording.thousands(part.change_count)})")
            out += [_row(row, findings) for row in part.rows]
    return "\n\n".join([*out, *_taken_back(findings)])


def _taken_back(findings: Findings) -> Iterator[str]:
    """What came to nothing within the period."""
    if not findings.taken_back:
        return
    yield f"## Taken back: {wording.count(len(findings.taken_back), 'change')}"
    yield wording.TAKEN_BACK_MEANING
    for part in outline.parts(findings.taken_back):
        name = wording.KIND_NAMES[part.kind]
        yield f"### {name} ({wording.thousands(part.change_count)})"
        for row in part.rows:
            for finding in row.findings:
                yield from _single(finding, findings)


def _steps(finding: ChangeFinding, findings: Findings) -> Iterator[str]:
    """What a net change sums up, oldest first."""
    if not finding.steps:
        return
    yield f"In {wording.count(len(finding.steps), 'step')}:"
    for number, step in enumerate(finding.steps, start=1):
        name = wording.KIND_NAMES[step.change.kind]
        seen = wording.moment(step.change.detected_at, findings.time_zone)
        facts = [f"**Step {number}:** {name}, seen by us {seen}", *wording.notes(step.change)]
        if shift := outline.shift(step, findings.time_zone):
            before, after = markdown_line(shift.before), markdown_line(shift.after)
            facts.append(f"{shift.label}: <del>{before}</del> -> <ins>{after}</ins>")
        yield "\n".join(f"- {fact}" for fact in facts)
        yield from _diff(step)


def _in_telling_order(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(kind, counts[kind]) for kind in wording.TELLING_ORDER if kind in counts]


def _row(row: outline.Row, findings: Findings) -> str:
    return "\n\n".join(_group(row, findings) if row.is_group else _single(row.first, findings))


def _single(finding: ChangeFinding, findings: Findings) -> Iterator[str]:
    article, zone = finding.article, findings.time_zone
    yield f"#### {markdown_link(article.title, article.url)}"
    facts = [
        f"{_where(finding)}, {markdown_line(article.locale)}",
        f"published {wording.moment(article.published_at, zone)}, "
        f"updated {wording.moment(article.updated_at, zone)}, "
        f"seen by us {wording.moment(finding.change.detected_at, zone)}",
        *_facts(finding, findings),
    ]
    yield "\n".join(f"- {fact}" for fact in facts)
    yield from _diff(finding)
    if finding.change.kind == "new" and finding.to_version:
        yield "Its text:"
        yield _quoted(finding.to_version.body)
    if finding.last_text:
        yield f"Its last text (version {finding.last_text.number}):"
        yield _quoted(finding.last_text.body)
    yield from _steps(finding, findings)
    yield from _evidence(finding)


def _group(row: outline.Row, findings: Findings) -> Iterator[str]:
    count = len(row.findings)
    yield f"#### {wording.group_title(row.first.change.kind, count)}"
    if row.group_size > count:
        yield f"Part of a change on {wording.count(row.group_size, 'article')}."
    if facts := [*_watched(*row.findings), *_touched(row.first)]:
        yield "\n".join(f"- {fact}" for fact in facts)
    yield from _diff(row.first)
    shown = row.findings[:_MAX_GROUP_ROWS]
    rows = [
        [
            markdown_link(finding.article.title, finding.article.url),
            _where(finding),
            markdown_line(finding.article.locale),
            wording.moment(finding.article.updated_at, findings.time_zone),
        ]
        for finding in shown
    ]
    yield _table(["Article", "In", "Locale", "Updated"], rows)
    if count > len(shown):
        yield f"And {wording.count(count - len(shown), 'more article')}."


def _where(finding: ChangeFinding) -> str:
    article = finding.article
    section = markdown_line(article.section or article.section_slug or "section unknown")
    return f"{markdown_line(article.category)} › {section}" if article.category else section


def _facts(finding: ChangeFinding, findings: Findings) -> list[str]:
    """Watchlist, notes, before and after, and what was touched; a line each."""
    lines = [*_watched(finding), *wording.notes(finding.change)]
    if shift := outline.shift(finding, findings.time_zone):
        before, after = markdown_line(shift.before), markdown_line(shift.after)
        lines.append(f"{shift.label}: <del>{before}</del> -> <ins>{after}</ins>")
    return [*lines, *_touched(finding)]


def _watched(*findings: ChangeFinding) -> Iterator[str]:
    for rule in outline.watched(*findings):
        severity = f" ({markdown_line(rule.severity)})" if rule.severity else ""
        words = wording.listed([markdown_line(word, 60) for word in rule.words[:12]])
        yield f"**Watchlist:** {markdown_line(rule.label)}{severity}: {words}"


def _touched(finding: ChangeFinding) -> Iterator[str]:
    touched = outline.touched(finding)
    for fact in touched[:_MAX_TOUCHED]:
        what = markdown_line(wording.shift(fact.before, fact.after))
        where = f" ({markdown_line(fact.context, 100)})" if fact.context else ""
        name = wording.TOUCHED_NAMES[fact.kind]
        yield f"{name}: {what}{wording.times_over(fact.count)}{where}"
    if len(touched) > _MAX_TOUCHED:
        yield f"and {len(touched) - _MAX_TOUCHED} more"


def _diff(finding: ChangeFinding) -> Iterator[str]:
    if finding.diff is not None and not finding.diff.is_empty:
        yield diff_markdown(finding.diff, _REDLINE_BYTES)


def diff_markdown(diff: TextDiff, limit_bytes: int = redline.WHOLE) -> str:
    """A redline as quoted Markdown paragraphs with `del` and `ins`."""
    shown = redline.redline(diff, limit_bytes)
    out = []
    for line in shown.lines:
        if line.heading:
            out.append(f"**{markdown_line(line.heading)}**")
        place = f"*{markdown_line(redline.label(line) or '')}:* " if redline.label(line) else ""
        tags = {"added": ("<ins>", "</ins>"), "removed": ("<del>", "</del>"), "kept": ("", "")}
        text = "".join(
            escape_markdown(piece.text).replace("\n", "<br>").join(tags[piece.op])
            for piece in redline.changed_pieces(line)
        )
        out.append(place + text)
    if said := redline.omission(shown):
        out.append(f"*{said}*")
    return "\n>\n".join(f"> {text}" for text in out)


def _quoted(body: str) -> str:
    """A text as a code block, where nothing of it can act; long ones are cut."""
    shown = redline.cut_to(body, _TEXT_BYTES)
    lines = visible(shown).split("\n")
    if len(shown) < len(body):
        lines.append("(cut here)")
    return "\n".join(f"    {line}".rstrip() for line in lines)


def _evidence(finding: ChangeFinding) -> Iterator[str]:
    newest = finding.to_version or finding.last_text or finding.from_version
    if newest is None:
        return
    lines = [f"Evidence: version {newest.number}, text SHA-256 {markdown_code(newest.body_sha256)}"]
    lines += [
        f"{label}: {markdown_code(command)}"
        for label, command in outline.evidence_commands(finding)
    ]
    yield "\n".join(f"- {line}" for line in lines)


def _trending(findings: Findings) -> str:
    if not findings.trending:
        return f"## Trending\n\n{wording.no_trends(findings)}"
    rows = [
        [
            str(item.trend.rank),
            markdown_link(item.article.title, item.article.url),
            wording.upper_first(wording.trend_words(item.trend)),
            wording.trend_gain(item.trend),
        ]
        for item in findings.trending
    ]
    return "## Trending\n\n" + _table(["Rank", "Article", "In words", "Views"], rows)


def _translations_behind(findings: Findings) -> Iterator[str]:
    """Nothing where no translation is known to lag."""
    if not findings.translations_behind:
        return
    zone = findings.time_zone
    shown = findings.translations_behind[:_MAX_GROUP_ROWS]
    rows = [
        [
            markdown_link(item.article.title, item.article.url),
            wording.moment(item.changed_at, zone),
            markdown_link(lag.article.locale, lag.article.url),
            wording.lag_words(lag, zone),
        ]
        for item in shown
        for lag in item.translations
    ]
    yield "## Translations behind"
    yield wording.TRANSLATIONS_NOTE
    yield _table(["Article", "Changed", "Behind", "Its text"], rows)
    if left := len(findings.translations_behind) - len(shown):
        yield f"And {wording.count(left, 'more article')}."


def _coverage(findings: Findings) -> str:
    rows = [
        [
            markdown_link(item.title or item.slug, item.url),
            markdown_line(item.locale),
            "not said" if item.claimed_total is None else wording.thousands(item.claimed_total),
            wording.thousands(item.seen_count),
            wording.coverage_words(item),
        ]
        for item in findings.coverage
    ]
    crawls = "\n".join(
        f"- {wording.crawl_line(crawl, findings.time_zone)}" for crawl in findings.crawls
    )
    parts = ["## Coverage", crawls]
    if rows:
        parts.append(_table(["Listing", "Locale", "Claims", "Seen", "Result"], rows))
    return "\n\n".join(part for part in parts if part)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
