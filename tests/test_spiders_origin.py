import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.origin import moved, origin_of


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("https://www.okx.com", "https://www.okx.com"),
        (" HTTPS://WWW.OKX.COM:443/ ", "https://www.okx.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://hilfe.müller.example", "https://hilfe.xn--mller-kva.example"),
    ],
)
def test_an_origin_has_one_way_of_being_written(base_url, origin):
    assert origin_of(base_url) == origin


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "www.okx.com",
        "ftp://www.okx.com",
        "file:///etc/passwd",
        "https://",
        "https://www.okx.com/help",
        "https://www.okx.com?x",
        "https://user@www.okx.com",
        "https://www.okx.com:port",
    ],
)
def test_what_is_no_origin_is_refused_with_an_example(base_url):
    with pytest.raises(ValueError, match="such as 'https://www.okx.com'|idna"):
        origin_of(base_url)


ORIGIN = "https://www.okx.com"
COPY = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("url", "elsewhere"),
    [
        ("https://www.okx.com", f"{COPY}/"),
        ("https://www.okx.com/help/a?b=c", f"{COPY}/help/a?b=c"),
        ("https://www.okx.com?b=c", f"{COPY}/?b=c"),
        ("HTTPS://WWW.okx.com:443/help", f"{COPY}/help"),
        ("https://www.okx.com/@evil.example", f"{COPY}/@evil.example"),
    ],
)
def test_an_address_on_the_origin_is_written_out_anew(url, elsewhere):
    assert moved(url, ORIGIN, COPY) == elsewhere


@pytest.mark.parametrize(
    "url",
    [
        "http://www.okx.com/help",
        "https://okx.com/help",
        "https://www.okx.com:8443/help",
        "https://www.okx.com./help",
        "https://www.okx.com.evil.example/help",
        "https://www.okx.com@evil.example/help",
        "https://evil.example\\@www.okx.com/help",
        "https://www.okx.com\\@evil.example/help",
        "https://www.okx.com\t.evil.example/help",
        "https://www%2eokx.com/help",
        "https://ｗｗｗ.okx.com/help",
        "https://www.okх.com/help",
        "//www.okx.com/help",
        "/help",
        "javascript:alert(1)",
        "https:www.okx.com/help",
        "https://[::ffff:127.0.0.1/",
        "https://www.okx.com:99999999/",
    ],
)
def test_any_other_way_of_writing_it_counts_as_another_host(url):
    assert moved(url, ORIGIN, ORIGIN) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433:8000/",
        "http://0x7f.1:8000/",
        "http://[::ffff:127.0.0.1]:8000/",
        "http://localhost:8000/",
        "http://127.0.0.1:8001/",
    ],
)
def test_another_name_of_the_same_machine_counts_as_another_host(url):
    assert moved(url, COPY, COPY) is None


@given(st.text())
def test_what_is_asked_always_begins_with_the_origin(tail):
    url = moved(ORIGIN + tail, ORIGIN, COPY)
    assert url is None or url.startswith(COPY + "/")
