"""A help centre at two instants -> what lies between them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from db.kinds import Status
from db.records import ArticleState
from tracker.text import same_title

DifferenceKind = Literal["added", "gone", "edited", "retitled", "moved", "readdressed"]
DIFFERENCE_KINDS: tuple[DifferenceKind, ...] = DifferenceKind.__args__


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleThen:
    """One article as it was known at an instant."""

    state: ArticleState
    version_number: int | None
    """None where its page was not read yet."""
    read_at: datetime | None
    """The last reading of its page up to the instant."""
    listings: tuple[str, ...] = ()
    """'kind/slug' of the listings that named it."""
    is_read_in_doubt: bool = False
    """Its state is what a crawl in doubt read: suspect, and accepted by nobody."""
    status_in_doubt: Status | None = None
    """The status that a crawl in doubt gave it. It is not believed: `state` has the one before."""

    @property
    def is_in_doubt(self) -> bool:
        return self.is_read_in_doubt or self.status_in_doubt is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteThen:
    """A help centre as it was known at an instant."""

    site: str
    base_url: str
    at: datetime
    last_crawl_at: datetime | None
    """Start of the last complete crawl up to the instant; None: only single pages were known."""
    next_crawl_at: datetime | None
    articles: Mapping[int, ArticleThen]
    """All that were known, in the order of the help centre; gone ones too."""

    @property
    def present(self) -> tuple[ArticleThen, ...]:
        """The articles that were there: listed, or in no listing and still answering."""
        return tuple(a for a in self.articles.values() if a.state.status != "removed")

    @property
    def in_doubt_count(self) -> int:
        """Of those that were there, how many a crawl in doubt tells of."""
        return sum(article.is_in_doubt for article in self.present)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs. `before` and `after` are None for a text."""

    kind: DifferenceKind
    article: ArticleState
    """As it was at the later instant; at the earlier one where it was not known any more."""
    before: str | None = None
    after: str | None = None
    is_in_doubt: bool = False
    """At one of the two instants the article is as a crawl in doubt read it."""


SameText = Callable[[ArticleState, ArticleState], bool]
"""Whether two states of an article, both with a version, have the same text; like with like."""


def compare(before: SiteThen, after: SiteThen, same_text: SameText) -> tuple[Difference, ...]:
    """What differs between two instants, by kind, then in the order of the help centre.

    Only the two ends are compared: what changed and changed back within is no difference.
    """
    found = [
        replace(difference, is_in_doubt=_is_read_in_doubt(article_id, before, after))
        for article_id in {**after.articles, **before.articles}
        for difference in _differences(
            before.articles.get(article_id), after.articles.get(article_id), same_text
        )
    ]
    return tuple(sorted(found, key=lambda one: DIFFERENCE_KINDS.index(one.kind)))


def _is_read_in_doubt(article_id: int, *sites: SiteThen) -> bool:
    return any(
        site.articles[article_id].is_read_in_doubt for site in sites if article_id in site.articles
    )


def _differences(
    old: ArticleThen | None, new: ArticleThen | None, same_text: SameText
) -> Iterator[Difference]:
    was = old.state if old else None
    now = new.state if new else None
    was_listed = was is not None and was.status == "listed"
    is_listed = now is not None and now.status == "listed"
    if is_listed and not was_listed:
        yield Difference(kind="added", article=now, before=was and was.status, after="listed")
    if was_listed and not is_listed:
        yield Difference(kind="gone", article=now or was, before="listed", after=now and now.status)
    if was is None or now is None:
        return
    texts = (was.version_id, now.version_id)
    if None not in texts and texts[0] != texts[1] and not same_text(was, now):
        yield Difference(kind="edited", article=now)
    if not same_title(was.title, now.title):
        yield Difference(kind="retitled", article=now, before=was.title, after=now.title)
    if None not in texts and (moved := _moved(was, now)):
        yield Difference(kind="moved", article=now, before=moved[0], after=moved[1])
    if was.slug and now.slug and was.slug != now.slug:
        yield Difference(kind="readdressed", article=now, before=was.slug, after=now.slug)


def _moved(was: ArticleState, now: ArticleState) -> tuple[str, str] | None:
    """Section slugs, else category slugs, where both are known and differ.

    Only its own page says where an article belongs; a listing may show it in any place.
    """
    for name in ("section_slug", "category_slug"):
        old, new = getattr(was, name), getattr(now, name)
        if old and new and old != new:
            return old, new
    return None
