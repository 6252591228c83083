"""The heartbeat: one call to a watcher outside after each good cycle, silent when we are dead."""

import http.client
import logging
import urllib.error
import urllib.request

from tracker.run import secret
from tracker.run.config import is_web_address
from tracker.run.errors import UsageError

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A watcher that sends us elsewhere is not asked there: only the configured host is called."""

    def redirect_request(self, *_: object) -> None:
        return None


def address(setting: str) -> str | None:
    """The address to call; None where none is set. See `secret` for where it may come from."""
    if not setting:
        return None
    try:
        url = secret.read(setting)
    except secret.SecretUnreadable as error:
        raise UsageError(f"schedule.heartbeat_url cannot be read: {error}.") from None
    if not is_web_address(url):
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
    except (OSError, http.client.HTTPException, ValueError) as error:
        logger.warning("the heartbeat could not be delivered: %s", type(error).__name__)
    return False
