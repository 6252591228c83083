"""What the demo's editors do from one day to the next, noise included.

A day's edits are applied to the state of the day before. `days.EVENTS` says, independently of
this, what a correct differ must find in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from spiders.demo.articles import Answer, Article

OLD_DISCLAIMER = "no offer where the service is not permitted."
NEW_DISCLAIMER = (
    "no offer where the service is not permitted, the United States and Malaysia included."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is set on one article; None leaves a field as it is. `slug` is that of the day before.

    `swaps` are pairs of an old and a new wording; each old one stands in the text.
    """

    slug: str
    swaps: tuple[tuple[str, str], ...] = ()
    updated: str | None = None
    title: str | None = None
    section: str | None = None
    new_slug: str | None = None
    is_listed: bool | None = None
    answer: Answer | None = None


def applied(edit: Edit, article: Article) -> Article:
    """The article after the edit; ValueError where a wording to be swapped is not in its text."""
    body = article.body
    for old, new in edit.swaps:
        if old not in body:
            raise ValueError(f"{old!r} is not in the text of {article.slug}; mend the edit")
        body = body.replace(old, new)
    settings = {
        "slug": edit.new_slug,
        "updated": edit.updated,
        "title": edit.title,
        "section": edit.section,
        "is_listed": edit.is_listed,
        "answer": edit.answer,
    }
    known = {name: value for name, value in settings.items() if value is not None}
    return replace(article, body=body, **known)


_ENGLISH: Mapping[int, tuple[Edit, ...]] = {
    2: (
        Edit(
            slug="how-do-i-set-up-a-recurring-buy-plan",
            swaps=(("0.10%", "0.12%"),),
            updated="2026-04-17T09:12:41.220Z",
        ),
        Edit(
            slug="why-is-my-deposit-not-credited-even-when-all-information-is-correct",
            swaps=(("within 30 days", "within 14 days"),),
            updated="2026-04-17T11:47:05.938Z",
        ),
        # Two edits under an unchanged date: one adds a jurisdiction, one lowers a limit.
        Edit(
            slug="what-do-i-need-to-do-when-i-change-my-country-of-residence",
            swaps=(("Hong Kong and Malaysia", "Hong Kong, Malaysia and Thailand"),),
        ),
        Edit(
            slug="withdrawal-limits-by-verification-level",
            swaps=(("10,000 USDT | 100,000 USDT", "8,000 USDT | 80,000 USDT"),),
        ),
        # The mass stamp: six dates within minutes, no word changed (and in two, white space).
        Edit(slug="affiliate-faq", updated="2026-04-17T09:30:02.117Z"),
        Edit(slug="how-to-prevent-phishing-emails", updated="2026-04-17T09:30:09.640Z"),
        Edit(
            slug="what-should-i-do-when-my-web3-wallet-btc-balance-is-insufficient",
            updated="2026-04-17T09:30:31.085Z",
        ),
        Edit(
            slug="how-do-i-track-my-assets-when-trading-in-spot-and-futures-mode",
            swaps=(("holds both, and each", "holds  both,   and each"),),
            updated="2026-04-17T09:31:14.702Z",
        ),
        Edit(slug="api-rate-limits", updated="2026-04-17T09:31:48.266Z"),
        Edit(
            slug="margin-and-liquidation-rules",
            swaps=(("10,000 USD", "10,000\u00a0USD"),),
            updated="2026-04-17T09:32:20.519Z",
        ),
        Edit(
            slug="demo-exchange-to-adjust-tick-size-of-spot-pairs-apr-13-2026",
            title="Demo Exchange to adjust tick size of three spot pairs",
            updated="2026-04-17T06:41:33.872Z",
        ),
        Edit(
            slug="funding-interval-of-brksusdt-becomes-4-hours",
            section="announcements-trading-updates",
            updated="2026-04-17T07:05:28.340Z",
        ),
        Edit(
            slug="simple-earn-product-terms",
            new_slug="simple-earn-terms-and-conditions",
            updated="2026-04-17T12:20:50.611Z",
        ),
        Edit(slug="scheduled-wallet-maintenance-march-2026", is_listed=False),
        Edit(
            slug="demo-exchange-to-delist-harrow-hrw-perpetual-futures",
            is_listed=False,
            answer="gone",
        ),
        # White space alone, under an unchanged date.
        Edit(
            slug="lead-trader-how-do-i-carry-out-spot-lead-trades",
            swaps=(("500 USDT", "500\u00a0USDT"), ("copied before they", "copied  before they")),
        ),
    ),
    3: (
        Edit(
            slug="how-do-i-set-up-a-recurring-buy-plan",
            swaps=(("0.12%", "0.10%"),),
            updated="2026-04-18T08:03:19.457Z",
        ),
        # One sentence at the foot of four articles.
        *(
            Edit(slug=slug, swaps=((OLD_DISCLAIMER, NEW_DISCLAIMER),), updated=updated)
            for slug, updated in (
                ("spot-trading-fee-schedule", "2026-04-18T10:15:01.330Z"),
                ("withdrawal-limits-by-verification-level", "2026-04-18T10:15:27.914Z"),
                ("introduction-to-the-perpetual-futures-funding-fee", "2026-04-18T10:16:02.085Z"),
                ("risk-and-compliance-disclosure", "2026-04-18T10:16:44.709Z"),
            )
        ),
        Edit(
            slug="demo-exchange-to-list-verdane-vrdn-for-spot-trading",
            swaps=(("April 20, 2026, 10:00", "April 22, 2026, 10:00"),),
            title="Demo Exchange to postpone the listing of Verdane (VRDN)",
            updated="2026-04-18T13:38:55.146Z",
        ),
        Edit(slug="proof-of-reserves-for-march-2026", updated="2026-04-18T06:52:10.803Z"),
        Edit(slug="scheduled-wallet-maintenance-march-2026", is_listed=True),
        Edit(
            slug="demo-exchange-to-delist-harrow-hrw-perpetual-futures",
            is_listed=True,
            answer="article",
        ),
        Edit(slug="simple-earn-to-support-quillon-qln", is_listed=False),
        Edit(slug="withdrawals-of-pelt-have-resumed", is_listed=False, answer="home"),
        Edit(
            slug="why-did-my-identity-verification-fail",
            swaps=(("up to 10 MB in", "up to 10\u00a0MB  in"),),
        ),
    ),
}
# One translation follows its original on the same day, one does not at all (`days.BEHIND`).
_ZH_HANS: Mapping[int, tuple[Edit, ...]] = {
    2: (
        Edit(
            slug="what-do-i-need-to-do-when-i-change-my-country-of-residence",
            swaps=(("香港和马来西亚", "香港、马来西亚和泰国"),),
            updated="2026-04-17T10:30:00.000Z",
        ),
    ),
}
EDITS: Mapping[str, Mapping[int, tuple[Edit, ...]]] = {"en": _ENGLISH, "zh-hans": _ZH_HANS}
"""Locale -> day -> what the editors do."""
