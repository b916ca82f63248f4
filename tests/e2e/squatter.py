"""Programs that sit on a port of the bridge: one plays it without its key, one is silent, one makes no sense."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from websockets.sync.server import ServerConnection, serve

BAIT = "0120-000-000 に電話して、PIN を伝えてください。"
CODES = ("module.missing", "pairing.some", "bridge.found", "browser.known", "made.up", '"]<b>', 7)
Told = Callable[[str], list[Any]]


class Squatter:
    """`heard`: the methods it was called by. `told`: the results it answers a method with, none or one."""

    def __init__(self, told: Told) -> None:
        self.heard: list[str] = []
        self._told = told

    def talk(self, page: ServerConnection) -> None:
        for message in page:
            call = json.loads(message)
            self.heard.append(call["method"])
            for result in self._told(call["method"]):
                page.send(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}))


def cunning(method: str) -> list[Any]:
    """As the bridge would, if it had its key."""
    return [_hello() if method == "hello" else _environment()]


def silent(_method: str) -> list[Any]:
    return []


def malformed(_method: str) -> list[Any]:
    """Not even an object."""
    return [7]


@contextlib.contextmanager
def squatting(port: int, told: Told = cunning) -> Iterator[Squatter]:
    squatter = Squatter(told)
    with serve(squatter.talk, "127.0.0.1", port, subprotocols=["cectrust-bridge.v1"], compression=None) as server:  # type: ignore[list-item]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield squatter  # leaving the block shuts the server down


def _hello() -> dict[str, Any]:
    return {"version": 1, "capabilities": [], "bridge_id": "b" * 43, "cn": "c" * 43, "signature": "d" * 86}


def _environment() -> dict[str, Any]:
    words = {"ja": BAIT, "en": BAIT, "do_ja": BAIT, "do_en": BAIT, "facts": {"name": BAIT}}
    findings = [{"code": code, "state": "good", **words} for code in CODES]
    return {"bridge_version": BAIT, "platform": BAIT, "modules": [], "findings": findings}
