"""The schedule: one job a site, one at a time, late ones caught up once, a year without a slip."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers import base
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from crawling import without_proxies
from faulty_centre import faulty_centre, rows
from tracker.run import schedule
from tracker.run.config import Config, ScheduleConfig, SiteConfig
from tracker.run.errors import UsageError
from tracker.run.planned import next_run

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 1, 1, tzinfo=UTC)


def config(cron="0 6 * * *", timezone="UTC", sites=("okx", "demo"), **more) -> Config:
    return replace(
        Config(),
        sites={site: SiteConfig() for site in sites},
        schedule=ScheduleConfig(cron=cron, timezone=timezone, **more),
    )


# -- a scheduler on a clock of our own ----------------------------------------------------------


class Clock(datetime):
    """Stands in for `datetime` inside APScheduler; `instant` is what it calls now."""

    instant = START

    @classmethod
    def now(cls, tz=None):
        return cls.instant.astimezone(tz)


class Recorder(BaseExecutor):
    """Runs a job at once, or keeps it running for as long as the test says."""

    def __init__(self, hours: float = 0.5):
        super().__init__()
        self.hours = hours
        self.started: list[tuple[str, datetime]] = []
        self.until: dict[str, datetime] = {}

    def _do_submit_job(self, job, run_times):
        grace = timedelta(seconds=job.misfire_grace_time or 10**9)
        if job.id != schedule.TICK and Clock.instant - run_times[-1] <= grace:
            self.started.append((job.id, Clock.instant))
            self.until[job.id] = Clock.instant + timedelta(hours=self.hours)
        if not self.hours or job.id == schedule.TICK:
            self._run_job_success(job.id, [])
            job.func(*job.args) if job.id == schedule.TICK else None

    def finish_due(self):
        for site, until in list(self.until.items()):
            if until <= Clock.instant:
                del self.until[site]
                self._run_job_success(site, [])


class Stepped(BaseScheduler):
    """Looks for due jobs when it is told to."""

    def wakeup(self):
        pass

    def shutdown(self, wait=True):
        super().shutdown(wait)


@pytest.fixture
def year(monkeypatch):
    """Drives a configured schedule: `drive(config, until, ...)` gives (site, started at) pairs."""

    def drive(settings, until, *, asleep=(), hours=0.5, step_minutes=15, start=START, last=None):
        Clock.instant = start.astimezone(UTC)
        monkeypatch.setattr(base, "datetime", Clock)
        executor = Recorder(hours)
        scheduler = Stepped(timezone=UTC, executors={"default": executor})
        already = last if last is not None else dict.fromkeys(settings.sites, start)
        schedule.build(settings, lambda site: None, scheduler, last_started=already, now=start)
        scheduler.start()
        while Clock.instant < until:
            executor.finish_due()
            if not any(begin <= Clock.instant < end for begin, end in asleep):
                scheduler._process_jobs()
            Clock.instant += timedelta(minutes=step_minutes)
        scheduler.shutdown()
        return executor.started

    return drive


def test_a_whole_year_has_one_run_each_day_through_daylight_saving_and_leap_day(year):
    start = datetime(2028, 1, 1, tzinfo=BERLIN)
    settings = config("30 2 * * *", "Europe/Berlin", sites=["okx"])
    runs = year(settings, datetime(2029, 1, 1, tzinfo=BERLIN), start=start)
    days = [at.astimezone(BERLIN).date() for _, at in runs]
    # 02:30 does not exist on one day in March and exists twice on one in October.
    assert len(days) == len(set(days)) == 366
    assert all((b - a).days == 1 for a, b in itertools.pairwise(days))


def test_days_missed_asleep_are_caught_up_once_on_waking(year):
    asleep = [(START + timedelta(days=3), START + timedelta(days=6, hours=9))]
    runs = year(config(sites=["okx"]), START + timedelta(days=10), asleep=asleep)
    woken = START + timedelta(days=6, hours=9)
    assert [at for _, at in runs if at.day in (4, 5, 6)] == []
    assert [at for _, at in runs if at.day == 7] == [woken]
    assert len(runs) == 7


def test_a_cycle_that_runs_long_is_not_run_a_second_time_beside_itself(year):
    runs = year(config(sites=["okx"]), START + timedelta(days=9), hours=30)
    gaps = [b - a for (_, a), (_, b) in itertools.pairwise(runs)]
    assert all(gap >= timedelta(hours=30) for gap in gaps)
    assert len(runs) >= 4


def test_each_site_runs_on_its_own(year):
    runs = year(config(), START + timedelta(days=3))
    assert sorted(runs) == sorted(
        (site, START + timedelta(days=day, hours=6)) for site in ("okx", "demo") for day in range(3)
    )


def test_a_run_missed_before_the_start_begins_at_once(year):
    start = START + timedelta(hours=9)
    settings = config(sites=["okx"])
    until = start + timedelta(hours=1)
    yesterday = {"okx": START - timedelta(hours=18)}
    assert year(settings, until, start=start, last=yesterday) == [("okx", start)]
    this_morning = {"okx": START + timedelta(hours=6)}
    assert year(settings, until, start=start, last=this_morning) == []


def test_a_site_that_was_never_read_is_read_at_once(year):
    assert year(config(sites=["okx"]), START + timedelta(hours=1), last={}) == [("okx", START)]


def test_a_clock_set_back_plans_the_next_run_from_the_new_time():
    wall = [1_000_000.0]
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.start(paused=True)
    settings = config(sites=["okx"])
    already = {"okx": datetime.now(UTC)}
    schedule.build(settings, print, scheduler, last_started=already, now=datetime.now(UTC))
    far = datetime.now(UTC) + timedelta(days=3)
    scheduler.modify_job("okx", next_run_time=far)
    watch = schedule.ClockWatch(scheduler, lambda: wall[0])
    wall[0] += 60
    watch.look()
    assert scheduler.get_job("okx").next_run_time == far
    wall[0] -= 2 * 86_400
    watch.look()
    assert scheduler.get_job("okx").next_run_time < far
    scheduler.shutdown()


def test_a_job_is_coalesced_alone_and_caught_up():
    scheduler = BackgroundScheduler(timezone=UTC)
    schedule.build(config(), print, scheduler, last_started={}, now=START)
    for site in ("okx", "demo"):
        job = scheduler.get_job(site)
        assert (job.args, job.max_instances, job.coalesce) == ((site,), 1, True)
        assert job.misfire_grace_time == 24 * 60 * 60


@pytest.mark.parametrize("cron", ["", "often", "61 6 * * *", "0 6 * *"])
def test_an_expression_that_is_none_is_refused_with_an_example(cron):
    with pytest.raises(UsageError, match=r"0 6 \* \* \*"):
        schedule.cron_trigger(config(cron=cron))


def test_an_unknown_time_zone_is_refused_with_an_example():
    with pytest.raises(UsageError, match="Europe/Berlin"):
        schedule.cron_trigger(config(timezone="Mars/Base"))


# -- children -----------------------------------------------------------------------------------


def child(code: str, limit_seconds: float = 30) -> schedule.Children:
    children = schedule.Children([], limit_seconds)
    children._command = [sys.executable, "-c", code]
    return children


def test_the_exit_code_of_a_cycle_comes_back():
    assert child("import sys; sys.exit(3)").run_site("okx") == 3


def test_a_cycle_that_cannot_be_started_is_logged_in_plain_words(tmp_path, caplog):
    children = schedule.Children([], 30)
    children._command = [str(tmp_path / "python"), "-c", ""]
    assert children.run_site("okx") is None
    (record,) = caplog.records
    assert record.exc_info is None
    message = record.getMessage()
    assert "the cycle of okx could not be started: No such file or directory" in message
    assert str(tmp_path) in message


def test_a_cycle_that_hangs_is_ended_after_its_limit():
    began = time.monotonic()
    code = child("import time; time.sleep(600)", limit_seconds=0.5).run_site("okx")
    assert code == -signal.SIGTERM
    assert time.monotonic() - began < 10


def test_after_a_stop_no_cycle_starts():
    children = child("print('never')")
    children.stop()
    assert children.run_site("okx") is None


def test_a_schedule_ends_within_seconds_of_a_signal(tmp_path):
    (tmp_path / "helpwatch.toml").write_text("[sites.demo]\n")
    before = subprocess.Popen(
        [sys.executable, "-m", "tracker.run.cli", "schedule"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    line = before.stderr.readline()
    assert "watching demo" in line
    before.send_signal(signal.SIGTERM)
    _, rest = before.communicate(timeout=30)
    assert before.returncode == 0, rest
    assert "stopping" in rest


STOPPED_EARLY = """
import os, signal, threading
from apscheduler.schedulers.blocking import BlockingScheduler
from tracker.run import schedule
from tracker.run.config import load

