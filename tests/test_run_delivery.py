"""Messages: saved before they are sent, each change told once, against real local servers."""

import time
from datetime import timedelta

import apprise
import pytest
from msgspec.structs import replace

from db import outbox, queries
from db.records import Change
from pages_read import NOON, article_read, entry, listing_read, recorded
from receivers import mail_server, refusing_address, silent_server, webhook
from reports import notify
from tracker.run import archive
from tracker.run.config import Config, NotifyConfig
from tracker.run.delivery import LONGEST_WAIT, put_in, send_waiting, try_out
from tracker.run.destinations import Undeliverable, destinations
from tracker.run.gather import gather
from tracker.run.sending import Sender

TITLES = {"fees": "Withdrawal fees", "limits": "Limits"}


class Centre:
    """A site whose crawls find what a test says, and the messages about it."""

    def __init__(self, store, output, **notify):
        self.store, self.output = store, output
        self.config = replace(Config(), notify=NotifyConfig(timeout_seconds=1, **notify))
        self.day = 0

    @property
    def now(self):
        return NOON + timedelta(days=self.day)

    def crawl(self, *changes, verdict="healthy", outcome="complete", **health):
        """One more day: a crawl with changes of (kind, severity) and what it is judged to be."""
        self.day += 1
        crawl_id = recorded(
            self.store,
            listing_read(*(entry(slug, title=title) for slug, title in TITLES.items())),
            *(article_read(slug, title=title) for slug, title in TITLES.items()),
            at=self.now,
            outcome=outcome,
        )
        self.conclude(crawl_id, changes, {"verdict": verdict, "checks": [], **health})
        return crawl_id

    def conclude(self, crawl_id, changes, health):
        self.store.conclude(
            crawl_id,
            health=health,
            is_baseline=False,
            changes=[
                Change(
                    article_id=number, kind=kind, severity=severity, detected_at=self.now,
                    before="a", after="b",
                )
                for number, (kind, severity) in enumerate(changes, start=1)
            ],
            statuses={},
            trends=(),
            compared_at=self.now,
        )  # fmt: skip

    def accept(self, crawl_id):
        with_health = self.store.connection.execute(
            "UPDATE crawls SET health = json_set(health, '$.is_accepted', json('true'))"
            " WHERE id = ?",
            [crawl_id],
        )
        assert with_health.rowcount == 1

    def tell(self, **options):
        """What the end of a cycle does."""
        site = self.store.site("example", "https://help.example")
        put_in(self.store, self.config, site, self.now)
        return send_waiting(
            self.store, self.config, self.output, self.now, site_id=site.id, **options
        )

    def waiting(self):
        return outbox.waiting(self.store.connection)


@pytest.fixture
def hook():
    with webhook() as server:
        yield server


@pytest.fixture
def centre(store, tmp_path):
    def made(*addresses, **notify):
        return Centre(store, tmp_path / "reports", destinations=addresses, **notify)

    return made


HIGH, NORMAL, LOW = ("retitled", "high"), ("moved", "normal"), ("touched", "low")


# What is told, and when


def test_high_severity_is_told_at_once_and_the_rest_in_the_digest(centre, hook):
    one = centre(hook.address)
    one.crawl(HIGH, NORMAL)
    assert [(d.kind, d.problem) for d in one.tell()] == [("high", None), ("digest", None)]
    high, digest = hook.posted
    assert high.body["title"] == "1 change of high severity on help.example"
    assert "Retitled: Withdrawal fees" in high.body["message"]
    assert "https://help.example/help/fees" in high.body["message"]
    assert "Limits" not in high.body["message"]
    assert digest.body["title"] == "1 change on help.example: 1 moved."
    assert "Limits" in digest.body["message"] and "Withdrawal" not in digest.body["message"]
    assert (high.body["type"], digest.body["type"]) == ("warning", "info")


