"""The commands of whoever runs helpwatch: schedule, status, init, config."""

import json
from pathlib import Path

import click

from tracker.run.errors import UsageError
from tracker.run.options import Settings, common, now_utc, reading


@click.command()
@common
def schedule(settings: Settings) -> None:
    """Stay, and run the cycle of each site on the cron expression of the configuration."""
    from tracker.run.schedule import stay

    if settings.log:
        settings.log.tell_all()
    stay(settings.load(), settings.arguments())


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--now", hidden=True)
@common
def status(settings: Settings, form: str, now: str | None) -> int:
    """Is the last crawl fresh and healthy? Exit code 0 if so, 1 if not."""
    from tracker.run.status import exit_of
    from tracker.run.status import status as look
    from tracker.run.times import instant

    with reading(settings) as connection:
        found = look(connection, settings.load(), instant(now) if now else now_utc())
    if form == "json":
        click.echo(json.dumps([site.as_json() for site in found], indent=2))
    else:
        for site in found:
            facts = site.as_json()
            click.echo(
                f"{site.site}: {site.problem or 'fresh and healthy.'}\n"
                f"  last good crawl {facts['last_good_at'] or 'none'}; "
                f"last crawl {facts['last_crawl_at'] or 'none'} ({site.outcome or 'none'}); "
                f"next run {facts['next_run_at'] or 'none'} if scheduled"
            )
            for message in site.undelivered:
                click.echo(f"  not delivered: {message}")
    return exit_of(found)


@click.command()
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@common
def init(settings: Settings, force: bool) -> None:
    """Write a commented helpwatch.toml with every setting and its default."""
    from tracker.run.config import DEFAULT_FILE
    from tracker.run.template import TEMPLATE

    path = settings.config or Path(DEFAULT_FILE)
    if path.exists() and not force:
        raise UsageError(f"{path} is there already; move it away, or give --force.")
    try:
        path.write_text(TEMPLATE, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    click.echo(f"Wrote {path}. Edit it, then try `helpwatch run`.")


@click.command()
@common
def config(settings: Settings) -> None:
    """Show the settings in force, and where each value came from."""
    from tracker.run.config import DEFAULT_FILE
    from tracker.run.config_origins import origins

    path = settings.config or Path(DEFAULT_FILE)
    for key, value, origin in origins(settings.load(), path, database=settings.db):
        click.echo(f"{key} = {value}  # {origin}")


commands = (schedule, status, init, config)
