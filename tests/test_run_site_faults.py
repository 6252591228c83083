"""A site that fails in every way, crawled by the real command line: what is recorded, what is
reported, the exit code, the memory held; and that nothing is concluded from what was not seen.
"""

import gzip
import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from time import monotonic, sleep

import brotli
import pytest

from crawling import without_proxies
from fault_server import Answer, FaultServer, self_signed
from faulty_centre import CONFIG, Measured, faulty_centre, page, rows, run_measured
from spiders.middlewares import zstd

MOST_MEGABYTES = 300
BOMB_MEGABYTES = 300
DAY_2 = ("--now", "2026-04-18T06:00:00Z")
DAY_3 = ("--now", "2026-04-19T06:00:00Z")
MEGABYTE = b" " * 1024 * 1024


def packed(body: bytes, encoding: str) -> Answer:
    return Answer(body, headers={"Content-Encoding": encoding})


@cache
def bomb(encoding: str) -> Answer:
    """A few kilobytes that unpack to many megabytes of spaces."""
    if encoding == "br":
        brotli_packer = brotli.Compressor(quality=5)
        pack, end = brotli_packer.process, brotli_packer.finish
    else:
        packer = zstd.ZstdCompressor() if encoding == "zstd" else zlib.compressobj(9, wbits=31)
        pack, end = packer.compress, packer.flush
    return packed(b"".join([*(pack(MEGABYTE) for _ in range(BOMB_MEGABYTES)), end()]), encoding)


def moved_to(url: str) -> Answer:
    return Answer(status=302, headers={"Location": url})


def in_seconds(seconds: int) -> str:
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
    return format_datetime(moment, usegmt=True)


@dataclass(frozen=True)
class Fault:
    """How the page of one article fails; `answers` are made of the sound page's bytes and path.
    `kind` is what fetches.page_kind says, `why` what the report says, `tries` how often the page is
    asked for.
    """

    answers: Callable[[bytes, str], list[Answer]]
    kind: str
    why: str | None
    tries: int = 1


def fault(kind: str, why: str | None, tries: int, *answers) -> Fault:
    """`answers`: Answer, or a function of the sound page that makes one."""
    return Fault(
        lambda body, path: [one(body) if callable(one) else one for one in answers],
        kind,
        why,
        tries,
    )


BREAKS_OFF = "The page breaks off before its end"
LOST = "breaks off before its announced end"
TOO_LARGE = "is larger than may be read"

