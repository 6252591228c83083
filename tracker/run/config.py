"""helpwatch.toml -> a frozen Config. Everything has a default; nothing unknown is let through."""

import difflib
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from spiders import sites
from tracker.run.errors import UsageError
from tracker.watchlist import DEFAULT_RULES, WatchRule, parse_rule

DEFAULT_FILE = "helpwatch.toml"

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration file: unknown keys are refused."""


class SiteConfig(_Section):
    """One help centre. `base_url` None: the site file's own."""

    base_url: str | None = None
    locales: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    searches: tuple[dict[str, str], ...] = ()


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


class ScheduleConfig(_Section):
    """When the cycle runs: five cron fields in a named time zone."""

    cron: str = "0 6 * * *"
    timezone: str = "UTC"
    jitter_seconds: NotNegative = 0
    """Each run starts up to so much earlier or later, so that not all the world asks at six."""
    cycle_limit_minutes: Positive = 360
    """A cycle that takes longer is ended; what it recorded is kept."""
    heartbeat_url: str = ""
    """Called after each good cycle; "env:NAME" reads the environment. Empty: none."""


class ReportConfig(_Section):
    """What each cycle writes into the output folder."""

    formats: tuple[str, ...] = ("html", "markdown", "json")


class NotifyConfig(_Section):
    """Whom to tell: Apprise URLs; "env:NAME" reads the environment."""

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


class Config(_Section):
    """All settings in force."""

    database: str = "helpwatch.db"
    output: str = "helpwatch-reports"
    sites: dict[str, SiteConfig] = msgspec.field(default_factory=lambda: {"okx": SiteConfig()})
    crawl: CrawlConfig = CrawlConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    report: ReportConfig = ReportConfig()
    notify: NotifyConfig = NotifyConfig()
    watch: tuple[dict[str, Any], ...] = ()
    watch_defaults: bool = True
    """Whether the rules that come with helpwatch apply beside one's own."""

    def rules(self) -> tuple[WatchRule, ...]:
        """One's own watchlist rules, then those that come with helpwatch."""
        own = tuple(parse_rule(rule) for rule in self.watch)
        return own + (DEFAULT_RULES if self.watch_defaults else ())

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

    Paths in the file are taken from the file's folder. UsageError names the key and the nearest
    valid one.
    """
    if path is None and not Path(DEFAULT_FILE).is_file():
        return Config()
    path = path or Path(DEFAULT_FILE)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The configuration {path} cannot be read: {error.strerror}.") from None
    try:
        config = msgspec.toml.decode(text, type=Config)
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {_advice(str(error))}") from None
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from None
    try:
        check(config)
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None
    return msgspec.structs.replace(
        config,
        database=str(path.parent / config.database),
        output=str(path.parent / config.output),
    )


def check(config: Config) -> None:
    """Raises ValueError for values that no type can rule out."""
    for name, site in config.sites.items():
        module = sites.load(name)
        if not site.base_url and module.BASE_URL is None:
            raise ValueError(
                f"sites.{name}.base_url is missing: such help centres have no address in common. "
                "Give the origin of yours, such as 'https://help.example.com'."
            )
        parts = urlsplit(site.base_url or "https://a.example")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError(
                f"sites.{name}.base_url is {site.base_url!r}; give an origin such as "
                "'https://www.okx.com'."
            )
    for name in config.report.formats:
        if name not in FORMATS:
            raise ValueError(f"report.formats names {name!r}; known: {', '.join(FORMATS)}.")
    _check_notify(config.notify)
    config.rules()


def _check_notify(notify: NotifyConfig) -> None:
    """A destination is not quoted: it is a secret."""
    for key in ("destinations", "urgent_destinations"):
        for number, setting in enumerate(getattr(notify, key)):
            if not re.fullmatch(r"env:[A-Za-z_]\w*|[A-Za-z][A-Za-z0-9+.-]*://\S+", setting):
                raise ValueError(
                    f"notify.{key}[{number}] is neither an Apprise URL (mailto://...) nor "
                    '"env:NAME" for the environment variable that holds one.'
                )
    parts = urlsplit(notify.report_url or "https://a.example")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("notify.report_url is no http or https address of a folder.")


def _advice(error: str) -> str:
    """What msgspec says, with the nearest valid key for an unknown one."""
    unknown = re.search(r"unknown field `(.+?)`(?: - at `\$\.?(.*?)`)?", error)
    if not unknown:
        return error.replace("`$.", "`")
    key, place = unknown[1], (unknown[2] or "")
    section = _SECTIONS.get(place.split("[")[0] or "", Config)
    known = list(section.__struct_fields__)
    nearest = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known: {', '.join(known)}."
    return f"unknown key {key!r}{f' in [{place}]' if place else ''}; {hint}"


_SECTIONS: dict[str, type[_Section]] = {
    "crawl": CrawlConfig,
    "schedule": ScheduleConfig,
    "report": ReportConfig,
    "notify": NotifyConfig,
    "sites": SiteConfig,
}
