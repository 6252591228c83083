"""How long the difference of two long texts takes: `python -m bench.diff_texts`.

Each case is a pair of texts of about 1 MB, made from a fixed seed. Times are the best of three.
"""

import random
import time
from collections.abc import Callable, Iterator

from tracker import text
from tracker.textdiff import diff

SIZE = 1_000_000
SEED = 20_260_417


def words(rng: random.Random, count: int) -> list[str]:
    """Words of an invented language in which few are frequent and most are rare, as in any."""
    vocabulary = [
        "".join(rng.choices("aeioulnrstdmkpvwz", k=rng.randint(2, 11))) for _ in range(9000)
    ]
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    return rng.choices(vocabulary, weights, k=count)


def article(rng: random.Random, paragraph_words: int) -> list[list[str]]:
    """A text of SIZE characters as paragraphs of words, with a figure now and then."""
    stream = words(rng, SIZE // 7)
    for at in range(0, len(stream), 25):
        stream[at] = f"{rng.randint(0, 99)}.{rng.randint(10, 99)}%"
    return [stream[at : at + paragraph_words] for at in range(0, len(stream), paragraph_words)]


def written(paragraphs: list[list[str]]) -> str:
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)


def edited(rng: random.Random, paragraphs: list[list[str]], share: float) -> list[list[str]]:
    """Each word replaced, dropped or doubled with this chance."""
    changed = []
    for paragraph in paragraphs:
        changed.append([])
        for word in paragraph:
            if rng.random() >= share:
                changed[-1].append(word)
            else:
                changed[-1] += rng.choice(([], [word, word], [f"{rng.randint(1, 99)}%"], ["new"]))
    return changed


def cases(rng: random.Random) -> Iterator[tuple[str, str, str]]:
    normal = article(rng, 70)
    yield "one word changed", written(normal), written(normal).replace("%", " %", 1)
    for share in (0.01, 0.05, 0.2):
        yield f"{share:.0%} of words changed", written(normal), written(edited(rng, normal, share))
    shifted = edited(rng, normal, 0.02)
    for _ in range(40):
        shifted.insert(rng.randrange(len(shifted)), words(rng, 50))
    yield "paragraphs added, 2% of words changed", written(normal), written(shifted)
    shuffled = rng.sample(normal, len(normal))
    yield "paragraphs shuffled", written(normal), written(shuffled)
    everything = [word for paragraph in normal for word in paragraph]
    mixed = rng.sample(everything, len(everything))
    remade = [mixed[at : at + 70] for at in range(0, len(mixed), 70)]
    yield "all words shuffled", written(normal), written(remade)
    giant = [everything]
    yield "one paragraph, 1% of words changed", written(giant), written(edited(rng, giant, 0.01))
    yield "one paragraph, 20% of words changed", written(giant), written(edited(rng, giant, 0.2))
    yield "one paragraph, all words shuffled", written(giant), written([mixed])
    rows = [paragraph[:8] for paragraph in article(rng, 8)]
    yield "a table, 2% of cells changed", table(rows), table(same_width(edited(rng, rows, 0.02)))
    yield "nothing in common", written(article(rng, 70)), written(article(rng, 70)).upper()


def same_width(rows: list[list[str]]) -> list[list[str]]:
    return [(row + ["-"] * 8)[:8] for row in rows]


def table(rows: list[list[str]]) -> str:
    head = "| " + " | ".join(f"Column {k}" for k in range(8)) + " |\n|" + " --- |" * 8
    return "\n".join([head, *("| " + " | ".join(row) + " |" for row in rows)])


def best_of_three(call: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    rng = random.Random(SEED)
    print(f"{'texts of 1 MB':42} {'diff, s':>8} {'is_same, s':>10} {'blocks':>7} {'touched':>8}")
    for name, before, after in cases(rng):
        seconds = best_of_three(lambda b=before, a=after: diff(b, a))
        same = best_of_three(lambda b=before, a=after: text.is_same(b, a))
        found = diff(before, after)
        differing, facts = len(found.changed), len(found.touched)
        print(f"{name:42} {seconds:8.2f} {same:10.3f} {differing:7} {facts:8}")


if __name__ == "__main__":
    main()
