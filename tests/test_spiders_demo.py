"""The demo help centre: its pages, the truth about its days, its server.

The pages are read here by a plain reader of this file's own, so that the demo and helpwatch's
readers cannot share a mistake.
"""

import calendar
import gzip
import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from protego import Protego

from spiders.demo import blocks, pages
from spiders.demo.centre import centre_on
from spiders.demo.days import DAYS, EVENTS, NOISE, SURGES, ZH_HANS_EVENTS
from spiders.demo.edits import Edit, applied
from spiders.demo.sections import CATEGORIES, ORIGIN, SECTIONS
from spiders.demo.server import DemoCentre

LATEST = "/help/section/announcements-latest-announcements"
FEES = "/help/spot-trading-fee-schedule"
KINDS = {
    "new", "updated", "silent_edit", "touched", "retitled",
    "moved", "readdressed", "unlisted", "removed", "relisted",
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """What an article's page says, white space and image hosts left out."""

    source_id: str
    slug: str
    title: str
    section: str
    updated: str
    text: str


def soup(day: int, path: str) -> BeautifulSoup:
    status, content_type, body = pages.render(day, path)
    assert (status, content_type) == (200, "text/html; charset=utf-8"), path
    return BeautifulSoup(body, "lxml")


def data(day: int, path: str) -> dict:
    script = soup(day, path).find("script", id="appState")
    assert script["data-id"] == "__app_data_for_ssr__"
    return json.loads(script.string)["appContext"]


def post(day: int, slug: str) -> dict:
    return data(day, f"/help/{slug}")["serverSideProps"]["currentPost"]


def leaves(node: dict) -> Iterator[str]:
    """Words, link targets and image paths of a rich-text tree, a line for each block of text."""
    if node["nodeType"] == "text":
        yield node["value"]
    elif node["nodeType"] == "hyperlink":
        yield f"<{node['data']['uri']}>"
    elif node["nodeType"] == "embedded-asset-block":
        yield urlsplit(node["data"]["target"]["fields"]["file"]["url"]).path + "\n"
    for child in node.get("content", ()):
        yield from leaves(child)
    if node["nodeType"] in {"paragraph", "heading-2"}:
        yield "\n"


def text_of(currentpost: dict) -> str:
    if currentpost["isRichText"]:
        raw = "".join(leaves(currentpost["richTextContent"]))
    else:
        raw = currentpost["content"]
    return " ".join(raw.split())


@lru_cache
def read(day: int, slug: str) -> Reading | None:
    """The article at an address, or None where the address has no article."""
    if pages.render(day, f"/help/{slug}")[0] != 200:
        return None
    found = post(day, slug)
    return Reading(
        source_id=found["id"],
        slug=found["slug"],
        title=found["title"],
        section=found["section"]["slug"],
        updated=found["updatedAt"],
        text=text_of(found),
    )


@lru_cache
def crawled(day: int) -> dict[str, str]:
    """source id -> slug of every article in some listing, found by following links from /help."""
    asked, found, waiting = set(), {}, ["/help"]
    while waiting:
        path = waiting.pop()
        if path in asked:
            continue
        asked.add(path)
        state = data(day, path)["initialProps"].get("sectionData", {})
        for item in state.get("articleList", {}).get("items", ()):
            found[item["id"]] = item["slug"]
        waiting += [
            link["href"]
            for link in soup(day, path).select("a[href]")
            if re.match(r"/help/(category|section)/", link["href"])
        ]
    return {identity: slug for identity, slug in found.items() if slug != "internal-handbook"}


def differences(day: int) -> Iterator[tuple[str, str]]:
    """(kind, slug) of all that changed since the day before, by the rules of the contract."""
    now, ever = crawled(day), set().union(*(crawled(past) for past in range(1, day)))
    for identity, slug in now.items():
        if identity not in ever:
            yield "new", slug
        elif identity not in crawled(day - 1):
            yield "relisted", slug
    for identity, old_slug in crawled(day - 1).items():
        after = read(day, now.get(identity, old_slug))
        if identity not in now:
            yield "unlisted" if after else "removed", old_slug
        if after:
            yield from ((kind, after.slug) for kind in kinds(read(day - 1, old_slug), after))


def kinds(before: Reading, after: Reading) -> Iterator[str]:
    named = [
        kind
        for kind, differs in (
            ("retitled", before.title != after.title),
            ("moved", before.section != after.section),
            ("readdressed", before.slug != after.slug),
        )
        if differs
    ]
    yield from named
    if before.text != after.text:
        yield "silent_edit" if before.updated == after.updated else "updated"
    elif before.updated != after.updated and not named:
        yield "touched"


def told(day: int) -> set[tuple[str, str]]:
    return {(event.kind, event.slug) for event in EVENTS[day]}


def all_paths(day: int) -> list[str]:
    sections = [f"/help/section/{slug}" for slug in SECTIONS]
    categories = [f"/help/category/{category.slug}" for category in CATEGORIES]
    articles = [f"/help/{slug}" for slug in crawled(day).values()]
    searches = ["/help/search?category=faq&term=", "/help/search?term=fee"]
    return ["/help", f"{LATEST}/page/2", *sections, *categories, *articles, *searches]


# The days


@pytest.mark.parametrize("day", EVENTS)
def test_the_pages_of_two_days_differ_by_exactly_the_events_told(day):
    found = list(differences(day))
    assert len(found) == len(set(found))
    assert set(found) == told(day)
    assert len(EVENTS[day]) == len(told(day))


def test_every_kind_of_change_happens():
    assert {event.kind for events in EVENTS.values() for event in events} == KINDS


def test_a_fee_a_duration_and_a_jurisdiction_change():
    swaps = {
        "how-do-i-set-up-a-recurring-buy-plan": ("0.10%", "0.12%"),
        "why-is-my-deposit-not-credited-even-when-all-information-is-correct": (
            "within 30 days",
            "within 14 days",
        ),
        "what-do-i-need-to-do-when-i-change-my-country-of-residence": (
            "Hong Kong and Malaysia",
            "Hong Kong, Malaysia and Thailand",
        ),
    }
    for slug, (old, new) in swaps.items():
        before, after = read(1, slug).text, read(2, slug).text
        assert before != after == before.replace(old, new)


def test_a_text_returns_to_what_it_was_on_day_1_under_a_new_date():
    first, _, last = (read(day, "how-do-i-set-up-a-recurring-buy-plan") for day in DAYS)
    assert first.text == last.text
    assert first.updated < last.updated


def test_one_sentence_changes_in_four_articles_on_one_day():
    group = [event.slug for event in EVENTS[3] if event.note.startswith("group")]
    edits = {
        (
            read(2, slug).text.rpartition("This page")[2],
            read(3, slug).text.rpartition("This page")[2],
        )
        for slug in group
    }
    assert len(group) == 4
    assert len(edits) == 1


def test_a_mass_stamp_moves_six_dates_to_one_day():
    stamped = [event.slug for event in EVENTS[2] if event.kind == "touched"]
    assert len(stamped) == 6
    assert {read(2, slug).updated[:10] for slug in stamped} == {"2026-04-17"}


def test_the_old_address_of_a_readdressed_article_leads_to_the_new_one():
    old, new = "/help/simple-earn-product-terms", "/help/simple-earn-terms-and-conditions"
    assert pages.redirect(1, old) is None
    assert pages.redirect(2, old) == (301, new)
    assert pages.render(2, old)[0] == 301
    assert post(1, "simple-earn-product-terms")["id"] == post(2, new.removeprefix("/help/"))["id"]


def test_removed_articles_answer_404_or_lead_home():
    harrow = "/help/demo-exchange-to-delist-harrow-hrw-perpetual-futures"
    assert [pages.render(day, harrow)[0] for day in DAYS] == [200, 404, 200]
    assert pages.redirect(3, "/help/withdrawals-of-pelt-have-resumed") == (302, "/help")


@pytest.mark.parametrize("day", NOISE)
def test_noise_moves_bytes_and_changes_nothing(day):
    for slug in NOISE[day]:
        before, after = post(day - 1, slug), post(day, slug)
        assert before.get("richTextContent") != after.get("richTextContent")
        assert read(day - 1, slug) == read(day, slug)
        assert slug not in {slug for _, slug in told(day)}


def test_class_names_and_trace_ids_change_every_day():
    def chrome(day: int) -> tuple:
        page = soup(day, FEES)
        classes = {name for tag in page.select("[class]") for name in tag["class"] if "__" in name}
        return frozenset(classes), data(day, FEES)["traceId"]

    looks = [chrome(day) for day in DAYS]
    assert not looks[0][0] & looks[1][0]
    assert not looks[1][0] & looks[2][0]
    assert len({trace_id for _, trace_id in looks}) == 3


def test_updates_of_a_day_lie_between_two_crawls():
    for day in EVENTS:
        for event in EVENTS[day]:
            reading = read(day, event.slug)
            if event.kind in {"updated", "touched", "retitled", "moved", "readdressed", "new"}:
                assert DAYS[day - 1].isoformat() < reading.updated < DAYS[day].isoformat(), event


def test_an_edit_whose_wording_is_not_in_the_text_is_refused():
    edit = Edit(slug="api-rate-limits", swaps=(("no such words", ""),))
    with pytest.raises(ValueError, match="no such words"):
        applied(edit, centre_on(1).articles["api-rate-limits"])


# Views


def shown_views(day: int, slug: str) -> str:
    row = soup(day, f"/help/{slug}").select_one("article [data-testid=RowWithDivider]")
    return row.find_all("span")[-1].text


def test_two_articles_surge_and_the_rest_grow_in_line_with_their_size():
    counts = {
        slug: [int(shown_views(day, slug).replace(",", "")) for day in DAYS]
        for slug in crawled(1).values()
        if post(1, slug)["section"]["category"]["slug"] == "faq"
    }
    assert len(counts) == 15
    for slug, (first, second, third) in counts.items():
        assert first <= second <= third
        if slug in SURGES:
            assert (first, second, third) == SURGES[slug]
            assert third > 6 * second
        else:
            assert third <= first * 1.01 + 5


def test_counts_stand_in_faq_pages_and_rows_and_nowhere_else():
    row = soup(1, "/help/section/faq-account-and-security").select_one(
        "li a[href='/help/how-do-i-authorize-a-new-device-when-i-log-in'] "
        "[data-testid=RowWithDivider]"
    )
    assert [span.text for span in row.find_all("span")] == [
        "Published on Aug 31, 2023",
        "Updated on Apr 9, 2026",
        "13,780",
    ]
    assert shown_views(1, "how-do-i-authorize-a-new-device-when-i-log-in") == "13,780"
    assert shown_views(1, "spot-trading-fee-schedule").endswith("min read")
    announcement = soup(1, LATEST).select_one("li [data-testid=RowWithDivider]")
    assert [span.text for span in announcement.find_all("span")] == ["Published on Apr 16, 2026"]


def test_the_faq_articles_are_those_of_the_real_listing(real_pages):
    expected = json.loads((real_pages / "search-listing.expected.json").read_text())
    rows = soup(1, "/help/search?category=faq&term=").select("ul[aria-describedby] > li")
    assert [
        [row.select_one("a > div").text]
        + [span.text for span in row.select("[data-testid=RowWithDivider] span")]
        for row in rows
    ] == [
        [
            entry["title"],
            f"Published on {written_out(entry['published'])}",
            f"Updated on {written_out(entry['updated'])}",
            f"{entry['view_count']:,}",
        ]
        for entry in expected
    ]


def written_out(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{calendar.month_abbr[day.month]} {day.day}, {day.year}"


# Pages


@pytest.mark.parametrize("day", DAYS)
def test_every_page_parses_and_is_the_same_each_time(day):
    for path in all_paths(day):
        assert data(day, path)["serverSideProps"]["cfLocale"] == "en-US"
        assert pages.render(day, path) == pages.render(day, path)


@pytest.mark.parametrize("day", DAYS)
def test_the_tree_and_the_markup_of_an_article_say_the_same(day):
    rich = [slug for slug in crawled(day).values() if post(day, slug)["isRichText"]]
    for slug in rich:
        body = soup(day, f"/help/{slug}").select_one("div[class^=index_richTextContent]")
        for br in body.select("br"):
            br.replace_with("\n")
        for image in body.select("img"):
            image.replace_with(urlsplit(image["src"]).path + "\n")
        for link in body.select("a"):
            link.insert_before(f"<{urljoin(ORIGIN, link['href'])}>")
        for block in body.select("p, h2"):
            block.append("\n")
        assert " ".join(body.get_text().split()) == text_of(post(day, slug)), slug
    assert len(rich) > 30


@pytest.mark.parametrize("day", DAYS)
def test_markdown_articles_are_shown_as_markup_with_the_same_words(day):
    slugs = [slug for slug in crawled(day).values() if not post(day, slug)["isRichText"]]
    for slug in slugs:
        body = soup(day, f"/help/{slug}").select_one("div[class^=index_markdownContent]")
        source = "".join(map(blocks.plain, blocks.parse(post(day, slug)["content"])))
        assert "".join(body.get_text().split()) == "".join(source.split()), slug
    assert len(slugs) >= 5


def test_links_inside_the_site_are_absolute_in_the_tree_and_relative_in_the_markup():
    slug = "why-did-my-identity-verification-fail"
    target = "/help/what-do-i-need-to-do-when-i-change-my-country-of-residence"
    assert f"<{ORIGIN}{target}>" in read(1, slug).text
    body = soup(1, f"/help/{slug}").select_one("div[class^=index_richTextContent]")
    assert [link["href"] for link in body.select("a")] == [target]


@pytest.mark.parametrize("day", DAYS)
def test_links_inside_the_site_lead_somewhere(day):
    for path in all_paths(day):
        for link in soup(day, path).select("#root a[href^='/help']"):
            if not link["href"].startswith("/help/withdrawals-of-pelt"):
                assert pages.render(day, link["href"])[0] in {200, 301}, (path, link["href"])


def test_nothing_of_a_footer_stands_in_the_text():
    body = soup(1, FEES).select_one("div[class^=index_richTextContent]")
    footer = soup(1, FEES).select_one("[data-testid=footer]")
    assert "Get the app" in footer.text
    assert "Get the app" not in body.text


def test_latest_announcements_go_on_over_two_pages():
    first, second = data(1, LATEST), data(1, f"{LATEST}/page/2")
    lists = [page["initialProps"]["sectionData"]["articleList"] for page in (first, second)]
    assert [(part["total"], part["skip"], len(part["items"])) for part in lists] == [
        (20, 0, 15),
        (20, 15, 5),
    ]
    assert soup(1, LATEST).select_one("#help-load-more-desc").text == "Showing 1-15  of 20 articles"
    follow = soup(1, LATEST).select_one("[data-testid=okd-pagination-next-icon]")
    assert follow["href"] == f"{LATEST}/page/2"
    assert soup(1, f"{LATEST}/page/2").select_one("[data-testid=okd-pagination-next-icon]") is None


def test_the_announcements_category_is_page_1_of_its_first_section():
    page = data(1, "/help/category/announcements")
    assert page["serverSideProps"]["isOnCategory"] is True
    assert page["initialProps"] == data(1, LATEST)["initialProps"]
    assert page["initialProps"]["sectionData"]["currSection"]["contentType"] == "tag"


def test_a_section_below_another_one_is_named_in_data_and_navigation():
    page = data(1, "/help/category/faq")
    parent = page["initialProps"]["sectionData"]["allSections"][0]
    assert [below["slug"] for below in parent["subSections"]] == ["faq-institutional-verification"]
    link = "nav a[href='/help/section/faq-institutional-verification']"
    assert soup(1, "/help/category/faq").select_one(link)


def test_another_search_term_shows_another_excerpt_of_the_same_article():
    def summary(term: str) -> str:
        path = f"/help/search?category=faq&term={term}"
        link = soup(1, path).select_one("li a[href='/help/affiliate-faq']")
        return link.select("a > div")[1].text

    assert summary("").startswith("Answers to what our affiliates ask most.")
    assert summary("Kingdom").startswith("Yourself, or a person in your household.")


def test_the_all_tab_names_categories_and_goes_on_over_pages():
    path = "/help/search?category=all&term="
    row = soup(1, path).select_one("li [data-testid=RowWithDivider]")
    assert [span.text for span in row.find_all("span")][2:] == ["FAQ", "11,536"]
    follow = soup(1, path).select_one("[data-testid=okd-pagination-next-icon]")["href"]
    assert follow == f"{path}&page=2"
    assert soup(1, follow).select("li [data-testid=RowWithDivider]")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/help/no-such-article",
        "/help/section/no-such-section",
        "/help/category/no-such-category",
        f"{LATEST}/page/3",
        f"{LATEST}/page/0",
        "/help/search?term=&page=x",
        "/fr/help",
        "/zh-hans/help/affiliate-faq",
    ],
)
def test_unknown_addresses_answer_404(path):
    assert pages.render(1, path)[0] == 404


