"""Every safety and politeness setting, one by one, as Scrapy itself resolves them."""

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings, default_settings

from spiders import settings as ours
from spiders.helpcentre import HelpCentreSpider


@pytest.fixture(scope="module")
def settings() -> Settings:
    given = Settings()
    given.setmodule("spiders.settings")
    return Crawler(HelpCentreSpider, given).settings


@pytest.mark.parametrize(
    ("name", "value"),
    {
        "ROBOTSTXT_OBEY": True,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "CONCURRENT_REQUESTS": 2,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
        "DOWNLOAD_DELAY": 0.5,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": 0.0,
        "DOWNLOAD_TIMEOUT": 30,
        "DOWNLOAD_MAXSIZE": 16 * 1024 * 1024,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "RETRY_ENABLED": True,
        "RETRY_TIMES": 2,
        "REDIRECT_MAX_TIMES": 5,
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "JOBDIR": None,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "DOWNLOADER_STATS": False,
        "LOG_LEVEL": "INFO",
        "LOG_STDOUT": False,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "BUDGET_REQUESTS": 0,
        "ADDONS": {"tracker.run.scraping.ConfiguredPoliteness": 100},
    }.items(),
)
def test_a_setting_is_pinned(settings, name, value):
    assert settings[name] == value
    assert hasattr(ours, name), "set by us, not left to Scrapy's default"


def test_every_setting_bears_a_name_that_scrapy_or_our_middlewares_read():
    own = {
        "RETRY_AFTER_DEFAULT_SECONDS",
        "RETRY_AFTER_MAX_SECONDS",
        "CRAWL_DELAY_MAX_SECONDS",
        "BUDGET_REQUESTS",
        "BUDGET_SECONDS",
    }
    names = {name for name in vars(ours) if name.isupper()}
    assert names - set(vars(default_settings)) == own


def test_the_user_agent_names_helpwatch(settings):
    assert settings["USER_AGENT"].startswith("helpwatch/")


def test_a_large_page_is_warned_of_before_it_is_refused(settings):
    assert 0 < settings["DOWNLOAD_WARNSIZE"] < settings["DOWNLOAD_MAXSIZE"]


def test_a_busy_answer_is_retried_and_a_refusal_is_not(settings):
    assert {429, 500, 502, 503, 504} <= set(settings["RETRY_HTTP_CODES"])
    assert not {401, 403, 404, 410} & set(settings["RETRY_HTTP_CODES"])


def test_nothing_but_the_web_can_be_asked(settings):
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}


def enabled(settings: Settings, kind: str) -> dict[str, int]:
    """What Scrapy would load, with its place."""
    found = settings.get_component_priority_dict_with_base(kind)
    return {name: place for name, place in found.items() if place is not None}


def test_nothing_listens_and_nothing_is_pickled(settings):
    """Telnet, remote control and job folders are not even loaded."""
    assert set(enabled(settings, "EXTENSIONS")) == {
        "scrapy.extensions.throttle.AutoThrottle",
        "scrapy.extensions.feedexport.FeedExporter",
        "scrapy.extensions.closespider.CloseSpider",
        "scrapy.extensions.memusage.MemoryUsage",
    }


def test_of_scrapys_middlewares_those_remain_that_we_neither_replace_nor_fear(settings):
    theirs = {
        name.rpartition(".")[2]
        for name in enabled(settings, "DOWNLOADER_MIDDLEWARES")
        if name.startswith("scrapy.")
    }
    assert theirs == {
        "DownloadTimeoutMiddleware",
        "DefaultHeadersMiddleware",
        "UserAgentMiddleware",
        "HttpProxyMiddleware",
    }


def test_no_middleware_passes_on_what_the_spider_makes_of_an_answer(settings):
    assert enabled(settings, "SPIDER_MIDDLEWARES") == {}


def test_the_origin_gate_is_the_last_before_the_network(settings):
    places = enabled(settings, "DOWNLOADER_MIDDLEWARES")
    assert max(places, key=places.__getitem__) == "spiders.middlewares.OriginGateMiddleware"


def test_the_pipeline_is_named_and_not_imported(settings):
    assert settings["ITEM_PIPELINES"] == {"tracker.run.scraping.RecordingPipeline": 100}
