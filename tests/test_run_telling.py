"""`helpwatch run` tells, `helpwatch notify` tries; no secret is seen anywhere."""

import sqlite3
from base64 import b64encode
from contextlib import closing

import pytest

from receivers import refusing_address, webhook
from spiders.demo.days import DAYS
from spiders.demo.server import DemoCentre

SECRETS = (
    *("hunter2-password", "hunter2-path", "hunter2-header", "hunter2-env", "hunter2-query"),
    b64encode(b"watcher:hunter2-password").decode(),
)
CONFIG = """
database = "helpwatch.db"
output = "reports"
[sites.demo]
[crawl]
delay_seconds = 0
concurrent_requests = 8
autothrottle = false
[notify]
destinations = [{destinations}]
heartbeat = true
timeout_seconds = 2
"""


@pytest.fixture
def hook():
    with webhook() as server:
        yield server


@pytest.fixture
def configured(tmp_path):
    def write(*destinations: str):
        listed = ", ".join(f'"{destination}"' for destination in destinations)
        (tmp_path / "helpwatch.toml").write_text(CONFIG.format(destinations=listed))

    return write


def run_day(helpwatch, day, *options):
    with DemoCentre(day=day) as centre:
        return helpwatch(
            *options, "run", "--full", "--base-url", centre.url, "--now", DAYS[day].isoformat()
        )


def rows(tmp_path, sql):
    with closing(sqlite3.connect(tmp_path / "helpwatch.db")) as connection:
        return connection.execute(sql).fetchall()


def test_a_cycle_tells_what_changed_and_attaches_the_report(helpwatch, configured, hook, tmp_path):
    configured(hook.address)
    assert "Sent: heartbeat to json-" in run_day(helpwatch, 1).out
    ran = run_day(helpwatch, 2)
    assert (ran.code, ran.err) == (0, "")
    assert "Sent: high to json-" in ran.out and "Sent: digest to json-" in ran.out
    assert len(hook.titles) == 3
    assert "of high severity on help.demo.example" in hook.titles[1]
    attached = [a["filename"] for a in hook.posted[2].body["attachments"]]
    assert attached == ["demo-crawl-2.html"]
    assert rows(tmp_path, "SELECT kind, attempts, sent_at IS NOT NULL FROM notifications") == [
        ("heartbeat", 1, 1),
        ("high", 1, 1),
        ("digest", 1, 1),
    ]


def test_a_destination_that_fails_costs_neither_the_crawl_nor_the_report(
    helpwatch, configured, hook, tmp_path, monkeypatch
):
    configured(refusing_address(), "env:HELPWATCH_HOOK")
    ran = run_day(helpwatch, 1)
    assert ran.code == 0
    assert "the environment variable HELPWATCH_HOOK is not set" in ran.err
    assert "the connection was refused. It is tried again with the next run." in ran.err
    assert (tmp_path / "reports" / "latest.html").is_file()
    assert rows(tmp_path, "SELECT count(*) FROM notifications WHERE sent_at IS NULL") == [(2,)]
    status = helpwatch("status", "--now", DAYS[1].isoformat())
    assert status.code == 1
    assert "not delivered: heartbeat to env:HELPWATCH_HOOK waits since 2026-04-17" in status.out
    # What waits is sent when asked, without a crawl.
    monkeypatch.setenv("HELPWATCH_HOOK", hook.address)
    ran = helpwatch("notify", "send")
    assert (ran.code, ran.out) == (1, "Sent: heartbeat to env:HELPWATCH_HOOK\n")
    assert hook.titles == ["All quiet on help.demo.example"]
    assert [a["filename"] for a in hook.posted[0].body["attachments"]] == []
    assert "env:HELPWATCH_HOOK" not in helpwatch("notify", "send").out


