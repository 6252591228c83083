"""webchanges, from the registry, in an environment of its own, watching article pages.

Set up as its users would: one job for each address, the article's element as text, everything else
as it comes. What it reports goes to a file.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.measure import Cost, cost_of

ABSENT = "webchanges could not be installed here (`pip install webchanges` failed): skipped"
JOB = """\
name: "{url}"
url: "{url}"
filter:
  - css: article
  - html2text
---
"""
PATIENCE_SECONDS = 600


def installed(folder: Path) -> Path | None:
    """The program; None where it cannot be installed. HELPWATCH_BENCH_WEBCHANGES names one."""
    if given := os.environ.get("HELPWATCH_BENCH_WEBCHANGES"):
        return Path(given)
    home = folder / "venv"
    try:
        subprocess.run([sys.executable, "-m", "venv", home], check=True, capture_output=True)
        subprocess.run(
            [home / "bin/python", "-m", "pip", "install", "--quiet", "webchanges"],
            check=True,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
        )
    except subprocess.SubprocessError:
        return None
    return home / "bin/webchanges"


def prepare(folder: Path, urls: Sequence[str]) -> None:
    """Its list of jobs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jobs.yaml").write_text("".join(JOB.format(url=url) for url in urls))


def check(program: Path, folder: Path) -> Cost:
    """One look at every address."""
    return cost_of(
        [
            program,
            *("--jobs", folder / "jobs.yaml"),
            *("--config", folder / "config.yaml"),
            *("--hooks", folder / "hooks.py"),
            *("--database", folder / "snapshots.db"),
        ],
        cwd=folder,
        env={"EDITOR": "true"},
    )