FAULTS = {
    "429-for-seconds": fault(
        "article", None, 2, Answer(status=429, headers={"Retry-After": "2"}), Answer
    ),
    "429-until-date": Fault(
        lambda body, _: [
            Answer(status=429, headers={"Retry-After": in_seconds(4)}),
            Answer(body),
        ],
        "article",
        None,
        2,
    ),
    "503": fault("server_error", "answers 503", 3, Answer(b"<html>soon</html>", status=503)),
    "503-once": fault("article", None, 2, Answer(status=503), Answer),
    "500": fault("server_error", "answers 500", 3, Answer(status=500)),
    "999": fault("server_error", "answers 999", 3, Answer(status=999)),
    "204": fault("server_error", "answers 204", 1, Answer(status=204)),
    "reset-at-once": fault("cut_off", LOST, 3, lambda body: Answer(body, sent_bytes=0)),
    "reset-in-mid-body": fault("cut_off", LOST, 3, lambda body: Answer(body, sent_bytes=5000)),
    "reset-in-mid-chunk": fault(
        "cut_off", LOST, 3, lambda body: Answer(body, sent_bytes=5000, framing="chunks")
    ),
    "reset-once": fault("article", None, 2, lambda body: Answer(body, sent_bytes=99), Answer),
    "stalls": fault(
        "network",
        "no whole answer came in time",
        3,
        lambda body: Answer(body, sent_bytes=500, stalls=True),
    ),
    "drips": fault(
        "network",
        "no whole answer came in time",
        3,
        lambda body: Answer(body, drip_seconds=0.05),
    ),
    "cut-off": fault("cut_off", BREAKS_OFF, 3, lambda body: Answer(body[:5000])),
    "cut-off-and-closed": fault(
        "cut_off", BREAKS_OFF, 3, lambda body: Answer(body[:5000], framing="close")
    ),
    "cut-off-packed": fault(
        "cut_off", BREAKS_OFF, 3, lambda body: packed(brotli.compress(body)[:-300], "br")
    ),
    "shorter-than-told": fault(
        "cut_off", LOST, 3, lambda body: Answer(body, claimed_bytes=len(body) + 1000)
    ),
    "longer-than-told": fault(
        "cut_off", BREAKS_OFF, 3, lambda body: Answer(body, claimed_bytes=5000)
    ),
    "length-below-0": fault(
        "network",
        "the answer is no sound HTTP",
        3,
        lambda body: Answer(body, claimed_bytes=-5),
    ),
    "header-without-end": fault(
        "network",
        "the connection was closed in mid-answer",
        3,
        lambda body: Answer(body, headers={"X": "a" * 200_000}),
    ),
    "empty": fault("empty_shell", "The answer is empty", 3, Answer()),
    "redirects-to-itself": Fault(
        lambda _, path: [moved_to(path)], "redirect_loop", "more than 5 redirects", 6
    ),
    "redirects-without-end": fault(
        "redirect_loop", "more than 5 redirects", 1, moved_to("/help/hop-1")
    ),
    "redirects-nowhere": fault(
        "other_host", "answers 302 and leads nowhere we go", 1, Answer(status=302)
    ),
    "gzip-bomb": fault("too_large", "unpack to more than 16777216", 1, bomb("gzip")),
    "brotli-bomb": fault("too_large", "unpack to more than 16777216", 1, bomb("br")),
    "zstd-bomb": fault("too_large", "unpack to more than 16777216", 1, bomb("zstd")),
    "bomb-in-a-bomb": fault(
        "too_large",
        "unpack to more than 16777216",
        1,
        packed(gzip.compress(bomb("gzip").body), "gzip, gzip"),
    ),
    "100-megabytes": fault("too_large", TOO_LARGE, 1, Answer(filler_megabytes=100)),
    "100-megabytes-unannounced": fault(
        "too_large", TOO_LARGE, 1, Answer(filler_megabytes=100, framing="chunks")
    ),
    "100-megabytes-to-the-end": fault(
        "too_large", TOO_LARGE, 1, Answer(filler_megabytes=100, framing="close")
    ),
    "15-megabytes": fault("article", None, 1, lambda body: Answer(body, filler_megabytes=15)),
    "an-octet-stream": fault(
        "wrong_type",
        "is application/octet-stream, not a page",
        1,
        lambda body: Answer(body, content_type="application/octet-stream"),
    ),
}  # fmt: skip


# -- the sound day before ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """A folder with the baseline of the demo centre's first day."""
    folder = tmp_path_factory.mktemp("sound")
    (folder / "helpwatch.toml").write_text(CONFIG)
    with faulty_centre(day=1) as server:
        ran = run_measured(
            "run", "--base-url", server.url, "--now", "2026-04-17T06:00:00Z", cwd=folder
        )
    assert (ran.code, ran.err) == (0, "")
    return folder


def copied(sound: Path, folder: Path) -> Path:
    for name in ("helpwatch.toml", "helpwatch.db"):
        shutil.copy(sound / name, folder)
    return folder


def slugs_of(folder: Path) -> list[str]:
    """All articles but the one that robots.txt disallows."""
    found = rows(folder, "SELECT slug FROM articles WHERE version_id IS NOT NULL ORDER BY id")
    return [slug for (slug,) in found]


def nothing_was_concluded(folder: Path) -> bool:
    """No change, no other version and no other status came of it."""
    return (
        rows(folder, "SELECT count(*) FROM changes") == [(0,)]
        and rows(folder, "SELECT count(*) FROM versions WHERE number > 1") == [(0,)]
        and rows(folder, "SELECT DISTINCT status FROM articles") == [("listed",)]
    )


def report_of(folder: Path, day: str) -> dict:
    (path,) = (folder / "helpwatch-reports" / day).glob("*.json")
    return json.loads(path.read_text())


# -- articles that fail, all in one crawl --------------------------------------------------------


