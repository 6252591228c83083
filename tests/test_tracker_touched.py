"""Typed facts, and which of them a difference changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markdown_texts import texts
from tracker.facts import facts
from tracker.jurisdictions import named
from tracker.textdiff import diff


def told(before: str, after: str) -> list[tuple[str, str | None, str | None]]:
    return [(fact.kind, fact.before, fact.after) for fact in diff(before, after).touched]


def found(text: str) -> list[tuple[str, str]]:
    return [(fact.kind, fact.text) for fact in facts(text)]


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("a fee of 1.5%", "percentage", ["1.5%"]),
        ("费率为 15％", "percentage", ["15％"]),
        ("up 15 bps, -0.5 %, 3 percent", "percentage", ["15 bps", "-0.5 %", "3 percent"]),
        ("百分之五", "percentage", ["百分之五"]),
        ("pay **10**%", "percentage", ["10 %"]),
        ("1,000 USDT or $1,000.50", "amount", ["1,000 USDT", "$1,000.50"]),
        ("USD 50, US$20 million, €5-€10", "amount", ["USD 50", "US$20 million", "€5", "€10"]),
        ("1 000 USDT, 5 PEPE, 100万美元", "amount", ["1 000 USDT", "5 PEPE", "100万美元"]),
        ("within 24-48 hours", "duration", ["24-48 hours"]),
        ("24h, 1.5h, 7d, 24-48h, 24h-48h", "duration", ["24h", "1.5h", "7d", "24-48h", "24h-48h"]),
        ("1–3 business days", "duration", ["1–3 business days"]),
        ("thirty (30) days", "duration", ["thirty (30) days"]),
        ("Twenty-four hours, 30-day", "duration", ["Twenty-four hours", "30-day"]),
        ("5 jours, 30 Tage, 7 días, 3 дня", "duration", ["5 jours", "30 Tage", "7 días", "3 дня"]),
        ("30日内，5个工作日，3个月", "duration", ["30日", "5个工作日", "3个月"]),
        ("2025-04-24T06:00:00Z, 2025/4/24", "date", ["2025-04-24T06:00:00Z", "2025/4/24"]),
        ("24/04/2025, 23.2.2026", "date", ["24/04/2025", "23.2.2026"]),
        ("Nov 17, 2025 at 08:00 (UTC)", "date", ["Nov 17, 2025 at 08:00 (UTC)"]),
        (
            "17 November 2025; Sept 3; June 2026",
            "date",
            ["17 November 2025", "Sept 3", "June 2026"],
        ),
        ("22 de agosto de 2023, 28 mars 2023", "date", ["22 de agosto de 2023", "28 mars 2023"]),
        ("17. Januar 2025, 5. Juni 2024", "date", ["17. Januar 2025", "5. Juni 2024"]),
        ("22 de maio de 2023; until 5 June.", "date", ["22 de maio de 2023", "5 June"]),
        ("US$5, USD 5 and -€5", "amount", ["US$5", "USD 5", "-€5"]),
        ("TWENTY days, Ten years", "duration", ["TWENTY days", "Ten years"]),
        ("2023年8月22日，8月22日，3月", "date", ["2023年8月22日", "8月22日", "3月"]),
        ("8:00 am (UTC+8) to 10:30", "date", ["8:00 am (UTC+8)", "10:30"]),
        ("level 3, 10x, -5 and 450k", "figure", ["3", "10x", "-5", "450k"]),
        ("[a](https://h/x?y=5) https://h/z", "link", ["https://h/x?y=5", "https://h/z"]),
        ("the US, U.S. and _Cuba_", "jurisdiction", ["US", "U.S.", "Cuba"]),
        ("Guinea-Bissau, South Korea", "jurisdiction", ["Guinea-Bissau", "South Korea"]),
        ("Dubai or St. Kitts and Nevis", "jurisdiction", ["Dubai", "St. Kitts and Nevis"]),
        ("香港和中国大陆", "jurisdiction", ["香港", "中国大陆"]),
    ],
)
def test_facts_are_recognised_as_written(text, kind, written):
    assert [words for a_kind, words in found(text) if a_kind == kind] == written
    assert {a_kind for a_kind, _ in found(text)} == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "ERC20 and 2FA",
        "![chart 5](https://img.example/5.png)",
        "let us turn to china and turkey",
        "mayonnaise",
        "one of them",
        "COVID-19",
    ],
)
def test_words_and_pictures_state_no_facts(text):
    assert [fact for fact in found(text) if fact != ("figure", "5")] == []


def test_one_country_has_one_name_whatever_it_is_called():
    assert {n.name for n in named("UK, U.K., Great Britain, United Kingdom, 英国")} == {
        "United Kingdom"
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("It costs 0.08%.", "It costs 0.10%.", [("percentage", "0.08%", "0.10%")]),
        ("in 30 days", "in 14 days", [("duration", "30 days", "14 days")]),
        ("at most $50", "at most $60", [("amount", "$50", "$60")]),
        ("5 USDT each", "5 USDC each", [("amount", "5 USDT", "5 USDC")]),
        ("$5 in all", "$5 million in all", [("amount", "$5", "$5 million")]),
        ("of 5 points", "of -5 points", [("figure", "5", "-5")]),
        ("pay 5 each", "pay 5% each", [("percentage", "5", "5%")]),
        (
            "on Nov 17, 2025 it ends",
            "on Nov 18, 2025 it ends",
            [("date", "Nov 17, 2025", "Nov 18, 2025")],
        ),
        ("[t](https://h/a)", "[t](https://h/b)", [("link", "https://h/a", "https://h/b")]),
        ("not in Cuba here", "not in Iran here", [
            ("jurisdiction", "Cuba", None),
            ("jurisdiction", None, "Iran"),
        ]),
        ("not in the UK here", "not in the United Kingdom here", []),
        ("wait 5 days", "wait five days", [("duration", "5 days", "five days")]),
    ],
)  # fmt: skip
def test_a_changed_fact_is_told_old_and_new(before, after, expected):
    assert told(before, after) == expected


def test_swapped_figures_are_two_changes():
    assert told("maker 0.1%, taker 0.2%", "maker 0.2%, taker 0.1%") == [
        ("percentage", "0.1%", "0.2%"),
        ("percentage", "0.2%", "0.1%"),
    ]


def test_a_fact_in_a_sentence_that_moved_inside_its_paragraph_is_not_touched():
    first = "The maker fee in this programme is 0.08% at all times."
    second = "Every account on the platform that was opened in time may join the programme."
    assert told(f"{first} {second}", f"{second} {first}") == []


def test_a_fact_in_a_block_that_moved_is_not_touched():
    parts = ["The fee is 5% here.", "Another paragraph of words.", "A third paragraph stays."]
    assert told("\n\n".join(parts), "\n\n".join(parts[1:] + parts[:1])) == []


def test_facts_of_a_paragraph_cut_in_two_are_not_touched():
    whole = "Deposits take 10 minutes. Withdrawals take 30 minutes and may take longer than that."
    assert told(whole, whole.replace(". ", ".\n\n")) == []
    assert told(whole.replace(". ", ".\n\n"), whole) == []


def test_a_country_that_went_from_one_paragraph_to_another_is_told_on_both_sides():
    before = (
        "Not offered in any form in: Cuba, Iran.\n\nOffered with some limits in: France, Spain."
    )
    after = "Not offered in any form in: Iran.\n\nOffered with some limits in: France, Cuba, Spain."
    assert told(before, after) == [
        ("jurisdiction", "Cuba", None),
        ("jurisdiction", None, "Cuba"),
    ]


def test_facts_of_an_added_paragraph_have_no_before():
    assert told("Same.", "Same.\n\nA new limit of 5 BTC applies.") == [("amount", None, "5 BTC")]


def test_a_cell_is_named_by_its_row_and_column():
    table = "| Coin | Fee |\n| --- | --- |\n| BTC | {} |\n| ETH | 2% |"
    (fact,) = diff(table.format("1%"), table.format("3%")).touched
    assert fact.context == "row 1 (BTC), Fee"


def test_elsewhere_the_words_around_a_fact_are_its_context():
    filler = "with several other words before it that are of no matter at all"
    (fact,) = diff(f"{filler} the **fee** is 1% now", f"{filler} the **fee** is 2% now").touched
    assert fact.context == "matter at all the fee is 2% now"


@settings(max_examples=200, deadline=None)
@given(texts())
def test_facts_stand_where_they_say(text):
    for fact in facts(text):
        assert 0 <= fact.start < fact.end <= len(text)
        assert fact.text[0] in text[fact.start : fact.end]


NUMBERS = st.integers(0, 10**6).map(lambda n: f"{n / 100:,.2f}")


@given(NUMBERS, NUMBERS, st.sampled_from(["{}%", "{} USDT", "${}", "{} days"]))
def test_any_changed_figure_is_told(a, b, form):
    before, after = (f"From today the rate is {form.format(n)} for all." for n in (a, b))
    assert [pair[1:] for pair in told(before, after)] == (
        [(form.format(a), form.format(b))] if a != b else []
    )


@settings(max_examples=200, deadline=None)
@given(texts(), texts())
def test_a_touched_fact_differs_and_a_jurisdiction_has_one_side(before, after):
    for fact in diff(before, after).touched:
        assert fact.before != fact.after
        assert fact.kind != "jurisdiction" or None in (fact.before, fact.after)


@pytest.mark.parametrize("text", ["12abc", "1.5abc", "1,234.50abc", "3D Secure", "2FA", "ERC20"])
def test_a_part_of_a_word_or_of_a_number_states_nothing(text):
    assert found(text) == []


def test_hours_written_short_are_paired_whole():
    assert told("It takes 24h.", "It takes 1.5h.") == [("duration", "24h", "1.5h")]
