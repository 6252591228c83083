"""The commands that show what is known: changes, trending, history, diff, report, schema."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.run.errors import UsageError
from tracker.run.options import PATH, Settings, common, console, now_utc, reading

if TYPE_CHECKING:
    from tracker.findings import Findings
    from tracker.run.gather import Filters, Telling
    from tracker.run.periods import Period


def filter_options(command: Callable) -> Callable:
    """The filters that `changes`, `trending` and `report` share."""
    for option in (
        click.option("--category", help="Only this category (slug or title)."),
        click.option("--section", help="Only this section (slug or title)."),
        click.option("--locale", help="Only this locale."),
    ):
        command = option(command)
    return command


def zone_option(command: Callable) -> Callable:
    """The option of all that shows times."""
    return click.option("--timezone", help="In which times are shown, such as Europe/Berlin.")(
        command
    )


def period_options(command: Callable) -> Callable:
    """The options that say which crawls `changes` and `report` cover."""
    for option in (
        click.option("--site", help="Which site, where several are in the database."),
        click.option("--during", help="The crawls of a day, week or month: 2026-W16, 2026-04."),
        click.option("--until", help="No crawl after then: an ISO date, or 36h, 7d, 2w ago."),
        click.option("--since", help="All crawls since then: an ISO date, or 36h, 7d, 2w ago."),
    ):
        command = option(command)
    return command


@click.command()
@period_options
@click.option("--kind", "kinds", multiple=True, help="Only these kinds of change.")
@filter_options
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
@zone_option
@click.option("--now", hidden=True)
@common
def changes(settings: Settings, form: str, **options: Any) -> None:
    """What changed in the newest crawl, or each change of a period."""
    from reports import data, terminal

    findings = _findings(settings, with_steps=False, **options)
    if form == "json":
        click.echo(data.render_json(findings), nl=False)
    elif form == "csv":
        click.echo(data.render_csv(findings), nl=False)
    else:
        terminal.print_changes(findings, console())


@click.command()
@click.option(
    "--window", default="7d", show_default=True, help="Days over which views are counted."
)
@filter_options
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
@zone_option
@click.option("--now", hidden=True)
@common
def trending(
    settings: Settings,
    window: str,
    form: str,
    timezone: str | None,
    now: str | None,
    **filters: Any,
) -> None:
    """Articles whose views rise beyond what is usual for them."""
    from reports import data, terminal
    from tracker.run.gather import gather_trending
    from tracker.run.times import days, instant

    with reading(settings) as connection:
        findings = gather_trending(
            connection,
            window_days=days(window, "--window"),
            filters=_filters(**filters),
            generated_at=instant(now) if now else now_utc(),
            telling=_telling(settings, timezone),
        )
    if form == "json":
        click.echo(data.render_trending_json(findings), nl=False)
    elif form == "csv":
        click.echo(data.render_trending_csv(findings), nl=False)
    else:
        terminal.print_trending(findings, console())


@click.command()
@click.argument("article")
@zone_option
@common
def history(settings: Settings, article: str, timezone: str | None) -> None:
    """All that happened to ARTICLE (its address, slug, id or title)."""
    from db import queries
    from reports import terminal

    with reading(settings) as connection:
        found = queries.find_article(connection, article)
        terminal.print_history(
            found,
            queries.versions(connection, found.article_id),
            queries.changes(connection, article_id=found.article_id),
            console(),
            _telling(settings, timezone).time_zone,
        )


@click.command()
@click.argument("article")
@click.argument("from_", metavar="[FROM]", required=False)
@click.argument("to", metavar="[TO]", required=False)
@click.option("--format", "form", type=click.Choice(["text", "html", "json"]), default="text")
@common
def diff(settings: Settings, article: str, from_: str | None, to: str | None, form: str) -> None:
    """The difference between two versions of ARTICLE: the last two, or FROM and TO.

    FROM and TO are version numbers or dates.
    """
    from reports import data, redline, terminal
    from tracker.run.gather import version_pair

    with reading(settings) as connection:
        old, new, difference = version_pair(connection, article, from_, to)
    if form == "json":
        click.echo(data.render_diff_json(old, new, difference), nl=False)
    elif form == "html":
        click.echo(redline.diff_html(difference))
    else:
        terminal.print_diff(difference, console())


@click.command()
@period_options
@click.option("--crawl", help="This crawl; or 2..5: from the state of one to that of a later.")
@click.option("--kind", "kinds", multiple=True, help="Only these kinds of change.")
@filter_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown", "json", "csv", "xlsx", "atom"]),
    default="markdown",
    show_default=True,
)
@click.option("-o", "--output", type=PATH, help="Write here, not to stdout.")
@zone_option
@click.option("--now", hidden=True)
@common
def report(settings: Settings, form: str, output: Path | None, **options: Any) -> None:
    """The report of the newest crawl, of one crawl, or of a period.

    The crawls of a period are folded: one net change an article, with the steps beneath.
    """
    from tracker.run.archive import RENDERERS

    if form == "xlsx" and output is None and click.get_text_stream("stdout").isatty():
        raise UsageError("A workbook is no text for a terminal; name a file with -o report.xlsx.")
    rendered = RENDERERS[form].render(_findings(settings, **options))
    if output is None:
        click.echo(rendered, nl=False)
        return
    try:
        output.write_bytes(rendered if isinstance(rendered, bytes) else rendered.encode())
    except OSError as error:
        raise UsageError(f"The report cannot be written to {output}: {error.strerror}.") from None
    click.echo(f"Report: {output}")


@click.command()
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown")
@common
def schema(settings: Settings, form: str) -> None:
    """The data dictionary: every table, view and column with its meaning."""
    from db import comments
    from reports import data, markdown

    relations = comments.of_current_schema()
    render = data.render_schema if form == "json" else markdown.render_schema
    click.echo(render(relations), nl=False)


def _telling(settings: Settings, timezone: str | None) -> "Telling":
    from tracker.run import times
    from tracker.run.gather import telling_of

    return telling_of(settings.load(), times.zone(timezone) if timezone else None)


def _filters(**filters: Any) -> "Filters":
    from db.kinds import CHANGE_KINDS
    from tracker.run.gather import Filters

    for kind in filters.get("kinds", ()):
        if kind not in CHANGE_KINDS:
            raise UsageError(f"No kind of change {kind!r}; known: {', '.join(CHANGE_KINDS)}.")
    return Filters(**filters)


def _period(
    now: datetime,
    *,
    since: str | None,
    until: str | None,
    during: str | None,
    site: str | None,
    crawl: str | None = None,
) -> "Period":
    """What the options mean; UsageError where they say two things."""
    from tracker.run import times
    from tracker.run.periods import Period

    ways = [crawl, during, since or until]
    if sum(way is not None for way in ways) > 1:
        raise UsageError("Give one of --crawl, --during and --since/--until.")
    if crawl:
        first, last = times.crawls(crawl)
        return Period(first_crawl=first, last_crawl=last, site=site)
    if during:
        begin, end = times.calendar(during)
        return Period(since=begin, until=end, site=site)
    return Period(
        since=times.since(since, now) if since else None,
        until=times.until(until, now) if until else None,
        site=site,
    )


def _findings(
    settings: Settings,
    *,
    now: str | None,
    category: str | None,
    section: str | None,
    locale: str | None,
    timezone: str | None = None,
    kinds: tuple[str, ...] = (),
    with_steps: bool = True,
    **period: str | None,
) -> "Findings":
    from tracker.run import times
    from tracker.run.periods import gather_period

    at = times.instant(now) if now else now_utc()
    filters = _filters(category=category, section=section, locale=locale, kinds=kinds)
    with reading(settings) as connection:
        return gather_period(
            connection,
            period=_period(at, **period),
            filters=filters,
            generated_at=at,
            with_steps=with_steps,
            telling=_telling(settings, timezone),
        )


commands = (changes, trending, history, diff, report, schema)
