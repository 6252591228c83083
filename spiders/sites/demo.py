"""The demo help centre: pages in OKX's layout at another address, read by the same readers."""

from functools import partial

from spiders import help_page
from spiders.layout import Layout
from spiders.sites import okx

NAME = "demo"
BASE_URL = "https://help.demo.example"
TIME_ZONE = okx.TIME_ZONE
PARSER = "demo-1"
DEFAULT_LOCALE = okx.DEFAULT_LOCALE
LAYOUT = Layout(name=NAME, parser=PARSER, default_locale=DEFAULT_LOCALE, time_zone=TIME_ZONE)

start_urls = okx.start_urls
article_url = okx.article_url
locale_of = okx.locale_of
read_page = partial(help_page.read, layout=LAYOUT)
parse_listing = partial(help_page.read_listing, layout=LAYOUT)
parse_article = partial(help_page.read_article, layout=LAYOUT)
