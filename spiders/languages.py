"""The words of dates, counts and labels, language by language; no system locale is asked.

Label words are those seen on saved pages between April 2025 and June 2026. Month names and date
orders follow CLDR. What has not been seen is left out, except the plain counterpart of a label that
was (an "updated" beside a "published"), which is marked as such.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from dateutil.parser import parserinfo


class Calendar(parserinfo):
    """The month names of one language, as dateutil's own table of words.

    Only the tables are used: `dateutil.parser.parse` guesses where a page must be read exactly (it
    swaps day and month when that helps, and takes what is missing from today).
    """

    JUMP: list = []

    def __init__(self, months: str):
        self.MONTHS = [tuple(names.split()) for names in months.split("|")]
        super().__init__(dayfirst=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language as the site writes it. Words in label order: the commonest first."""

    tag: str
    calendar: Calendar
    is_day_first: bool | None = True
    """Order of all-figure dates with the year last; None where regions differ."""
    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    faq: tuple[str, ...] = ()
    announcements: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    """Category labels, the tabs' spellings among them."""
    all_tab: tuple[str, ...] = ()
    reading: tuple[tuple[str, str], ...] = ()
    """What stands before and behind the minutes of reading time."""
    separators: str = " "
    """Marks between groups of three figures; a space stands for every kind of space."""
    bare_digits: int = 3
    """How many figures a count may have without any separator."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Category labels, the longest first, so that none hides a longer one."""
        return tuple(sorted({*self.faq, *self.announcements, *self.documents}, key=len)[::-1])

    @property
    def tabs(self) -> frozenset[str]:
        return frozenset((*self.all_tab, *self.labels))


