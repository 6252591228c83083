"""The outbox: what is to be told to whom, saved before it is sent and marked once it was accepted.

At most one notification of a kind waits for each destination: what comes meanwhile joins it, so
that a destination which was unreachable for a week gets one message, not seven.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from db.connection import insert
from db.moments import to_moment, to_text
from db.queries import rows
from db.records import Change

NotificationKind = Literal["high", "digest", "health", "heartbeat"]
ChangeKey = tuple[int, int, str]
"""crawl, article and kind of a change: its row number is another when a crawl is compared anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One row of the outbox."""

    id: int
    site_id: int
    crawl_id: int
    destination: str
    kind: NotificationKind
    created_at: datetime
    due_at: datetime
    attempts: int
    last_error: str | None
    sent_at: datetime | None


def _notification(row: Mapping[str, Any]) -> Notification:
    moments = {name: to_moment(row[name]) for name in ("created_at", "due_at", "sent_at")}
    return Notification(**{**row, **moments})


def key_of(change: Change) -> ChangeKey:
    return change.crawl_id, change.article_id, change.kind


# -- reading ------------------------------------------------------------------------------------


def informed_until(connection: sqlite3.Connection, site_id: int, destination: str) -> int | None:
    """The newest crawl whose changes were put in for a destination; None for a new one."""
    row = connection.execute(
        "SELECT crawl_id FROM notified_crawls WHERE site_id = ? AND destination = ?",
        [site_id, destination],
    ).fetchone()
    return row and row[0]


def held_back(connection: sqlite3.Connection, site_id: int, destination: str) -> set[ChangeKey]:
    """Changes that wait until a person accepts the suspect crawl that found them."""
    found = connection.execute(
        "SELECT n.crawl_id, n.article_id, n.kind FROM notified_changes n"
        " JOIN crawls c ON c.id = n.crawl_id"
        " WHERE c.site_id = ? AND n.destination = ? AND n.notification_id IS NULL",
        [site_id, destination],
    )
    return set(found)


def told(connection: sqlite3.Connection, notification_id: int) -> set[ChangeKey]:
    """The changes that a notification tells of."""
    found = connection.execute(
        "SELECT crawl_id, article_id, kind FROM notified_changes WHERE notification_id = ?",
        [notification_id],
    )
    return set(found)


def waiting(
    connection: sqlite3.Connection, site_id: int | None = None, due_at: datetime | None = None
) -> list[Notification]:
    """What was not accepted yet, the gravest first; with `due_at` only what is due by then."""
    found = rows(
        connection,
        "SELECT * FROM notifications WHERE sent_at IS NULL"
        " AND (:site IS NULL OR site_id = :site) AND (:due IS NULL OR due_at <= :due)"
        " ORDER BY destination, kind = 'heartbeat', kind = 'digest', kind = 'health', id",
        {"site": site_id, "due": to_text(due_at)},
    )
    return [_notification(row) for row in found]


def last_sent_at(
    connection: sqlite3.Connection, site_id: int, destination: str, kind: NotificationKind
) -> datetime | None:
    row = connection.execute(
        "SELECT max(sent_at) FROM notifications WHERE site_id = ? AND destination = ? AND kind = ?",
        [site_id, destination, kind],
    ).fetchone()
    return to_moment(row[0])


# -- writing: within the caller's transaction -----------------------------------------------------


def put(
    connection: sqlite3.Connection,
    *,
    site_id: int,
    crawl_id: int,
    destination: str,
    kind: NotificationKind,
    created_at: datetime,
    due_at: datetime,
    changes: Iterable[ChangeKey] = (),
) -> int:
    """Puts a notification in, or joins it to the one of its kind that waits; its row number.

    A change that was told to the destination before is passed over.
    """
    row = connection.execute(
        "SELECT id FROM notifications"
        " WHERE site_id = ? AND destination = ? AND kind = ? AND sent_at IS NULL",
        [site_id, destination, kind],
    ).fetchone()
    if row:
        (notification_id,) = row
        connection.execute(
            "UPDATE notifications SET crawl_id = max(crawl_id, ?), due_at = min(due_at, ?)"
            " WHERE id = ?",
            [crawl_id, to_text(due_at), notification_id],
        )
    else:
        notification_id = insert(
            connection,
            "notifications",
            {
                "site_id": site_id,
                "crawl_id": crawl_id,
                "destination": destination,
                "kind": kind,
                "created_at": to_text(created_at),
                "due_at": to_text(due_at),
            },
        )
    _link(connection, destination, changes, notification_id)
    return notification_id


def hold_back(
    connection: sqlite3.Connection, destination: str, changes: Iterable[ChangeKey]
) -> None:
    """Notes changes of a suspect crawl, to be told once it is accepted."""
    _link(connection, destination, changes, None)


def forget_held_back(connection: sqlite3.Connection) -> None:
    """Nobody waits any more for a change that is no more."""
    connection.execute(
        "DELETE FROM notified_changes AS n WHERE notification_id IS NULL AND NOT EXISTS ("
        " SELECT 1 FROM changes c WHERE (c.crawl_id, c.article_id, c.kind)"
        " = (n.crawl_id, n.article_id, n.kind))"
    )


def _link(
    connection: sqlite3.Connection,
    destination: str,
    changes: Iterable[ChangeKey],
    notification_id: int | None,
) -> None:
    connection.executemany(
        "INSERT INTO notified_changes VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET notification_id = excluded.notification_id"
        " WHERE notification_id IS NULL",
        [(destination, *change, notification_id) for change in changes],
    )


def informed(connection: sqlite3.Connection, site_id: int, destination: str, crawl_id: int) -> None:
    """Notes that the changes of all crawls up to this one were put in."""
    connection.execute(
        "INSERT INTO notified_crawls VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET crawl_id = max(crawl_id, excluded.crawl_id)",
        [site_id, destination, crawl_id],
    )


def accepted(connection: sqlite3.Connection, notification_id: int, at: datetime) -> None:
    connection.execute(
        "UPDATE notifications SET sent_at = ?, attempts = attempts + 1, last_error = NULL"
        " WHERE id = ?",
        [to_text(at), notification_id],
    )


def failed(
    connection: sqlite3.Connection, notification_id: int, why: str, again_at: datetime
) -> None:
    connection.execute(
        "UPDATE notifications SET attempts = attempts + 1, last_error = ?, due_at = ? WHERE id = ?",
        [why, to_text(again_at), notification_id],
    )


def withdraw(connection: sqlite3.Connection, notification_id: int) -> None:
    """Takes out a notification that has nothing to tell any more."""
    connection.execute("DELETE FROM notified_changes WHERE notification_id = ?", [notification_id])
    connection.execute("DELETE FROM notifications WHERE id = ?", [notification_id])
