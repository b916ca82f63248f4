"""WebKitGTK's MiniBrowser over the W3C's WebDriver, as far as a test of the signing page needs it.

It is the engine of Safari, and what it refuses Safari refuses; the journey is not for it (see `Tab`).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.support.ports import free_port

DRIVER = "/usr/bin/WebKitWebDriver"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""Name of an element's identifier (W3C WebDriver, 12)."""


class WebKitPage:
    """One page of a MiniBrowser."""

    def __init__(self, address: str) -> None:
        self._session = f"{address}/session"
        browser = {"binary": _mini_browser(), "args": ["--automation"]}
        wanted = {"acceptInsecureCerts": True, "webkitgtk:browserOptions": browser}
        opened = self._send("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self._session += f"/{opened['sessionId']}"

    def open(self, address: str) -> None:
        self._send("POST", "/url", {"url": address})

    def fill(self, selector: str, text: str) -> None:
        self._send("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def press(self, selector: str) -> None:
        self._send("POST", f"/element/{self._find(selector)}/click", {})

    def evaluate(self, function: str) -> Any:
        return self._send("POST", "/execute/sync", {"script": f"return ({function})()", "args": []})

    def waits_for(self, function: str, seconds: float) -> None:
        """Until this JavaScript function says true."""
        deadline = time.monotonic() + seconds
        while not self.evaluate(function):
            assert time.monotonic() < deadline, f"{function} after {seconds} s"
            time.sleep(0.1)

    def close(self) -> None:
        self._send("DELETE", "")

    def _find(self, selector: str) -> str:
        return str(self._send("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT])

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, self._session + path, json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]


@contextmanager
def webkit(display: str) -> Iterator[WebKitPage]:
    """A MiniBrowser on this screen, with a home of its own."""
    home, port = tempfile.mkdtemp(prefix="cectrust-webkit-"), free_port()
    environment = {**os.environ, "DISPLAY": display, "HOME": home, "XDG_RUNTIME_DIR": home, "GDK_BACKEND": "x11"}
    environment["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"  # bubblewrap needs namespaces that a container lacks
    with subprocess.Popen([DRIVER, f"--port={port}"], env=environment, stderr=subprocess.DEVNULL) as driver:
        try:
            _await_port(port)
            page = WebKitPage(f"http://127.0.0.1:{port}")
            yield page
            page.close()
        finally:
            driver.terminate()
            driver.wait(20)
            shutil.rmtree(home, ignore_errors=True)


def _mini_browser() -> str:
    return str(next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser")))


def _await_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"{DRIVER} does not serve"
            time.sleep(0.05)
