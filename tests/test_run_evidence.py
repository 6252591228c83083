"""The commands that prove, on the demo's database and on damaged copies of it."""

import csv
import hashlib
import io
import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from db.errors import DatabaseUnusable, NotInDatabase
from db.versions import FIRST_LINK, chain_link
from spiders.demo.days import DAYS
from spiders.demo.server import DemoCentre
from tracker.run import evidence as commands
from tracker.run.errors import UsageError

EDITED = "spot-trading-fee-schedule"  # another text on day 3
DOCUMENT = Path(__file__).parents[1] / "docs" / "evidence.md"


@pytest.fixture
def path(demo, tmp_path):
    """A copy of the demo's database: three days, with every kind of change."""
    assert demo.ran.code == 0, demo.ran.err
    return Path(shutil.copy(demo.folder / "helpwatch.db", tmp_path / "helpwatch.db"))


@pytest.fixture
def run(path):
    """`run(command, *arguments)` -> (exit code, what it printed); errors come as raised."""

    def on_copy(command: click.Command, *arguments: object) -> tuple[int, str]:
        words = ["--db", str(path), *map(str, arguments)]
        done = CliRunner().invoke(command, words, standalone_mode=False)
        if done.exception:
            raise done.exception
        return int(done.return_value or 0), done.output

    return on_copy


def change_file(path, sql: str, *values: object) -> None:
    """Somebody with the file and without scruples."""
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TRIGGER IF EXISTS versions_are_never_updated;"
        "DROP TRIGGER IF EXISTS versions_are_never_deleted;"
        "DROP TRIGGER IF EXISTS crawl_seals_are_never_deleted;"
    )
    connection.execute(sql, values)
    connection.commit()
    connection.close()


def rows(path, sql: str, *values: object) -> list[tuple]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


# -- verify -------------------------------------------------------------------------------------


def test_a_sound_database_is_said_to_be_so(run, path):
    code, out = run(commands.verify)
    assert code == 0
    assert out.endswith("The database can be trusted.\n")
    assert "BAD" not in out
    assert "not checked" not in out
    ((count, link),) = rows(
        path, "SELECT max(id), (SELECT chain_sha256 FROM versions ORDER BY id DESC) FROM versions"
    )
    assert f"readings      ok   versions: {count}" in out
    assert f"The chain ends with version {count}: {link}" in out
    assert "log           ok   crawls: 3" in out
    ((crawl_id, seal),) = rows(
        path, "SELECT crawl_id, chain_sha256 FROM crawl_seals ORDER BY id DESC LIMIT 1"
    )
    assert f"The last seal is of crawl {crawl_id}: {seal}" in out


@pytest.mark.parametrize(
    ("sql", "check", "first"),
    [
        ("UPDATE snapshots SET body = zeroblob(90) WHERE rowid = 3", "snapshots", "decompressed"),
        ("UPDATE versions SET body = body || '!' WHERE id = 9", "texts", "version 9 "),
        ("UPDATE versions SET title = 'Forged' WHERE id = 9", "chain", "version 9 "),
        ("DELETE FROM versions WHERE id = 9", "chain", "version 9 is missing"),
        ("UPDATE fetches SET version_id = 999 WHERE id = 30", "foreign keys", "row 30 of fetches"),
        ("UPDATE fetches SET fetched_at = '2026-04-17T09:00:00Z' WHERE id = 30", "log", "crawl 1:"),
        ("DELETE FROM fetches WHERE id = 30", "log", "crawl 1: its log holds"),
    ],
)
def test_what_was_altered_is_named_and_the_exit_code_is_4(run, path, sql, check, first):
    change_file(path, sql)
    code, out = run(commands.verify)
    assert code == 4
    assert "The database cannot be trusted" in out
    named = re.search(rf"^{check} +BAD .*\n +first: (.*)$", out, re.M)
    assert named and first in named[1]