def test_robots_txt_forbids_the_one_page_that_a_listing_names_by_mistake():
    assert pages.render(1, "/robots.txt")[2].decode().splitlines() == [
        "User-agent: *",
        "Disallow: /help/internal-handbook",
        "Allow: /help",
    ]
    rules = Protego.parse(pages.ROBOTS)
    assert not rules.can_fetch(f"{ORIGIN}/help/internal-handbook", "helpwatch")
    assert rules.can_fetch(f"{ORIGIN}{FEES}", "helpwatch")
    rows = soup(1, "/help/section/product-documents-terms").select("ul[aria-describedby] a")
    assert "/help/internal-handbook" in [row["href"] for row in rows]


def test_a_day_that_the_demo_has_not_is_refused():
    with pytest.raises(ValueError, match="its days are 1, 2, 3"):
        pages.render(4, "/help")
    with pytest.raises(ValueError, match="its days are 1, 2, 3"):
        DemoCentre(day=0)


# The Chinese edition


ZH = "/zh-hans/help"


def chinese(day: int) -> dict[str, dict]:
    """slug -> what the page of each Chinese article says, found from its home page."""
    links = [link["href"] for link in soup(day, ZH).select("#root li a")]
    assert links == [f"{ZH}/category/faq"]
    sections = [link["href"] for link in soup(day, links[0]).select("nav a[href*='/section/']")]
    slugs = [
        item["slug"]
        for path in sections
        for item in data(day, path)["initialProps"]["sectionData"]["articleList"]["items"]
    ]
    return {slug: data(day, f"{ZH}/{slug}")["serverSideProps"]["currentPost"] for slug in slugs}


