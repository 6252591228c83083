"""helpwatch.toml -> a frozen Config. Everything has a default; nothing unknown is let through."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from spiders import sites
from spiders.origin import origin_of
from tracker.policies import HealthPolicy, TrendPolicy
from tracker.run import config_errors, secret, times
from tracker.run.config_errors import Impossible
from tracker.run.config_policies import health_keys, health_policy, trend_keys, trend_policy
from tracker.run.errors import UsageError

if TYPE_CHECKING:
    from tracker.watch_rules import WatchRule

DEFAULT_FILE = "helpwatch.toml"

# TOML knows `inf`, which no wait and no size can be.
Positive = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
NotNegative = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Limit = Annotated[int, msgspec.Meta(ge=0)]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration file: unknown keys are refused."""


class SiteConfig(_Section):
    """One help centre. `base_url` None: the site file's own."""

    base_url: str | None = None
    locales: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    searches: tuple[dict[str, str], ...] = ()

    @property
    def search_names(self) -> tuple[str, ...]:
        """Each search as category:term."""
        return tuple(map(search_name, self.searches))


def search_name(search: Mapping[str, str]) -> str:
    """A search as the spider's argument and the database write it."""
    return f"{search.get('category', '')}:{search.get('term', '')}"


class CrawlConfig(_Section):
    """How the site is asked: politeness first."""

    user_agent: str = "helpwatch/0.1 (help-centre monitor; set crawl.user_agent to say who you are)"
    delay_seconds: NotNegative = 0.5
    concurrent_requests: Count = 2
    autothrottle: bool = True
    obey_robots: bool = True
    recheck_days: Count = 7
    timeout_seconds: Positive = 30
    max_page_megabytes: Positive = 16
    max_requests: Limit = 0
    """A run asks for no more, retries and robots.txt included; 0: no such limit."""
    max_minutes: NotNegative = 0
    """A run asks for nothing more after so long; 0: no such limit."""


class ScheduleConfig(_Section):
    """When the cycle runs: five cron fields in a named time zone."""

    cron: str = "0 6 * * *"
    timezone: str = "UTC"
    jitter_seconds: NotNegative = 0
    """Each run starts up to so much earlier or later, so that not all the world asks at six."""
    cycle_limit_minutes: Positive = 360
    """A cycle that takes longer is ended; what it recorded is kept."""
    heartbeat_url: str = ""
    """Called after each good cycle; "env:NAME" and "file:/path" say where it is read from."""


class ReportConfig(_Section):
    """What each cycle writes into the output folder."""

    formats: tuple[str, ...] = ("html", "markdown", "json")
    timezone: str = "UTC"
    """In which instants are shown; all are stored in UTC."""


class NotifyConfig(_Section):
    """Whom to tell: Apprise URLs; "env:NAME" and "file:/path" say where one is read from."""

    destinations: tuple[str, ...] = ()
    urgent_destinations: tuple[str, ...] = ()
    """Told only of high severity and of crawls that need a look."""
    high_at_once: bool = True
    """High severity in a message of its own with each cycle; else it waits for the digest."""
    digest_hours: NotNegative = 0
    """The rest at most so often; 0: with each cycle."""
    heartbeat: bool = False
    """A message when nothing happened, too."""
    attach_report: bool = True
    report_url: str = ""
    """Where the output folder can be read, for a link to the report; empty: no link."""
    timeout_seconds: Positive = 20

    def __repr__(self) -> str:
        return f"NotifyConfig({len(self.destinations)} destinations)"


class LogConfig(_Section):
    """Where log lines go beside standard error, and how they look."""

    file: str = ""
    """Empty: none."""
    format: Literal["text", "json"] = "text"
    max_megabytes: Positive = 10
    """A file that would grow larger is put aside as FILE.1, the one before as FILE.2, ..."""
    keep: Count = 5
    """How many of those put aside are kept."""


