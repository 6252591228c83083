"""Log lines: how they look, how their file is put aside, and that no secret is ever in them."""

import json
import logging
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from crawling import without_proxies
from faulty_centre import faulty_centre
from tracker.run import secret
from tracker.run.config import Config, LogConfig, NotifyConfig, ScheduleConfig
from tracker.run.errors import UsageError
from tracker.run.log_file import SharedFileHandler
from tracker.run.logs import JsonLine, Log, TextLine, is_for_the_screen
from tracker.run.secret import Secrets, SecretUnreadable


def record(message: str, *arguments, level=logging.INFO, name="tracker.run.cycle", **extra):
    made = logging.LogRecord(name, level, __file__, 1, message, arguments, None)
    made.created = datetime.fromisoformat("2026-04-19T06:00:00Z").timestamp()
    vars(made).update(extra)
    return made


def failure() -> tuple:
    try:
        raise ValueError("it broke")
    except ValueError:
        return sys.exc_info()


# -- lines ---------------------------------------------------------------------------------------


def test_a_line_of_text_tells_when_how_grave_who_and_what():
    line = TextLine(Secrets()).format(record("crawl %d began", 7))
    assert line == "2026-04-19T06:00:00.000Z INFO tracker.run.cycle: crawl 7 began"


def test_no_text_from_a_page_passes_for_a_line_of_its_own_or_acts_on_a_terminal():
    forged = "title\n2026-04-19T06:00:00Z ERROR root: all is lost\x1b[2J\u202e"
    line = TextLine(Secrets()).format(record("read %s", forged))
    first, second = line.split("\n")
    assert second.startswith("    2026-")
    assert "<U+001B>" in line and "<U+202E>" in line


def test_a_line_of_json_is_one_object_with_the_facts_beside_the_message():
    made = record("read %s", "a\nb", facts={"crawl": 7})
    made.exc_info = failure()
    line = JsonLine(Secrets()).format(made)
    assert "\n" not in line
    told = json.loads(line)
    assert told.pop("traceback").endswith("ValueError: it broke")
    assert told.pop("process") > 0
    assert told == {
        "at": "2026-04-19T06:00:00.000Z",
        "level": "info",
        "logger": "tracker.run.cycle",
        "message": "read a\nb",
        "crawl": 7,
    }


@pytest.mark.parametrize(
    ("name", "level", "is_shown"),
    [
        ("tracker.run.heartbeat", logging.WARNING, True),
        ("tracker.run.cycle", logging.INFO, False),
        ("tracker.run.progress", logging.INFO, True),
        ("scrapy.core.engine", logging.WARNING, False),
        ("scrapy.core.engine", logging.ERROR, True),
    ],
)
def test_the_screen_shows_what_a_person_must_see(name, level, is_shown):
    assert is_for_the_screen(record("x", name=name, level=level)) is is_shown


# -- the file ------------------------------------------------------------------------------------


def handler(path: Path, max_bytes: int = 1000, keep: int = 2) -> SharedFileHandler:
    made = SharedFileHandler(path, max_bytes, keep)
    made.setFormatter(TextLine(Secrets()))
    return made


def test_a_file_that_would_grow_too_large_is_put_aside_and_the_oldest_goes(tmp_path):
    path = tmp_path / "helpwatch.log"
    writing = handler(path)
    for number in range(60):
        writing.emit(record("line %d", number))
    files = {file.name: file.read_text() for file in tmp_path.glob("helpwatch.log*")}
    files.pop("helpwatch.log.lock", None)
    assert sorted(files) == ["helpwatch.log", "helpwatch.log.1", "helpwatch.log.2"]
    assert all(len(text) <= 1000 for text in files.values())
    assert files["helpwatch.log"].endswith("line 59\n")
    assert "line 0\n" not in "".join(files.values())


WRITER = """
import logging, sys
sys.path[:0] = [{tests!r}, {root!r}]
from pathlib import Path
from test_run_logs import handler, record
writing = handler(Path({path!r}), 5_000, 50)
for number in range(300):
    writing.emit(record("%s %d", sys.argv[1], number))
"""


def test_several_processes_share_a_file_and_no_line_is_lost_when_it_is_put_aside(tmp_path):
    path = tmp_path / "helpwatch.log"
    tests = Path(__file__).parent
    code = WRITER.format(tests=str(tests), root=str(tests.parent), path=str(path))
    writers = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    text = "".join(file.read_text() for file in tmp_path.glob("helpwatch.log*"))
    told = sorted(line.split(": ")[1] for line in text.splitlines())
    assert told == sorted(f"{name} {number}" for name in ("one", "two") for number in range(300))
    assert len(list(tmp_path.glob("helpwatch.log.[0-9]*"))) >= 2


def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match=r"log\.file"):
        Log().follow(replace(Config(), log=LogConfig(file=str(tmp_path / "taken" / "x.log"))))


def test_a_disk_that_fills_up_is_said_once_and_ends_nothing(tmp_path, capsys, monkeypatch):
    writing = handler(tmp_path / "helpwatch.log")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "_open", full)
    for _ in range(3):
        writing.emit(record("x"))
    assert capsys.readouterr().err.count("No space left on device") == 1


# -- secrets -------------------------------------------------------------------------------------

