"""Secrets of the configuration: where they are read from, and how they are kept out of all texts.

A setting that is a secret (an address with a password or a token in it) is the secret itself,
"env:NAME" for an environment variable, or "file:/path" for a file that not everybody can read.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from tracker.run.config import Config

HIDDEN = "(secret)"
_SHORTEST_PART = 8
"""Shorter parts of an address are words ("notify") rather than tokens; passwords are hidden
whatever their length, down to this:"""
_SHORTEST_PASSWORD = 3

_REFERENCE = re.compile(r"(env|file):(?!//)(.+)", re.DOTALL)
_USER_INFO = re.compile(r"(?<=://)[^\s/?#@'\"<>]+@")


class SecretUnreadable(Exception):
    """Why a secret cannot be had, in words that do not hold it."""


def is_reference(setting: str) -> bool:
    """Whether a setting says where the secret is, and so may be shown."""
    return _REFERENCE.fullmatch(setting) is not None


def read(setting: str) -> str:
    """The secret that a setting is or names; SecretUnreadable where it cannot be had."""
    reference = _REFERENCE.fullmatch(setting)
    if reference is None:
        return setting
    kind, name = reference.groups()
    secret = os.environ.get(name, "").strip() if kind == "env" else _content(Path(name))
    if not secret:
        what = f"the environment variable {name} is not set"
        raise SecretUnreadable(what if kind == "env" else f"the file {name} is empty")
    return secret


def _content(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & stat.S_IROTH:
            raise SecretUnreadable(f"everybody can read the file {path}; try `chmod o= {path}`")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretUnreadable(f"the file {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SecretUnreadable(f"the file {path} is not text") from None


class Secrets:
    """What must not be shown. `hide` is for every text that leaves: a log line, an error."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def learn(self, config: "Config") -> None:
        """Takes in the secrets of a configuration, as far as they can be read now."""
        notify, heartbeat = config.notify, config.schedule.heartbeat_url
        for setting in (*notify.destinations, *notify.urgent_destinations, heartbeat):
            try:
                self._known.update(_parts(read(setting)))
            except SecretUnreadable:
                continue  # whoever needs it says so; there is nothing to hide

    def hide(self, text: str) -> str:
        """The text without them, and without the user and password of any address."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _USER_INFO.sub(f"{HIDDEN}@", text)


def _parts(address: str) -> Iterator[str]:
    """The address, and each part of it that may be a token by itself, as written and as meant."""
    if not address:
        return
    yield address
    _, _, rest = address.partition("://")
    authority, _, _ = rest.partition("/")
    user_info = authority.rpartition("@")[0]
    for password in (user_info, user_info.partition(":")[2]):
        for form in {password, unquote(password)}:
            if len(form) >= _SHORTEST_PASSWORD:
                yield form
    pieces = re.split(r"[/?&#@:]", rest)
    pieces += [value for _, value in parse_qsl(_query(address))]
    for piece in pieces:
        for form in {piece, unquote(piece)}:
            if len(form) >= _SHORTEST_PART:
                yield form


def _query(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError:
        return ""  # a bracket out of place; the pieces are hidden all the same