def test_with_high_at_once_switched_off_one_digest_tells_all(centre, hook):
    one = centre(hook.address, high_at_once=False)
    one.crawl(HIGH, NORMAL)
    assert [d.kind for d in one.tell()] == ["digest"]
    assert "2 changes on help.example, 1 of high severity" in hook.titles[0]
    assert "(high severity)" in hook.posted[0].body["message"]


def test_an_urgent_destination_is_told_of_high_severity_alone(store, tmp_path, hook):
    one = Centre(store, tmp_path, urgent_destinations=(hook.address,), heartbeat=True)
    one.crawl(NORMAL)
    assert one.tell() == []
    one.crawl(HIGH, LOW)
    assert [d.kind for d in one.tell()] == ["high"]


def test_nothing_is_sent_when_nothing_happened(centre, hook):
    one = centre(hook.address)
    one.crawl()
    assert one.tell() == []
    assert hook.posted == []


def test_a_heartbeat_is_sent_where_it_is_asked_for(centre, hook):
    one = centre(hook.address, heartbeat=True)
    one.crawl()
    one.tell()
    one.crawl(NORMAL)
    one.tell()
    assert hook.titles == ["All quiet on help.example", "1 change on help.example: 1 moved."]
    assert "The last complete, healthy crawl began" in hook.posted[0].body["message"]


def test_no_change_is_told_twice(centre, hook):
    one = centre(hook.address)
    one.crawl(HIGH, NORMAL)
    one.tell()
    assert one.tell() == []
    one.crawl()
    assert one.tell() == []
    assert len(hook.posted) == 2


def test_a_crawl_that_is_compared_anew_is_not_told_again(centre, hook):
    one = centre(hook.address)
    crawl_id = one.crawl(HIGH)
    one.tell()
    one.conclude(crawl_id, [HIGH], {"verdict": "healthy", "checks": []})
    assert one.tell() == []


def test_changes_of_a_crawl_that_nobody_told_of_are_told_with_the_next(centre, hook):
    one = centre(hook.address)
    one.crawl(NORMAL)
    one.tell()
    one.crawl(("readdressed", "normal"))
    one.crawl(("relisted", "normal"))
    one.tell()
    assert len(hook.posted) == 2
    assert hook.titles[1] == "2 changes on help.example: 1 at a new address and 1 back again."


def test_a_new_destination_is_not_told_the_whole_past(centre, hook):
    one = centre()
    one.crawl(HIGH)
    one.crawl(NORMAL)
    one.config = replace(
        one.config, notify=replace(one.config.notify, destinations=(hook.address,))
    )
    assert [d.kind for d in one.tell()] == ["digest"]


def test_an_import_is_not_told(store, tmp_path, hook):
    one = Centre(store, tmp_path, destinations=(hook.address,))
    crawl_id = recorded(store, article_read("fees"), kind="import")
    one.conclude(crawl_id, [HIGH], {"verdict": "healthy", "checks": []})
    assert one.tell() == []


def test_a_digest_may_come_once_a_day_though_the_crawl_runs_more_often(centre, hook):
    one = centre(hook.address, digest_hours=72)
    sent = []
    for kind in ("moved", "readdressed", "retitled", "moved", "touched"):
        one.crawl((kind, "normal"))
        sent.append([d.kind for d in one.tell()])
    assert sent == [["digest"], [], [], ["digest"], []]
    assert hook.titles[1].startswith("3 changes on help.example: 1 retitled, 1 moved")
    (row,) = one.waiting()
    assert (row.kind, row.attempts) == ("digest", 0)


# A crawl that needs a look


def test_a_suspect_crawl_says_check_the_parser_and_its_changes_are_held_back(centre, hook):
    one = centre(hook.address)
    check = {"name": "mass_change", "ok": False, "level": "problem", "message": "212 of 214."}
    crawl_id = one.crawl(HIGH, NORMAL, verdict="suspect", checks=[check])
    assert [d.kind for d in one.tell()] == ["health"]
    assert hook.titles == ["Check the parser for help.example: this crawl is suspect"]
    assert "Problem: 212 of 214." in hook.posted[0].body["message"]
    assert "held back" in hook.posted[0].body["message"]
    one.crawl()
    assert one.tell() == []
    one.accept(crawl_id)
    one.crawl()
    assert [d.kind for d in one.tell()] == ["high", "digest"]
    one.crawl()
    assert one.tell() == []


