"""Stay and run the cycle on its cron expression: each cycle a child process of its own."""

import logging
import signal
import subprocess
import sys
from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

from tracker.run.config import Config
from tracker.run.errors import UsageError

logger = logging.getLogger(__name__)

CATCH_UP_SECONDS = 24 * 60 * 60
"""A cycle that could not start in time (the machine slept) starts up to a day later, once."""


def build(config: Config, arguments: Sequence[str], scheduler: BaseScheduler) -> BaseScheduler:
    """Adds one job for each site. A Twisted reactor starts once per process, hence children."""
    trigger = cron_trigger(config)
    for site in config.sites:
        scheduler.add_job(
            run_child,
            trigger,
            args=[[*arguments, "run", "--site", site]],
            id=site,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=CATCH_UP_SECONDS,
        )
    return scheduler


def cron_trigger(config: Config) -> CronTrigger:
    """The trigger of the configuration; UsageError for an expression that cannot be read."""
    schedule = config.schedule
    try:
        return CronTrigger.from_crontab(schedule.cron, timezone=ZoneInfo(schedule.timezone))
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


def run_child(arguments: Sequence[str]) -> int:
    """One cycle in a process of its own; its exit code."""
    done = subprocess.run([sys.executable, "-m", "tracker.run.cli", *arguments], check=False)
    level = logging.INFO if done.returncode == 0 else logging.WARNING
    logger.log(level, "cycle %s ended with exit code %d", arguments[-1], done.returncode)
    return done.returncode


def stay(config: Config, arguments: Sequence[str]) -> None:
    """Runs until SIGTERM or SIGINT; a cycle in hand gets the same signal from the terminal."""
    scheduler = build(config, arguments, BlockingScheduler(timezone=ZoneInfo("UTC")))

    def end(*_: object) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    for job in scheduler.get_jobs():
        logger.info("site %s: %s", job.id, job.trigger)
    scheduler.start()
