"""A wrong configuration is refused with its line, its key and what would be right."""

import tomllib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.run import config
from tracker.run.config import Config
from tracker.run.config_errors import line_of
from tracker.run.errors import UsageError
from tracker.run.template import TEMPLATE


def refusal(tmp_path, text: str) -> str:
    """What is said of a file with this text, without the file's folder."""
    path = tmp_path / "helpwatch.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        config.load(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{tmp_path}/")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n[crawl]\n\ndelay_secnds = 1", "line 4: unknown key 'delay_secnds' in [crawl]; did"),
        ("delay_seconds = 1", "line 1: unknown key 'delay_seconds'; it belongs in [crawl]."),
        ("[notify]\nwatch_defaults = false", "line 2: unknown key 'watch_defaults' in [notify]; "
         "it belongs above all tables."),
        ("[sites.demo]\n[sites.okx]\nlocale = ['en']", "line 3: unknown key 'locale' in "
         "[sites.okx]; did you mean 'locales'?"),
        ("# ours\n[schedul]\ncron = ''", "line 2: unknown key 'schedul'; did you mean 'schedule'?"),
        ("\n[[watchs]]\nlabel = 'x'", "line 2: unknown key 'watchs'; did you mean 'watch'?"),
        ("zebra = 1", "line 1: unknown key 'zebra'; known: database, output, "),
    ],
)  # fmt: skip
def test_an_unknown_key_is_named_with_the_nearest_or_its_place(tmp_path, text, said):
    assert refusal(tmp_path, text).startswith(f"helpwatch.toml {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[crawl]\ntimeout_seconds = 'soon'", "line 2: crawl.timeout_seconds is to be a number, "
         "not a text in quotes."),
        ("[crawl]\nrecheck_days = 1.5", "line 2: crawl.recheck_days is to be a whole number, not "
         "a number."),
        ("[crawl]\nautothrottle = 'yes'", "line 2: crawl.autothrottle is to be true or false, "
         "not a text in quotes."),
        ("[sites.demo]\n[sites.okx]\nlocales = 'en'", "line 3: sites.okx.locales is to be a list, "
         "not a text in quotes."),
        ("[sites.okx]\nsearches = [{category = 1}]", "line 2: sites.okx.searches[0].category is "
         "to be a text in quotes, not a whole number."),
        ("crawl = 1", "line 1: crawl is to be a table, not a whole number."),
    ],
)  # fmt: skip
def test_a_wrong_type_is_named_with_the_right_one(tmp_path, text, said):
    assert refusal(tmp_path, text) == f"helpwatch.toml {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[crawl]\ndelay_seconds = -1", "line 2: crawl.delay_seconds is to be a number of at "
         "least 0."),
        ("[crawl]\ndelay_seconds = nan", "line 2: crawl.delay_seconds is to be a number of at "
         "least 0."),
        ("[crawl]\ntimeout_seconds = inf", "line 2: crawl.timeout_seconds is to be a number of "
         "at most 1000000."),
        ("[crawl]\nmax_requests = -1", "line 2: crawl.max_requests is to be a whole number of at "
         "least 0."),
        ("[crawl]\nuser_agent = 'a\\nb'\n[log]\nkeep = 0", "line 4: log.keep is to be"),
        ('[crawl]\nuser_agent = "a\\nb"', "line 2: crawl.user_agent is empty or holds a line"),
        ("[log]\nformat = 'xml'", "line 2: log.format is to be one of text, json."),
        ("output = ' '", "line 1: output is empty"),
        ("[sites]", "line 1: [sites] names no help centre"),
        ("[sites.okk]", "line 1: No help centre 'okk'; known: demo"),
        ("[sites.okx]\nlocales = ['en', '../x']", "line 2: sites.okx.locales names '../x', which"),
        ("[sites.okx]\nbase_url = 'https://a.example/x'", "line 2: sites.okx.base_url is no"),
        ("[sites.zendesk]", "line 1: sites.zendesk.base_url is missing"),
        ("[schedule]\ntimezone = 'Mars'", "line 2: schedule.timezone 'Mars' is unknown"),
        ("[schedule]\ncron = '61 6 * * *'", "line 2: schedule.cron '61 6 * * *' is no cron"),
        ("[schedule]\nheartbeat_url = 'ftp://a.example'", "line 2: schedule.heartbeat_url is no"),
        ("[report]\nformats = [\n'html',\n'pdf']", "line 2: report.formats names 'pdf'; known"),
        ("[notify]\ndestinations = ['env:X', 'mail']", "line 2: notify.destinations[1] is"),
        ("[notify]\nreport_url = 'https://me:x@a.example'", "line 2: notify.report_url holds a"),
    ],
)  # fmt: skip
def test_an_impossible_value_is_named_with_its_line(tmp_path, text, said):
    assert refusal(tmp_path, text).startswith(f"helpwatch.toml {said}")


