"""The tables that every database has had from the first step on, each column with its comment."""

TABLES = """
CREATE TABLE sites ( -- Help centres that are watched.
    id INTEGER PRIMARY KEY, -- Row number.
    name TEXT NOT NULL UNIQUE, -- Short name, as in the configuration: okx.
    base_url TEXT NOT NULL -- Canonical origin that all stored addresses bear.
) STRICT;

CREATE TABLE crawls ( -- One row for each pass over a site, and for each import of saved pages.
    id INTEGER PRIMARY KEY, -- Row number, rising in time of recording.
    site_id INTEGER NOT NULL REFERENCES sites(id), -- The site that was read.
    kind TEXT NOT NULL DEFAULT 'crawl' CHECK (kind IN ('crawl', 'import')), -- crawl, or import of saved pages.
    locales TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(locales)), -- JSON array: the locales that were to be read.
    started_at TEXT NOT NULL, -- UTC instant of its start.
    finished_at TEXT, -- UTC instant of its end; NULL while it runs.
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'complete', 'partial', 'blocked', 'failed', 'interrupted')), -- complete: every listing of every locale was read to its end.
    is_baseline INTEGER NOT NULL DEFAULT 0 CHECK (is_baseline IN (0, 1)), -- 1: the first complete crawl of some locale; it yields no changes there.
    pages_fetched INTEGER NOT NULL DEFAULT 0, -- Pages that answered.
    articles_listed INTEGER NOT NULL DEFAULT 0, -- Different articles seen in its listings.
    articles_fetched INTEGER NOT NULL DEFAULT 0, -- Article pages read or confirmed unchanged.
    errors INTEGER NOT NULL DEFAULT 0, -- Pages that could not be read.
    health TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(health)), -- JSON: verdict, the checks behind it, baseline_locales.
    parser TEXT NOT NULL DEFAULT '', -- Name and number of the reader in use.
    compared_at TEXT, -- UTC instant at which its changes were worked out; NULL before.
    reported_at TEXT -- UTC instant at which its report was written; NULL before.
) STRICT;
CREATE INDEX crawls_by_site ON crawls(site_id, id);

CREATE TABLE listings ( -- Pages that name articles: sections, categories, searches, imports.
    id INTEGER PRIMARY KEY, -- Row number.
    site_id INTEGER NOT NULL REFERENCES sites(id), -- The site it belongs to.
    locale TEXT NOT NULL, -- Locale as in the address: en, zh-hans.
    kind TEXT NOT NULL CHECK (kind IN ('section', 'category', 'search', 'api', 'import')), -- What kind of listing it is.
    slug TEXT NOT NULL, -- Its name in the address.
    title TEXT, -- Its visible title.
    category TEXT, -- Title of the category it belongs to.
    url TEXT, -- Canonical address of its first page.
    UNIQUE (site_id, locale, kind, slug)
) STRICT;

CREATE TABLE articles ( -- What is known of each article now, one row for each article and locale.
    id INTEGER PRIMARY KEY, -- Row number; stays with the article through renames.
    site_id INTEGER NOT NULL REFERENCES sites(id), -- The site it belongs to.
    locale TEXT NOT NULL, -- Locale as in the address.
    source_id TEXT, -- The site's own id of the article, the same in all locales; NULL where no page gave it.
    slug TEXT, -- Its name in the address.
    url TEXT, -- Canonical address.
    title TEXT NOT NULL, -- Title, of its own page once that was read.
    title_key TEXT NOT NULL, -- Title folded for matching records that share nothing else.
    listed_title TEXT, -- Title that the listings gave last.
    summary TEXT, -- The page's own description, else its first paragraph, else what a listing said.
    category TEXT, -- Category title.
    category_slug TEXT, -- Category in the address.
    section TEXT, -- Section title.
    section_slug TEXT, -- Section in the address.
    published_at TEXT, -- Publication: UTC instant, or a bare date in the site's time zone.
    created_at TEXT, -- Creation in the site's system; may lie before or after publication.
    updated_at TEXT, -- The page's own updated date.
    listed_updated_at TEXT, -- Updated date that the listings gave last.
    shows_updated_date INTEGER CHECK (shows_updated_date IN (0, 1)), -- 1: readers see the updated date.
    view_count INTEGER, -- Last known views; NULL where the page shows none.
    language TEXT, -- Language the page was written in, as far as it says.
    status TEXT NOT NULL DEFAULT 'listed' CHECK (status IN ('listed', 'unlisted', 'removed')), -- listed; unlisted: in no listing, still answers; removed: gone.
    first_seen_at TEXT NOT NULL, -- UTC instant at which it was first seen.
    first_seen_crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl that saw it first.
    last_seen_at TEXT NOT NULL, -- UTC instant at which a listing or its page last named it.
    last_fetched_at TEXT, -- UTC instant at which its own page was last read, confirmed or found gone.
    version_id INTEGER REFERENCES versions(id) -- Its newest version; NULL while known from listings alone.
) STRICT;
CREATE UNIQUE INDEX articles_by_source_id ON articles(site_id, locale, source_id) WHERE source_id IS NOT NULL;
CREATE INDEX articles_by_slug ON articles(site_id, locale, slug);
CREATE INDEX articles_by_title ON articles(site_id, locale, title_key);

CREATE TABLE listing_crawls ( -- How far each crawl read each listing.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl.
    listing_id INTEGER NOT NULL REFERENCES listings(id), -- The listing.
    claimed_total INTEGER, -- Articles that the listing claims to hold.
    seen_count INTEGER NOT NULL DEFAULT 0, -- Different articles seen in it.
    page_count INTEGER NOT NULL DEFAULT 0, -- Pages read.
    is_complete INTEGER NOT NULL DEFAULT 0 CHECK (is_complete IN (0, 1)), -- 1: read to its end.
    PRIMARY KEY (crawl_id, listing_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_crawls_by_listing ON listing_crawls(listing_id, crawl_id);

CREATE TABLE listing_articles ( -- Presence: one row for each unbroken run of crawls in which a listing named an article.
    listing_id INTEGER NOT NULL REFERENCES listings(id), -- The listing.
    article_id INTEGER NOT NULL REFERENCES articles(id), -- The article.
    first_crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- First crawl of the run.
    last_crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- Last crawl of the run so far.
    summary TEXT, -- What this listing said of the article (a search shows an excerpt for its term).
    PRIMARY KEY (listing_id, article_id, first_crawl_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_articles_by_article ON listing_articles(article_id);
CREATE INDEX listing_articles_by_last_crawl ON listing_articles(last_crawl_id);

CREATE TABLE dictionaries ( -- Pages that others of their kind are compressed against.
    id INTEGER PRIMARY KEY, -- Row number.
    site_id INTEGER NOT NULL REFERENCES sites(id), -- The site whose pages it serves.
    body BLOB NOT NULL -- zstd-compressed bytes of the page.
) STRICT;

CREATE TABLE snapshots ( -- Pages as fetched: the evidence behind the versions.
    sha256 TEXT PRIMARY KEY, -- SHA-256 of the uncompressed bytes, hexadecimal.
    url TEXT NOT NULL, -- Canonical address it was fetched for.
    fetched_at TEXT NOT NULL, -- UTC instant of the fetch.
    http_status INTEGER, -- HTTP status; NULL for an imported file.
    content_type TEXT, -- Content type that the server gave.
    size INTEGER NOT NULL, -- Bytes before compression.
    dictionary_id INTEGER REFERENCES dictionaries(id), -- The dictionary it is compressed against; NULL: none.
    body BLOB NOT NULL -- zstd-compressed bytes.
) STRICT;

CREATE TABLE versions ( -- Every differing text or title of an article. Append-only.
    id INTEGER PRIMARY KEY, -- Row number; order of recording.
    article_id INTEGER NOT NULL REFERENCES articles(id), -- The article.
    number INTEGER NOT NULL, -- 1, 2, 3 ... for each article, in order of recording.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl or import that recorded it.
    captured_at TEXT NOT NULL, -- UTC instant at which the page said so; gives the order in time.
    title TEXT NOT NULL, -- Title.
    body TEXT NOT NULL, -- Text as canonical Markdown.
    body_sha256 TEXT NOT NULL, -- SHA-256 of the body in UTF-8, hexadecimal.
    source_updated_at TEXT, -- The page's own updated date at that time.
    snapshot_sha256 TEXT REFERENCES snapshots(sha256), -- The bytes it was read from.
    parser TEXT NOT NULL, -- Name and number of the reader.
    form TEXT NOT NULL, -- Form of the page it was read from: json, html, text.
    chain_sha256 TEXT NOT NULL, -- SHA-256 over this row and the chain_sha256 of the row recorded before it.
    UNIQUE (article_id, number)
) STRICT;
CREATE INDEX versions_by_time ON versions(article_id, captured_at, id);

CREATE TABLE rereadings ( -- Texts of stored snapshots as a later reader, or another form, gives them.
    version_id INTEGER NOT NULL REFERENCES versions(id), -- The version whose snapshot was read again.
    parser TEXT NOT NULL, -- Reader that read it again.
    form TEXT NOT NULL, -- Form that was read.
    title TEXT NOT NULL, -- Title as read again.
    body TEXT NOT NULL, -- Text as canonical Markdown.
    read_at TEXT NOT NULL, -- UTC instant of the re-reading.
    PRIMARY KEY (version_id, parser, form)
) STRICT;

CREATE TABLE article_states ( -- What was known of an article over time: a row only when something differs.
    id INTEGER PRIMARY KEY, -- Row number; order of recording.
    article_id INTEGER NOT NULL REFERENCES articles(id), -- The article.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl or import that saw it.
    observed_at TEXT NOT NULL, -- UTC instant from which it is known to hold.
    title TEXT NOT NULL, -- Title.
    slug TEXT, -- Name in the address.
    category TEXT, -- Category title.
    category_slug TEXT, -- Category in the address.
    section TEXT, -- Section title.
    section_slug TEXT, -- Section in the address.
    published_at TEXT, -- Publication.
    updated_at TEXT, -- The page's own updated date.
    shows_updated_date INTEGER CHECK (shows_updated_date IN (0, 1)), -- 1: readers see the updated date.
    version_id INTEGER REFERENCES versions(id) -- The text that it had.
) STRICT;
CREATE INDEX article_states_by_time ON article_states(article_id, observed_at, id);
CREATE INDEX article_states_by_crawl ON article_states(crawl_id);

CREATE TABLE changes ( -- Conclusions: what happened to which article, one row for each kind and crawl.
    id INTEGER PRIMARY KEY, -- Row number.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl that showed it.
    article_id INTEGER NOT NULL REFERENCES articles(id), -- The article.
    kind TEXT NOT NULL CHECK (kind IN ('new', 'updated', 'silent_edit', 'touched', 'retitled', 'moved', 'readdressed', 'unlisted', 'removed', 'relisted')), -- What happened.
    detected_at TEXT NOT NULL, -- UTC instant at which we saw it.
    severity TEXT NOT NULL CHECK (severity IN ('high', 'normal', 'low')), -- From the watchlist and from what the difference touched.
    from_version_id INTEGER REFERENCES versions(id), -- Version before.
    to_version_id INTEGER REFERENCES versions(id), -- Version after.
    before TEXT, -- Title, slug, section slug or updated date before; NULL for a text.
    after TEXT, -- The same after.
    detail TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)), -- JSON: what a reader should know more.
    UNIQUE (crawl_id, article_id, kind)
) STRICT;
CREATE INDEX changes_by_article ON changes(article_id, detected_at);
CREATE INDEX changes_by_time ON changes(detected_at);

CREATE TABLE view_observations ( -- View counts over time: a row only when the count differs from the last one.
    article_id INTEGER NOT NULL REFERENCES articles(id), -- The article.
    observed_at TEXT NOT NULL, -- UTC instant, to the second.
    view_count INTEGER NOT NULL, -- Views that the page showed.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl or import that saw it.
    is_approximate INTEGER NOT NULL DEFAULT 0 CHECK (is_approximate IN (0, 1)), -- 1: the page abbreviated it (1.2k).
    PRIMARY KEY (article_id, observed_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE trends ( -- Views per day against the article's own past, worked out after each crawl.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl after which it was worked out.
    article_id INTEGER NOT NULL REFERENCES articles(id), -- The article; one of its locales stands for all.
    window_days REAL NOT NULL, -- Days that the gain was measured over.
    views_gained INTEGER NOT NULL, -- Views gained in the window.
    views_per_day REAL NOT NULL, -- The gain by day.
    usual_per_day REAL, -- What is usual for it; NULL where nothing is known.
    score REAL NOT NULL, -- Surprise: -log10 of the chance of such a gain; 3 is one in a thousand.
    rank INTEGER NOT NULL, -- 1 is the most surprising.
    note TEXT, -- reset, newly_popular, cooling or after_edit.
    PRIMARY KEY (crawl_id, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE field_fills ( -- What the article pages of each crawl said, field by field: shows a reader that has gone blind.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl.
    field TEXT NOT NULL, -- Field of an article; 'listing ...' and 'unknown nodes' only where one was found odd.
    page_count INTEGER NOT NULL, -- Article pages read.
    known_count INTEGER NOT NULL, -- Pages on which the field was found.
    disagreement_count INTEGER NOT NULL, -- Pages on which two forms (JSON, HTML) said different things of it.
    PRIMARY KEY (crawl_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE fetches ( -- The log of every request.
    id INTEGER PRIMARY KEY, -- Row number.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id), -- The crawl or import.
    url TEXT NOT NULL, -- Canonical address asked for.
    locale TEXT, -- Locale it was asked for.
    wanted TEXT NOT NULL CHECK (wanted IN ('home', 'listing', 'article')), -- What it was asked as.
    article_id INTEGER REFERENCES articles(id), -- The article whose page it was.
    version_id INTEGER REFERENCES versions(id), -- The version that this read found or confirmed: proof that nothing changed.
    fetched_at TEXT NOT NULL, -- UTC instant.
    status INTEGER, -- HTTP status; NULL where nothing answered or nothing was asked.
    elapsed_ms INTEGER, -- Milliseconds until the answer.
    size INTEGER, -- Bytes of the page.
    page_kind TEXT NOT NULL, -- home, section, category, search, api, import, article, gone, not_modified, elsewhere (another article); or why it was unusable: blocked, cut_off, other_language, ...
    error TEXT, -- What went wrong, in words.
    etag TEXT, -- Validator that the server gave with this page.
    last_modified TEXT -- Validator that the server gave with this page.
) STRICT;
CREATE INDEX fetches_by_crawl ON fetches(crawl_id);
CREATE INDEX fetches_by_article ON fetches(article_id, id) WHERE article_id IS NOT NULL;
"""
