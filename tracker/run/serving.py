"""The database in Datasette: read-only, with the data dictionary's words and questions to ask.

Before Datasette's own pages stand two of ours, which say the same as the report in the same look:
what needs a look, and all that happened to one article.
"""

import asyncio
import ipaddress
import logging
import socket
from contextlib import closing
from pathlib import Path

import click

from db import comments
from db.connection import open_for_reading
from reports.datasette_metadata import STYLE_FOLDER, STYLE_MOUNT, metadata
from tracker.run.config import Config
from tracker.run.errors import UsageError

QUERY_MILLISECONDS = 5_000
"""A question over a year of history may take longer than Datasette's own second."""


def serve_database(config: Config, host: str, port: int) -> None:
    """Serves until stopped; port 0 takes a free one. UsageError where the address is taken."""
    import uvicorn

    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"http://{shown}:{listener.getsockname()[1]}/ (stop with Ctrl+C)")
    if not _is_loopback(host):
        click.echo("Whoever reaches this address can read the whole database.", err=True)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    with closing(listener):
        told = uvicorn.Config(application(config), log_level="warning", lifespan="on")
        uvicorn.Server(told).run(sockets=[listener])


def application(config: Config) -> object:
    """Datasette's ASGI application on one database, which it can only read."""
    from datasette.app import Datasette
    from datasette.plugins import pm

    from tracker.run.served_pages import ServedPages

    path = Path(config.database)
    with closing(open_for_reading(path).conn) as connection:
        relations = comments.relations(connection)
    pm.register(ServedPages(config), name="helpwatch")
    datasette = Datasette(
        [str(path)],
        metadata=metadata(relations, path.stem),
        static_mounts=[(STYLE_MOUNT, str(STYLE_FOLDER))],
        settings={
            "suggest_facets": False,
            "sql_time_limit_ms": QUERY_MILLISECONDS,
            "default_page_size": 50,
            "max_returned_rows": 10_000,
            "truncate_cells_html": 300,
            "allow_download": False,
        },
    )
    asyncio.run(datasette.invoke_startup())
    return datasette.app()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # From here on a browser waits instead of being refused.
        listener.listen()
    except OSError as error:
        raise UsageError(
            f"{host} port {port} cannot be served: {error.strerror}. Name another with --port "
            "or --host."
        ) from None
    return listener


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
