"""The demo help centre: pages in OKX's layout at another address, read by the same readers."""

from spiders.layout import Layout
from spiders.sites import okx

NAME = "demo"
BASE_URL = "https://help.demo.example"
TIME_ZONE = okx.TIME_ZONE
PARSER = "demo-1"
DEFAULT_LOCALE = okx.DEFAULT_LOCALE
ANNOUNCEMENTS_PATH = okx.ANNOUNCEMENTS_PATH
LAYOUT = Layout(name=NAME, parser=PARSER, default_locale=DEFAULT_LOCALE, time_zone=TIME_ZONE)

start_urls = okx.start_urls
article_url = okx.article_url
locale_of = okx.locale_of
read_page = LAYOUT.read_page
parse_listing = LAYOUT.parse_listing
parse_article = LAYOUT.parse_article
