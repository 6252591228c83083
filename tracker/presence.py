"""Whether an article is listed, in no listing any more or gone, as far as one crawl can tell."""

from db.kinds import Status
from db.records import ArticleState, ListingCoverage, Sighting


def new_status(old: ArticleState, now: ArticleState, sighting: Sighting) -> Status | None:
    """The article's new status; None where it stays, or where nothing can be concluded.

    A baseline settles it too, without a word: what is gone by then is no news of the next crawl.
    """
    if old.article_id in sighting.seen:
        return "listed" if old.status != "listed" else None
    if not sighting.concludes_absence:
        return None
    answer = sighting.answers.get(old.article_id, "unknown")
    if answer == "gone" and _was_sought(old, sighting):
        return "removed" if old.status != "removed" else None
    if answer in ("answers", "replaced") and _was_sought(old, sighting):
        if old.status == "listed":
            is_sure = _cannot_have_shifted(old, sighting) and _cannot_have_moved(old, now, sighting)
            return "unlisted" if is_sure else None
        if old.status == "removed" and answer == "answers":
            # It may be listed anywhere by now: only a full reading shows otherwise.
            return "unlisted" if old.locale in sighting.locales_read else None
    return None


def _was_sought(old: ArticleState, sighting: Sighting) -> bool:
    """Every listing that held the article was read to its end, and the article was not there.

    A listed article that no listing ever held (an imported page) was never to be found there, so
    its absence says nothing. Once unlisted, no listing holds it and its address alone decides. A
    listing that itself went is as good as empty where the whole locale was read.
    """
    if old.status != "listed":
        return True
    holders = sighting.held_by.get(old.article_id, frozenset())
    listings = sighting.listings
    return bool(holders) and all(
        listings[listing].is_complete
        if listing in listings
        else old.locale in sighting.locales_read
        for listing in holders
    )


def _cannot_have_shifted(old: ArticleState, sighting: Sighting) -> bool:
    """No holding listing misses more entries than it always does.

    An article that slipped from one page to another while they were read is missed in a complete
    listing; the listing then claims one entry more than was seen.
    """
    listings = sighting.listings
    return all(
        _gap_is_usual(listings[listing])
        for listing in sighting.held_by[old.article_id]
        if listing in listings
    )


def _cannot_have_moved(old: ArticleState, now: ArticleState, sighting: Sighting) -> bool:
    """The section that its own page names was read to its end too, if it still is any.

    Where the page names another one than before, that one may have been read before the move: the
    next crawl will show.
    """
    sections = {old.section_slug, now.section_slug}
    if None not in sections and len(sections) == 2:
        return False
    own = [
        listing
        for listing in sighting.listings.values()
        if (listing.locale, listing.kind, listing.slug) == (now.locale, "section", now.section_slug)
    ]
    if own:
        return all(listing.is_complete and _gap_is_usual(listing) for listing in own)
    return now.locale in sighting.locales_read


def _gap_is_usual(listing: ListingCoverage) -> bool:
    return listing.gap == 0 or (
        listing.earlier_gap is not None and listing.gap <= listing.earlier_gap
    )