_CHINESE_MONTHS = "|".join(f"{month}月" for month in range(1, 13))
_LANGUAGES = (
    Language(
        tag="en",
        calendar=Calendar(
            "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|"
            "sep sept september|oct october|nov november|dec december"
        ),
        is_day_first=None,
        published=("Published on",),
        updated=("Updated on",),
        faq=("FAQ",),
        announcements=("Announcements", "Announcement"),
        documents=("Product documentation", "Product documents"),
        all_tab=("All",),
        reading=(("", "min read"), ("", "mins read")),
        separators=",",
    ),
    Language(
        tag="pt-br",
        calendar=Calendar(
            "jan janeiro|fev fevereiro|mar março|abr abril|mai maio|jun junho|jul julho|ago agosto|"
            "set setembro|out outubro|nov novembro|dez dezembro"
        ),
        published=("Publicado em",),
        updated=("Atualizado em",),
        faq=("Perguntas frequentes",),
        announcements=("Avisos", "Announcement"),
        documents=("Documentos do produto",),
        all_tab=("Tudo",),
        separators=".",
    ),
    Language(
        tag="pt",
        calendar=Calendar(
            "jan janeiro|fev fevereiro|mar março|abr abril|mai maio|jun junho|jul julho|ago agosto|"
            "set setembro|out outubro|nov novembro|dez dezembro"
        ),
        published=("Publicado a",),
        updated=("Atualizado a",),
        faq=("Perguntas frequentes",),
        announcements=("Comunicados", "Announcement"),
        documents=("Documentos do produto",),
        all_tab=("Tudo",),
        separators=" .",
        bare_digits=4,
    ),
    Language(
        tag="fr",
        calendar=Calendar(
            "janv janvier jan|févr février fév|mars mar|avr avril|mai|juin|juil juillet|août|"
            "sept septembre sep|oct octobre|nov novembre|déc décembre"
        ),
        # "Publié le" and "Mis à jour le" have not been seen; other pages of the kind say so.
        published=("Date de publication:", "Publié le"),
        updated=("Date de mise à jour:", "Mis à jour le"),
        faq=("FAQ",),
        announcements=("Annonces",),
        documents=("Documentation produit", "Documentation de produit"),
        all_tab=("Tout",),
        reading=(("Lecture de", "min"),),
    ),
    Language(
        tag="sv",
        calendar=Calendar(
            "jan januari|feb februari|mars mar|apr april|maj|juni jun|juli jul|aug augusti|"
            "sep sept september|okt oktober|nov november|dec december"
        ),
        published=("Publicerad den", "Publicerad"),
        updated=("Uppdaterad den", "Uppdaterad"),
        faq=("Vanliga frågor",),
        announcements=("Tillkännagivanden",),
        documents=("Produktdokument",),
        all_tab=("Alla",),
    ),
    Language(
        tag="nb",
        calendar=Calendar(
            "jan januar|feb februar|mars mar|apr april|mai|juni jun|juli jul|aug august|"
            "sep sept september|okt oktober|nov november|des desember"
        ),
        published=("Publisert",),
        updated=("Oppdatert",),
        faq=("Vanlige spørsmål",),
        announcements=("Kunngjøringer",),
        documents=("Produktdokumenter",),
        all_tab=("Alle",),
    ),
    Language(
        tag="fi",
        calendar=Calendar(
            "tammi tammik tammikuu tammikuuta|helmi helmik helmikuu helmikuuta|"
            "maalis maalisk maaliskuu maaliskuuta|huhti huhtik huhtikuu huhtikuuta|"
            "touko toukok toukokuu toukokuuta|kesä kesäk kesäkuu kesäkuuta|"
            "heinä heinäk heinäkuu heinäkuuta|elo elok elokuu elokuuta|"
            "syys syysk syyskuu syyskuuta|loka lokak lokakuu lokakuuta|"
            "marras marrask marraskuu marraskuuta|joulu jouluk joulukuu joulukuuta"
        ),
        published=("Julkaistu",),
        updated=("Päivitetty",),
        faq=("Usein kysytyt kysymykset",),
        announcements=("Ilmoitukset",),
        documents=("Tuoteasiakirjat",),
        all_tab=("Kaikki",),
    ),
    Language(
        tag="cs",
        calendar=Calendar(
            "led leden ledna|úno únor února|bře březen března|dub duben dubna|kvě květen května|"
            "čvn červen června|čvc červenec července|srp srpen srpna|zář září|říj říjen října|"
            "lis listopad listopadu|pro prosinec prosince"
        ),
        published=("Publikováno dne", "Publikováno"),
        updated=("Aktualizováno dne", "Aktualizováno"),
        faq=("Nejčastější dotazy",),
        announcements=("Oznámení",),
        documents=("Dokumenty k produktům",),
        all_tab=("Vše",),
    ),
    Language(
        tag="zh-hans",
        calendar=Calendar(_CHINESE_MONTHS),
        published=("发布于",),
        updated=("更新于",),
        faq=("常见问题",),
        announcements=("公告",),
        documents=("产品文档",),
        all_tab=("全部",),
        reading=(("阅读时长", "分钟"),),
        separators=",",
    ),
    Language(
        tag="zh-hant",
        calendar=Calendar(_CHINESE_MONTHS),
        published=("發佈於",),
        updated=("更新於",),
        faq=("常見問題",),
        announcements=("公告",),
        documents=("產品文檔",),
        all_tab=("全部",),
        separators=",",
    ),
    Language(
        tag="ar",
        calendar=Calendar(
            "يناير|فبراير|مارس|أبريل ابريل إبريل|مايو|يونيو|يوليو|أغسطس اغسطس|سبتمبر|أكتوبر اكتوبر|"
            "نوفمبر|ديسمبر"
        ),
        published=("تم النشر في",),
        updated=("تم التحديث في",),
        faq=("الأسئلة الشائعة",),
        announcements=("الإعلانات", "الإعلامات"),
        documents=("مستندات المنتجات",),
        all_tab=("الكل",),
        separators=",٬.",
        bare_digits=4,
    ),
    Language(
        tag="de",
        calendar=Calendar(
            "jan januar jän jänner|feb februar|mär märz mrz|apr april|mai|jun juni|jul juli|"
            "aug august|sep sept september|okt oktober|nov november|dez dezember"
        ),
        published=("Veröffentlicht am",),
        updated=("Aktualisiert am",),
        reading=(("Lesezeit:", "Min."),),
        separators=".",
    ),
    Language(
        tag="nl",
        calendar=Calendar(
            "jan januari|feb februari|mrt maart|apr april|mei|jun juni|jul juli|aug augustus|"
            "sep sept september|okt oktober|nov november|dec december"
        ),
        published=("Gepubliceerd op",),
        updated=("Geüpdatet op",),
        reading=(("", "min. leestijd"),),
        separators=".",
    ),
    Language(
        tag="es",
        calendar=Calendar(
            "ene enero|feb febrero|mar marzo|abr abril|may mayo|jun junio|jul julio|ago agosto|"
            "sept sep septiembre set setiembre|oct octubre|nov noviembre|dic diciembre"
        ),
        published=("Publicado el",),
        updated=("Actualizado el",),  # counterpart, not seen
        reading=(("lectura de", "min"),),
        separators=".,",  # Spain groups by points, Latin America by commas
        bare_digits=4,
    ),
    Language(
        tag="it",
        calendar=Calendar(
            "gen gennaio|feb febbraio|mar marzo|apr aprile|mag maggio|giu giugno|lug luglio|"
            "ago agosto|set sett settembre|ott ottobre|nov novembre|dic dicembre"
        ),
        published=("Data di pubblicazione:",),
        updated=("Data di aggiornamento:",),
        reading=(("", "minuti di lettura"), ("", "minuto di lettura")),
        separators=".",
        bare_digits=4,
    ),
    Language(
        tag="pl",
        calendar=Calendar(
            "sty styczeń stycznia|lut luty lutego|mar marzec marca|kwi kwiecień kwietnia|"
            "maj maja|cze czerwiec czerwca|lip lipiec lipca|sie sierpień sierpnia|"
            "wrz wrzesień września|paź październik października|lis listopad listopada|"
            "gru grudzień grudnia"
        ),
        published=("Opublikowano",),
        updated=("Zaktualizowano",),
        reading=(("", "min czytania"),),
        bare_digits=4,
    ),
    Language(
        tag="ru",
        calendar=Calendar(
            "янв январь января|февр февраль февраля фев|мар март марта|апр апрель апреля|"
            "май мая|июн июнь июня|июл июль июля|авг август августа|сент сентябрь сентября сен|"
            "окт октябрь октября|нояб ноябрь ноября ноя|дек декабрь декабря"
        ),
        published=("Опубликовано",),
        updated=("Обновлено",),  # counterpart, not seen
        reading=(("", "мин на чтение"),),
    ),
    Language(
        tag="id",
        calendar=Calendar(
            "jan januari|feb februari|mar maret|apr april|mei|jun juni|jul juli|agu agt agustus|"
            "sep sept september|okt oktober|nov november|des desember"
        ),
        published=("Dipublikasikan Pada",),
        updated=("Diperbarui Pada",),
        reading=(("Baca", "mnt"),),
        separators=".",
    ),
    Language(
        tag="ro",
        calendar=Calendar(
            "ian ianuarie|feb februarie|mar martie|apr aprilie|mai|iun iunie|iul iulie|aug august|"
            "sept sep septembrie|oct octombrie|nov noiembrie noi|dec decembrie"
        ),
        separators=".",
    ),
    Language(
        tag="uk",
        calendar=Calendar(
            "січ січень січня|лют лютий лютого|бер березень березня|квіт квітень квітня кві|"
            "трав травень травня тра|черв червень червня чер|лип липень липня|"
            "серп серпень серпня сер|вер верес вересень вересня|жовт жовтень жовтня жов|"
            "лист листоп листопад листопада лис|груд грудень грудня гру"
        ),
    ),
    Language(
        tag="tr",
        calendar=Calendar(
            "oca ocak|şub şubat|mar mart|nis nisan|may mayıs|haz haziran|tem temmuz|ağu ağustos|"
            "eyl eylül|eki ekim|kas kasım|ara aralık"
        ),
        separators=".",
    ),
    Language(
        tag="vi",  # its months are numbered: "5 thg 9, 2023"
        calendar=Calendar("|".join(f"tháng{month}" for month in range(1, 13))),
        separators=".",
    ),
)
LANGUAGES: Mapping[str, Language] = {language.tag: language for language in _LANGUAGES}


