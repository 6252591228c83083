"""Two site states -> changes: what happened to which article between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from db.kinds import ChangeKind, Status
from db.moments import Moment, to_text
from db.records import ArticleState, Change, Sighting, SiteState, Version
from tracker import watchlist
from tracker.groups import Keyed, edit_key, group, named
from tracker.presence import new_status
from tracker.text import is_same, same_moment, same_title
from tracker.textdiff import TextDiff, diff
from tracker.watchlist import WatchRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two states and one crawl's sighting conclude."""

    changes: tuple[Change, ...]
    """By article id, then in the order of the contract's kinds."""
    statuses: Mapping[int, Status]
    """article_id -> its status from now on, where that differs from the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What every step of one comparison looks at."""

    before: SiteState
    after: SiteState
    sighting: Sighting
    zone: tzinfo
    own_origin: str | None
    rules: Sequence[WatchRule]

    def reports_readings(self, locale: str) -> bool:
        """Whether two readings of an article in this locale may be told apart.

        Before its baseline a locale yields nothing; an import brings its own two readings.
        """
        return self.sighting.is_import or locale in self.sighting.baseline_locales


def compare(
    before: SiteState,
    after: SiteState,
    sighting: Sighting,
    *,
    zone: tzinfo,
    own_origin: str | None = None,
    rules: Sequence[WatchRule] = (),
    groups: Mapping[str, int] = MappingProxyType({}),
) -> Comparison:
    """The changes between two states, each with its severity under the watchlist's `rules`, and the
    statuses that follow from what the crawl saw.

    `after` holds every article of `before`; the status in it is the one stored before this
    comparison. `groups` are those (key -> size) that the crawl told of other
    articles, where only some are compared again. `zone` is the one in which the site's visible
    dates are days, `own_origin` the site's canonical origin, in front of which a locale is no
    difference.
    """
    scene = _Scene(
        before=before,
        after=after,
        sighting=sighting,
        zone=zone,
        own_origin=own_origin,
        rules=rules,
    )
    found: list[Keyed] = []
    statuses: dict[int, Status] = {}
    for article_id, now in sorted(after.articles.items()):
        old = before.articles.get(article_id)
        if old is None:
            found += _arrival(now, scene)
            if article_id in sighting.seen and now.status != "listed":
                statuses[article_id] = "listed"
            continue
        status = new_status(old, now, scene.sighting)
        found += _differences(old, now, scene)
        if status is not None:
            statuses[article_id] = status
            found += _passage(old, now, status, scene)
    return Comparison(changes=group(found, groups), statuses=statuses)


def _arrival(now: ArticleState, scene: _Scene) -> Iterator[Keyed]:
    """`new`, where the locale was known in full before.

    An older capture of an article that another crawl saw first makes it no newer, nor does a
    section or a search that is watched from now on.
    """
    is_first = now.first_seen_crawl_id in (None, scene.sighting.crawl_id)
    is_known = now.article_id in scene.sighting.newly_watched
    if is_first and not is_known and now.locale in scene.sighting.baseline_locales:
        yield Keyed(_change("new", None, now, scene))


# Presence


def _passage(
    old: ArticleState, now: ArticleState, status: Status, scene: _Scene
) -> Iterator[Keyed]:
    """The change that goes with a new status; none for what nobody was told to be there."""
    if not scene.reports_readings(old.locale) or old.article_id in scene.sighting.unvouched:
        return
    kind: ChangeKind = "relisted" if status == "listed" else status
    detail: dict[str, Any] = {} if old.status == "listed" else {"was": old.status}
    if old.status == "removed" and status == "unlisted":
        detail["answers_again"] = True
    if status == "unlisted" and scene.sighting.answers.get(old.article_id) == "replaced":
        detail["address_taken"] = True
    yield Keyed(_change(kind, old, now if kind == "relisted" else None, scene, detail=detail))


# Readings


def _differences(old: ArticleState, now: ArticleState, scene: _Scene) -> Iterator[Keyed]:
    """What differs between two readings of one article."""
    if old == now or not scene.reports_readings(old.locale):
        return
    text = _text_change(old, now, scene)
    others = [
        change
        for change in (
            _retitled(old, now, scene),
            _moved(old, now, scene),
            _readdressed(old, now, scene),
        )
        if change is not None
    ]
    if text is not None:
        yield text
    elif not others and _date_moved(old, now, scene.zone):
        yield _touched(old, now, scene)
    yield from others


def _text_change(old: ArticleState, now: ArticleState, scene: _Scene) -> Keyed | None:
    """`updated` or `silent_edit`, where two texts were read and they differ."""
    if old.version_id is None or now.version_id is None or old.version_id == now.version_id:
        return None
    was = scene.before.versions[old.version_id]
    text = scene.after.versions[now.version_id]
    difference = diff(was.body, text.body, scene.own_origin)
    if difference.is_empty:
        return None
    detail: dict[str, Any] = _touched_facts(difference)
    reverts_to = _earlier_number(text, was, scene)
    if reverts_to is not None:
        detail["reverts_to"] = reverts_to
    # The date of a page that shows none any more is known from before, not from this reading.
    if old.updated_at is None or now.updated_at is None or text.source_updated_at is None:
        kind: ChangeKind = "updated"
        detail["date_unknown"] = True
    else:
        kind = "updated" if _date_moved(old, now, scene.zone) else "silent_edit"
        detail |= _date_notes(old, now, scene.zone)
    change = _change(kind, old, now, scene, detail=detail, difference=difference)
    return Keyed(change, edit_key(difference))


