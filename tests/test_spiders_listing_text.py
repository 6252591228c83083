import json
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.items import ListingEntry
from spiders.listing_text import (
    ArticleHeader,
    listing_kind,
    parse_article_header,
    parse_listing_text,
)

CASES = Path(__file__).parent / "pages/listing_text"
SAMPLES = Path(__file__).parents[2] / "shared/samples/okx"


def as_expected(entry: ListingEntry) -> dict:
    """An entry as the cases write it: what is unknown or False is left out."""
    fields = {
        "title": entry.title,
        "summary": entry.summary,
        "published_on": entry.published_at and entry.published_at.isoformat(),
        "updated_on": entry.updated_at and entry.updated_at.isoformat(),
        "category": entry.category,
        "view_count": entry.view_count,
        "is_uncertain": entry.is_uncertain or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_saved_listing_text_is_read_as_its_case_expects(case):
    text = (CASES / case / "listing.txt").read_text(encoding="utf-8")
    expected = json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))

    entries = parse_listing_text(text, expected.get("known_titles", ()))

    assert [as_expected(entry) for entry in entries] == expected["entries"]


def test_the_real_search_listing_gives_its_fifteen_articles():
    if not SAMPLES.is_dir():
        pytest.skip("the real pages of ../shared are absent")
    text = (SAMPLES / "search-listing.txt").read_text(encoding="utf-8")
    expected = json.loads((SAMPLES / "search-listing.expected.json").read_text(encoding="utf-8"))

    entries = parse_listing_text(text)

    assert [
        {
            "title": entry.title,
            "summary": entry.summary,
            "published": str(entry.published_at),
            "updated": str(entry.updated_at),
            "view_count": entry.view_count,
        }
        for entry in entries
    ] == expected
    assert not any(entry.is_uncertain for entry in entries)


ROW = "Published on Jan 1, 2024Updated on Jan 2, 2026"


def titles_behind(tail: str, known: tuple[str, ...] = ()) -> tuple[ListingEntry, ListingEntry]:
    """The two rows of a listing whose first row ends in `tail`, glued to the second title."""
    first, second = parse_listing_text(f"First\nText.{ROW}{tail}\nText.{ROW}9", known)
    return first, second


def test_line_breaks_of_other_systems_are_line_breaks():
    text = f"First\nText.{ROW}47Second\nText.{ROW}9"

    assert parse_listing_text(text.replace("\n", "\r\n")) == parse_listing_text(text)
    assert parse_listing_text(text.replace("\n", "\r")) == parse_listing_text(text)


def test_rows_on_lines_of_their_own_are_read_too():
    entries = parse_listing_text(f"First{ROW}FAQ195\nSecond{ROW}7")

    assert [(entry.title, entry.view_count) for entry in entries] == [("First", 195), ("Second", 7)]


@pytest.mark.parametrize(
    ("tail", "count", "title"),
    [
        ("47What is it?", 47, "What is it?"),
        ("47how to", 47, "how to"),
        ("47KYC levels", 47, "KYC levels"),
        ("47#1 choice", 47, "#1 choice"),
        ("11,536Lead", 11536, "Lead"),
        ("5 tips", None, "5 tips"),
        ("Title", None, "Title"),
        ("Announcements5 tokens", None, "5 tokens"),
        ("FAQ1,2342FA", 1234, "2FA"),
    ],
)
def test_a_count_ends_where_the_next_title_begins(tail, count, title):
    first, second = titles_behind(tail)

    assert (first.view_count, second.title) == (count, title)


@pytest.mark.parametrize("tail", ["35 tips", "192FA", "1231INCH", "24/7 help", "5% off"])
def test_a_title_that_may_begin_with_a_figure_makes_both_rows_uncertain(tail):
    first, second = titles_behind(tail)

    assert first.is_uncertain and second.is_uncertain


@pytest.mark.parametrize(
    ("known", "count"),
    [
        ("450k tokens", 296),
        ("6450k tokens", 29),
        ("96450k tokens", 2),
        ("296450k tokens", None),
        ("450k\u00a0tokens", 296),
    ],
)
def test_a_known_title_decides_where_the_count_ends(known, count):
    first, second = titles_behind("296450k tokens", (known, "Another"))

    assert first.view_count == count
    assert second.title == " ".join(known.split())
    assert not first.is_uncertain and not second.is_uncertain


def test_two_known_titles_decide_nothing():
    first, second = titles_behind("1A guide", ("A guide", "1A guide"))

    assert first.is_uncertain and second.is_uncertain


def test_a_row_with_no_count_among_rows_without_is_not_given_a_titles_figure_for_sure():
    text = f"First\nText.{ROW}Second\nText.{ROW}2FA for all\nText.{ROW}"

    entries = parse_listing_text(text)

    assert entries[1].is_uncertain and entries[2].is_uncertain


