"""Changes of several crawls -> what they come to: for each article one net change with its steps.

An edit that was taken back comes to nothing; it is still told, since a page that said something
else for a day did say it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from db.kinds import SEVERITIES, ChangeKind
from db.records import Change
from tracker.groups import Keyed, group, named
from tracker.text import same_title

SameText = Callable[[int, int], bool]
"""Whether two versions (by id) have the same text, like compared with like."""

_PRESENCE: frozenset[ChangeKind] = frozenset({"new", "unlisted", "removed", "relisted"})
_TEXT: tuple[ChangeKind, ...] = ("updated", "silent_edit")
_FACETS: tuple[tuple[ChangeKind, ...], ...] = (_TEXT, ("retitled",), ("moved",), ("readdressed",))
"""What may differ of an article that is there before and after; a date that moved besides joins
the first of them that differs."""
_ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetChange:
    """What some changes of one article come to."""

    change: Change
    steps: tuple[Change, ...] = ()
    """The changes that it sums up, oldest first; none where it is one change as it was found."""
    is_taken_back: bool = False
    """The end is the beginning: nothing differs, and `change` is the last step."""


def fold(changes: Iterable[Change], same_text: SameText) -> tuple[NetChange, ...]:
    """The net changes of a period, from all changes of its crawls.

    An article that came, or that went, has one net change with all else as its steps. Else its
    text, title, place and address have one each. Severity is the highest of the steps, and what
    the watchlist matched is joined. Single changes come out as they went in.
    """
    by_article: dict[int, list[Change]] = {}
    for change in sorted(changes, key=_in_time):
        by_article.setdefault(change.article_id, []).append(change)
    nets = [net for steps in by_article.values() for net in _nets(steps, same_text)]
    told = group([Keyed(net.change, _event_key(net)) for net in nets])
    return tuple(replace(net, change=change) for net, change in zip(nets, told, strict=True))


def _in_time(change: Change) -> tuple[datetime, int]:
    return change.detected_at or datetime.min.replace(tzinfo=UTC), change.id or 0


def _event_key(net: NetChange) -> str | None:
    """Articles that went through the same grouped steps went through one event."""
    keys = [step.detail.get("group", {}).get("key") for step in net.steps]
    if not keys or net.is_taken_back or None in keys:
        return None
    return named("net", net.change.kind, *keys)


def _nets(steps: Sequence[Change], same_text: SameText) -> Iterator[NetChange]:
    """The net changes of one article; its steps are in order."""
    passages = [step for step in steps if step.kind in _PRESENCE]
    if not passages:
        yield from _differences(steps, same_text)
        return
    was, now = _status_before(passages[0]), _status_after(passages[-1])
    if was == _ABSENT:
        yield _appeared(steps, passages) if now == "listed" else _came_and_went(steps, passages)
        return
    if was != now and now != "listed":
        yield _net(passages[-1].kind, passages, steps)
        return
    yield _net(passages[-1].kind, passages, passages, is_taken_back=was == now)
    yield from _differences([step for step in steps if step not in passages], same_text)


def _status_before(first: Change) -> str:
    if first.kind == "new":
        return _ABSENT
    return first.detail.get("was") or ("removed" if first.kind == "relisted" else "listed")


def _status_after(last: Change) -> str:
    return "listed" if last.kind in ("new", "relisted") else last.kind


def _appeared(steps: Sequence[Change], passages: Sequence[Change]) -> NetChange:
    """New in the period and there at its end, with the text that it has at its end."""
    net = _net("new", passages[:1], steps)
    read = [step.to_version_id for step in steps if step.to_version_id is not None]
    change = replace(net.change, to_version_id=read[-1] if read else None)
    return replace(net, change=change)


def _came_and_went(steps: Sequence[Change], passages: Sequence[Change]) -> NetChange:
    return _net(passages[-1].kind, passages, steps, is_taken_back=True)


def _differences(steps: Sequence[Change], same_text: SameText) -> Iterator[NetChange]:
    """The net change of each facet of an article that is there all the time."""
    facets = [[s for s in steps if s.kind in kinds] for kinds in _FACETS]
    facets = [own for own in facets if own]
    back = [len(own) > 1 and _is_back(own, same_text) for own in facets]
    stamps = [step for step in steps if step.kind == "touched"]
    lasting = next((own for own, is_back in zip(facets, back, strict=True) if not is_back), None)
    for own, is_back in zip(facets, back, strict=True):
        joined = [*own, *stamps] if own is lasting else own
        yield _net(_kind(own), own, sorted(joined, key=_in_time), is_taken_back=is_back)
    if stamps and lasting is None:
        is_back = len(stamps) > 1 and stamps[0].before == stamps[-1].after
        yield _net("touched", stamps, stamps, is_taken_back=is_back)


def _kind(own: Sequence[Change]) -> ChangeKind:
    """Of several edits, `updated` as soon as the page's date vouches for one of them."""
    kinds = {step.kind for step in own}
    return "updated" if "updated" in kinds else own[-1].kind


def _is_back(own: Sequence[Change], same_text: SameText) -> bool:
    first, last = own[0], own[-1]
    if first.kind in _TEXT:
        ends = (first.from_version_id, last.to_version_id)
        return None not in ends and same_text(*ends)
    if first.kind == "retitled":
        return same_title(first.before or "", last.after or "")
    if first.kind == "moved":
        return first.before == last.after and _category_is_back(own)
    return first.before == last.after


def _category_is_back(own: Sequence[Change]) -> bool:
    moves = [step.detail["category"] for step in own if "category" in step.detail]
    return not moves or moves[0]["before"] == moves[-1]["after"]


def _net(
    kind: ChangeKind,
    own: Sequence[Change],
    steps: Sequence[Change],
    *,
    is_taken_back: bool = False,
) -> NetChange:
    """`own` are the steps that the net change is made of; `steps` are told beneath it."""
    if len(steps) == 1:
        return NetChange(change=steps[0], is_taken_back=is_taken_back)
    first, last = own[0], own[-1]
    change = replace(
        last,
        kind=kind,
        severity=min((step.severity for step in steps), key=SEVERITIES.index),
        from_version_id=first.from_version_id,
        before=first.before,
        after=last.after,
        detail=_detail(own, steps),
    )
    return NetChange(change=change, steps=tuple(steps), is_taken_back=is_taken_back)


def _detail(own: Sequence[Change], steps: Sequence[Change]) -> dict[str, Any]:
    """What is to be known of the last step, with all that the watchlist matched on the way.

    What a single step touched, and its group, are told with the step.
    """
    detail = {k: v for k, v in own[-1].detail.items() if k not in ("group", "touched", "watch")}
    if "category" in own[0].detail and "category" in detail:
        detail["category"] = {**detail["category"], "before": own[0].detail["category"]["before"]}
    if "was" in own[0].detail:
        detail["was"] = own[0].detail["was"]
    else:
        detail.pop("was", None)
    if watch := _joined_watch(step.detail.get("watch", ()) for step in steps):
        detail["watch"] = watch
    return detail


def _joined_watch(found: Iterable[Iterable[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    joined: dict[tuple[str, str], dict[str, None]] = {}
    for rules in found:
        for rule in rules:
            words = joined.setdefault((rule["label"], rule["severity"]), {})
            words.update(dict.fromkeys(rule["words"]))
    return [
        {"label": label, "severity": severity, "words": list(words)}
        for (label, severity), words in joined.items()
    ]