def _earlier_number(text: Version, was: Version, scene: _Scene) -> int | None:
    """Number of the latest version from before `was`, known to differ, whose text is back.

    What lies between the two was read in doubt: it is this text already, not one that it was.
    """
    for earlier in reversed(scene.after.earlier_versions.get(text.article_id, ())):
        is_before = (earlier.captured_at, earlier.id) < (was.captured_at, was.id)
        if is_before and is_same(earlier.body, text.body, scene.own_origin):
            return earlier.number
    return None


def _retitled(old: ArticleState, now: ArticleState, scene: _Scene) -> Keyed | None:
    if same_title(old.title, now.title):
        return None
    difference = diff(old.title, now.title, scene.own_origin)
    change = _change(
        "retitled", old, now, scene, old.title, now.title, detail=_touched_facts(difference)
    )
    return Keyed(change, edit_key(difference, "title"))


def _moved(old: ArticleState, now: ArticleState, scene: _Scene) -> Keyed | None:
    """Another section or category. `before` and `after` are the section's slugs where those differ.

    Only an article's own page says where it belongs: what a listing said before that page was read
    may be any of the places that show the article.
    """
    if old.version_id is None or now.version_id is None:
        return None
    section = _known_difference(old.section_slug, now.section_slug)
    category = _known_difference(old.category_slug, now.category_slug)
    if section is None and category is None:
        return None
    was, is_now = section or category
    detail = {"category": {"before": category[0], "after": category[1]}} if category else {}
    key = named("move", old.category_slug, old.section_slug, now.category_slug, now.section_slug)
    return Keyed(_change("moved", old, now, scene, was, is_now, detail=detail), key)


def _readdressed(old: ArticleState, now: ArticleState, scene: _Scene) -> Keyed | None:
    slugs = _known_difference(old.slug, now.slug)
    if slugs is None or old.source_id is None or old.source_id != now.source_id:
        return None
    return Keyed(_change("readdressed", old, now, scene, *slugs))


def _touched(old: ArticleState, now: ArticleState, scene: _Scene) -> Keyed:
    """The updated date alone moved. `text_unknown`: no page was read on one side to compare."""
    detail: dict[str, Any] = _date_notes(old, now, scene.zone)
    if old.version_id is None or now.version_id is None:
        detail["text_unknown"] = True
    change = _change(
        "touched",
        old,
        now,
        scene,
        to_text(old.updated_at),
        to_text(now.updated_at),
        detail=detail,
    )
    return Keyed(change, f"stamp:{_day(now.updated_at, scene.zone)}")


# Parts


def _known_difference(was: str | None, is_now: str | None) -> tuple[str, str] | None:
    """Both values where both are known and differ; an unknown one is no difference."""
    if was is None or is_now is None or was == is_now:
        return None
    return was, is_now


def _date_moved(old: ArticleState, now: ArticleState, zone: tzinfo) -> bool:
    """Both updated dates are known and are not the same moment; a bare date is its whole day."""
    if old.updated_at is None or now.updated_at is None or old.updated_at == now.updated_at:
        return False
    return not same_moment(old.updated_at, now.updated_at, zone)


def _date_notes(old: ArticleState, now: ArticleState, zone: tzinfo) -> dict[str, Any]:
    """What a reader should know of the dates that decided which kind this is."""
    notes: dict[str, Any] = {}
    if now.shows_updated_date is False:
        notes["hidden_date"] = True
    if _date_moved(old, now, zone) and _is_earlier(now.updated_at, old.updated_at, zone):
        notes["date_set_back"] = True
    return notes


def _is_earlier(one: Moment, other: Moment, zone: tzinfo) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return _day(one, zone) < _day(other, zone)


def _day(moment: Moment, zone: tzinfo) -> str:
    """The calendar day in the site's zone, as text; ISO days sort as days do."""
    day = moment.astimezone(zone).date() if isinstance(moment, datetime) else moment
    return day.isoformat()


def _touched_facts(difference: TextDiff) -> dict[str, Any]:
    """Figures, dates, links and the like that a difference changed, as `detail.touched`."""
    facts = [
        {"kind": fact.kind, "before": fact.before, "after": fact.after}
        for fact in difference.touched
    ]
    return {"touched": facts} if facts else {}


def _change(
    kind: ChangeKind,
    old: ArticleState | None,
    now: ArticleState | None,
    scene: _Scene,
    before: str | None = None,
    after: str | None = None,
    detail: Mapping[str, Any] | None = None,
    difference: TextDiff | None = None,
) -> Change:
    """`old` is None for an arrival, `now` for an article of which nothing new was read;
    `difference` is that of the two texts of an edit. It is looked at here, while it is at hand:
    to keep it would take more room than all else, and to work it out again as long as all else."""
    change = Change(
        article_id=(now or old).article_id,
        kind=kind,
        detected_at=scene.sighting.detected_at,
        severity=watchlist.DEFAULT_SEVERITIES[kind],
        from_version_id=old and old.version_id,
        to_version_id=now and now.version_id,
        before=before,
        after=after,
        detail=dict(detail or {}),
        crawl_id=scene.sighting.crawl_id,
    )
    article = scene.after.articles[change.article_id]
    # What is gone is judged by its last text.
    texts = scene.after.versions
    shown = texts.get(change.to_version_id) or texts.get(change.from_version_id)
    return watchlist.grade(change, article, difference, shown and shown.body, scene.rules)