def test_the_chinese_articles_are_translations_under_the_same_ids():
    found = chinese(1)
    assert len(found) == 4
    for slug, said in found.items():
        original = post(1, slug)
        assert said["id"] == original["id"]
        assert said["title"] != original["title"]
        assert soup(1, f"{ZH}/{slug}").html["lang"] == "zh-Hans"


def test_both_editions_name_each_other_and_no_page_that_is_not_there():
    for path in ("", "/category/faq", "/affiliate-faq", *(f"/{slug}" for slug in chinese(1))):
        head = soup(1, f"/help{path}").head
        links = {one["hreflang"]: one["href"] for one in head.select("link[rel=alternate]")}
        assert links["en"] == links["x-default"] == f"{ORIGIN}/help{path}"
        is_there = pages.render(1, ZH + path)[0] == 200
        assert links.get("zh-Hans") == (f"{ORIGIN}{ZH}{path}" if is_there else None)


def test_chinese_rows_show_dates_and_the_views_of_the_english_ones():
    row = soup(1, f"{ZH}/section/faq-identity-verification").select_one(
        "[data-testid=RowWithDivider]"
    )
    assert [span.text for span in row.find_all("span")] == [
        "发布于 2025年4月10日",
        "更新于 2026年3月16日",
        "564",
    ]


