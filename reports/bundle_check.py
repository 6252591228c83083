"""Checks an evidence bundle with nothing but Python 3: `python3 check.py` in its folder.

Every file has the SHA-256 that SHA256SUMS names; every line of chain.jsonl begins with the SHA-256
of the line before it; its last line gives the chain link of the version, and covers the SHA-256 of
the text and of the page that lie here.
"""

import hashlib
import json
import sys
from pathlib import Path


def sha256_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def wrong_files(folder: Path):
    """What SHA256SUMS names and does not find as it was."""
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        sha256, name = line.split("  ", 1)
        file = folder / name
        if not file.is_file():
            yield f"{name} is missing"
        elif sha256_of(file.read_bytes()) != sha256:
            yield f"{name} is not what it was: its SHA-256 differs"


def wrong_links(folder: Path):
    """Where the chain is broken, and whether it ends in this version's text and page."""
    version = json.loads((folder / "evidence.json").read_bytes())["version"]
    link, last = "0" * 64, None
    with (folder / "chain.jsonl").open("rb") as lines:
        for number, line in enumerate(lines, 1):
            last = json.loads(line)
            if last[0] != link:
                yield f"chain.jsonl is broken at line {number}"
            link = sha256_of(line.rstrip(b"\n"))
    if link != version["chain_sha256"]:
        yield "the chain does not end in the link that evidence.json names"
    covered = {str(value) for value in last or ()}
    if sha256_of((folder / "text.md").read_bytes()) not in covered:
        yield "the chain does not cover text.md"
    for page in folder.glob("page.*"):
        if sha256_of(page.read_bytes()) not in covered:
            yield f"the chain does not cover {page.name}"


def main(folder: Path) -> int:
    found = [*wrong_files(folder), *wrong_links(folder)]
    for wrong in found:
        print(f"WRONG: {wrong}")
    if not found:
        print("All files and every link of the chain are as they were recorded.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
