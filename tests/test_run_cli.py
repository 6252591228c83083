"""The command line: its options, its exit codes, and errors that say what to do."""

import json
import os
import socket
import sqlite3

import click
import pytest
from click.testing import CliRunner

from tracker.run.options import common


def no_traceback(ran) -> None:
    assert "Traceback" not in ran.err + ran.out
    assert 1 <= len(ran.err.strip().splitlines()) <= 2, ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--nonsense"], "No such option"),
        (["frobnicate"], "No such command"),
        (["report", "--format", "pdf"], "html"),
        (["changes", "--kind", "odd"], "silent_edit"),
        (["changes", "--since", "yesterday"], "2026-04-18"),
        (["run", "--now", "soon"], "2026-04-18"),
        (["run", "--site", "nowhere"], "known: okx"),
        (["run", "--base-url", "okx.com"], "http://"),
        (["--config", "none.toml", "run"], "none.toml cannot be read"),
    ],
)
def test_wrong_usage_says_what_to_do_and_exits_with_2(helpwatch, demo, arguments, said):
    ran = helpwatch("--db", demo.folder / "helpwatch.db", *arguments)
    assert ran.code == 2
    assert said in ran.err
    no_traceback(ran)


def test_a_database_that_is_not_there_exits_with_4(helpwatch):
    ran = helpwatch("--db", "none.db", "changes")
    assert ran.code == 4
    assert "helpwatch run" in ran.err
    no_traceback(ran)


def test_a_database_that_cannot_be_read_is_no_wrong_use(tmp_path, monkeypatch):
    @click.command()
    @common
    def look(settings):
        click.echo(settings.db)

    (tmp_path / "x.db").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    found = CliRunner().invoke(look, ["--db", str(tmp_path / "x.db")])
    assert (found.exit_code, found.output) == (0, f"{tmp_path / 'x.db'}\n")


@pytest.mark.parametrize("command", [["changes"], ["run", "--base-url", "http://127.0.0.1:9"]])
def test_a_database_of_another_program_exits_with_4_and_is_untouched(helpwatch, tmp_path, command):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    ran = helpwatch("--db", path, *command)
    assert ran.code == 4
    assert "another program" in ran.err
    no_traceback(ran)
    assert path.read_bytes() == before


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_site_that_does_not_answer_exits_with_3(helpwatch, tmp_path):
    (tmp_path / "helpwatch.toml").write_text("[sites.demo]\n[crawl]\ndelay_seconds = 0\n")
    ran = helpwatch("run", "--base-url", f"http://127.0.0.1:{free_port()}")
    assert ran.code == 3
    no_traceback(ran)
    connection = sqlite3.connect(tmp_path / "helpwatch.db")
    assert connection.execute("SELECT outcome FROM crawls").fetchall() == [("failed",)]


def test_options_may_stand_before_or_after_the_command(helpwatch, demo):
    path = demo.folder / "helpwatch.db"
    before = helpwatch("--db", path, "changes", "--format", "json")
    after = helpwatch("changes", "--format", "json", "--db", path)
    assert before.code == after.code == 0
    without_time = [
        {key: value for key, value in json.loads(ran.out).items() if key != "generated_at"}
        for ran in (before, after)
    ]
    assert without_time[0] == without_time[1]


@pytest.fixture
def on_demo(helpwatch, demo):
    """A command on the demo's database; it must succeed."""

    def run(*arguments):
        ran = helpwatch("--db", demo.folder / "helpwatch.db", *arguments)
        assert (ran.code, ran.err) == (0, "")
        return ran.out

    return run


def test_changes_can_be_limited_by_kind(on_demo):
    out = on_demo("changes", "--since", "2026-04-01", "--kind", "removed", "--format", "json")
    assert {change["kind"] for change in json.loads(out)["changes"]} == {"removed"}