@dataclass(frozen=True)
class Failed:
    """A crawl in which articles failed: its folder, what was run, and the path of each fault."""

    folder: Path
    ran: Measured
    server: FaultServer
    paths: dict[str, str]

    def fetched(self, name: str) -> tuple[str, str | None]:
        """page_kind and error of the page that failed in this way."""
        (found,) = rows(
            self.folder,
            "SELECT page_kind, error FROM fetches WHERE crawl_id = 2"
            f" AND url LIKE '%{self.paths[name]}'",
        )
        return found

    def asked_at(self, name: str) -> list[float]:
        return [asked.at for asked in self.server.requests if asked.path == self.paths[name]]


@pytest.fixture(scope="module")
def failed(sound, tmp_path_factory) -> Failed:
    folder = copied(sound, tmp_path_factory.mktemp("failed"))
    slugs = slugs_of(folder)
    paths = {name: f"/help/{slug}" for name, slug in zip(FAULTS, slugs, strict=False)}
    with faulty_centre(day=1) as server:
        for number in range(1, 9):
            server.put(f"/help/hop-{number}", moved_to(f"/help/hop-{number + 1}"))
        for name, path in paths.items():
            body = gzip.decompress(page(1, path).body)
            server.put(path, *FAULTS[name].answers(body, path))
        ran = run_measured("run", "--full", "--base-url", server.url, *DAY_2, cwd=folder)
    assert len(paths) == len(FAULTS) < len(slugs)
    return Failed(folder, ran, server, paths)


@pytest.mark.parametrize("name", FAULTS)
def test_an_article_that_fails_is_recorded_by_its_fault(failed, name):
    kind, why = failed.fetched(name)
    expected = FAULTS[name]
    assert kind == expected.kind
    if expected.why is None:
        assert why is None
    else:
        assert expected.why in why


@pytest.mark.parametrize("name", FAULTS)
def test_what_may_pass_is_asked_for_again_and_what_will_not_is_not(failed, name):
    assert len(failed.asked_at(name)) == FAULTS[name].tries


def test_a_crawl_with_such_articles_is_complete_and_its_health_is_suspect(failed):
    assert failed.ran.code == 1
    (found,) = rows(failed.folder, "SELECT outcome, errors FROM crawls WHERE id = 2")
    lost = sum(fault.why is not None for fault in FAULTS.values())
    assert found == ("complete", lost)
    assert report_of(failed.folder, "2026-04-18")["health"]["verdict"] == "suspect"


def test_every_article_that_failed_is_named_in_the_report_with_its_reason(failed):
    told = report_of(failed.folder, "2026-04-18")["not_checked"]
    for name, expected in FAULTS.items():
        about = [fact for fact in told if fact.split(": ")[0].endswith(failed.paths[name])]
        assert [expected.why in fact for fact in about] == [True] * (expected.why is not None)
    assert not any("Error" in fact or "127.0.0.1" in fact for fact in told)


def test_no_conclusion_is_drawn_from_an_article_that_failed(failed):
    assert nothing_was_concluded(failed.folder)


def test_single_pages_that_fail_say_nothing_on_standard_error(failed):
    assert failed.ran.err == ""


def test_bombs_and_endless_bodies_take_no_memory(failed):
    assert failed.ran.peak_megabytes < MOST_MEGABYTES


def test_a_wait_that_the_site_asks_for_is_kept(failed):
    first, second = failed.asked_at("429-for-seconds")
    assert second - first >= 2
    first, second = failed.asked_at("429-until-date")
    assert second - first >= 0.5  # the date is some seconds after the start of the run


# -- listings that fail, all in one crawl --------------------------------------------------------

SECTIONS = {
    "announcements-new-listings": Answer(status=500),
    "announcements-delistings": Answer(b"<html><head>", framing="close"),
    "announcements-others": Answer(b"<html><head>", sent_bytes=6, stalls=True),
    "announcements-trading-updates": Answer(b"<html><title>Welcome</title></html>"),
    "product-documents-terms": moved_to("http://127.0.0.1:9/help/section/product-documents-terms"),
    "product-documents-fees-and-limits": Answer(status=404),
    "faq-trading": bomb("br"),
    "faq-affiliates": moved_to("/help"),
    "faq-deposits-and-wallets": moved_to("/help/section/faq-deposits-and-wallets"),
    "announcements-latest-announcements/page/2": Answer(filler_megabytes=100),
}
GONE = "affiliate-faq"
"""Listed by `faq-affiliates` alone, which fails; and its own page answers 404."""


