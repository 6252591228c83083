"""What a page said on a date: the words, the WARC file and the bundle for a reviewer."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.digestverifyingreader import DigestChecker

from builders import NOW
from db.evidence import covered_text
from evidence_told import DAY, HTML, SECOND, Page, Reading, evidence
from reports import bundle, warc
from reports.evidence import facts, render_json, render_markdown, render_text, sentences


def said(**of_standing) -> str:
    return " ".join(sentences(evidence(**of_standing)))


# -- the words ----------------------------------------------------------------------------------


def test_readings_on_both_sides_of_the_date_are_the_strongest_statement():
    text = said(confirmed_after=(NOW + 2 * DAY,))
    assert "read this text (version 1 of 1) on 17 Apr 2026, 06:00:00 UTC" in text
    assert (
        "lies between two readings that showed the same text: 17 Apr 2026, 06:00:00 UTC and "
        "19 Apr 2026, 06:00:00 UTC." in text
    )


def test_a_change_after_the_date_is_told_with_its_bounds():
    text = said(next_version=SECOND)
    assert "it was last read on 17 Apr 2026, 06:00:00 UTC. When next read, on 22 Apr 2026" in text
    assert "(version 2): the change came between these two readings." in text


def test_a_text_confirmed_after_the_date_and_changed_later_tells_both():
    text = said(confirmed_after=(NOW + 2 * DAY,), next_version=SECOND)
    assert "lies between two readings" in text
    assert "last confirmed on 19 Apr 2026, 06:00:00 UTC. When next read, on 22 Apr 2026" in text


def test_a_text_not_read_since_says_where_the_records_end():
    assert "no later reading is on record (the records end on 26 Apr 2026" in said()


def test_a_reading_at_the_very_instant_is_said():
    assert "It was read at the very instant asked for" in said(at=NOW)


def test_many_readings_are_told_by_the_first_and_the_last():
    later = tuple(NOW + number * DAY / 10 for number in range(1, 8))
    assert "7 readings from 17 Apr 2026, 08:24:00 UTC to 17 Apr" in said(confirmed_before=later)


def test_requests_without_a_text_are_told():
    text = said(other_answers=(Reading(NOW + DAY), Reading(NOW + 2 * DAY, None, "network", None)))
    assert "2 requests in this time gave no text (gone and network)" in text


def test_every_statement_says_what_it_cannot_show():
    assert said().endswith("a text that stood only between two readings is not seen.")


def test_facts_that_are_not_known_are_left_out():
    labels = [label for label, _ in facts(evidence(Page(etag=None, content_type=None)))]
    assert "ETag" not in labels
    assert "Content type" not in labels
    assert ("Bytes", "not kept") in facts(evidence(None))


def test_page_text_cannot_act_in_a_terminal_or_in_markdown():
    nasty = evidence(title="Fees\x1b[31m | [x](javascript:1) \u202e")
    assert "\x1b" not in render_text(nasty)
    assert "\u202e" not in render_text(nasty) + render_markdown(nasty) + render_json(nasty)
    assert "[x](javascript:1)" not in render_markdown(nasty)


def test_json_holds_the_statement_and_the_facts():
    told = json.loads(render_json(evidence(confirmed_after=(NOW + 2 * DAY,))))
    assert told["schema"] == "helpwatch.evidence/1"
    assert told["confirmed_after"] == ["2026-04-19T06:00:00Z"]
    assert told["text"] == "The fee is 0.10%.\n"
    assert told["page"]["sha256"] == hashlib.sha256(HTML).hexdigest()


# -- WARC ---------------------------------------------------------------------------------------


def records(raw: bytes) -> list[tuple]:
    """(type, target, headers of the answer, payload) of each record; its digests are checked."""
    found = []
    checker = DigestChecker("raise")
    for record in ArchiveIterator(io.BytesIO(raw), check_digests=checker):
        payload = record.content_stream().read()
        headers = record.http_headers and (
            record.http_headers.get_statuscode(),
            dict(record.http_headers.headers),
        )
        found.append((record.rec_type, record.rec_headers["WARC-Target-URI"], headers, payload))
    assert checker.passed is not False
    return found


@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_warc_file_gives_the_stored_bytes_back(is_compressed):
    info, response, about = records(warc.render(evidence(), is_compressed=is_compressed))
    assert response == (
        "response",
        "https://help.example/help/article-1",
        ("200", {"Content-Type": "text/html; charset=utf-8", "ETag": '"abc"'}),
        HTML,
    )
    assert (info[0], about[0]) == ("warcinfo", "metadata")
    assert b"as received, all others are missing" in info[3]
    assert json.loads(about[3])["version"]["chain_sha256"] == "c" * 64


def test_headers_that_were_not_kept_are_not_made_up():
    bare = Page(content_type=None, etag=None)
    _, response, _ = records(warc.render(evidence(bare)))
    assert response[2] == ("200", {})


def test_an_imported_file_is_a_resource_for_no_server_answered():
    _, resource, _ = records(warc.render(evidence(Page(http_status=None))))
    assert (resource[0], resource[2], resource[3]) == ("resource", None, HTML)


def test_a_header_with_a_line_break_adds_no_header():
    _, response, _ = records(warc.render(evidence(Page(etag='"a"\r\nSet-Cookie: x=1'))))
    assert response[2][1]["ETag"] == '"a" Set-Cookie: x=1'
    assert "Set-Cookie" not in response[2][1]


def test_the_same_evidence_gives_the_same_warc_file():
    assert warc.render(evidence()) == warc.render(evidence())


def test_without_bytes_there_is_no_warc_file():
    with pytest.raises(ValueError, match="not kept"):
        warc.render(evidence(None))


# -- the bundle ---------------------------------------------------------------------------------


def chain_of(told) -> tuple[list[str], str]:
    """A chain of two lines that ends with the version told; and its last link."""
    first = json.dumps(["0" * 64, 1, 7, 1, 1, "2026-04-16T06:00:00Z", "Other \u00fc", "a" * 64])
    link = hashlib.sha256(first.encode()).hexdigest()
    row = json.loads(render_json(told))["version"] | {"article_id": told.state.article_id}
    second = covered_text(link, row)
    return [first, second], hashlib.sha256(second.encode()).hexdigest()


def bundled(**of_standing) -> bytes:
    lines, link = chain_of(evidence())
    told = evidence(version=replace(evidence().version, chain_sha256=link), **of_standing)
    out = io.BytesIO()
    bundle.write(told, iter(lines), out)
    return out.getvalue()


@pytest.fixture
def unpacked(tmp_path):
    zipfile.ZipFile(io.BytesIO(bundled())).extractall(tmp_path)
    return tmp_path


def check(folder) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", folder / "check.py"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_bundle_holds_page_text_hashes_chain_and_statement(unpacked):
    assert sorted(path.name for path in unpacked.iterdir()) == [
        "README.txt",
        "SHA256SUMS",
        "STATEMENT.md",
        "chain.jsonl",
        "check.py",
        "evidence.json",
        "page.html",
        "text.md",
    ]
    assert (unpacked / "page.html").read_bytes() == HTML
    assert (unpacked / "text.md").read_text() == "The fee is 0.10%.\n"
    assert "What the page said: Fees" in (unpacked / "STATEMENT.md").read_text()


def test_a_sound_bundle_passes_its_own_check(unpacked):
    code, out = check(unpacked)
    assert code == 0
    assert out.startswith("All files and every link of the chain are as they were recorded.\n")
    assert "The address,\nthe HTTP status and the readings that confirmed the text" in out


@pytest.mark.parametrize("name", ["page.html", "text.md", "evidence.json", "STATEMENT.md"])
def test_an_altered_file_fails_the_check(unpacked, name):
    path = unpacked / name
    path.write_bytes(path.read_bytes().replace(b"0.10%", b"0.01%") + b" ")
    code, out = check(unpacked)
    assert code == 1
    assert f"WRONG: {name} is not what it was" in out


def test_an_altered_text_with_its_sum_mended_fails_the_chain(unpacked):
    (unpacked / "text.md").write_text("The fee is 0.01%.\n")
    mend_sum(unpacked, "text.md")
    assert check(unpacked) == (1, "WRONG: the chain does not cover text.md\n")


@pytest.mark.parametrize(
    ("was", "forged"),
    [
        ('"title": "Fees"', '"title": "No fees"'),
        ('"captured_at": "2026-04-17', '"captured_at": "2026-04-01'),
        ('"number": 1', '"number": 9'),
        ('"form": "', '"form": "other-'),
    ],
)
def test_facts_of_the_version_that_the_chain_does_not_say_fail_the_check(unpacked, was, forged):
    path = unpacked / "evidence.json"
    assert was in path.read_text()
    path.write_text(path.read_text().replace(was, forged, 1))
    mend_sum(unpacked, "evidence.json")
    name = was.split('"')[1]
    assert check(unpacked) == (
        1,
        f"WRONG: evidence.json does not say of {name} what the chain covers\n",
    )


def test_another_text_in_the_facts_fails_the_check(unpacked):
    path = unpacked / "evidence.json"
    path.write_text(path.read_text().replace("0.10%", "0.01%"))
    mend_sum(unpacked, "evidence.json")
    assert check(unpacked) == (1, "WRONG: the chain does not cover the text in evidence.json\n")


def test_a_statement_that_says_something_else_fails_the_check(unpacked):
    path = unpacked / "STATEMENT.md"
    path.write_text(path.read_text().replace("17 Apr 2026", "1 Apr 2026"))
    mend_sum(unpacked, "STATEMENT.md")
    code, out = check(unpacked)
    assert code == 1
    assert out.startswith("WRONG: STATEMENT.md does not say what evidence.json says: ")


def test_a_page_that_was_taken_away_with_its_sum_fails_the_check(unpacked):
    (unpacked / "page.html").unlink()
    sums = (unpacked / "SHA256SUMS").read_text().splitlines(keepends=True)
    (unpacked / "SHA256SUMS").write_text("".join(x for x in sums if "page.html" not in x))
    assert check(unpacked) == (1, "WRONG: the page that evidence.json names is missing\n")


def test_an_altered_link_fails_the_chain(unpacked):
    path = unpacked / "chain.jsonl"
    path.write_bytes(path.read_bytes().replace(b"2026-04-16", b"2026-04-15"))
    mend_sum(unpacked, "chain.jsonl")
    assert check(unpacked) == (1, "WRONG: chain.jsonl is broken at line 2\n")


def mend_sum(folder, name: str) -> None:
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    fresh = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    mended = [f"{fresh}  {name}" if line.endswith(f"  {name}") else line for line in sums]
    (folder / "SHA256SUMS").write_text("\n".join(mended) + "\n")


def test_the_plain_commands_of_the_readme_work(unpacked):
    done = shell("sha256sum -c SHA256SUMS", unpacked)
    assert done.count(": OK") == 7
    previous = shell("sed -n 1p chain.jsonl | tr -d '\\n' | sha256sum", unpacked).split()[0]
    assert (unpacked / "chain.jsonl").read_text().splitlines()[1].startswith(f'["{previous}"')
    last = shell("tail -n 1 chain.jsonl | tr -d '\\n' | sha256sum", unpacked).split()[0]
    told = json.loads((unpacked / "evidence.json").read_text())
    assert told["version"]["chain_sha256"] == last


def shell(command: str, folder) -> str:
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_same_evidence_gives_the_same_bundle():
    assert bundled() == bundled()


def test_a_bundle_without_the_pages_bytes_still_holds_text_and_chain(tmp_path):
    told = evidence(None)
    out = io.BytesIO()
    bundle.write(told, [], out)
    names = zipfile.ZipFile(out).namelist()
    assert "text.md" in names
    assert not any(name.startswith("page") for name in names)
