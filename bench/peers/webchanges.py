"""webchanges, watching article pages.

Set up as its users would: one job for each address, the article's element as text, everything else
as it comes. What it reports goes to a file.
"""

from collections.abc import Sequence
from pathlib import Path

from bench.measure import Cost, cost_of
from bench.peers import registry

NAME = "webchanges"
JOB = """\
name: "{url}"
url: "{url}"
filter:
  - css: article
  - html2text
---
"""


def installed(folder: Path) -> Path | None:
    return registry.installed(folder, "webchanges", "webchanges")


def first_look(program: Path, folder: Path, urls: Sequence[str]) -> Cost:
    """Begins to watch these addresses."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jobs.yaml").write_text("".join(JOB.format(url=url) for url in urls))
    return next_look(program, folder)


def next_look(program: Path, folder: Path) -> Cost:
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
