"""Two states of a site and what a crawl saw -> the changes, kind by kind."""

import tracemalloc
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import NOW, UPDATED, article, listing, sighting, site_state, version
from db.kinds import CHANGE_KINDS
from db.records import ArticleState, Change, SiteState
from tracker.changes import compare

HONG_KONG = timezone(timedelta(hours=8))
ORIGIN = "https://help.example"
LATER = UPDATED + timedelta(days=30)
NEW_TEXT = {"version_id": 11}


def changes(
    old: ArticleState, now: ArticleState, texts: tuple[str, str] | None = None, **seen
) -> tuple[Change, ...]:
    """The changes of one article; `texts` are those before and after where the versions differ."""
    before, after = texts or ("One text.", "One text.")
    return compare(
        site_state(old, versions=[version(old.version_id or 0, body=before)]),
        site_state(now, versions=[version(now.version_id or 0, body=after, number=2)]),
        sighting(seen=frozenset({old.article_id}), **seen),
        zone=HONG_KONG,
        own_origin=ORIGIN,
    ).changes


def kinds(found: tuple[Change, ...]) -> list[str]:
    return [change.kind for change in found]


# Readings of one article


def test_an_article_that_was_not_known_is_new():
    (found,) = compare(site_state(), site_state(article()), sighting(), zone=UTC).changes
    assert (found.kind, found.from_version_id, found.to_version_id) == ("new", None, 1)
    assert (found.before, found.after, found.crawl_id, found.detected_at) == (None, None, 2, NOW)


def test_a_text_that_differs_under_a_moved_date_is_updated():
    (found,) = changes(
        article(), article(**NEW_TEXT, updated_at=LATER), ("Fee 0.08%.", "Fee 0.10%.")
    )
    assert (found.kind, found.from_version_id, found.to_version_id) == ("updated", 1, 11)
    assert (found.before, found.after) == (None, None)
    assert found.detail == {
        "touched": [{"kind": "percentage", "before": "0.08%", "after": "0.10%"}]
    }


def test_a_text_that_differs_under_the_same_date_is_a_silent_edit():
    found = changes(article(), article(**NEW_TEXT), ("Old words.", "New words."))
    assert kinds(found) == ["silent_edit"]


@pytest.mark.parametrize("dates", [(None, UPDATED), (UPDATED, None), (None, None)])
def test_a_text_that_differs_under_an_unknown_date_is_updated_and_says_so(dates):
    old, now = (article(updated_at=at) for at in dates)
    (found,) = changes(old, replace(now, **NEW_TEXT), ("Old words.", "New words."))
    assert found.kind == "updated"
    assert found.detail["date_unknown"] is True


def test_a_text_on_a_page_that_shows_no_date_any_more_is_no_silent_edit():
    (found,) = compare(
        site_state(article(), versions=[version(1, body="Old words.")]),
        site_state(
            article(**NEW_TEXT), versions=[version(11, body="New words.", source_updated_at=None)]
        ),
        sighting(),
        zone=UTC,
    ).changes
    assert (found.kind, found.detail) == ("updated", {"date_unknown": True})


def test_a_moved_date_alone_is_touched():
    (found,) = changes(article(), article(updated_at=LATER))
    assert found.kind == "touched"
    assert (found.before, found.after) == ("2026-03-01T08:00:00Z", "2026-03-31T08:00:00Z")
    assert found.detail == {}


def test_a_new_version_whose_text_differs_in_noise_alone_is_touched_when_the_date_moved():
    found = changes(
        article(), article(**NEW_TEXT, updated_at=LATER), ("Two  words. ", "Two\u00a0words.")
    )
    assert kinds(found) == ["touched"]


def test_a_date_that_moved_without_a_page_to_compare_is_touched_with_the_text_unknown():
    old = article(version_id=None)
    (found,) = changes(old, replace(old, updated_at=LATER))
    assert found.kind == "touched"
    assert found.detail == {"text_unknown": True}