def test_a_site_that_blocks_is_told(helpwatch, configured, hook):
    configured(hook.address)
    ran = helpwatch("run", "--base-url", "http://127.0.0.1:9")
    assert ran.code == 3
    assert hook.titles == ["The crawl of help.demo.example needs a look"]


# helpwatch notify test


def test_each_destination_is_tried(helpwatch, configured, hook):
    configured(hook.address, refusing_address())
    ran = helpwatch("notify", "test")
    assert ran.code == 1
    assert ran.out.startswith("Sent: test to json-")
    assert "the connection was refused.\n" in ran.err
    assert hook.titles == ["helpwatch: a test"]


def test_one_destination_is_tried_by_its_name(helpwatch, configured, hook, monkeypatch):
    monkeypatch.setenv("HELPWATCH_HOOK", hook.address)
    configured("env:HELPWATCH_HOOK", refusing_address())
    ran = helpwatch("notify", "test", "env:HELPWATCH_HOOK")
    assert (ran.code, ran.out) == (0, "Sent: test to env:HELPWATCH_HOOK\n")


def test_without_destinations_it_says_where_to_write_one(helpwatch):
    ran = helpwatch("notify", "test")
    assert ran.code == 2
    assert "[notify] of helpwatch.toml" in ran.err


@pytest.mark.parametrize(
    "destination", ["hunter2-password", "env:", "env:1", "mailto:hunter2-password@x", "://x"]
)
def test_what_is_no_address_is_refused_without_being_quoted(helpwatch, configured, destination):
    configured(destination)
    ran = helpwatch("notify", "test")
    assert ran.code == 2
    assert "notify.destinations[0] is neither an Apprise URL" in ran.err
    assert "hunter2" not in ran.err


# No secret anywhere


def test_secrets_are_neither_printed_nor_logged_nor_stored(
    helpwatch, configured, hook, tmp_path, monkeypatch
):
    """The server quotes every header and the path of what it refuses, as some do."""
    port = hook.server_port
    address = (
        f"json://watcher:hunter2-password@127.0.0.1:{port}/hunter2-path"
        "?+X-Token=hunter2-header&-key=hunter2-query"
    )
    monkeypatch.setenv("HELPWATCH_HOOK", f"json://u:hunter2-env@127.0.0.1:{port}/hunter2-path/")
    configured(
        address, "env:HELPWATCH_HOOK", "nosuch://hunter2-path", "slack://hunter2-path/hunter2-env"
    )
    hook.status = 401
    said = [run_day(helpwatch, 1, "--debug"), helpwatch("--debug", "notify", "test")]
    hook.status = 200
    said += [
        helpwatch("--debug", "notify", "send"),
        helpwatch("--debug", "notify", "test", address),
        helpwatch("config"),
        helpwatch("status"),
    ]
    refused, tried, sent, unknown, shown, _ = said
    assert refused.err.count("it answered with status 401") == 2
    assert tried.err.count("it is no address that Apprise knows") == 2
    assert sent.out.count("Sent: heartbeat") == 2
    assert "No destination of that name" in unknown.err
    assert "(secret)" in shown.out
    # They did go out, with their secrets.
    assert any("hunter2-header" in post.headers.values() for post in hook.posted)
    for ran in said:
        assert [secret for secret in SECRETS if secret in ran.out + ran.err] == []
    files = [p for p in tmp_path.rglob("*") if p.is_file() and p.name != "helpwatch.toml"]
    assert {"helpwatch.db", "latest.html", "index.json"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        assert [secret for secret in SECRETS if secret.encode() in content] == [], path


def test_a_traceback_shows_no_secret(helpwatch, tmp_path):
    """A configuration that cannot be read is told with the place, not with its content."""
    (tmp_path / "helpwatch.toml").write_text(
        '[notify]\ndestinations = ["json://u:hunter2-password@x/"\nheartbeat = 1\n'
    )
    ran = helpwatch("--debug", "run")
    assert ran.code == 2
    assert "hunter2" not in ran.out + ran.err