def test_an_abbreviated_count_is_approximate():
    first, second = titles_behind("1.2KHow to")

    assert (first.view_count, first.is_view_count_approximate) == (1200, True)
    assert second.title == "How to"


def test_whether_a_word_is_a_label_or_begins_a_title_shows_in_the_other_rows():
    row = "发布于 2023年8月22日更新于 2026年3月4日"
    text = f"标题\n摘要。{row}公告关于维护\n摘要。{row}"

    labelled = parse_listing_text(f"{text}常见问题12")
    unlabelled = parse_listing_text(f"{text}12")
    unclear = parse_listing_text(f"{text}公告关于")

    assert [(entry.title, entry.is_uncertain) for entry in labelled] == [
        ("标题", False),
        ("关于维护", False),
    ]
    assert [(entry.title, entry.is_uncertain) for entry in unlabelled] == [
        ("标题", False),
        ("公告关于维护", False),
    ]
    assert all(entry.is_uncertain for entry in unclear)


def test_figures_whose_order_is_unknown_give_no_date_but_the_row():
    text = "Title\nText.Published on 4/5/2025Updated on 25/5/20257"

    (entry,) = parse_listing_text(text)
    assert (entry.published_at, entry.updated_at) == (None, date(2025, 5, 25))
    assert entry.is_uncertain

    (entry,) = parse_listing_text(text, language="en-gb")
    assert entry.published_at == date(2025, 5, 4)
    assert not entry.is_uncertain


def test_a_text_that_begins_in_the_midst_of_a_summary_does_not_make_a_title_of_it():
    (entry,) = parse_listing_text(f"of an earlier row.{ROW}47Second\nText.{ROW}9")

    assert entry.title == "Second"


def test_a_date_in_a_title_makes_no_row():
    entries = parse_listing_text(
        f"First\nText.{ROW}47What was Published on May 5, 2020?\nText.{ROW}9"
    )

    assert [entry.title for entry in entries] == ["First", "What was Published on May 5, 2020?"]


def test_a_row_without_its_dates_is_kept_only_where_its_title_is_known():
    text = f"First\nText.{ROW}47Second\nIts text br"

    assert [entry.title for entry in parse_listing_text(text)] == ["First"]
    last = parse_listing_text(text, {"Second"})[-1]
    assert (last.title, last.published_at, last.is_uncertain) == ("Second", None, True)


def test_a_count_broken_off_at_the_end_is_unknown():
    (entry,) = parse_listing_text(f"First\nText.{ROW}11,5")

    assert entry.view_count is None
    assert entry.is_uncertain


def test_cutting_a_listing_anywhere_never_changes_the_rows_before_the_cut():
    text = (CASES / "search_en/listing.txt").read_text(encoding="utf-8")
    whole = parse_listing_text(text)

    for end in range(len(text)):
        entries = parse_listing_text(text[:end])
        assert [as_expected(entry) for entry in entries[:-1]] == [
            as_expected(entry) for entry in whole[: max(0, len(entries) - 1)]
        ]


@pytest.mark.parametrize(
    ("case", "kind"),
    [("section_faq", "section"), ("search_en", "search"), ("search_zh_hans", "search")],
)
def test_the_kind_of_a_listing_shows_in_its_rows(case, kind):
    assert listing_kind((CASES / case / "listing.txt").read_text(encoding="utf-8")) == kind


@pytest.mark.parametrize(
    ("text", "published", "updated", "minutes", "count"),
    [
        (
            "Published on Oct 30, 2023Updated on Apr 8, 20265 min read",
            "2023-10-30",
            "2026-04-08",
            5,
            None,
        ),
        (
            "Date de publication : 1 mai 2023Date de mise à jour: 2 mai 2024Lecture de 4 min13 710",
            "2023-05-01",
            "2024-05-02",
            4,
            13710,
        ),
        (
            "Veröffentlicht am 17. Okt. 2025Aktualisiert am 29. Okt. 2025Lesezeit: 6 Min.1",
            "2025-10-17",
            "2025-10-29",
            6,
            1,
        ),
        (
            "Gepubliceerd op 5 sep 2023Geüpdatet op 9 mei 20242 min. leestijd1.451",
            "2023-09-05",
            "2024-05-09",
            2,
            1451,
        ),
        ("Publicado el 7 nov 2025lectura de 21 min", "2025-11-07", None, 21, None),
        (
            "Data di pubblicazione: 21 giu 2023"
            "Data di aggiornamento: 4 apr 202423 minuti di lettura",
            "2023-06-21",
            "2024-04-04",
            23,
            None,
        ),
        (
            "Opublikowano 5 maj 2023Zaktualizowano 12 kwi 202434 min czytania",
            "2023-05-05",
            "2024-04-12",
            34,
            None,
        ),
        ("Опубликовано 1 нояб. 2023 г.21 мин на чтение", "2023-11-01", None, 21, None),
        (
            "Dipublikasikan Pada 4 Sep 2023Diperbarui Pada 16 Jan 2024Baca 2 mnt",
            "2023-09-04",
            "2024-01-16",
            2,
            None,
        ),
        ("发布于 2026年2月24日阅读时长 2 分钟", "2026-02-24", None, 2, None),
        (
            "Title\nPublished on Oct 30, 2023Updated on Apr 8, 20261 min read1,234\nBody",
            "2023-10-30",
            "2026-04-08",
            1,
            1234,
        ),
        ("Published on Oct 30, 2023", "2023-10-30", None, None, None),
        (
            "Published on Oct 30, 2023Updated on Apr 8, 2026195",
            "2023-10-30",
            "2026-04-08",
            None,
            195,
        ),
    ],
)
def test_an_article_header_gives_dates_minutes_and_count(text, published, updated, minutes, count):
    assert parse_article_header(text) == ArticleHeader(
        published_on=date.fromisoformat(published),
        updated_on=updated and date.fromisoformat(updated),
        reading_minutes=minutes,
        view_count=count,
    )


