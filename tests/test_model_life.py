"""A random help centre lives through random days: the changes found are the events, kind by kind.

Each step of a life is a day: something happens or nothing does, a crawl reads it as far as it gets,
and all changes ever told are held against what the pages said, put in the order of time.
"""

import json
import tempfile
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db.store import Store
from db.verify import verify
from model_centre import SECTIONS, Centre, Look, first_day
from model_crawl import Trouble, Watched, crawl, import_pages, saved_page
from model_events import EVENTS, give_address_away, publish
from model_ledger import Ledger
from tracker.run.cycle import conclude, conclude_pending
from tracker.run.judging import release

NUMBERS = st.integers(0, 60)
EVENT = st.sampled_from(EVENTS)
HAPPENINGS = st.lists(st.tuples(EVENT, NUMBERS, st.booleans()), max_size=4)
# While a crawl runs an address has one owner, so that the ledger can tell whose it was.
SHIFT = st.sampled_from([event for event in EVENTS if event is not give_address_away])
MEANWHILE = st.lists(st.tuples(NUMBERS, SHIFT, NUMBERS, st.booleans()), min_size=1, max_size=3)
LOOKS = st.builds(
    Look,
    seed=NUMBERS,
    form=st.sampled_from(["json", "json", "json", "html"]),
    entry_form=st.sampled_from(["json", "json", "html"]),
)
DISALLOWED = st.frozensets(
    st.sampled_from(["/section/fees", "/section/news", "/search", "/article-1", "/address-", "/a"]),
    min_size=1,
    max_size=2,
)
WATCHED = st.builds(
    Watched,
    sections=st.lists(st.sampled_from(sorted(SECTIONS)), max_size=2, unique=True).map(tuple),
    has_search=st.booleans(),
)
NO_TROUBLE = Trouble()
GONE = ("unlisted", "removed")


