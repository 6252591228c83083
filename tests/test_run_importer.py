"""Imports: saved pages and texts give the records that a crawl would give."""

import gzip
import io
import json
import os
import quopri
import re
import shutil
import sqlite3
import tracemalloc
import zlib
from datetime import UTC, datetime
from itertools import count

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from db.store import Store
from reports import terminal
from spiders.demo import pages
from spiders.demo.days import EVENTS
from spiders.demo.sections import ORIGIN
from tracker.run.config import Config, CrawlConfig, SiteConfig
from tracker.run.importer import ImportJob, ImportResult, run_import


def rows(path, sql: str, *values) -> list[tuple]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def test_the_real_listing_text_gives_exactly_its_fifteen_articles(real_pages, helpwatch, tmp_path):
    ran = helpwatch(
        *("--db", "x.db", "import", real_pages / "search-listing.txt"),
        *("--captured-at", "2026-04-17"),
    )
    assert (ran.code, ran.err) == (0, "")
    found = rows(
        tmp_path / "x.db",
        "SELECT a.title, la.summary, a.published_at, a.updated_at, a.view_count FROM articles a"
        " JOIN listing_articles la ON la.article_id = a.id ORDER BY a.id",
    )
    expected = json.loads((real_pages / "search-listing.expected.json").read_text())
    assert found == [
        (row["title"], row["summary"], row["published"], row["updated"], row["view_count"])
        for row in expected
    ]
    assert (found[0][4], found[13][4]) == (11536, 3)


def test_the_real_section_page_gives_fifteen_entries_of_two_thousand(
    real_pages, helpwatch, tmp_path
):
    ran = helpwatch("--db", "x.db", "import", real_pages / "section-page.html")
    assert (ran.code, ran.err) == (0, "")
    assert rows(
        tmp_path / "x.db",
        "SELECT l.slug, c.claimed_total, c.seen_count, c.is_complete"
        " FROM listing_crawls c JOIN listings l ON l.id = c.listing_id",
    ) == [("announcements-latest-announcements", 2131, 15, 0)]
    assert rows(tmp_path / "x.db", "SELECT count(*) FROM articles") == [(15,)]


def test_the_real_article_page_gives_its_article(real_pages, helpwatch, tmp_path):
    ran = helpwatch("--db", "x.db", "import", real_pages / "article-page.html")
    assert (ran.code, ran.err) == (0, "")
    ((body, *facts),) = rows(
        tmp_path / "x.db",
        "SELECT v.body, a.source_id, a.slug, a.title, a.section, a.category, a.published_at,"
        " a.updated_at, a.url FROM articles a JOIN versions v ON v.id = a.version_id",
    )
    assert facts == [
        "5RsLosabymXyPx3BvzucKA",
        "okx-to-list-perpetual-futures-for-init-crypto",
        "OKX to list perpetual futures for INIT crypto",
        "New listings",
        "Announcements",
        "2025-04-24T06:00:00Z",
        "2025-04-25T08:40:07.171Z",
        "https://www.okx.com/help/okx-to-list-perpetual-futures-for-init-crypto",
    ]
    assert "| Tick size | 0.0001 |" in body
    assert "](https://www.okx.com/help/okx-perpetual-swap-trading-user-agreement)" in body


@pytest.fixture
def saved(tmp_path):
    """A folder of saved pages of the demo centre."""
    folder = tmp_path / "saved"
    folder.mkdir()
    for name, path in (("home", "/help"), ("kyc", "/help/why-did-my-identity-verification-fail")):
        _, _, body = pages.render(1, path)
        (folder / f"{name}.html").write_bytes(body)
    (folder / "photo.png").write_bytes(b"\x89PNG")
    (folder / "shop.html").write_bytes(b"<html><title>Shop</title>" + b"buy " * 20 + b"</html>")
    return folder


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "helpwatch.toml"
    path.write_text("[sites.demo]\n")
    return path


def test_a_folder_is_read_and_what_is_no_article_is_named(saved, config, helpwatch, tmp_path):
    ran = helpwatch("import", saved)
    assert ran.code == 1
    assert "Read 1 article and 1 home page." in ran.out
    assert "shop.html: Neither article nor listing" in ran.out
    assert "Left out: 1 x file of another kind" in ran.out
    assert rows(tmp_path / "helpwatch.db", "SELECT count(*) FROM articles") == [(1,)]
    ((url,),) = rows(tmp_path / "helpwatch.db", "SELECT url FROM articles")
    assert url.startswith(ORIGIN)


