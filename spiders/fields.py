"""Text -> instant, day, count, minutes, language, address: one field each, exactly or not at all.

A value that cannot be known is None; nothing is guessed, and no system locale is asked. Wordings
are those seen on saved pages between April 2025 and June 2026 (`spiders.languages`).
"""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from msgspec import Struct

from spiders.languages import (
    LANGUAGES,
    LANGUAGES_OF_TAB,
    find_language,
    is_day_first,
    month_number,
)

MARKS = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
"""Direction marks (for a character class); they may stand anywhere in Arabic dates and counts."""
SPACES = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"
"""White space inside a line (for a character class)."""
_S = f"[{SPACES}{MARKS}]"
_EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + (
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def parse_instant(text: str | None) -> datetime | date | None:
    """An ISO 8601 instant with offset as aware UTC datetime; a bare ISO date as date; else None.

    The page's own JSON has '2025-04-24T14:00+08:00' and '2025-04-25T08:40:07.171Z'. An instant
    without an offset is no known instant.
    """
    if not isinstance(text, str):
        return None
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        if text[10:11] not in {"T", "t", " "}:
            return None
        instant = datetime.fromisoformat(text)
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):  # OverflowError: an offset leads out of years 1 to 9999
        return None


# Every repetition is bounded, so that no text can make matching slow. Years have four figures and
# may stand glued to a count or a label ('Mar 18, 2026195'), hence no word boundary at the end.
_DAY = re.compile(
    rf"""
    (?P<d1>\d{{1,2}})(?:er|st|nd|rd|th|[.ºª])?{_S}{{0,3}}(?:(?:de|of|di){_S}{{1,3}})?
        (?P<m1>[^\W\d_]{{1,15}}(?:\ ال[^\W\d_]{{2,6}})?)[.,،]{{0,2}}{_S}{{0,3}}
        (?:(?:de|del|of){_S}{{1,3}})?(?P<y1>\d{{4}})(?:{_S}{{0,3}}[гр]\.)?
    | (?P<m2>[^\W\d_]{{1,15}})\.?{_S}{{1,3}}(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?
        (?:,{_S}{{0,3}}|{_S}{{1,3}})(?P<y2>\d{{4}})
    | (?P<y3>\d{{4}}){_S}{{0,3}}年{_S}{{0,3}}(?P<m3>\d{{1,2}}){_S}{{0,3}}月{_S}{{0,3}}
        (?P<d3>\d{{1,2}}){_S}{{0,3}}[日号號]
    | (?P<y4>\d{{4}})(?P<s4>[-/.])(?P<m4>\d{{2}})(?P=s4)(?P<d4>\d{{2}})
    | (?P<a5>\d{{1,2}}){_S}{{0,3}}(?P<s5>[-/.]){_S}{{0,3}}(?P<b5>\d{{1,2}}){_S}{{0,3}}
        (?P=s5){_S}{{0,3}}(?P<y5>\d{{4}})
    | (?:ngày{_S}{{1,3}})?(?P<d6>\d{{1,2}}){_S}{{1,3}}(?:tháng|thg){_S}{{0,3}}(?P<m6>\d{{1,2}})
        (?:,|{_S}{{1,3}}năm)?{_S}{{1,3}}(?P<y6>\d{{4}})
    """,
    re.VERBOSE,
)


class DayReading(Struct, frozen=True):
    """A visible date found in a text: the days it may mean (two for 4/5/2025), and its end."""

    days: tuple[date, ...]
    end: int

    @property
    def day(self) -> date | None:
        return self.days[0] if len(self.days) == 1 else None


def read_day_at(text: str, position: int, tag: str | None = None) -> DayReading | None:
    """The visible date that begins exactly at `position`; None where there is none."""
    found = _DAY.match(text, position)
    days = _days_of(found, tag) if found else ()
    return DayReading(days, found.end()) if days else None


def _days_of(found: re.Match, tag: str | None) -> tuple[date, ...]:
    """All days that a match of _DAY may mean in the language `tag`."""
    form = found.lastgroup[1]
    if form == "5":
        return _days_of_figures(*found.group("a5", "b5", "y5", "s5"), tag)
    year, month, day = found.group(f"y{form}", f"m{form}", f"d{form}")
    number = int(month) if month.isdecimal() else month_number(month, find_language(tag))
    return _valid_days((year, number, day)) if number else ()


