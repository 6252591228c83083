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
timezone = "UTC"                 # in which times are shown, such as "Europe/Berlin"

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

[health]                         # when a crawl is not to be believed; ratios are shares from 0 to 1
new_gap_ratio = 0.02             # of a listing's entries, missed for the first time: a warning
lost_gap_ratio = 0.25            # more than this: paging broke
fill_min_pages = 20              # fewer pages say nothing on how often a field is known
fill_always_ratio = 0.9          # a field known so often is one that every page has
fill_fall = 0.05                 # how far its share may fall
fill_lost_ratio = 0.5            # below this part of its usual share it cannot be read any more
fill_rare_lost_ratio = 0.25      # the same for a field that only some pages have
fill_spread = 4.0                # falls within so many standard deviations are chance
errors_allowed = 2               # pages that could not be read
error_ratio = 0.02               # of the pages asked for: more than both is a warning
error_lost_ratio = 0.25          # more than this: suspect
layout_allowed = 0               # pages of a layout that the reader does not know
layout_lost_ratio = 0.2          # more than this: suspect
blocked_lost_ratio = 0.5         # more pages blocked than this: not usable
listed_fall_ratio = 0.2          # of the articles usually listed, missing
listed_lost_ratio = 0.5          # more than this: suspect
listed_min_articles = 10         # a smaller site is not judged so
disagreements_allowed = 3        # fields on which two forms of a page disagree
disagreement_factor = 2.0        # times the usual number
mass_ratio = 0.3                 # of all articles, changed in one crawl: suspect
mass_read_ratio = 0.5            # of the articles read, changed under an unmoved date: suspect
mass_min_articles = 25           # fewer changed articles are believed
everywhere_ratio = 0.8           # of all articles, changed in one and the same way...
everywhere_min_articles = 8      # ...and at least so many: suspect
stamp_ratio = 0.05               # of the new dates, on one day: a stamp, which is believed

[trends]                         # when views rise
window_days = 7.0                # views are counted over so long
past_days = 28.0                 # and held against so long a past
stale_days = 2.0                 # a count read longer ago gives no trend
rising_score = 3.5               # surprise that makes a rise: 3.5 is one chance in 3,200
rising_ratio = 1.5               # times the usual rate, at least
rising_views = 5                 # at least so many views
newly_popular_views = 25         # the same for a new article
cooling_score = 3.5              # surprise that makes a fall
cooling_ratio = 0.5              # of the usual rate, at most
edit_days = 2.0                  # an edit so long before the window is named with the rise

# Rules of your own, before those that come with helpwatch.
# watch_defaults = true          # false switches the latter off (place it above the tables)
#
# [[watch]]
# label = "Fees"
# pattern = "\\\\bfees?\\\\b"        # a regular expression; or words = [...], phrases = [...]
# severity = "high"              # high, normal or low
"""
