"""What a run says, and what is left, when disk or database file fail: never half of anything."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from db.copies import leave_copy
from db.store import Store
from spiders.demo.days import DAYS
from spiders.demo.server import DemoCentre

KILOBYTE = 1024


@pytest.fixture(scope="module")
def centre():
    """The demo centre on its third day."""
    with DemoCentre(day=3) as serving:
        yield serving


@pytest.fixture
def folder(demo, tmp_path):
    """The demo's folder without its third day: there is something to lose and something to do."""
    folder = tmp_path / "demo"
    folder.mkdir()
    for name in ("helpwatch.toml", "helpwatch.db"):
        shutil.copy(demo.folder / name, folder)
    return folder


@pytest.fixture
def run(helpwatch, centre):
    """`helpwatch run` of the third day, in a folder."""

    def run_in(folder: Path):
        return helpwatch(
            *("--config", folder / "helpwatch.toml", "run", "--full"),
            *("--base-url", centre.url, "--now", DAYS[3].isoformat()),
        )

    return run_in


@contextmanager
def looked_at(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of the database with its log, open: the file itself and its disk stay untouched."""
    with TemporaryDirectory() as elsewhere:
        for file in path.parent.glob(f"{path.name}*"):
            shutil.copy(file, elsewhere)
        with closing(sqlite3.connect(Path(elsewhere) / path.name)) as connection:
            yield connection


def content(path: Path) -> dict[str, list]:
    """What was recorded, as far as it may never be lost."""
    with looked_at(path) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("versions", "snapshots", "changes", "view_observations", "listings")
        }


def assert_sound(path: Path) -> None:
    with looked_at(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def assert_kept(before: dict[str, list], path: Path) -> None:
    after = content(path)
    for table, rows in before.items():
        assert set(rows) <= set(after[table]), table


def assert_said(ran, code: int, *words: str) -> None:
    """The exit code, and one or two lines that say what was found and what to do."""
    assert ran.code == code, ran.err
    lines = ran.err.strip().splitlines()
    assert 1 <= len(lines) <= 2, ran.err
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err, ran.err


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own that is full soon: `small_disk(kilobytes)` gives its folder."""
    mounted: list[Path] = []

    def mount(kilobytes: int) -> Path:
        place = tmp_path / "small-disk"
        place.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            pytest.skip("a small disk cannot be mounted here (only root may)")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def immutable():
    """Makes a file or folder one that even root cannot change: `immutable(path)`."""
    made: list[Path] = []

    def forbid(path: Path) -> None:
        try:
            done = subprocess.run(["chattr", "+i", path], capture_output=True, check=False)
        except FileNotFoundError:
            pytest.skip("chattr is not there to make a file immutable")
        if done.returncode:
            pytest.skip("a file cannot be made immutable here (only root may, on few file systems)")
        made.append(path)

    yield forbid
    for path in made:
        subprocess.run(["chattr", "-i", path], check=True)


# -- the disk -----------------------------------------------------------------------------------


@pytest.mark.parametrize("spare_kilobytes", [0, 60, 200])
def test_a_full_disk_ends_the_run_and_keeps_what_was_stored(
    folder, small_disk, run, spare_kilobytes
):
    before = content(folder / "helpwatch.db")
    size = sum(path.stat().st_size for path in folder.iterdir()) // KILOBYTE
    disk = small_disk(size + 24 + spare_kilobytes)
    for path in folder.iterdir():
        shutil.copy(path, disk)
    assert_said(run(disk), 4, "disk")
    assert_sound(disk / "helpwatch.db")
    assert_kept(before, disk / "helpwatch.db")


def test_after_the_disk_was_full_the_next_run_goes_on(folder, small_disk, run, tmp_path):
    size = sum(path.stat().st_size for path in folder.iterdir()) // KILOBYTE
    disk = small_disk(size + 100)
    for path in folder.iterdir():
        shutil.copy(path, disk)
    assert run(disk).code == 4
    roomy = shutil.copytree(disk, tmp_path / "roomy")
    assert run(roomy).code == 0
    assert_sound(roomy / "helpwatch.db")


# -- permissions --------------------------------------------------------------------------------


def test_a_read_only_file_is_said(folder, run, immutable):
    path = folder / "helpwatch.db"
    before = path.read_bytes()
    immutable(path)
    assert_said(run(folder), 4, str(path), "permission")
    assert path.read_bytes() == before


def test_a_read_only_folder_is_said(folder, run, immutable):
    path = folder / "helpwatch.db"
    before = path.read_bytes()
    immutable(folder)
    assert_said(run(folder), 4, str(path), "permission")
    assert path.read_bytes() == before


def test_a_database_in_a_read_only_folder_needs_its_copy_to_be_read(folder, helpwatch, immutable):
    with Store(folder / "helpwatch.db") as store:
        leave_copy(store.connection, folder / "latest.db")
    immutable(folder)
    # Readers of a file in WAL mode share a file beside it; the copy has no such need.
    ran = helpwatch("--db", folder / "helpwatch.db", "changes")
    assert_said(ran, 4, "cannot write to its folder", "permissions", "latest.db")
    ran = helpwatch("--db", folder / "latest.db", "changes")
    assert (ran.code, ran.err) == (0, "")


# -- other writers ------------------------------------------------------------------------------


def test_another_helpwatch_that_writes_is_named(folder, run):
    path = folder / "helpwatch.db"
    before = content(path)
    with Store(path):
        assert_said(run(folder), 4, "being written by process", " since 20")
    assert content(path) == before


# -- damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "changes"])
def test_a_file_cut_in_half_is_called_damaged(folder, run, helpwatch, command):
    path = folder / "helpwatch.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    before = path.read_bytes()
    ran = run(folder) if command == "run" else helpwatch("--db", path, "changes")
    assert_said(ran, 4, "malformed")
    assert path.read_bytes() == before


def page_of(path: Path, table: str) -> tuple[int, int]:
    """(root page of a table, size of a page)."""
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", [table]
        ).fetchone()
    return page, size


@pytest.mark.parametrize("table", ["articles", "changes", "listing_articles", "crawls"])
def test_a_page_of_random_bytes_is_called_damaged_and_nothing_is_made_worse(folder, run, table):
    path = folder / "helpwatch.db"
    page, size = page_of(path, table)
    damaged = bytearray(path.read_bytes())
    damaged[(page - 1) * size : page * size] = Random(table).randbytes(size)
    path.write_bytes(damaged)
    ran = run(folder)
    assert_said(ran, 4, "malformed")
    # Every other page is still what it was, or a sound newer one: versions can be read.
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM versions").fetchone()[0] > 50
