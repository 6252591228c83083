"""Migrations in order: what sqlite-utils applies, loaded only where it is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations


class Steps:
    """The migrations in order: `@migrations()` adds one, sqlite-utils applies them.

    It is loaded only then: commands that look at a database start in half the time without it.
    """

    name = "helpwatch"
    table = "_sqlite_migrations"
    """Where sqlite-utils keeps which of them were applied."""

    def __init__(self) -> None:
        self._steps: list[Callable[[Database], None]] = []

    def __call__(self) -> Callable[[Callable[[Database], None]], Callable[[Database], None]]:
        return self._add

    def _add(self, step: Callable[[Database], None]) -> Callable[[Database], None]:
        self._steps.append(step)
        return step

    @property
    def names(self) -> list[str]:
        return [step.__name__ for step in self._steps]

    def apply(self, database: Database, *, stop_before: str | None = None) -> None:
        """Applies what was not applied yet, all of it or nothing.

        A file that a kill left between two steps would be neither another program's nor ours.
        """
        with database.atomic():
            self._loaded().apply(database, stop_before=stop_before)

    def _loaded(self) -> Migrations:
        from sqlite_utils import Migrations

        loaded = Migrations(self.name)
        for step in self._steps:
            loaded()(step)
        return loaded


def statements(script: str) -> list[str]:
    """The statements of a script; a semicolon may stand inside a comment."""
    found, pending = [], ""
    for line in script.strip().splitlines():
        pending += line + "\n"
        if line.split(" -- ")[0].rstrip().endswith(";"):
            found.append(pending.strip().removesuffix(";"))
            pending = ""
    return found
