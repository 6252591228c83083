"""Every safety and politeness setting, one by one, as Scrapy itself resolves them."""

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings, default_settings
from scrapy.utils.misc import load_object

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
        "ADDONS": {"tracker.run.crawl.ConfiguredPoliteness": 100},
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


@pytest.mark.parametrize(
    "extension",
    ["telnet.TelnetConsole", "remote_control.RemoteControl", "spiderstate.SpiderState"],
)
def test_nothing_listens_and_nothing_is_pickled(settings, extension):
    enabled = settings.get_component_priority_dict_with_base("EXTENSIONS")
    assert enabled[load_object(f"scrapy.extensions.{extension}")] is None


@pytest.mark.parametrize(
    "middleware",
    [
        "offsite.OffsiteMiddleware",
        "robotstxt.RobotsTxtMiddleware",
        "retry.RetryMiddleware",
        "redirect.RedirectMiddleware",
        "redirect.MetaRefreshMiddleware",
        "httpcompression.HttpCompressionMiddleware",
        "httpcache.HttpCacheMiddleware",
        "cookies.CookiesMiddleware",
    ],
)
def test_a_middleware_that_we_replace_or_fear_is_off(settings, middleware):
    enabled = settings.get_component_priority_dict_with_base("DOWNLOADER_MIDDLEWARES")
    assert enabled[load_object(f"scrapy.downloadermiddlewares.{middleware}")] is None


def test_no_middleware_passes_on_what_the_spider_makes_of_an_answer(settings):
    enabled = settings.get_component_priority_dict_with_base("SPIDER_MIDDLEWARES")
    assert {load_object(name): place for name, place in enabled.items() if place is not None} == {}


def test_the_origin_gate_is_the_last_before_the_network(settings):
    enabled = settings.get_component_priority_dict_with_base("DOWNLOADER_MIDDLEWARES")
    places = {load_object(name): place for name, place in enabled.items() if place is not None}
    last = max(places, key=places.__getitem__)
    assert last.__name__ == "OriginGateMiddleware"


def test_the_pipeline_is_named_and_not_imported(settings):
    assert settings["ITEM_PIPELINES"] == {"tracker.run.crawl.RecordingPipeline": 100}
