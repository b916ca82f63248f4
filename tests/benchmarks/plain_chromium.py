"""A Chromium that nobody listens in on, for measuring.

Playwright has the browser tell it every message on a websocket: for 5 MB that takes longer than sending them does
(80 ms instead of 20, and two more processes that work). Here the protocol of the browser's own tools evaluates
expressions, and nothing else is switched on.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.e2e.chromium import CHROMIUM, QUIET

PATIENCE = 30.0


class PlainChromium:
    """One page of it."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._calls = 0

    def take_over(self, cookies: Sequence[Mapping[str, Any]]) -> None:
        """Be signed in as whoever has these (name, value, domain)."""
        for cookie in cookies:
            own = {"name": cookie["name"], "value": cookie["value"], "path": "/", "secure": True}
            done = self._call("Network.setCookie", {**own, "url": f"https://{cookie['domain']}/"})
            assert done["success"], cookie["name"]

    def open(self, address: str, ready: str) -> None:
        """Go there, and wait until something fits the selector `ready`."""
        self._call("Page.navigate", {"url": address})
        deadline = time.monotonic() + PATIENCE
        while not self.evaluate(f"location.href === {json.dumps(address)} && !!document.querySelector({ready!r})"):
            assert time.monotonic() < deadline, f"{address} does not get ready"
            time.sleep(0.1)

    def evaluate(self, expression: str) -> Any:
        """Its JSON value."""
        answer = self._call("Runtime.evaluate", {"expression": expression, "returnByValue": True})
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def _call(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self._calls += 1
        self._connection.send(json.dumps({"id": self._calls, "method": method, "params": params}))
        while True:
            said = json.loads(self._connection.recv(PATIENCE))
            if said.get("id") == self._calls:
                assert "result" in said, said
                result: dict[str, Any] = said["result"]
                return result


@contextmanager
def plain_chromium() -> Iterator[PlainChromium]:
    """One with a profile of its own, without a window."""
    with tempfile.TemporaryDirectory(prefix="cectrust-bench-chromium-", ignore_cleanup_errors=True) as folder:
        options = ["--headless", "--remote-debugging-port=0", f"--user-data-dir={folder}", "--lang=ja"]
        command = [CHROMIUM, *QUIET, *options, "about:blank"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                with connect(_page_of(Path(folder) / "DevToolsActivePort"), max_size=None) as connection:
                    yield PlainChromium(connection)
            finally:
                process.terminate()


def _page_of(note: Path) -> str:
    """The address of the one page, once the browser has noted its port."""
    deadline = time.monotonic() + PATIENCE
    while not note.exists() or "\n" not in note.read_text():
        assert time.monotonic() < deadline, "Chromium does not start"
        time.sleep(0.1)
    port = int(note.read_text().split()[0])
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
        pages = [each for each in json.load(answer) if each["type"] == "page"]
    address: str = pages[0]["webSocketDebuggerUrl"]
    return address
