"""Crawl facts -> verdict: may this crawl be compared with the last, and what is wrong with it."""

from dataclasses import dataclass
from typing import Any, Literal

from db.records import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One named check. `message` is one plain sentence; `level` says how much a failure matters."""

    name: str
    ok: bool
    level: Literal["info", "warning", "problem"]
    message: str
    value: float | int | str | None = None
    threshold: float | int | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The verdict on one crawl; kept as JSON in crawls.health."""

    verdict: Verdict
    checks: tuple[Check, ...] = ()
    baseline_locales: tuple[str, ...] = ()
    """Locales for which this crawl is the baseline."""
    is_accepted: bool = False
    """A person released a suspect crawl."""

    def as_json(self) -> dict[str, Any]:
        raise NotImplementedError
