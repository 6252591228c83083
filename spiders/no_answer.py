"""Why a request brought no answer, in words for a report: no class names, no mirror's address."""

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectionClosed
from twisted.web.client import ResponseFailed

_WORDS = {
    ResponseDataLossError: "breaks off before its announced end",
    DownloadCancelledError: "is larger than may be read",
    DownloadTimeoutError: "no whole answer came in time",
    CannotResolveHostError: "the host is unknown: the name does not resolve",
    DownloadConnectionRefusedError: "the connection was refused",
}


def why(error: BaseException) -> str:
    """The reason of a failed download. Rules of ours (`Refused`) have their own words."""
    if isinstance(error, IgnoreRequest) and str(error):
        return str(error)
    if isinstance(error, DownloadFailedError):
        return _why_broken(error.__cause__)
    known = (words for kind, words in _WORDS.items() if isinstance(error, kind))
    return next(known, f"no connection could be made ({type(error).__name__})")


def _why_broken(cause: BaseException | None) -> str:
    """Twisted's failure to read an answer holds what was behind it."""
    is_told = isinstance(cause, ResponseFailed)
    reasons = [failure.value for failure in cause.reasons] if is_told else []
    for reason in reasons:
        if isinstance(reason, SSL.Error):
            return f"no secure connection could be made: {_openssl_words(reason)}"
    if any(isinstance(reason, ConnectionClosed) for reason in reasons):
        return "the connection was closed in mid-answer"
    return "the answer is no sound HTTP"


def _openssl_words(error: SSL.Error) -> str:
    """OpenSSL gives a list of (library, function, reason)."""
    entries = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return ", ".join(entry[-1] for entry in entries if entry[-1]) or "it was closed"
