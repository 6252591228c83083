"""Spools and databases of several machines -> this database: each crawl once, each pass as a whole.

What a source's crawls recorded is recorded here in the order of time, and concluded as if it had
been crawled here. May be repeated: crawls that are known by name are passed over, what is new is
taken. A kill leaves whole crawls, the next merge goes on from there.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from db import queries
from db.copies import leave_copy
from db.errors import DatabaseUnusable
from db.merged import MergedCrawl, known_uids, merged_crawls
from db.records import Part, Site
from db.replay import Joint, replay
from db.spool import Spool, SpooledCrawl
from db.store import Store
from spiders import sites
from tracker.passes import ENDED_BY_ITSELF, passes, uncovered
from tracker.run.config import Config
from tracker.run.cycle import CycleResult, conclude, conclude_pending, tell, unread_of
from tracker.run.errors import UsageError
from tracker.run.sameness import comparer
from tracker.run.ticker import Ticker

COUNTED = ("fetches", "versions", "articles", "changes")


@dataclass(slots=True, kw_only=True)
class MergeResult:
    """What a merge took, what it knew already, and what it left out with the reason."""

    crawl_ids: list[int] = field(default_factory=list)
    """The crawls here that the new ones became, in the order of time."""
    taken_count: int = 0
    known_count: int = 0
    late_count: int = 0
    """Crawls older than what is known of their locales: kept as imports."""
    added: Counter[str] = field(default_factory=Counter)
    """Table -> rows that it has gained."""
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    cycles: list[CycleResult] = field(default_factory=list)
    """What was told of each site's newest crawl."""


def run_merge(config: Config, paths: Sequence[Path], output: Path, now: datetime) -> MergeResult:
    """Merges and concludes, then writes reports and sends messages as a cycle does.

    A source that cannot be used is left out and told. Raises UsageError for what is no source,
    DatabaseUnusable where no source is usable or the database itself is not.
    """
    _check(config, paths)
    result = MergeResult()
    sources = _look(config, paths, result)
    with Store(config.database) as store, Ticker() as tick:
        before = _counts(store)
        for name in dict.fromkeys(name for names in sources.values() for name in names):
            # The sources of one site at a time: a thousand would be more files than one may open.
            with ExitStack() as opened:
                of_site = [path for path, names in sources.items() if name in names]
                spools = _open(of_site, opened, result)
                _merge_site(store, config, name, spools, now, result, tick)
            if told := tell(store, config, name, output, now, leaves_copy=False):
                result.cycles.append(told)
        leave_copy(store.connection, output / "latest.db")
        result.added = _counts(store) - before
    return result


def _check(config: Config, paths: Sequence[Path]) -> None:
    target = Path(config.database)
    for path in paths:
        if not path.is_file():
            raise UsageError(f"There is no file {path} to merge; name spools and databases.")
        if target.exists() and path.samefile(target):
            raise UsageError(
                f"{path} is the database into which is to be merged; name the others only."
            )


def _look(
    config: Config, paths: Sequence[Path], result: MergeResult
) -> dict[Path, tuple[str, ...]]:
    """The sources that can be used, each file once, with the sites that they hold."""
    found = {}
    for path in dict.fromkeys(path.resolve() for path in paths):
        with ExitStack() as opened:
            for spool in _open([path], opened, result, is_first=True):
                found[path] = tuple(site.name for site in spool.sites())
                _check_sites(config, spool)
    if not found:
        raise DatabaseUnusable(result.skipped[0][1])
    return found


def _open(
    paths: Sequence[Path], opened: ExitStack, result: MergeResult, *, is_first: bool = False
) -> list[Spool]:
    spools = []
    for path in paths:
        try:
            spools.append(opened.enter_context(Spool(path, looks_through=is_first)))
        except DatabaseUnusable as error:
            result.skipped.append((path, str(error)))
    return spools


def _check_sites(config: Config, spool: Spool) -> None:
    """The same name must mean the same help centre, and its readers must be known."""
    for site in spool.sites():
        if site.name not in config.sites:
            raise UsageError(
                f"{spool.path} holds the site {site.name!r}, which the configuration does not "
                f"name; write a table [sites.{site.name}]."
            )
        expected = config.site(site.name).base_url
        if site.base_url != expected:
            raise UsageError(
                f"{spool.path} has {site.name!r} at {site.base_url}, the configuration at "
                f"{expected}; give both the same base_url."
            )


def _counts(store: Store) -> Counter[str]:
    return Counter(
        {
            table: store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in COUNTED
        }
    )


