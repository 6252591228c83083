"""Checks an evidence bundle with nothing but Python 3: `python3 check.py` in its folder.

Every file has the SHA-256 that SHA256SUMS names; every line of chain.jsonl begins with the SHA-256
of the line before it; its last line gives the chain link of the version, and says of it what
evidence.json says, the SHA-256 of the text and of the page that lie here among it.
"""

import hashlib
import json
import sys
from pathlib import Path

COVERED = (
    "id", "article_id", "number", "crawl_id", "captured_at", "title", "body_sha256",
    "source_updated_at", "snapshot_sha256", "parser", "form",
)  # fmt: skip
"""What a line of the chain says of a version, behind the link before it."""

SOUND = """\
All files and every link of the chain are as they were recorded.
The chain covers title, text, page, time of reading and the page's own updated date. The address,
the HTTP status and the readings that confirmed the text are covered by SHA256SUMS alone: compare it
with one that left the house at the time."""


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
    """Where the chain is broken, and whether it ends in the version that is told of here."""
    told = json.loads((folder / "evidence.json").read_bytes())
    link, last = "0" * 64, []
    with (folder / "chain.jsonl").open("rb") as lines:
        for number, line in enumerate(lines, 1):
            last = json.loads(line)
            if last[0] != link:
                yield f"chain.jsonl is broken at line {number}"
            link = sha256_of(line.rstrip(b"\n"))
    if link != told["version"]["chain_sha256"]:
        yield "the chain does not end in the link that evidence.json names"
    covered = {name: last[at] for at, name in enumerate(COVERED, 1) if at < len(last)}
    yield from wrong_claims(folder, told, covered)


def wrong_claims(folder: Path, told, covered):
    """What is told of the version, and lies here, and is not what the chain's last line covers."""
    claimed = {**told["version"], "article_id": told["article"]["id"]}
    for name in COVERED:
        if name not in covered or claimed[name] != covered[name]:
            yield f"evidence.json does not say of {name} what the chain covers"
    if sha256_of((folder / "text.md").read_bytes()) != covered.get("body_sha256"):
        yield "the chain does not cover text.md"
    if sha256_of(told["text"].encode()) != covered.get("body_sha256"):
        yield "the chain does not cover the text in evidence.json"
    pages = sorted(folder.glob("page.*"))
    if told["page"] is not None and not pages:
        yield "the page that evidence.json names is missing"
    for page in pages:
        if sha256_of(page.read_bytes()) != covered.get("snapshot_sha256"):
            yield f"the chain does not cover {page.name}"
    statement = (folder / "STATEMENT.md").read_text("utf-8")
    for sentence in (*told["statement"], told["version"]["chain_sha256"]):
        if sentence not in statement:
            yield f"STATEMENT.md does not say what evidence.json says: {sentence}"


def main(folder: Path) -> int:
    found = [*wrong_files(folder), *wrong_links(folder)]
    for wrong in found:
        print(f"WRONG: {wrong}")
    if not found:
        print(SOUND)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
