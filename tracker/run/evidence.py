"""The commands that prove: verify, snapshot, coverage, as-of, reread."""

import io
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.run.errors import Exit, UsageError
from tracker.run.options import PATH, Settings, common, console, now_utc, reading

if TYPE_CHECKING:
    from db.verify import Check
    from reports.evidence import Evidence


@click.command()
@click.option(
    "--link", "links", multiple=True, help="A link or seal noted earlier; it must still stand."
)
@common
def verify(settings: Settings, links: tuple[str, ...]) -> int:
    """Can the database be trusted? Integrity, references, snapshots, chain, texts, log."""
    from db import evidence, seals
    from db.connection import explain
    from db.verify import holds_link
    from db.verify import verify as checks
    from tracker.run.statements import readers
    from tracker.run.ticker import Ticker

    is_sound = True
    try:
        with reading(settings) as connection, Ticker() as ticker:
            for check in checks(connection, readers(connection), ticker):
                is_sound &= check.ok
                click.echo(_check_lines(check))
            head, sealed = evidence.head(connection), seals.last(connection)
            missing = [link for link in links if not holds_link(connection, link.strip().lower())]
    except sqlite3.DatabaseError as error:
        raise explain(error, settings.load().database) from error
    for link in missing:
        click.echo(f"{'noted link':<13} BAD  it is not in the chain: {link}")
    if head:
        click.echo(f"The chain ends with version {head.id}: {head.chain_sha256}")
    if sealed:
        click.echo(f"The last seal is of crawl {sealed['crawl_id']}: {sealed['chain_sha256']}")
    if is_sound and not missing:
        click.echo("The database can be trusted.")
        return Exit.DONE
    click.echo(
        "The database cannot be trusted as it is. Keep this file, and go on with a copy from "
        "before (a backup, or latest.db of an earlier day) after verifying that.",
        err=True,
    )
    return Exit.DATABASE


def _check_lines(check: "Check") -> str:
    from reports.safe_text import one_line

    number = f"{check.unit}: {check.checked_count:,}"
    if check.ok:
        lines = [f"{check.name:<13} ok   {number}"]
    else:
        lines = [
            f"{check.name:<13} BAD  {check.bad_count:,} wrong; {number}",
            f"{'':<18} first: {one_line(check.first_bad or '', 1_000)}",
        ]
    for why, count in sorted(check.passed_over.items()):
        lines.append(f"{'':<18} not checked: {count:,} {why}")
    return "\n".join(lines)


@click.command()
@click.argument("article")
@click.option("--at", help="The date or instant asked for (ISO, UTC); a date means its end.")
@click.option("--warc", type=PATH, help="Write a WARC file (.warc.gz packs).")
@click.option("--bundle", type=PATH, help="Write a zip for a reviewer.")
@click.option("--html", type=PATH, help="Write the page's bytes.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--now", hidden=True)
@common
def snapshot(
    settings: Settings,
    article: str,
    at: str | None,
    warc: Path | None,
    bundle: Path | None,
    html: Path | None,
    form: str,
    now: str | None,
) -> None:
    """What ARTICLE (its address, slug, id or title) said on a date, with the evidence for it."""
    from reports import evidence as told
    from tracker.run.statements import evidence_at

    with reading(settings) as connection:
        found = evidence_at(connection, article, _end_of(at, "--at") if at else _now(now))
        if not (warc or bundle or html):
            render = told.render_json if form == "json" else told.render_text
            click.echo(render(found), nl=False)
        if warc:
            _write(warc, _warc(found, warc.suffix == ".gz"), "WARC file")
        if bundle:
            _write(bundle, _bundle(connection, found), "Bundle")
        if html:
            _write(html, _page(found), "Page")


def _warc(found: "Evidence", is_compressed: bool) -> bytes:
    from reports import warc

    _page(found)
    return warc.render(found, is_compressed=is_compressed)


def _bundle(connection: sqlite3.Connection, found: "Evidence") -> bytes:
    from db.evidence import chain
    from reports import bundle

    out = io.BytesIO()
    bundle.write(found, chain(connection, found.version.id), out)
    return out.getvalue()


def _page(found: "Evidence") -> bytes:
    from db.errors import NotInDatabase

    if found.page is None:
        raise NotInDatabase(
            f"The bytes behind version {found.version.number} of {found.version.title!r} are not "
            "kept, or are damaged; `helpwatch verify` tells which. Its text is kept: see --bundle."
        )
    return found.page.body


