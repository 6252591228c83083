"""What stands behind a listing row's dates, cut in three: category label, view count, next title.

In saved text they are glued: 'FAQ195Next title', '296450k tokens ...' (296 views, then a title that
begins '450k'). Every way to cut is weighed; a cut that leaves a known title wins, else the
likeliest, and the answer says whether another comes near. Seen April 2025 to June 2026.
"""

import re
from dataclasses import dataclass

from spiders.fields import SPACES
from spiders.languages import Language


@dataclass(frozen=True, slots=True)
class Tail:
    """A line from the end of a row's dates on. Behind the last row no title need follow."""

    text: str
    language: Language
    is_last: bool = False

    @property
    def printed_label(self) -> str:
        """The category label that the tail begins with, or "" ; it may be a title's first word."""
        return next((word for word in self.language.labels if self.text.startswith(word)), "")


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to read a tail: label, count (each "" where missing), the next title from `end`."""

    label: str
    count: str
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all rows of a text show, for judging the unclear ones."""

    labelled: int = 0
    unlabelled: int = 0
    counted: int = 0
    uncounted: int = 0
    """Rows without a label, with and without figures where a count would stand."""
    is_glued: bool = False
    """Titles stand right behind the row before (as in a search), not on lines of their own."""
    known_titles: frozenset[str] = frozenset()
    """With single spaces (`squeezed`)."""


def squeezed(title: str) -> str:
    """A title with single spaces, for comparing."""
    return " ".join(title.split())


def gather_evidence(tails: list[Tail], known_titles: frozenset[str] = frozenset()) -> Evidence:
    """What the rows show by those tails that are clear."""
    labelled = unlabelled = counted = uncounted = 0
    is_glued = False
    for tail in tails:
        label = tail.printed_label
        rest = tail.text[len(label) :]
        unlabelled += not label
        labelled += bool(label) and _is_clear_end(rest)
        if not label:
            counted += rest[:1].isdecimal()
            uncounted += not rest[:1].isdecimal()
        is_glued |= not tail.is_last and any(map(str.isalpha, rest[:200]))
    return Evidence(labelled, unlabelled, counted, uncounted, is_glued, known_titles)


def best_cut(tail: Tail, evidence: Evidence) -> tuple[Cut, bool]:
    """The likeliest way to read a tail, and whether no other comes near it."""
    cuts = _all_cuts(tail)
    known = []
    if evidence.known_titles and len(cuts) > 1:
        known = [cut for cut in cuts if squeezed(tail.text[cut.end :]) in evidence.known_titles]
        if len(known) == 1:
            return known[0], True
        cuts = known or cuts
    longest = max(len(cut.count) for cut in cuts)
    weighed = sorted(
        ((_weigh(cut, tail, longest, evidence), -cut.end, cut) for cut in cuts),
        key=lambda item: item[:2],
    )
    points, _, best = weighed[0]
    is_close = len(weighed) > 1 and weighed[1][0] - points < _MARGIN
    begins_with_figure = best.count and tail.text[best.end : best.end + 1].isdecimal()
    return best, not (is_close or begins_with_figure or known)


def _all_cuts(tail: Tail) -> list[Cut]:
    """Every way to read the tail. No title begins with white space, so no rest may either."""
    text = tail.text
    cuts = [Cut("", "", 0)]
    for label in ("", *(word for word in tail.language.labels if text.startswith(word))):
        for end in {len(label), *_count_ends(text, len(label), tail.language)}:
            is_bare = not text[end:].strip()
            if end and (is_bare or not text[end].isspace()):
                cuts.append(Cut(label, text[len(label) : end], end))
    return cuts


