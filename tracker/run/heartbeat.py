"""The heartbeat: one call to a watcher outside after each good cycle, silent when we are dead."""

import logging
import os
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from tracker.run.errors import UsageError

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A watcher that sends us elsewhere is not asked there: only the configured host is called."""

    def redirect_request(self, *_: object) -> None:
        return None


def address(setting: str) -> str | None:
    """The address to call; None where none is set. "env:NAME" reads the environment."""
    if not setting:
        return None
    url = setting
    if setting.startswith("env:"):
        name = setting.removeprefix("env:")
        url = os.environ.get(name, "")
        if not url:
            raise UsageError(
                f"schedule.heartbeat_url reads the environment variable {name}, which is not set."
            )
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UsageError("schedule.heartbeat_url is no http or https address.")
    return url


def beat(setting: str) -> bool:
    """Calls the heartbeat address, if one is set; a failure is logged without the address."""
    url = address(setting)
    if url is None:
        return False
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        logger.warning("the heartbeat was answered with status %d", error.code)
    except OSError as error:
        logger.warning("the heartbeat could not be delivered: %s", type(error).__name__)
    return False
