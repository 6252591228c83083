"""A commented helpwatch.toml with every setting, its default and its unit."""

TEMPLATE = """\
# helpwatch.toml: everything works without it; what stands here are the defaults.
# `helpwatch config` shows what is in force and where each value came from.

database = "helpwatch.db"        # one SQLite file; relative paths start at this file's folder
output = "helpwatch-reports"     # folder for the reports of each cycle

[sites.okx]
base_url = "https://www.okx.com" # where to fetch, and what all stored addresses bear
locales = ["en"]                 # as in the address ("en" has none there); zh-hans, fr, ...
sections = []                    # slugs of sections; empty: all of them
searches = []                    # further listings: {category = "faq", term = "withdrawal"}

[crawl]
user_agent = "helpwatch/0.1 (help-centre monitor; set crawl.user_agent to say who you are)"
delay_seconds = 0.5              # between two requests
concurrent_requests = 2          # at once
autothrottle = true              # slower where the site is slow
obey_robots = true               # ask robots.txt first and keep to it
recheck_days = 7                 # each article is read again at least this often
timeout_seconds = 30             # for one page
max_page_megabytes = 16          # a larger page is not read
max_requests = 0                 # a run asks for no more (listings first); 0: no such limit
max_minutes = 0                  # a run asks for nothing more after so long; 0: no such limit

[schedule]
cron = "0 6 * * *"               # minute hour day-of-month month day-of-week
timezone = "UTC"                 # such as "Europe/Berlin"
jitter_seconds = 0               # a run starts up to so much earlier or later
cycle_limit_minutes = 360        # a cycle that takes longer is ended
heartbeat_url = ""               # called after each good cycle; or "env:NAME", "file:/path"

[report]
formats = ["html", "markdown", "json"]   # also csv, xlsx, atom

[notify]
destinations = []                # Apprise URLs; or "env:NAME", "file:/path" that hold one
urgent_destinations = []         # told of high severity and of ailing crawls alone
high_at_once = true              # high severity in a message of its own with each cycle
digest_hours = 0                 # the rest at most so often; 0: with each cycle
heartbeat = false                # true: a message when nothing happened, too
attach_report = true             # where the destination can take a file
report_url = ""                  # where the output folder can be read, for a link
timeout_seconds = 20             # for one message

[log]
file = ""                        # what was done, line by line; empty: only standard error
format = "text"                  # or "json": one object a line
max_megabytes = 10               # a file that would grow larger is put aside as FILE.1, ...
keep = 5                         # of those put aside

# Rules of your own, before those that come with helpwatch.
# watch_defaults = true          # false switches the latter off (place it above the tables)
#
# [[watch]]
# label = "Fees"
# pattern = "\\\\bfees?\\\\b"        # a regular expression; or words = [...], phrases = [...]
# severity = "high"              # high, normal or low
"""
