"""Two texts of one block -> the pieces kept, removed and added, by words.

A word is a run of letters and digits, one Chinese or Japanese character, a figure with its sign,
separators and percent sign, or a link's target. A changed figure or target is shown whole, old
and new, since '0.~~08~~**10**%' is harder to read; a changed word shows its changed characters,
so that a plural or a look-alike letter can be seen.
"""

import re
import unicodedata
from itertools import accumulate

from rapidfuzz.distance import Postfix, Prefix

from tracker.align import align, numbered
from tracker.difference import Piece

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W\d_{_IDEOGRAPHS}]"
# What is most frequent stands first. No two begin alike, so the order does not matter otherwise.
_TOKEN = re.compile(
    rf"""
    [A-Za-z]+{_LETTER}*                              # letters
  | [ ]
  | \]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)?         # a link's target
  | (?:(?<![\w.])[-+\u2212\u00b1])?[$€£¥₹]?\d+(?:[.,:/-]\d+)*[%\u2030]?   # a figure
  | {_LETTER}+                                       # letters
  | .                                                # any other character by itself
    """,
    re.VERBOSE | re.DOTALL,
)
# Eight tokens are four words with the spaces between; three are two.
_ANCHOR_SIZES = (8, 3)
# A block that keeps less than this share of its longer text is told as replaced whole.
_KEPT_SHARE = 0.25

Segment = tuple[str, str]
"""What stands before and after in one stretch: equal where it is kept."""


def tokens(text: str) -> list[str]:
    """The words, figures, targets and single characters that make up a text."""
    return _TOKEN.findall(text)


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """What was kept, removed and added. Kept and removed join to `before`, kept and added to
    `after`, to the character."""
    if before == after:
        return (Piece("kept", before),) if before else ()
    if not before or not after:
        return (Piece("removed", before) if before else Piece("added", after),)
    segments = _segments(before, after)
    kept = sum(len(b) for b, a in segments if b == a)
    if kept < _KEPT_SHARE * max(len(before), len(after)):
        segments = _within_word(before, after)
    else:
        segments = [
            part
            for b, a in _merged(segments)
            for part in ([(b, a)] if b == a else _within_word(b, a))
        ]
    return _as_pieces(segments)


def _segments(before: str, after: str) -> list[Segment]:
    """What both texts share and what differs between, in turns; of words."""
    start, end = _shared_ends(before, after)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    old_words, new_words = tokens(old), tokens(new)
    old_places = [0, *accumulate(map(len, old_words))]
    new_places = [0, *accumulate(map(len, new_words))]
    segments: list[Segment] = []
    _keep(segments, before[:start])
    i = j = 0
    for run in align(*numbered(old_words, new_words), _ANCHOR_SIZES):
        run_i, run_j = old_places[run.i], new_places[run.j]
        if run_i > i or run_j > j:
            segments.append((old[i:run_i], new[j:run_j]))
        i, j = old_places[run.i + run.size], new_places[run.j + run.size]
        _keep(segments, old[run_i:i])
    if i < len(old) or j < len(new):
        segments.append((old[i:], new[j:]))
    _keep(segments, before[len(before) - end :])
    return segments


def _keep(segments: list[Segment], text: str) -> None:
    """Adds what both texts share."""
    if segments and segments[-1][0] == segments[-1][1]:
        text = segments.pop()[0] + text
    if text:
        segments.append((text, text))


def _shared_ends(before: str, after: str) -> tuple[int, int]:
    """How many characters at their beginning and end the two texts share, up to a space: no word
    goes across one."""
    start = Prefix.similarity(before, after)
    room = min(len(before), len(after)) - start
    end = min(room, Postfix.similarity(before, after))
    tail = len(before) - end
    first_space = before.find(" ", tail)
    return before.rfind(" ", 0, start) + 1, 0 if first_space < 0 else len(before) - first_space


def _merged(segments: list[Segment]) -> list[Segment]:
    """Changes that only a space, or one word amid rewritten ones, holds apart become one."""
    merged: list[Segment] = []
    for at, (b, a) in enumerate(segments):
        is_bridge = (
            b == a and 0 < at < len(segments) - 1 and _is_bridge(b, merged[-1], segments[at + 1])
        )
        follows_bridge = at and merged and b != a and merged[-1][0] != merged[-1][1]
        if is_bridge or follows_bridge:
            merged[-1] = (merged[-1][0] + b, merged[-1][1] + a)
        else:
            merged.append((b, a))
    return merged


def _is_bridge(kept: str, left: Segment, right: Segment) -> bool:
    if kept == " ":
        return True
    if len(kept) > 12 or any(c.isdigit() for c in kept):
        return False
    return all(max(b.count(" "), a.count(" ")) > kept.count(" ") + 1 for b, a in (left, right))


def _within_word(before: str, after: str) -> list[Segment]:
    """A word for a word, cut at the characters that differ where most of it is the same."""
    longest = max(len(before), len(after))
    if not before or not after or not 3 <= longest <= 60 or not _is_word(before + after):
        return [(before, after)]
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    start = _between_characters(before, after, start)
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    while end and unicodedata.combining(before[len(before) - end]):
        end -= 1
    if 2 * (start + end) < longest:
        return [(before, after)]
    b_end, a_end = len(before) - end, len(after) - end
    cut = [
        (before[:start], after[:start]),
        (before[start:b_end], after[start:a_end]),
        (before[b_end:], after[a_end:]),
    ]
    return [segment for segment in cut if segment != ("", "")]


def _between_characters(before: str, after: str, start: int) -> int:
    """`start`, or further left where it would part a letter from its accents."""
    while start and any(unicodedata.combining(t[start]) for t in (before, after) if start < len(t)):
        start -= 1
    return start


def _is_word(text: str) -> bool:
    return text.isalpha() or "](" not in text and not any(c.isspace() or c.isdigit() for c in text)


def _as_pieces(segments: list[Segment]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for before, after in segments:
        if before != after:
            found += [Piece("removed", before)] if before else []
            found += [Piece("added", after)] if after else []
        elif found and found[-1].op == "kept":
            found[-1] = Piece("kept", found[-1].text + before)
        else:
            found.append(Piece("kept", before))
    return tuple(found)