@pytest.mark.parametrize("day", ZH_HANS_EVENTS)
def test_the_chinese_texts_change_by_exactly_the_events_told(day):
    before, after = chinese(day - 1), chinese(day)
    edited = {slug for slug in after if text_of(before[slug]) != text_of(after[slug])}
    assert edited == {event.slug for event in ZH_HANS_EVENTS[day]}


def test_links_inside_the_chinese_pages_lead_to_chinese_pages():
    for path in (ZH, f"{ZH}/category/faq", *(f"{ZH}/{slug}" for slug in chinese(1))):
        for link in soup(1, path).select("#root a[href*='/help']:not([target])"):
            assert pages.render(1, link["href"])[0] == 200, (path, link["href"])
            assert link["href"].startswith(ZH)


# The server


@pytest.fixture
def centre() -> Iterator[DemoCentre]:
    with DemoCentre() as running:
        yield running


@pytest.fixture
def client(centre) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(centre.url).netloc, timeout=5)
    yield connection
    connection.close()


def ask(client: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str):
    client.request(method, path, headers=headers)
    answer = client.getresponse()
    return answer, answer.read()


def test_the_server_gives_the_pages_over_one_connection_and_keeps_the_requests(centre, client):
    for path in ("/help", FEES):
        answer, body = ask(client, path)
        assert (answer.status, body) == (200, pages.render(1, path)[2])
        assert answer.version == 11
    socket = client.sock
    assert ask(client, "/help/none")[0].status == 404
    assert client.sock is socket is not None
    assert centre.requests == [("GET", "/help"), ("GET", FEES), ("GET", "/help/none")]


