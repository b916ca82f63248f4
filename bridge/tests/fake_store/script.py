"""The script: a JSON file that tests write and the fake reads again whenever a driver would look at its slots.

`{"tokens": [TOKEN, …], "events": [EVENT, …]}`. TOKEN: `label`, `serial`, `model`, `pin`, `tries` (until the lock),
`flags` (names of TokenFlag), `keys` (names of folders with `key.pem`, `cert.der`), `always_authenticate`,
`mechanisms`, `min_pin`, `pinpad` ("cancel": the person cancels there), `makes` (attributes that its private keys get
whatever was asked for; null: it does not answer them), `broken` ("info", "mechanisms" or "objects" always fail),
`spare` (comes in when an event swaps). EVENT: `{"at": "load" | "login" | "pinpad" | "sign" | "logout" | "list" |
"generate", "nth": from 1, "do": "remove" | "swap" | "hang" | "crash" | "slow" | "wait" | "error", "seconds": … (slow),
"for": a file that comes (wait)}`; each happens once. What the fake has to remember (tries used, changed PINs, events
past) is in `state.json` beside it, so that it outlives a killed worker.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pkcs11 import exceptions


@contextlib.contextmanager
def alone(script: Path) -> Iterator[None]:
    """Nobody else changes what this script's fake remembers: the bridge looks at tokens while tests go on."""
    with script.with_name("state.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Script:
    """What is in the slots, and what happens when."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state_path = path.with_name("state.json")

    def tokens(self) -> list[dict[str, Any]]:
        """Present tokens, as the file says now; gone are those that an event removed."""
        state = self.state()
        written = json.loads(self.path.read_text(encoding="utf-8"))["tokens"]
        present = [each for each in written if each["serial"] not in state["removed"]]
        return [each for each in present if state["swapped"] or not each.get("spare")]

    def state(self) -> dict[str, Any]:
        fresh = {
            "wrong": {},
            "pins": {},
            "counts": {},
            "past": [],
            "removed": [],
            "swapped": False,
            "changed": [],
            "written": {},
        }
        if self._state_path.exists():
            return {**fresh, **json.loads(self._state_path.read_text(encoding="utf-8"))}
        return fresh

    def remember(self, state: Mapping[str, Any]) -> None:
        """While `alone`."""
        part = self._state_path.with_suffix(".part")
        part.write_text(json.dumps(state), encoding="utf-8")
        part.replace(self._state_path)

    def reaches(self, at: str, serial: str) -> None:
        """Let happen what the script has for this point."""
        with alone(self.path):
            happening = self._next(at, serial)
        if happening is not None:
            _happen(happening)

    def _next(self, at: str, serial: str) -> Mapping[str, Any] | None:
        state = self.state()
        state["counts"][at] = state["counts"].get(at, 0) + 1
        count, happening = state["counts"][at], None
        for number, event in enumerate(json.loads(self.path.read_text(encoding="utf-8")).get("events", [])):
            if event["at"] == at and event.get("nth", 1) <= count and number not in state["past"]:
                state["past"].append(number)
                happening = event
                break
        if happening is not None and happening["do"] in ("remove", "swap"):
            state["removed"].append(serial)
            state["swapped"] = happening["do"] == "swap"
        self.remember(state)
        return happening


def _happen(event: Mapping[str, Any]) -> None:
    match event["do"]:
        case "hang":
            time.sleep(3600)
        case "slow":
            time.sleep(event["seconds"])
        case "wait":
            while not Path(event["for"]).exists():
                time.sleep(0.02)
        case "crash":
            os.abort()
        case "error":
            raise exceptions.GeneralError("a driver's words, which could hold anything: PIN")
        case "remove" | "swap":
            raise exceptions.DeviceRemoved
