"""Commands that look load nothing that crawls: so they start at once."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from db.store import Store
from pages_read import article_read, recorded
from spiders.demo import pages
from tracker.run import cli
from tracker.run.options import Settings

LOADED = """
import json, sys
from tracker.run.cli import main
sys.argv = ["helpwatch", *sys.argv[1:]]
try:
    main()
except SystemExit:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


HEAVY = {
    "scrapy",
    "twisted",
    "bs4",
    "lxml",
    "sqlite_utils",
    "rich",
    "jinja2",
    "apprise",
    "apscheduler",
    "asyncio",
}
READERS = {
    "spiders.items",
    "db.records",
    "tracker.text",
    "tracker.watchlist",
    "tracker.watch_rules",
    "reports.safe_text",
}
NOT_FOR_HELP = {"msgspec", "zoneinfo"}
NOT_FOR_STATUS = {"tracker.run.looking", "tracker.run.crawling", "hashlib", "shutil"}


@pytest.mark.parametrize(
    ("command", "others"), [("--help", NOT_FOR_HELP), ("status", NOT_FOR_STATUS)]
)
def test_help_and_status_load_neither_scrapy_nor_the_readers(tmp_path, command, others):
    with Store(tmp_path / "helpwatch.db") as store:
        recorded(store, article_read())
    done = subprocess.run(
        [sys.executable, "-c", LOADED, command],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout
    modules = json.loads(done.stderr)
    loaded = {*modules, *(name.partition(".")[0] for name in modules)}
    assert loaded & {*HEAVY, *READERS, *others, "logging.handlers"} == set()
    assert "tracker" in loaded


def test_the_configuration_is_read_once(tmp_path):
    path = tmp_path / "helpwatch.toml"
    path.write_text('database = "one.db"')
    given = Settings(config=path)
    first = given.load()
    path.unlink()
    assert given.load() is first


@pytest.mark.parametrize("module", cli.IN_MODULE)
def test_every_command_of_a_module_is_found_by_its_name(module):
    commands = import_module(f"tracker.run.{module}").commands
    assert tuple(command.name for command in commands) == cli.IN_MODULE[module]
    for command in commands:
        assert cli.helpwatch.get_command(None, command.name) is command


def test_an_unknown_command_is_a_wrong_use(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["helpwatch", "statsu"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "No such command 'statsu'" in capsys.readouterr().err


def test_circles_of_objects_are_looked_for_rarely():
    code = "import gc, sys; from tracker.run.cli import main; sys.argv = ['helpwatch', '--version']"
    code += "\ntry: main()\nexcept SystemExit: print(gc.get_threshold()[0])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout.split()[-1]) >= 10_000


def loaded_by(folder: Path, *code: str) -> set[str]:
    """The packages that a program in a process of its own has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", *code],
        cwd=folder,
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


def test_an_import_of_saved_pages_loads_no_scrapy(tmp_path):
    loaded = loaded_by(tmp_path, LOADED, "import", "nothing-here.html")
    assert loaded & {"scrapy", "twisted"} == set()


SERVING_AND_SENDING = {"aiohttp", "requests", "tldextract", "apprise", "xlsxwriter"}


@pytest.mark.parametrize(("command", "others"), [("crawl", {"jinja2", "rich"}), ("run", set())])
def test_a_crawl_loads_nothing_that_serves_or_sends(tmp_path, command, others):
    """What Scrapy has beside, to be controlled by and for cookies, takes a second to load."""
    loaded = loaded_by(tmp_path, LOADED, command, "--base-url", "http://127.0.0.1:1")
    assert "scrapy" in loaded
    assert loaded & (SERVING_AND_SENDING | others) == set()


def test_the_process_that_records_loads_nothing_that_it_does_not_need(tmp_path):
    Store(tmp_path / "x.db").close()
    opening = """
import json, sys
import tracker.run.recorder_process
from db.second_writer import SecondWriter
from db.versions import Comparer
SecondWriter("x.db", Comparer(), crawl_id=1, site_id=1).close()
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
    loaded = loaded_by(tmp_path, opening)
    assert "db" in loaded
    assert loaded & {"sqlite_utils", "scrapy", "twisted", "asyncio", "filelock"} == set()


def test_a_page_whose_data_suffice_is_read_without_a_parser_of_markup(tmp_path):
    address = "/help/" + next(iter(pages.centre_on(1).articles))
    (tmp_path / "page.html").write_bytes(pages.render(1, address)[2])
    reading = """
import json, sys
from pathlib import Path
from spiders import sites
page = sites.load("demo").read_page(Path("page.html").read_bytes(), sys.argv[1])
assert page.form == "json" and page.body
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
    loaded = loaded_by(tmp_path, reading, pages.ORIGIN + address)
    assert "msgspec" in loaded
    assert loaded & {"bs4", "lxml"} == set()


def test_a_crawl_is_begun_and_its_recorder_started_without_scrapy(tmp_path):
    begun = (
        "import json, sys, tracker.run.crawl; print(json.dumps([*sys.modules]), file=sys.stderr)"
    )
    loaded = loaded_by(tmp_path, begun)
    assert "tracker" in loaded
    assert loaded & {"scrapy", "twisted"} == set()
