"""Programs from the registry, each in an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

PATIENCE_SECONDS = 1_800


def installed(folder: Path, package: str, program: str) -> Path | None:
    """The program of a package; None where it cannot be installed.

    HELPWATCH_BENCH_WEBCHANGES, for webchanges, names one that is there already.
    """
    if given := os.environ.get(f"HELPWATCH_BENCH_{package.partition('.')[0].upper()}"):
        return Path(given)
    home = folder / "venv"
    pip = [home / "bin/python", "-m", "pip", "install", "--quiet", package]
    try:
        subprocess.run([sys.executable, "-m", "venv", home], check=True, capture_output=True)
        subprocess.run(pip, check=True, capture_output=True, timeout=PATIENCE_SECONDS)
    except subprocess.SubprocessError:
        return None
    return home / "bin" / program