@pytest.mark.parametrize("outcome", ["partial", "blocked", "failed", "interrupted"])
def test_a_crawl_that_did_not_end_well_is_told(centre, hook, outcome):
    one = centre(hook.address, heartbeat=True)
    one.crawl(outcome=outcome, verdict="degraded")
    assert [d.kind for d in one.tell()] == ["health"]
    assert hook.titles == ["The crawl of help.example needs a look"]
    assert hook.posted[0].body["type"] == "warning"


def test_a_lasting_gap_is_told_on_its_first_day(centre, hook):
    one = centre(hook.address)
    for verdict in ("healthy", "degraded", "degraded", "healthy", "degraded"):
        one.crawl(verdict=verdict)
        one.tell()
    assert len(hook.posted) == 2


# When it does not arrive


def test_a_message_that_is_refused_waits_and_is_tried_again_later_and_later(centre, hook):
    hook.status = 503
    one = centre(hook.address)
    one.crawl(NORMAL)
    (delivery,) = one.tell()
    assert delivery.problem == "it answered with status 503"
    (row,) = one.waiting()
    assert (row.attempts, row.last_error) == (1, "it answered with status 503")
    waits = []
    for _ in range(8):
        (row,) = one.waiting()
        waits.append(row.due_at - one.now)
        one.tell(is_asked=True)
    assert waits[:3] == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)]
    assert waits[-1] == LONGEST_WAIT


def test_what_waits_is_not_sent_before_its_time(centre, hook):
    hook.status = 503
    one = centre(hook.address)
    one.crawl(NORMAL)
    one.tell()
    assert one.tell() == []
    hook.status = 200
    one.day += 1
    assert [d.problem for d in one.tell()] == [None]
    assert one.waiting() == []


def test_after_a_week_without_its_destination_one_message_tells_all(centre, hook):
    hook.status = 500
    one = centre(hook.address)
    for kind in ("moved", "readdressed", "relisted"):
        one.crawl((kind, "normal"))
        one.tell()
    assert len(one.waiting()) == 1
    hook.status, hook.posted = 200, []
    one.crawl(("updated", "normal"))
    one.tell()
    assert len(hook.posted) == 1
    for name in ("Updated", "New address", "Back again"):
        assert name in hook.posted[0].body["message"]


def test_a_port_that_refuses_is_named_as_such(centre):
    one = centre(refusing_address())
    one.crawl(NORMAL)
    assert [d.problem for d in one.tell()] == ["the connection was refused"]


def test_a_server_that_never_answers_costs_no_more_than_its_time(centre):
    with silent_server() as address:
        one = centre(address)
        one.crawl(NORMAL)
        begun = time.monotonic()
        (delivery,) = one.tell()
    assert delivery.problem == "it did not answer in time"
    assert time.monotonic() - begun < 5


def test_one_that_fails_does_not_keep_the_others_from_theirs(centre, hook):
    one = centre(refusing_address(), hook.address, "env:HELPWATCH_NOT_SET")
    one.crawl(NORMAL)
    assert sorted(str(d.problem) for d in one.tell()) == [
        "None",
        "the connection was refused",
        "the environment variable HELPWATCH_NOT_SET is not set",
    ]
    assert len(hook.posted) == 1


def test_an_address_that_apprise_does_not_know_is_a_problem_and_no_crash(centre):
    one = centre("nonsense://somewhere/else")
    one.crawl(NORMAL)
    assert [d.problem for d in one.tell()] == ["it is no address that Apprise knows"]


def test_a_redirect_is_not_followed(centre, hook):
    with webhook() as elsewhere:
        hook.status, hook.location = 307, f"http://127.0.0.1:{elsewhere.server_port}/internal"
        one = centre(f"{hook.address}?redirect=yes")
        one.crawl(NORMAL)
        assert [d.problem for d in one.tell()] == ["it answered with status 307"]
        assert elsewhere.posted == []


