"""The evidence of one version as a zip file that can be checked without helpwatch."""

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from reports import evidence as told
from reports.evidence import Evidence, StoredPage

SAME_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that zip can say: the same evidence gives the same bytes."""

CHECK = Path(__file__).with_name("bundle_check.py")

README = """\
What lies here
==============

STATEMENT.md   what the page said, when that was read and confirmed
text.md        the text of the page, as canonical Markdown
{page}evidence.json  the same facts for programs: addresses, times, hashes
chain.jsonl    the chain of all versions on record, from the first one to this one
check.py       does all checks below: python3 check.py
SHA256SUMS     the SHA-256 of each file

How to check it by hand
=======================

1. The files are what they were:

       sha256sum -c SHA256SUMS

2. Each line of chain.jsonl is a JSON list. Its first value is the SHA-256 of the line before
   (64 zeros in the first line); then come the version's row number, article number, version
   number, crawl number, time of reading, title, SHA-256 of its text, the page's own updated date,
   SHA-256 of the page's bytes, reader and form. So line 5 begins with what this prints:

       sed -n 4p chain.jsonl | tr -d '\\n' | sha256sum

3. The SHA-256 of the last line is this version's link, "chain_sha256" in evidence.json:

       tail -n 1 chain.jsonl | tr -d '\\n' | sha256sum

4. The last line holds the SHA-256 of text.md and of the page:

       sha256sum text.md page.*

What this proves, and what it does not
======================================

Nobody can alter a text, a title, the time of its reading or the page's own updated date in the
chain without changing every later link. The links of later versions, in other bundles, statements
and backups, cover this one too: compare them. The page's address, its HTTP status and the readings
that confirmed the text are not in the chain: SHA256SUMS fixes them from the day the bundle left the
house.
The chain by itself does not show who recorded it. Whoever holds the database could write a whole
new chain; against that helps a link that was noted elsewhere at the time (in a mail, a ticket, a
timestamp service).

The page's bytes are shown as text by any editor. A browser may run the scripts in them.
"""


def write(evidence: Evidence, chain: Iterable[str], out: BinaryIO) -> None:
    """Writes the bundle. `chain` gives the covered text of every version up to this one."""
    files: list[tuple[str, bytes]] = [
        ("README.txt", README.format(page=_page_line(evidence.page)).encode()),
        ("STATEMENT.md", told.render_markdown(evidence).encode()),
        ("text.md", evidence.version.body.encode()),
        ("evidence.json", told.render_json(evidence).encode()),
        ("check.py", CHECK.read_bytes()),
    ]
    if evidence.page is not None:
        files.append((_page_name(evidence.page), evidence.page.body))
    sums = {name: hashlib.sha256(body).hexdigest() for name, body in files}
    with zipfile.ZipFile(out, "w") as bundle:
        for name, body in files:
            bundle.writestr(_member(name), body)
        sums["chain.jsonl"] = _write_chain(bundle, chain)
        listed = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
        bundle.writestr(_member("SHA256SUMS"), listed)


def _write_chain(bundle: zipfile.ZipFile, chain: Iterable[str]) -> str:
    """A line each, as they come: there may be very many. Their SHA-256."""
    sha256 = hashlib.sha256()
    with bundle.open(_member("chain.jsonl"), "w") as lines:
        for text in chain:
            line = text.encode() + b"\n"
            sha256.update(line)
            lines.write(line)
    return sha256.hexdigest()


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, SAME_TIME)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3  # Unix, wherever it is made
    member.external_attr = 0o644 << 16
    return member


def _page_name(page: StoredPage) -> str:
    kind = (page.content_type or "").partition(";")[0].strip().lower()
    return {"application/json": "page.json", "text/plain": "page.txt"}.get(kind, "page.html")


def _page_line(page: StoredPage | None) -> str:
    return f"{_page_name(page):<15}the page's bytes as they were fetched\n" if page else ""
