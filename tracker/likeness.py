"""Which removed block became which added one: pairs by how much of their words they share.

Within a stretch of blocks that differ, pairs keep their order. Small stretches are tried pair by
pair; in large ones, words that only a few blocks have lead to the candidates, so that the work
grows with the length of the texts and not with its square.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from rapidfuzz.distance import Indel

from tracker.align import rising
from tracker.markdown_blocks import Block
from tracker.words import tokens

# Share of words in common from which two blocks are told as one that changed. Unrelated English
# paragraphs share a fifth to a third of their words, an edited one rarely less than half.
ALIKE = 0.4
# The same in characters, for blocks of fewer than four words: '0.08%' and '0.10%' have 0.6.
ALIKE_SHORT = 0.6
_SHORT_WORDS = 4
_SHORT_LENGTH = 10_000
_LETTERS_A_WORD = 12
# Longer blocks are measured by their words without order.
_ORDERED_WORDS = 600
# Pairs that one stretch may try, one by one.
_TRIED_PAIRS = 144
# A word that more blocks of the stretch have leads nowhere.
_RARE = 3


class _Measured:
    """A block with its words, counted once."""

    def __init__(self, block: Block):
        self.block = block
        self.words = block.text.split()
        if len(self.words) * _LETTERS_A_WORD < len(block.text) <= _SHORT_LENGTH:
            # Written without spaces, as Chinese and Japanese are.
            self.words = tokens(block.text)


def pairs(before: Sequence[Block], after: Sequence[Block]) -> list[tuple[int, int]]:
    """Places (before, after) of blocks that are one block changed, rising on both sides."""
    if not before or not after:
        return []
    old, new = [_Measured(b) for b in before], [_Measured(b) for b in after]
    if len(old) == len(new):
        side_by_side = _side_by_side(old, new)
        if len(side_by_side) == len(old):
            return side_by_side
    if len(old) * len(new) <= _TRIED_PAIRS:
        return _best(old, new)
    found: list[tuple[int, int]] = []
    start_i = start_j = 0
    for i, j in [*_led_by_rare_words(old, new), (len(old), len(new))]:
        gap_old, gap_new = old[start_i:i], new[start_j:j]
        small = len(gap_old) * len(gap_new) <= _TRIED_PAIRS
        inner = (_best if small else _side_by_side)(gap_old, gap_new)
        found += [(start_i + a, start_j + b) for a, b in inner]
        if i < len(old):
            found.append((i, j))
        start_i, start_j = i + 1, j + 1
    return found


def _side_by_side(old: list[_Measured], new: list[_Measured]) -> list[tuple[int, int]]:
    return [(k, k) for k, (a, b) in enumerate(zip(old, new, strict=False)) if _likeness(a, b)]


def _best(old: list[_Measured], new: list[_Measured]) -> list[tuple[int, int]]:
    """The order-keeping pairs with the greatest likeness in sum (the usual table of sums)."""
    likeness = [[_likeness(a, b) for b in new] for a in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            paired = best[i + 1][j + 1] + likeness[i][j] if likeness[i][j] else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    found = []
    i = j = 0
    while i < len(old) and j < len(new):
        if likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _led_by_rare_words(old: list[_Measured], new: list[_Measured]) -> list[tuple[int, int]]:
    having: dict[str, list[int]] = defaultdict(list)
    for j, measured in enumerate(new):
        for word in dict.fromkeys(measured.words):
            having[word].append(j)
    common = Counter(word for measured in old for word in dict.fromkeys(measured.words))
    led = []
    for i, measured in enumerate(old):
        votes: Counter[int] = Counter()
        for word in dict.fromkeys(measured.words):
            if word in having and common[word] <= _RARE and len(having[word]) <= _RARE:
                votes.update(having[word])
        best = max(votes, key=lambda j: (votes[j], -abs(i - j)), default=None)
        if best is not None and _likeness(measured, new[best]):
            led.append((i, best))
    return rising(led)


def _likeness(a: _Measured, b: _Measured) -> float:
    """0 where the two are not one block changed; otherwise how alike they are, up to 1."""
    if (a.block.kind == "row") != (b.block.kind == "row") or a.block.is_header != b.block.is_header:
        return 0.0
    if a.block.kind == "row" and a.block.cells[0] and a.block.cells[0] == b.block.cells[0]:
        return 1.0
    shortest, longest = sorted((len(a.words), len(b.words)))
    if shortest < _SHORT_WORDS:
        if longest >= 2 * _SHORT_WORDS or max(len(a.block.text), len(b.block.text)) > _SHORT_LENGTH:
            return 0.0
        share = Indel.normalized_similarity(a.block.text, b.block.text)
        return share if share >= ALIKE_SHORT else 0.0
    if 2 * shortest < ALIKE * (shortest + longest):
        return 0.0
    if longest <= _ORDERED_WORDS:
        share = Indel.normalized_similarity(a.words, b.words)
    else:
        share = 2 * (Counter(a.words) & Counter(b.words)).total() / (shortest + longest)
    return share if share >= ALIKE else 0.0
