"""The commands that get to know a site: locales, check."""

from pathlib import Path

import click

from tracker.run.crawling import configured_site, fetch_origin
from tracker.run.errors import Exit, SiteUnreachable
from tracker.run.options import PATH, Settings, common, console, reading


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


@click.command()
@click.option("--site", help="Which configured site.")
@click.option("--base-url", help="Fetch from here; addresses are shown as the site's own.")
@click.option("--save", type=PATH, help="Folder to keep the pages in.")
@common
def check(settings: Settings, site: str | None, base_url: str | None, save: Path | None) -> int:
    """First contact: robots.txt and one page of each kind, and how each of them is read."""
    from reports.first_contact import print_contact, what_remains
    from tracker.run.check import run_check
    from tracker.run.crawl import CrawlJob

    config = settings.load()
    name = configured_site(config, site)
    job = CrawlJob(config=config, site=name, base_url=fetch_origin(base_url))
    contact = run_check(job, save)
    print_contact(contact, console())
    if contact.verdict == "blocked":
        raise SiteUnreachable(what_remains(contact))
    if contact.verdict == "unreachable":
        raise SiteUnreachable(
            f"{contact.fetched_from} did not answer. Check the address and the connection."
        )
    return Exit.DONE if contact.verdict == "fine" else Exit.UNHEALTHY


commands = (check, locales)
