"""Change + policy -> severity: which of a team's rules a change matches, and how much it matters.

Severity is the highest of three: the kind's own (DEFAULT_SEVERITIES), that of the facts which an
edit touched (TOUCHED_SEVERITIES), and that of every rule that matches. A rule raises and never
lowers, so what matters under one rule does not matter less for another.

Rules look at the title, and:
- for an edit, at what was added and removed. Where that is a figure or a link it says little by
  itself, so the sentence around it, its heading and its place in a table are looked at too:
  a rule for "fee" matches where 'Withdrawal fee: 0.08%' became '0.10%'. A block that moved under
  another heading is looked at as a whole;
- for an article that appeared or went, at its whole text, as far as it is given.

Words say nothing of a new date under the same text: sites stamp them on hundreds of articles at
once, so a rule must name the kind `touched` for its words to count there.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from db.kinds import SEVERITIES, ChangeKind, Severity
from db.records import ArticleState, Change
from tracker import text as texts
from tracker.difference import BlockDiff, TextDiff, TouchedKind
from tracker.markdown_blocks import plain
from tracker.watch_defaults import DEFAULT_RULES
from tracker.watch_rules import WatchRule, parse_rule

__all__ = [
    "DEFAULT_RULES",
    "DEFAULT_SEVERITIES",
    "TOUCHED_SEVERITIES",
    "SeverityPolicy",
    "WatchRule",
    "grade",
    "matched_words",
    "parse_rule",
    "with_groups_together",
]

DEFAULT_SEVERITIES: Mapping[ChangeKind, Severity] = MappingProxyType(
    {
        # What a customer was told is gone, or changed with nothing to show for it.
        "removed": "high",
        "silent_edit": "high",
        "new": "normal",
        "updated": "normal",
        "retitled": "normal",
        "moved": "normal",
        "readdressed": "normal",
        "unlisted": "normal",
        "relisted": "normal",
        # The text is the same.
        "touched": "low",
    }
)
TOUCHED_SEVERITIES: Mapping[TouchedKind, Severity] = MappingProxyType(
    {
        # What a service costs, how long it takes, and who may have it.
        "percentage": "high",
        "amount": "high",
        "duration": "high",
        "jurisdiction": "high",
        # They move with every announcement.
        "date": "normal",
        "figure": "normal",
        "link": "normal",
    }
)
_EDITS: frozenset[ChangeKind] = frozenset({"updated", "silent_edit"})
_APPEARANCES: frozenset[ChangeKind] = frozenset({"new", "removed", "unlisted", "relisted"})
_MOST_WORDS = 20
_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？;；\n]|<br>")
# The sentence around a change is taken to be no longer than this on either side.
_SENTENCE_SIDE = 300
_SAYS_LITTLE = re.compile(r"\d|\]\(")


@dataclass(frozen=True, slots=True)
class SeverityPolicy:
    """How much a change matters by itself, before any rule."""

    kinds: Mapping[ChangeKind, Severity] = field(default_factory=lambda: DEFAULT_SEVERITIES)
    touched: Mapping[TouchedKind, Severity] = field(default_factory=lambda: TOUCHED_SEVERITIES)


DEFAULT_POLICY = SeverityPolicy()


@dataclass(frozen=True, slots=True)
class _Passage:
    """A text to look at; of its matches those count that overlap one of the changed stretches."""

    text: str
    changed: tuple[tuple[int, int], ...] | None = None
    """None: all of it counts."""

    def counts(self, match: re.Match) -> bool:
        if self.changed is None:
            return True
        # The stretches rise: the first that ends behind the match's start is the one to ask.
        at = bisect_right(self.changed, match.start(), key=lambda stretch: stretch[1])
        return at < len(self.changed) and self.changed[at][0] < match.end()


def grade(
    change: Change,
    article: ArticleState,
    diff: TextDiff | None,
    text: str | None,
    rules: Iterable[WatchRule],
    policy: SeverityPolicy | None = None,
) -> Change:
    """The change with its severity, and `detail["watch"]` for the rules that match: a list of
    {"label", "severity", "words"}, the words as they stand in the text.

    `diff` is the difference of the two texts of an edit, `text` the text of an article that
    appeared or went; either may be unknown, and then only the title is looked at.
    """
    policy = policy or DEFAULT_POLICY
    passages = list(_passages(change, article, diff, text))
    touched = _touched_kinds(change, diff)
    watch = []
    severities = [policy.kinds.get(change.kind, "normal")]
    if change.kind in _EDITS:
        severities += [policy.touched.get(kind, "normal") for kind in touched]
    for rule in rules:
        words = _match(rule, change, article, touched, passages)
        if words is not None:
            watch.append({"label": rule.label, "severity": rule.severity, "words": list(words)})
            severities.append(rule.severity)
    detail = {key: value for key, value in change.detail.items() if key != "watch"}
    if watch:
        detail["watch"] = watch
    severity = min(severities, key=SEVERITIES.index)
    if severity == change.severity and detail == change.detail:
        return change
    return replace(change, severity=severity, detail=detail)


def with_groups_together(changes: Sequence[Change]) -> list[Change]:
    """The changes with every group at the highest severity in it: it is one event, told once.

    A stamp of new dates stays apart from those of its articles that a rule names.
    """
    highest: dict[str, Severity] = {}
    for change in changes:
        if (key := _group_key(change)) is not None:
            known = highest.get(key, change.severity)
            highest[key] = min(known, change.severity, key=SEVERITIES.index)
    return [
        replace(change, severity=highest[key])
        if (key := _group_key(change)) is not None and highest[key] != change.severity
        else change
        for change in changes
    ]


def _group_key(change: Change) -> str | None:
    group = change.detail.get("group")
    return group["key"] if group and change.kind != "touched" else None


def matched_words(
    rule: WatchRule,
    change: Change,
    article: ArticleState,
    diff: TextDiff | None = None,
    text: str | None = None,
) -> tuple[str, ...] | None:
    """The words by which a rule matches a change, as they stand in the text: none for a rule
    that looks at no text, and None where it does not match."""
    passages = list(_passages(change, article, diff, text))
    return _match(rule, change, article, _touched_kinds(change, diff), passages)


def _match(
    rule: WatchRule,
    change: Change,
    article: ArticleState,
    touched: Sequence[str],
    passages: Sequence[_Passage],
) -> tuple[str, ...] | None:
    if change.kind == "touched" and "touched" not in rule.kinds and rule.looks_at_text:
        return None
    conditions = (
        (rule.kinds, (change.kind,)),
        (rule.touched, touched),
        (rule.locales, (article.locale,)),
        (rule.sections, (article.section_slug, article.section)),
        (rule.categories, (article.category_slug, article.category)),
    )
    if not all(_names_one(wanted, values) for wanted, values in conditions if wanted):
        return None
    if not rule.looks_at_text:
        return ()
    found: dict[str, None] = {}
    for passage in passages:
        for match in rule.find(passage.text):
            if passage.counts(match):
                found.setdefault(" ".join(match[0].split()))
            if len(found) == _MOST_WORDS:
                return tuple(found)
    return tuple(found) or None


def _names_one(wanted: Sequence[str], values: Sequence[str | None]) -> bool:
    """Whether a condition that names something holds."""
    known = {" ".join(value.split()).casefold() for value in values if value}
    return any(" ".join(want.split()).casefold() in known for want in wanted)


def _touched_kinds(change: Change, diff: TextDiff | None) -> list[str]:
    """Kinds of facts that this change touched; a title's are in its detail."""
    if change.kind in _EDITS and diff:
        return list(dict.fromkeys(fact.kind for fact in diff.touched))
    return list(dict.fromkeys(fact["kind"] for fact in change.detail.get("touched", ())))