def _merge_site(
    store: Store,
    config: Config,
    name: str,
    spools: Sequence[Spool],
    now: datetime,
    result: MergeResult,
    tick: Ticker,
) -> None:
    conclude_pending(store, config, name, now)
    base_url = config.site(name).base_url
    site = store.site(name, base_url)
    store.compare_with(comparer(sites.load(name), base_url))
    fresh, before = _fresh(store, name, spools, result), result.taken_count
    merged = [crawl for crawl in merged_crawls(store.connection, site.id) if crawl.kind == "crawl"]
    for members in passes([*merged, *fresh], _wanted(config, name)):
        new = [crawl for crawl in members if isinstance(crawl, SpooledCrawl)]
        mates = [crawl for crawl in members if isinstance(crawl, MergedCrawl)]
        for joint in _joints(store, config, site, new, mates):
            tick(f"Merging crawls of {name}", result.taken_count - before, len(fresh))
            crawl_id = replay(store, joint)
            conclude(store, config, crawl_id, now)
            result.crawl_ids.append(crawl_id)
            result.taken_count += len(joint.members)
            result.late_count += joint.kind != joint.members[0].kind


def _fresh(
    store: Store, name: str, spools: Sequence[Spool], result: MergeResult
) -> list[SpooledCrawl]:
    """The crawls of a site that are not known here, each once."""
    known = set(known_uids(store.connection))
    fresh = []
    for spool in spools:
        of_site = [site for site in spool.sites() if site.name == name]
        for crawl in (crawl for site in of_site for crawl in spool.crawls(site)):
            of_it_known = crawl.made_of & known
            if crawl.uid in known or (of_it_known and of_it_known == crawl.made_of):
                result.known_count += 1
            elif of_it_known:
                why = (
                    f"Its crawl {crawl.id} was merged from several, of which only some are known "
                    "here: merge the spools themselves."
                )
                result.skipped.append((spool.path, why))
            else:
                fresh.append(crawl)
            known |= {crawl.uid, *crawl.made_of}
    return fresh


def _joints(
    store: Store,
    config: Config,
    site: Site,
    new: Sequence[SpooledCrawl],
    mates: Sequence[MergedCrawl],
) -> list[Joint]:
    """What the new crawls of one pass become: one crawl, but for those that come too late."""
    carried = sorted({mate.crawl_id for mate in mates})
    of_pass = [*carried, *_superseded(store, site, [*new, *mates])] if new else carried
    late = [crawl for crawl in new if _is_late(store, site, crawl, of_pass)]
    in_time = [crawl for crawl in new if crawl not in late]
    joints = [
        Joint(
            site=site,
            kind="import",
            part=crawl.part,
            members=[crawl],
            started_at=crawl.started_at,
        )
        for crawl in late
    ]
    if in_time:
        joints.append(_pass(store, config, site, in_time, mates, carried))
    return joints


def _superseded(
    store: Store, site: Site, members: Sequence[SpooledCrawl | MergedCrawl]
) -> list[int]:
    """Crawls here that hold nothing but earlier tries of this pass: broken off, or made again."""
    parts = [member.part for member in members]
    last_start = max(member.started_at for member in members)
    tries: dict[int, bool] = {}
    for crawl in merged_crawls(store.connection, site.id):
        is_try = crawl.outcome not in ENDED_BY_ITSELF or crawl.part in parts
        is_before = crawl.started_at <= last_start
        tries[crawl.crawl_id] = tries.get(crawl.crawl_id, True) and is_try and is_before
    return [crawl_id for crawl_id, is_superseded in tries.items() if is_superseded]


def _is_late(store: Store, site: Site, crawl: SpooledCrawl, of_pass: Sequence[int]) -> bool:
    """Whether a later crawl of the same locales is known that is not of this pass.

    What such a crawl did not find any more, an older listing must not bring back; and what it has
    seen, an older absence must not take away.
    """
    return any(
        other.kind == "crawl"
        and other.started_at > crawl.started_at
        and other.id not in of_pass
        and not set(other.locales).isdisjoint(crawl.part.locales)
        for other in queries.crawls(store.connection, site=site.name, since=crawl.started_at)
    )


def _pass(
    store: Store,
    config: Config,
    site: Site,
    new: Sequence[SpooledCrawl],
    mates: Sequence[MergedCrawl],
    carried: Sequence[int],
) -> Joint:
    first = new[0]
    if first.kind == "import" or first.outcome not in ENDED_BY_ITSELF:
        # It stands alone: an import looks for nothing, and what was broken off vouches for nothing.
        return Joint(
            site=site,
            kind=first.kind,
            part=first.part,
            members=new,
            started_at=first.started_at,
        )
    parts = [crawl.part for crawl in (*new, *mates)]
    wanted = _wanted(config, site.name)
    locales = dict.fromkeys([*wanted.locales, *(name for part in parts for name in part.locales)])
    whole = replace(wanted, locales=tuple(locales))
    began = [queries.crawl(store.connection, crawl_id).started_at for crawl_id in carried]
    return Joint(
        site=site,
        kind="crawl",
        part=whole,
        members=new,
        carried=carried,
        unread=unread_of(config, site.name, uncovered(whole, parts)),
        # A pass that is told once more is told later than the first time.
        started_at=max([min(crawl.started_at for crawl in new), *began]),
    )


def _wanted(config: Config, name: str) -> Part:
    """All that is watched of a site."""
    site = config.site(name)
    return Part(locales=site.locales, sections=site.sections, searches=site.search_names)