def test_a_text_without_dates_is_neither_listing_nor_header():
    text = "All\nFAQ\nPublished on Monday. Updated on Apr 16, 2026"

    assert parse_listing_text(text) == ()
    assert parse_article_header(text) == ArticleHeader()


# ------------------------------------------------------------------------- rendered and read again

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


EN = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
PT = "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez."
FR = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."
SV = "jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec."
NB = "jan. feb. mars apr. mai juni juli aug. sep. okt. nov. des."
DE = "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."
NL = "jan feb mrt apr mei jun jul aug sep okt nov dec"
ES = "ene feb mar abr may jun jul ago sept oct nov dic"
IT = "gen feb mar apr mag giu lug ago set ott nov dic"
PL = "sty lut mar kwi maj cze lip sie wrz paź lis gru"
RU = "янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек."
ID = "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des"
AR = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"


class Wording(NamedTuple):
    """How one language writes a row. `day` has {d} {m} {y} and {month} for a name of `months`."""

    published: str
    updated: str
    day: str
    mark: str
    label: str
    begin: str
    months: str = EN

    def glue(self, entry: ListingEntry) -> str:
        published, updated = (
            self.day.format(d=day.day, m=day.month, y=day.year, month=month)
            for day in (entry.published_at, entry.updated_at)
            for month in [self.months.split()[day.month - 1]]
        )
        count = f"{entry.view_count:,}".replace(",", self.mark)
        return f"{self.published}{published}{self.updated}{updated}{entry.category or ''}{count}"


NBSP, NNBSP = "\u00a0", "\u202f"
WORDINGS = {
    "en": Wording("Published on ", "Updated on ", "{month} {d}, {y}", ",", "FAQ", "How"),
    "en-gb": Wording("Published on ", "Updated on ", "{d} {month} {y}", ",", "FAQ", "How"),
    "pt-br": Wording(
        "Publicado em ", "Atualizado em ", "{d} de {month} de {y}", ".", "Perguntas frequentes",
        "Como", PT,
    ),
    "pt": Wording(
        "Publicado a ", "Atualizado a ", "{d}/{m:02}/{y}", NBSP, "Perguntas frequentes", "Como"
    ),
    "fr": Wording(
        f"Date de publication{NBSP}: ", f"Date de mise à jour{NNBSP}: ", "{d} {month} {y}", NNBSP,
        "FAQ", "Comment", FR,
    ),
    "sv": Wording(
        "Publicerad den ", "Uppdaterad den ", "{d} {month} {y}", NBSP, "Vanliga frågor", "Hur", SV
    ),
    "nb": Wording(
        "Publisert ", "Oppdatert ", "{d}. {month} {y}", " ", "Vanlige spørsmål", "Hvordan", NB
    ),
    "fi": Wording(
        "Julkaistu ", "Päivitetty ", "{d}.{m}.{y}", NBSP, "Usein kysytyt kysymykset", "Miten"
    ),
    "cs": Wording(
        "Publikováno dne ", "Aktualizováno dne ", "{d}. {m}. {y}", NBSP, "Nejčastější dotazy", "Jak"
    ),
    "zh-hans": Wording("发布于 ", "更新于 ", "{y}年{m}月{d}日", ",", "常见问题", "如何"),
    "zh-hant": Wording("發佈於 ", "更新於 ", "{y}年{m}月{d}日", ",", "常見問題", "如何"),
    "ar": Wording(
        "تم النشر في ", "تم التحديث في ", "{d} {month} {y}", ",", "الأسئلة الشائعة", "كيف", AR
    ),
    "de": Wording("Veröffentlicht am ", "Aktualisiert am ", "{d}. {month} {y}", ".", "", "Wie", DE),
    "nl": Wording("Gepubliceerd op ", "Geüpdatet op ", "{d} {month} {y}", ".", "", "Hoe", NL),
    "es": Wording("Publicado el ", "Actualizado el ", "{d} {month} {y}", ".", "", "Cómo", ES),
    "it": Wording(
        "Data di pubblicazione: ", "Data di aggiornamento: ", "{d} {month} {y}", ".", "", "Come", IT
    ),
    "pl": Wording("Opublikowano ", "Zaktualizowano ", "{d} {month} {y}", NBSP, "", "Jak", PL),
    "ru": Wording("Опубликовано ", "Обновлено ", "{d} {month} {y} г.", NBSP, "", "Как", RU),
    "id": Wording(
        "Dipublikasikan Pada ", "Diperbarui Pada ", "{d} {month} {y}", ".", "", "Cara", ID
    ),
}  # fmt: skip
# Texts as they may be; no second "published" with a date, which no reader could tell from a row.
WORDS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
SUMMARIES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@st.composite
def listings(draw) -> tuple[Wording, tuple[ListingEntry, ...]]:
    """Rows of one listing in one language, all with a label or none."""
    wording = WORDINGS[draw(st.sampled_from(sorted(WORDINGS)))]
    category = draw(st.sampled_from([wording.label, None])) or None
    entry = st.builds(
        ListingEntry,
        title=SUMMARIES.map(f"{wording.begin} {{}}".format),
        summary=SUMMARIES,
        category=st.just(category),
        published_at=DAYS,
        updated_at=DAYS,
        view_count=st.integers(0, 9_999_999),
    )
    return wording, tuple(draw(st.lists(entry, min_size=2, max_size=4)))