# The thresholds have their defaults and their meaning in the policies.
HealthConfig = msgspec.defstruct(
    "HealthConfig", health_keys(), bases=(_Section,), frozen=True, kw_only=True
)
TrendsConfig = msgspec.defstruct(
    "TrendsConfig", trend_keys(), bases=(_Section,), frozen=True, kw_only=True
)


class Config(_Section):
    """All settings in force."""

    database: str = "helpwatch.db"
    output: str = "helpwatch-reports"
    sites: dict[str, SiteConfig] = msgspec.field(default_factory=lambda: {"okx": SiteConfig()})
    crawl: CrawlConfig = CrawlConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    report: ReportConfig = ReportConfig()
    notify: NotifyConfig = NotifyConfig()
    log: LogConfig = LogConfig()
    health: HealthConfig = HealthConfig()
    trends: TrendsConfig = TrendsConfig()
    watch: tuple[dict[str, Any], ...] = ()
    watch_defaults: bool = True
    """Whether the rules that come with helpwatch apply beside one's own."""

    def rules(self) -> "tuple[WatchRule, ...]":
        """One's own watchlist rules, then those that come with helpwatch."""
        from tracker.watch_defaults import DEFAULT_RULES  # not to say whether a crawl is fresh
        from tracker.watch_rules import parse_rule

        own = tuple(parse_rule(rule) for rule in self.watch)
        return own + (DEFAULT_RULES if self.watch_defaults else ())

    @property
    def health_policy(self) -> HealthPolicy:
        return health_policy(self.health)

    @property
    def trend_policy(self) -> TrendPolicy:
        return trend_policy(self.trends)

    @property
    def time_zone(self) -> tzinfo:
        """In which instants are shown."""
        return times.zone(self.report.timezone, "report.timezone")

    def site(self, name: str) -> SiteConfig:
        """The settings of a site, with what its site file says where nothing is set."""
        chosen, module = self.sites.get(name, SiteConfig()), sites.load(name)
        return msgspec.structs.replace(
            chosen,
            base_url=(chosen.base_url or module.BASE_URL).rstrip("/"),
            locales=chosen.locales or (module.DEFAULT_LOCALE,),
        )


FORMATS = ("html", "markdown", "json", "csv", "xlsx", "atom")


def load(path: Path | None = None) -> Config:
    """The configuration in `path`, else in ./helpwatch.toml, else the defaults.

    Paths in the file are taken from the file's folder. UsageError names the line, the key and the
    nearest valid one.
    """
    if path is None and not Path(DEFAULT_FILE).is_file():
        return Config()
    path = path or Path(DEFAULT_FILE)
    text = _text(path)
    data = _parsed(path, text)
    try:
        config = msgspec.convert(data, Config)
        check(config)
    except (msgspec.ValidationError, Impossible) as error:
        line = config_errors.line_of(config_errors.place_of(error, data, Config), text)
        what = config_errors.sentence(error, data, Config)
        raise UsageError(f"{path}{f' line {line}' if line else ''}: {what}") from None
    folder = path.parent
    log_file = str(folder / config.log.file) if config.log.file else ""
    return msgspec.structs.replace(
        config,
        database=str(folder / config.database),
        output=str(folder / config.output),
        log=msgspec.structs.replace(config.log, file=log_file),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"The configuration {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The configuration {path} is not UTF-8 text; save it as such.") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at ")
        at_line = re.match(r"line (\d+)", place)
        line = at_line[1] if at_line else text.count("\n") + 1
        raise UsageError(f"{path} line {line}: not valid TOML: {what}.") from None


def check(config: Config) -> None:
    """Raises Impossible for values that no type can rule out."""
    for key in ("database", "output"):
        if not getattr(config, key).strip():
            raise Impossible(f"{key} is empty; give a path, or leave the key out.", key)
    if not config.sites:
        raise Impossible(
            "[sites] names no help centre; write a table such as [sites.okx].", "sites"
        )
    for name, site in config.sites.items():
        _check_site(name, site)
    if not config.crawl.user_agent.strip() or not config.crawl.user_agent.isprintable():
        raise Impossible(
            "crawl.user_agent is empty or holds a line break or another character that cannot be "
            "shown; give one line that says who asks.",
            *("crawl", "user_agent"),
        )
    _check_schedule(config)
    try:
        times.zone(config.report.timezone, "report.timezone")
    except UsageError as error:
        raise Impossible(str(error), "report", "timezone") from None
    for number, name in enumerate(config.report.formats):
        if name not in FORMATS:
            raise Impossible(
                f"report.formats names {name!r}; known: {', '.join(FORMATS)}.",
                *("report", "formats", number),
            )
    _check_notify(config.notify)
    _check_watch(config.watch)