def test_changes_can_be_limited_by_section(on_demo):
    everything = json.loads(on_demo("changes", "--since", "2026-04-01", "--format", "json"))
    section = everything["changes"][0]["article"]["section_slug"]
    some = json.loads(
        on_demo("changes", "--since", "2026-04-01", "--format", "json", "--section", section)
    )
    assert {change["article"]["section_slug"] for change in some["changes"]} == {section}
    assert len(some["changes"]) < len(everything["changes"])


@pytest.mark.parametrize("form", ["html", "markdown", "json", "csv", "atom"])
def test_a_report_is_made_in_every_format(on_demo, form, tmp_path):
    target = tmp_path / "report"
    on_demo("report", "--since", "2026-04-01", "--format", form, "-o", target)
    assert target.stat().st_size > 1000


def test_a_report_of_an_unknown_crawl_names_the_newest(helpwatch, demo):
    ran = helpwatch("--db", demo.folder / "helpwatch.db", "report", "--crawl", "99")
    assert (ran.code, ran.err) == (2, "Error: There is no crawl 99; the newest is 3.\n")


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_trending_names_the_surges(on_demo, form):
    assert "emergency contact" in on_demo("trending", "--format", form)


def test_history_finds_an_article_by_title_slug_address_or_id(on_demo, demo):
    connection = sqlite3.connect(demo.folder / "helpwatch.db")
    row = connection.execute(
        "SELECT title, slug, url, id, source_id FROM articles WHERE version_id IS NOT NULL LIMIT 1"
    ).fetchone()
    outs = {on_demo("history", str(name)) for name in row}
    assert len(outs) == 1
    assert row[0][:30] in outs.pop()


def test_an_article_that_is_not_known_is_said(helpwatch, demo):
    ran = helpwatch("--db", demo.folder / "helpwatch.db", "history", "no such thing")
    assert ran.code == 2
    no_traceback(ran)


def edited(demo) -> str:
    connection = sqlite3.connect(demo.folder / "helpwatch.db")
    (slug,) = connection.execute(
        "SELECT a.slug FROM changes c JOIN articles a ON a.id = c.article_id"
        " WHERE c.kind = 'updated' ORDER BY c.id LIMIT 1"
    ).fetchone()
    return slug


@pytest.mark.parametrize("form", ["text", "html", "json"])
def test_the_difference_of_two_versions_is_shown(on_demo, demo, form):
    out = on_demo("diff", edited(demo), "--format", form)
    assert out.strip()
    if form == "html":
        assert "<ins>" in out and "<del>" in out
    if form == "json":
        assert json.loads(out)


def test_versions_may_be_named_by_number_or_date(on_demo, demo):
    by_number = on_demo("diff", edited(demo), "1", "2")
    by_date = on_demo("diff", edited(demo), "2026-04-17", "2026-04-18")
    assert by_number == by_date


def test_a_version_that_is_not_there_is_said(helpwatch, demo):
    ran = helpwatch("--db", demo.folder / "helpwatch.db", "diff", edited(demo), "1", "77")
    assert ran.code == 2
    assert "known: 1" in ran.err


def test_the_data_dictionary_is_printed(helpwatch):
    out = helpwatch("schema").out
    assert "view_observations" in out and "only when the count differs" in out
    assert json.loads(helpwatch("schema", "--format", "json").out)


def test_the_demo_leaves_a_folder_alone_that_it_did_not_make(helpwatch, tmp_path):
    (tmp_path / "helpwatch-demo").mkdir()
    (tmp_path / "helpwatch-demo" / "mine.txt").write_text("keep")
    ran = helpwatch("demo")
    assert ran.code == 2
    no_traceback(ran)
    assert (tmp_path / "helpwatch-demo" / "mine.txt").read_text() == "keep"


def test_debug_shows_the_traceback(helpwatch):
    ran = helpwatch("--debug", "--db", "none.db", "changes")
    assert ran.code == 4
    assert "Traceback" in ran.err
