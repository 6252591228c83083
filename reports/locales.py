"""The locales that a site offers: a table for the terminal, JSON for programs."""

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from db.moments import to_text
from db.records import OfferedLocale
from reports.data import to_json
from reports.safe_text import one_line

SCHEMA = "helpwatch.locales/1"


def print_locales(
    offered: Sequence[OfferedLocale], watched: Collection[str], console: Console
) -> None:
    """A row for each locale; then what is watched and nowhere offered."""
    table = Table(
        "Locale", "hreflang", "Host", "Watched", box=None, header_style="dim", pad_edge=False,
        padding=(0, 3, 0, 0),
    )  # fmt: skip
    table.add_column("Articles", justify="right")
    for one in offered:
        table.add_row(
            Text(one_line(one.locale, 40) + (" (default)" if one.is_default else "")),
            Text(one_line(one.hreflang or "", 40)),
            Text(one_line(_host(one.url) or "", 100)),
            Text("yes" if one.locale in watched else "no"),
            Text(f"{one.article_count:,}"),
        )
    console.print(table)
    if missing := _missing(offered, watched):
        names = ", ".join(one_line(locale, 40) for locale in missing)
        said = f"Watched, and offered by no page that was read: {names}."
        console.print(Text(said), soft_wrap=True)


def render_json(site: str, offered: Sequence[OfferedLocale], watched: Collection[str]) -> str:
    """One document: schema, site, locales, and those watched that no page offers."""
    return to_json(
        {
            "schema": SCHEMA,
            "site": site,
            "locales": [_record(one, watched) for one in offered],
            "watched_but_not_offered": _missing(offered, watched),
        }
    )


def _record(one: OfferedLocale, watched: Collection[str]) -> dict[str, Any]:
    return {
        "locale": one.locale,
        "hreflang": one.hreflang,
        "host": _host(one.url),
        "url": one.url,
        "is_default": one.is_default,
        "is_watched": one.locale in watched,
        "article_count": one.article_count,
        "first_seen_at": to_text(one.first_seen_at),
        "last_seen_at": to_text(one.last_seen_at),
    }


def _missing(offered: Sequence[OfferedLocale], watched: Collection[str]) -> list[str]:
    return sorted(set(watched) - {one.locale for one in offered})


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # a broken IPv6 address
        return None
