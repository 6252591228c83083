"""The commands that get to know a site: locales, check."""

import click

from tracker.run.crawling import configured_site
from tracker.run.options import Settings, common, console, reading


@click.command()
@click.option("--site", help="Which configured site.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@common
def locales(settings: Settings, site: str | None, form: str) -> None:
    """The locales that the site offers, and which of them are watched."""
    from db.errors import NotInDatabase
    from db.locales import offered
    from reports.locales import print_locales, render_json

    config = settings.load()
    name = configured_site(config, site)
    watched = config.site(name).locales
    with reading(settings) as connection:
        found = offered(connection, name)
    if not found:
        raise NotInDatabase(
            f"No page of {name} was read yet. Run `helpwatch run` or `helpwatch import` first."
        )
    if form == "json":
        click.echo(render_json(name, found, watched), nl=False)
    else:
        print_locales(found, watched, console())


commands = (locales,)