def _days_of_figures(
    first: str, second: str, year: str, separator: str, tag: str | None
) -> tuple[date, ...]:
    """Points are written day first everywhere; slashes and dashes as the region has it."""
    day_first = separator == "." or is_day_first(tag)
    if day_first is None:
        return _valid_days((year, second, first), (year, first, second))
    return _valid_days((year, second, first) if day_first else (year, first, second))


def _valid_days(*candidates: tuple) -> tuple[date, ...]:
    days = []
    for year, month, day in candidates:
        try:
            day = date(int(year), int(month), int(day))
        except ValueError:  # no such day in the calendar
            continue
        if 1900 <= day.year < 2200:
            days.append(day)
    return tuple(dict.fromkeys(days))


def parse_day(text: str, language: str | None = None) -> date | None:
    """The visible date that `text` is, in any language; None where it cannot be known.

    `language` (a tag such as 'pt-br' or 'en-us') decides the order of figures: 4/5/2025 without a
    language, or in plain 'en', is unknown.
    """
    text = text.strip(_EDGES)
    reading = read_day_at(text, 0, language)
    return reading.day if reading and reading.end == len(text) else None


class DateLabel(Struct, frozen=True):
    """A visible date with what its label says it is; either may be unknown."""

    kind: Literal["published", "updated"] | None
    on: date | None


def label_pattern(words: str) -> str:
    """A pattern for label words; white space in them, and before a colon, may be of any kind."""
    spaced = re.escape(words).replace(r"\ ", f"{_S}{{1,3}}")
    return spaced.replace(":", f"{_S}{{0,3}}:")


def _label_patterns(kind: str) -> dict[str, str]:
    """Pattern of every label of one kind -> tag of its language, the longest first."""
    words = [(word, lang.tag) for lang in LANGUAGES.values() for word in getattr(lang, kind)]
    words.sort(key=lambda pair: -len(pair[0]))
    return {label_pattern(word): tag for word, tag in words}


class LabelFinder:
    """Finds the labels of one kind in all languages with one pattern."""

    def __init__(self, kind: Literal["published", "updated"]):
        patterns = _label_patterns(kind)
        self._tags = list(patterns.values())
        # An empty group behind each label tells which it was. In front of it, it would keep the
        # engine from passing over all text that begins no label.
        self.pattern = re.compile("|".join(f"(?:{pattern})()" for pattern in patterns))

    def tag_of(self, found: re.Match) -> str:
        """The language of a label that `pattern` found."""
        return self._tags[found.lastindex - 1]


PUBLISHED, UPDATED = LabelFinder("published"), LabelFinder("updated")
_FREE_DAY = re.compile(rf"(?<!\d)(?:{_DAY.pattern})(?!\d)", re.VERBOSE)


def parse_labelled_date(text: str, language: str | None = None) -> DateLabel:
    """'Published on Apr 24, 2025' -> published, that day.

    A label in words not known leaves the kind unknown; the day is read where the text has just one.
    """
    text = text.strip(_EDGES)
    for kind, finder in (("published", PUBLISHED), ("updated", UPDATED)):
        label = finder.pattern.match(text)
        if label:
            tag = narrower_tag(finder.tag_of(label), language)
            return DateLabel(kind, parse_day(text[label.end() :], tag))
    readings = [_days_of(found, language) for found in _FREE_DAY.finditer(text)]
    is_known = len(readings) == 1 and len(readings[0]) == 1
    return DateLabel(None, readings[0][0] if is_known else None)


def narrower_tag(tag: str, hint: str | None) -> str:
    """`hint` where it is a region of the language `tag` ('en' and 'en-au'), else `tag`."""
    hinted = find_language(hint)
    return hint.lower() if hint and hinted and hinted.tag == tag else tag


class Count(Struct, frozen=True):
    """A count as shown; approximate where the page abbreviates it."""

    value: int
    is_approximate: bool = False


