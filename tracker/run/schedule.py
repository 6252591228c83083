"""Stay and run the cycle on its cron expression: each cycle a child process of its own."""

import logging
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from tracker.run.config import Config
from tracker.run.errors import UsageError

if TYPE_CHECKING:
    from apscheduler.schedulers.base import BaseScheduler

logger = logging.getLogger(__name__)

CATCH_UP_SECONDS = 24 * 60 * 60
"""A cycle that could not start in time (the machine slept) starts up to a day later, once."""

TICK_SECONDS = 60
"""The scheduler looks at the clock this often. Its own waits do not count time spent asleep, so
without this a laptop that slept ten hours would start its cycle ten hours late."""

STOP_SECONDS = 20
"""How long a cycle may take to finish the page in hand before it is killed."""

TICK = "tick"


class OnceADayTrigger(CronTrigger):
    """A cron expression that an hour which comes twice (clocks go back) does not double."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        found = super().get_next_fire_time(previous, now)
        hour = next(field for field in self.fields if field.name == "hour")
        if found is not None and found.fold and not hour.is_default and str(hour) != "*":
            return super().get_next_fire_time(found, found + timedelta(hours=1))
        return found


def cron_trigger(config: Config) -> CronTrigger:
    """The trigger of the configuration; UsageError for an expression that cannot be read."""
    schedule = config.schedule
    try:
        trigger = OnceADayTrigger.from_crontab(schedule.cron, timezone=ZoneInfo(schedule.timezone))
    except (ZoneInfoNotFoundError, OSError):
        raise UsageError(
            f"schedule.timezone {schedule.timezone!r} is unknown; write a name such as "
            "'Europe/Berlin'."
        ) from None
    except ValueError as error:
        raise UsageError(
            f"schedule.cron {schedule.cron!r} is no cron expression ({error}); five fields, "
            "such as '0 6 * * *' for six o'clock each day."
        ) from None
    trigger.jitter = int(schedule.jitter_seconds) or None
    return trigger


def was_missed(trigger: CronTrigger, last_started_at: datetime | None, now: datetime) -> bool:
    """Whether a run was due since the last one started; a site that was never read is due."""
    if last_started_at is None:
        return True
    due_at = trigger.get_next_fire_time(None, last_started_at + timedelta(seconds=1))
    return due_at is not None and due_at <= now


def build(
    config: Config,
    run_site: Callable[[str], object],
    scheduler: "BaseScheduler",
    *,
    last_started: dict[str, datetime],
    now: datetime,
) -> "BaseScheduler":
    """Adds one job for each site, and the tick. A run missed while nobody watched starts at once.

    `last_started` gives the instant at which the newest crawl of a site began, where there is one.
    """
    trigger = cron_trigger(config)
    for site in config.sites:
        missed = was_missed(trigger, last_started.get(site), now)
        scheduler.add_job(
            run_site,
            trigger,
            args=[site],
            id=site,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=CATCH_UP_SECONDS,
            **({"next_run_time": now} if missed else {}),
        )
    scheduler.add_job(
        ClockWatch(scheduler).look,
        IntervalTrigger(seconds=TICK_SECONDS, timezone=UTC),
        id=TICK,
        coalesce=True,
        misfire_grace_time=None,
    )
    return scheduler


class ClockWatch:
    """Notices a clock that was set back, and plans every job anew from the new time."""

    def __init__(self, scheduler: "BaseScheduler", wall: Callable[[], float] = time.time):
        self._scheduler, self._wall = scheduler, wall
        self._last = wall()

    def look(self) -> None:
        now = self._wall()
        if now < self._last - TICK_SECONDS:
            logger.warning("the clock was set back by %d seconds", self._last - now)
            for job in self._scheduler.get_jobs():
                if job.id != TICK:
                    job.reschedule(job.trigger)
        self._last = now


class Children:
    """The cycles in hand: one process a site, ended after a time limit or when we are to stop."""

    def __init__(self, arguments: Sequence[str], limit_seconds: float):
        self._command = [sys.executable, "-m", "tracker.run.cli", *arguments]
        self._limit_seconds = limit_seconds
        self._running: set[subprocess.Popen] = set()
        self._guard = threading.Lock()
        self._stopping = False

    def run_site(self, site: str) -> int | None:
        """One cycle in a process of its own; its exit code, None where it was not started."""
        with self._guard:
            if self._stopping:
                return None
            try:
                # A session of its own: Ctrl-C reaches us, and we end it in order.
                child = subprocess.Popen(
                    [*self._command, "run", "--site", site], start_new_session=True
                )
            except OSError as error:
                logger.error(
                    "the cycle of %s could not be started: %s: %s. May this user run that program, "
                    "and is there memory left? It is tried again at its next turn.",
                    *(site, error.strerror, error.filename or self._command[0]),
                )
                return None
            self._running.add(child)
        try:
            child.wait(self._limit_seconds)
        except subprocess.TimeoutExpired:
            logger.error(
                "the cycle of %s took longer than %.0f minutes and is ended",
                site,
                self._limit_seconds / 60,
            )
            end(child)
        finally:
            with self._guard:
                self._running.discard(child)
        level = logging.INFO if child.returncode == 0 else logging.WARNING
        logger.log(level, "the cycle of %s ended with exit code %d", site, child.returncode)
        return child.returncode

    def stop(self) -> None:
        """Ends what runs, each with time to finish the page in hand."""
        with self._guard:
            self._stopping = True
            running = list(self._running)
        for child in running:
            child.send_signal(signal.SIGTERM)
        for child in running:
            end(child)


def end(child: subprocess.Popen) -> None:
    """SIGTERM, and SIGKILL where that is not heeded."""
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def run_child(arguments: Sequence[str]) -> int:
    """One command in a process of its own; its exit code."""
    command = [sys.executable, "-m", "tracker.run.cli", *arguments]
    return subprocess.run(command, check=False).returncode


def last_started(database: str) -> dict[str, datetime]:
    """When the newest crawl of each site began; empty where there is no database yet."""
    from contextlib import closing

    from db.connection import connect_for_reading
    from db.errors import DatabaseUnusable
    from db.queries import newest_crawl_starts

    try:
        with closing(connect_for_reading(database)) as connection:
            return newest_crawl_starts(connection)
    except DatabaseUnusable as unusable:
        if isinstance(unusable.__cause__, sqlite3.Error):
            raise
        return {}


def stay(config: Config, arguments: Sequence[str]) -> None:
    """Runs until SIGTERM or SIGINT, which end the cycles in hand within seconds."""
    from apscheduler.events import EVENT_SCHEDULER_STARTED
    from apscheduler.schedulers.blocking import BlockingScheduler

    # Its own log speaks of jobs and job stores; ours says what an operator wants to know.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    limit_seconds = config.schedule.cycle_limit_minutes * 60
    children = Children(arguments, limit_seconds)
    scheduler = build(
        config,
        children.run_site,
        BlockingScheduler(timezone=UTC, executors={"default": _workers(len(config.sites))}),
        last_started=last_started(config.database),
        now=datetime.now(UTC),
    )
    has_begun = threading.Event()
    scheduler.add_listener(lambda _: has_begun.set(), EVENT_SCHEDULER_STARTED)

    def stop(*_: object) -> None:
        # Off the signal's stack: the scheduler may hold a lock that shutting down needs.
        threading.Thread(target=_shut_down, args=(scheduler, children, has_begun)).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    trigger = cron_trigger(config)
    planned = trigger.get_next_fire_time(None, datetime.now(UTC))
    logger.info("watching %s; next planned run %s", ", ".join(config.sites), planned)
    scheduler.start()


def _workers(site_count: int) -> object:
    from apscheduler.executors.pool import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=site_count + 1)


def _shut_down(scheduler: "BaseScheduler", children: Children, has_begun: threading.Event) -> None:
    """Ends the cycles in hand and the scheduler; before it has begun, that would do nothing."""
    from apscheduler.schedulers import SchedulerNotRunningError

    logger.info("stopping; cycles in hand finish the page that they read")
    children.stop()
    has_begun.wait()
    with suppress(SchedulerNotRunningError):  # a second signal
        scheduler.shutdown(wait=True)
