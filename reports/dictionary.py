"""The shape of the data dictionary as reports take it; the database's own records have it."""

from collections.abc import Sequence
from typing import Protocol


class Column(Protocol):
    """One column of a table or view, with its meaning in words."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def comment(self) -> str: ...


class Relation(Protocol):
    """A table or view (`kind`), with its meaning in words."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def comment(self) -> str: ...
    @property
    def columns(self) -> Sequence[Column]: ...
