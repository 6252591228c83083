"""README's commands run on the demo, and show what README shows.

HELPWATCH_RENEW=1 writes the outputs into README instead of comparing them.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from readme_examples import examples, renewed

README = Path(__file__).parents[1] / "README.md"


def output_of(command: str, folder: Path) -> str:
    """What the command prints, as in a terminal 100 columns wide."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": "100",
        "TZ": "UTC",
    }
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{command}\n{done.stderr}"
    return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def test_the_commands_of_the_readme_show_what_the_readme_shows(demo, tmp_path):
    assert demo.ran.code == 0, demo.ran.err
    folder = shutil.copytree(demo.folder, tmp_path / "helpwatch-demo")
    readme = README.read_text(encoding="utf-8")
    shown = examples(readme)
    assert len(shown) > 15
    outputs = [output_of(example.command, folder) for example in shown]
    if os.environ.get("HELPWATCH_RENEW"):
        README.write_text(renewed(readme, outputs), encoding="utf-8")
    else:
        for example, output in zip(shown, outputs, strict=True):
            assert output == example.output, example.command


def test_the_readme_names_files_that_are_there():
    readme = README.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((docs/[^)]+)\)", readme):
        assert (README.parent / target).is_file(), target
