"""Scheme, host and port of an address: where requests may go, and what stored addresses bear.

Two programs may read one odd address in two ways (user info, a backslash, a trailing dot, a host in
decimal or as an IPv6-mapped address). So an address counts as on an origin only where its
authority, read strictly, is that origin's, and what is asked is written out anew from the origin.
"""

import re

_ADDRESS = re.compile(r"(https?)://([^/?#\\@\s]*)([/?#].*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(base_url: str) -> str:
    """The origin that `base_url` names, as `https://www.okx.com`: lower case, no default port.

    ValueError where it is anything but an http(s) origin, with or without a slash at its end.
    """
    read = _read(_with_ascii_host(base_url.strip()))
    if read is None or read[1] not in ("", "/"):
        raise ValueError(
            f"{base_url!r} is no origin of a help centre; give scheme and host, "
            "such as 'https://www.okx.com'"
        )
    return read[0]


def moved(url: str, source: str, target: str) -> str | None:
    """`url` with the origin `target` in place of `source`; None where it is not on `source`.

    Both origins are as `origin_of` gives them. With `source` as `target` too, the address is
    written out so that it begins with exactly that origin.
    """
    read = _read(url)
    return target + (read[1] or "/") if read and read[0] == source else None


def _read(url: str) -> tuple[str, str] | None:
    """Origin and the rest of an address; None for what is no plain http(s) address."""
    address = _ADDRESS.fullmatch(url)
    authority = address and _AUTHORITY.fullmatch(address[2])
    if not authority:
        return None
    scheme, host = address[1].lower(), authority[1].lower()
    port = int(authority[2]) if authority[2] else _DEFAULT_PORTS[scheme]
    shown_port = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    rest = address[3] or ""
    return f"{scheme}://{host}{shown_port}", rest if rest[:1] in ("", "/") else "/" + rest


def _with_ascii_host(url: str) -> str:
    """An internationalised host in the form in which it is asked for (punycode)."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    return scheme + separator + host + slash + path
