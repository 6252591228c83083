"""The main job on the embedded demo help centre: three days, then what to try next."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from spiders.demo.days import DAYS
from spiders.demo.server import DemoCentre
from tracker.run.errors import UsageError

FOLDER = Path("helpwatch-demo")

CONFIG = """\
# Written by `helpwatch demo`: the demo help centre, crawled as fast as it answers.
database = "helpwatch.db"
output = "reports"

[sites.demo]
locales = ["en"]
searches = [{category = "faq", term = "verification"}]

[crawl]
user_agent = "helpwatch-demo/0.1 (loopback only)"
delay_seconds = 0
concurrent_requests = 1  # so that every demo is the same, row for row
autothrottle = false

[report]
formats = ["html", "markdown", "json", "csv", "atom"]
"""

MARKER = CONFIG.splitlines()[0]


def run_demo(folder: Path = FOLDER) -> int:
    """Crawls days 1 to 3, each in a process of its own; the worst exit code of the three."""
    _prepare(folder)
    worst = 0
    for day, now in DAYS.items():
        print(f"\n=== Day {day} of {len(DAYS)}: {now:%d %B %Y}", flush=True)
        with DemoCentre(day=day) as centre:
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "tracker.run.cli"),
                    *("--config", str(folder / "helpwatch.toml"), "run", "--full"),
                    *("--base-url", centre.url, "--now", now.isoformat()),
                ],
                check=False,
            )
        worst = max(worst, done.returncode)
    steps = _next_steps(folder)
    (folder / "TRY-NEXT.txt").write_text(steps.lstrip(), encoding="utf-8")
    print(steps, flush=True)
    return worst


def _prepare(folder: Path) -> None:
    """An empty demo folder; one that we did not make is left alone."""
    config = folder / "helpwatch.toml"
    if folder.exists():
        ours = config.is_file() and config.read_text(encoding="utf-8").startswith(MARKER)
        if not ours and any(folder.iterdir()):
            raise UsageError(
                f"The folder {folder} exists and was not made by `helpwatch demo`; move it away "
                "or run the demo elsewhere."
            )
        shutil.rmtree(folder)
    folder.mkdir()
    config.write_text(CONFIG, encoding="utf-8")


def _next_steps(folder: Path) -> str:
    command = _command(folder)
    return f"""
=== Everything lies in ./{folder}
  reports/latest.html   the report of day 3: open it in a browser
  helpwatch.db          the database: open it with sqlite-utils, Datasette, pandas or DuckDB
  helpwatch.toml        the configuration that was used

Try next, in that folder (cd {folder}):
  {command} changes --since 2026-04-01
  {command} history "How do I add my emergency contact?"
  {command} trending
  {command} report --since 2026-04-01 --format markdown
  sqlite3 helpwatch.db "SELECT kind, title FROM recent_changes"
"""


def _command(folder: Path) -> str:
    """How to call helpwatch in the demo's folder: by name where it is on the path."""
    if shutil.which("helpwatch"):
        return "helpwatch"
    program = Path(sys.executable).with_name("helpwatch")
    return min(os.path.relpath(program, folder), str(program), key=len)
