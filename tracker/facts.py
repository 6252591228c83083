"""The typed facts that a text states: percentages, amounts, durations, dates, figures,
jurisdictions and link targets, each with its place.

Facts are told as they are written: `1,000 USDT` and `1000 USDT` are two. Only jurisdictions have
one name for all their spellings. Figures inside a word (`ERC20`, `2FA`) or an address are none.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tracker import jurisdictions
from tracker.difference import TouchedKind

# Atomic: no part of a number is a number ('24h' does not state a 2).
_NUMBER = r"(?>\d{1,3}(?:[ ,.'\u2019]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*|\.\d+)"
_SCALE = r"(?:\s?(?:million|billion|trillion|thousand|mln|bn)\b|[kKmMbB]\b|\s?[万亿千萬億])"
_SIGNED = rf"(?:[-+\u2212\u00b1])?{_NUMBER}{_SCALE}?"
_RANGE = rf"{_SIGNED}(?:\s?[-\u2013\u2014~至到]\s?{_NUMBER}{_SCALE}?)?"

_DOLLARS = "US|HK|A|C|S|NT|R"
_SYMBOL = rf"(?:(?:{_DOLLARS})?\$|[€£¥₹₽₩₺₴₫฿₿])"
_KNOWN_CODES = (
    "USDT|USDC|USD|EUR|GBP|JPY|CNY|CNH|HKD|SGD|AUD|CAD|CHF|INR|BRL|TRY|RUB|KRW|AED|NGN|IDR|VND|PHP"
    "|BTC|ETH|SOL|OKB|XRP|BNB|DAI|TRX|DOGE|ADA|LTC|TON"
)
_KNOWN_CODE = f"(?:{_KNOWN_CODES})"
# Any other word in capitals behind a figure is taken for a token, but for these.
_NO_TOKEN = (
    r"(?!(?:UTC|GMT|KYC|KYB|AML|FAQ|API|NFT|APP|AND|THE|FOR|VIP|CET|EST|PST|SMS|PDF|PNG|JPG)\b)"
)
_UNIT_OF_ACCOUNT = (
    rf"(?:{_SYMBOL}|{_NO_TOKEN}[A-Z][A-Z0-9]{{2,9}}(?![A-Za-z0-9])"
    r"|(?:US )?dollars?\b|euros?\b|pounds?\b|yuan\b|美元|欧元|歐元|人民币|人民幣|港元|港币|港幣|元)"
)
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NUMBER_WORD = rf"(?:(?:{_TENS})(?:-(?:{_ONES}))?|{_TEENS}|{_ONES})"
_TIME_UNIT = (
    r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|quarters?|years?|yrs?"
    r"|secondes?|heures?|jours?|semaines?|mois|ans?|années?"
    r"|segundos?|minutos?|horas?|días?|dias?|semanas?|meses|mes|mês|años?|anos?"
    r"|Sekunden?|Minuten?|Stunden?|Tagen?|Tage?|Wochen?|Monaten?|Monate?|Jahren?|Jahre?"
    r"|giorni|giorno|ore|ora|settimane|settimana|mesi|mese|anni|anno"
    r"|дней|дня|день|часов|часа|час|минут|недель|недели|месяцев|месяца|месяц)\b"
)
_CHINESE_TIME_UNIT = (
    r"(?:(?:个|個)?(?:工作日|交易日|自然日|小时|小時|分钟|分鐘|秒钟|秒鐘|秒|星期|季度|周|週|天|日|年)"
    r"|(?:个|個)月)"
)
_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan.|Feb.|Mar.|Apr.|Jun.|June.|Jul.|July.|Aug.|Sep.|Sept.|Oct.|Nov.|Dec."
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
    "|janvier|janv.|février|févr.|mars|avril|mai|juin|juillet|juil.|août|septembre|sept."
    "|octobre|oct.|novembre|nov.|décembre|déc."
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro"
    "|jan.|fev.|mar.|abr.|mai.|jun.|jul.|ago.|set.|out.|dez."
    "|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember"
    "|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    "|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
)
# The longer name first: `5. Jun` is not all of `5. Juni`. Of `8 mai.` the stop ends a sentence.
_MONTHS_BY_LENGTH = sorted(_MONTHS.split("|"), key=lambda name: -len(name.rstrip(".")))
_MONTH = f"(?:{'|'.join(map(re.escape, _MONTHS_BY_LENGTH))})"
_ZONE = r"(?:\s?\(?(?:UTC|GMT)(?:\s?[-+]\d{1,2}(?::\d{2})?)?\)?)"
_TIME = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?(?:\s?[ap]\.?m\b\.?|\s?[AP]M\b)?{_ZONE}?"
_HOUR = rf"\d{{1,2}}\s?(?:[ap]\.?m\b\.?|[AP]M\b){_ZONE}?"
_DAY = (
    r"(?:\d{4}-\d{1,2}-\d{1,2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?"
    r"|\d{4}[/.]\d{1,2}[/.]\d{1,2}|\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})|\d{1,2}\.\s?\d{1,2}\.\s?\d{4}"
    r"|\d{4}\s?年(?:\s?\d{1,2}\s?月(?:份|\s?\d{1,2}\s?[日号號])?)?|\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号號])?"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s(?:\d{{4}})\b)?|{_MONTH}\s\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.|º|er)?\s(?:de\s|of\s)?{_MONTH}(?:,?\s(?:de\s)?\d{{4}}\b)?)"
)
# A fact does not begin inside a word or a figure; Chinese puts no space in front of one.
_FREE = r"(?<![A-Za-z0-9])(?<![A-Za-z0-9]-)(?<!\d[.,:/])"
# Between a figure and its unit: a space, a hyphen, the end of bold or italic type.
_GAP = r"[\s*_]{0,3}"
_KIND_OF_DAY = r"(?:[\s*_-]{1,3}(?:business|working|calendar|trading|consecutive))?[\s*_-]{0,3}"
# In this order: of those that begin at one place the first that fits is taken.
_PATTERNS = {
    "percentage": (
        rf"{_FREE}{_RANGE}{_GAP}(?:[%％‰]|(?:percent|per cent|pct|bps|basis points?)\b|个百分点)"
        rf"|百分之\s?(?:{_NUMBER}|[零〇一二三四五六七八九十百点點]+)"
    ),
    "date": rf"{_FREE}(?:{_DAY}(?:,? (?:at )?(?:{_TIME}|{_HOUR}))?|{_TIME}|{_HOUR})",
    "duration": (
        rf"{_FREE}(?:{_RANGE}|(?i:{_NUMBER_WORD})(?: \({_NUMBER}\))?){_KIND_OF_DAY}{_TIME_UNIT}"
        rf"|{_FREE}{_RANGE}{_GAP}{_CHINESE_TIME_UNIT}"
        rf"|{_FREE}(?:{_NUMBER}[hHd]\s?[-\u2013\u2014~至到]\s?)?{_RANGE}[hHd]\b"
    ),
    "amount": (
        rf"(?:(?<![A-Za-z0-9])[-+])?{_SYMBOL}\s?{_RANGE}(?: {_KNOWN_CODE}\b)?"
        rf"|(?<![A-Za-z0-9]){_KNOWN_CODE} {_RANGE}|{_FREE}{_RANGE}{_GAP}{_UNIT_OF_ACCOUNT}"
    ),
    "figure": rf"{_FREE}{_SIGNED}(?:/\d+)*(?:x\b|(?:st|nd|rd|th)\b)?(?![A-Za-z])",
}
_FACT = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items()))
# What a fact can begin with: a sign or digit, or one of some words. Found first, since trying all
# the patterns at every letter takes ten times as long.
_LEAD = re.compile(r"([-+.\d$€£¥₹₽₩₺₴₫฿₿\u2212\u00b1百])|[A-Za-z]+|[а-я]+")
_NUMBER_WORDS = f"{_ONES}|{_TEENS}|{_TENS}"
_LEAD_WORDS = frozenset(
    _LEAD.match(name)[0]
    for names in (
        *(_NUMBER_WORDS, _NUMBER_WORDS.title(), _NUMBER_WORDS.upper()),
        *(_MONTHS, _KNOWN_CODES, _DOLLARS),
    )
    for name in names.split("|")
)
_MARKS = re.compile(r"[*_]+")
_IMAGE_TARGET = re.compile(r"!\[(?:[^\[\]\\]|\\.)*\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)")
_ADDRESS = re.compile(
    r"\]\((?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)|(?P<bare>https?://[^\s<>()\]|*]+)"
)


class Fact(NamedTuple):
    """One fact, as written, from `start` to `end` of the text. Equal `value`s are the same fact."""

    kind: TouchedKind
    text: str
    value: str
    start: int
    end: int


def facts(text: str) -> list[Fact]:
    """The typed facts of a text in the order in which they stand."""
    found = []
    if "](" in text or "://" in text:
        found, text = _links(text)
    found += _stated(text)
    found += [
        Fact("jurisdiction", text[n.start : n.end], n.name, n.start, n.end)
        for n in jurisdictions.named(text)
    ]
    return sorted(found, key=lambda fact: fact.start)


def _stated(text: str) -> Iterator[Fact]:
    """All but links and jurisdictions."""
    end = 0
    for lead in _LEAD.finditer(text):
        if (lead.lastindex or lead[0] in _LEAD_WORDS) and lead.start() >= end:
            match = _FACT.match(text, lead.start())
            if match:
                end = match.end()
                words = " ".join(_MARKS.sub(" ", match[0]).split())
                yield Fact(match.lastgroup, words, words, match.start(), end)


def _links(text: str) -> tuple[list[Fact], str]:
    """The targets of links (not of images), and the text with every address blanked out."""
    images = {match.start(1) for match in _IMAGE_TARGET.finditer(text)}
    found, parts, at = [], [], 0
    for match in _ADDRESS.finditer(text):
        start, end = match.span(match.lastgroup)
        parts += [text[at:start], "\0" * (end - start)]
        at = end
        if start not in images and end > start:
            found.append(Fact("link", text[start:end], text[start:end], start, end))
    return found, "".join([*parts, text[at:]])
