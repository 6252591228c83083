"""A real browser, where there is one: chromium without a window, told what to do over a pipe.

It speaks the browser's own protocol (messages of JSON that end in a zero byte), so that a test sees
what the browser sees: each request, each word on the console, the tree that screen readers get.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

PHONE, DESKTOP = 390, 1280
_PATIENCE_SECONDS = 60
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"),
)


class Browser:
    """One chromium with an empty profile; `page` opens one tab after another in it."""

    def __init__(self, profile: Path) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        # The protocol's pipes are the descriptors 3 and 4, and only a shell can put them there.
        pipes = f'exec "$@" 3</dev/fd/{theirs_in} 4>/dev/fd/{theirs_out}'
        self._process = subprocess.Popen(
            ["sh", "-c", pipes, "sh", CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}"],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out, self._unread, self._number = ours_in, ours_out, b"", 0
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        self.call("Browser.close")
        self._process.wait(timeout=_PATIENCE_SECONDS)
        os.close(self._in)
        os.close(self._out)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """What the browser answers; what it tells meanwhile goes to `events`."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters}
        message = json.dumps(asked | ({"sessionId": session} if session else {})).encode() + b"\0"
        while message:
            message = message[os.write(self._out, message) :]
        while (said := self._read()).get("id") != self._number:
            self.events.append(said)
        assert "error" not in said, f"{method}: {said['error']}"
        return said["result"]

    def wait_for(self, event: str, session: str) -> None:
        while not any(
            (e.get("method"), e.get("sessionId")) == (event, session) for e in self.events
        ):
            self.events.append(self._read())

    def _read(self) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE_SECONDS
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            assert ready, "the browser said nothing for a minute"
            part = os.read(self._in, 1 << 20)
            assert part, "the browser ended"
            self._unread += part
        message, self._unread = self._unread.split(b"\0", 1)
        return json.loads(message)

    @contextmanager
    def page(self, address: str, width: int = DESKTOP, *, dark: bool = False) -> Iterator["Page"]:
        """The page, loaded whole in a window of that width."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        opened = Page(self, attached["sessionId"])
        opened.open(address, width, "dark" if dark else "light")
        yield opened
        self.call("Target.closeTarget", targetId=target)


class Page:
    """One open page: what it asked for, what stands on its console, what it answers."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **parameters)

    def open(self, address: str, width: int, scheme: str) -> None:
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme_feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[scheme_feature])
        self.call("Page.navigate", url=address)
        self._browser.wait_for("Page.loadEventFired", self._session)

    def ask(self, script: str) -> Any:
        """The value of an expression in the page; of a promise, what it comes to."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    @property
    def requests(self) -> list[str]:
        """Every address that the page asked for, its own first."""
        return [said["request"]["url"] for said in self._told("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[str]:
        """What stands on the console, whoever wrote it: scripts, the policy, the browser."""
        return [
            *(said["entry"]["text"] for said in self._told("Log.entryAdded")),
            *(str(said["args"]) for said in self._told("Runtime.consoleAPICalled")),
            *(said["exceptionDetails"]["text"] for said in self._told("Runtime.exceptionThrown")),
        ]

    def _told(self, event: str) -> list[dict[str, Any]]:
        self.ask("0")  # what was told before this answer has come in by now
        return [
            said["params"]
            for said in self._browser.events
            if said.get("method") == event and said.get("sessionId") == self._session
        ]

    def tree(self) -> list[tuple[str, str]]:
        """(role, name) of all that a screen reader is given, in its order."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}
        told, waiting = [], [nodes[0]["nodeId"]]
        while waiting:
            node = by_id[waiting.pop()]
            waiting.extend(name for name in reversed(node["childIds"]) if name in by_id)
            if not node["ignored"]:
                told.append((node["role"]["value"], node.get("name", {}).get("value", "")))
        return told

    def broken_rules(self) -> tuple[list[tuple[str, list[str]]], int]:
        """Rules of axe-core that the page breaks, where, and how many it keeps."""
        self.ask(_axe())
        found = self.ask(
            "axe.run(document, {resultTypes: ['violations']}).then(found => [found.violations.map("
            "v => [v.id, v.nodes.map(node => node.html.slice(0, 200))]), found.passes.length])"
        )
        return found[0], found[1]

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return self.ask(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

    def screenshot(self, path: Path) -> None:
        """The page from top to bottom, as a PNG."""
        taken = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))

    def printed(self) -> bytes:
        """The page on A4 paper, as a PDF."""
        paper = {"paperWidth": 8.27, "paperHeight": 11.69}
        return base64.b64decode(self.call("Page.printToPDF", **paper)["data"])


def _axe() -> str:
    """The accessibility rules of Deque's axe-core, which a package carries; else the test skips."""
    package = pytest.importorskip(
        "axe_core_python", reason="axe-core-python is absent: the accessibility rules did not run"
    )
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8") + "\n0"
