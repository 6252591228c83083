"""search, export, serve and prune as a person uses them, on the demo's database."""

import csv
import io
import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from rich.console import Console

from db import comments
from db.errors import DatabaseUnusable
from reports.datasette_metadata import FOR_PEOPLE, QUESTIONS, STYLE_FOLDER, metadata
from reports.search_results import print_hits, render_json
from tracker.run import analysing
from tracker.run.errors import UsageError


@pytest.fixture
def database(demo, tmp_path):
    """A copy of the demo's database."""
    return shutil.copy(demo.folder / "helpwatch.db", tmp_path / "helpwatch.db")


@pytest.fixture
def on_demo(database):
    """A command on the copy; it must succeed. Gives what it printed."""

    def run(command, *arguments: object) -> str:
        words = ["--db", str(database), *map(str, arguments)]
        done = CliRunner().invoke(command, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


# -- search -------------------------------------------------------------------------------------


def test_search_shows_title_address_and_the_words_in_brackets(on_demo):
    out = on_demo(analysing.search, "withdrawal", "fee")
    assert "[withdrawal], [fee]" in out
    assert "https://help.demo.example/help/" in out


def test_search_takes_several_words_in_quotes_as_a_phrase(on_demo):
    as_phrase = json.loads(on_demo(analysing.search, "spot trading", "--format", "json"))
    as_words = json.loads(on_demo(analysing.search, "spot", "trading", "--format", "json"))
    assert 0 < len(as_phrase) < len(as_words)
    assert {match.casefold() for hit in as_phrase for match in hit["matches"]} == {"spot trading"}


def test_search_can_be_limited_to_a_locale(on_demo):
    assert json.loads(on_demo(analysing.search, "fee", "--locale", "fr", "--format", "json")) == []


@pytest.mark.parametrize("words", ['"', "zzz AND", "NEAR(zzz", "'; DROP TABLE zzz"])
def test_search_never_fails_on_what_is_typed(on_demo, words):
    assert "No article has" in on_demo(analysing.search, words)


def hit(title: str):
    pieces = [SimpleNamespace(text=title, is_match=True)]
    return SimpleNamespace(
        article_id=1, locale="en", url="https://help.example/a", section=None, status="removed",
        updated_at=None, score=1.0, title=pieces, snippet=[],
    )  # fmt: skip


def test_control_sequences_of_a_page_do_not_reach_the_terminal():
    screen = Console(file=io.StringIO(), force_terminal=False)
    print_hits([hit("\x1b[31mred\u202e")], "red", screen)
    assert "<U+001B>[31mred<U+202E>" in screen.file.getvalue()
    assert "removed" in screen.file.getvalue()


def test_on_a_terminal_the_words_are_shown_by_colour_alone():
    screen = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80)
    print_hits([hit("fees")], "fees", screen)
    assert "[fees]" not in screen.file.getvalue()
    assert "\x1b[" in screen.file.getvalue()


def test_search_results_as_json_name_what_was_found():
    (found,) = json.loads(render_json([hit("fees")]))
    assert (found["title"], found["matches"], found["status"]) == ("fees", ["fees"], "removed")


# -- export -------------------------------------------------------------------------------------


