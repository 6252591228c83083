"""The configuration: everything has a default, nothing unknown is let through."""

import pytest

from tracker.run import config
from tracker.run.errors import UsageError


def load(tmp_path, text: str) -> config.Config:
    path = tmp_path / "helpwatch.toml"
    path.write_text(text)
    return config.load(path)


def test_everything_works_without_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = config.load()
    assert (found.database, found.output, list(found.sites)) == (
        "helpwatch.db",
        "helpwatch-reports",
        ["okx"],
    )
    assert found.site("okx").base_url == "https://www.okx.com"
    assert found.site("okx").locales == ("en",)


def test_the_file_in_the_working_folder_is_read(tmp_path, monkeypatch):
    (tmp_path / "helpwatch.toml").write_text("[crawl]\ndelay_seconds = 2\n")
    monkeypatch.chdir(tmp_path)
    assert config.load().crawl.delay_seconds == 2


def test_every_key_of_the_contract_is_known(tmp_path):
    found = load(
        tmp_path,
        """
        database = "helpwatch.db"
        output = "helpwatch-reports"
        [sites.okx]
        base_url = "https://www.okx.com"
        locales = ["en"]
        sections = []
        searches = [{category = "faq", term = "withdrawal"}]
        [crawl]
        user_agent = "helpwatch/1.0 (+how to reach you)"
        delay_seconds = 0.5
        concurrent_requests = 2
        autothrottle = true
        obey_robots = true
        recheck_days = 7
        timeout_seconds = 30
        max_page_megabytes = 16
        [schedule]
        cron = "0 6 * * *"
        timezone = "UTC"
        [report]
        formats = ["html", "markdown", "json"]
        [notify]
        destinations = []
        [[watch]]
        label = "Fees"
        pattern = "\\\\bfees?\\\\b"
        severity = "high"
        """,
    )
    assert found.sites["okx"].searches == ({"category": "faq", "term": "withdrawal"},)
    assert found.rules()[0].label == "Fees"


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path):
    found = load(tmp_path, 'database = "data/x.db"\noutput = "/elsewhere"\n')
    assert found.database == str(tmp_path / "data/x.db")
    assert found.output == "/elsewhere"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[crawl]\ndelay_secnds = 1", "did you mean 'delay_seconds'"),
        ("databse = 'x'", "did you mean 'database'"),
        ("[sites.okx]\nlocale = ['en']", "did you mean 'locales'"),
        ("[crawl]\nrecheck_days = 0", "recheck_days"),
        ("[crawl]\ndelay_seconds = -1", "delay_seconds"),
        ("[crawl]\ntimeout_seconds = 'soon'", "timeout_seconds"),
        ("[sites.nowhere]", "No help centre 'nowhere'; known: demo, okx"),
        ("[sites.okx]\nbase_url = 'okx'", "give an origin such as"),
        ("[report]\nformats = ['pdf']", "known: html"),
        ("[[watch]]\nlabel = 'x'\npattern = '('\nseverity = 'high'", "pattern"),
        ("[crawl\n", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(tmp_path, text, said):
    with pytest.raises(UsageError) as caught:
        load(tmp_path, text)
    assert said in str(caught.value)
    assert "helpwatch.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.toml cannot be read"):
        config.load(tmp_path / "none.toml")


def test_the_rules_that_come_with_helpwatch_can_be_switched_off(tmp_path):
    assert load(tmp_path, "").rules()
    assert load(tmp_path, "watch_defaults = false").rules() == ()