def _languages_of_tabs() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language in _LANGUAGES:
        for tab in language.tabs:
            found[tab] = (*found.get(tab, ()), language.tag)
    return found


LANGUAGES_OF_TAB = _languages_of_tabs()
"""A tab or a category label as it is shown -> the tags of the languages that spell it so."""

_REGIONAL_TAGS = {
    "no": "nb", "nn": "nb", "in": "id", "zh": "zh-hans", "zh-cn": "zh-hans", "zh-sg": "zh-hans",
    "zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant",
}  # fmt: skip
# Only where a region is known to write one order; en-eu and en-ae have been served either way.
_REGIONAL_DAY_FIRST = {"en-us": False, "en-gb": True, "en-au": True, "en-sg": True}


def find_language(tag: str | None) -> Language | None:
    """The language of a tag as pages spell it ('zh-Hans-150', 'en_AU', 'es-la'), if known."""
    if exact := LANGUAGES.get(tag or ""):
        return exact
    parts = (tag or "").lower().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        known = "-".join(parts[:length])
        found = LANGUAGES.get(_REGIONAL_TAGS.get(known, known))
        if found:
            return found
    return None


def is_day_first(tag: str | None) -> bool | None:
    """Whether 4/5/2025 is the 4th of May in this language or region; None where unknown."""
    region = (tag or "").lower().replace("_", "-")
    language = find_language(tag)
    return _REGIONAL_DAY_FIRST.get(region, language.is_day_first if language else None)


@cache
def _months_of_all() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in _LANGUAGES:
        for number, words in enumerate(language.calendar.MONTHS, start=1):
            names.update(dict.fromkeys(words, number))
    return names


def month_number(word: str, language: Language | None = None) -> int | None:
    """The month that `word` names in `language`, else in any other; no name has two meanings."""
    number = language.calendar.month(word) if language else None
    return number or _months_of_all().get(word.lower())