def test_a_new_title_alone_is_retitled_though_it_makes_a_version_and_moves_the_date():
    (found,) = changes(article(), article(**NEW_TEXT, title="Renamed", updated_at=LATER))
    assert (found.kind, found.before, found.after) == ("retitled", "Article 1", "Renamed")


@pytest.mark.parametrize(
    ("facts", "before", "after", "detail"),
    [
        ({"section_slug": "limits"}, "fees", "limits", {}),
        (
            {"category_slug": "news"},
            "faq",
            "news",
            {"category": {"before": "faq", "after": "news"}},
        ),
        (
            {"section_slug": "limits", "category_slug": "news"},
            "fees",
            "limits",
            {"category": {"before": "faq", "after": "news"}},
        ),
    ],
)
def test_another_section_or_category_is_moved(facts, before, after, detail):
    (found,) = changes(article(), article(**facts, updated_at=LATER))
    assert (found.kind, found.before, found.after) == ("moved", before, after)
    assert found.detail == detail


@pytest.mark.parametrize(
    "facts",
    [
        {"section_slug": None},
        {"category_slug": None},
        {"section": "Fees and more", "category": "Questions"},
    ],
)
def test_a_section_that_is_unknown_or_only_named_otherwise_is_no_move(facts):
    assert changes(article(), article(**facts)) == ()
    assert changes(article(**facts), article()) == ()


def test_the_place_that_a_listing_showed_before_the_page_was_read_is_no_move():
    assert changes(article(version_id=None, section_slug="top"), article()) == ()


def test_another_slug_under_the_same_source_id_is_readdressed():
    (found,) = changes(article(), article(slug="elsewhere", updated_at=LATER))
    assert (found.kind, found.before, found.after) == ("readdressed", "article-1", "elsewhere")


def test_another_slug_without_a_source_id_is_not_readdressed():
    assert changes(article(source_id=None), article(slug="elsewhere")) == ()


def test_one_article_may_have_several_kinds_in_the_order_of_the_contract():
    found = changes(
        article(status="unlisted"),
        article(
            **NEW_TEXT, title="Renamed", slug="elsewhere", section_slug="limits", updated_at=LATER
        ),
        ("Old words.", "New words."),
    )
    assert kinds(found) == ["updated", "retitled", "moved", "readdressed", "relisted"]


# What is no change


@pytest.mark.parametrize(
    ("old", "now"),
    [
        ("A  text\nhere.", "A text here."),
        ("Ask\u00a0us.", "Ask us."),
        ("[Fees](https://help.example/help/fees)", "[Fees](https://help.example/en-eu/help/fees)"),
        ("![](https://a.example/x.png?v=1)", "![](https://b.example/x.png?v=2)"),
    ],
)
def test_noise_in_the_text_is_no_change(old, now):
    assert changes(article(), article(**NEW_TEXT), (old, now)) == ()


@pytest.mark.parametrize(
    ("old", "now"),
    [("1.5%", "15%"), ("-5", "5"), ("pay\u200bpal", "paypal"), ("[a](/x)", "[a](/y)")],
)
def test_facts_in_the_text_are_never_noise(old, now):
    assert kinds(changes(article(), article(**NEW_TEXT), (old, now))) == ["silent_edit"]


@pytest.mark.parametrize(
    ("old", "now", "expected"),
    [
        (date(2026, 3, 2), datetime(2026, 3, 1, 17, tzinfo=UTC), []),
        (datetime(2026, 3, 1, 17, tzinfo=UTC), date(2026, 3, 2), []),
        (date(2026, 3, 1), datetime(2026, 3, 1, 17, tzinfo=UTC), ["touched"]),
        (datetime(2026, 3, 1, 17, tzinfo=UTC), date(2026, 3, 1), ["touched"]),
        (UPDATED, UPDATED.astimezone(HONG_KONG), []),
        (None, UPDATED, []),
        (UPDATED, None, []),
    ],
)
def test_a_bare_date_equals_any_instant_of_that_day_in_the_zone_of_the_site(old, now, expected):
    assert kinds(changes(article(updated_at=old), article(updated_at=now))) == expected


