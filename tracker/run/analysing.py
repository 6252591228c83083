"""The commands for those who ask the data: search, export, serve, prune."""

import io
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from tracker.run.errors import UsageError
from tracker.run.options import PATH, Settings, common, console, now_utc, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.search import Hit

LOOPBACK = "127.0.0.1"
PORT = 8001
MEGABYTE = 1_000_000


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--locale", help="Only articles of this locale.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@common
def search(
    settings: Settings, words: tuple[str, ...], locale: str | None, limit: int, form: str
) -> None:
    """Articles with all of WORDS in title, summary or text, best first.

    A word is found by its beginning; "several words" in quotes are found as they stand.
    """
    from db import search as finding
    from reports import search_results

    wanted = " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)
    with reading(settings) as connection:
        hits: list[Hit] = finding.search(connection, wanted, locale=locale, limit=limit)
    if form == "json":
        click.echo(search_results.render_json(hits), nl=False)
    else:
        search_results.print_hits(hits, wanted, console())


@click.command()
@click.argument("name", metavar="TABLE|VIEW")
@click.option("--format", "form", type=click.Choice(["csv", "json", "jsonl"]), default="csv")
@click.option("-o", "--output", type=PATH, help="Write here, not to stdout.")
@common
def export(settings: Settings, name: str, form: Any, output: Path | None) -> None:
    """All rows of a table or view as CSV, JSON or JSON lines."""
    from db import export as exporting
    from reports.safe_text import csv_text

    with reading(settings) as connection, _target(output) as target:
        count = exporting.export(connection, name, form, target, csv_text=csv_text)
    if output is not None:
        click.echo(f"{count} rows of {name}: {output}")


@contextmanager
def _target(output: Path | None) -> "Iterator[TextIO]":
    """Where an export goes; a file appears when it is whole, and not before."""
    if output is None:
        stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
        try:
            yield stream
            stream.flush()
        finally:
            stream.detach()
        return
    partial = output.with_name(f"{output.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        partial.replace(output)
    except OSError as error:
        raise UsageError(f"The export cannot be written to {output}: {error.strerror}.") from None
    finally:
        partial.unlink(missing_ok=True)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True)
@click.option("--host", default=LOOPBACK, show_default=True, help="Whom to answer.")
@common
def serve(settings: Settings, port: int, host: str) -> None:
    """Browse the database in Datasette: read-only, and on this machine alone unless told."""
    try:
        import datasette  # noqa: F401
    except ImportError:
        raise UsageError(
            "Datasette is not installed; `pip install 'helpwatch[web]'` brings it."
        ) from None
    from tracker.run.serving import serve_database

    with reading(settings):
        pass  # what is wrong with the database is said before a server is up
    serve_database(settings.load(), host, port)


@click.command()
@click.option(
    "--fetch-log-days",
    type=click.IntRange(min=1),
    required=True,
    help="Forget requests older than this that prove nothing.",
)
@click.option(
    "--listing-snapshots", is_flag=True, help="Forget older stored bytes behind no version, too."
)
@click.option("--now", hidden=True)
@common
def prune(
    settings: Settings, fetch_log_days: int, listing_snapshots: bool, now: str | None
) -> None:
    """Forget old rows of the fetch log, and give their room back to the disk.

    Versions with their evidence, changes and view counts stay, and of the log what found each
    version, what confirmed it last, and what could not be looked at.
    """
    from db import prune as pruning
    from db.connection import check_written, is_there
    from db.store import Store
    from tracker.run.times import instant

    config = settings.load()
    if not is_there(config.database):
        raise UsageError(f"There is no database at {config.database}; nothing was pruned.")
    check_written(config.database)
    before = (instant(now) if now else now_utc()) - timedelta(days=fetch_log_days)
    with Store(config.database) as store:
        freed = pruning.prune(store, before, listing_snapshots=listing_snapshots)
    click.echo(
        f"Forgot {freed.fetches:,} requests and {freed.snapshots:,} stored pages from before "
        f"{before:%Y-%m-%d}; {freed.fetches_kept:,} older requests stay as proof.\n"
        f"The database was {freed.size_before / MEGABYTE:,.1f} MB and is now "
        f"{freed.size_after / MEGABYTE:,.1f} MB."
    )


commands = (search, export, serve, prune)
