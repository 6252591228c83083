"""Rules of the watchlist, and the severity that a change gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import article, change
from db.kinds import CHANGE_KINDS, SEVERITIES
from markdown_texts import texts
from tracker import watch_rules
from tracker.textdiff import diff
from tracker.watchlist import (
    DEFAULT_RULES,
    DEFAULT_SEVERITIES,
    TOUCHED_SEVERITIES,
    SeverityPolicy,
    WatchRule,
    grade,
    matched_words,
    parse_rule,
    with_groups_together,
)

FEES = WatchRule(label="Fees", severity="high", words=("fee", "fees"))


def words(rule: WatchRule, before: str, after: str, **facts) -> tuple[str, ...] | None:
    """What an edit from one text to the other matches."""
    return matched_words(rule, change(), article(title="An article", **facts), diff(before, after))


# Reading rules from configuration.


def test_a_rule_is_read_from_its_table():
    rule = parse_rule({"label": "Fees", "pattern": "\\bfees?\\b", "severity": "high"})
    assert rule == WatchRule(label="Fees", pattern="\\bfees?\\b", severity="high")


def test_lists_may_be_given_as_one_text():
    rule = parse_rule({"label": "x", "words": "fee", "kinds": ["new"], "sections": ["fees"]})
    assert (rule.words, rule.kinds, rule.sections) == (("fee",), ("new",), ("fees",))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"lable": "Fees"}, "no key 'lable'; did you mean 'label'?"),
        ({"label": "Fees", "word": ["fee"]}, "no key 'word'; did you mean 'words'?"),
        ({"label": "Fees", "xyzzy": 1}, "known: label, severity, pattern"),
        ({"words": ["fee"]}, "needs a label"),
        ({"label": " ", "words": ["fee"]}, "needs a label"),
        ({"label": "Fees"}, "names nothing to look for"),
        ({"label": "Fees", "words": []}, "names nothing to look for"),
        ({"label": "Fees", "words": ["fee"], "severity": "hihg"}, "did you mean 'high'?"),
        ({"label": "Fees", "words": ["fee"], "severity": ["high"]}, "no severity ['high']"),
        ({"label": "Fees", "words": 5}, "words is a text or a list of texts, not 5"),
        ({"label": "Fees", "words": ["fee", ""]}, "words holds an empty text"),
        ({"label": "Fees", "kinds": "remove"}, "did you mean 'removed'?"),
        ({"label": "Fees", "touched": ["percent"]}, "did you mean 'percentage'?"),
        ({"label": "Fees", "pattern": 5}, "pattern is a text, not 5"),
        ({"label": "Fees", "pattern": "(fee"}, "is not a regular expression: missing )"),
        ({"label": "Fees", "pattern": "(fee)?"}, "matches an empty text"),
        ({"label": "Fees", "pattern": ""}, "matches an empty text"),
    ],
)
def test_a_wrong_rule_is_refused_with_what_is_wrong(table, message):
    with pytest.raises(ValueError) as refused:
        parse_rule(table)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+b", "(?:a|ab)*c", r"(\w+\s?)+x", "((a|b)c)+", "(a?b?)+c", "(a*){2,}b", "(x(?:a+)y)*z"],
)
def test_a_pattern_that_can_take_for_ever_is_refused(pattern):
    with pytest.raises(ValueError, match="takes for ever"):
        parse_rule({"label": "x", "pattern": pattern})


@pytest.mark.parametrize(
    "pattern",
    [r"\bfees?\b", "(fee|fees)", "(?:abc)+", r"(?:\d{3},)+5", "[(+|)]+x", r"\(a+\)+", "(?>a|b)+c",
     "[]|a]+b", "(?P<coin>BTC|ETH) fee"],
)  # fmt: skip
def test_other_patterns_are_taken(pattern):
    assert parse_rule({"label": "x", "pattern": pattern}).pattern == pattern


@given(st.text("ab()[]|*+?{}2,\\^>:", max_size=12))
def test_any_text_is_a_pattern_or_refused(pattern):
    try:
        rule = parse_rule({"label": "x", "pattern": pattern})
    except ValueError:
        return
    assert isinstance(list(rule.find("abab 2")), list)


# Finding words.


def found(rule: WatchRule, text: str) -> list[str]:
    return [match[0] for match in rule.find(text)]


def test_words_are_whole_words_in_any_case():
    assert found(FEES, "Fees, a _fee_ and coffee or feed") == ["Fees", "fee"]


def test_chinese_words_stand_anywhere():
    assert found(WatchRule(label="x", words=("手续费",)), "提现手续费为5%") == ["手续费"]


def test_a_phrase_may_be_broken_by_space_and_bold_type():
    rule = WatchRule(label="x", phrases=("risk disclosure",))
    assert found(rule, "the Risk\ndisclosure, **risk** disclosure") == [
        "Risk\ndisclosure",
        "risk** disclosure",
    ]


def test_a_word_is_taken_as_it_is_not_as_a_pattern():
    assert found(WatchRule(label="x", words=("U.S.",)), "UxSx and U.S. law") == ["U.S."]


@given(st.text("ab ", max_size=3000))
def test_no_search_gets_more_than_the_limit_and_all_of_the_text_is_searched(text):
    windows = list(watch_rules._windows(text))
    assert windows[0][0] == 0 and windows[-1][1] == len(text)
    for (start, end), (following, _) in zip(windows, windows[1:], strict=False):
        assert end - start <= watch_rules.SEARCH_LENGTH
        assert start < following <= end


def test_a_pattern_finds_what_stands_anywhere_in_a_long_text():
    rule = WatchRule(label="x", pattern=r"needle \d+")
    text = "hay " * 1000 + "needle 17 " + "hay " * 1000
    assert set(found(rule, text)) == {"needle 17"}


# Matching changes.


def test_an_edit_matches_by_what_was_added_and_removed():
    assert words(FEES, "You pay nothing at all.", "You pay fees at all.") == ("fees",)
    assert words(FEES, "You pay fees at all.", "You pay nothing at all.") == ("fees",)


def test_an_edit_does_not_match_by_words_that_stayed_beside_a_typo():
    assert words(FEES, "You pay teh fees here.", "You pay the fees here.") is None


def test_a_phrase_that_became_whole_by_one_word_matches():
    rule = WatchRule(label="x", phrases=("restricted countries",))
    assert words(rule, "It lists all countries.", "It lists restricted countries.") == (
        "restricted countries",
    )


def test_a_changed_figure_matches_by_the_sentence_around_it():
    before = "KYC comes first. The withdrawal fee is 0.08% today. Custody is free."
    after = before.replace("0.08%", "0.10%")
    assert words(FEES, before, after) == ("fee",)
    assert words(WatchRule(label="x", words=("KYC", "custody")), before, after) is None


def test_a_changed_cell_matches_by_its_column_its_row_and_its_heading():
    table = "# Costs\n\n| Kind | Maker fee |\n| --- | --- |\n| Spot margin | {} |"
    for word in ("fee", "margin", "costs"):
        rule = WatchRule(label="x", words=(word,))
        assert words(rule, table.format("1%"), table.format("2%")) is not None


def test_a_paragraph_under_another_heading_matches_and_a_reordered_one_does_not():
    rule = WatchRule(label="x", words=("Cuba",))
    before = "# Restricted\n\n- Cuba is one\n\n- Iran is one\n\n# Supported\n\n- France is one"
    reordered = before.replace("- Cuba is one\n\n- Iran is one", "- Iran is one\n\n- Cuba is one")
    elsewhere = "# Restricted\n\n- Iran is one\n\n# Supported\n\n- France is one\n\n- Cuba is one"
    assert words(rule, before, reordered) is None
    assert words(rule, before, elsewhere) == ("Cuba",)


def test_the_title_matches_whatever_changed():
    fees = article(title="Fees and limits")
    for kind in set(CHANGE_KINDS) - {"touched"}:
        assert matched_words(FEES, change(kind=kind), fees) == ("Fees",)


def test_a_new_date_alone_is_raised_by_words_only_where_the_rule_names_that_kind():
    stamped, fees = change(kind="touched"), article(title="Fees and limits")
    assert matched_words(FEES, stamped, fees) is None
    assert grade(stamped, fees, None, None, [FEES]) == grade(stamped, fees, None, None, ())
    named = WatchRule(label="x", words=("fees",), kinds=("touched", "updated"))
    assert matched_words(named, stamped, fees) == ("Fees",)
    assert matched_words(WatchRule(label="x", sections=("fees",)), stamped, fees) == ()


def of_group(key: str, *severities: str, kind: str = "updated"):
    detail = {"group": {"key": key, "size": len(severities)}}
    return [change(n, kind, severity=s, detail=detail) for n, s in enumerate(severities, 1)]


def test_a_group_is_as_grave_as_the_gravest_change_in_it():
    found = with_groups_together(
        [*of_group("edit:1", "normal", "high", "low"), change(9), *of_group("edit:2", "low", "low")]
    )
    assert [one.severity for one in found] == ["high"] * 3 + ["normal"] + ["low"] * 2


def test_a_stamp_is_not_raised_by_the_one_article_that_a_rule_names():
    found = with_groups_together(of_group("stamp:2026-05-29", "low", "high", kind="touched"))
    assert [one.severity for one in found] == ["low", "high"]


def test_a_new_title_and_the_old_one_match():
    retitled = change(kind="retitled", before="Fees", after="Costs")
    assert matched_words(FEES, retitled, article(title="Costs")) == ("Fees",)


@pytest.mark.parametrize("kind", ["new", "removed", "unlisted", "relisted"])
def test_an_article_that_came_or_went_matches_by_its_whole_text(kind):
    body = "# A\n\nWords.\n\n| x |\n| --- |\n| The [fee](https://help.example/charges) |"
    assert matched_words(FEES, change(kind=kind), article(), text=body) == ("fee",)
    rule = WatchRule(label="x", words=("charges",))
    assert matched_words(rule, change(kind=kind), article(), text=body) is None, "a link's target"


def test_a_stamp_does_not_match_by_a_text_that_stayed():
    assert matched_words(FEES, change(kind="touched"), article(), text="The fee.") is None


def test_conditions_all_hold_and_texts_any():
    rule = WatchRule(label="x", words=("fee", "cost"), sections=("fees",), locales=("en",))
    assert words(rule, "a b", "a fee b") == ("fee",)
    assert words(rule, "a b", "a fee b", locale="fr") is None
    assert words(rule, "a b", "a fee b", section_slug="other", section="Other") is None


def test_a_section_is_named_by_slug_or_title():
    for name in ("fees", "FEES", "Fees"):
        assert words(WatchRule(label="x", sections=(name,)), "a", "b") == ()
    assert words(WatchRule(label="x", categories=("faq",)), "a", "b") == ()


def test_a_rule_may_ask_for_what_an_edit_touched():
    rule = WatchRule(label="x", touched=("percentage",))
    assert words(rule, "a fee of 1%", "a fee of 2%") == ()
    assert words(rule, "a fee of $1", "a fee of $2") is None


# Severity.


def test_every_kind_of_change_and_of_fact_has_a_severity():
    assert set(DEFAULT_SEVERITIES) == set(CHANGE_KINDS)
    assert set(TOUCHED_SEVERITIES) == {
        "percentage", "amount", "duration", "date", "figure", "jurisdiction", "link",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "severity"),
    [("removed", "high"), ("silent_edit", "high"), ("new", "normal"), ("touched", "low")],
)
def test_without_a_rule_the_kind_decides(kind, severity):
    assert grade(change(kind=kind), article(), None, None, ()).severity == severity


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ("a fee of 1%", "a fee of 2%", "high"),
        ("$5 a day", "$6 a day", "high"),
        ("in 5 days", "in 6 days", "high"),
        ("not in Cuba now", "not in Iran now", "high"),
        ("on 2026-01-01", "on 2026-01-02", "normal"),
        ("see chapter 5", "see chapter 6", "normal"),
        ("a word", "two words", "normal"),
    ],
)
def test_what_an_edit_touched_raises_it(before, after, severity):
    assert grade(change(), article(), diff(before, after), after, ()).severity == severity


def test_the_facts_of_an_edit_do_not_raise_another_change_of_the_same_article():
    difference = diff("a fee of 1%", "a fee of 2%")
    assert grade(change(kind="moved"), article(), difference, None, ()).severity == "normal"


def test_the_highest_rule_decides_and_a_rule_never_lowers():
    low, high = (WatchRule(label=s, severity=s, words=("fee",)) for s in ("low", "high"))
    fee = article(title="A fee")
    assert grade(change(kind="new"), fee, None, None, [low, high]).severity == "high"
    assert grade(change(kind="new"), fee, None, None, [low]).severity == "normal"


def test_a_match_is_told_with_its_words_as_they_stand():
    graded = grade(change(detail={"group": 1}), article(title="FEES"), None, None, [FEES])
    assert graded.detail == {
        "group": 1,
        "watch": [{"label": "Fees", "severity": "high", "words": ["FEES"]}],
    }


def test_grading_again_with_other_rules_replaces_the_matches():
    once = grade(change(), article(title="Fees"), None, None, [FEES])
    assert "watch" not in grade(once, article(title="Fees"), None, None, []).detail


def test_a_team_may_set_its_own_severities():
    policy = SeverityPolicy(kinds={**DEFAULT_SEVERITIES, "removed": "low"})
    assert grade(change(kind="removed"), article(), None, None, (), policy).severity == "low"


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("KYC", "Identity verification is needed."),
        ("KYC", "完成身份认证后"),
        ("Sanctions", "persons under sanctions"),
        ("Restricted jurisdictions", "a list of restricted countries"),
        ("Delisting", "to delist XYZ"),
        ("Fees", "the funding rate changes"),
        ("Limits", "the daily limit is"),
        ("Custody", "proof of reserves"),
        ("Privacy", "your personal data"),
        ("Terms", "the Terms of Service"),
    ],
)
def test_the_rules_that_come_with_helpwatch_cover_their_subject(label, text):
    graded = grade(change(kind="new"), article(title="x"), None, text, DEFAULT_RULES)
    assert label in [match["label"] for match in graded.detail["watch"]]


def test_the_rules_that_come_with_helpwatch_can_be_written_as_configuration():
    for rule in DEFAULT_RULES:
        table = {"label": rule.label, "severity": rule.severity}
        assert parse_rule(table | {"words": rule.words, "phrases": rule.phrases}) == rule


@given(texts(), texts(), st.sampled_from(CHANGE_KINDS))
def test_any_change_gets_a_severity(before, after, kind):
    graded = grade(change(kind=kind), article(), diff(before, after), after, DEFAULT_RULES)
    highest = [graded.severity, *(m["severity"] for m in graded.detail.get("watch", ()))]
    assert graded.severity == min(highest, key=SEVERITIES.index)


ODD_LETTERS = st.text(st.sampled_from("feFEsSkKiI\u017f\u212a\u0130\u0131 \n*_-.费é"), max_size=30)


@given(text=ODD_LETTERS, words=st.lists(ODD_LETTERS.filter(str.strip), min_size=1, max_size=3))
def test_words_are_found_wherever_their_pattern_alone_would_find_them(text, words):
    rule = WatchRule(label="x", words=tuple(words))
    patterns = [literals.pattern for literals in watch_rules._literals(rule.words)]
    alone = [match.span() for pattern in patterns for match in pattern.finditer(text)]
    assert [match.span() for match in rule.find(text)] == alone