def _count_ends(text: str, start: int, language: Language) -> set[int]:
    """Where a count that begins at `start` may end."""
    ends = set()
    bare = re.compile(rf"0|\d{{1,{language.bare_digits}}}").match(text, start)
    if bare:
        ends.update(range(start + 1, bare.end() + 1))
    for separator in language.separators:
        mark = f"[{SPACES}]" if separator == " " else re.escape(separator)
        first = re.compile(rf"(?!0)\d{{1,3}}(?={mark}\d{{3}})").match(text, start)
        end = first.end() if first else len(text)
        group = re.compile(rf"{mark}\d{{3}}")
        while end - start < 16 and (more := group.match(text, end)):
            end = more.end()
            ends.add(end)
    short = re.compile(r"\d{1,3}[.,]\d{1,2}[kKmM万萬]").match(text, start)
    if short:
        ends.add(short.end())
    return ends


# How unlikely a cut is, in points that add up. Two cuts less than _MARGIN apart are both possible.
_MARGIN = 4
_TORN = re.compile(r"[.,٬'’]\d|[:;!?%)\]},.،。，、/]")
_SIGNS = frozenset("\"“”'‘«([【《「$#@¿¡")
# What follows a figure rather than begins a title: "2FA", "3rd", "450k", "100x", "24h", "2步".
_FRAGMENT = re.compile(
    r"(?:st|nd|rd|th|x|k|h|d|bn|FA|INCH|inch|D|G|º|ª|°)(?![^\W\d_])|[步个個大种種月年天日倍次折]"
)
_PLURAL = re.compile(r"'?s(?!\w)")


def _weigh(cut: Cut, tail: Tail, longest: int, evidence: Evidence) -> int:
    title = tail.text[cut.end : cut.end + 24].rstrip()
    points = _weigh_label(cut, tail, evidence)
    if not title:
        points += 4 if evidence.is_glued and not tail.is_last else 0
    elif tail.is_last:  # nothing need follow, least of all more figures
        points += 9 if cut.count and title[0].isdecimal() else 4
    if tail.text[len(cut.label) : len(cut.label) + 1].isdecimal():
        points += _weigh_count(cut, tail.language, longest, evidence)
    if cut.end and _TORN.match(title):
        points += 9
    if cut.count and _FRAGMENT.match(title):
        points += 6
    return points + (_weigh_figure(title) if title[:1].isdecimal() else 0)


def _weigh_label(cut: Cut, tail: Tail, evidence: Evidence) -> int:
    """A printed label is taken for one, unless the next title seems to begin with its word."""
    printed = tail.printed_label
    behind = tail.text[len(printed) :][:3]
    if not printed or behind[:1].isspace():
        return 0
    is_plural = bool(_PLURAL.match(behind))  # "FAQs about ..." is a title
    if cut.label:
        is_unheard_of = evidence.unlabelled and not evidence.labelled and not _is_clear_end(behind)
        is_shorter = cut.label != printed
        return 3 * is_plural + 6 * bool(is_unheard_of) + 5 * is_shorter
    unlikely = 6 if _is_clear_end(behind) else 2
    return (0 if is_plural else unlikely) + (4 if evidence.labelled else 0)


def _is_clear_end(behind: str) -> bool:
    """What stands behind a label's word cannot be the same word going on."""
    return not behind[:1].isalpha() or behind[0].isupper()


def _weigh_count(cut: Cut, language: Language, longest: int, evidence: Evidence) -> int:
    """A count is as long as it can be; announcements have none, questions have one."""
    if cut.label in language.announcements:
        return 9 if cut.count else 0
    if cut.count:
        return 0 if len(cut.count) == longest else 4
    if cut.label in language.faq:
        return 8
    if evidence.uncounted and not cut.label:
        return 2
    return 8 if evidence.counted > 1 else 4


def _weigh_figure(title: str) -> int:
    """How unlikely it is that a title begins with these figures: '5 tips' 0, '5What' 4."""
    behind = title.lstrip("0123456789")
    if not behind:
        return 6
    if title[0] == "0" and title[1].isdecimal():
        return 5
    if behind[0].isupper():
        if behind[1:2].islower():
            return 4
        return 3 if len(behind) > 2 and behind[:3].isupper() and behind[:3].isalpha() else 1
    if behind[0] in _SIGNS:
        return 3
    is_caseless = behind[0].isalpha() and not behind[0].islower()
    return 2 if is_caseless and not _FRAGMENT.match(behind) else 0
