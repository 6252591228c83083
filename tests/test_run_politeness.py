"""Politeness, measured at the server: how many at once, how far apart, what is never asked."""

import itertools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawling import without_proxies
from fault_server import Answer, Asked, FaultServer
from faulty_centre import Measured, faulty_centre, rows, run_measured

ROOT = Path(__file__).parents[1]
DELAY = 0.4
CRAWL_DELAY = 0.6
SLACK = 0.1
"""What a busy machine may be late in noting a request."""
WAIT = 2
PAUSE = 0.2

SECTIONS = ["faq-account-and-security", "product-documents-terms"]
CONFIG = """\
[sites.demo]
sections = {sections}
[crawl]
delay_seconds = {delay}
concurrent_requests = {at_once}
autothrottle = {autothrottle}
[report]
formats = ["json"]
"""


@dataclass(frozen=True)
class Visit:
    """One run as the server saw it."""

    ran: Measured | None
    server: FaultServer
    folder: Path

    @property
    def requests(self) -> list[Asked]:
        return sorted(self.server.requests, key=lambda asked: asked.at)

    @property
    def gaps(self) -> list[float]:
        """Seconds between each two requests, as they came in."""
        return [b.at - a.at for a, b in itertools.pairwise(self.requests)]


def visit(folder: Path, server: FaultServer, **settings) -> Visit:
    (folder / "helpwatch.toml").write_text(settings_of(**settings))
    return Visit(run_measured("run", "--base-url", server.url, cwd=folder), server, folder)


def settings_of(**settings) -> str:
    chosen = {"sections": SECTIONS, "delay": 0, "at_once": 2, "autothrottle": "false"}
    return CONFIG.format(**chosen | settings)


def slugs() -> list[str]:
    """Articles of the sections that are read here."""
    return ["how-do-i-add-my-emergency-contact", "how-to-prevent-phishing-emails"]


@pytest.fixture(scope="module")
def spaced(tmp_path_factory) -> Visit:
    """A visit at a set delay, with pages that are asked for again."""
    with faulty_centre(day=1, pause_seconds=PAUSE) as server:
        busy, limited = (f"/help/{slug}" for slug in slugs())
        server.put(busy, Answer(status=503), Answer(status=503), Answer(status=404))
        server.put(
            limited, Answer(status=429, headers={"Retry-After": str(WAIT)}), Answer(status=404)
        )
        yield visit(tmp_path_factory.mktemp("spaced"), server, delay=DELAY, autothrottle="true")


def test_no_two_requests_come_closer_together_than_the_delay_retries_included(spaced):
    busy = [asked for asked in spaced.requests if asked.path.endswith(slugs()[0])]
    assert len(busy) == 3
    assert min(spaced.gaps) >= DELAY - SLACK


def test_robots_txt_is_asked_for_first_and_once(spaced):
    assert [asked.path for asked in spaced.requests].index("/robots.txt") == 0
    assert [asked.path for asked in spaced.requests].count("/robots.txt") == 1


def test_what_robots_txt_disallows_is_never_asked_for(spaced):
    found = rows(spaced.folder, "SELECT url FROM fetches WHERE page_kind = 'robots'")
    assert found == [("https://help.demo.example/help/internal-handbook",)]
    assert "/help/internal-handbook" not in {asked.path for asked in spaced.requests}


def test_after_a_429_nobody_asks_anything_until_the_wait_is_over(spaced):
    first = next(asked for asked in spaced.requests if asked.path.endswith(slugs()[1]))
    told_at = first.at + PAUSE
    early = [asked.path for asked in spaced.requests if told_at < asked.at < told_at + WAIT - SLACK]
    assert early == []


def test_connections_are_used_again(spaced):
    assert len(spaced.requests) > 10
    assert len({asked.port for asked in spaced.requests}) <= 2


def test_pages_are_asked_for_compressed(spaced):
    for asked in spaced.requests:
        assert {"gzip", "br", "zstd"} <= set(asked.headers["Accept-Encoding"].split(", "))


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_requests_run_at_once_than_configured(tmp_path, at_once):
    with faulty_centre(day=1, pause_seconds=PAUSE) as server:
        seen = visit(tmp_path, server, at_once=at_once, sections=SECTIONS[:1])
    assert seen.ran.code == 0
    assert server.most_at_once == at_once


def test_a_crawl_delay_of_robots_txt_goes_before_a_shorter_delay_of_ours(tmp_path):
    text = f"User-agent: *\nCrawl-delay: {CRAWL_DELAY}\n".encode()
    with faulty_centre(day=1) as server:
        server.put("/robots.txt", text)
        server.put(f"/help/{slugs()[0]}", Answer(status=503), Answer(status=404))
        settings = {"delay": 0.05, "at_once": 4, "autothrottle": "true"}
        seen = visit(tmp_path, server, sections=SECTIONS[:1], **settings)
    assert len(seen.requests) > 7
    assert min(seen.gaps) >= CRAWL_DELAY - SLACK


def test_scrapys_own_command_is_as_polite_as_the_configuration_says(tmp_path):
    settings = settings_of(delay=DELAY, at_once=1)
    agent = 'user_agent = "helpwatch-test/1"\nmax_requests = 5'
    (tmp_path / "helpwatch.toml").write_text(settings.replace("[crawl]", f"[crawl]\n{agent}"))
    with faulty_centre(day=1) as server:
        subprocess.run(
            [
                *(sys.executable, "-m", "scrapy", "crawl", "helpcentre"),
                *("-a", "site=demo", "-a", f"base_url={server.url}"),
            ],
            cwd=tmp_path,
            env=without_proxies()
            | {"SCRAPY_SETTINGS_MODULE": "spiders.settings", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
    seen = Visit(None, server, tmp_path)
    assert len(seen.requests) == 5
    assert min(seen.gaps) >= DELAY - SLACK
    assert {asked.headers["User-Agent"] for asked in seen.requests} == {"helpwatch-test/1"}
    assert rows(tmp_path, "SELECT outcome FROM crawls") == [("partial",)]
