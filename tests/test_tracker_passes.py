"""Which crawls belong to one night, and what of the site none of them read."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations

import pytest

from builders import NOW
from db.records import Part
from tracker.passes import passes, uncovered

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Made:
    uid: str
    part: Part
    started_at: object = NOW
    outcome: str = "complete"
    kind: str = "crawl"


def made(uid: str, after: timedelta = timedelta(), **facts) -> Made:
    """A crawl of the section that the first letter of its name says."""
    return Made(uid, Part(locales=("en",), sections=(uid[0],)), NOW + after, **facts)


WATCHED = Part(locales=("en",), sections=("a", "b"))


def names(crawls) -> list[str]:
    """The passes, where a and b are all that is watched."""
    return ["".join(sorted(crawl.uid for crawl in members)) for members in passes(crawls, WATCHED)]


def test_the_crawls_of_a_night_are_one_pass_in_whatever_order_they_come():
    night = [made("a"), made("b", MINUTE), made("c", HOUR)]
    for order in permutations(night):
        assert names(order) == ["abc"]


def test_each_night_is_a_pass_of_its_own_though_clocks_differ():
    crawls = [made("a"), made("b", MINUTE), made("b", DAY - MINUTE), made("a", DAY)]
    assert [len(members) for members in passes(crawls, WATCHED)] == [2, 2]


def test_crawls_further_apart_than_half_a_day_are_no_pass():
    assert names([made("a"), made("b", 13 * HOUR)]) == ["a", "b"]


def test_a_part_that_is_read_again_before_the_pass_is_whole_takes_its_own_place():
    crawls = [made("a1"), made("a2", MINUTE), made("b", HOUR)]
    assert names(crawls) == ["a1", "a2b"]


def test_a_part_that_is_read_again_after_the_pass_was_whole_begins_the_next():
    crawls = [made("a"), made("b"), made("a", 6 * HOUR), made("b", 6 * HOUR)]
    assert names(crawls) == ["ab", "ab"]


@pytest.mark.parametrize("outcome", ["interrupted", "failed", "blocked"])
def test_what_was_broken_off_stands_alone_before_what_took_its_place(outcome):
    crawls = [made("b", -MINUTE), made("a1", outcome=outcome), made("a2", MINUTE)]
    assert names(crawls) == ["a1", "a2b"]


def test_a_partial_crawl_that_was_made_again_stands_alone():
    crawls = [made("a1", outcome="partial"), made("b"), made("a2", MINUTE)]
    assert names(crawls) == ["a1", "a2b"]


def test_a_partial_crawl_that_was_not_made_again_is_part_of_the_pass():
    assert names([made("a", outcome="partial"), made("b")]) == ["ab"]


def test_an_import_stands_alone():
    assert sorted(names([made("a"), made("b", kind="import"), made("c")])) == ["ac", "b"]


WHOLE = Part(locales=("en",), sections=("a", "b", "c"), searches=("faq:fees",))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([Part(locales=("en",), searches=("faq:fees",))], {}),
        ([Part(locales=("en",), sections=("a", "b"), searches=("faq:fees",)),
          Part(locales=("en",), sections=("c", "d"))], {}),
        ([Part(locales=("en",), sections=("a", "b"), searches=("faq:fees",))],
         {"en": "No crawl read the section c."}),
        ([Part(locales=("en",), sections=("c",))],
         {"en": "No crawl read the sections a, b. No crawl asked for the search faq:fees."}),
        ([Part(locales=("tr",))], {"en": "No crawl read this locale."}),
    ],
)  # fmt: skip
def test_what_no_crawl_was_to_read(parts, said):
    assert uncovered(WHOLE, parts) == said


def test_sections_are_not_known_to_be_all_where_none_are_named():
    (said,) = uncovered(Part(locales=("en",)), [Part(locales=("en",), sections=("a",))]).values()
    assert "whether they are all of them is not known" in said
