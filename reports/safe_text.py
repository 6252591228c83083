"""Text from pages made harmless for the place where it is shown; nothing is hidden, all is told.

Whoever writes a help page also writes into our reports. So characters that act or that cannot be
seen are written out by their code point, and each format has its own escape. HTML is escaped by
jinja2 (autoescape) and `markupsafe`, XML by the standard library, both after `visible`.
"""

import re
import shlex
from urllib.parse import urlsplit

# Controls but for line feed and tab; bidi marks, embeddings and isolates; zero-width and filler
# characters; line and paragraph separators; selectors and tags that smuggle text; surrogates and
# non-characters (which XML cannot hold). U+FE0E and U+FE0F stay: they only choose an emoji's look.
UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_UNSEEN = re.compile(f"[{UNSEEN}]")
_LINE_BREAKS = re.compile(r"\r\n?")
_SPACES = re.compile(r"\s+")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#!|~$])")
_ENTITY = re.compile(r"&(?=[#A-Za-z])")
_MARKDOWN_START = re.compile(r"^(\s*)(?:([-+=](?=[-+=\s]|$)|>)|(\d{1,9})([.)])(?=\s|$))", re.M)
"""What makes a line a list item, a heading, a rule or a quotation."""
_URL_REFUSED = re.compile(rf"[\s<>\"\\^`{{|}}{UNSEEN}]")
# Spreadsheets in some regions take the wide forms for the plain ones.
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")

SHORT_CHARS = 300
"""A title or address longer than this is cut: a page may send a title of a megabyte."""


def visible(text: str) -> str:
    """The text with every unseen or acting character written out, as in `<U+202E>`."""
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", _LINE_BREAKS.sub("\n", text))


def one_line(text: str, limit: int = SHORT_CHARS) -> str:
    """Visible text without line breaks, cut after `limit` characters (and said so)."""
    cut = text[:limit]
    line = _SPACES.sub(" ", visible(cut)).strip()
    if len(text) > limit:
        line += f"… ({len(text):,} characters)"
    return line


def safe_link(url: str | None) -> str | None:
    """The address if it is plain http or https, else None: then there is no link at all."""
    if not url or _URL_REFUSED.search(url) or len(url) > 2_000:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None


def language_tag(locale: str) -> str | None:
    """The locale for a `lang` attribute, where it has the shape of a language tag."""
    return locale if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", locale) else None


def escape_markdown(text: str) -> str:
    """Visible text that stays the same text wherever Markdown is rendered; line breaks stay."""
    text = _ENTITY.sub("&amp;", visible(text)).replace("<", "&lt;")
    return _MARKDOWN_START.sub(_escape_start, _MARKDOWN.sub(r"\\\1", text))


def _escape_start(found: re.Match[str]) -> str:
    space, sign, number, stop = found.groups()
    return f"{space}\\{sign}" if sign else f"{space}{number}\\{stop}"


def markdown_line(text: str, limit: int = SHORT_CHARS) -> str:
    """`escape_markdown` of one line, for headings, list items and table cells."""
    return escape_markdown(one_line(text, limit))


def markdown_code(text: str) -> str:
    """A code span that ends where we say: its fence is longer than any within."""
    text = _SPACES.sub(" ", visible(text))
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def markdown_link(text: str, url: str | None) -> str:
    """A link where the address is sound, else the text alone."""
    link = safe_link(url)
    label = markdown_line(text) or "(untitled)"
    return f"[{label}](<{link}>)" if link else label


def csv_text(text: str | None) -> str | None:
    """A text cell that no spreadsheet takes for a formula. Not for numbers: -5 stays -5."""
    if text is None:
        return None
    text = visible(text)
    return "'" + text if text.lstrip(" \u00a0").startswith(_FORMULA_STARTS) else text


def shell_word(text: str) -> str:
    """One argument of a command line that may be copied from a report."""
    return shlex.quote(visible(text))