def test_the_capture_time_is_the_files_own_where_nothing_says_more(
    saved, config, helpwatch, tmp_path
):
    at = datetime(2026, 4, 17, 6, tzinfo=UTC)
    os.utime(saved / "kyc.html", (at.timestamp(), at.timestamp()))
    ran = helpwatch("import", saved / "kyc.html")
    assert ran.code == 0
    assert "modification time" in ran.out
    found = rows(tmp_path / "helpwatch.db", "SELECT captured_at FROM versions")
    assert found == [("2026-04-17T06:00:00Z",)]


def test_the_same_page_imported_twice_is_one_version_and_no_change(
    saved, config, helpwatch, tmp_path
):
    for _ in range(2):
        helpwatch("import", saved / "kyc.html", "--captured-at", "2026-04-17")
    assert rows(tmp_path / "helpwatch.db", "SELECT count(*) FROM versions") == [(1,)]
    assert rows(tmp_path / "helpwatch.db", "SELECT count(*) FROM changes") == [(0,)]


def test_an_edit_between_two_saved_pages_is_a_change(config, helpwatch, tmp_path):
    slug = next(event.slug for event in EVENTS[2] if event.kind == "updated")
    for day, name in ((1, "17"), (2, "18")):
        _, _, body = pages.render(day, f"/help/{slug}")
        path = tmp_path / f"{name}.html"
        path.write_bytes(body)
        assert helpwatch("import", path, "--captured-at", f"2026-04-{name}").code == 0
    found = rows(tmp_path / "helpwatch.db", "SELECT kind FROM changes")
    assert ("updated",) in found


def test_nothing_to_import_is_an_error_that_says_what_can_be(config, helpwatch, tmp_path):
    (tmp_path / "empty").mkdir()
    ran = helpwatch("import", "empty")
    assert ran.code == 2
    assert ".html" in ran.err and ".txt" in ran.err


def test_a_path_that_does_not_exist_is_named(config, helpwatch):
    ran = helpwatch("import", "nowhere.html")
    assert (ran.code, ran.err) == (2, "Error: There is no file or folder nowhere.html.\n")


def test_a_text_that_is_no_listing_is_skipped_and_said(config, helpwatch, tmp_path):
    (tmp_path / "note.txt").write_text("Buy milk.")
    ran = helpwatch("import", "note.txt")
    assert ran.code == 2
    assert "note.txt" in ran.out


# What the file is saved as


ARTICLE = "/help/why-did-my-identity-verification-fail"
EDITED = "/help/how-do-i-set-up-a-recurring-buy-plan"
"""Its text differs on each of the demo's three days."""


def page(day: int, path: str = ARTICLE) -> bytes:
    return pages.render(day, path)[2]


def at(day: int, hour: int = 6) -> datetime:
    return datetime(2026, 4, 16 + day, hour, tzinfo=UTC)


def text(day: int, hour: int = 6) -> str:
    return f"{at(day, hour):%Y-%m-%dT%H:%M:%SZ}"


def without_data(body: bytes) -> bytes:
    """The page without its own data and without the addresses in its head."""
    body = re.sub(rb"<script.*?</script>", b"", body, flags=re.DOTALL)
    return re.sub(rb"<(link|meta)\b[^>]*>", b"", body)


