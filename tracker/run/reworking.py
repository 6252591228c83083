"""Changes that an older capture, recorded later, shows in another light: worked out once more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from db import queries, states
from db.kinds import READING_KINDS
from db.records import Change, Reworked
from db.store import Store
from spiders import sites
from tracker import changes
from tracker.health import Health
from tracker.run.config import Config


def reworked(store: Store, config: Config, crawl_id: int) -> Iterator[Reworked]:
    """What the crawls that follow in time told of the articles of which this one knows more.

    Only what two readings tell is worked out again: presence rests on the crawl itself. What comes
    out as it was told is left alone.
    """
    for later_id, article_ids in states.displaced(store.connection, crawl_id).items():
        yield from _reworked_crawl(store, config, crawl_id, later_id, article_ids)


def reworked_by_acceptance(store: Store, config: Config, crawl_id: int) -> Iterator[Reworked]:
    """The same for a crawl that was just accepted, as far as nobody was told otherwise.

    Crawls that are still in doubt, and those that were there before an import, are compared with
    it; what crawls recorded after it have told without it stands.
    """
    connection = store.connection
    for later_id, article_ids in states.displaced(connection, crawl_id).items():
        health = queries.crawl(connection, later_id).health
        if later_id < crawl_id or (health and Health.from_json(health).is_in_doubt):
            yield from _reworked_crawl(store, config, crawl_id, later_id, article_ids)


def _reworked_crawl(
    store: Store, config: Config, crawl_id: int, later_id: int, article_ids: Sequence[int]
) -> Iterator[Reworked]:
    kind = queries.crawl(store.connection, crawl_id).kind
    why = {"import" if kind == "import" else "accepted": crawl_id}
    told = queries.changes(store.connection, crawl_ids=[later_id])
    found = _compared_again(store, config, later_id, article_ids, told)
    for article_id in article_ids:
        was, now = (
            [c for c in some if c.article_id == article_id and c.kind in READING_KINDS]
            for some in (told, found)
        )
        if sorted(map(_facts, was)) != sorted(map(_facts, now)):
            yield Reworked(
                crawl_id=later_id,
                article_id=article_id,
                changes=[replace(c, detail={**c.detail, "reworked": why}) for c in now],
            )


def _compared_again(
    store: Store,
    config: Config,
    crawl_id: int,
    article_ids: Sequence[int],
    told: Sequence[Change],
) -> list[Change]:
    connection = store.connection
    before, after = states.states_of(connection, crawl_id, article_ids)
    if store.read_alike(before, after):
        before, after = states.states_of(connection, crawl_id, article_ids)
    crawl = queries.crawl(connection, crawl_id)
    base_url = config.site(crawl.site).base_url
    sighting = states.sighting(connection, crawl_id)
    comparison = changes.compare(
        before,
        after,
        replace(sighting, seen=frozenset(), concludes_absence=False),
        zone=sites.load(crawl.site).TIME_ZONE,
        own_origin=base_url,
        rules=config.rules(),
        groups=_groups(told, article_ids),
    )
    found = list(comparison.changes)
    if crawl.health and Health.from_json(crawl.health).is_in_doubt:
        found = [in_doubt(change) for change in found]
    if crawl.kind == "import":
        return at_their_own_time(found, states.observed_at(connection, crawl_id))
    return found


def _groups(told: Sequence[Change], article_ids: Sequence[int]) -> dict[str, int]:
    """The groups that the crawl told, without the articles that are looked at again."""
    return {
        change.detail["group"]["key"]: change.detail["group"]["size"]
        for change in told
        if "group" in change.detail and change.article_id not in article_ids
    }


def _facts(change: Change) -> tuple[str, ...]:
    """What a change says, whatever its detail."""
    facts = (
        change.kind,
        change.from_version_id,
        change.to_version_id,
        change.before,
        change.after,
    )
    return tuple(str(fact) for fact in facts)


def in_doubt(change: Change) -> Change:
    """The change as a suspect crawl shows it: kept, marked, and not told before it is accepted."""
    return replace(change, detail={**change.detail, "suspect": True})


def at_their_own_time(found: Sequence[Change], seen_at: Mapping[int, object]) -> list[Change]:
    """An import's captures may lie hours apart: each change is told under the time of its own."""
    return [
        replace(change, detected_at=seen_at.get(change.article_id, change.detected_at))
        for change in found
    ]
