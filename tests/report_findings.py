"""Builders of Findings for the report tests: defaults for all but the point of a test.

`usual_day` has every kind of change, a group, watchlist words and trends; `quiet_day` has none;
`troubled_day` is a suspect crawl with gaps; `hostile` puts one text wherever page text can stand;
`many_changes` is for size and speed. The articles are invented.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from db.records import ArticleState, Change, Crawl, ListingCoverage, Trend, Version, ViewSeries
from tracker.findings import ChangeFinding, Findings, TrendFinding
from tracker.health import Check, Health
from tracker.textdiff import BlockDiff, Piece, TextDiff, Touched

NOW = datetime(2026, 4, 18, 6, 0, tzinfo=UTC)
BASE_URL = "https://www.okx.com"


def article(article_id=1, title="How are trading fees set?", **fields):
    slug = fields.pop("slug", f"article-{article_id}")
    return ArticleState(
        **{
            "article_id": article_id,
            "locale": "en",
            "source_id": f"id{article_id}",
            "slug": slug,
            "url": f"{BASE_URL}/help/{slug}",
            "title": title,
            "category": "FAQ",
            "category_slug": "faq",
            "section": "Trading",
            "section_slug": "trading",
            "published_at": date(2024, 3, 5),
            "updated_at": datetime(2026, 4, 17, 9, 30, tzinfo=UTC),
            "shows_updated_date": True,
            "version_id": 10 * article_id + 2,
            "status": "listed",
            **fields,
        }
    )


def version(article_id=1, number=2, body="Some text.", **fields):
    return Version(
        **{
            "id": 10 * article_id + number,
            "article_id": article_id,
            "number": number,
            "crawl_id": number,
            "captured_at": NOW - timedelta(days=2 - min(number, 2)),
            "title": "How are trading fees set?",
            "body": body,
            "body_sha256": sha256(body.encode(errors="replace")).hexdigest(),
            "source_updated_at": None,
            "snapshot_sha256": sha256(b"page" + body.encode(errors="replace")).hexdigest(),
            "parser": "demo-1",
            "form": "json",
            "chain_sha256": sha256(f"chain {article_id} {number}".encode()).hexdigest(),
            **fields,
        }
    )


def crawl(crawl_id=3, **fields):
    return Crawl(
        **{
            "id": crawl_id,
            "site_id": 1,
            "site": "demo",
            "kind": "crawl",
            "started_at": NOW - timedelta(days=3 - crawl_id, minutes=9),
            "finished_at": NOW - timedelta(days=3 - crawl_id),
            "outcome": "complete",
            "is_baseline": False,
            "pages_fetched": 68,
            "articles_listed": 214,
            "articles_fetched": 41,
            "errors": 0,
            "locales": ("en",),
            **fields,
        }
    )


def listing(listing_id=1, title="Trading", **fields):
    return ListingCoverage(
        **{
            "listing_id": listing_id,
            "locale": "en",
            "kind": "section",
            "slug": title.lower().replace(" ", "-"),
            "title": title,
            "url": f"{BASE_URL}/help/section/{title.lower().replace(' ', '-')}",
            "claimed_total": 48,
            "seen_count": 48,
            "page_count": 4,
            "is_complete": True,
            **fields,
        }
    )


HEALTHY = Health(
    verdict="healthy",
    checks=(
        Check(name="coverage", ok=True, level="problem", message="All listings were read whole."),
        Check(name="errors", ok=True, level="warning", message="No page answered with an error."),
    ),
)


def findings(*changes, **fields):
    return Findings(
        **{
            "site": "demo",
            "base_url": BASE_URL,
            "generated_at": NOW + timedelta(minutes=1),
            "time_zone": UTC,
            "crawls": (crawl(),),
            "since": NOW - timedelta(days=1),
            "until": NOW,
            "health": HEALTHY,
            "coverage": (listing(), listing(2, "New listings", claimed_total=None, seen_count=166)),
            "changes": changes,
            "articles_known": 220,
            "articles_listed": 214,
            "last_good_crawl_at": NOW - timedelta(minutes=9),
            **fields,
        }
    )


def found(kind="retitled", subject=None, **fields):
    """One ChangeFinding; fields of the Change and of the finding alike."""
    subject = subject or article()
    of_finding = {
        name: fields.pop(name)
        for name in ("from_version", "to_version", "diff", "last_text", "steps")
        if name in fields
    }
    change = Change(
        **{"article_id": subject.article_id, "kind": kind, "detected_at": NOW, "id": None, **fields}
    )
    return ChangeFinding(change=change, article=subject, **of_finding)


def block(*pieces, op="changed", kind="paragraph", heading=None, place=None):
    """A block of ('kept' | 'added' | 'removed', text) pairs."""
    return BlockDiff(
        op=op,
        kind=kind,
        pieces=tuple(Piece(*piece) for piece in pieces),
        heading=heading,
        place=place,
    )


FEE_DIFF = TextDiff(
    blocks=(
        block(("kept", "What you pay depends on your tier."), op="kept"),
        block(
            ("kept", "Orders that add to the book pay "),
            ("removed", "0.08%"),
            ("added", "0.10%"),
            ("kept", " of the amount traded, and the rate is set anew on the first of each month."),
            heading="Spot trading",
        ),
        block(
            ("removed", "0.10%"),
            ("added", "0.12%"),
            kind="cell",
            heading="Spot trading",
            place="row 3, Taker",
        ),
        block(
            ("added", "Accounts in Ontario pay a further 5 USDT for each withdrawal."),
            op="added",
            kind="item",
            heading="Withdrawals",
        ),
        block(
            ("removed", "Refunds are made within 30 days."),
            op="removed",
            heading="Withdrawals",
        ),
        block(
            ("kept", "Questions are answered by our support desk around the clock."),
            op="moved",
            heading="Withdrawals",
            place="the end of Spot trading",
        ),
    ),
    touched=(
        Touched(kind="percentage", before="0.08%", after="0.10%", context="Spot trading"),
        Touched(kind="percentage", before="0.10%", after="0.12%", context="row 3, Taker"),
        Touched(kind="jurisdiction", before=None, after="Ontario", context="Withdrawals"),
        Touched(kind="duration", before="30 days", after=None, context="Withdrawals"),
    ),
)
FOOTER_DIFF = TextDiff(
    blocks=(
        block(
            ("kept", "Products vary by region. "),
            ("added", "Not offered in the Netherlands."),
            heading="Notice",
        ),
    ),
    touched=(Touched(kind="jurisdiction", before=None, after="Netherlands", context="Notice"),),
)


def usual_day(**fields):
    """Every kind of change once or more, in the order that the tracker gives."""
    fee, gone = article(1), article(2, "Which cards can I buy crypto with?", section="Deposits")
    stamp = {"group": {"key": "date 2026-04-17", "size": 3}}
    footer = {"group": {"key": "edit 5f0c", "size": 3}}
    changes = [
        found(
            "silent_edit",
            fee,
            id=1,
            severity="high",
            diff=FEE_DIFF,
            from_version=version(1, 1, "Fees before."),
            to_version=version(1, 2, "Fees after."),
            detail={
                "watch": [
                    {"label": "Fees", "severity": "high", "words": ["fees", "withdrawal"]},
                    {"label": "Jurisdictions", "severity": "high", "words": ["Ontario"]},
                ],
                "hidden_date": True,
            },
        ),
        found(
            "removed",
            gone,
            id=2,
            severity="high",
            from_version=version(2, 3),
            last_text=version(2, 3, "Cards of these kinds are taken:\n\n- Visa\n- Mastercard"),
        ),
        *(
            found(
                "updated",
                article(number, title, section="Legal"),
                id=number,
                diff=FOOTER_DIFF,
                from_version=version(number, 1, f"Notice {number}."),
                to_version=version(number, 2, f"Notice {number}, longer."),
                detail=footer,
            )
            for number, title in ((3, "Terms of use"), (4, "Privacy notice"), (5, "Cookie notice"))
        ),
        found(
            "new",
            article(
                6,
                "KITE to be listed for spot trading",
                category="Announcements",
                section="New listings",
                published_at=datetime(2026, 4, 18, 2, 0, tzinfo=UTC),
                shows_updated_date=False,
            ),
            id=6,
            to_version=version(6, 1, "Deposits of KITE open on 18 April.\n\nTrading opens later."),
        ),
        found(
            "retitled", article(7, "Verify who you are"), id=7, before="Verify", after="Verify who"
        ),
        found("moved", article(8, "What is a lead trader?"), id=8, before="trading", after="copy"),
        found(
            "readdressed",
            article(9, "Set up two-step sign-in"),
            id=9,
            before="set-up-2fa",
            after="two-step-sign-in",
        ),
        found(
            "relisted",
            article(10, "Proof of reserves"),
            id=10,
            detail={"reverts_to": 1, "answers_again": True},
        ),
        found(
            "unlisted",
            article(11, "Dust conversion", status="unlisted"),
            id=11,
            last_text=version(11, 1, "Small sums can be changed into one coin."),
        ),
        *(
            found(
                "touched",
                article(number, title),
                id=number,
                severity="low",
                before="2025-11-17",
                after="2026-04-17T09:30:00Z",
                detail=stamp,
            )
            for number, title in ((12, "Open an account"), (13, "Close an account"))
        ),
        found(
            "touched",
            article(14, "\u5982\u4f55\u63d0\u73b0", locale="zh-hans"),
            id=14,
            severity="low",
            before="2026-04-16",
            after="2026-04-15",
            detail={"date_set_back": True},
        ),
    ]
    return findings(*changes, **{"trending": rising(), "not_checked": GAPS[:1], **fields})


GAPS = (
    "1 page is closed to crawlers by robots.txt and was not asked for: "
    "https://www.okx.com/help/search?term=fees.",
    "Section New listings was read for 3 of about 12 pages.",
)


def series(article_id, title, counts, *, step_days=1):
    first = NOW - timedelta(days=step_days * (len(counts) - 1))
    observations = tuple(
        (first + timedelta(days=step_days * number), value) for number, value in enumerate(counts)
    )
    return ViewSeries(
        article_id=article_id,
        title=title,
        section_slug="trading",
        observations=observations,
        last_seen_at=max(NOW, observations[-1][0]),
        locales=("en", "zh-hans"),
    )


def rising():
    """Three trends: a surge, a new favourite and a counter that was reset."""
    titles = {21: "Why was my account frozen?", 22: "What is Tornado Cash?", 23: "Deposit not here"}
    counts = {
        21: [9_000, 9_040, 9_078, 9_121, 9_160, 9_199, 9_240, 9_280, 9_420, 9_560, 9_700, 9_864],
        22: [2, 3, 3, 3, 40, 180, 365],
        23: [4_120, 4_180, 4_230, 12, 50, 95],
    }
    trends = (
        Trend(
            article_id=21,
            window_days=7,
            views_gained=864,
            views_per_day=123.4,
            usual_per_day=40.0,
            score=9.2,
            rank=1,
            note="after_edit",
        ),
        Trend(
            article_id=22,
            window_days=7,
            views_gained=362,
            views_per_day=51.7,
            usual_per_day=None,
            score=7.0,
            rank=2,
            note="newly_popular",
        ),
        Trend(
            article_id=23,
            window_days=2.5,
            views_gained=83,
            views_per_day=33.2,
            usual_per_day=0.05,
            score=1.5,
            rank=3,
            note="reset",
        ),
    )
    return tuple(
        TrendFinding(
            trend=trend,
            article=article(trend.article_id, titles[trend.article_id], section="Account"),
            series=series(trend.article_id, titles[trend.article_id], counts[trend.article_id]),
        )
        for trend in trends
    )


def quiet_day(**fields):
    return findings(**fields)


def troubled_day(*changes, **fields):
    """A suspect crawl: one listing broke off, and nearly every article seems changed."""
    checks = (
        Check(
            name="mass_change",
            ok=False,
            level="problem",
            message="212 of 214 articles seem changed, which the reader of pages may have caused.",
            value=0.99,
            threshold=0.3,
        ),
        Check(
            name="blocked",
            ok=False,
            level="warning",
            message="2 pages answered with a challenge.",
            value=2,
            threshold=0,
        ),
        Check(name="errors", ok=True, level="warning", message="No page answered with an error."),
    )
    return findings(
        *(changes or (found("retitled", before="Fees", after="Our fees"),)),
        **{
            "crawls": (crawl(2), crawl(3, outcome="partial", errors=2)),
            "health": Health(verdict="suspect", checks=checks),
            "coverage": (
                listing(),
                listing(
                    2,
                    "New listings",
                    claimed_total=166,
                    seen_count=45,
                    page_count=3,
                    is_complete=False,
                ),
                listing(3, "Legal", claimed_total=21, seen_count=19, page_count=2, earlier_gap=2),
            ),
            "not_checked": GAPS,
            "last_good_crawl_at": NOW - timedelta(days=1, minutes=9),
            **fields,
        },
    )


def hostile(text):
    """Findings in which `text` stands wherever a page's own words can stand."""
    base = usual_day()
    subject = replace(
        article(1), title=text, section=text, category=text, url=text, slug=text, locale=text
    )
    diff = TextDiff(
        blocks=(
            block(
                ("kept", text), ("removed", text), ("added", text + "!"), heading=text, place=text
            ),
            block(("added", text), op="added", kind="heading"),
            block(("kept", text), op="moved", place=text),
        ),
        touched=(Touched(kind="link", before=text, after=None, context=text),),
    )
    watch = [{"label": text, "severity": "high", "words": [text, text]}]
    texts = {
        "from_version": version(1, 1, text, title=text),
        "to_version": version(1, 2, text, title=text),
    }
    group = {"group": {"key": text, "size": 2}}
    changes = (
        found("updated", subject, id=1, diff=diff, detail={"watch": watch}, **texts),
        found("retitled", subject, id=2, before=text, after=text + "?"),
        found("moved", subject, id=3, before=None, after=text),
        found("touched", subject, id=4, before=text, after=None, detail=group),
        found("touched", replace(subject, article_id=2), id=5, before=text, detail=group),
        found("removed", subject, id=6, last_text=version(1, 2, text)),
        found("new", subject, id=7, to_version=version(1, 1, text, title=text)),
    )
    check = Check(name=text, ok=False, level="warning", message=text)
    return replace(
        base,
        changes=changes,
        trending=tuple(replace(item, article=subject) for item in base.trending),
        coverage=(listing(1, "T", slug=text, url=text), replace(listing(2, "U"), title=text)),
        health=Health(verdict="degraded", checks=(check,), baseline_locales=(text,)),
        not_checked=(text,),
        filters={"section": text},
    )


def many_changes(number=1_000):
    """`number` text edits, each of several changed blocks of ordinary length."""
    long = "Unchanged words that stand around an edit and only tell where it is. " * 8
    blocks = tuple(
        block(
            ("kept", long),
            ("removed", f"{n} days"),
            ("added", f"{n + 1} days"),
            ("kept", long),
            heading=f"Part {n}",
        )
        for n in range(6)
    )
    diff = TextDiff(
        blocks=blocks,
        touched=tuple(
            Touched(kind="duration", before=f"{n} days", after=f"{n + 1} days", context=f"Part {n}")
            for n in range(6)
        ),
    )
    severities = ("high", "normal", "low")
    return findings(
        *(
            found(
                "silent_edit",
                article(n, f"Article number {n} of a very large help centre"),
                id=n,
                severity=severities[n % 3],
                diff=diff,
                from_version=version(n, 1, f"{n} before"),
                to_version=version(n, 2, f"{n} after"),
            )
            for n in range(1, number + 1)
        ),
        trending=rising(),
    )
