"""Conclusions -> the outbox -> the destinations: saved first, sent then, marked when accepted.

At least once, and as a rule once: a message whose acceptance was lost on the way, or whose mark a
crash prevented, is sent again with the next cycle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from db import outbox, queries
from db.connection import writing
from db.outbox import ChangeKey, Notification, key_of
from db.records import Crawl, Site
from db.store import Store
from reports import notify
from tracker.findings import Findings
from tracker.run import archive
from tracker.run.config import Config
from tracker.run.destinations import Destination, Undeliverable, destinations
from tracker.run.gather import gather, telling_of

if TYPE_CHECKING:
    from tracker.run.sending import Sender

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=15), timedelta(hours=12)
_TRIES_WITH_FILE = 2
"""A server that refuses the attached report gets the message alone after so many tries."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one message. `problem` is None where it was accepted."""

    destination: str
    kind: outbox.NotificationKind | Literal["test"]
    problem: str | None = None


# Into the outbox


def put_in(store: Store, config: Config, site: Site, now: datetime) -> None:
    """Puts what the concluded crawls of a site have to tell into the outbox, each change once.

    A destination that is new is told from the newest crawl on. Imports are not told: whoever
    makes one sees what it brings.
    """
    known = destinations(config.notify)
    if not known:
        return
    crawls = queries.crawls(store.connection, site=site.name)
    concluded = [crawl for crawl in crawls if crawl.kind == "crawl" and crawl.health]
    concluded.sort(key=lambda crawl: crawl.id)
    if not concluded:
        return
    with writing(store.connection):
        for destination in known:
            _inform(store, config, site.id, destination, concluded, now)


def _inform(
    store: Store,
    config: Config,
    site_id: int,
    destination: Destination,
    concluded: Sequence[Crawl],
    now: datetime,
) -> None:
    """One destination: what is new since it was last informed. `concluded` is oldest first."""
    connection, newest, name = store.connection, concluded[-1], destination.name
    until = outbox.informed_until(connection, site_id, name)
    if until == newest.id:
        return
    fresh = [c for c in concluded if c.id > until] if until else [newest]
    held = outbox.held_back(connection, site_id, name)
    released = [c for c in concluded if not _is_suspect(c) and c.id in {key[0] for key in held}]
    due_at = _digest_due_at(store, config, site_id, name, now)
    told = [
        _sort(store, config, site_id, destination, crawl, now, due_at)
        for crawl in {c.id: c for c in [*released, *fresh]}.values()
    ]
    kinds = [] if any(told) else (["heartbeat"] if config.notify.heartbeat else [])
    if needs_a_look(newest, concluded[-2] if len(concluded) > 1 else None):
        kinds = ["health"]
    if destination.is_urgent_only:
        kinds = [kind for kind in kinds if kind == "health"]
    for kind in kinds:
        _put(store, site_id, destination, kind, newest.id, now, now)
    outbox.informed(connection, site_id, name, newest.id)


def _sort(
    store: Store,
    config: Config,
    site_id: int,
    destination: Destination,
    crawl: Crawl,
    now: datetime,
    due_at: datetime,
) -> bool:
    """One crawl's changes, by severity; whether there were any to tell."""
    changes = queries.changes(store.connection, crawl_ids=[crawl.id])
    if _is_suspect(crawl):
        outbox.hold_back(store.connection, destination.name, map(key_of, changes))
        return False
    is_apart = config.notify.high_at_once or destination.is_urgent_only
    high = [key_of(c) for c in changes if c.severity == "high" and is_apart]
    rest = [key_of(c) for c in changes if key_of(c) not in set(high)]
    if high:
        _put(store, site_id, destination, "high", crawl.id, now, now, high)
    if rest and not destination.is_urgent_only:
        _put(store, site_id, destination, "digest", crawl.id, now, due_at, rest)
    return bool(changes)


def _put(
    store: Store,
    site_id: int,
    destination: Destination,
    kind: outbox.NotificationKind,
    crawl_id: int,
    now: datetime,
    due_at: datetime,
    changes: Sequence[ChangeKey] = (),
) -> None:
    outbox.put(
        store.connection,
        site_id=site_id,
        crawl_id=crawl_id,
        destination=destination.name,
        kind=kind,
        created_at=now,
        due_at=due_at,
        changes=changes,
    )


