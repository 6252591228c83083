"""A random help centre lives through random days: the changes found are the events, kind by kind."""

import os
from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from db.store import Store
from model_centre import EVENTS, Centre, Look, first_day, publish
from model_crawl import CONFIG, Trouble, comparer, crawl
from model_ledger import Ledger
from tracker.run.cycle import conclude, conclude_pending
import tempfile

from hypothesis import Phase
PHASES=[Phase.generate]+([Phase.shrink] if os.environ.get('SHRINK') else [])
NUMBERS = st.integers(0, 60)
HAPPENINGS = st.lists(st.tuples(st.sampled_from(EVENTS), NUMBERS, st.booleans()), max_size=4)
LOOKS = st.builds(
    Look,
    seed=NUMBERS,
    form=st.sampled_from(["json", "json", "json", "html"]),
    entry_form=st.sampled_from(["json", "json", "html"]),
)
NO_TROUBLE = Trouble()


class Life(RuleBasedStateMachine):
    """Each step is a day: what happens, then a crawl, then what was found against what must be."""

    days = 0
    found: Counter = Counter()

    @initialize(count=st.integers(1, 9), gap=st.integers(0, 1))
    def opens(self, count: int, gap: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(f"{self.folder.name}/helpwatch.db")
        self.store.connection.execute("PRAGMA synchronous = OFF")
        self.centre, self.ledger = Centre(lasting_gap=gap), Ledger()
        self.now, self.parser = first_day(), "model-1"
        for pick in range(count):
            publish(self.centre, self.now - timedelta(days=30 - pick), pick, pick % 2 == 0)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    @rule(happenings=HAPPENINGS, look=LOOKS, full=st.booleans(), gap=st.sampled_from([1, 1, 1, 9]))
    def a_day(self, happenings, look, full, gap) -> None:
        self.passes(happenings, gap)
        self.crawls(look, NO_TROUBLE, full)

    @rule(look=LOOKS)
    def nothing_happens(self, look) -> None:
        self.passes([], 1)
        self.crawls(look, NO_TROUBLE, full=True)
        self.passes([], 1)
        assert self.crawls(look, NO_TROUBLE, full=True) == Counter()

    @rule(
        happenings=HAPPENINGS,
        look=LOOKS,
        full=st.booleans(),
        failing=st.frozensets(st.integers(0, 40), max_size=6),
    )
    def a_day_with_failing_pages(self, happenings, look, full, failing) -> None:
        self.passes(happenings, 1)
        self.crawls(look, Trouble(failing=failing), full)

    @rule(
        happenings=HAPPENINGS,
        look=LOOKS,
        after=st.integers(0, 30),
        how=st.sampled_from(["blocked", "shutdown", "killed"]),
    )
    def a_day_that_breaks_off(self, happenings, look, after, how) -> None:
        self.passes(happenings, 1)
        self.crawls(look, Trouble(stops_after=after, stops_as=how), full=False)

    @rule(
        happenings=HAPPENINGS,
        meanwhile=st.lists(
            st.tuples(st.integers(0, 30), st.sampled_from(EVENTS), NUMBERS, st.booleans()),
            min_size=1,
            max_size=3,
        ),
        look=LOOKS,
        full=st.booleans(),
    )
    def a_day_on_which_pages_shift(self, happenings, meanwhile, look, full) -> None:
        self.passes(happenings, 1)
        shifts = {
            place: lambda centre, event=event, pick=pick, dated=dated, place=place: event(
                centre, self.now + timedelta(seconds=place), pick, dated
            )
            for place, event, pick, dated in meanwhile
        }
        self.crawls(look, Trouble(shifts=shifts), full)

    @rule()
    def the_reader_improves(self) -> None:
        self.parser = f"model-{int(self.parser[6:]) + 1}"

    # -- a step, and its proof --------------------------------------------------------------

    def passes(self, happenings, days: int) -> None:
        self.now += timedelta(days=days)
        for place, (event, pick, is_dated) in enumerate(happenings):
            event(self.centre, self.now - timedelta(hours=5, minutes=-place), pick, is_dated)
        for article in list(self.centre.articles.values()):
            self.centre.change(article.key, views=article.views + 1)

    def crawls(self, look: Look, trouble: Trouble, full: bool) -> Counter:
        Life.days += 1
        look = Look(look.seed, look.form, self.entry_form(look), self.parser)
        self.ledger.learn_addresses(self.centre)
        truths = [dict(self.centre.articles)]
        trouble = watched(trouble, truths, self.ledger)
        done = crawl(self.store, self.centre, self.now, look, trouble, full=full)
        before = dict(self.ledger.known)
        expected = self.ledger.readings(done, sections_read(done))
        if done.outcome == "running":
            conclude_pending(self.store, CONFIG, "demo", self.now)
        else:
            conclude(self.store, CONFIG, done.crawl_id, self.now)
        found = self.changes_of(done.crawl_id)
        absent = Counter({c: n for c, n in found.items() if c[0] in ("unlisted", "removed")})
        assert found - absent == expected, (found - absent, expected)
        self.check_absence(set(absent), truths, done, trouble)
        if trouble.is_none:
            self.check_nothing_was_missed(done, before, look, full)
        (baseline,) = self.store.connection.execute(
            "SELECT health ->> '$.baseline_locales' FROM crawls WHERE id = ?", [done.crawl_id]
        ).fetchone()
        import json

        self.ledger.baselines |= set(json.loads(baseline))
        Life.found.update(kind for kind, _ in found.elements())
        return found

    def entry_form(self, look: Look) -> str:
        """Listings without ids only while every slug is known: else nobody could tell."""
        for key, article in self.centre.articles.items():
            known = self.ledger.known.get(key)
            if known and (known.slug != article.slug or known.text is None):
                return "json"
        return look.entry_form

    def changes_of(self, crawl_id: int) -> Counter:
        rows = self.store.connection.execute(
            "SELECT c.kind, a.locale, a.slug FROM changes c"
            " JOIN articles a ON a.id = c.article_id WHERE c.crawl_id = ?",
            [crawl_id],
        )
        slugs = self.ledger.slugs
        return Counter((kind, slugs[locale, slug].key) for kind, locale, slug in rows)

    def check_absence(self, found, truths, done, trouble) -> None:
        allowed = self.ledger.may_be_gone(truths)
        assert found <= allowed, (found - allowed, "is not true")
        if trouble.is_none:
            must = self.ledger.must_be_gone(self.centre)
            must = {key for key in must if key[1] in self.ledger.baselines}
            missed = must - {key for _, key in found}
            assert not missed, (missed, "was missed")
        for status, key in found:
            self.ledger.status[key] = status

    def check_nothing_was_missed(self, done, before, look, full) -> None:
        pages = self.ledger.seen_by(done).pages
        for key, article in self.centre.articles.items():
            if article.presence != "listed":
                continue
            known = self.ledger.known[key]
            assert known.title.split() == article.title.split(), (key, "title")
            assert known.slug == article.slug, (key, "slug")
            if full:
                assert (known.text, known.section) == (article.text, article.section), key


def watched(trouble: Trouble, truths: list, ledger: Ledger) -> Trouble:
    """The same trouble; each shift leaves the centre's new truth in `truths`."""

    def shifting(shift):
        def shifted(centre):
            shift(centre)
            truths.append(dict(centre.articles))
            ledger.learn_addresses(centre)

        return shifted

    shifts = {place: shifting(shift) for place, shift in trouble.shifts.items()}
    return Trouble(trouble.failing, trouble.stops_after, trouble.stops_as, shifts)


def sections_read(done) -> dict:
    import json

    found = {}
    for read in done.served:
        if read.fetch.body:
            facts = json.loads(read.fetch.body)
            found[facts["number"], facts["locale"]] = facts["section"]
    return found


def test_life():
    run_state_machine_as_test(
        Life, settings=settings(max_examples=int(os.environ.get("EX", 12)), stateful_step_count=25, print_blob=False, report_multiple_bugs=False, phases=PHASES)
    )
    print(Life.days, Life.found)
    assert Life.days >= 200