def test_export_writes_to_standard_output(on_demo):
    rows = json.loads(on_demo(analysing.export, "recent_changes", "--format", "json"))
    assert {"kind", "title", "severity"} <= rows[0].keys()
    lines = on_demo(analysing.export, "recent_changes", "--format", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == rows


def test_export_writes_a_file_in_one_piece(on_demo, tmp_path):
    target = tmp_path / "articles.csv"
    out = on_demo(analysing.export, "current_articles", "-o", target)
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert out == f"{len(rows)} rows of current_articles: {target}\n"
    assert not target.with_name("articles.csv.partial").exists()


def test_export_says_where_it_cannot_write(database, tmp_path):
    target = tmp_path / "nowhere" / "x.csv"
    with pytest.raises(UsageError, match="cannot be written"):
        CliRunner().invoke(
            analysing.export,
            ["articles", "--db", str(database), "-o", str(target)],
            catch_exceptions=False,
        )


# -- prune --------------------------------------------------------------------------------------


def test_prune_says_what_it_freed_and_what_stays(on_demo, database):
    out = on_demo(analysing.prune, "--fetch-log-days", 30, "--now", "2026-12-01")
    assert "requests" in out and "stay as proof" in out and "MB" in out
    with closing(sqlite3.connect(database)) as connection:
        unproven = connection.execute(
            "SELECT count(*) FROM versions v WHERE NOT EXISTS"
            " (SELECT 1 FROM fetches f WHERE f.version_id = v.id)"
        ).fetchone()
    assert unproven == (0,)


def test_prune_makes_no_database_of_an_empty_file(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()
    with pytest.raises(DatabaseUnusable, match="no helpwatch has written to it yet"):
        CliRunner().invoke(
            analysing.prune, ["--fetch-log-days", "3", "--db", str(path)], catch_exceptions=False
        )
    assert [(found.name, found.stat().st_size) for found in tmp_path.iterdir()] == [("empty.db", 0)]


def test_prune_makes_no_database(tmp_path):
    path = tmp_path / "none.db"
    with pytest.raises(UsageError, match="nothing was pruned"):
        CliRunner().invoke(
            analysing.prune, ["--fetch-log-days", "3", "--db", str(path)], catch_exceptions=False
        )
    assert not path.exists()


# -- serve --------------------------------------------------------------------------------------


def test_the_metadata_describes_every_table_view_and_column():
    described = metadata(comments.of_current_schema(), "helpwatch")["databases"]["helpwatch"]
    for relation in comments.of_current_schema():
        shown = described["tables"][relation.name]
        assert shown["description"] == relation.comment
        assert set(shown["columns"]) == {column.name for column in relation.columns}
    assert described["tables"]["fetches"]["units"] == {"elapsed_ms": "ms", "size": "byte"}
    assert all(f'href="/helpwatch/{view}"' in described["description_html"] for view in FOR_PEOPLE)


def test_what_the_metadata_names_is_there():
    columns = {r.name: {c.name for c in r.columns} for r in comments.of_current_schema()}
    tables = metadata(comments.of_current_schema(), "x")["databases"]["x"]["tables"]
    for name, shown in tables.items():
        named = {*shown.get("facets", ()), *shown.get("units", ())}
        named |= {shown[key] for key in ("sort_desc", "label_column") if key in shown}
        assert named <= columns.get(name, set()), name
    assert (STYLE_FOLDER / "datasette.css").is_file()


def test_there_are_ten_questions_and_each_gives_an_answer_on_the_demo(database):
    assert len(QUESTIONS) == 10
    given = {"words": "withdrawal fee", "day": "2026-04-18", "slug": "affiliate-faq"}
    with closing(sqlite3.connect(database)) as connection:
        # Views are shown in listings of questions only; this one has them.
        (counted,) = connection.execute(
            "SELECT a.slug FROM articles a WHERE a.view_count IS NOT NULL LIMIT 1"
        ).fetchone()
        for question in QUESTIONS:
            values = {name: given[name] for name in question.parameters}
            if question.name == "views_of_an_article":
                values["slug"] = counted
            assert connection.execute(question.sql, values).fetchall(), question.name


@pytest.mark.parametrize("words", ["", '"', "fee)", "AND", "手续费", "*", "-fee*"])
def test_the_question_of_search_takes_any_words(database, words):
    search = next(question for question in QUESTIONS if question.name == "search")
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(search.sql, {"words": words}).fetchall()
        plain = connection.execute(search.sql, {"words": "fee"}).fetchall()
    assert plain and (found == plain) == ("fee" in words), found


@pytest.fixture
def served(database):
    """`helpwatch serve` in a process of its own, on a free port; its database's address."""
    pytest.importorskip("datasette", reason="the extra helpwatch[web] is not installed")
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, "--db", str(database), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"{server.stdout.readline().split(' ')[0]}helpwatch"
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()


SERVE = "from tracker.run.analysing import serve; serve()"


def fetched(address: str) -> str:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(address, timeout=20) as answer:
        return answer.read().decode()


def test_serve_shows_the_database_its_words_and_its_questions(served):
    assert served.startswith("http://127.0.0.1:")
    front = fetched(served)
    assert all(question.title in front for question in QUESTIONS)
    articles = fetched(f"{served}/current_articles?_search=withdrawal")
    assert "Articles as they are now" in articles and "rows where search matches" in articles
    style = served.rsplit("/", 1)[0] + "/helpwatch-static/datasette.css"
    assert "column-descriptions" in fetched(style)
    found = json.loads(fetched(f"{served}/search.json?words=withdrawal+fee&_shape=array"))
    assert "[fee]" in found[0]["snippet"]


def test_serve_begins_with_what_needs_a_look_and_shows_each_article(served):
    root = served.removesuffix("helpwatch")
    home = fetched(root)
    assert '<h2 id="look-title">What needs a look</h2>' in home
    article = re.search(r'href="/(-/article/[0-9]+)"', home)[1]
    assert '<h2 id="timeline-title">Timeline</h2>' in fetched(root + article)
    for unknown in ("-/article/999999", "?site=other"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetched(root + unknown)
        assert refused.value.code == 404


@pytest.mark.parametrize(
    "page", ["search?words=fee", "article_timeline", "current_articles", "trending"]
)
def test_serve_leads_from_every_table_to_the_page_of_an_article(served, page):
    answer = fetched(f"{served}/{page}")
    assert re.search(r'<a href="/-/article/[0-9]+">[0-9]+</a>', answer)


def test_serve_lets_nobody_write(served, database):
    sql = urllib.parse.quote("DELETE FROM articles")
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetched(f"{served}?sql={sql}")
    assert refused.value.code == 400
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM articles").fetchone() == (1,)


def test_serve_answers_on_loopback_alone_unless_told(served):
    port = int(served.rsplit(":", 1)[1].split("/")[0])
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        # All of 127/8 is this machine; a server bound to every address would answer here as well.
        assert other.connect_ex(("127.0.0.2", port)) != 0


def test_serve_says_when_the_port_is_taken(database):
    pytest.importorskip("datasette", reason="the extra helpwatch[web] is not installed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot be served"):
            CliRunner().invoke(
                analysing.serve,
                ["--db", str(database), "--port", str(taken.getsockname()[1])],
                catch_exceptions=False,
            )


def test_serve_says_how_to_install_datasette_where_it_is_missing(database, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasette", None)
    with pytest.raises(UsageError, match=r"pip install 'helpwatch\[web\]'"):
        CliRunner().invoke(analysing.serve, ["--db", str(database)], catch_exceptions=False)