def test_white_space_in_a_title_is_no_change():
    assert changes(article(title="A  title"), article(title="A\u00a0title ")) == ()


def test_a_first_reading_of_the_page_is_no_change():
    assert changes(article(version_id=None), article()) == ()


@pytest.mark.parametrize("text", ["Old words.", "New words."])
def test_a_locale_without_a_baseline_yields_nothing(text):
    old, now = article(), article(**NEW_TEXT, title="Renamed")
    assert changes(old, now, ("Old words.", text), baseline_locales=frozenset({"fr"})) == ()
    first = sighting(baseline_locales=frozenset({"fr"}))
    assert compare(site_state(), site_state(old), first, zone=UTC).changes == ()


def test_an_import_tells_two_readings_apart_without_a_baseline():
    imported = {"is_import": True, "concludes_absence": False, "baseline_locales": frozenset()}
    found = changes(
        article(), article(**NEW_TEXT, title="Renamed"), ("Old words.", "New words."), **imported
    )
    assert kinds(found) == ["silent_edit", "retitled"]


@pytest.mark.parametrize(("locales", "expected"), [(set(), []), ({"en"}, ["new"])])
def test_an_import_calls_an_article_new_only_where_the_locale_was_known(locales, expected):
    seen = sighting(is_import=True, baseline_locales=frozenset(locales))
    found = compare(site_state(), site_state(article()), seen, zone=UTC).changes
    assert kinds(found) == expected


# What a reader should know


def test_a_text_that_is_back_names_the_latest_version_that_had_it():
    old, now = article(version_id=11), article(version_id=14)
    earlier = [
        version(8, body="First text.", number=1),
        version(9, body="Second text.", number=2),
        version(10, body="First  text.", number=3),
        version(11, body="Third text.", number=4),
    ]
    (found,) = compare(
        site_state(old, versions=[earlier[-1]]),
        site_state(now, versions=[version(14, body="First text.", number=5)], earlier=earlier),
        sighting(seen=frozenset({1})),
        zone=UTC,
    ).changes
    assert (found.kind, found.detail["reverts_to"]) == ("silent_edit", 3)


def test_a_text_that_was_read_in_doubt_since_is_not_back():
    earlier = [
        version(8, body="First text.", number=1),
        version(9, body="Second text.", number=2),
    ]
    (found,) = compare(
        site_state(article(version_id=8), versions=[earlier[0]]),
        site_state(
            article(version_id=10),
            versions=[version(10, body="Second text.", number=3)],
            earlier=earlier,
        ),
        sighting(seen=frozenset({1})),
        zone=UTC,
    ).changes
    assert "reverts_to" not in found.detail


@pytest.mark.parametrize("texts", [None, ("Old.", "New.")])
def test_a_date_that_decides_and_that_readers_do_not_see_is_pointed_out(texts):
    now = article(**NEW_TEXT, updated_at=LATER, shows_updated_date=False)
    (found,) = changes(article(shows_updated_date=False), now, texts)
    assert found.detail["hidden_date"] is True
    (shown,) = changes(article(), replace(now, shows_updated_date=None), texts)
    assert "hidden_date" not in shown.detail


@pytest.mark.parametrize("back_to", [UPDATED - timedelta(hours=1), date(2026, 2, 1)])
def test_a_date_that_was_set_back_is_pointed_out(back_to):
    (found,) = changes(article(), article(updated_at=back_to))
    assert (found.kind, found.detail) == ("touched", {"date_set_back": True})


