"""The demo's categories and sections, and the flags that decide what its pages show."""

import hashlib
from dataclasses import dataclass

ORIGIN = "https://help.demo.example"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def stable_id(name: str) -> str:
    """An id of 22 letters and digits, as content systems give them, always the same for a name."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest())
    letters = []
    for _ in range(22):
        number, digit = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[digit])
    return "".join(letters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`lists_all` marks the tag that lists every article of its category."""

    slug: str
    title: str
    description: str
    parent: str | None = None
    lists_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """`tab` and `label` are its names on a search page and in a search row: they differ there."""

    slug: str
    title: str
    tab: str
    label: str
    shows_updated_date: bool
    shows_views: bool
    sections: tuple[Section, ...]

    @property
    def first_is_tag(self) -> bool:
        return self.sections[0].lists_all

    @property
    def top_sections(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if not section.parent)

    def below(self, section: Section) -> tuple[Section, ...]:
        return tuple(other for other in self.sections if other.parent == section.slug)


FAQ = Category(
    slug="faq",
    title="FAQ",
    tab="FAQ",
    label="FAQ",
    shows_updated_date=True,
    shows_views=True,
    sections=(
        Section(
            slug="faq-identity-verification",
            title="Identity verification",
            description="Verify who you are and where you live",
        ),
        Section(
            slug="faq-institutional-verification",
            title="Institutional verification",
            description="Verification of companies and funds",
            parent="faq-identity-verification",
        ),
        Section(
            slug="faq-account-and-security",
            title="Account and security",
            description="Sign in safely and keep others out",
        ),
        Section(
            slug="faq-trading",
            title="Trading",
            description="Orders, plans and copy trading",
        ),
        Section(
            slug="faq-deposits-and-wallets",
            title="Deposits and wallets",
            description="Money in, money out, and wallets of your own",
        ),
        Section(
            slug="faq-affiliates",
            title="Affiliates",
            description="The affiliate programme",
        ),
    ),
)
FAQ_ZH_HANS = Category(
    slug="faq",
    title="常见问题",
    tab="常见问题",
    label="常见问题",
    shows_updated_date=True,
    shows_views=True,
    sections=(
        Section(
            slug="faq-identity-verification",
            title="身份认证",
            description="证明您是谁、住在哪里",
        ),
        Section(
            slug="faq-trading",
            title="交易",
            description="订单、定投与跟单",
        ),
        Section(
            slug="faq-deposits-and-wallets",
            title="充值与钱包",
            description="充值、提币和自己的钱包",
        ),
    ),
)
ANNOUNCEMENTS = Category(
    slug="announcements",
    title="Announcements",
    tab="Announcements",
    label="Announcements",
    shows_updated_date=False,
    shows_views=False,
    sections=(
        Section(
            slug="announcements-latest-announcements",
            title="Latest announcements",
            description="All that we announced, newest first",
            lists_all=True,
        ),
        Section(
            slug="announcements-new-listings",
            title="New listings",
            description="Tokens and pairs that join",
        ),
        Section(
            slug="announcements-delistings",
            title="Delistings",
            description="Tokens and pairs that leave",
        ),
        Section(
            slug="announcements-trading-updates",
            title="Trading updates",
            description="Tick sizes, tiers and funding",
        ),
        Section(
            slug="announcements-deposit-withdrawal-suspension",
            title="Deposit/withdrawal suspension",
            description="Networks that pause and resume",
        ),
        Section(
            slug="announcements-others",
            title="Others",
            description="Terms, regions and reserves",
        ),
    ),
)
PRODUCT_DOCUMENTS = Category(
    slug="product-documents",
    title="Product documents",
    tab="Product documents",
    label="Product documentation",
    shows_updated_date=True,
    shows_views=False,
    sections=(
        Section(
            slug="product-documents-fees-and-limits",
            title="Fees and limits",
            description="What things cost and how much may move",
        ),
        Section(
            slug="product-documents-trading-rules",
            title="Trading rules",
            description="How derivatives and margin work",
        ),
        Section(
            slug="product-documents-terms",
            title="Terms and disclosures",
            description="What you agree to and what to know first",
        ),
    ),
)
CATEGORIES = (FAQ, ANNOUNCEMENTS, PRODUCT_DOCUMENTS)
SECTIONS = {section.slug: section for category in CATEGORIES for section in category.sections}
