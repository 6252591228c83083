"""First contact: one page of each kind, politely; what was recognised, and what remains if not."""

import re
from types import SimpleNamespace

import pytest

from conftest import run_helpwatch
from fault_server import Answer, FaultServer
from spiders.demo import pages
from spiders.demo.server import DemoCentre
from spiders.errors import LayoutUnknown
from spiders.items import Fetch
from tracker.contact import FirstContact, PageContact
from tracker.run.check import Folder
from tracker.run.errors import UsageError

CONFIG = """\
[sites.demo]
[crawl]
delay_seconds = 0
autothrottle = false
timeout_seconds = 5
"""


@pytest.fixture
def check(helpwatch, tmp_path):
    (tmp_path / "helpwatch.toml").write_text(CONFIG)
    return lambda url, *options: helpwatch("check", "--base-url", url, *options)


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """The demo centre, walked through once: what was said, asked for and saved."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "helpwatch.toml").write_text(CONFIG)
    with DemoCentre(day=1) as centre:
        ran = run_helpwatch("check", "--base-url", centre.url, "--save", "a/pages", cwd=folder)
        paths = [path for _, path in centre.requests]
    return SimpleNamespace(ran=ran, out=ran.out, paths=paths, folder=folder)


@pytest.fixture
def faulty():
    """A server with the demo's pages of day 1, of which some may be put otherwise."""
    with FaultServer() as server:
        real = server.answer

        def answer(asked):
            found = real(asked)
            if found.status != 404 or found.body != b"nothing here":
                return found
            status, content_type, body = pages.render(1, asked.path)
            return Answer(body, status, content_type=content_type)

        server.answer = answer
        yield server


def block_of(out: str, name: str) -> str:
    """What is said of one page."""
    return next(block for block in out.split("\n\n") if block.startswith(name))


def test_one_page_of_each_kind_is_recognised(walked):
    assert (walked.ran.code, walked.ran.err) == (0, "")
    for name, said in (
        ("robots.txt (200)", "61 bytes, obeyed"),
        ("Home (200)", "it names 3 categories; offered in en, zh-Hans"),
        ("Category faq (200)", "a category listing, 'FAQ', page 1"),
        ("Section faq-identity-verification", "2 of 2 entries"),
        ("Page 2 of announcements-latest", "page 2: 5 of 20 entries"),
        ("Article of faq (200)", "an article, "),
        ("Article of announcements (200)", "an article, "),
        ("Article of product-documents (200)", "an article, "),
        ("Search (200)", "a search listing, 'category=&term=account', page 1: 14 of 14 entries"),
        ("Announcements API (200)", "an API listing, 'announcements', page 1: 20 entries"),
    ):
        assert said in block_of(walked.out, name)
    assert "Not met" not in walked.out
    assert walked.out.endswith("Every page that was asked for was recognised.\n")


def test_each_field_is_told_with_the_form_that_it_came_from(walked):
    told = block_of(walked.out, "Article of announcements")
    (from_data,) = re.findall(r"From the page's JSON: (.*)", told)
    (from_markup,) = re.findall(r"From its HTML: (.*)", told)
    assert {"source_id", "title", "body", "updated_at"} <= set(from_data.split(", "))
    assert {"summary", "alternates"} <= set(from_markup.split(", "))
    assert "Not on this page: view_count" in told


def test_few_pages_are_asked_for_and_robots_txt_first(walked):
    assert walked.paths[0] == "/robots.txt"
    assert len(walked.paths) == len(set(walked.paths)) <= 15


def test_pages_are_told_in_the_order_in_which_they_were_asked_for(walked):
    told = re.findall(r"^(\S.*) \(\d+\)$", walked.out, re.MULTILINE)
    assert told[:3] == ["robots.txt", "Home", "Search"]


def test_no_database_is_made(walked):
    assert {path.name for path in walked.folder.iterdir()} == {"helpwatch.toml", "a"}


def test_pages_are_saved_as_they_came_and_can_be_imported(walked, helpwatch, tmp_path):
    saved = {path.name: path for path in (walked.folder / "a" / "pages").iterdir()}
    assert set(re.findall(r"Saved as (.*)", walked.out)) == set(saved)
    assert saved["01-robots.txt"].read_bytes() == pages.ROBOTS.encode()
    assert saved["02-home.html"].read_bytes() == pages.render(1, "/help")[2]
    (tmp_path / "helpwatch.toml").write_text(CONFIG)
    imported = helpwatch("import", *(saved[name] for name in saved if "robots" not in name))
    assert imported.code == 0, imported.out
    assert "Read 1 api listing, 3 articles, 2 category listings, 1 home page" in imported.out