def several(count: int, body: str, texts_after: list[str], **facts) -> tuple[Change, ...]:
    """The changes of as many articles, each with a text of its own around the edit."""
    ids = range(1, count + 1)
    return compare(
        site_state(
            *(article(n) for n in ids),
            versions=[version(n, n, body=f"About {n}.\n\n{body}") for n in ids],
        ),
        site_state(
            *(article(n, version_id=n + 100, **facts) for n in ids),
            versions=[
                version(n + 100, n, body=f"About {n}.\n\n{after}")
                for n, after in zip(ids, texts_after, strict=True)
            ],
        ),
        sighting(seen=frozenset(ids)),
        zone=HONG_KONG,
    ).changes


def test_the_same_edit_on_three_articles_is_one_group():
    found = several(4, "Old footer.", ["New footer."] * 3 + ["Quite another."])
    groups = [change.detail.get("group") for change in found]
    assert groups[0] == groups[1] == groups[2]
    assert groups[0]["size"] == 3
    assert groups[3] is None


def test_the_same_edit_on_two_articles_is_no_group():
    found = several(2, "Old footer.", ["New footer."] * 2)
    assert [change.detail.get("group") for change in found] == [None, None]


def test_a_stamp_of_one_day_on_many_articles_is_one_group():
    stamp = datetime(2026, 5, 28, 20, tzinfo=UTC)
    found = several(5, "Text.", ["Text."] * 5, updated_at=stamp)
    assert [change.kind for change in found] == ["touched"] * 5
    assert found[0].detail == {"group": {"key": "stamp:2026-05-29", "size": 5}}


def test_a_section_that_was_renamed_moves_its_articles_as_one_group():
    found = several(3, "Text.", ["Text."] * 3, section_slug="fees-and-limits")
    assert [change.detail["group"]["size"] for change in found] == [3, 3, 3]


# Presence


def absent(answer: str | None = "gone", old: ArticleState | None = None, **facts):
    """A crawl that did not see article 1, which listings 1 and 2 held."""
    state = site_state(old or article())
    defaults = {
        "held_by": {1: frozenset({1, 2})},
        "listings": {1: listing(1), 2: listing(2)},
        "answers": {1: answer} if answer else {},
    }
    return compare(state, state, sighting(**defaults | facts), zone=UTC)


def outcome(comparison) -> tuple[list[str], dict[int, str]]:
    return kinds(comparison.changes), dict(comparison.statuses)


NOTHING = ([], {})


def test_an_article_in_no_listing_whose_address_is_gone_is_removed():
    found = absent("gone")
    assert outcome(found) == (["removed"], {1: "removed"})
    assert (found.changes[0].from_version_id, found.changes[0].to_version_id) == (1, None)


def test_an_article_in_no_listing_whose_address_answers_is_unlisted():
    assert outcome(absent("answers")) == (["unlisted"], {1: "unlisted"})


@pytest.mark.parametrize("answer", ["unknown", None])
def test_an_address_that_did_not_answer_or_was_not_asked_concludes_nothing(answer):
    assert outcome(absent(answer)) == NOTHING


@pytest.mark.parametrize("answer", ["gone", "answers"])
@pytest.mark.parametrize(
    "facts",
    [
        {"listings": {1: listing(1), 2: listing(2, is_complete=False)}},
        {"listings": {1: listing(1)}, "locales_read": frozenset()},
        {"held_by": {}},
        {"concludes_absence": False},
    ],
    ids=["listing_broken_off", "listing_not_read", "never_listed", "blocked"],
)
def test_an_article_that_could_not_be_looked_for_is_not_removed(answer, facts):
    assert outcome(absent(answer, **facts)) == NOTHING


def test_a_baseline_settles_without_a_word_what_is_gone_by_then():
    found = absent("gone", baseline_locales=frozenset({"fr"}))
    assert outcome(found) == ([], {1: "removed"})


