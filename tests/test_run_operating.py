"""What an operator asks: the settings in force, a file to start from, a heartbeat, the status."""

import json
import threading
import tomllib
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest

from pages_read import NOON, entry, listing_read, recorded
from tracker.run import config, heartbeat
from tracker.run.errors import UsageError
from tracker.run.status import status
from tracker.run.template import TEMPLATE

# -- init and config ----------------------------------------------------------------------------


def test_the_template_names_every_setting_with_its_default(tmp_path):
    path = tmp_path / "helpwatch.toml"
    path.write_text(TEMPLATE)
    written = msgspec.to_builtins(config.load(path))
    defaults = msgspec.to_builtins(config.Config())
    defaults["sites"] = {"okx": msgspec.to_builtins(config.Config().site("okx"))}
    defaults |= {name: str(tmp_path / defaults[name]) for name in ("database", "output")}
    assert written == defaults
    stated = tomllib.loads(TEMPLATE)
    for table in ("crawl", "schedule", "report", "notify", "health", "trends"):
        assert stated[table].keys() == defaults[table].keys(), table


def test_the_rule_shown_in_the_template_is_one(tmp_path):
    lines = [line.removeprefix("# ") for line in TEMPLATE.splitlines()]
    rule = "\n".join(lines[lines.index("[[watch]]") :])
    (tmp_path / "x.toml").write_text(rule)
    assert config.load(tmp_path / "x.toml").rules()[0].label == "Fees"


def test_init_writes_a_file_once(helpwatch, tmp_path):
    assert helpwatch("init").code == 0
    (tmp_path / "helpwatch.toml").write_text("# mine")
    again = helpwatch("init")
    assert (again.code, "--force" in again.err) == (2, True)
    assert (tmp_path / "helpwatch.toml").read_text() == "# mine"


def test_config_shows_each_value_and_where_it_came_from(helpwatch, tmp_path):
    (tmp_path / "helpwatch.toml").write_text("[crawl]\ndelay_seconds = 2\n")
    shown = helpwatch("--db", "y.db", "config").out.splitlines()
    assert "crawl.delay_seconds = 2.0  # helpwatch.toml" in shown
    assert "crawl.recheck_days = 7  # default" in shown
    assert 'database = "y.db"  # --db' in shown


def test_config_never_shows_a_secret(helpwatch, tmp_path):
    (tmp_path / "helpwatch.toml").write_text(
        '[schedule]\nheartbeat_url = "https://watch.example/s3cret"\n'
        '[notify]\ndestinations = ["mailto://u:s3cret@mail.example", "env:MINE"]\n'
    )
    ran = helpwatch("config")
    assert "s3cret" not in ran.out + ran.err
    assert '["(secret)", "env:MINE"]' in ran.out


# -- heartbeat ----------------------------------------------------------------------------------


@pytest.fixture
def watcher():
    """A server that notes what it is asked; `watcher.answer` is the status it gives."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self.send_response(self.server.answer)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.answer = [], 200
    server.url = f"http://127.0.0.1:{server.server_port}/beat"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_heartbeat_is_one_call(watcher):
    assert heartbeat.beat(watcher.url)
    assert watcher.asked == ["/beat"]


def test_no_address_is_no_call():
    assert heartbeat.beat("") is False


def test_the_address_may_stand_in_the_environment(watcher, monkeypatch):
    monkeypatch.setenv("BEAT", watcher.url)
    assert heartbeat.beat("env:BEAT")
    monkeypatch.delenv("BEAT")
    with pytest.raises(UsageError, match="BEAT is not set"):
        heartbeat.beat("env:BEAT")


@pytest.mark.parametrize("answer", [302, 500])
def test_another_answer_is_a_failure_and_is_not_followed(watcher, answer, caplog):
    watcher.answer = answer
    assert heartbeat.beat(watcher.url) is False
    assert watcher.asked == ["/beat"]
    assert str(answer) in caplog.text


def test_a_failed_heartbeat_never_shows_its_address(caplog):
    assert heartbeat.beat("http://127.0.0.1:9/s3cret") is False
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example", "nonsense"])
def test_only_http_is_called(url):
    with pytest.raises(UsageError, match="no http"):
        heartbeat.beat(url)


# -- status -------------------------------------------------------------------------------------


def site_status(store, now: datetime, **settings):
    config_ = msgspec.structs.replace(
        config.Config(),
        sites={"example": config.SiteConfig()},
        schedule=config.ScheduleConfig(**settings),
    )
    (found,) = status(store.connection, config_, now)
    return found


def crawled(store, outcome="complete", verdict="healthy", **more):
    crawl_id = recorded(store, listing_read(entry()), outcome=outcome)
    store.conclude(
        crawl_id,
        health={"verdict": verdict, **more},
        is_baseline=False,
        changes=(),
        statuses={},
        trends=(),
        compared_at=NOON,
    )


def test_a_fresh_healthy_crawl_is_fine(store):
    crawled(store)
    found = site_status(store, datetime(2026, 4, 18, 5, tzinfo=UTC))
    assert found.problem is None
    assert found.last_good_at == NOON
    assert found.next_run_at == datetime(2026, 4, 18, 6, tzinfo=UTC)


def test_a_crawl_that_was_due_and_did_not_come_is_a_problem(store):
    crawled(store)
    found = site_status(store, datetime(2026, 4, 18, 9, 30, tzinfo=UTC))
    assert "Is the scheduler running?" in found.problem


def test_a_crawl_that_runs_late_within_the_grace_is_none(store):
    crawled(store)
    assert site_status(store, datetime(2026, 4, 18, 8, 30, tzinfo=UTC)).problem is None


@pytest.mark.parametrize("outcome", ["partial", "blocked", "failed", "interrupted"])
def test_a_crawl_that_did_not_complete_is_a_problem(store, outcome):
    crawled(store, outcome=outcome)
    assert outcome in site_status(store, NOON).problem


def test_a_suspect_crawl_is_a_problem(store):
    crawled(store, verdict="suspect")
    assert "suspect" in site_status(store, NOON).problem


def test_a_suspect_crawl_that_a_person_accepted_is_none(store):
    crawled(store, verdict="suspect", is_accepted=True)
    found = site_status(store, NOON)
    assert (found.problem, found.last_good_at) == (None, NOON)


def test_a_site_that_was_never_crawled_is_a_problem(store):
    assert "never crawled" in site_status(store, NOON).problem


def test_the_status_of_the_demo_as_a_monitor_sees_it(helpwatch, demo):
    at = ["--config", demo.folder / "helpwatch.toml", "status", "--now"]
    fine = helpwatch(*at, "2026-04-19T07:00Z", "--format", "json")
    assert fine.code == 0
    (site,) = json.loads(fine.out)
    assert (site["site"], site["outcome"], site["problem"]) == ("demo", "complete", None)
    stale = helpwatch(*at, "2026-04-21")
    assert stale.code == 1
    assert "Is the scheduler running?" in stale.out