PLANTED = {
    "password": "s3cret-pa55",
    "token": "T0kenT0kenT0ken",
    "path": "0f3c9e1a-ping-uuid",
    "query": "q-s3cret-value",
}
DESTINATIONS = (
    f"mailtos://robot:{PLANTED['password']}@127.0.0.1:9/?to=team@example.com",
    f"json://127.0.0.1:9/{PLANTED['token']}/?key={PLANTED['query']}",
)
HEARTBEAT = f"http://me:{PLANTED['password']}@127.0.0.1:9/{PLANTED['path']}?key={PLANTED['query']}"


def secrets_of(*destinations: str, heartbeat: str = "") -> Secrets:
    known = Secrets()
    known.learn(
        replace(
            Config(),
            notify=NotifyConfig(destinations=destinations),
            schedule=ScheduleConfig(heartbeat_url=heartbeat),
        )
    )
    return known


@pytest.mark.parametrize(
    "text",
    [
        *DESTINATIONS,
        HEARTBEAT,
        f"authentication of {PLANTED['password']} failed",
        f"GET /{PLANTED['token']}/ HTTP/1.1",
        f"no route to /{PLANTED['path']}",
        f"bad value {PLANTED['query']!r}",
        "https://someone:hunter2@mirror.example/help",
        "postgres://hunter2@mirror.example",
    ],
)
def test_a_secret_is_hidden_whole_or_in_parts(text):
    hidden = secrets_of(*DESTINATIONS, heartbeat=HEARTBEAT).hide(text)
    assert not any(planted in hidden for planted in (*PLANTED.values(), "hunter2"))
    assert "(secret)" in hidden


def test_what_is_no_secret_is_left_as_it_is():
    text = "https://www.okx.com/help/a?x=1#user@host tracker.run.notify: 2 destinations, 0.5% @ 6"
    assert secrets_of(*DESTINATIONS, heartbeat=HEARTBEAT).hide(text) == text


def test_a_secret_may_be_written_percent_encoded_or_plain():
    known = secrets_of("mailto://me:p%40ss%2Fword@mail.example")
    assert known.hide("p@ss/word and p%40ss%2Fword") == "(secret) and (secret)"


def test_a_secret_is_read_from_the_environment_or_a_file(tmp_path, monkeypatch):
    path = tmp_path / "mail"
    path.write_text("mailto://from-a-file\n")
    path.chmod(0o640)
    monkeypatch.setenv("MAIL", " mailto://from-the-environment ")
    assert secret.read(f"file:{path}") == "mailto://from-a-file"
    assert secret.read("env:MAIL") == "mailto://from-the-environment"
    assert secret.read("mailto://itself") == "mailto://itself"


def test_a_file_that_everybody_can_read_keeps_no_secret(tmp_path):
    path = tmp_path / "mail"
    path.write_text("mailto://me:s3cret@mail.example")
    path.chmod(0o644)
    with pytest.raises(SecretUnreadable, match="chmod") as caught:
        secret.read(f"file:{path}")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("setting", ["env:NOT_SET_ANYWHERE", "file:/nowhere/at/all"])
def test_a_secret_that_is_not_there_is_named_by_its_place(setting):
    with pytest.raises(SecretUnreadable, match=setting.partition(":")[2]):
        secret.read(setting)


TOML = f"""\
[sites.demo]
[crawl]
delay_seconds = 0
autothrottle = false
[report]
formats = ["html", "json"]
[notify]
destinations = {list(DESTINATIONS)}
timeout_seconds = 2
[schedule]
heartbeat_url = "{HEARTBEAT}"
[log]
file = "logs/helpwatch.log"
format = "FORM"
"""


@pytest.mark.parametrize("form", [pytest.param("text", marks=pytest.mark.soak), "json"])
def test_planted_secrets_appear_nowhere_in_a_whole_cycle(tmp_path, form):
    (tmp_path / "helpwatch.toml").write_text(TOML.replace("FORM", form))
    said = ""
    with faulty_centre(day=1) as server:
        at = server.url.replace("://", f"://someone:{PLANTED['password']}@")
        for arguments in (
            ["--debug", "run", "--base-url", server.url],
            ["--debug", "run", "--base-url", at],
            ["--debug", "notify"],
            ["--debug", "notify", "--test"],
            ["--debug", "status"],
            ["config"],
        ):
            ran = subprocess.run(
                [sys.executable, "-m", "tracker.run.cli", *arguments],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                env=without_proxies(),
                check=False,
            )
            said += ran.stdout + ran.stderr
    log = (tmp_path / "logs" / "helpwatch.log").read_text()
    assert "Spider closed (finished)" in log
    assert "heartbeat" in log
    if form == "json":
        assert all(json.loads(line)["level"] for line in log.splitlines())
    reports = [path.read_bytes() for path in (tmp_path / "helpwatch-reports").rglob("*.*")]
    database = [path.read_bytes() for path in tmp_path.glob("helpwatch.db*")]
    everything = b"\n".join([said.encode(), log.encode(), *reports, *database])
    assert [name for name, planted in PLANTED.items() if planted.encode() in everything] == []


def test_an_error_that_ends_a_command_is_in_the_log_with_its_traceback(tmp_path):
    (tmp_path / "helpwatch.toml").write_text('[log]\nfile = "helpwatch.log"\nformat = "json"\n')
    ran = subprocess.run(
        [sys.executable, "-m", "tracker.run.cli", "changes"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 4
    told = json.loads((tmp_path / "helpwatch.log").read_text())
    assert (told["level"], told["message"]) == ("error", ran.stderr.strip())
    assert "Traceback" in told["traceback"] and "Traceback" not in ran.stderr