def test_a_link_noted_earlier_must_still_stand(run, path):
    ((link,),) = rows(path, "SELECT chain_sha256 FROM versions WHERE id = 5")
    ((seal,),) = rows(path, "SELECT chain_sha256 FROM crawl_seals WHERE crawl_id = 1")
    assert run(commands.verify, "--link", link, "--link", seal)[0] == 0
    code, out = run(commands.verify, "--link", link, "--link", "f" * 64)
    assert code == 4
    assert f"noted link    BAD  it is not in the chain: {'f' * 64}" in out


def test_a_file_cut_in_half_cannot_be_used(run, path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    try:
        code, _ = run(commands.verify)
    except DatabaseUnusable:
        code = 4
    assert code == 4


# -- snapshot -----------------------------------------------------------------------------------


def test_a_page_is_shown_as_it_stood_on_a_date(run):
    code, out = run(commands.snapshot, EDITED, "--at", "2026-04-17")
    assert code == 0
    assert "version 1 of 2" in out
    assert (
        "lies between two readings that showed the same text: 17 Apr 2026, 06:00:00 UTC and "
        "18 Apr 2026, 06:00:00 UTC." in out
    )
    assert "When next read, on 19 Apr 2026" in out


def test_without_a_date_the_newest_text_is_shown(run):
    _, out = run(commands.snapshot, EDITED, "--now", "2026-05-01")
    assert "version 2 of 2" in out
    assert "no later reading is on record" in out


def test_json_gives_the_same_for_programs(run):
    _, out = run(commands.snapshot, EDITED, "--at", "2026-04-19T06:00:00Z", "--format", "json")
    told = json.loads(out)
    assert told["version"]["number"] == 2
    assert hashlib.sha256(told["text"].encode()).hexdigest() == told["version"]["body_sha256"]


def test_a_date_before_the_first_reading_is_refused_with_the_first_one(run):
    with pytest.raises(NotInDatabase, match="first read on 2026-04-17T06:00:00Z"):
        run(commands.snapshot, EDITED, "--at", "2026-04-16")


def test_an_article_known_from_listings_alone_is_said_to_be_so(run, path):
    ((slug,),) = rows(path, "SELECT slug FROM articles WHERE version_id IS NULL")
    with pytest.raises(NotInDatabase, match="known from listings alone"):
        run(commands.snapshot, slug)


def test_the_evidence_is_written_as_warc_bundle_and_page(run, path, tmp_path):
    files = [tmp_path / name for name in ("page.warc.gz", "bundle.zip", "page.html")]
    options = zip(("--warc", "--bundle", "--html"), files, strict=True)
    _, out = run(
        commands.snapshot,
        EDITED,
        "--at",
        "2026-04-17",
        *(word for pair in options for word in pair),
    )
    assert [line.split(": ")[1] for line in out.splitlines()] == [str(file) for file in files]
    page = files[2].read_bytes()
    ((sha256,),) = rows(
        path,
        "SELECT snapshot_sha256 FROM versions v JOIN articles a ON a.id = v.article_id"
        " WHERE a.slug = ? AND v.number = 1",
        EDITED,
    )
    assert hashlib.sha256(page).hexdigest() == sha256
    assert files[0].read_bytes()[:2] == b"\x1f\x8b"
    folder = tmp_path / "bundle"
    zipfile.ZipFile(files[1]).extractall(folder)
    assert (folder / "page.html").read_bytes() == page
    checked = subprocess.run(["python3", folder / "check.py"], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".partial") == []


def test_the_same_question_gives_the_same_bundle(run, tmp_path):
    for name in ("one.zip", "two.zip"):
        run(commands.snapshot, EDITED, "--at", "2026-04-17", "--bundle", tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_damaged_bytes_are_never_handed_out(run, path, tmp_path):
    change_file(path, "UPDATE snapshots SET body = zeroblob(9)")
    with pytest.raises(NotInDatabase, match="not kept, or are damaged"):
        run(commands.snapshot, EDITED, "--html", tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_file_that_cannot_be_written_is_said(run, tmp_path):
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        run(commands.snapshot, EDITED, "--html", tmp_path / "none" / "page.html")


# -- coverage -----------------------------------------------------------------------------------

PERIOD = ("--since", "2026-04-17", "--until", "2026-04-19")


def statement(run, *options) -> list[dict]:
    _, out = run(commands.coverage, *PERIOD, "--format", "json", *options)
    return [json.loads(line) for line in out.splitlines()]


def test_a_statement_tells_what_was_watched_and_what_was_not(run):
    _, out = run(commands.coverage, *PERIOD)
    assert "3 crawls, of them 3 complete." in out
    assert "17 Apr 2026, 06:00:00 UTC to 18 Apr 2026, 06:00:00 UTC: 24.0 hours\n" in out
    assert re.search(r"Latest announcements \(en\): read to its end 3 of 3 times; claimed \d+", out)
    assert "robots.txt disallows its page" in out
    assert "LONGER THAN USUAL" not in out


def test_the_rows_of_a_statement_are_chained(run):
    _, out = run(commands.coverage, *PERIOD, "--format", "json")
    previous = "0" * 64
    for line in out.splitlines():
        assert json.loads(line)["previous"] == previous
        previous = hashlib.sha256(line.encode()).hexdigest()
    assert f"(--format json): {previous}" in run(commands.coverage, *PERIOD)[1]


def test_a_statement_names_the_seal_of_its_last_crawl(run, path):
    lines = run(commands.coverage, *PERIOD, "--format", "json")[1].splitlines()
    period = json.loads(lines[0])
    ((crawl_id, seal),) = rows(
        path, "SELECT crawl_id, chain_sha256 FROM crawl_seals ORDER BY id DESC LIMIT 1"
    )
    assert (period["last_sealed_crawl_id"], period["last_seal_sha256"]) == (crawl_id, seal)
    assert (
        f"Last crawl sealed in the period: {crawl_id}, seal {seal}"
        in run(commands.coverage, *PERIOD)[1]
    )
    assert run(commands.verify, "--link", seal)[0] == 0


def test_a_statement_holds_every_crawl_listing_article_and_change(run, path):
    counted: dict[str, int] = {}
    for row in statement(run):
        counted[row["row"]] = counted.get(row["row"], 0) + 1
    for name, table in (
        ("crawl", "crawls"),
        ("listing", "listing_crawls"),
        ("article", "articles"),
        ("change", "changes"),
    ):
        assert [(counted[name],)] == rows(path, f"SELECT count(*) FROM {table}"), name


def test_every_reading_that_confirmed_an_article_stands_in_its_row(run, path):
    (row,) = [row for row in statement(run) if (row.get("url") or "").endswith(EDITED)]
    assert row["read_at"] == [f"2026-04-{day}T06:00:00Z" for day in (17, 18, 19)]
    assert (row["version_number"], row["unread"]) == (2, [])


def test_the_same_period_stated_later_gives_the_same_head(run, path):
    _, before = run(commands.coverage, *PERIOD, "--now", "2026-04-20")
    _, after = run(commands.coverage, *PERIOD, "--now", "2026-06-01")
    assert before == after


def test_a_longer_silence_is_a_gap_and_leaves_articles_unread(run):
    _, out = run(commands.coverage, "--since", "2026-04-17", "--now", "2026-05-01")
    assert "19 Apr 2026, 06:00:00 UTC to 1 May 2026, 00:00:00 UTC: 11.8 days" in out
    assert "LONGER THAN USUAL" in out
    # The one that was removed on day 3 needed no reading after that.
    assert "47 articles, of them 1 read often enough all through the period" in out


def test_a_statement_is_written_to_a_file(run, tmp_path):
    target = tmp_path / "statement.txt"
    assert run(commands.coverage, *PERIOD, "-o", target)[1] == f"Statement: {target}\n"
    assert target.read_text() == run(commands.coverage, *PERIOD)[1]


def test_a_period_that_ends_before_it_begins_is_refused(run):
    with pytest.raises(UsageError, match="does not lie before the end"):
        run(commands.coverage, "--since", "2026-04-19", "--until", "2026-04-17")


# -- as-of --------------------------------------------------------------------------------------


def test_the_help_centre_is_listed_as_it_was(run):
    _, out = run(commands.as_of, "2026-04-17", "--format", "json")
    then = json.loads(out)
    slugs = {article["slug"]: article for article in then["articles"]}
    assert "simple-earn-product-terms" in slugs  # another address from day 3 on
    assert slugs[EDITED]["version"] == 1
    assert slugs[EDITED]["listings"] == ["section/product-documents-fees-and-limits"]
    assert then["articles_removed"] == 0
    assert then["next_crawl_at"] == "2026-04-18T06:00:00Z"


def test_two_dates_are_compared_in_either_order(run):
    _, out = run(commands.as_of, "2026-04-17", "--compare", "2026-04-19", "--format", "json")
    _, turned = run(commands.as_of, "2026-04-19", "--compare", "2026-04-17", "--format", "json")
    assert out == turned
    told = json.loads(out)
    assert set(told["counts"]) == {"added", "gone", "edited", "retitled", "moved", "readdressed"}
    edited = [one["slug"] for one in told["differences"] if one["kind"] == "edited"]
    assert EDITED in edited


def test_a_date_compared_with_itself_yields_nothing(run):
    _, out = run(commands.as_of, "2026-04-18", "--compare", "2026-04-18")
    assert "No difference was found between the two dates." in out


def test_a_text_that_changed_and_came_back_is_no_difference_between_the_ends(run, path):
    ((slug,),) = rows(
        path,
        "SELECT a.slug FROM changes c JOIN articles a ON a.id = c.article_id"
        " WHERE json_extract(c.detail, '$.reverts_to') = 1",
    )
    _, out = run(commands.as_of, "2026-04-17", "--compare", "2026-04-19", "--format", "json")
    assert ("edited", slug) not in {
        (one["kind"], one["slug"]) for one in json.loads(out)["differences"]
    }


@pytest.mark.parametrize("options", [(), ("--compare", "2026-04-19")])
def test_as_of_gives_table_and_csv(run, options):
    _, table = run(commands.as_of, "2026-04-17", *options)
    assert "demo as of 17 Apr 2026, 23:59:59 UTC: 44 articles" in table
    _, out = run(commands.as_of, "2026-04-17", *options, "--format", "csv")
    found = list(csv.DictReader(io.StringIO(out)))
    assert len(found) > 5
    assert all(row["title"] and row["id"] for row in found)


def test_a_date_before_the_first_record_is_refused(run):
    with pytest.raises(NotInDatabase, match="first complete crawl began on 2026-04-17"):
        run(commands.as_of, "2026-04-01")


# -- reread -------------------------------------------------------------------------------------


def recorded_by_an_older_reader(path) -> None:
    """The database as an older reader would have left it: it lost the last line of each text."""
    change_file(path, "DELETE FROM rereadings")
    change_file(path, "DELETE FROM crawl_seals")
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    previous = FIRST_LINK
    for row in map(dict, connection.execute("SELECT * FROM versions ORDER BY id").fetchall()):
        row["parser"] = "demo-0"
        row["body"] = row["body"].rstrip("\n").rpartition("\n")[0] + "\n"
        row["body_sha256"] = hashlib.sha256(row["body"].encode()).hexdigest()
        previous = row["chain_sha256"] = chain_link(previous, row)
        connection.execute(
            "UPDATE versions SET parser = :parser, body = :body, body_sha256 = :body_sha256,"
            " chain_sha256 = :chain_sha256 WHERE id = :id",
            row,
        )
    connection.commit()
    connection.close()


def test_after_a_new_reader_and_a_rereading_the_next_crawl_tells_no_change(
    run, path, demo, helpwatch
):
    recorded_by_an_older_reader(path)
    code, out = run(commands.verify)
    assert (code, "of another reader than today's" in out) == (0, True)
    ((count,),) = rows(path, "SELECT count(*) FROM versions")
    _, out = run(commands.reread)
    assert f"Read again with demo-1: {count} versions, {count} of them with another text" in out
    assert f"and {count - 10} more" in out
    told = rows(path, "SELECT id, kind FROM changes")
    shutil.copy(demo.folder / "helpwatch.toml", path.parent)
    with DemoCentre(day=3) as centre:
        ran = helpwatch(
            *("--config", path.parent / "helpwatch.toml", "run", "--full"),
            *("--base-url", centre.url, "--now", DAYS[3].isoformat()),
        )
    assert (ran.code, ran.err) == (0, "")
    assert rows(path, "SELECT id, kind FROM changes") == told
    assert rows(path, "SELECT count(*) FROM versions") == [(count,)]
    assert run(commands.verify)[0] == 0


def test_dates_read_by_two_readers_are_compared_like_with_like(run, path):
    before = run(commands.as_of, "2026-04-17", "--compare", "2026-04-19", "--format", "json")
    recorded_by_an_older_reader(path)
    change_file(path, "UPDATE versions SET parser = 'demo-1' WHERE captured_at > '2026-04-19'")
    # Those of day 3 are now of today's reader (and lack a line); all pages are read anew.
    after = run(commands.as_of, "2026-04-17", "--compare", "2026-04-19", "--format", "json")
    assert json.loads(after[1])["counts"] == json.loads(before[1])["counts"]


def test_one_article_is_read_again(run, path):
    recorded_by_an_older_reader(path)
    _, out = run(commands.reread, "--article", EDITED)
    assert "Read again with demo-1: 2 versions, 2 of them with another text" in out
    assert "version 1 of article" in out


def test_a_second_rereading_finds_nothing_to_do(run, path):
    recorded_by_an_older_reader(path)
    run(commands.reread)
    _, out = run(commands.reread)
    assert "Read again with demo-1: 0 versions" in out


# -- the document for a reviewer ----------------------------------------------------------------


def blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)


def shell(command: str, folder) -> list[str]:
    done = subprocess.run(
        ["sh", "-eu", "-c", command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), command
    return done.stdout.splitlines()


@pytest.fixture
def by_hand(path):
    """The document's blocks, run beside the database: what each prints."""
    for tool in ("sqlite3", "zstd", "sha256sum"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed, so the document's commands cannot run")
    return lambda number: shell(blocks()[number], path.parent)


def test_the_file_is_checked_by_hand(by_hand):
    assert by_hand(0) == ["ok"]


def test_a_text_is_checked_by_hand(by_hand):
    told, found = by_hand(1)
    assert found == f"{told}  text.md"


def test_a_page_is_checked_by_hand(by_hand):
    told, found = by_hand(2)
    assert found == f"{told}  page"


def test_the_chain_is_checked_by_hand(by_hand, path):
    assert by_hand(3) == []
    change_file(path, "UPDATE versions SET title = 'Forged' WHERE id = 4")
    (broken,) = by_hand(3)
    assert broken.startswith("broken: [") and "Forged" in broken


def test_the_seals_are_checked_by_hand(by_hand, path):
    assert by_hand(4) == []
    change_file(path, "UPDATE fetches SET status = 404 WHERE crawl_id = 2")
    assert by_hand(4) == ["broken seal: crawl 2"]


def test_a_statement_is_checked_by_hand(by_hand, run, path):
    target = path.parent / "coverage.jsonl"
    run(commands.coverage, *PERIOD, "--format", "json", "-o", target)
    (head,) = by_hand(5)
    assert head.removeprefix("head: ") in run(commands.coverage, *PERIOD)[1]
    target.write_text(target.read_text().replace('"is_complete":true', '"is_complete":false', 1))
    assert any(line.startswith("broken before: ") for line in by_hand(5))