def test_an_article_that_is_still_in_one_listing_is_not_gone():
    assert outcome(absent("gone", seen=frozenset({1}))) == NOTHING


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"seen_count": 29}, NOTHING),
        ({"seen_count": 29, "earlier_gap": 0}, NOTHING),
        ({"seen_count": 27, "earlier_gap": 2}, NOTHING),
        ({"seen_count": 28, "earlier_gap": 2}, (["unlisted"], {1: "unlisted"})),
        ({"claimed_total": None, "seen_count": 3}, (["unlisted"], {1: "unlisted"})),
    ],
)
def test_an_article_that_may_have_shifted_between_pages_is_not_unlisted(facts, expected):
    assert outcome(absent("answers", listings={1: listing(1), 2: listing(2, **facts)})) == expected


def test_an_address_that_is_gone_needs_no_count_of_entries():
    found = absent("gone", listings={1: listing(1), 2: listing(2, seen_count=29)})
    assert outcome(found) == (["removed"], {1: "removed"})


def test_a_section_that_went_with_its_articles_is_as_good_as_empty():
    gone_too = {"listings": {1: listing(1)}}
    assert outcome(absent("gone", **gone_too)) == (["removed"], {1: "removed"})
    assert outcome(absent("answers", **gone_too)) == (["unlisted"], {1: "unlisted"})


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"is_complete": False}, NOTHING),
        ({"seen_count": 29}, NOTHING),
        ({}, (["unlisted"], {1: "unlisted"})),
    ],
)
def test_an_article_may_stand_in_the_unread_part_of_the_section_that_it_moved_to(section, expected):
    listings = {1: listing(1), 2: listing(2), 3: listing(3, slug="fees", **section)}
    assert outcome(absent("answers", listings=listings)) == expected


def test_an_article_may_stand_in_a_section_of_which_no_page_could_be_read():
    assert outcome(absent("answers", locales_read=frozenset())) == NOTHING


def test_an_unlisted_article_whose_address_goes_is_removed():
    found = absent("gone", article(status="unlisted"), held_by={})
    assert outcome(found) == (["removed"], {1: "removed"})
    assert found.changes[0].detail == {"was": "unlisted"}


def test_a_removed_article_that_answers_again_is_unlisted_and_says_so():
    found = absent("answers", article(status="removed"), held_by={})
    assert outcome(found) == (["unlisted"], {1: "unlisted"})
    assert found.changes[0].detail == {"was": "removed", "answers_again": True}


def test_an_article_at_whose_address_another_one_stands_is_unlisted_and_says_so():
    found = absent("replaced")
    assert outcome(found) == (["unlisted"], {1: "unlisted"})
    assert found.changes[0].detail == {"address_taken": True}


def test_a_removed_article_does_not_answer_again_where_another_one_does():
    assert outcome(absent("replaced", article(status="removed"), held_by={})) == NOTHING


def test_a_removed_article_that_answers_again_may_be_in_a_listing_that_was_not_read():
    found = absent("answers", article(status="removed"), held_by={}, locales_read=frozenset())
    assert outcome(found) == NOTHING


@pytest.mark.parametrize(("status", "answer"), [("unlisted", "answers"), ("removed", "gone")])
def test_what_was_told_once_is_not_told_again(status, answer):
    assert outcome(absent(answer, article(status=status), held_by={})) == NOTHING


@pytest.mark.parametrize("status", ["unlisted", "removed"])
def test_an_article_that_is_back_is_relisted(status):
    found = absent(None, article(status=status), seen=frozenset({1}))
    assert outcome(found) == (["relisted"], {1: "listed"})
    assert found.changes[0].detail == {"was": status}


def test_a_crawl_that_was_blocked_still_tells_what_it_saw():
    found = absent(None, article(status="removed"), seen=frozenset({1}), concludes_absence=False)
    assert outcome(found) == (["relisted"], {1: "listed"})


def test_an_article_that_is_back_is_listed_even_where_nothing_is_told_yet():
    found = absent(
        None, article(status="removed"), seen=frozenset({1}), baseline_locales=frozenset()
    )
    assert outcome(found) == ([], {1: "listed"})