def warc_of(*answers: dict, gzip: bool = True) -> bytes:
    """A WARC file of answers: url, body, at, and what of an answer is not usual."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzip)
    writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "a test"}))
    for answer in answers:
        facts = {"status": "200 OK", "headers": [], "kind": "response"} | answer
        headers = [("Content-Type", facts.get("type", "text/html; charset=utf-8"))]
        record = writer.create_warc_record(
            facts["url"],
            facts["kind"],
            payload=io.BytesIO(facts["body"]),
            http_headers=StatusAndHeaders(
                facts["status"], headers + facts["headers"], protocol="HTTP/1.1"
            ),
            warc_headers_dict={"WARC-Date": facts.get("at", text(1))},
        )
        writer.write_record(record)
    return out.getvalue()


@pytest.fixture
def imported(tmp_path):
    """Imports files given by name and bytes; a function of SQL on the database that results."""

    def run(files: dict[str, bytes], captured_at: datetime | None = None, **crawl: float):
        folder = tmp_path / "files"
        folder.mkdir()
        for name, body in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(body)
        config = Config(sites={"demo": SiteConfig()}, crawl=CrawlConfig(**crawl))
        with Store(tmp_path / "x.db") as store:
            job = ImportJob(config=config, site="demo", captured_at=captured_at)
            result = run_import(job, [folder], store)
        shown = Console(file=io.StringIO(), width=1000)
        terminal.print_import(result, shown)
        run.out = shown.file.getvalue()
        return lambda sql: rows(tmp_path / "x.db", sql)

    return run


def test_a_complete_page_save_is_read_and_its_own_files_are_left_out(imported):
    body = page(1).replace(b'src="https://', b'src="./kyc_files/')
    above = b"<!-- saved from url=(0067)" + ORIGIN.encode() + ARTICLE.encode() + b" -->\n"
    saved = b"<!DOCTYPE html>\n" + above + body.removeprefix(b"<!DOCTYPE html>")
    found = imported({"kyc.html": saved, "kyc_files/app.js": b"1", "kyc_files/a.png": b"\x89PNG"})
    assert found("SELECT url FROM articles") == [(ORIGIN + ARTICLE,)]
    assert found("SELECT url FROM fetches") == [(ORIGIN + ARTICLE,)]
    assert "Left out: 2 x file of another kind" in imported.out


def test_a_saved_search_keeps_its_term_by_the_address_it_was_saved_from(imported):
    path = "/help/search?category=faq&term=verification"
    above = f"<!-- saved from url=(0071){ORIGIN}{path} -->\n".encode()
    found = imported({"search.html": above + page(1, path)})
    assert found("SELECT kind, slug FROM listings") == [("search", path.partition("?")[2])]


def test_a_page_without_an_address_in_its_head_has_the_one_of_its_comment(imported):
    above = f"<!-- saved from url=(0067){ORIGIN}{ARTICLE} -->\n".encode()
    found = imported({"a.html": above + without_data(page(1))})
    assert found("SELECT slug, form FROM articles JOIN versions") == [(ARTICLE[6:], "html")]


def test_a_page_that_was_saved_from_a_mirror_bears_the_sites_own_address(imported):
    above = b"<!-- saved from url=(0044)http://127.0.0.1:8000" + ARTICLE.encode() + b" -->\n"
    found = imported({"a.html": above + page(1)})
    assert found("SELECT url FROM fetches") == [(ORIGIN + ARTICLE,)]


def test_a_page_of_another_host_is_skipped_and_said(imported):
    other = page(1).replace(ORIGIN.encode(), b"https://shop.example")
    imported({"other.html": other})
    assert "other.html: it is a page of another host (https://shop.example" in imported.out


def test_an_mhtml_file_gives_its_page_at_the_time_of_its_envelope(imported):
    lines = [
        "From: <Saved by a browser>",
        f"Snapshot-Content-Location: {ORIGIN}{ARTICLE}",
        "Date: Fri, 17 Apr 2026 06:00:00 -0000",
        "MIME-Version: 1.0",
        'Content-Type: multipart/related; type="text/html"; boundary="b"',
        "",
        "--b",
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        f"Content-Location: {ORIGIN}{ARTICLE}",
        "",
        quopri.encodestring(page(1)).decode(),
        "--b",
        "Content-Type: image/png",
        "Content-Transfer-Encoding: base64",
        "",
        "iVBORw0KGgo=",
        "--b--",
        "",
    ]
    found = imported({"kyc.mhtml": "\r\n".join(lines).encode()})
    assert found("SELECT a.url, v.captured_at, v.form FROM articles a JOIN versions v") == [
        (ORIGIN + ARTICLE, text(1), "json")
    ]
    assert "modification time" not in imported.out


def test_a_date_in_the_files_own_comment_goes_before_the_option(imported):
    comment = f"""<!--
 Page saved with SingleFile
 url: {ORIGIN}{ARTICLE}
 saved date: Sat Apr 18 2026 08:00:00 GMT+0200 (Central European Summer Time)
