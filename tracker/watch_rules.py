"""Rules of the watchlist: what a team wants to be told of, read from configuration.

Words and phrases match whole words, whatever their case. A pattern is a Python regular expression
that ignores case. Patterns cannot hang a crawl: one that repeats a repetition, or repeats a choice
(`(a+)+`, `(a|ab)*`), which takes for ever on some texts, is refused; and each search is given at
most SEARCH_LENGTH characters, so a match longer than half of that may be missed.
"""

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from db.kinds import CHANGE_KINDS, SEVERITIES, ChangeKind, Severity
from tracker.difference import TOUCHED_KINDS, TouchedKind

SEARCH_LENGTH = 400

_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# Other letters that a pattern which ignores case takes for an ASCII one: long s, Kelvin, i's.
_FOLDED_LIKE_ASCII = re.compile("[\u017f\u212a\u0130\u0131]")
_CHOICE = re.compile(r"[*+?|]|\{\d*,\d*\}")
_REPEAT = re.compile(r"[*+]|\{\d*,?\d*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRule:
    """One rule. It matches where each condition that it names holds, and where one of its texts
    (`pattern`, `words`, `phrases`) is found, if it names any."""

    label: str
    severity: Severity = "normal"
    pattern: str | None = None
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    """Slugs or titles."""
    categories: tuple[str, ...] = ()
    """Slugs or titles."""
    locales: tuple[str, ...] = ()
    kinds: tuple[ChangeKind, ...] = ()
    touched: tuple[TouchedKind, ...] = ()
    """The difference touched a fact of one of these kinds."""

    @property
    def looks_at_text(self) -> bool:
        return bool(self.pattern or self.words or self.phrases)

    def find(self, text: str) -> Iterator[re.Match]:
        """Where its words, phrases and pattern stand in a text."""
        for literals in _literals(self.words + self.phrases):
            if literals.may_stand_in(text):
                yield from literals.pattern.finditer(text)
        if self.pattern:
            pattern = _compiled(self.pattern)
            for start, end in _windows(text):
                yield from (match for match in pattern.finditer(text, start, end) if match[0])


@dataclass(frozen=True, slots=True)
class _Literals:
    """Words and phrases as one pattern, and the longest word of each in small letters."""

    pattern: re.Pattern
    stems: tuple[str, ...]

    def may_stand_in(self, text: str) -> bool:
        """False only where none of them does: to look for each word alone takes a tenth of the
        time of the pattern, and most texts hold none of them."""
        if not text.isascii() and _FOLDED_LIKE_ASCII.search(text):
            return True
        return any(map(text.lower().__contains__, self.stems))


_LISTS = tuple(f.name for f in fields(WatchRule) if f.name not in ("label", "severity", "pattern"))
_CHOICES: Mapping[str, tuple[str, ...]] = {"kinds": CHANGE_KINDS, "touched": TOUCHED_KINDS}


def parse_rule(mapping: Mapping[str, Any]) -> WatchRule:
    """The rule that a configuration's table states. ValueError says what is wrong with it, and
    the nearest valid key or value."""
    known = [f.name for f in fields(WatchRule)]
    for key in mapping:
        if key not in known:
            raise ValueError(f"A watch rule has no key {key!r}; {_nearest(str(key), known)}")
    label = mapping.get("label")
    if not isinstance(label, str) or not label.strip():
        raise ValueError('A watch rule needs a label, such as label = "Fees"')
    severity = mapping.get("severity", "normal")
    if severity not in SEVERITIES:
        raise ValueError(
            f"Watch rule {label!r}: no severity {severity!r}; {_nearest(str(severity), SEVERITIES)}"
        )
    lists = {key: _texts(label, key, mapping.get(key, ())) for key in _LISTS}
    pattern = mapping.get("pattern")
    if pattern is not None:
        _check_pattern(label, pattern)
    if pattern is None and not any(lists.values()):
        raise ValueError(
            f"Watch rule {label!r} names nothing to look for; give it one of: "
            f"{', '.join(('pattern', *_LISTS))}"
        )
    return WatchRule(label=label.strip(), severity=severity, pattern=pattern, **lists)


def _texts(label: str, key: str, value: Any) -> tuple[str, ...]:
    values = (value,) if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
        raise ValueError(f"Watch rule {label!r}: {key} is a text or a list of texts, not {value!r}")
    if not all(v.strip() for v in values):
        raise ValueError(f"Watch rule {label!r}: {key} holds an empty text")
    for choice in values if key in _CHOICES else ():
        if choice not in _CHOICES[key]:
            nearest = _nearest(choice, _CHOICES[key])
            raise ValueError(f"Watch rule {label!r}: {key} knows no {choice!r}; {nearest}")
    return tuple(values)


def _nearest(word: str, known) -> str:
    close = get_close_matches(word[:60], known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"


def _check_pattern(label: str, pattern: Any) -> None:
    if not isinstance(pattern, str):
        raise ValueError(f"Watch rule {label!r}: pattern is a text, not {pattern!r}")
    try:
        with warnings.catch_warnings():
            # Python warns of what may mean something else one day, such as `[[`.
            warnings.simplefilter("error", FutureWarning)
            compiled = _compiled(pattern)
    except (re.error, RecursionError, OverflowError, FutureWarning) as error:
        raise ValueError(
            f"Watch rule {label!r}: the pattern {pattern!r} is not a regular expression: {error}"
        ) from None
    if compiled.search(""):
        raise ValueError(
            f"Watch rule {label!r}: the pattern {pattern!r} matches an empty text, and so all texts"
        )
    if _repeats_a_choice(pattern):
        raise ValueError(
            f"Watch rule {label!r}: the pattern {pattern!r} repeats a group that itself holds a "
            "repetition or a choice, which takes for ever on some texts; write it without, or "
            "make the group atomic: (?>...)"
        )


def _repeats_a_choice(pattern: str) -> bool:
    """Whether a group that is repeated holds a repetition or an alternative; atomic ones may."""
    open_groups = [False]
    is_atomic = [True]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 2
            continue
        if char == "[":
            at = _end_of_class(pattern, at)
            continue
        if char == "(":
            is_atomic.append(pattern.startswith("(?>", at))
            open_groups.append(False)
            at += pattern.startswith("(?", at)
        elif char == ")" and len(open_groups) > 1:
            holds_choice, atomic = open_groups.pop(), is_atomic.pop()
            if holds_choice and not atomic and _REPEAT.match(pattern, at + 1):
                return True
            open_groups[-1] |= holds_choice and not atomic
        elif _CHOICE.match(pattern, at):
            open_groups[-1] = True
        at += 1
    return False


def _end_of_class(pattern: str, at: int) -> int:
    """The place behind a character class such as `[^]a\\]]`."""
    at += 2 if pattern.startswith("[^", at) else 1
    at += pattern.startswith("]", at)
    while at < len(pattern) and pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at + 1


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern:
    return re.compile(pattern, re.IGNORECASE)


@lru_cache(maxsize=256)
def _literals(texts: tuple[str, ...]) -> tuple[_Literals, ...]:
    """The texts as patterns: those in Latin and like scripts between word ends, those in Chinese
    or Japanese, which parts no words, anywhere."""
    spaced = [text for text in texts if not _IDEOGRAPH.search(text)]
    unspaced = [text for text in texts if _IDEOGRAPH.search(text)]
    found = []
    for some, written in ((spaced, r"(?<![^\W_])(?:{})(?![^\W_])"), (unspaced, "{}")):
        if some:
            pattern = _compiled(written.format("|".join(map(_loosely, some))))
            found.append(_Literals(pattern, tuple(map(_stem, some))))
    return tuple(found)


def _stem(text: str) -> str:
    """What surely stands where the text does; nothing is sure of letters that have other cases than
    a pattern knows of."""
    words = [word for word in text.lower().split() if word.isascii() or word == word.upper()]
    return max(words, key=len, default="")


def _loosely(text: str) -> str:
    """The text with any space, line end or mark of bold type between its words."""
    return r"[\s*_]+".join(map(re.escape, text.split()))


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of at most SEARCH_LENGTH that overlap by half, cut between words."""
    start = 0
    while True:
        end = start + SEARCH_LENGTH
        if end >= len(text):
            yield start, len(text)
            return
        space = text.rfind(" ", start + SEARCH_LENGTH // 2, end)
        end = space if space > 0 else end
        yield start, end
        middle = start + SEARCH_LENGTH // 2
        space = text.find(" ", middle, end)
        start = space + 1 if 0 < space < end - 1 else middle
