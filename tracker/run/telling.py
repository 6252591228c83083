"""The commands that tell: notify test, notify send."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.run.errors import Exit, UsageError
from tracker.run.options import PATH, Settings, common, now_utc

if TYPE_CHECKING:
    from tracker.run.config import Config
    from tracker.run.delivery import Delivery
    from tracker.run.destinations import Destination


@click.group()
@common
def notify(settings: Settings) -> None:
    """Messages to the configured destinations."""


@notify.command()
@click.argument("destination", required=False)
@common
def test(settings: Settings, destination: str | None) -> int:
    """Send a test message to DESTINATION (its name, as shown), or to each of them."""
    from tracker.run.delivery import try_out

    config = settings.load()
    tried = [try_out(config, found) for found in _chosen(config, destination)]
    say_deliveries(tried)
    return _exit_of(tried)


@notify.command()
@click.option("--out", type=PATH, help="Folder of the reports.")
@common
def send(settings: Settings, out: Path | None) -> int:
    """Send what is waiting now, rather than with the next cycle."""
    from db.store import Store
    from tracker.run.delivery import send_waiting

    config = settings.load()
    _chosen(config, None)
    with Store(config.database) as store:
        sent = send_waiting(store, config, out or Path(config.output), now_utc(), is_asked=True)
    say_deliveries(sent)
    if not sent:
        click.echo("Nothing is waiting.")
    return _exit_of(sent)


def _chosen(config: "Config", name: str | None) -> "list[Destination]":
    from tracker.run.destinations import destinations

    known = destinations(config.notify)
    if not known:
        raise UsageError(
            "No destination is configured; write one into [notify] of helpwatch.toml: "
            'destinations = ["env:NAME"], with an Apprise URL in that variable.'
        )
    chosen = [destination for destination in known if name in (None, destination.name)]
    if not chosen:
        names = ", ".join(destination.name for destination in known)
        # What was typed may be an address, which is a secret: it is not repeated.
        raise UsageError(f"No destination of that name is configured; known: {names}.")
    return chosen


def _exit_of(deliveries: "Iterable[Delivery]") -> Exit:
    return Exit.UNHEALTHY if any(delivery.problem for delivery in deliveries) else Exit.DONE


def say_deliveries(deliveries: "Iterable[Delivery]") -> None:
    """A line for each; failures go to stderr. Destinations go by their names, never addresses."""
    for delivery in deliveries:
        what = f"{delivery.kind} to {delivery.destination}"
        if delivery.problem is None:
            click.echo(f"Sent: {what}")
        else:
            again = "" if delivery.kind == "test" else " It is tried again with the next run."
            click.echo(f"Not sent: {what}: {delivery.problem}.{again}", err=True)


commands = (notify,)
