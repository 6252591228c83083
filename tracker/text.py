"""What counts as the same: of a text, of a title, of a moment.

Both texts are normalised whenever they are compared, so a better normaliser announces nothing.
Noise is white space, the host and cache-busting query of an image, and the locale in front of a
link to the site's own pages. Every character that a reader could take for a fact stays: figures,
signs, link targets, table cells, and zero-width or look-alike characters inside a word. Where a
list's number follows by counting it stays too; the difference, not the text, passes over it.
"""

import hashlib
import re
from datetime import datetime, tzinfo
from functools import lru_cache

from db.moments import Moment
from tracker import markdown_blocks
from tracker.markdown_blocks import Block

# ISO 639-1: a first path segment of another shape (`api`, `help`) is a page, not a locale.
_LANGUAGES = (
    "aa|ab|ae|af|ak|am|an|ar|as|av|ay|az|ba|be|bg|bh|bi|bm|bn|bo|br|bs|ca|ce|ch|co|cr|cs|cu|"
    "cv|cy|da|de|dv|dz|ee|el|en|eo|es|et|eu|fa|ff|fi|fj|fo|fr|fy|ga|gd|gl|gn|gu|gv|ha|he|hi|"
    "ho|hr|ht|hu|hy|hz|ia|id|ie|ig|ii|ik|io|is|it|iu|ja|jv|ka|kg|ki|kj|kk|kl|km|kn|ko|kr|ks|"
    "ku|kv|kw|ky|la|lb|lg|li|ln|lo|lt|lu|lv|mg|mh|mi|mk|ml|mn|mr|ms|mt|my|na|nb|nd|ne|ng|nl|"
    "nn|no|nr|nv|ny|oc|oj|om|or|os|pa|pi|pl|ps|pt|qu|rm|rn|ro|ru|rw|sa|sc|sd|se|sg|si|sk|sl|"
    "sm|sn|so|sq|sr|ss|st|su|sv|sw|ta|te|tg|th|ti|tk|tl|tn|to|tr|ts|tt|tw|ty|ug|uk|ur|uz|ve|"
    "vi|vo|wa|wo|xh|yi|yo|za|zh|zu"
)
_LOCALE = rf"(?i:{_LANGUAGES})(?:-[A-Za-z0-9]{{2,8}}){{0,2}}"

_IMAGE = re.compile(
    r"(!\[(?:[^\[\]\\]|\\.)*\]\(<?)([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)", re.DOTALL
)
_HOST = re.compile(r"(?:https?:)?//[^/?#]*/*", re.IGNORECASE)
_IMAGE_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|avif|bmp|ico)$", re.IGNORECASE)
# Parameters that choose a copy of the same picture, not another picture.
_COPY_PARAMETER = re.compile(
    r"(?:_|cb|cache|cachebust(?:er)?|v|ver|version|t|ts|time|timestamp|rev|hash|x-oss-process"
    r"|w|width|h|height|q|quality|fm|format|fit|auto|dpr)(?:=|$)",
    re.IGNORECASE,
)


def blocks(body: str, own_origin: str | None = None) -> tuple[Block, ...]:
    """The blocks of a text with the noise taken off. `own_origin` is the site's base address."""
    if "![" in body:
        body = _IMAGE.sub(_without_copy, body)
    if own_origin and own_origin in body:
        body = _own_link(own_origin.rstrip("/")).sub(_without_locale, body)
    return markdown_blocks.split(body)


def normalise(body: str, own_origin: str | None = None) -> str:
    """The text as it is compared: canonical Markdown without noise. Normalising it again changes
    nothing."""
    return markdown_blocks.join(blocks(body, own_origin))


def is_same(a: str, b: str, own_origin: str | None = None) -> bool:
    """Whether two texts differ in nothing but noise."""
    return a == b or normalise(a, own_origin) == normalise(b, own_origin)


def fingerprint(body: str, own_origin: str | None = None) -> str:
    """SHA-256 of the normalised text, in hexadecimal: equal exactly where `is_same`."""
    return hashlib.sha256(normalise(body, own_origin).encode("utf-8", "surrogatepass")).hexdigest()


def same_title(a: str, b: str) -> bool:
    """Whether two titles differ in nothing but white space."""
    return a == b or a.split() == b.split()


def same_moment(a: Moment | None, b: Moment | None, zone: tzinfo) -> bool:
    """Whether two moments may be the same: a bare date equals any instant of that day in `zone`.

    Unknown equals only unknown.
    """
    if a is None or b is None:
        return a is b
    if isinstance(a, datetime) == isinstance(b, datetime):
        return a == b
    days = [m.astimezone(zone).date() if isinstance(m, datetime) else m for m in (a, b)]
    return days[0] == days[1]


def _without_copy(image: re.Match) -> str:
    """An image's address by what names the picture: its path, and those parameters that count."""
    url = image[2]
    if url.startswith("data:"):
        return image[0]
    host = _HOST.match(url)
    if host:
        url = "/" + url[host.end() :]
    path, mark, query = url.partition("#")[0].partition("?")
    if not mark or _IMAGE_FILE.search(path):
        return image[1] + path
    kept = [pair for pair in query.split("&") if not _COPY_PARAMETER.match(pair)]
    return image[1] + path + ("?" + "&".join(kept) if kept else "")


@lru_cache(maxsize=16)
def _own_link(origin: str) -> re.Pattern:
    """A link target on the site itself that begins with a locale; one locale in front or, in a
    broken link, several."""
    return re.compile(rf"(\]\(<?|<)({re.escape(origin)})(?:/{_LOCALE})+(?=([/?#)>\s])|$)")


def _without_locale(link: re.Match) -> str:
    return link[1] + link[2] + ("" if link[3] == "/" else "/")