# Whole sites


@st.composite
def lives(draw):
    """article_id -> what happens to it: a set of events that may befall one article at once."""
    readings = st.sets(st.sampled_from(["text", "date", "title", "section", "slug", "noise"]))
    fates = st.one_of(readings, st.sampled_from([{"new"}, {"gone"}, {"unlisted"}, {"back"}]))
    return draw(st.dictionaries(st.integers(1, 40), fates, max_size=12))


def expected_kinds(events: set[str]) -> set[str]:
    """The kinds that the events make, by the contract."""
    found = {"title": "retitled", "section": "moved", "slug": "readdressed"}
    fates = {"new": "new", "gone": "removed", "unlisted": "unlisted", "back": "relisted"}
    made = {name for event, name in (found | fates).items() if event in events}
    if "text" in events:
        made.add("updated" if "date" in events else "silent_edit")
    elif events & {"date"} and not made:
        made.add("touched")
    return made


def live(lives_of: dict[int, set[str]]):
    """The states before and after, and the sighting, of articles that live through the events."""
    old, now, texts = [], [], []
    for number, events in lives_of.items():
        state = article(number, status="removed" if "back" in events else "listed")
        facts = {}
        if events & {"text", "noise"}:
            body = f"Text {number}.\n\nA{' new' if 'text' in events else ''} line."
            facts["version_id"] = number + 100
            texts.append(version(number + 100, number, body=body.replace(" ", "\u00a0 ")))
        if "date" in events:
            facts["updated_at"] = UPDATED + timedelta(days=number)
        if "title" in events:
            facts["title"] = f"Renamed {number}"
        if "section" in events:
            facts["section_slug"] = f"section-{number}"
        if "slug" in events:
            facts["slug"] = f"moved-{number}"
        if "new" not in events:
            old.append(state)
        now.append(replace(state, **facts))
    unseen = {n for n, events in lives_of.items() if events & {"gone", "unlisted"}}
    held = {state.article_id: frozenset({1}) for state in old if state.status == "listed"}
    answers = {n: "gone" if "gone" in lives_of[n] else "answers" for n in unseen}
    seen = sighting(
        seen=frozenset(lives_of) - unseen,
        held_by=held,
        listings={1: listing(1)},
        answers=answers,
    )
    old_texts = [version(n, n, body=f"Text {n}.\n\nA line.") for n in lives_of]
    return site_state(*old, versions=old_texts), site_state(*now, versions=texts), seen


@given(lives())
def test_random_events_on_a_random_site_are_found_exactly(lives_of):
    before, after, seen = live(lives_of)
    found = compare(before, after, seen, zone=HONG_KONG).changes
    assert {
        number: {change.kind for change in found if change.article_id == number}
        for number in lives_of
    } == {number: expected_kinds(events) for number, events in lives_of.items()}


@given(lives())
def test_the_order_is_by_article_and_kind_and_no_change_is_told_twice(lives_of):
    before, after, seen = live(lives_of)
    found = compare(before, after, seen, zone=HONG_KONG).changes
    places = [(change.article_id, CHANGE_KINDS.index(change.kind)) for change in found]
    assert places == sorted(set(places))


@given(lives())
def test_a_state_compared_with_itself_yields_nothing(lives_of):
    _, after, seen = live(lives_of)
    settled = SiteState(
        articles={n: replace(state, status="listed") for n, state in after.articles.items()},
        versions=after.versions,
    )
    calm = replace(seen, seen=frozenset(after.articles))
    found = compare(settled, settled, calm, zone=HONG_KONG)
    assert (found.changes, dict(found.statuses)) == ((), {})


@given(lives())
def test_a_crawl_that_saw_nothing_and_concludes_nothing_removes_nothing(lives_of):
    before, _, seen = live(lives_of)
    blind = replace(seen, seen=frozenset(), concludes_absence=False)
    found = compare(before, before, blind, zone=HONG_KONG)
    assert (found.changes, dict(found.statuses)) == ((), {})