class Life(RuleBasedStateMachine):
    days = 0
    """Days lived in all lives."""

    watched = Watched()
    """What the configuration names: all sections and one search, unless it is changed."""

    @initialize(count=st.integers(1, 9), gap=st.integers(0, 1), has_archive=st.booleans())
    def opens(self, count: int, gap: int, has_archive: bool) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(f"{self.folder.name}/helpwatch.db")
        # A power cut is not among the troubles of these lives.
        self.store.connection.execute("PRAGMA synchronous = OFF")
        self.centre, self.ledger = Centre(lasting_gap=gap), Ledger()
        self.now, self.parser = first_day(), "model-1"
        self.archive: list | None = [] if has_archive else None
        self.presence: Counter = Counter()
        for pick in range(count):
            publish(self.centre, self.now - timedelta(days=30 - pick), pick, pick % 2 == 0)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            # Whatever was recorded late or merged, no sealed log and no link was touched.
            failed = {c.name: c.first_bad for c in verify(self.store.connection, {}) if not c.ok}
            self.store.close()
            assert failed == {}
            self.folder.cleanup()

    # -- days -------------------------------------------------------------------------------

    @rule(happenings=HAPPENINGS, look=LOOKS, full=st.booleans(), days=st.sampled_from([1, 1, 9]))
    def a_day(self, happenings, look, full, days) -> None:
        self.passes(happenings, days)
        self.crawls(look, NO_TROUBLE, full)

    @rule(look=LOOKS)
    def two_days_on_which_nothing_happens(self, look) -> None:
        self.passes([], 1)
        self.crawls(look, NO_TROUBLE, full=True)
        self.passes([], 1)
        told = self.told_and_believed()
        self.crawls(look, NO_TROUBLE, full=True)
        told_since = self.told_and_believed()
        assert told <= told_since
        # What nobody looked for may have moved and gone: its page tells of the one, without a word
        # where that is the baseline, and only the crawl after that of the other.
        for crawl_id, kind, key in told_since - told:
            is_settled = key[1] in self.new_baselines(crawl_id - 1)
            assert kind == "unlisted"
            assert is_settled or (crawl_id - 1, "moved", key) in told

    @rule(
        happenings=HAPPENINGS,
        look=LOOKS,
        full=st.booleans(),
        failing=st.frozensets(st.integers(0, 40), max_size=6),
    )
    def a_day_on_which_pages_fail(self, happenings, look, full, failing) -> None:
        self.passes(happenings, 1)
        self.crawls(look, Trouble(failing=failing), full)

    @rule(
        happenings=HAPPENINGS,
        look=LOOKS,
        after=st.integers(0, 30),
        how=st.sampled_from(["blocked", "shutdown", "killed", "budget"]),
    )
    def a_day_on_which_the_crawl_breaks_off(self, happenings, look, after, how) -> None:
        self.passes(happenings, 1)
        self.crawls(look, Trouble(stops_after=after, stops_as=how), full=False)

    @rule(happenings=HAPPENINGS, look=LOOKS, full=st.booleans(), disallowed=DISALLOWED)
    def a_day_on_which_robots_txt_disallows(self, happenings, look, full, disallowed) -> None:
        self.passes(happenings, 1)
        self.crawls(look, Trouble(disallowed=disallowed), full)

    @rule(happenings=HAPPENINGS, meanwhile=MEANWHILE, look=LOOKS, full=st.booleans())
    def a_day_on_which_pages_shift(self, happenings, meanwhile, look, full) -> None:
        self.passes(happenings, 1)
        shifts = {place: self.shift(place, *event) for place, *event in meanwhile}
        self.crawls(look, Trouble(shifts=shifts), full)

    def shift(self, place, event, pick, is_dated):
        """Something that happens while the crawl is under way."""

        def shifts(centre: Centre) -> None:
            event(centre, self.now + timedelta(seconds=place), pick, is_dated)
            self.ledger.learn_addresses(centre)
            self.truths.append(dict(centre.articles))

        return shifts

    @rule(watched=WATCHED)
    def the_configuration_changes(self, watched) -> None:
        self.watched = watched

    @rule()
    def the_reader_improves(self) -> None:
        self.parser = f"model-{int(self.parser.removeprefix('model-')) + 1}"

    @precondition(lambda self: getattr(self, "archive", None) is not None)
    @rule(happenings=HAPPENINGS, picks=st.lists(NUMBERS, min_size=1, max_size=3, unique=True))
    def somebody_saves_pages(self, happenings, picks) -> None:
        """Later on the day of the last crawl."""
        for event, pick, is_dated in happenings:
            event(self.centre, self.now + timedelta(hours=2), pick, is_dated)
        self.ledger.learn_addresses(self.centre)
        articles = list(self.centre.articles.values())
        for place, pick in enumerate(picks):
            at = self.now + timedelta(hours=3, minutes=place)
            page = saved_page(self.centre, articles[pick % len(articles)], at)
            self.archive += [page] if page else []
        self.now += timedelta(hours=4)

    @precondition(lambda self: getattr(self, "archive", None))
    @rule(picks=st.lists(NUMBERS, min_size=1, max_size=4), seed=NUMBERS)
    def saved_pages_are_imported(self, picks, seed) -> None:
        """In any order, days or weeks after they were saved."""
        pages = {}
        for pick in picks:
            at, body = self.archive[pick % len(self.archive)]
            facts = json.loads(body)
            pages.setdefault((facts["number"], facts["locale"]), (at, body))
        look = Look(seed=seed, parser=self.parser)
        crawl_id, reads = import_pages(self.store, sorted(pages.values()), look)
        conclude(self.store, self.watched.config, crawl_id, self.now)
        began = reads[0].fetch.fetched_at
        for read in reads:
            self.ledger.record(crawl_id, read.fetch.fetched_at, [read], "import", began)
        self.check_what_was_told()

    @precondition(lambda self: hasattr(self, "ledger") and self.ledger.doubted)
    @rule(pick=NUMBERS)
    def somebody_accepts_a_suspect_crawl(self, pick) -> None:
        suspects = sorted({crawl_id for crawl_id, _ in self.ledger.doubted})
        crawl_id = suspects[pick % len(suspects)]
        believed = self.presence_told(but_for=suspects)
        release(self.store, self.watched.config, crawl_id)
        self.ledger.accept(crawl_id)
        assert self.presence_told(but_for=suspects) == believed
        self.presence = self.presence_told()
        self.ledger.status |= {
            key: "listed" if kind == "relisted" else kind
            for crawl, kind, key in self.presence
            if crawl == crawl_id
        }
        self.check_what_was_told()

    def presence_told(self, but_for=()) -> Counter:
        return Counter(
            {
                (crawl_id, kind, key): count
                for (crawl_id, kind, key), count in self.told().items()
                if kind in (*GONE, "relisted") and crawl_id not in but_for
            }
        )

    # -- a day, and its proof ---------------------------------------------------------------

    def passes(self, happenings, days: int) -> None:
        self.now += timedelta(days=days)
        for place, (event, pick, is_dated) in enumerate(happenings):
            event(self.centre, self.now - timedelta(hours=5, minutes=-place), pick, is_dated)
        for article in list(self.centre.articles.values()):
            self.centre.change(article.key, views=article.views + 1)
        self.ledger.learn_addresses(self.centre)

    def crawls(self, look: Look, trouble: Trouble, full: bool) -> None:
        Life.days += 1
        is_simple = trouble.is_none and not self.centre.has_given_away
        can_tell_apart = is_simple or self.all_can_be_told_apart()
        look = Look(
            seed=look.seed,
            # A day or a date that a page does not show is carried over from the reading before:
            # no older capture that is put in between can tell that it was not read, and no crawl
            # that is accepted later.
            form="json" if self.archive is not None or self.ledger.doubted else look.form,
            entry_form=look.entry_form if can_tell_apart else "json",
            parser=self.parser,
        )
        self.truths, self.believed_before = [dict(self.centre.articles)], self.ledger.believed()
        settled_before = self.settled_without_a_word()
        done = crawl(self.store, self.centre, self.now, look, trouble, self.watched, full=full)
        seen = self.ledger.record(done.crawl_id, self.now, done.served, "crawl")
        if not self.watched.sections and not done.is_cut_short:
            self.ledger.look_through(done.crawl_id, done.served)
        self.presence += self.ledger.relisted(done.crawl_id, seen)
        if done.outcome == "running":
            conclude_pending(self.store, self.watched.config, "demo", self.now)
        else:
            conclude(self.store, self.watched.config, done.crawl_id, self.now)
        self.ledger.doubted |= self.new_doubts(done.crawl_id)
        for key in seen.entries:
            if (done.crawl_id, key[1]) not in self.ledger.doubted:
                self.ledger.status[key] = "listed"
        if trouble.stops_as == "budget" and done.outcome != "failed":
            assert done.outcome == ("partial" if done.is_cut_short else "complete")
        # A status that a crawl in doubt contradicts stays: it is no conclusion of that crawl.
        self.check_absence(done.crawl_id, trouble, self.settled_without_a_word() - settled_before)
        self.check_nothing_was_concluded_unasked(done.crawl_id, trouble)
        self.check_what_was_told()
        if trouble.is_none:
            self.check_nothing_was_missed(full)
        for locale in self.new_baselines(done.crawl_id):
            self.ledger.baselines[locale] = self.now

    def all_can_be_told_apart(self) -> bool:
        """Whether every article is known by its id and its address: else, where pages fail, nobody
        could tell an article at a new address from a new article."""
        known = self.ledger.known()
        return all(
            key in known and known[key].text is not None and known[key].slug == article.slug
            for key, article in self.centre.articles.items()
        )

    def new_baselines(self, crawl_id: int) -> set[str]:
        (health,) = self.store.connection.execute(
            "SELECT health FROM crawls WHERE id = ?", [crawl_id]
        ).fetchone()
        return set(json.loads(health)["baseline_locales"])

    def new_doubts(self, crawl_id: int) -> set[tuple[int, str]]:
        """What the crawl showed of locales that were known before, if it is suspect."""
        (verdict,) = self.store.connection.execute(
            "SELECT health ->> '$.verdict' FROM crawls WHERE id = ?", [crawl_id]
        ).fetchone()
        return {(crawl_id, locale) for locale in self.ledger.baselines if verdict == "suspect"}

    def told(self) -> Counter:
        """(crawl, kind, article) of all changes in the database."""
        rows = self.store.connection.execute(
            "SELECT c.crawl_id, c.kind, a.locale, a.source_id, a.slug FROM changes c"
            " JOIN articles a ON a.id = c.article_id"
        )
        return Counter((crawl_id, kind, self.ledger.key(*names)) for crawl_id, kind, *names in rows)

    def told_and_believed(self) -> Counter:
        """What is not held back: a change too large to be believed is shown anew every day."""
        suspects = {crawl_id for crawl_id, _ in self.ledger.doubted}
        return Counter({what: n for what, n in self.told().items() if what[0] not in suspects})

    def check_absence(self, crawl_id: int, trouble: Trouble, settled: set) -> None:
        told = {
            (kind, key) for crawl, kind, key in self.told() if crawl == crawl_id and kind in GONE
        }
        found = told | settled
        reasons = self.ledger.may_be_gone(self.truths, self.watched, trouble)
        assert found <= reasons, f"not true: {found - reasons}"
        if trouble.is_none:
            must = self.ledger.must_be_gone(self.centre, self.believed_before, self.watched)
            missed = must - {key for _, key in found}
            assert not missed, f"not told to be gone: {missed}"
        self.ledger.status |= {
            key: kind
            for kind, key in found
            if (kind, key) not in told or (crawl_id, key[1]) not in self.ledger.doubted
        }
        self.presence.update((crawl_id, kind, key) for kind, key in told)

    def check_nothing_was_concluded_unasked(self, crawl_id: int, trouble: Trouble) -> None:
        """Of an article that robots.txt keeps from us nobody can say that it is gone."""
        if not self.ledger.doubted:
            kept = {
                key for key, known in self.ledger.known().items()
                if trouble.disallows(f"/{known.slug}")
            }  # fmt: skip
            gone = {key for crawl, kind, key in self.told() if crawl == crawl_id and kind in GONE}
            assert not kept & gone

    def settled_without_a_word(self) -> set:
        """What is gone before its locale has a baseline, or was seen by crawls in doubt alone."""
        rows = self.store.connection.execute(
            "SELECT status, locale, source_id, slug FROM articles WHERE status != 'listed'"
        )
        baselines = self.ledger.baselines
        found = {(status, self.ledger.key(*names)) for status, *names in rows}
        return {
            (status, key)
            for status, key in found
            if key[1] not in baselines or not self.ledger.is_vouched(key)
        }

    def check_what_was_told(self) -> None:
        told, expected = self.told(), self.ledger.expected() + self.presence
        assert told == expected, f"too much: {told - expected}, missed: {expected - told}"

    def check_nothing_was_missed(self, full: bool) -> None:
        """What listings show is known at once, and all where everything was asked for."""
        known = self.ledger.known()
        for key, article in self.centre.articles.items():
            if article.presence == "listed" and self.watched.holds(article):
                assert known[key].title.split() == article.title.split(), key
                assert known[key].slug == article.slug, key
                if full:
                    assert known[key].text == article.text, key
                    assert known[key].section == article.section, key


def lived(lives: int, days: int) -> int:
    """The days of so many lives, each of which may end before its `days` are over."""
    Life.days = 0
    run_state_machine_as_test(
        Life, settings=settings(max_examples=lives, stateful_step_count=days, print_blob=False)
    )
    return Life.days


def test_in_two_hundred_days_of_random_life_the_changes_are_the_events():
    assert lived(lives=20, days=25) >= 200


@pytest.mark.soak
def test_in_five_thousand_days_of_random_life_the_changes_are_the_events():
    assert lived(lives=300, days=40) >= 5_000
