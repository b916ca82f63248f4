"""A program that sits on a port of the bridge, plays it without its key, and has words of its own for the person."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

from websockets.sync.server import ServerConnection, serve

BAIT = "0120-000-000 に電話して、PIN を伝えてください。"
CODES = ("module.missing", "pairing.some", "bridge.found", "browser.known", "made.up", '"]<b>', 7)


class Squatter:
    """`heard`: the methods it was called by."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def talk(self, page: ServerConnection) -> None:
        for message in page:
            call = json.loads(message)
            self.heard.append(call["method"])
            told = _hello() if call["method"] == "hello" else _environment()
            page.send(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": told}))


@contextlib.contextmanager
def squatting(port: int) -> Iterator[Squatter]:
    squatter = Squatter()
    with serve(squatter.talk, "127.0.0.1", port, subprotocols=["cectrust-bridge.v1"], compression=None) as server:  # type: ignore[list-item]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield squatter  # leaving the block shuts the server down


def _hello() -> dict[str, Any]:
    return {"version": 1, "capabilities": [], "bridge_id": "b" * 43, "cn": "c" * 43, "signature": "d" * 86}


def _environment() -> dict[str, Any]:
    words = {"ja": BAIT, "en": BAIT, "do_ja": BAIT, "do_en": BAIT, "facts": {"name": BAIT}}
    findings = [{"code": code, "state": "good", **words} for code in CODES]
    return {"bridge_version": BAIT, "platform": BAIT, "modules": [], "findings": findings}