def _digest_due_at(
    store: Store, config: Config, site_id: int, destination: str, now: datetime
) -> datetime:
    last = outbox.last_sent_at(store.connection, site_id, destination, "digest")
    wait = timedelta(hours=config.notify.digest_hours)
    return max(now, last + wait) if last else now


def _is_suspect(crawl: Crawl) -> bool:
    return crawl.health.get("verdict") == "suspect" and not crawl.health.get("is_accepted")


def needs_a_look(crawl: Crawl, before: Crawl | None) -> bool:
    """Whether a crawl is itself news. A lasting gap is news on its first day."""
    verdict = crawl.health.get("verdict")
    if crawl.outcome != "complete" or _is_suspect(crawl) or verdict == "unusable":
        return True
    was = before.health.get("verdict") if before else None
    return verdict == "degraded" and was != "degraded"


# Out of it


def send_waiting(
    store: Store,
    config: Config,
    output: Path,
    now: datetime,
    *,
    site_id: int | None = None,
    is_asked: bool = False,
) -> list[Delivery]:
    """Sends what is due; what became of each. `is_asked`: also what would wait after a failure.

    Trouble with a destination is recorded and told, never raised. Raises DatabaseUnusable.
    """
    known = {destination.name: destination for destination in destinations(config.notify)}
    due = outbox.waiting(store.connection, site_id, None if is_asked else now)
    done = [
        _send(store, config, output, known[notification.destination], notification, now)
        for notification in due
        if notification.destination in known
    ]
    return [delivery for delivery in done if delivery is not None]


def _send(
    store: Store,
    config: Config,
    output: Path,
    destination: Destination,
    notification: Notification,
    now: datetime,
) -> Delivery | None:
    """One notification; None where nothing was left to tell."""
    findings = _findings(store, config, notification, now)
    if notification.kind in ("high", "digest") and not (findings.changes or findings.taken_back):
        with writing(store.connection):
            outbox.withdraw(store.connection, notification.id)
        return None
    problem = None
    try:
        _deliver(config, output, destination, notification, findings)
    except Undeliverable as error:
        problem = str(error)
    with writing(store.connection):
        if problem is None:
            outbox.accepted(store.connection, notification.id, now)
        else:
            wait = min(FIRST_WAIT * 2**notification.attempts, LONGEST_WAIT)
            outbox.failed(store.connection, notification.id, problem, now + wait)
    return Delivery(destination.name, notification.kind, problem)


def _findings(store: Store, config: Config, notification: Notification, now: datetime) -> Findings:
    """What one notification tells: its own changes, folded where they are of several crawls."""
    connection = store.connection
    keys = outbox.told(connection, notification.id)
    ids = {crawl_id for crawl_id, _, _ in keys} | {notification.crawl_id}
    crawls = [queries.crawl(connection, crawl_id) for crawl_id in sorted(ids)]
    return gather(
        connection,
        crawls=sorted(crawls, key=lambda crawl: (crawl.started_at, crawl.id)),
        generated_at=now,
        telling=telling_of(config),
        only=keys,
    )


def _deliver(
    config: Config,
    output: Path,
    destination: Destination,
    notification: Notification,
    findings: Findings,
) -> None:
    sender = _opened(destination, config)
    report = archive.report_path(findings, output, "html")
    is_there = report.is_file() and notification.kind != "heartbeat"
    base = config.notify.report_url.rstrip("/")
    link = f"{base}/{report.relative_to(output).as_posix()}" if base and is_there else None
    message = notify.message(
        notification.kind,
        findings,
        form=sender.form,
        body_limit=sender.body_limit,
        title_limit=sender.title_limit,
        report_url=link,
    )
    is_wanted = config.notify.attach_report and notification.attempts < _TRIES_WITH_FILE
    sender.send(
        message,
        is_grave=notification.kind in ("high", "health"),
        files=[report] if is_there and is_wanted else [],
    )


def _opened(destination: Destination, config: Config) -> "Sender":
    from tracker.run.sending import Sender  # most nights there is nothing to send

    return Sender(destination, config.notify.timeout_seconds)


def try_out(config: Config, destination: Destination) -> Delivery:
    """Sends a test message; nothing is recorded."""
    try:
        sender = _opened(destination, config)
        sender.send(notify.trial(form=sender.form), is_grave=False)
    except Undeliverable as error:
        return Delivery(destination.name, "test", str(error))
    return Delivery(destination.name, "test")