@pytest.fixture(scope="module")
def unlisted(sound, tmp_path_factory) -> tuple[Path, Measured]:
    folder = copied(sound, tmp_path_factory.mktemp("unlisted"))
    with faulty_centre(day=1) as server:
        for slug, answer in SECTIONS.items():
            server.put(f"/help/section/{slug}", answer)
        server.put(f"/help/{GONE}", Answer(status=404))
        ran = run_measured("run", "--base-url", server.url, *DAY_2, cwd=folder)
    return folder, ran


def test_a_crawl_with_listings_that_fail_is_partial(unlisted):
    folder, ran = unlisted
    assert ran.code == 1
    assert rows(folder, "SELECT outcome, is_baseline FROM crawls WHERE id = 2") == [("partial", 0)]
    assert ran.peak_megabytes < MOST_MEGABYTES


def test_each_listing_that_failed_is_named_in_the_report(unlisted):
    folder, _ = unlisted
    told = " ".join(report_of(folder, "2026-04-18")["not_checked"])
    assert [slug for slug in SECTIONS if f"/help/section/{slug}: " not in told] == []


def test_what_a_listing_that_failed_held_is_neither_unlisted_nor_removed(unlisted):
    folder, _ = unlisted
    gone = rows(folder, f"SELECT page_kind FROM fetches WHERE crawl_id = 2 AND url LIKE '%/{GONE}'")
    assert gone == [("gone",)]
    assert nothing_was_concluded(folder)


def test_a_sound_crawl_afterwards_finds_nothing_changed(unlisted):
    folder, _ = unlisted
    with faulty_centre(day=1) as server:
        ran = run_measured("run", "--full", "--base-url", server.url, *DAY_3, cwd=folder)
    assert ran.code == 0
    assert nothing_was_concluded(folder)


# -- sites that fail as a whole ------------------------------------------------------------------


def robots(answer: Answer) -> Callable[[FaultServer], None]:
    return lambda server: server.put("/robots.txt", answer)


def home(answer: Answer) -> Callable[[FaultServer], None]:
    return lambda server: server.put("/help", answer)


def articles(answer: Answer) -> Callable[[FaultServer], None]:
    def put(server: FaultServer) -> None:
        for path in server.article_paths:
            server.put(path, answer)

    return put


soak = pytest.mark.soak


@pytest.mark.parametrize(
    ("fails", "outcome", "said"),
    [
        pytest.param(robots(Answer(status=500)), "failed", "robots.txt could not be read, so "
                     "nothing was asked: it answers 500", id="robots-500"),
        pytest.param(robots(Answer(status=503)), "failed", "it answers 503", id="robots-503",
                     marks=soak),
        pytest.param(robots(Answer(b"User", sent_bytes=1)), "failed", "breaks off",
                     id="robots-reset", marks=soak),
        pytest.param(robots(Answer(b"User", sent_bytes=1, stalls=True)), "failed",
                     "no whole answer came in time", id="robots-stalls", marks=soak),
        pytest.param(robots(Answer(filler_megabytes=100)), "failed", TOO_LARGE,
                     id="robots-100-megabytes", marks=soak),
        pytest.param(robots(Answer(status=403)), "blocked", "robots.txt answers 403",
                     id="robots-403", marks=soak),
        pytest.param(home(Answer(status=403)), "blocked", "answers 403", id="home-403",
                     marks=soak),
        pytest.param(home(Answer(status=429, headers={"Retry-After": "86400"})), "blocked",
                     "answers 429", id="home-429-for-a-day", marks=soak),
        pytest.param(home(Answer(status=503)), "failed", "answers 503", id="home-503", marks=soak),
        pytest.param(home(moved_to("http://127.0.0.1:9/help")), "failed", "redirects to",
                     id="home-elsewhere", marks=soak),
        pytest.param(home(bomb("gzip")), "failed", "unpack to more", id="home-bomb", marks=soak),
        pytest.param(home(Answer()), "failed", "The answer is empty", id="home-empty", marks=soak),
        pytest.param(articles(Answer(status=403)), "blocked", "answers 403", id="articles-403",
                     marks=soak),
        pytest.param(articles(Answer(b" ", sent_bytes=0, stalls=True)), "failed",
                     "no whole answer came in time", id="articles-silent", marks=soak),
    ],
)  # fmt: skip
def test_a_site_that_fails_as_a_whole_ends_the_crawl(sound, tmp_path, fails, outcome, said):
    folder = copied(sound, tmp_path)
    with faulty_centre(day=1) as server:
        server.article_paths = [f"/help/{slug}" for slug in slugs_of(folder)]
        fails(server)
        began = monotonic()
        ran = run_measured("run", "--full", "--base-url", server.url, *DAY_2, cwd=folder)
        assert monotonic() - began < 60
    it_ended_unreached(folder, ran, outcome, said)


