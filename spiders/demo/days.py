"""The demo's three days, and the truth about them: what a correct differ must find, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

DAYS: Mapping[int, datetime] = {
    1: datetime(2026, 4, 17, 6, 0, tzinfo=UTC),
    2: datetime(2026, 4, 18, 6, 0, tzinfo=UTC),
    3: datetime(2026, 4, 19, 6, 0, tzinfo=UTC),
}
"""When the centre is crawled; each day's pages are those of that instant."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change to be found. `slug` is the article's on the later day, or its last one if gone."""

    kind: str
    slug: str
    note: str


EVENTS: Mapping[int, tuple[Event, ...]] = {
    2: (
        Event("new", "how-do-i-download-my-annual-account-statement", "a new FAQ article"),
        Event("new", "demo-exchange-to-list-verdane-vrdn-for-spot-trading", "a new listing"),
        Event("updated", "how-do-i-set-up-a-recurring-buy-plan", "fee 0.10% -> 0.12%"),
        Event(
            "updated",
            "why-is-my-deposit-not-credited-even-when-all-information-is-correct",
            "time to answer 30 days -> 14 days",
        ),
        Event(
            "silent_edit",
            "what-do-i-need-to-do-when-i-change-my-country-of-residence",
            "Thailand joins the countries not served",
        ),
        Event(
            "silent_edit",
            "withdrawal-limits-by-verification-level",
            "limits of level 1: 10,000 USDT -> 8,000 USDT, 100,000 USDT -> 80,000 USDT",
        ),
        Event("touched", "affiliate-faq", "mass stamp"),
        Event("touched", "how-to-prevent-phishing-emails", "mass stamp"),
        Event(
            "touched",
            "what-should-i-do-when-my-web3-wallet-btc-balance-is-insufficient",
            "mass stamp",
        ),
        Event(
            "touched",
            "how-do-i-track-my-assets-when-trading-in-spot-and-futures-mode",
            "mass stamp, and white space in the text",
        ),
        Event("touched", "api-rate-limits", "mass stamp"),
        Event(
            "touched",
            "margin-and-liquidation-rules",
            "mass stamp, a no-break space in the text, and another address of its image",
        ),
        Event(
            "retitled",
            "demo-exchange-to-adjust-tick-size-of-spot-pairs-apr-13-2026",
            "spot pairs -> three spot pairs; its updated date moves, hidden from readers",
        ),
        Event(
            "moved",
            "funding-interval-of-brksusdt-becomes-4-hours",
            "announcements-others -> announcements-trading-updates",
        ),
        Event(
            "readdressed",
            "simple-earn-terms-and-conditions",
            "was simple-earn-product-terms, which answers 301",
        ),
        Event("unlisted", "scheduled-wallet-maintenance-march-2026", "its address still answers"),
        Event("removed", "demo-exchange-to-delist-harrow-hrw-perpetual-futures", "404"),
    ),
    3: (
        Event(
            "new",
            "notice-to-customers-in-turkey-and-india-on-withdrawals",
            "back-dated: published March 30, created on April 18",
        ),
        Event(
            "updated",
            "how-do-i-set-up-a-recurring-buy-plan",
            "fee 0.12% -> 0.10%: reverts to the text of day 1",
        ),
        Event("updated", "spot-trading-fee-schedule", "group: the disclaimer"),
        Event("updated", "withdrawal-limits-by-verification-level", "group: the disclaimer"),
        Event(
            "updated",
            "introduction-to-the-perpetual-futures-funding-fee",
            "group: the disclaimer",
        ),
        Event("updated", "risk-and-compliance-disclosure", "group: the disclaimer"),
        Event(
            "updated",
            "demo-exchange-to-list-verdane-vrdn-for-spot-trading",
            "trading opens April 20 -> April 22",
        ),
        Event(
            "retitled",
            "demo-exchange-to-list-verdane-vrdn-for-spot-trading",
            "to list -> to postpone the listing; two kinds on one article",
        ),
        Event(
            "touched",
            "proof-of-reserves-for-march-2026",
            "a stamp hidden from readers, and another address of its image",
        ),
        Event(
            "relisted",
            "scheduled-wallet-maintenance-march-2026",
            "unlisted on day 2",
        ),
        Event(
            "relisted",
            "demo-exchange-to-delist-harrow-hrw-perpetual-futures",
            "removed on day 2",
        ),
        Event("unlisted", "simple-earn-to-support-quillon-qln", "its address still answers"),
        Event("removed", "withdrawals-of-pelt-have-resumed", "leads to the help home page"),
    ),
}
"""Day -> the changes since the day before, by the kinds of change that helpwatch tells apart.

The silent edits show only to a crawler that asks for the article itself: no listing tells of them.
"""

NOISE: Mapping[int, tuple[str, ...]] = {
    2: (
        "lead-trader-how-do-i-carry-out-spot-lead-trades",
        "whats-okx-security-assistant",
        "proof-of-reserves-for-march-2026",
    ),
    3: (
        "why-did-my-identity-verification-fail",
        "whats-okx-security-assistant",
        "margin-and-liquidation-rules",
    ),
}
"""Day -> articles whose bytes moved by white space or the address of an image, and nothing else."""

SURGES: Mapping[str, tuple[int, int, int]] = {
    "how-do-i-add-my-emergency-contact": (265, 281, 1_940),
    "how-do-i-fix-errors-when-submitting-my-institutional-verification": (60, 64, 702),
}
"""Slug -> views on days 1, 2 and 3, for the two articles that surge."""

ZH_HANS_EVENTS: Mapping[int, tuple[Event, ...]] = {
    2: (
        Event(
            "updated",
            "what-do-i-need-to-do-when-i-change-my-country-of-residence",
            "follows the English text on the same day",
        ),
    ),
    3: (),
}
"""The same for the Chinese articles."""

BEHIND: Mapping[int, tuple[str, ...]] = {
    2: (
        "how-do-i-set-up-a-recurring-buy-plan",
        "why-is-my-deposit-not-credited-even-when-all-information-is-correct",
    ),
    3: ("why-is-my-deposit-not-credited-even-when-all-information-is-correct",),
}
"""Day -> Chinese articles whose text is older than the last change of the English one. On day 3 the
English fee is again what the Chinese text says.
"""