def _check_watch(rules: Sequence[Mapping[str, Any]]) -> None:
    if not rules:
        return
    from tracker.watch_rules import parse_rule

    for number, rule in enumerate(rules):
        try:
            parse_rule(rule)
        except ValueError as error:
            raise Impossible(f"{error}.".replace("?.", "?"), "watch", number) from None


def _check_site(name: str, site: SiteConfig) -> None:
    """An address may hold a password, so what is wrong with it is said without it."""
    try:
        module = sites.load(name)
    except ValueError as error:
        raise Impossible(str(error), "sites", name) from None
    place = ("sites", name, "base_url")
    if not site.base_url and module.BASE_URL is None:
        raise Impossible(
            f"sites.{name}.base_url is missing: such help centres have no address in common. "
            "Give the origin of yours, such as 'https://help.example.com'.",
            *place,
        )
    if site.base_url is not None:
        try:
            origin_of(site.base_url)
        except ValueError:
            raise Impossible(
                f"sites.{name}.base_url is no origin (scheme and host, without user, path or "
                "query); give an origin such as 'https://www.okx.com'.",
                *place,
            ) from None
    for number, locale in enumerate(site.locales):
        if not _LOCALE.fullmatch(locale):
            raise Impossible(
                f"sites.{name}.locales names {locale!r}, which is no locale; write it as in the "
                "address, such as 'en' or 'zh-hans'.",
                *("sites", name, "locales", number),
            )


_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


def is_web_address(url: str) -> bool:
    """Whether it is something that can be called at all."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _check_schedule(config: Config) -> None:
    """The scheduler's own reading of its expression; not imported for the defaults, which are
    sound.
    """
    default = ScheduleConfig()
    for key in ("timezone", "cron"):
        if getattr(config.schedule, key) == getattr(default, key):
            continue
        from tracker.run.schedule import cron_trigger

        alone = msgspec.structs.replace(default, **{key: getattr(config.schedule, key)})
        try:
            cron_trigger(msgspec.structs.replace(config, schedule=alone))
        except UsageError as error:
            raise Impossible(str(error), "schedule", key) from None
    heartbeat = config.schedule.heartbeat_url
    if heartbeat and not secret.is_reference(heartbeat) and not is_web_address(heartbeat):
        raise Impossible(
            "schedule.heartbeat_url is no http or https address.", "schedule", "heartbeat_url"
        )


def _check_notify(notify: NotifyConfig) -> None:
    """A destination is not quoted: it is a secret."""
    for key in ("destinations", "urgent_destinations"):
        for number, setting in enumerate(getattr(notify, key)):
            if not re.fullmatch(
                r"env:[A-Za-z_]\w*|file:/(?!/).+|[A-Za-z][A-Za-z0-9+.-]*://\S+", setting
            ):
                raise Impossible(
                    f"notify.{key}[{number}] is neither an Apprise URL (mailto://...) nor "
                    '"env:NAME" for the environment variable, or "file:/path" for the file, that '
                    "holds one.",
                    *("notify", key, number),
                )
    if notify.report_url and (not is_web_address(notify.report_url) or "?" in notify.report_url):
        raise Impossible(
            "notify.report_url is no http or https address of a folder.", "notify", "report_url"
        )
    if "@" in urlsplit(notify.report_url).netloc:
        raise Impossible(
            "notify.report_url holds a user or password, which every reader of a message would "
            "see; give the address without.",
            *("notify", "report_url"),
        )
