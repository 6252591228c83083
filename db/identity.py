"""Which stored article a record speaks of: by source id, else slug, else title and day."""

import sqlite3
import unicodedata
from datetime import date, datetime, tzinfo

from db.moments import Moment, to_moment


def title_key(title: str) -> str:
    """A title folded for matching: compatibility forms, case and white space are one."""
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())


def day_of(moment: Moment | None, zone: tzinfo) -> date | None:
    """The calendar day of a moment in the site's own time zone."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def same_day(one: Moment | None, other: Moment | None, zone: tzinfo) -> bool:
    """Nothing speaks against the same day; an unknown one fits every day."""
    return one is None or other is None or day_of(one, zone) == day_of(other, zone)


def merged(old: Moment | None, new: Moment | None, zone: tzinfo) -> Moment | None:
    """The better known of two readings: a bare date never replaces an instant of that day."""
    if new is None:
        return old
    if isinstance(old, datetime) and not isinstance(new, datetime) and same_day(old, new, zone):
        return old
    return new


def find_article(
    connection: sqlite3.Connection,
    site_id: int,
    locale: str,
    *,
    source_id: str | None,
    slug: str | None,
    title: str,
    published_at: Moment | None,
    zone: tzinfo,
) -> int | None:
    """The id of the stored article that the record speaks of; None for one not known yet."""
    where = "FROM articles WHERE site_id = ? AND locale = ?"
    key = [site_id, locale]
    if source_id is not None:
        row = connection.execute(
            f"SELECT id {where} AND source_id = ?", [*key, source_id]
        ).fetchone()
        if row:
            return row[0]
    if slug is not None:
        # A slug may pass to another article; then the source ids differ.
        row = connection.execute(
            f"SELECT id {where} AND slug = ? AND (source_id IS NULL OR ? IS NULL)"
            " ORDER BY status != 'listed', last_seen_at DESC, id DESC LIMIT 1",
            [*key, slug, source_id],
        ).fetchone()
        if row:
            return row[0]
    # Title and day link two records only where one of them has neither id nor slug.
    addressed, nameless = _of_title_and_day(connection, key, title, published_at, zone)
    if source_id is not None or slug is not None:
        return nameless[0] if len(nameless) == 1 else None
    if len(addressed) + len(nameless) == 1:
        return (addressed or nameless)[0]
    # Of articles with one title it may be any; the row that was made of that is found again.
    return nameless[0] if nameless else None


def fits_several(
    connection: sqlite3.Connection,
    site_id: int,
    locale: str,
    *,
    title: str,
    published_at: Moment | None,
    zone: tzinfo,
) -> bool:
    """Whether a record without id and slug may speak of any of several stored articles, and no row
    was made of such a record before."""
    addressed, nameless = _of_title_and_day(
        connection, [site_id, locale], title, published_at, zone
    )
    return len(addressed) > 1 and not nameless


def _of_title_and_day(
    connection: sqlite3.Connection,
    site_and_locale: list[object],
    title: str,
    published_at: Moment | None,
    zone: tzinfo,
) -> tuple[list[int], list[int]]:
    """The articles with that title and maybe that day: with an id or slug, and with neither."""
    rows = connection.execute(
        "SELECT id, published_at, source_id IS NULL AND slug IS NULL FROM articles"
        " WHERE site_id = ? AND locale = ? AND title_key = ? ORDER BY id",
        [*site_and_locale, title_key(title)],
    ).fetchall()
    fitting = [row for row in rows if same_day(to_moment(row[1]), published_at, zone)]
    return [row[0] for row in fitting if not row[2]], [row[0] for row in fitting if row[2]]