@settings(deadline=None, max_examples=200)
@given(listings())
def test_a_rendered_search_listing_is_read_back_in_every_language(listing):
    wording, entries = listing
    text = "".join(f"{entry.title}\n{entry.summary}{wording.glue(entry)}" for entry in entries)

    assert parse_listing_text(text) == entries


@settings(deadline=None, max_examples=100)
@given(listings())
def test_a_rendered_section_is_read_back_in_every_language(listing):
    wording, entries = listing
    text = "\n".join(f"- {entry.title}{wording.glue(entry)}" for entry in entries)

    assert parse_listing_text(text) == tuple(replace(entry, summary=None) for entry in entries)


@settings(deadline=None, max_examples=200)
@given(listings(), st.data())
def test_with_known_titles_no_row_is_both_wrong_and_sure(listing, data):
    wording, entries = listing
    begin = st.sampled_from(["5 ", "450k ", "2FA", "0", "#1", "(", "a", wording.label or "FAQ", ""])
    entries = [
        replace(entry, title=(data.draw(begin) + data.draw(SUMMARIES)).strip()) for entry in entries
    ]
    text = "".join(f"{entry.title}\n{entry.summary}{wording.glue(entry)}" for entry in entries)

    read = parse_listing_text(text, [entry.title for entry in entries])

    assert len(read) == len(entries)
    for found, entry in zip(read, entries, strict=True):
        assert found.is_uncertain or found == entry


PIECES = st.sampled_from(
    [
        "Published on ",
        "Updated on ",
        "Jan 2, 2024",
        "4/5/2025",
        "FAQ",
        "Announcements",
        "1",
        "2,345",
    ]
    + [
        "\n",
        "- ",
        " ",
        "Title",
        "发布于 ",
        "2024年1月2日",
        "公告",
        "\u200f",
        "٣",
        "Publicado a ",
        "1.2k",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_gives_entries_with_titles_and_never_an_exception(text):
    entries = parse_listing_text(text)

    assert all(entry.title.strip() for entry in entries)
    assert all(entry.view_count is None or entry.view_count >= 0 for entry in entries)
    assert parse_listing_text(text) == entries
    parse_article_header(text)


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        ("Published on ", 1_000_000),
        ("Published on Jan 1, 2024", 1_000_000),
        (f"Title\nText.{ROW}12", 500_000),
        (f"- Title{ROW}12\n", 500_000),
        (f"{ROW}FAQ1,", 500_000),
        ("Published on Jan 1, 2024 ", 500_000),
        ("1", 500_000),
        (" ", 500_000),
        ("\n", 500_000),
        ("\u200f", 500_000),
    ],
)
def test_a_long_text_of_anything_is_read_in_little_time(unit, size):
    text = f"First{ROW}" + unit * (size // len(unit))
    started = time.process_time()

    parse_listing_text(text, {"Title"})
    parse_article_header(text)

    assert time.process_time() - started < 10  # about 1 s; a quadratic reading takes minutes