# A life of many days


@dataclass(frozen=True)
class Truth:
    """One article as it really is; the numbers stand for texts, dates, titles, ..."""

    text: int = 0
    edits: int = 0
    date: int = 0
    title: int = 0
    section: int = 0
    slug: int = 0
    place: str = "listed"

    def after(self, event: str) -> "Truth":
        match event:
            case "edit":
                return replace(self, text=self.edits + 1, edits=self.edits + 1)
            case "revert":
                return replace(self, text=0)
            case "listed" | "unlisted" | "removed":
                return replace(self, place=event)
            case field:
                return replace(self, **{field: getattr(self, field) + 1})


def readings_differ(old: Truth, now: Truth) -> set[str]:
    """The kinds that two readings make, by the contract."""
    fields = {"title": "retitled", "section": "moved", "slug": "readdressed"}
    kinds = {kind for name, kind in fields.items() if getattr(old, name) != getattr(now, name)}
    if old.text != now.text:
        return kinds | {"updated" if old.date != now.date else "silent_edit"}
    return kinds or ({"touched"} if old.date != now.date else set())


class Watched:
    """A centre of two listings, odd and even articles, and what was read of it so far."""

    def __init__(self, articles: int):
        self.truth = {number: Truth() for number in range(1, articles + 1)}
        self.known: dict[int, Truth] = {}
        self.versions: dict[int, list] = {}
        self.crawl("all", baseline=frozenset())

    def crawl(self, reach: str, baseline: frozenset[str] = frozenset({"en"})):
        """Reads as far as `reach` goes (all, odd, none); the changes found and those expected."""
        looked_at = [n for n in self.truth if reach == "all" or (reach == "odd" and n % 2)]
        seen = [n for n in looked_at if self.truth[n].place == "listed"]
        unseen = [n for n in self.truth if n not in seen and n in self.known and reach != "none"]
        before = self._state()
        expected = {n: {"new"} if baseline else set() for n in seen if n not in self.known}
        for n in seen:
            self._read(n, expected)
        for n in unseen:
            self._miss(n, reach, expected)
        found = compare(
            replace(before, versions=self._all_versions()),
            self._state(before),
            sighting(
                seen=frozenset(seen),
                concludes_absence=reach != "none",
                baseline_locales=baseline,
                held_by={
                    n: frozenset({n % 2})
                    for n, state in before.articles.items()
                    if state.status == "listed"
                },
                listings={
                    0: listing(0, slug="even", is_complete=reach == "all"),
                    1: listing(1, slug="odd"),
                },
                locales_read=frozenset({"en"} if reach == "all" else ()),
                answers={
                    n: "gone" if self.truth[n].place == "removed" else "answers" for n in unseen
                },
            ),
            zone=HONG_KONG,
        )
        kinds_found: dict[int, set[str]] = {}
        for change in found.changes:
            kinds_found.setdefault(change.article_id, set()).add(change.kind)
        return found, kinds_found, {n: kinds for n, kinds in expected.items() if kinds}

    def _read(self, n: int, expected: dict[int, set[str]]) -> None:
        now, old = self.truth[n], self.known.get(n)
        if old is not None:
            expected[n] = readings_differ(old, now)
            if old.place != "listed":
                expected[n].add("relisted")
        self._remember(n, now)

    def _miss(self, n: int, reach: str, expected: dict[int, set[str]]) -> None:
        """Its listing may be cut off; its address was asked in any case."""
        now, old = self.truth[n], self.known[n]
        # What still answers may stand in the other listing by now; what is gone may not.
        is_sure = reach == "all" or (old.place == "listed" and n % 2 and now.place == "removed")
        is_sure = is_sure or (old.place, now.place) == ("unlisted", "removed")
        place = now.place if is_sure else old.place
        answers = now.place != "removed"
        expected[n] = readings_differ(old, now) if answers else set()
        if place != old.place:
            expected[n].add(place)
        self._remember(n, replace(now if answers else old, place=place))

    def _remember(self, n: int, truth: Truth) -> None:
        texts = self.versions.setdefault(n, [])
        body = f"Article {n}.\n\nIts text {truth.text}."
        title = f"Title {truth.title} of {n}"
        if not texts or (texts[-1].body, texts[-1].title) != (body, title):
            number = len(texts) + 1
            texts.append(version(n * 1000 + number, n, number=number, body=body, title=title))
        self.known[n] = truth

    def _state(self, before: SiteState | None = None) -> SiteState:
        """What is known now; with the statuses that were stored before."""
        articles = {}
        for n, truth in self.known.items():
            stored = before and before.articles.get(n)
            articles[n] = article(
                n,
                version_id=self.versions[n][-1].id,
                title=self.versions[n][-1].title,
                updated_at=UPDATED + timedelta(days=truth.date),
                section_slug=f"section-{truth.section}",
                slug=f"article-{n}-{truth.slug}",
                status=stored.status if stored else truth.place,
            )
        earlier = {n: tuple(texts[:-1]) for n, texts in self.versions.items()}
        return SiteState(articles=articles, versions=self._all_versions(), earlier_versions=earlier)

    def number_of_return(self, n: int) -> int | None:
        """Number of the latest earlier version with the text of the newest."""
        *earlier, newest = self.versions[n]
        numbers = [text.number for text in earlier if text.body == newest.body]
        return numbers[-1] if numbers else None

    def _all_versions(self) -> dict:
        return {text.id: text for texts in self.versions.values() for text in texts}


