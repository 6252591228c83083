"""The way to a destination. It is loaded when there is something to send, and Apprise with it.

The gate: this is the only place from which messages leave. Addresses come from the operator's
configuration and from nowhere else, so private ones (a mail relay, a chat server inside) are
allowed; where such an address redirects to is not followed. Apprise's own words may quote an
address, so none of them is passed on: the reason of a failure is one of ours.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apprise

from reports.notify import Form, Message
from tracker.run import secret
from tracker.run.destinations import Destination, Undeliverable

_REASONS = (
    (r"error[=:\s]+(?:HTTP\s+)?(\d{3})\b", "it answered with status {}"),
    (r"authenticat|SMTPAuth|\b535\b", "it did not accept the user or the password"),
    (r"timed? ?out|TIMEOUT", "it did not answer in time"),
    (r"refused", "the connection was refused"),
    (r"Name or service not known|getaddrinfo|resolve|NameResolution", "its host is unknown"),
    (r"certificate|SSL", "no secure connection could be made"),
)


class Sender:
    """An open destination: what it takes, and the sending itself. Undeliverable says why not."""

    def __init__(self, destination: Destination, timeout_seconds: float):
        self._timeout_seconds = timeout_seconds
        address = _address(destination)
        with _listening() as heard:
            try:
                self._service = apprise.Apprise.instantiate(address, asset=_asset())
            except Exception as error:
                # A service of Apprise may fail in any way; the text of its error may be a secret.
                raise Undeliverable(f"Apprise failed ({type(error).__name__})") from None
        if self._service is None:
            raise Undeliverable(_reason(heard, "it is no address that Apprise knows"))
        self._service.redirects = False
        self._service.socket_connect_timeout = timeout_seconds
        self._service.socket_read_timeout = timeout_seconds

    @property
    def form(self) -> Form:
        # Apprise names the forms that a service takes, its own first.
        taken = self._service.notify_format
        preferred = taken[0] if isinstance(taken, (tuple, list)) else taken
        return "html" if preferred == apprise.NotifyFormat.HTML else "text"

    @property
    def body_limit(self) -> int:
        return int(self._service.body_maxlen)

    @property
    def title_limit(self) -> int:
        return int(self._service.title_maxlen)

    @property
    def takes_files(self) -> bool:
        return bool(self._service.attachment_support)

    def send(self, message: Message, *, is_grave: bool, files: Sequence[Path] = ()) -> None:
        """Returns when the destination has accepted; Undeliverable says why it did not."""
        formats = {"html": apprise.NotifyFormat.HTML, "text": apprise.NotifyFormat.TEXT}
        with _listening() as heard:
            try:
                sending = apprise.Apprise(asset=self._service.asset)
                sending.add(self._service)
                is_accepted = sending.notify(
                    title=message.title,
                    body=message.body,
                    body_format=formats[self.form],
                    notify_type=apprise.NotifyType.WARNING if is_grave else apprise.NotifyType.INFO,
                    attach=[str(path) for path in files if self.takes_files] or None,
                    timeout=self._timeout_seconds * 3,
                )
            except Exception as error:
                # As above: what fails here must neither end the cycle nor tell an address.
                raise Undeliverable(f"Apprise failed ({type(error).__name__})") from None
        if not is_accepted:
            raise Undeliverable(_reason(heard, "it was not accepted"))


def _address(destination: Destination) -> str:
    try:
        return secret.read(destination.setting)
    except secret.SecretUnreadable as error:
        raise Undeliverable(str(error)) from None


def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(
        app_id="helpwatch",
        app_desc="helpwatch",
        app_url="",
        async_mode=False,
        http_redirects=False,
        secure_logging=True,
    )


# What Apprise says


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What Apprise logs, kept from every log: it may quote an address."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    logger, ear = logging.getLogger("apprise"), Ear()
    before = (logger.level, logger.propagate)
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield heard
    finally:
        logger.removeHandler(ear)
        logger.setLevel(before[0])
        logger.propagate = before[1]


def _reason(heard: Sequence[str], default: str) -> str:
    """Our words for what was heard: they are for reading, nothing is decided by them."""
    said = "\n".join(heard)
    for pattern, words in _REASONS:
        if found := re.search(pattern, said, re.I):
            return words.format(*found.groups())
    return default