_COUNT = re.compile(
    rf"""(?P<whole>0|(?!0)\d{{1,12}}|(?!0)\d{{1,3}}
            (?:(?:[{SPACES}]\d{{3}}){{1,4}}|(?P<mark>[,.'’٬])\d{{3}}(?:(?P=mark)\d{{3}}){{0,3}}))
        (?P<plus>\+?)""",
    re.VERBOSE,
)
_SHORT_COUNT = re.compile(
    rf"(?P<whole>\d{{1,4}})(?:[.,](?P<tenths>\d{{1,2}}))?[{SPACES}]?(?P<scale>[^\W\d_]{{1,6}})\.?\+?"
)
_SCALES = {
    1000: "k K mil tis tys тыс тис tsd Tsd mii rb ribu bin tn ألف",
    1_000_000: "M mn Mn mln Mln mio Mio млн jt juta مليون",
    10_000: "万 萬",
    100_000_000: "亿 億",
}
_SCALE_OF = {word: scale for scale, words in _SCALES.items() for word in words.split()}


def parse_count(text: str) -> Count | None:
    """'14,182', '13 710' (any space), '147.473', '١٬٢٣٤'; '1.2k' and '1,000+' are approximate.

    None for any text that is not a count as a whole; unknown is never 0.
    """
    text = text.strip(_EDGES)
    exact = _COUNT.fullmatch(text)
    if exact:
        digits = "".join(character for character in exact["whole"] if character.isdecimal())
        return Count(int(digits), bool(exact["plus"]))
    short = _SHORT_COUNT.fullmatch(text)
    scale = _SCALE_OF.get(short["scale"]) if short else None
    if not scale:
        return None
    hundredths = int(short["whole"]) * 100 + int((short["tenths"] or "0").ljust(2, "0"))
    return Count(hundredths * scale // 100, is_approximate=True)


_MINUTES = (
    r"minut(?:es?|os?|i|en|er|ter|ów|y|a)?|minuuttia?|mins?|mnt|menit|мин(?:ут[аы]?)?|"
    r"хв(?:илин[аи]?)?|分钟|分鐘|دقيقة|دقائق|dk|dakika|phút"
)
_READING_WORDS = re.compile(
    r"read|lecture|les[ei]|leestijd|lectura|leitura|lettura|czyta|чтени|чита|baca|阅读|閱讀|läs|luk|"
    r"čten|قراءة|citi|oku|đọc",
    re.IGNORECASE,
)
_ANY_READING = re.compile(
    rf"(?P<before>[^\d\n]{{0,40}})(?P<minutes>\d{{1,3}}){_S}{{0,3}}(?:{_MINUTES})"
    r"(?![^\W\d_])(?P<after>[^\d\n]{0,40})",
    re.IGNORECASE,
)
_KNOWN_READING = re.compile(
    "|".join(
        f"{label_pattern(before)}{_S}{{0,3}}(\\d{{1,3}}){_S}{{0,3}}{label_pattern(after)}"
        for language in LANGUAGES.values()
        for before, after in language.reading
    )
)


def parse_reading_minutes(text: str) -> int | None:
    """Minutes of reading time: '2 min read', 'Lecture de 4 min', '阅读时长 2 分钟'; else None."""
    found = read_minutes_at(text.strip(_EDGES), 0)
    return found[0] if found and not found[1] else None


def read_minutes_at(text: str, position: int) -> tuple[int, str] | None:
    """The reading time that begins at `position`, and what stands behind it on the line.

    A wording that is not known is taken where it names minutes and reading, up to the next figure.
    """
    end = text.find("\n", position)
    line = text[position : end if end >= 0 else len(text)]
    known = _KNOWN_READING.match(line)
    if known:
        return int(known[known.lastindex]), line[known.end() :]
    other = _ANY_READING.match(line)
    if not other:
        return None
    words = other["before"] + other["after"]
    if _READING_WORDS.search(words) or not words.strip(_EDGES).strip("."):
        return int(other["minutes"]), line[other.end() :]
    return None


def detect_language(text_or_labels: str, hint: str | None = None) -> str | None:
    """The language of a page from its label words, since its address does not decide it.

    `hint` (a tag of the page or its address) narrows the language found to a region, decides
    between equals, and is the answer where the text has no label words.
    """
    votes: dict[str, int] = {}
    for finder in (PUBLISHED, UPDATED):
        for found in finder.pattern.finditer(text_or_labels):
            tag = finder.tag_of(found)
            votes[tag] = votes.get(tag, 0) + 3
    for line in {line.strip() for line in text_or_labels.split("\n") if len(line) < 60}:
        for tag in LANGUAGES_OF_TAB.get(line, ()):
            votes[tag] = votes.get(tag, 0) + 1
    hinted = find_language(hint)
    most = max(votes.values(), default=0)
    best = [tag for tag, count in votes.items() if count == most]
    if len(best) == 1:
        return narrower_tag(best[0], hint)
    is_open = hinted and (not best or hinted.tag in best)
    return hint.lower() if hint and is_open else None


_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_UNSAFE = re.compile(
    '[\\x00-\\x20\\x7f-\\xa0"<>`\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'
    "\ud800-\udfff]"
)
_PLAIN_PATH = re.compile(r"/(?![/.])[A-Za-z0-9/_~%-]*")
_PLAIN_ADDRESS = re.compile(r"https?://[a-z0-9.-]+/[A-Za-z0-9/_~%-]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEPT_SCHEMES = ("mailto", "tel")


def canonical_url(href: str, page_url: str) -> str | None:
    """The absolute target of a link on the page `page_url`, which bears the canonical origin.

    Read as browsers read it: tabs and line breaks inside are ignored, a backslash is a slash.
    None for what leads nowhere: other schemes than http, https, mailto and tel, broken hosts.
    """
    if _PLAIN_ADDRESS.fullmatch(href):
        return href
    if _PLAIN_PATH.fullmatch(href) and (origin := _origin(page_url)):
        return origin + href
    cleaned = re.sub(r"[\t\r\n]", "", href.strip("".join(map(chr, range(33)))))
    scheme = _SCHEME.match(cleaned)
    name = scheme[1].lower() if scheme else None
    if name in _KEPT_SCHEMES:
        target = _encoded(cleaned[scheme.end() :])
        return f"{name}:{target}" if target else None
    if name and name not in _DEFAULT_PORTS:
        return None
    try:
        return _absolute(cleaned, name, page_url)
    except ValueError:  # a broken IPv6 address, a port that is none
        return None


@lru_cache(maxsize=256)
def _origin(page_url: str) -> str | None:
    """Scheme and host of the page; None where it has none."""
    parts = urlsplit(canonical_url(page_url, "") or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def _absolute(address: str, scheme: str | None, page_url: str) -> str | None:
    path, mark, rest = re.fullmatch(r"([^?#]*)([?#]?)(.*)", address, re.DOTALL).groups()
    path = path.replace("\\", "/")
    behind = path[len(scheme) + 1 :] if scheme else path
    has_slash = behind.startswith("/") if scheme else behind.startswith("//")
    if has_slash or (scheme and urlsplit(page_url).scheme.lower() != scheme):
        host = behind.lstrip("/")
        if not host:
            return None
        behind = f"{scheme or ''}{':' if scheme else ''}//{host}"
    parts = urlsplit(urljoin(page_url, _encoded(behind + mark + rest)))
    scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    if scheme not in _DEFAULT_PORTS or not host or re.search(r"[\s%^|]", host):
        return None
    user, at, _ = parts.netloc.rpartition("@")
    netloc = f"{user}{at}{f'[{host}]' if ':' in host else host}"
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        netloc += f":{port}"
    return urlunsplit((scheme, netloc, parts.path or "/", parts.query, parts.fragment))


def _encoded(text: str) -> str:
    """White space, control characters and quotes as %XX, so that the address stays one word."""
    return _UNSAFE.sub(lambda found: quote(found[0], safe="", errors="replace"), text)


_HELP_PATH = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?#]*)?(?:/(?P<locale>[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}))?"
    r"/help(?P<rest>/[^?#]*)?(?:[?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_NOT_SLUGS = frozenset({"category", "section", "search"})


def slug_of(url: str) -> str | None:
    """'how-to' of .../help/how-to, with or without a locale; None if no article."""
    found = _HELP_PATH.fullmatch(url.strip())
    slug = (found["rest"] or "").strip("/") if found else ""
    return slug if slug and "/" not in slug and slug not in _NOT_SLUGS else None


def locale_of(url: str, default: str = "en") -> str:
    """The locale in front of /help, in lower case; `default` where the address has none."""
    found = _HELP_PATH.fullmatch(url.strip())
    return (found["locale"] or default).lower() if found else default
