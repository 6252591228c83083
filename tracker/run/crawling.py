"""The commands that bring something in: demo, run, crawl, import."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.run.errors import Exit, SiteUnreachable, UsageError, exit_of
from tracker.run.options import PATH, Settings, common, console, now_utc

if TYPE_CHECKING:
    from tracker.run.config import Config


def crawl_options(command: Callable) -> Callable:
    """The options that `run` and `crawl` share."""
    for option in (
        click.option("--site", help="Which configured site; all of them where none is named."),
        click.option("--full", is_flag=True, help="Ask for every article, not only the due ones."),
        click.option("--base-url", help="Fetch from here; stored addresses stay the site's own."),
        click.option("--locale", "locales", multiple=True, help="Only these locales."),
        click.option("--now", help="The instant taken as now (ISO); for demo and tests."),
        click.option("--out", type=PATH, help="Folder for the reports."),
    ):
        command = option(command)
    return command


@click.command()
@common
def demo(settings: Settings) -> int:
    """The whole job on the embedded demo help centre, days 1 to 3, into ./helpwatch-demo."""
    from tracker.run.demo import run_demo

    return run_demo()


@click.command()
@crawl_options
@common
def run(settings: Settings, out: Path | None, **options: Any) -> int:
    """One cycle: crawl, compare, report, notify."""
    from reports import terminal
    from tracker.run.cycle import run_cycle
    from tracker.run.heartbeat import beat
    from tracker.run.telling import say_deliveries

    config = settings.load()
    several = _each_site(settings, config, "run", out, options)
    if several is not None:
        return several
    result = run_cycle(_crawl_job(config, options), out or Path(config.output))
    places = {"Database": config.database}
    places |= _report_places(result.reports)
    terminal.print_summary(result.findings, console(), places)
    say_deliveries(result.deliveries)
    if result.exit is Exit.UNREACHABLE:
        raise SiteUnreachable(_why_unreachable(result.findings))
    if result.exit is Exit.DONE:
        beat(config.schedule.heartbeat_url)
    return result.exit


@click.command()
@crawl_options
@click.option("--section", "sections", multiple=True, help="Only these sections (slugs).")
@common
def crawl(settings: Settings, out: Path | None, **options: Any) -> int:
    """Only the crawl: its changes are worked out by the next run, or by `helpwatch merge`."""
    from db.store import Store
    from tracker.run.crawl import run_crawl

    config = settings.load()
    several = _each_site(settings, config, "crawl", out, options)
    if several is not None:
        return several
    with Store(config.database) as store:
        done = run_crawl(_crawl_job(config, options), store)
    click.echo(
        f"Crawl {done.id} of {done.site}: {done.outcome}; {done.pages_fetched} pages, "
        f"{done.articles_listed} articles listed, {done.articles_fetched} read, "
        f"{done.errors} errors."
    )
    return exit_of(done, None)


def _report_places(reports: Iterable[Path]) -> dict[str, str]:
    """What each report is called in the summary -> where it lies."""
    from tracker.run.archive import form_of

    return {f"Report ({form_of(path)})": str(path) for path in reports}


def _crawl_job(config: "Config", options: dict[str, Any]) -> Any:
    from tracker.run.crawl import CrawlJob
    from tracker.run.times import instant

    return CrawlJob(
        config=config,
        site=configured_site(config, options["site"]),
        full=options["full"],
        base_url=fetch_origin(options["base_url"]),
        locales=tuple(options["locales"]),
        sections=options.get("sections") or None,
        now=instant(options["now"]) if options["now"] else None,
    )


def configured_site(config: "Config", name: str | None) -> str:
    known = list(config.sites)
    if name is None:
        return known[0]
    if name not in known:
        raise UsageError(
            f"No site {name!r} in the configuration; known: {', '.join(known)}. "
            f"To add it, write a table [sites.{name}]."
        )
    return name


def fetch_origin(url: str | None) -> str | None:
    from spiders.origin import origin_of

    if url is None:
        return None
    try:
        return origin_of(url)
    except ValueError:
        # It is not quoted: it may hold a password.
        raise UsageError(
            "--base-url is no origin (scheme and host, without user, path or query); write "
            "http://127.0.0.1:8000."
        ) from None


def _each_site(
    settings: Settings, config: "Config", command: str, out: Path | None, options: dict[str, Any]
) -> int | None:
    """Several sites run one after the other, each in a process of its own; the worst code."""
    if options["site"] or len(config.sites) == 1:
        return None
    if options["base_url"]:
        raise UsageError("--base-url needs --site where several sites are configured.")
    from tracker.run.schedule import run_child

    words = [*settings.arguments(), command]
    words += ["--full"] if options["full"] else []
    words += [word for locale in options["locales"] for word in ("--locale", locale)]
    words += [word for section in options.get("sections", ()) for word in ("--section", section)]
    words += ["--now", options["now"]] if options["now"] else []
    words += ["--out", str(out)] if out else []
    return max(run_child([*words, "--site", site]) for site in config.sites)


def _why_unreachable(findings: Any) -> str:
    crawl = findings.crawl
    first = findings.not_checked[0] if findings.not_checked else "no page answered"
    if crawl.outcome == "blocked":
        return (
            f"The site blocked the crawl ({first}). Nothing was concluded from what was not seen. "
            "Ask the site for permission, crawl more slowly, or import saved pages."
        )
    return (
        f"The site could not be read ({first}). Check the address and the connection; what was "
        "stored before is intact."
    )


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("--captured-at", help="When files were saved that do not say it (ISO).")
@click.option("--locale", help="Locale of saved text; pages say their own.")
@click.option("--site", help="Which configured site they come from.")
@common
def import_(
    settings: Settings,
    paths: tuple[Path, ...],
    captured_at: str | None,
    locale: str | None,
    site: str | None,
) -> int:
    """Saved pages, listing text, API answers and WARC files, read as a crawl would read them."""
    from db.store import Store
    from reports import terminal
    from tracker.run.cycle import conclude_pending
    from tracker.run.importer import ImportJob, run_import
    from tracker.run.times import instant

    config = settings.load()
    job = ImportJob(
        config=config,
        site=configured_site(config, site),
        captured_at=instant(captured_at, "--captured-at") if captured_at else None,
        locale=locale,
    )
    with Store(config.database) as store:
        conclude_pending(store, config, job.site, now_utc())
        result = run_import(job, paths, store)
    terminal.print_import(result, console())
    if not result.read:
        return Exit.USAGE
    return Exit.UNHEALTHY if result.skipped else Exit.DONE


@click.command()
@click.argument("sources", nargs=-1, required=True, type=PATH)
@click.option("--out", type=PATH, help="Folder for the reports.")
@click.option("--now", help="The instant taken as now (ISO); for demo and tests.")
@common
def merge(settings: Settings, sources: tuple[Path, ...], out: Path | None, now: str | None) -> int:
    """Spools and databases of other machines, joined without loss or duplicates; may be repeated.

    A spool is what `helpwatch crawl --db SPOOL` writes. What changed is worked out and told here.
    """
    from reports import terminal
    from tracker.run.merging import run_merge
    from tracker.run.telling import say_deliveries
    from tracker.run.times import instant

    config = settings.load()
    at = instant(now) if now else now_utc()
    result = run_merge(config, sources, out or Path(config.output), at)
    terminal.print_merge(result, console())
    for cycle in result.cycles:
        places = _report_places(cycle.reports)
        terminal.print_summary(cycle.findings, console(), places)
        say_deliveries(cycle.deliveries)
    for path, why in result.skipped:
        click.echo(f"Left out: {path}: {why}", err=True)
    if result.skipped:
        return Exit.DATABASE
    return max((cycle.exit for cycle in result.cycles), default=Exit.DONE)


commands = (demo, run, crawl, import_, merge)