def test_the_rule_that_is_wrong_is_named_by_the_line_of_its_table(tmp_path):
    good = "[[watch]]\nlabel = 'a'\nwords = 'fee'\n"
    said = refusal(tmp_path, good + "\n[[watch]]\nlabel = 'b'\nword = 'x'\n" + good)
    assert said.startswith("helpwatch.toml line 5: A watch rule has no key 'word'; did you mean")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n[crawl\n", "line 2: not valid TOML: "),
        ("a = 1\na = 2\n", "line 2: not valid TOML: "),
        ("\n\nb = [1,\n2", "line 4: not valid TOML: "),
    ],
)
def test_what_is_not_toml_is_named_with_its_line(tmp_path, text, said):
    assert refusal(tmp_path, text).startswith(f"helpwatch.toml {said}")


def test_what_is_not_text_is_said(tmp_path):
    path = tmp_path / "helpwatch.toml"
    path.write_bytes(b"output = '\xff'")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        config.load(path)


def test_a_file_saved_by_an_editor_that_marks_its_encoding_is_read(tmp_path):
    path = tmp_path / "helpwatch.toml"
    path.write_bytes("\ufeff[crawl]\r\nrecheck_days = 3\r\n".encode())
    assert config.load(path).crawl.recheck_days == 3


@pytest.mark.parametrize(
    "text",
    [
        "[sites.okx]\nbase_url = 'https://me:s3cret@help.example'",
        "[sites.okx]\nbase_url = 'https://help.example/?key=s3cret'",
        "[schedule]\nheartbeat_url = 's3cret'",
        "[schedule]\nheartbeat_url = ['s3cret']",
        "[notify]\ndestinations = ['s3cret']",
        "[notify]\ndestinations = 's3cret'",
        "[notify]\nreport_url = 'https://me:s3cret@help.example'",
    ],
)
def test_a_refusal_never_quotes_a_secret(tmp_path, text):
    assert "s3cret" not in refusal(tmp_path, text)


# -- lines ---------------------------------------------------------------------------------------


def test_every_setting_of_the_template_is_found_in_its_line():
    rows = TEMPLATE.splitlines()
    for table, section in msgspec.to_builtins(Config()).items():
        for key in section if isinstance(section, dict) and table != "sites" else ():
            line = line_of((table, key), TEMPLATE)
            assert rows[line - 1].startswith(f"{key} = "), (table, key)


def test_lines_are_found_through_comments_quotes_and_values_of_several_lines():
    text = '''# [crawl]
a = """
[crawl]
b = 1"""
"quoted key".b = [ # ]
  1, "]",
]
[ crawl . "x y" ]
c = {d = 1}
[[watch]]
[[watch]]
label = 1
[watch.more]
e = 1
'''
    tomllib.loads(text)
    assert {
        place: line_of(place, text)
        for place in (
            ("a",),
            ("quoted key", "b", 1),
            ("crawl", "x y", "c", "d"),
            ("crawl", "b"),
            ("watch", 1, "label"),
            ("watch", 1, "more", "e"),
            ("nowhere",),
        )
    } == {
        ("a",): 2,
        ("quoted key", "b", 1): 5,
        ("crawl", "x y", "c", "d"): 9,
        ("crawl", "b"): 8,
        ("watch", 1, "label"): 12,
        ("watch", 1, "more", "e"): 14,
        ("nowhere",): None,
    }


VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-9, 9), st.floats(), st.sampled_from(["", "en", "env:X", "é\n"])
    ),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
KEYS = st.sampled_from([
    "database", "crawl.delay_seconds", "crawl.delay", "sites.okx.locales", "sites.x.y", "sites.okx",
    "schedule.cron", "schedule.timezone", "notify.destinations", "report.formats", "log.keep",
    "watch",
])  # fmt: skip


@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_whatever_stands_in_the_file_is_taken_or_refused_in_one_line(tmp_path_factory, settings):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("".join(f"{key} = {_toml(value)}\n" for key, value in settings.items()))
    try:
        config.load(path)
    except UsageError as error:
        assert "\n" not in str(error)
        assert str(path) in str(error)


def _toml(value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"'.replace("\n", "\\n") if isinstance(value, str) else repr(value)