def test_the_day_may_change_while_the_server_runs(centre, client):
    path = "/help/notice-to-customers-in-turkey-and-india-on-withdrawals"
    assert ask(client, path)[0].status == 404
    centre.day = 3
    assert ask(client, path)[0].status == 200


def test_an_article_that_has_not_changed_answers_304_without_a_body(client):
    tag = ask(client, FEES)[0].getheader("ETag")
    answer, body = ask(client, FEES, **{"If-None-Match": tag})
    assert (answer.status, body) == (304, b"")
    assert answer.getheader("ETag") == tag
    assert ask(client, FEES, **{"If-None-Match": '"another"'})[0].status == 200


def test_listings_carry_no_validator(client):
    assert ask(client, LATEST)[0].getheader("ETag") is None


def test_pages_are_compressed_when_asked(client):
    answer, body = ask(client, FEES, **{"Accept-Encoding": "gzip, deflate"})
    assert answer.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(body) == pages.render(1, FEES)[2]


def test_head_gives_the_headers_alone(client):
    answer, body = ask(client, FEES, method="HEAD")
    assert (answer.status, body) == (200, b"")
    assert int(answer.getheader("Content-Length")) == len(pages.render(1, FEES)[2])


def test_redirects_name_their_target(centre, client):
    centre.day = 2
    answer, _ = ask(client, "/help/simple-earn-product-terms")
    assert answer.status == 301
    assert answer.getheader("Location") == "/help/simple-earn-terms-and-conditions"


def test_a_closed_centre_answers_nobody():
    with DemoCentre() as running:
        client = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=5)
        ask(client, "/help")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        ask(client, "/help")
    client.close()


def test_the_module_serves_until_it_is_interrupted():
    command = [sys.executable, "-m", "spiders.demo", "--day", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        told_line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)/help", told_line)
        client = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=5)
        assert ask(client, "/help")[1] == pages.render(2, "/help")[2]
        client.close()
        process.terminate()
        assert process.wait(timeout=5) == 0


def test_a_port_in_use_is_told_in_one_line(centre):
    command = [sys.executable, "-m", "spiders.demo", "--port", str(urlsplit(centre.url).port)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=10)
    assert run.returncode == 2
    assert re.fullmatch(r"Port \d+ cannot be used .*Try --port 0\n", run.stderr)