@pytest.mark.parametrize(
    "purpose", ["../../etc/passwd", "a/b\\c", "x" * 5_000, "\0", "con", ".", "a\nb", "文章"]
)
def test_no_page_names_a_file_outside_the_folder(tmp_path, purpose):
    folder = Folder(tmp_path / "pages")
    fetch = Fetch(url="https://x.example", fetched_at=None, body=b"<html>")
    name = folder.keep(purpose, fetch)
    assert re.fullmatch(r"01-[a-z0-9-]{0,60}\.html", name)
    assert [path.name for path in (tmp_path / "pages").iterdir()] == [name]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be saved"):
        Folder(tmp_path / "file")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html><title>Access denied</title></html>", status=403),
        Answer(b"<!doctype html><html><head><title>Just a moment...</title></head></html>"),
    ],
    ids=["refused", "challenge as 200"],
)
def test_a_block_ends_it_and_says_what_remains(check, faulty, answer):
    faulty.put("/help", answer)
    ran = check(faulty.url)
    assert ran.code == 3
    assert len(ran.err.splitlines()) == 2
    for remains in ("permission", "helpwatch import", "GET https://help.demo.example/api/v5/"):
        assert remains in ran.err
    assert "Not recognised" in block_of(ran.out, "Home")
    assert len(faulty.paths) <= 3


def test_a_robots_txt_that_is_kept_from_us_is_a_block(check, faulty):
    faulty.put("/robots.txt", Answer(b"", status=403))
    ran = check(faulty.url)
    assert ran.code == 3
    assert "it is kept from us" in block_of(ran.out, "robots.txt (403)")
    assert faulty.paths == []


def test_nothing_is_asked_where_robots_txt_cannot_be_read(check, faulty):
    faulty.put("/robots.txt", Answer(b"", status=503))
    ran = check(faulty.url)
    assert ran.code == 3
    assert faulty.paths == []


def test_a_site_that_does_not_answer_is_unreachable(check):
    with FaultServer() as server:
        url = server.url
    ran = check(url)
    assert ran.code == 3
    assert "did not answer" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_page_of_another_kind_is_named_and_the_rest_is_read(check, faulty):
    faulty.put("/help/category/faq", b"<html><title>Shop</title>" + b"<p>buy</p>" * 90 + b"</html>")
    ran = check(faulty.url)
    assert (ran.code, ran.err) == (1, "")
    assert "Not recognised: " in block_of(ran.out, "Category faq")
    assert "Recognised: an article" in block_of(ran.out, "Article of announcements")


def test_a_redirect_to_another_host_is_not_followed(check, faulty):
    with FaultServer() as other:
        faulty.put("/help/category/faq", Answer(status=302, headers={"Location": other.url + "/x"}))
        ran = check(faulty.url)
        assert other.requests == []
    assert ran.code == 1
    assert "[other_host]" in block_of(ran.out, "Category faq")


def test_what_robots_txt_disallows_is_not_asked_and_no_fault(check, faulty):
    faulty.put("/robots.txt", Answer(b"User-agent: *\nDisallow: /help/search\n"))
    ran = check(faulty.url)
    assert (ran.code, ran.err) == (0, "")
    assert "Not read: robots.txt disallows" in block_of(ran.out, "Search")
    assert "Not met: search" in ran.out
    assert not [path for path in faulty.paths if path.startswith("/help/search")]


def test_a_site_without_the_api_is_no_fault(check, faulty):
    faulty.put("/api/v5/support/announcements", Answer(b"<html></html>", status=404))
    ran = check(faulty.url)
    assert (ran.code, ran.err) == (0, "")
    assert "answers 404" in block_of(ran.out, "Announcements API")


def test_forms_that_disagree_are_told(check, faulty):
    path = "/help/section/faq-identity-verification"
    body = pages.render(1, path)[2]
    faulty.put(path, body.replace(b">Why did my identity verification fail?</div>", b">Why?</div>"))
    ran = check(faulty.url)
    assert ran.code == 0
    said = block_of(ran.out, "Section faq-identity-verification")
    assert (
        "Its forms disagree: title: json Why did my identity verification fail?, html Why?" in said
    )


# The verdict


def contact(*kinds: str | None, ended: str = "finished") -> FirstContact:
    robots = PageContact(purpose="robots", url="https://x.example/robots.txt", status=200)
    return FirstContact(
        site="x",
        fetched_from="https://x.example",
        user_agent="a test",
        robots=robots,
        pages=[
            PageContact(purpose="home", url="https://x.example", status=200, trouble_kind=kind)
            for kind in kinds
        ],
        ended=ended,
    )


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (contact(None, None), "fine"),
        (contact(None, "robots"), "fine"),
        (contact(None, LayoutUnknown.kind), "unrecognised"),
        (contact("robots"), "unrecognised"),
        (contact(), "unrecognised"),
        (contact(None, "challenge"), "blocked"),
        (contact(None, ended="blocked"), "blocked"),
        (contact(None, "network"), "unrecognised"),
        (contact("network", "server_error"), "unreachable"),
        (contact(None, ended="unreachable"), "unreachable"),
    ],
)
def test_the_verdict_follows_from_the_troubles(found, verdict):
    assert found.verdict == verdict