-->"""
    body = page(1).replace(b"<html", comment.encode() + b"<html", 1)
    found = imported(
        {"stated.html": body, "silent.html": page(1, EDITED)},
        captured_at=datetime(2026, 4, 17, tzinfo=UTC),
    )
    assert found("SELECT slug, captured_at FROM articles JOIN versions USING (id)") == [
        (EDITED[6:], "2026-04-17T00:00:00Z"),
        (ARTICLE[6:], text(2)),
    ]


def test_an_answer_of_the_announcements_api_is_a_listing(imported):
    details = [
        {"annType": "x", "title": "A notice", "url": f"{ORIGIN}/help/a-notice", "pTime": "1"}
    ]
    answer = {"code": "0", "data": [{"totalPage": "3", "details": details}]}
    found = imported({"announcements.json": json.dumps(answer).encode()})
    assert found("SELECT l.kind, a.slug FROM listings l, articles a") == [("api", "a-notice")]
    assert found("SELECT is_complete FROM listing_crawls") == [(0,)]


def test_a_warc_file_gives_the_sites_pages_at_their_own_times(imported):
    answers = (
        {"url": ORIGIN + ARTICLE, "body": page(2), "at": text(2)},
        {"url": ORIGIN + "/help/section/faq-trading", "body": page(1, "/help/section/faq-trading")},
        {"url": "https://cdn.example/x", "body": page(1)},
        {"url": ORIGIN + "/logo.png", "body": b"\x89PNG", "type": "image/png"},
        {"url": ORIGIN + "/help/none", "body": b"<html>", "status": "404 Not Found"},
        {"url": ORIGIN + "/buy", "body": b"<!doctype html><title>Buy</title><p>" + b"buy it " * 20},
        {"url": ORIGIN + ARTICLE, "body": b"", "kind": "revisit"},
    )
    found = imported({"site.warc.gz": warc_of(*answers)}, captured_at=at(3))
    assert found("SELECT url, fetched_at, status FROM fetches ORDER BY id") == [
        (ORIGIN + "/help/section/faq-trading", text(1), 200),
        (ORIGIN + ARTICLE, text(2), 200),
    ]
    for said in (
        "1 x record of another host",
        "1 x record that is no page",
        "1 x answer with status 404",
        "2 x WARC record that is no answer",
        "1 x page that gives no record",
    ):
        assert said in imported.out


@pytest.mark.parametrize("name", ["gzip", "deflate", "raw deflate", "br", "chunked", "none"])
def test_a_record_is_decoded_from_its_transfer(imported, name):
    body = page(1)
    packed, encoding = {
        "gzip": (gzip.compress(body), "gzip"),
        "deflate": (zlib.compress(body), "deflate"),
        "raw deflate": (zlib.compress(body, wbits=-15), "deflate"),
        "br": (brotli.compress(body, quality=4), "br"),
        "chunked": (b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), None),
        "none": (body, "gzip"),
    }[name]
    headers = [("Content-Encoding", encoding)] if encoding else [("Transfer-Encoding", "chunked")]
    answer = {"url": ORIGIN + ARTICLE, "body": packed, "headers": headers}
    found = imported({"site.warc": warc_of(answer, gzip=False)})
    assert found("SELECT size FROM snapshots") == [(len(body),)]


def test_a_page_that_unpacks_beyond_the_limit_is_skipped(imported):
    bomb = brotli.compress(b"<html>" + bytes(40_000_000))
    answer = {"url": ORIGIN + ARTICLE, "body": bomb, "headers": [("Content-Encoding", "br")]}
    imported({"site.warc.gz": warc_of(answer)}, max_page_megabytes=1)
    assert "larger than 1,048,576 bytes" in imported.out


def test_a_warc_file_that_breaks_off_gives_what_stands_before(imported):
    whole = warc_of(
        {"url": ORIGIN + ARTICLE, "body": page(1)},
        {"url": ORIGIN + EDITED, "body": page(1, EDITED)},
    )
    found = imported({"site.warc.gz": whole[:-2_000]})
    assert found("SELECT slug FROM articles") == [(ARTICLE[6:],)]
    assert "site.warc.gz: it breaks off behind record 3" in imported.out


def test_an_archive_that_is_compressed_as_a_whole_says_how_to_unpack_it(imported):
    one, other = (
        warc_of({"url": ORIGIN + p, "body": page(1, p)}, gzip=False) for p in (ARTICLE, EDITED)
    )
    imported({"site.warc.gz": gzip.compress(one + other)})
    assert "`gunzip`" in imported.out


def test_what_helpwatch_exports_it_imports(demo, imported, helpwatch, tmp_path):
    database = demo.folder / "helpwatch.db"
    target = tmp_path / "out.warc.gz"
    ran = helpwatch("--db", database, "snapshot", ARTICLE[6:], "--warc", target)
    assert ran.code == 0, ran.err
    found = imported({"out.warc.gz": target.read_bytes()})
    assert found("SELECT slug FROM articles") == [(ARTICLE[6:],)]


def test_a_packed_file_that_is_no_warc_is_not_unpacked(imported):
    packed = gzip.compress(bytes(20_000_000), compresslevel=1)
    tracemalloc.start()
    try:
        imported({"site.warc.gz": packed})
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "site.warc.gz: it is no WARC file" in imported.out
    assert most_bytes < 10_000_000


def test_what_is_no_regular_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.html")
    config = Config(sites={"demo": SiteConfig()})
    with Store(tmp_path / "x.db") as store:
        job = ImportJob(config=config, site="demo")
        result = run_import(job, [tmp_path / "pipe.html"], store)
    assert result.skipped == [(tmp_path / "pipe.html", "it is no regular file")]


# Several captures of one article


def test_every_differing_capture_is_a_version_in_order_of_time(imported):
    answers = [{"url": ORIGIN + EDITED, "body": page(d, EDITED), "at": text(d)} for d in (3, 1, 2)]
    again = {"url": ORIGIN + EDITED, "body": page(2, EDITED), "at": text(2, 9)}
    found = imported({"site.warc.gz": warc_of(*answers, again)})
    assert found("SELECT number, captured_at FROM versions ORDER BY id") == [
        (1, text(1)), (2, text(2)), (3, text(3)),
    ]  # fmt: skip
    assert found("SELECT kind, detected_at FROM changes ORDER BY detected_at") == [
        ("updated", text(2)), ("updated", text(3)),
    ]  # fmt: skip
    assert found("SELECT json_extract(detail, '$.reverts_to') FROM changes ORDER BY id") == [
        (None,), (1,),
    ]  # fmt: skip
    assert found("SELECT outcome, compared_at IS NOT NULL FROM crawls") == [("complete", 1)] * 4
    assert "4 passes" in imported.out


def test_captures_of_one_hour_are_one_pass(imported):
    paths = [ARTICLE, EDITED, "/help/section/faq-trading"]
    answers = [
        {"url": ORIGIN + path, "body": page(1, path), "at": f"2026-04-17T06:{minute:02}:00Z"}
        for minute, path in enumerate(paths)
    ]
    found = imported({"site.warc.gz": warc_of(*answers)})
    assert found("SELECT kind, started_at, finished_at FROM crawls") == [
        ("import", "2026-04-17T06:00:00Z", "2026-04-17T06:02:00Z")
    ]


def test_a_change_bears_the_time_of_its_own_capture(imported):
    late = {"url": ORIGIN + EDITED, "body": page(2, EDITED), "at": text(2, 9)}
    answers = [
        {"url": ORIGIN + EDITED, "body": page(1, EDITED), "at": text(1)},
        {"url": ORIGIN + ARTICLE, "body": page(2), "at": text(2)},
        late,
    ]
    found = imported({"site.warc.gz": warc_of(*answers)})
    assert found("SELECT detected_at FROM changes") == [(text(2, 9),)]


def test_an_old_listing_neither_brings_back_what_is_gone_nor_ends_what_is_new(
    demo, helpwatch, tmp_path
):
    folder = shutil.copytree(demo.folder, tmp_path / "copy")
    statuses = "SELECT id, status FROM articles ORDER BY id"
    before = rows(folder / "helpwatch.db", statuses)
    path = tmp_path / "delistings.html"
    path.write_bytes(page(1, "/help/section/announcements-deposit-withdrawal-suspension"))
    ran = helpwatch(
        *("--config", folder / "helpwatch.toml"),
        *("import", path, "--captured-at", "2026-04-17T09:00:00Z"),
    )
    assert ran.code == 0, ran.err
    assert rows(folder / "helpwatch.db", statuses) == before
    last = rows(
        folder / "helpwatch.db",
        "SELECT is_complete FROM listing_crawls ORDER BY crawl_id DESC LIMIT 1",
    )
    assert last == [(0,)]


def test_a_title_that_was_imported_before_decides_where_a_count_ends(imported):
    first = b"How to begin\nStart here.Published on Oct 30, 2023Updated on Mar 18, 2026"
    title = b"450k XPL to be shared"
    known = b"- " + title + b"Published on Oct 30, 2023Updated on Mar 18, 2026\n"
    rest = b"296" + title + b"\nJoin in.Published on Oct 30, 2023Updated on Mar 18, 20263"
    found = imported({"a.txt": known, "b.txt": first + rest}, captured_at=at(1))
    assert found("SELECT title, view_count FROM articles ORDER BY title") == [
        ("450k XPL to be shared", 3),
        ("How to begin", 296),
    ]


ROW = "Published on Jan 1, 2026Updated on Jan 2, 2026"
UNCLEAR = (
    f"Maintenance\nOn Sunday.{ROW}450k XPL giveaway\nJoin now.{ROW}12What to do\nIt is easy.{ROW}13"
)


def test_a_row_that_can_be_read_in_more_than_one_way_invents_no_count_and_no_article(imported):
    found = imported({"a.txt": UNCLEAR.encode()}, captured_at=at(1))
    assert found("SELECT title, view_count FROM articles ORDER BY title") == [
        ("Maintenance", None),
        ("What to do", 13),
    ]
    assert "view count of 1 entry" in imported.out and "'Maintenance'" in imported.out
    assert "1 entry whose title may begin elsewhere" in imported.out


def test_a_row_that_can_be_read_in_more_than_one_way_is_sure_once_its_title_is_known(imported):
    known = f"- 450k XPL giveaway{ROW}\n".encode()
    found = imported({"a.txt": known, "b.txt": UNCLEAR.encode()}, captured_at=at(1))
    assert found("SELECT title, view_count FROM articles ORDER BY title") == [
        ("450k XPL giveaway", 12),
        ("Maintenance", None),
        ("What to do", 13),
    ]


def test_a_row_that_two_known_articles_fit_is_no_third_article(imported):
    twin = page(1).replace(b"gS44UBrl2AXVT3xABxnkEc", b"another-id")
    twin = twin.replace(ARTICLE.encode(), b"/help/twin").replace(ARTICLE[6:].encode(), b"twin")
    row = b"- Why did my identity verification fail?Published on Sep 5, 2023Updated on Apr 16, 2026"
    files = {"a.html": page(1), "b.html": twin, "c.txt": row + b"11,540\n"}
    found = imported(files, captured_at=at(3))
    assert found("SELECT slug FROM articles ORDER BY slug") == [("twin",), (ARTICLE[6:],)]
    assert "1 entry whose title and date several known articles have" in imported.out


# Anything at all


@pytest.fixture
def importing(tmp_path):
    """Imports one file in this process, into a store of its own."""
    config = Config(sites={"demo": SiteConfig()})
    numbers = count()

    def run(name: str, body: bytes) -> ImportResult:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        (folder / name).write_bytes(body)
        with Store(folder / "x.db") as store:
            return run_import(ImportJob(config=config, site="demo"), [folder / name], store)

    return run


NAMES = ["a.html", "a.mhtml", "a.txt", "a.json", "a.warc", "a.warc.gz", "a"]
SEEDS = [
    page(1),
    page(1, "/help/section/faq-trading"),
    warc_of({"url": ORIGIN + ARTICLE, "body": page(1)}),
    warc_of({"url": ORIGIN + ARTICLE, "body": page(1)}, gzip=False),
    b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page(1) + b"\r\n--b--\r\n",
    b"How to begin\nStart here.Published on Oct 30, 2023Updated on Mar 18, 2026FAQ195",
    b'{"code": "0", "data": [{"totalPage": "1", "details": [{"title": "\\ud800", "pTime": "1"}]}]}',
]


@st.composite
def damaged(draw) -> bytes:
    """One of the seeds with a few stretches cut out, doubled or overwritten."""
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 400)))
        piece = draw(st.one_of(st.just(b""), st.binary(max_size=20), st.just(body[start:end] * 2)))
        body = body[:start] + piece + body[end:]
    return body


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(name=st.sampled_from(NAMES), body=st.one_of(damaged(), st.binary(max_size=400)))
def test_any_file_is_read_or_skipped_with_a_reason(importing, name, body):
    result = importing(name, body)
    assert result.read or result.left_out or all(reason for _, reason in result.skipped)
    assert bool(result.read or result.left_out) or len(result.skipped) == 1


@pytest.mark.soak
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=1_500)
@given(name=st.sampled_from(NAMES), body=st.one_of(damaged(), st.binary(max_size=4_000)))
def test_any_file_is_read_or_skipped_with_a_reason_at_length(importing, name, body):
    result = importing(name, body)
    assert result.read or result.left_out or len(result.skipped) == 1
