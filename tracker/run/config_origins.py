"""Which settings are in force, and where each came from. Secrets are not shown."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tracker.run.config import Config
from tracker.run.secret import HIDDEN, is_reference

SECRETS = ("notify.destinations", "notify.urgent_destinations", "schedule.heartbeat_url")


def origins(
    config: Config, path: Path, *, database: Path | None = None
) -> Iterator[tuple[str, str, str]]:
    """(dotted key, value as TOML would write it, default | file | option), one for each setting."""
    given = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    sites = {name: msgspec.to_builtins(config.site(name)) for name in config.sites}
    everything = msgspec.to_builtins(config) | {"sites": sites}
    stated = dict(_flat(given))
    for key, value in _flat(everything):
        origin = str(path) if key in stated else "default"
        if key == "database" and database is not None:
            origin = "--db"
        yield key, json.dumps(_shown(key, value), ensure_ascii=False), origin


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _shown(key: str, value: Any) -> Any:
    """The value, or how many secrets there are; where a secret is read from is none itself."""
    if key not in SECRETS:
        return value
    if isinstance(value, str):
        return value if is_reference(value) or not value else HIDDEN
    return [item if is_reference(str(item)) else HIDDEN for item in value]
