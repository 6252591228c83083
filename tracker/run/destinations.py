"""Whom to tell: the configured addresses under names that may be shown.

An address is a secret: it holds passwords and tokens. It is read when a message is sent, and never
printed, logged or stored; a destination is called by the name of its environment variable or file,
or by its scheme and a slow fingerprint.
"""

from dataclasses import dataclass, field
from hashlib import pbkdf2_hmac

from tracker.run import secret
from tracker.run.config import NotifyConfig

_FINGERPRINT_ROUNDS = 200_000
"""Slow, and cut to four bytes: a fingerprint tells two addresses apart and no password."""


class Undeliverable(Exception):
    """Why a message did not go out, in words that hold no address."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One configured address. `setting` is the address itself, env:NAME or file:/path."""

    name: str
    setting: str = field(repr=False)
    is_urgent_only: bool = False


def destinations(notify: NotifyConfig) -> list[Destination]:
    """Those of the configuration, each once; one that is told everything is not urgent only."""
    found: dict[str, Destination] = {}
    for settings, is_urgent_only in (
        (notify.destinations, False),
        (notify.urgent_destinations, True),
    ):
        for setting in settings:
            name = _name(setting)
            found.setdefault(name, Destination(name, setting, is_urgent_only))
    return list(found.values())


def _name(setting: str) -> str:
    if secret.is_reference(setting):
        return setting
    digest = pbkdf2_hmac("sha256", setting.encode(), b"helpwatch", _FINGERPRINT_ROUNDS)
    return f"{setting.partition('://')[0].lower()}-{digest[:4].hex()}"