EVENTS = ["edit", "revert", "date", "title", "section", "slug", "listed", "unlisted", "removed"]
DAYS = st.lists(
    st.tuples(
        st.sampled_from(["all", "all", "odd", "none"]),
        st.lists(st.tuples(st.integers(1, 8), st.sampled_from([*EVENTS, "birth"])), max_size=6),
    ),
    min_size=4,
    max_size=10,
)


@settings(max_examples=200, deadline=None)
@given(DAYS)
def test_over_many_days_the_changes_are_what_happened_and_a_calm_day_has_none(days):
    centre = Watched(articles=6)
    for reach, events in [*days, ("all", [])]:
        for number, event in events:
            if event == "birth":
                centre.truth.setdefault(len(centre.truth) + 1, Truth())
            elif number in centre.truth:
                centre.truth[number] = centre.truth[number].after(event)
        comparison, found, expected = centre.crawl(reach)
        assert found == expected
        for number, status in comparison.statuses.items():
            assert centre.known[number].place == status
        for change in comparison.changes:
            if change.kind in ("updated", "silent_edit"):
                assert change.detail.get("reverts_to") == centre.number_of_return(change.article_id)
    assert centre.crawl("all")[1] == {}


def test_two_states_of_20000_articles_are_compared_in_300_mb():
    ids = range(1, 20_001)
    edited = [n for n in ids if n % 50 == 0]
    before = site_state(
        *(article(n) for n in ids),
        versions=[version(n, n, body=f"About {n}.\n\n" + "A line of it. " * 200) for n in edited],
    )
    after = site_state(
        *(article(n, version_id=n + 100_000 if n % 50 == 0 else n, updated_at=LATER) for n in ids),
        versions=[
            version(n + 100_000, n, body=f"About {n}.\n\nNew.\n\n" + "A line of it. " * 200)
            for n in edited
        ],
    )
    held = {n: frozenset({1}) for n in ids}
    seen = sighting(seen=frozenset(ids), held_by=held, listings={1: listing(1)})
    # How long it takes is measured by `python -m bench.compare_states`.
    tracemalloc.start()
    found = compare(before, after, seen, zone=HONG_KONG).changes
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 20_000
    assert peak_bytes < 300_000_000
