"""What one program costs: wall and CPU seconds of its whole process tree, and its peak memory."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile

WATCH_EVERY_SECONDS = 0.05
PROC = Path("/proc")
PAGE_TIMEOUT_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Cost:
    """`peak_megabytes` is the most that the processes which ran at one time had, each counted with
    its own peak until then; None where there is no /proc to read it from."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float | None
    output: str = ""

    def as_json(self) -> dict[str, float | None]:
        return {name: value for name, value in asdict(self).items() if name != "output"}


class Failed(RuntimeError):
    """A program that was measured ended badly; what it said is the message."""


def cost_of(
    command: Sequence[str | Path | int],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    accepted: Sequence[int] = (0,),
) -> Cost:
    """Runs a program to its end; Failed where it ends with another exit code than `accepted`."""
    with TemporaryFile() as said:
        began = time.perf_counter()
        running = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        memory = _Memory(running.pid)
        _, status, usage = os.wait4(running.pid, 0)
        wall = time.perf_counter() - began
        running.returncode = os.waitstatus_to_exitcode(status)
        peak = memory.stop()
        said.seek(0)
        output = said.read().decode(errors="replace")
    if running.returncode not in accepted:
        raise Failed(f"{' '.join(map(str, command))} ended with {running.returncode}: {output}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak, output)


class _Memory:
    """Watches how much memory a process and its descendants have at one time, while they run."""

    def __init__(self, pid: int):
        self._pid, self._peak = pid, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float | None:
        self._over.set()
        self._thread.join()
        return self._peak / 1024 if self._peak else None

    def _watch(self) -> None:
        seen: set[int] = set()
        while PROC.is_dir():
            running = _tree(self._pid)
            # A child counts from the second look on: before it becomes its own program, it shows
            # the memory of its parent. What it took meanwhile is in its peak.
            self._peak = max(
                self._peak, sum(_peak_kilobytes(pid) for pid in running if pid in seen)
            )
            seen = set(running)
            if self._over.wait(WATCH_EVERY_SECONDS):
                return


def _tree(pid: int) -> list[int]:
    """A process and its descendants, as far as they still run."""
    found, to_do = [], [pid]
    while to_do:
        one = to_do.pop()
        found.append(one)
        try:
            children = (PROC / f"{one}/task/{one}/children").read_text()
        except OSError:  # it has ended
            continue
        to_do += map(int, children.split())
    return found


def _peak_kilobytes(pid: int) -> int:
    try:
        status = (PROC / f"{pid}/status").read_text()
    except OSError:  # it has ended
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1])


class Server:
    """A measured centre, serving in a process of its own. Use it as a context manager."""

    def __init__(self, python: str, root: Path, article_count: int):
        self._command = [python, "-m", "bench.server", str(article_count)]
        self._root = root

    def __enter__(self) -> "Server":
        self._running = subprocess.Popen(
            self._command,
            cwd=self._root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._running.stdout.readline().strip()
        if not self.url:
            raise Failed(f"{' '.join(self._command)} did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._running.stdin.close()
        self._running.wait()

    def ask(self, what: str) -> str:
        """The answer of one of the server's own addresses, such as `counts`."""
        # A plain socket: this process stays small, and does not look like one that was measured.
        from http.client import HTTPConnection

        host = self.url.removeprefix("http://")
        connection = HTTPConnection(host, timeout=PAGE_TIMEOUT_SECONDS)
        try:
            connection.request("GET", f"/-/{what}")
            return connection.getresponse().read().decode()
        finally:
            connection.close()
