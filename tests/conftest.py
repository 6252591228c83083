"""Fixtures for all tests: a store on a real file, and saved pages of the real site where present."""

from pathlib import Path

import pytest

from db.store import Store

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