@click.command()
@click.option("--since", required=True, help="Begin of the period: an ISO date or instant (UTC).")
@click.option("--until", help="Its end; a date means the end of that day. Now by itself.")
@click.option("--site", help="Which site, where the database holds several.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-o", "--output", type=PATH, help="Write here, not to stdout.")
@click.option("--now", hidden=True)
@common
def coverage(
    settings: Settings,
    since: str,
    until: str | None,
    site: str | None,
    form: str,
    output: Path | None,
    now: str | None,
) -> None:
    """What was watched in a period: a statement that can be checked without helpwatch."""
    from db import evidence
    from reports import coverage as told
    from tracker.run import times
    from tracker.run.statements import coverage_of

    begin = times.since(since, _now(now))
    end = min(_end_of(until, "--until"), _now(now)) if until else _now(now)
    if begin >= end:
        raise UsageError(f"--since {since!r} does not lie before the end of the period, {end}.")
    with reading(settings) as connection:
        found = coverage_of(
            connection,
            evidence.site(connection, site),
            begin,
            end,
            settings.load().crawl.recheck_days,
        )
    if form == "json":
        text = told.render_json(found)
    else:
        text = told.render_text(found, told.head_of(told.chained_lines(found)))
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text.encode(), "Statement")


@click.command("as-of")
@click.argument("date")
@click.option("--compare", help="A second date: tell what differs between the two.")
@click.option("--site", help="Which site, where the database holds several.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
@common
def as_of(settings: Settings, date: str, compare: str | None, site: str | None, form: str) -> None:
    """The whole help centre as it was on DATE (ISO, UTC; a date means its end)."""
    from db import evidence
    from reports import asof as told
    from tracker import asof
    from tracker.run.statements import readers, same_text, site_then

    with reading(settings) as connection:
        chosen = evidence.site(connection, site)
        instants = [_end_of(date, "DATE")] + ([_end_of(compare, "--compare")] if compare else [])
        then = [site_then(connection, chosen, at) for at in sorted(instants)]
        differences = ()
        if compare:
            alike = same_text(connection, chosen, readers(connection))
            differences = asof.compare(*then, alike)
    if compare and form == "json":
        click.echo(told.render_differences_json(*then, differences), nl=False)
    elif compare and form == "csv":
        click.echo(told.render_differences_csv(differences), nl=False)
    elif compare:
        told.print_differences(*then, differences, console())
    elif form == "json":
        click.echo(told.render_site_json(then[0]), nl=False)
    elif form == "csv":
        click.echo(told.render_site_csv(then[0]), nl=False)
    else:
        told.print_site(then[0], console())


@click.command()
@click.option("--article", help="Only this article (its address, slug, id or title).")
@common
def reread(settings: Settings, article: str | None) -> None:
    """Read the stored pages again with today's reader. Both texts are kept; no change is told."""
    from db import queries
    from db.rereading import reread as read_again
    from db.store import Store
    from reports.safe_text import one_line
    from tracker.run.statements import readers
    from tracker.run.ticker import Ticker

    article_id = None
    with reading(settings) as connection:
        if article:
            article_id = queries.find_article(connection, article).article_id
    with Store(settings.load().database) as store, Ticker() as ticker:
        today = readers(store.connection)
        found = read_again(store, today, now_utc(), article_id=article_id, progress=ticker)
    names = ", ".join(sorted(reader.parser for reader in today.values())) or "no reader"
    differ = len(found.differing)
    click.echo(
        f"Read again with {names}: {found.read_count:,} versions, {differ:,} of them with another "
        f"text; {found.known_count:,} had been read by it before."
    )
    for one in found.differing[:10]:
        click.echo(f"  version {one.number} of article {one.article_id}, {one_line(one.title)}")
    if differ > 10:
        click.echo(f"  and {differ - 10:,} more: see the table rereadings")
    if found.unreadable_count:
        click.echo(f"{found.unreadable_count:,} could not be read: see `helpwatch verify`.")
    if found.without_reader_count:
        click.echo(f"{found.without_reader_count:,} are of sites without a site file.")


def _now(text: str | None) -> datetime:
    from tracker.run.times import instant

    return instant(text) if text else now_utc()


def _end_of(text: str, option: str) -> datetime:
    """An instant as it stands; a date is its last second, so that the whole day counts."""
    from tracker.run.times import instant

    at = instant(text, option)
    return at + timedelta(days=1, seconds=-1) if len(text.strip()) <= 10 else at


def _write(path: Path, body: bytes, what: str) -> None:
    """The whole file or none of it."""
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(body)
        partial.replace(path)
    except OSError as error:
        raise UsageError(f"{what} {path} cannot be written: {error.strerror}.") from None
    click.echo(f"{what}: {path}")


commands = (verify, snapshot, coverage, as_of, reread)
