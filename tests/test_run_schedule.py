"""The schedule: one job a site, one at a time, late ones caught up once."""

import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from msgspec.structs import replace

from tracker.run import schedule
from tracker.run.config import Config, ScheduleConfig, SiteConfig
from tracker.run.errors import UsageError


def config(cron="0 6 * * *", timezone="UTC") -> Config:
    return replace(
        Config(),
        sites={"okx": SiteConfig(), "demo": SiteConfig()},
        schedule=ScheduleConfig(cron=cron, timezone=timezone),
    )


def test_each_site_has_a_job_that_runs_once_at_a_time_and_is_caught_up():
    scheduler = schedule.build(config(), ["--db", "x.db"], BackgroundScheduler())
    jobs = {job.id: job for job in scheduler.get_jobs()}
    assert jobs.keys() == {"okx", "demo"}
    for site, job in jobs.items():
        assert job.args == (["--db", "x.db", "run", "--site", site],)
        assert (job.max_instances, job.coalesce) == (1, True)
        assert job.misfire_grace_time == 24 * 60 * 60


def fire_times(cron: str, timezone: str, start: datetime, count: int) -> list[datetime]:
    trigger = schedule.cron_trigger(config(cron, timezone))
    found, previous, now = [], None, start
    for _ in range(count):
        previous = trigger.get_next_fire_time(previous, now)
        found.append(previous)
        now = previous
    return found


@pytest.mark.parametrize("start", [(2026, 3, 26), (2026, 10, 23)])
def test_a_change_of_daylight_saving_neither_skips_nor_doubles_a_day(start):
    berlin = ZoneInfo("Europe/Berlin")
    found = fire_times("30 6 * * *", "Europe/Berlin", datetime(*start, tzinfo=berlin), 6)
    days = [moment.astimezone(berlin).date() for moment in found]
    assert len(set(days)) == 6
    assert all((b - a).days == 1 for a, b in zip(days, days[1:], strict=False))


@pytest.mark.parametrize("cron", ["", "often", "61 6 * * *", "0 6 * *"])
def test_an_expression_that_is_none_is_refused_with_an_example(cron):
    with pytest.raises(UsageError, match=r"0 6 \* \* \*"):
        schedule.cron_trigger(config(cron=cron))


def test_an_unknown_time_zone_is_refused_with_an_example():
    with pytest.raises(UsageError, match="Europe/Berlin"):
        schedule.cron_trigger(config(timezone="Mars/Base"))


def test_a_cycle_is_a_process_of_its_own(monkeypatch):
    started = []

    class Done:
        returncode = 3

    def run(command, check):
        started.append(command)
        return Done

    monkeypatch.setattr(schedule.subprocess, "run", run)
    assert schedule.run_child(["run", "--site", "okx"]) == 3
    assert started == [[sys.executable, "-m", "tracker.run.cli", "run", "--site", "okx"]]
