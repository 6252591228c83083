"""When the next cycle is planned, for those who only ask.

APScheduler, which starts the cycles, knows every cron expression and takes longer to load than all
else that `helpwatch status` does; a daily hour, which is what most write, needs none of it.
"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.run.config import Config, ScheduleConfig

_DAILY = re.compile(r"([0-5]?\d) ([01]?\d|2[0-3]) \* \* \*")


def next_run(config: Config, at: datetime) -> datetime | None:
    """The first planned instant at or after `at`; UsageError for an expression of no sense."""
    daily = _daily_run(config.schedule, at)
    if daily is not None:
        return daily
    from tracker.run.schedule import cron_trigger

    return cron_trigger(config).get_next_fire_time(None, at)


def _daily_run(schedule: ScheduleConfig, at: datetime) -> datetime | None:
    """The same for an hour of each day; None for any other, and where clocks change meanwhile."""
    written = _DAILY.fullmatch(schedule.cron)
    if not written or schedule.jitter_seconds:
        return None
    try:
        local = at.astimezone(ZoneInfo(schedule.timezone))
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None  # the other way says what is wrong with it
    minute, hour = map(int, written.groups())
    run = local.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    if run < local:
        run += timedelta(days=1)
    offsets = {each.utcoffset() for each in (local, run, run.replace(fold=1))}
    return run if len(offsets) == 1 else None
