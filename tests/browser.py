"""A real browser, where there is one: chromium without a window, and axe-core's rules in it."""

import json
import re
import shutil
import subprocess
import tarfile
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is absent: the browser tests did not run"
)

DARK = "--blink-settings=preferredColorScheme=0"

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_RESULT = re.compile(r'<pre id="looked-at">(.*?)</pre>', re.S)

# Everything is unfolded first: what is folded is not judged, and must hold as well.
_LOOK = """
const folded = [...document.querySelectorAll("details:not([open])")];
const first = folded[0];
let unfolds = null;
if (first) { first.querySelector("summary").click(); unfolds = first.open; }
folded.forEach(details => details.open = true);
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const said = document.createElement("pre");
  said.id = "looked-at";
  said.textContent = JSON.stringify({
    violations: found.violations.map(v => [v.id, v.nodes.map(node => node.html.slice(0, 200))]),
    passes: found.passes.length,
    unfolds,
    paper: getComputedStyle(document.body).backgroundColor,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  });
  document.body.append(said);
});
"""


def in_browser(address: str, tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What chromium prints when it has loaded the page."""
    return subprocess.run(
        [
            CHROMIUM,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *("--hide-scrollbars", f"--user-data-dir={tmp_path / 'profile'}", *options),
            address,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


@cache
def axe(folder: Path) -> str:
    """The rules of axe-core, fetched from the npm registry; skips, and says so, where none is."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is absent: the accessibility rules did not run")
    packed = subprocess.run(
        [npm, "pack", "axe-core", "--silent", "--pack-destination", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if packed.returncode:
        pytest.skip("axe-core cannot be fetched from npm: the accessibility rules did not run")
    with tarfile.open(folder / packed.stdout.split()[-1]) as package:
        return package.extractfile("package/axe.min.js").read().decode()


def looked_at(page: str, rules: str, tmp_path: Path, *options: str) -> dict[str, Any]:
    """What axe-core and the browser say of a page; its policy is lifted to let the rules in."""
    scripts = f"<script>{rules.replace('</script', '<' + chr(92) + '/script')}</script>"
    scripts += f"<script>{_LOOK}</script>"
    path = tmp_path / "page.html"
    path.write_text(_POLICY.sub("", page).replace("</body>", f"{scripts}</body>"))
    done = in_browser(
        path.as_uri(), tmp_path, "--virtual-time-budget=20000", "--dump-dom", *options
    )
    return json.loads(unescape(_RESULT.search(done.stdout)[1]))