# The report with it


def with_report(one, crawl_id):
    found = gather(
        one.store.connection,
        crawls=[queries.crawl(one.store.connection, crawl_id)],
        generated_at=one.now,
    )
    (path,) = archive.write_reports(found, one.output, ["html"])
    return path


def test_the_report_is_attached_and_linked(centre, hook):
    one = centre(hook.address, report_url="https://intranet.example/helpwatch/")
    path = with_report(one, one.crawl(NORMAL))
    one.tell()
    (post,) = hook.posted
    assert [attached["filename"] for attached in post.body["attachments"]] == [path.name]
    assert (
        f"https://intranet.example/helpwatch/{path.parent.name}/{path.name}"
        in (post.body["message"])
    )


def test_the_report_stays_home_where_that_is_configured(centre, hook):
    one = centre(hook.address, attach_report=False)
    with_report(one, one.crawl(NORMAL))
    one.tell()
    assert hook.posted[0].body["attachments"] == []


def test_a_destination_that_may_choke_on_the_report_gets_the_message_alone(centre, hook):
    hook.status = 413
    one = centre(hook.address)
    with_report(one, one.crawl(NORMAL))
    for _ in range(3):
        one.tell(is_asked=True)
    assert [len(post.body["attachments"]) for post in hook.posted] == [1, 1, 0]


# By mail


def test_a_mail_has_html_a_text_and_the_report(centre):
    with mail_server() as (mailbox, address):
        one = centre(address)
        path = with_report(one, one.crawl(HIGH))
        assert [d.problem for d in one.tell()] == [None]
    (mail,) = mailbox.received
    assert mail["Subject"] == "1 change of high severity on help.example"
    page = mail.get_body(("html",)).get_content()
    assert '<a href="https://help.example/help/fees"><b>Retitled: Withdrawal fees</b></a>' in page
    assert [part.get_filename() for part in mail.iter_attachments()] == [path.name]


def test_a_mail_that_the_server_refuses_waits(centre):
    with mail_server() as (mailbox, address):
        mailbox.refusal = "554 no"
        one = centre(address)
        one.crawl(NORMAL)
        assert all(d.problem for d in one.tell())
        mailbox.refusal = None
        one.day += 1
        assert [d.problem for d in one.tell()] == [None]
    assert len(mailbox.received) == 1


# Names


def test_a_destination_is_named_without_its_address(monkeypatch):
    monkeypatch.setenv("HELPWATCH_HOOK", "json://user:secret@chat.example/token")
    found = destinations(
        NotifyConfig(
            destinations=("env:HELPWATCH_HOOK", "slack://tokenA/tokenB/tokenC"),
            urgent_destinations=("slack://tokenA/tokenB/tokenC", "slack://other"),
        )
    )
    names = [destination.name for destination in found]
    assert names[0] == "env:HELPWATCH_HOOK"
    assert all(name.startswith("slack-") and "token" not in name for name in names[1:])
    assert len(set(names)) == 3
    assert [destination.is_urgent_only for destination in found] == [False, False, True]
    assert "token" not in repr(found)


def test_a_trial_is_sent_and_leaves_no_trace(centre, hook):
    one = centre(hook.address)
    (destination,) = destinations(one.config.notify)
    assert try_out(one.config, destination).problem is None
    assert hook.titles == ["helpwatch: a test"]
    assert one.waiting() == []


def test_what_apprise_throws_is_a_problem_without_its_words(hook, monkeypatch):
    def broken(*arguments, **options):
        raise RuntimeError("the token is hunter2")

    monkeypatch.setattr(apprise.Apprise, "notify", broken)
    (destination,) = destinations(NotifyConfig(destinations=(hook.address,)))
    sender = Sender(destination, 1)
    with pytest.raises(Undeliverable) as caught:
        sender.send(notify.trial(form="text"), is_grave=False)
    assert str(caught.value) == "Apprise failed (RuntimeError)"
    assert caught.value.__cause__ is None
