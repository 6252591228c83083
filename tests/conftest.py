"""Fixtures for all tests: a store on a real file, the command line, the demo, real saved pages."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import settings

from browser import CHROMIUM, Browser
from db.store import Store

# The same examples every time, and none judged by the clock: a test that fails here fails there.
settings.register_profile("helpwatch", deadline=None, derandomize=True)
settings.register_profile("soak", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HELPWATCH_PROFILE", "helpwatch"))

REAL_PAGES = Path(__file__).parents[2] / "shared" / "samples" / "okx"


@pytest.fixture
def store(tmp_path):
    """A store on a fresh database file."""
    with Store(tmp_path / "helpwatch.db") as opened:
        yield opened


@pytest.fixture
def real_pages():
    """The folder with real saved pages; the test skips, and says so, where it is absent."""
    if not REAL_PAGES.is_dir():
        pytest.skip("the saved real pages in ../shared/samples/okx are absent")
    return REAL_PAGES


@dataclass(frozen=True)
class Ran:
    """What one run of the command line gave."""

    code: int
    out: str
    err: str


def run_helpwatch(*arguments: str, cwd: Path) -> Ran:
    """The command line in a process of its own, as a person starts it."""
    done = subprocess.run(
        [sys.executable, "-m", "tracker.run.cli", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def helpwatch(tmp_path):
    """`helpwatch(*arguments)` in an empty folder."""

    def run(*arguments: str, cwd: Path = tmp_path) -> Ran:
        return run_helpwatch(*arguments, cwd=cwd)

    return run


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """`helpwatch demo` run once for the whole session: its folder and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    ran = run_helpwatch("demo", cwd=folder)
    return SimpleNamespace(folder=folder / "helpwatch-demo", ran=ran)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One chromium for the whole session; tests that need it skip, and say so, where none is."""
    if CHROMIUM is None:
        pytest.skip("chromium is absent: the browser tests did not run")
    opened = Browser(tmp_path_factory.mktemp("chromium"))
    yield opened
    opened.close()
