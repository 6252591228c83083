"""Why a body is no page of a help centre, named by what to do about it.

Asked only about pages on which neither an article nor a listing was found: a sound article may
well speak of captchas, errors and maintenance.
"""

import re
from urllib.parse import urlsplit

from spiders.errors import Blocked, LayoutUnknown, NotAnArticle, PageError, PageIncomplete
from spiders.page_html import Head, plain

_CHALLENGES = re.compile(
    rb"/cdn-cgi/challenge-platform/|challenges\.cloudflare\.com|cf-chl-|cf_chl_opt|cf-browser-verif"
    rb"|captcha-delivery\.com|px-captcha|perimeterx|_Incapsula_Resource|aliyun_waf|acw_sc__v"
    rb"|hcaptcha\.com|recaptcha/api|awswaf\.com|AwsWafIntegration|sucuri_cloudproxy"
    rb"|<title>[^<]{0,20}(?:Just a moment|Attention Required|Un instant|Verify you are human"
    rb"|Are you a robot|Security check|Checking your browser)",
    re.IGNORECASE,
)
_REFUSALS = re.compile(
    rb"<title>[^<]{0,20}(?:Access Denied|403|429|Forbidden|Too Many Requests|Request Rejected"
    rb"|Access to this page has been denied|Sign in|Log in)"
    rb"|errors\.edgesuite\.net|cf-error-details|Sorry, you have been blocked",
    re.IGNORECASE,
)
_ERRORS = re.compile(
    r"^\W*(?:404|410|50[0234])\b|\b(?:error|status|code)\W{0,3}[45]\d\d\b|not (?:be )?found"
    r"|no longer available|bad gateway|unavailable|went wrong|maintenance|timed? ?out"
    r"|internal server error|an error|error page|try again|找不到|不存在|出错|出錯|维护|維護"
    r"|introuvable|nicht gefunden|no encontrad|não encontrad",
    re.IGNORECASE,
)
_TITLE = re.compile(rb"<title\b[^<>]{0,200}>([^<]{0,500})")
_HEADING = re.compile(rb"<h1\b[^<>]{0,200}>([^<]{0,200})")
_INVISIBLE = re.compile(rb"<(script|style|head|noscript|template)\b", re.IGNORECASE)
LOOKED_AT = 400_000
"""Bytes of a page that are searched for signs of trouble."""
TAIL = 2_000
"""Bytes before the last white space of a page in which its closing tag is looked for."""
SHELL_TEXT = 40
"""Characters of visible text that a page has at least, if it is not an empty shell."""


def check_type(body: bytes, content_type: str | None) -> None:
    """PageError where the body is no HTML at all, whatever the server called it."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind and kind not in ("text/html", "application/xhtml+xml", "application/octet-stream"):
        raise NotAnArticle(f"The answer is {kind}, not a page", kind="wrong_type")
    start = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise PageIncomplete("The answer is empty; ask again later", kind="empty_shell")
    if b"\0" in start[:200] or start[:1] != b"<" and b"<html" not in body[:LOOKED_AT].lower():
        raise NotAnArticle("The answer is no HTML", kind="wrong_type")


def cut_off() -> PageError:
    return PageIncomplete("The page breaks off before its end; ask again later", kind="cut_off")


def has_end(body: bytes) -> bool:
    """Whether a page goes on to its end. What lacks it may lack half an article as well, which
    would pass for a shorter text: every real page seen so far closes its `body` and its `html`.
    """
    tail = body.rstrip()[-TAIL:].lower()
    return b"</html" in tail or b"</body" in tail


def trouble_of(body: bytes, head: Head, url: str, *, is_help: bool) -> PageError:
    """What is wrong with a page that has no article, no listing and is not the help home.

    `is_help`: the page carries the help centre's own data, if nothing to read.
    """
    part = body[:LOOKED_AT]
    title, heading = _first(_TITLE, part), _first(_HEADING, part)
    named = repr((title or heading)[:80])
    if _CHALLENGES.search(part) and not is_help:
        return Blocked(f"The site asks for proof of a human ({named}); stop", kind="challenge")
    if _REFUSALS.search(part) and not is_help:
        return Blocked(f"The site refuses ({named}); stop asking")
    if _ERRORS.search(title) or _ERRORS.search(heading):
        return PageIncomplete(f"An error page: {named}; ask again later", kind="soft_error")
    if not has_end(body):
        return cut_off()
    if len(plain(_visible(part))) < SHELL_TEXT:
        return PageIncomplete("A page without content; ask again later", kind="empty_shell")
    if is_help:
        return LayoutUnknown(f"A page of the help centre that the reader does not know: {named}")
    if (host := _host(head.canonical)) and host != _host(url):
        return NotAnArticle(f"A page of {host}: {named}; skip it", kind="other_host")
    return NotAnArticle(f"Neither article nor listing: {named}; skip it")


def _first(pattern: re.Pattern, body: bytes) -> str:
    found = pattern.search(body)
    return plain(found[1].decode("utf-8", "replace")) if found else ""


def _visible(body: bytes) -> str:
    """The page without its head, scripts and styles."""
    lower, parts, end = body.lower(), [], 0
    for found in _INVISIBLE.finditer(body):
        if found.start() < end:
            continue
        parts.append(body[end : found.start()])
        end = lower.find(b"</" + found[1].lower(), found.end())
        if end < 0:
            break
    else:
        parts.append(body[end:])
    return b" ".join(parts).decode("utf-8", "replace")


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:  # a broken IPv6 address
        return None