def it_ended_unreached(folder: Path, ran: Measured, outcome: str, said: str) -> None:
    assert ran.code == 3
    *progress, error = ran.err.splitlines()
    assert error.startswith("Error: The site ")
    assert "robots.txt disallows" not in error
    assert all(" of about " in line for line in progress)
    assert rows(folder, "SELECT outcome FROM crawls WHERE id = 2") == [(outcome,)]
    assert any(said in fact for fact in report_of(folder, "2026-04-18")["not_checked"])
    assert report_of(folder, "2026-04-18")["health"]["verdict"] != "healthy"
    assert nothing_was_concluded(folder)
    assert ran.peak_megabytes < MOST_MEGABYTES


def test_a_server_that_cannot_prove_its_name_is_not_read(sound, tmp_path):
    folder = copied(sound, tmp_path)
    with faulty_centre(day=1, certificate=self_signed(tmp_path)) as server:
        ran = run_measured("run", "--base-url", server.url, *DAY_2, cwd=folder)
        assert server.requests == []
    it_ended_unreached(folder, ran, "failed", "no secure connection could be made: certificate")


def test_a_name_that_does_not_resolve_is_told(sound, tmp_path):
    folder = copied(sound, tmp_path)
    ran = run_measured("run", "--base-url", "http://nowhere.invalid", *DAY_2, cwd=folder)
    it_ended_unreached(folder, ran, "failed", "the name does not resolve")


@soak
def test_a_connection_that_is_refused_is_told(sound, tmp_path):
    folder = copied(sound, tmp_path)
    with ExitStack() as stack:
        closed = stack.enter_context(FaultServer()).url
    ran = run_measured("run", "--base-url", closed, *DAY_2, cwd=folder)
    it_ended_unreached(folder, ran, "failed", "the connection was refused")


# -- ends in mid-crawl ---------------------------------------------------------------------------


def started(folder: Path, server: FaultServer, *options: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tracker.run.cli", "run", "--base-url", server.url, *options]
    return subprocess.Popen(command, cwd=folder, env=without_proxies(), stderr=subprocess.PIPE)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline
        sleep(0.02)


def test_a_first_crawl_that_dies_before_its_last_listing_is_no_baseline(tmp_path):
    (tmp_path / "helpwatch.toml").write_text(CONFIG)
    with faulty_centre(day=1) as server:
        server.put("/help/section/faq-trading", Answer(b" ", sent_bytes=0, stalls=True))
        child = started(tmp_path, server, "--now", "2026-04-17T06:00:00Z")
        until(lambda: "/help/affiliate-faq" in server.paths)
        child.kill()
        child.communicate()
    with faulty_centre(day=1) as server:
        ran = run_measured("run", "--base-url", server.url, *DAY_2, cwd=tmp_path)
    assert ran.code == 0
    assert rows(tmp_path, "SELECT outcome, is_baseline FROM crawls ORDER BY id") == [
        ("interrupted", 0),
        ("complete", 1),
    ]
    assert nothing_was_concluded(tmp_path)


def test_a_crawl_that_waits_for_the_site_ends_within_seconds_of_a_signal(sound, tmp_path):
    folder = copied(sound, tmp_path)
    with faulty_centre(day=1) as server:
        server.put(
            "/help/affiliate-faq", Answer(status=429, headers={"Retry-After": "100"}), Answer()
        )
        child = started(folder, server, "--full", *DAY_2)
        until(lambda: "/help/affiliate-faq" in server.paths)
        asked = len(server.paths)
        child.terminate()
        began = monotonic()
        child.communicate(timeout=30)
        assert monotonic() - began < 10
        assert len(server.paths) <= asked + 8  # those that were under way
    assert child.returncode == 1
    assert rows(folder, "SELECT outcome FROM crawls WHERE id = 2") == [("interrupted",)]
    assert nothing_was_concluded(folder)
