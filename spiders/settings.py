"""Scrapy settings: slow, honest and safe by default.

Names and defaults are those of Scrapy 2.19 (scrapy/settings/default_settings.py). The values of
helpwatch.toml's [crawl] table override the politeness settings; nothing overrides the safety ones.
"""

BOT_NAME = "helpwatch"
# The one module, not the package: Scrapy imports all that it finds, and every site file with it.
SPIDER_MODULES = ["spiders.helpcentre"]
ITEM_PIPELINES = {"tracker.run.scraping.RecordingPipeline": 100}
# Politeness as helpwatch.toml has it, for a crawl that is started by Scrapy's own command.
ADDONS = {"tracker.run.scraping.ConfiguredPoliteness": 100}

# -- who asks, and how often -----------------------------------------------------------------
USER_AGENT = "helpwatch/0.1 (help-centre monitor; set crawl.user_agent to say who you are)"
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 2
CONCURRENT_REQUESTS_PER_DOMAIN = 2
DOWNLOAD_DELAY = 0.5
# Scrapy varies the delay by half, so that requests come closer together than it.
DOWNLOAD_DELAY_JITTER = 0.0
# A crawl asks for no more than so many addresses, and for nothing after so long; 0: no limit.
BUDGET_REQUESTS = 0
BUDGET_SECONDS = 0.0
AUTOTHROTTLE_ENABLED = True
# Scrapy begins at 5 s, whatever the delay; 0 means: begin at DOWNLOAD_DELAY.
AUTOTHROTTLE_START_DELAY = 0.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
# First asked, first sent: Scrapy's own order is last in, first out.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"

# -- patience --------------------------------------------------------------------------------
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 30
RETRY_ENABLED = True
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504, 522, 524]
RETRY_GIVE_UP_LOG_LEVEL = "WARNING"
# Seconds to wait after a 429 that names no time, and the longest wait that is waited out.
RETRY_AFTER_DEFAULT_SECONDS = 10.0
RETRY_AFTER_MAX_SECONDS = 120.0
# The longest Crawl-delay of a robots.txt that is kept to.
CRAWL_DELAY_MAX_SECONDS = 60.0

# -- what may be asked and read --------------------------------------------------------------
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024
DOWNLOAD_WARNSIZE = 8 * 1024 * 1024
DOWNLOAD_FAIL_ON_DATALOSS = True
REDIRECT_ENABLED = True
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False
COOKIES_ENABLED = False
REFERER_ENABLED = False
# Every answer reaches the spider, which makes an item of it; Scrapy drops errors by default.
HTTPERROR_ALLOW_ALL = True
# Scrapy drops longer addresses without a word.
URLLENGTH_LIMIT = 0
# A cache hides changes, and a job folder pickles requests.
HTTPCACHE_ENABLED = False
JOBDIR = None

# These take the place of Scrapy's own lists, whose entries would be loaded to be switched off
# again: a web server, a client for HTTP and a list of all domains among them. So nothing that a
# later Scrapy adds joins by itself.
DOWNLOADER_MIDDLEWARES_BASE = {}
DOWNLOADER_MIDDLEWARES = {
    "spiders.middlewares.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "spiders.middlewares.PatientRetryMiddleware": 550,
    "spiders.middlewares.UnpackingMiddleware": 590,
    # No `dont_filter` passes by our gate, which stands in for Scrapy's off-site filter.
    "spiders.middlewares.SameOriginRedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "spiders.middlewares.BudgetMiddleware": 980,
    "spiders.middlewares.OriginGateMiddleware": 990,
}

# Nothing comes between an answer and what the spider makes of it.
SPIDER_MIDDLEWARES_BASE = {}
SPIDER_MIDDLEWARES = {}

# -- nothing listens, nothing is left behind -------------------------------------------------
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
EXTENSIONS_BASE = {}
EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    # Limits that a user of `scrapy crawl` or Scrapyd may set.
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
}

# -- what is said ----------------------------------------------------------------------------
LOG_LEVEL = "INFO"
LOG_VERSIONS = []
LOG_STDOUT = False
STATS_DUMP = False
# Nobody reads how many bytes went each way; the log of requests is in the database.
DOWNLOADER_STATS = False

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
