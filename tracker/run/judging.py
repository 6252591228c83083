"""The commands with which a person judges: accept, watch test."""

from typing import TYPE_CHECKING

import click

from tracker.run.errors import UsageError
from tracker.run.options import Settings, common, console, now_utc, reading

if TYPE_CHECKING:
    from db.store import Store
    from tracker.run.config import Config
    from tracker.watch_rules import WatchRule


@click.command()
@click.argument("crawl", type=int)
@common
def accept(settings: Settings, crawl: int) -> None:
    """Release a suspect CRAWL: its changes are right, and are told from now on."""
    from db import queries
    from db.connection import open_for_reading
    from db.store import Store
    from spiders import sites
    from tracker.run.sameness import comparer

    config = settings.load()
    # A database that is not there is not to be made by this.
    open_for_reading(config.database).conn.close()
    with Store(config.database) as store:
        site = queries.crawl(store.connection, crawl).site
        store.compare_with(comparer(sites.load(site), config.site(site).base_url))
        click.echo(release(store, config, crawl))


def release(store: "Store", config: "Config", crawl_id: int) -> str:
    """Accepts a suspect crawl; says what was done. UsageError where there is nothing to accept."""
    from db import queries
    from reports import wording
    from tracker.health import Health
    from tracker.run.reworking import reworked_by_acceptance

    crawl = queries.crawl(store.connection, crawl_id)
    if not crawl.health:
        raise UsageError(
            f"Crawl {crawl_id} has not been judged yet; `helpwatch run` does that first."
        )
    verdict = Health.from_json(crawl.health)
    if verdict.is_accepted:
        return f"Crawl {crawl_id} was accepted before."
    try:
        accepted = verdict.accepted()
    except ValueError as error:
        raise UsageError(f"Crawl {crawl_id} needs no acceptance: {error}.") from None
    held_count = len(queries.changes(store.connection, crawl_ids=[crawl_id]))
    with store.writing():
        released = store.accept(crawl_id, accepted.as_json())
        store.rework(list(reworked_by_acceptance(store, config, crawl_id)))
    told = f"`helpwatch report --crawl {crawl_id}` tells its {wording.count(released, 'change')}"
    settled = ""
    if held_count > released:
        settled = (
            f" Later crawls have settled {wording.count(held_count - released, 'other')} already."
        )
    return f"Crawl {crawl_id} accepted: {told}; waiting messages go out with the next run.{settled}"


@click.group()
@common
def watch(settings: Settings) -> None:
    """The rules that say what matters."""


@watch.command()
@click.argument("rule")
@click.option("--since", help="Only changes since then: an ISO date, or 36h, 7d, 2w ago.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@click.option("--timezone", help="In which times are shown, such as Europe/Berlin.")
@click.option("--now", hidden=True)
@common
def test(
    settings: Settings,
    rule: str,
    since: str | None,
    form: str,
    timezone: str | None,
    now: str | None,
) -> None:
    """Try RULE on all changes known: the label of a rule in force, or a regular expression."""
    from db import queries
    from reports import watch_trial as telling
    from tracker.run import times
    from tracker.run.gather import gather
    from tracker.watch_trial import try_rule

    config = settings.load()
    chosen = rule_named(config, rule)
    at = times.instant(now) if now else now_utc()
    begin = times.since(since, at) if since else None
    tried = []
    with reading(settings) as connection:
        by_site: dict[str, list] = {}
        for crawl in queries.crawls(connection, since=begin):
            by_site.setdefault(crawl.site, []).append(crawl)
        for crawls in by_site.values():
            findings = gather(connection, crawls=crawls, generated_at=at, with_steps=False)
            tried += [*findings.changes, *findings.held_back]
    tried.sort(key=lambda finding: (finding.change.detected_at, finding.change.id))
    matches = try_rule(chosen, tried)
    if form == "json":
        click.echo(telling.render_json(chosen, matches, len(tried)), nl=False)
    else:
        zone = times.zone(timezone) if timezone else config.time_zone
        telling.print_trial(chosen, matches, len(tried), console(), zone)


def rule_named(config: "Config", text: str) -> "WatchRule":
    """The rule in force with this label, else one that the text states as a regular expression.

    UsageError names the nearest label where the text is neither.
    """
    from difflib import get_close_matches

    from tracker.watch_rules import parse_rule

    rules = {rule.label.casefold(): rule for rule in reversed(config.rules())}
    if (known := rules.get(text.strip().casefold())) is not None:
        return known
    try:
        return parse_rule({"label": text, "pattern": text})
    except ValueError as error:
        near = get_close_matches(text.casefold(), rules, n=1)
        hint = f" Did you mean the rule {rules[near[0]].label!r}?" if near else ""
        raise UsageError(f"No rule is called {text!r}, and as a pattern: {error}.{hint}") from None


commands = (accept, watch)
