"""Commands that look load nothing that crawls: so they start at once."""

import json
import subprocess
import sys

import pytest

from db.store import Store
from pages_read import article_read, recorded

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
READERS = {"spiders.items", "db.records", "tracker.text", "tracker.watchlist", "reports.safe_text"}
NOT_FOR_HELP = {"msgspec", "zoneinfo"}


@pytest.mark.parametrize(("command", "others"), [("--help", NOT_FOR_HELP), ("status", set())])
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


def test_an_import_of_saved_pages_loads_no_scrapy(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LOADED, "import", "nothing-here.html"],
        cwd=tmp_path,
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}
    assert loaded & {"scrapy", "twisted"} == set()
