"""What lies in deploy/: units that systemd takes, a container that owns nothing but its data."""

import configparser
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import pytest

from crawling import without_proxies
from faulty_centre import faulty_centre
from tracker.run import config

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
SERVICES = ("helpwatch.service", "helpwatch-run.service")
INSTALLED = "/opt/helpwatch/bin/helpwatch"


class Unit(configparser.RawConfigParser):
    """A unit file; a key that stands several times has all its values, line by line."""

    def __init__(self, name: str):
        super().__init__(strict=False, interpolation=None, delimiters=("=",))
        self.optionxform = str
        self.read_string((DEPLOY / name).read_text())


# -- systemd -------------------------------------------------------------------------------------


@pytest.fixture
def units(tmp_path) -> Path:
    """The unit files with the command that is installed here, and a user that this machine has."""
    for name in (*SERVICES, "helpwatch.timer"):
        text = (DEPLOY / name).read_text().replace(INSTALLED, sys.executable)
        (tmp_path / name).write_text(re.sub(r"(User|Group)=helpwatch", r"\1=root", text))
    return tmp_path


def systemd_analyze(*arguments: str) -> subprocess.CompletedProcess:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is absent, so the units are only parsed")
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )


def test_systemd_takes_the_units_without_a_word(units):
    done = systemd_analyze(
        "verify", *(str(units / name) for name in SERVICES + ("helpwatch.timer",))
    )
    ours = [line for line in done.stderr.splitlines() if "helpwatch" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_little_that_a_service_could_do_beyond_its_work(units, name):
    done = systemd_analyze("security", "--offline=yes", "--threshold=20", str(units / name))
    assert done.returncode == 0, done.stdout[-500:]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_an_unprivileged_user_that_writes_its_own_folder_alone(name):
    service = Unit(name)["Service"]
    assert service["User"] == service["Group"] == service["StateDirectory"] == "helpwatch"
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == service["ProtectHome"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert "ReadWritePaths" not in service


def test_both_services_are_hardened_alike():
    both = [dict(Unit(name)["Service"]) for name in SERVICES]
    own = {"Type", "ExecStart", "Restart", "RestartSec", "RestartPreventExitStatus"}
    own |= {"TimeoutStartSec"}
    first, second = ({key: unit[key] for key in unit.keys() - own} for unit in both)
    assert first == second


def test_a_service_calls_commands_that_there_are():
    from tracker.run.cli import MODULE_OF

    for name in SERVICES:
        program, option, path, command = Unit(name)["Service"]["ExecStart"].split()
        assert (program, option) == (INSTALLED, "--config")
        assert path == "/etc/helpwatch/helpwatch.toml"
        assert command in MODULE_OF


def test_the_timer_catches_up_and_starts_the_service_of_one_cycle():
    timer = Unit("helpwatch.timer")["Timer"]
    assert (timer["Persistent"], timer["Unit"]) == ("yes", "helpwatch-run.service")
    assert Unit("helpwatch-run.service")["Service"]["Type"] == "oneshot"


def test_a_stop_leaves_a_cycle_longer_than_it_needs():
    from tracker.run.schedule import STOP_SECONDS

    for name in SERVICES:
        assert int(Unit(name)["Service"]["TimeoutStopSec"]) > 2 * STOP_SECONDS


# -- the rest ------------------------------------------------------------------------------------


def test_the_settings_for_a_service_are_sound_and_keep_all_data_in_its_folder():
    found = config.load(DEPLOY / "helpwatch.toml")
    folder = Path("/var/lib/helpwatch")
    for path in (found.database, found.output, found.log.file):
        assert folder in Path(path).parents
    assert tomllib.loads((DEPLOY / "helpwatch.toml").read_text())["crawl"]["user_agent"]


def test_the_crontab_has_one_run_a_day_in_five_fields():
    lines = [
        line for line in (DEPLOY / "crontab").read_text().splitlines() if not line.startswith("#")
    ]
    mail, run = lines
    assert mail.startswith("MAILTO=")
    *when, command = run.split(maxsplit=5)
    assert when == ["0", "6", "*", "*", "*"]
    assert f"{INSTALLED} --config /etc/helpwatch/helpwatch.toml run >/dev/null" in command
    assert "%" not in command  # cron takes it for a line end


def test_the_container_has_no_root_one_volume_and_no_registry():
    steps = [
        line.split(maxsplit=1)
        for line in (DEPLOY / "Containerfile").read_text().splitlines()
        if line and line[0].isupper()
    ]
    of_kind = {}
    for kind, rest in steps:
        of_kind.setdefault(kind, []).append(rest)
    assert of_kind["USER"] == ["10001:10001"]
    assert of_kind["VOLUME"] == of_kind["WORKDIR"][-1:] == ["/data"]
    assert all(re.match(r"python:3\.\d+-slim( AS build)?$", image) for image in of_kind["FROM"])
    assert [kind for kind, _ in steps].index("USER") > [k for k, _ in steps].index("ENV")
    assert "--require-hashes" in (DEPLOY / "Containerfile").read_text()


def test_every_file_of_the_folder_is_named_in_its_readme():
    told = (DEPLOY / "README.md").read_text()
    names = {path.name for path in DEPLOY.iterdir()} - {"README.md", "Containerfile.dockerignore"}
    assert [name for name in sorted(names) if f"deploy/{name}" not in told] == []


def test_the_readmes_commands_name_files_that_there_are():
    told = (DEPLOY / "README.md").read_text()
    for name in re.findall(r"\bdeploy/([\w.-]+)", told):
        assert (DEPLOY / name).is_file(), name


# -- the service's command, as the service runs it ----------------------------------------------

NOBODY = 65534
SITE = """\
database = "{state}/helpwatch.db"
output = "{state}/reports"
[sites.demo]
base_url = "{url}"
[crawl]
delay_seconds = 0
autothrottle = false
[log]
file = "{state}/helpwatch.log"
"""


def as_nobody(folder: Path) -> list[str]:
    """The start of a command for a user without rights; skips, and says so, where there is none."""
    if os.getuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root without setpriv: the service's user cannot be taken on")
    os.chown(folder, NOBODY, NOBODY)
    return [
        *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
        *("--no-new-privs", "--bounding-set=-all"),
    ]


def interpreter(start: list[str]) -> list[str]:
    """A Python that this user may run, with helpwatch and its libraries in reach."""
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    path = os.pathsep.join([str(ROOT), *libraries])
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        command = [*start, "env", "-i", "PATH=/usr/bin:/bin", f"PYTHONPATH={path}", python]
        probe = subprocess.run(
            [*command, "-B", "-c", "import tracker.run.cli, scrapy"], capture_output=True, cwd="/"
        )
        if probe.returncode == 0:
            return [*command, "-B", "-m", "tracker.run.cli"]
    pytest.skip("no Python here can be run by a user without rights")


@pytest.fixture
def machine():
    """A folder that every user may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_from_an_empty_folder_the_service_comes_to_a_first_report_and_stops(machine):
    state, settings = machine / "state", machine / "helpwatch.toml"
    state.mkdir(mode=0o750)
    command = interpreter(as_nobody(state))
    with faulty_centre(day=1) as server:
        settings.write_text(SITE.format(state=state, url=server.url))
        service = subprocess.Popen(
            [*command, "--config", str(settings), "schedule"],
            cwd=state,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=without_proxies(),
        )
        told = _until(service, "the cycle of demo ended with exit code 0")
        service.send_signal(signal.SIGTERM)
        rest, _ = service.communicate(timeout=30)
    assert service.returncode == 0, rest
    assert (state / "reports" / "latest.html").is_file(), told
    assert "stopping" in rest
    status = subprocess.run(
        [*command, "--config", str(settings), "status"], cwd=state, capture_output=True, text=True
    )
    assert (status.returncode, status.stdout.splitlines()[0]) == (0, "demo: fresh and healthy.")


def _until(service: subprocess.Popen, words: str) -> str:
    """What the service says until it says this."""
    told = ""
    deadline = time.monotonic() + 60
    for line in service.stdout:
        told += line
        if words in line or time.monotonic() > deadline:
            break
    assert words in told, told
    return told