def _passages(
    change: Change, article: ArticleState, diff: TextDiff | None, text: str | None
) -> Iterator[_Passage]:
    if change.kind == "retitled" and change.before and change.after:
        yield _Passage(change.before)
        yield _Passage(change.after)
    else:
        yield _Passage(article.title)
    if change.kind in _EDITS and diff:
        for block in diff.changed:
            yield from _in_block(block)
    elif change.kind in _APPEARANCES and text:
        for block in texts.blocks(text):
            yield _Passage(plain(block.text))


def _in_block(block: BlockDiff) -> Iterator[_Passage]:
    if block.op == "moved" and block.heading != block.heading_before:
        yield _Passage(block.after)
        yield from (_Passage(name) for name in (block.heading, block.heading_before) if name)
    if block.op in ("kept", "moved"):
        return
    says_little = False
    for side in ("removed", "added"):
        whole = "".join(piece.text for piece in block.pieces if piece.op in ("kept", side))
        changed = _stretches(block, side)
        if changed:
            yield _Passage(whole, changed)
        for start, end in changed:
            if _SAYS_LITTLE.search(whole, start, end):
                says_little = True
                yield _Passage(_sentence(whole, start, end))
    if says_little:
        yield from (_Passage(name) for name in (block.heading, block.place) if name)


def _stretches(block: BlockDiff, side: str) -> tuple[tuple[int, int], ...]:
    found = []
    at = 0
    for piece in block.pieces:
        if piece.op == side:
            found.append((at, at + len(piece.text)))
        if piece.op in ("kept", side):
            at += len(piece.text)
    return tuple(found)


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence that holds a stretch, as far as it is not too long; link targets left out."""
    before = text[max(0, start - _SENTENCE_SIDE) : start]
    after = text[end : end + _SENTENCE_SIDE]
    ends = list(_SENTENCE_END.finditer(before))
    stop = _SENTENCE_END.search(after)
    before = before[ends[-1].end() :] if ends else before
    return plain(before + text[start:end] + (after[: stop.end()] if stop else after))
