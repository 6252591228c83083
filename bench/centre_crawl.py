"""helpwatch in a folder of its own, without politeness, as the measurements use it."""

import sys
from pathlib import Path

from bench.measure import Cost, cost_of

ROOT = Path(__file__).parents[1]
PYTHON = sys.executable
CONCURRENT_REQUESTS = 16
CONFIG = f"""\
database = "helpwatch.db"
output = "reports"

[sites.okx]

[crawl]
delay_seconds = 0
concurrent_requests = {CONCURRENT_REQUESTS}
autothrottle = false
"""


def new_folder(folder: Path) -> Path:
    """An empty folder with a configuration that asks as fast as it can."""
    folder.mkdir(parents=True)
    (folder / "helpwatch.toml").write_text(CONFIG)
    return folder


def helpwatch(*words: str | Path, cwd: Path, accepted: tuple[int, ...] = (0,)) -> Cost:
    """One command in a process of its own."""
    command = (PYTHON, "-m", "tracker.run.cli", *words)
    return cost_of(command, cwd=cwd, env={"PYTHONPATH": str(ROOT)}, accepted=accepted)