begin = BlockingScheduler.start

def late(scheduler):
    os.kill(os.getpid(), signal.SIGTERM)
    for other in set(threading.enumerate()) - {threading.current_thread()}:
        other.join(1)  # all that it can do before the schedule begins
    begin(scheduler)

BlockingScheduler.start = late
schedule.stay(load(), [])
"""


def test_a_signal_before_the_schedule_has_begun_ends_it(tmp_path):
    (tmp_path / "helpwatch.toml").write_text("[sites.demo]\n")
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_EARLY],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr


EVERY_MINUTE = """\
[sites.demo]
base_url = "{url}"
[crawl]
delay_seconds = 0
autothrottle = false
[schedule]
cron = "* * * * *"
jitter_seconds = 0
[report]
formats = ["json"]
"""


@pytest.mark.soak
def test_three_runs_a_minute_apart_each_in_a_process_of_its_own_and_then_a_stop(tmp_path):
    with faulty_centre(day=1) as server:
        (tmp_path / "helpwatch.toml").write_text(EVERY_MINUTE.format(url=server.url))
        staying = subprocess.Popen(
            [sys.executable, "-m", "tracker.run.cli", "schedule"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
            env=without_proxies(),
        )
        watch = threading.Timer(400, staying.kill)
        watch.start()
        told = []
        # The first begins at once, since the site was never read; three planned ones follow.
        while sum("ended with exit code 0" in line for line in told) < 4:
            told.append(staying.stderr.readline())
            assert told[-1], told
        staying.send_signal(signal.SIGTERM)
        _, rest = staying.communicate(timeout=30)
        watch.cancel()
    assert (staying.returncode, "stopping" in rest) == (0, True), rest
    crawls = rows(tmp_path, "SELECT started_at, outcome FROM crawls ORDER BY id")
    assert [outcome for _, outcome in crawls] == ["complete"] * 4
    planned = [datetime.fromisoformat(started_at) for started_at, _ in crawls[1:]]
    minutes = [instant.replace(second=0) for instant in planned]
    assert all(instant.second < 30 for instant in planned)
    assert minutes == [minutes[0] + number * timedelta(minutes=1) for number in range(3)]
    assert rows(tmp_path, "SELECT count(*) FROM changes") == [(0,)]


# -- asked without the scheduler ----------------------------------------------------------------


@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    at=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
)
@example(minute=30, hour=2, zone="Europe/Berlin", at=datetime(2026, 3, 28, 22, tzinfo=UTC))
@example(minute=30, hour=2, zone="Europe/Berlin", at=datetime(2026, 10, 24, 22, tzinfo=UTC))
@example(minute=30, hour=2, zone="Europe/Berlin", at=datetime(2026, 10, 25, 0, 40, tzinfo=UTC))
@example(minute=0, hour=6, zone="UTC", at=datetime(2026, 1, 1, 6, tzinfo=UTC))
def test_the_next_daily_run_is_known_without_the_scheduler(minute, hour, zone, at):
    daily = config(cron=f"{minute} {hour} * * *", timezone=zone)
    expected = schedule.cron_trigger(daily).get_next_fire_time(None, at)
    assert next_run(daily, at) == expected
    assert next_run(daily, at).utcoffset() == expected.utcoffset()


@pytest.mark.parametrize("cron", ["*/5 * * * *", "0 6 * * mon", "0 6,18 * * *", "0 6 1 * *"])
def test_any_other_expression_is_asked_of_the_scheduler(cron):
    other = config(cron=cron, timezone="Europe/Berlin")
    assert next_run(other, START) == schedule.cron_trigger(other).get_next_fire_time(None, START)


@pytest.mark.parametrize("wrong", [{"cron": "0 25 * * *"}, {"timezone": "Mars/Base"}])
def test_what_is_no_plan_is_refused_all_the_same(wrong):
    with pytest.raises(UsageError):
        next_run(config(**wrong), START)
