"""changedetection.io, watching article pages.

Set up as its users would: one watch for each address, the article's element, everything else as it
comes. It looks once and ends, as it does when it is called from a timer.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from bench.measure import Cost, cost_of
from bench.peers import registry

NAME = "changedetection.io"
WATCH = json.dumps({"include_filters": ["article"]})
ENVIRONMENT = {"ALLOW_IANA_RESTRICTED_ADDRESSES": "true", "LOGGER_LEVEL": "WARNING"}
"""It asks no address of this machine otherwise."""


def installed(folder: Path) -> Path | None:
    return registry.installed(folder, "changedetection.io", "changedetection.io")


def first_look(program: Path, folder: Path, urls: Sequence[str]) -> Cost:
    """Begins to watch these addresses."""
    folder.mkdir(parents=True, exist_ok=True)
    watches = [
        word for at, url in enumerate(urls) for word in ("-u", url, f"-u{at}", WATCH)
    ]  # fmt: skip
    return _run(program, folder, "-C", *watches)


def next_look(program: Path, folder: Path) -> Cost:
    """One look at every address."""
    return _run(program, folder, "-r", "all")


def _run(program: Path, folder: Path, *words: str) -> Cost:
    command = [program, "-d", folder / "datastore", "-h", "127.0.0.1", "-b", *words]
    return cost_of(command, cwd=folder, env=ENVIRONMENT)
