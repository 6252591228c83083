"""What the commands share: their common options, and the way to the configuration and database."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import sqlite3

    from rich.console import Console

    from tracker.run.config import Config
    from tracker.run.logs import Log


PATH = click.Path(path_type=Path)
"""One for all options: for each one more, click asks for translations of its words."""
UNCHECKED = click.Path(path_type=Path, readable=False)


@dataclass(slots=True)
class Settings:
    """The options that may stand before or after the command."""

    db: Path | None = None
    config: Path | None = None
    debug: bool = False
    log: "Log | None" = None
    """The log of this process, where it is ours to keep."""
    _loaded: "Config | None" = None

    def load(self) -> "Config":
        """The configuration in force, read once."""
        self._loaded = self._loaded or self._read()
        return self._loaded

    def _read(self) -> "Config":
        from msgspec.structs import replace

        from tracker.run.config import load

        config = load(self.config)
        if self.log:
            self.log.follow(config)
        return replace(config, database=str(self.db)) if self.db else config

    def arguments(self) -> list[str]:
        """The same options for a child process."""
        given = [("--db", self.db), ("--config", self.config)]
        return [word for name, path in given if path for word in (name, str(path.absolute()))]


def common(command: Callable) -> Callable:
    """--db, --config and --debug, on the group and on every command."""

    # Not by click, which would call a file that cannot be read a wrong use of the command.
    @click.option("--db", type=UNCHECKED, help="The database file.")
    @click.option("--config", type=PATH, help="The configuration file.")
    @click.option("--debug", is_flag=True, help="Show log lines and the traceback of an error.")
    @click.pass_context
    def with_settings(
        context: click.Context, db: Path | None, config: Path | None, debug: bool, **options: Any
    ) -> Any:
        settings = context.ensure_object(Settings)
        settings.db, settings.config = db or settings.db, config or settings.config
        settings.debug = debug or settings.debug
        return context.invoke(command, settings, **options)

    return update_wrapper(with_settings, command)


def console() -> "Console":
    from rich.console import Console

    return Console(highlight=False)


def now_utc() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def reading(settings: Settings) -> "AbstractContextManager[sqlite3.Connection]":
    """The database open for reading, closed at the end."""
    from db.connection import connect_for_reading

    return closing(connect_for_reading(settings.load().database))
