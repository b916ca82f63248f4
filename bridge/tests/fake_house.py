"""A running bridge whose tokens are scripted, for the fixtures."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bridge_house import KEYS, PIN, certificate_of
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from driver import ORIGIN, Page, Server
from fake_store.script import alone
from running import RunningBridge

HERE = Path(__file__).parent
TOKEN = {
    "label": "山田太郎のカード",
    "serial": "0001",
    "model": "Card 5110",
    "pin": PIN,
    "tries": 3,
    "keys": ["rsa", "p256"],
}


def write_keys(folder: Path) -> None:
    """A folder per key, as the script names them."""
    for name, make in KEYS.items():
        (folder / name).mkdir()
        key = make()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / name / "key.pem").write_bytes(pem)
        (folder / name / "cert.der").write_bytes(certificate_of(key, f"髙﨑 𠮷乃 {name}"))


def write_script(path: Path, *tokens: dict[str, Any], events: tuple[dict[str, Any], ...] = ()) -> None:
    """What is in the slots from now on, and what will happen."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"tokens": tokens, "events": events}), encoding="utf-8")
    part.replace(path)


class FakeHouse:
    """The bridge, its profile, and the script of its tokens."""

    def __init__(self, folder: Path, **settings: int) -> None:
        """`folder` has the keys that the tokens hold."""
        self.script = folder / "script.json"
        self.plug(TOKEN)
        path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
        self.environment = {**os.environ, "PYTHONPATH": path}
        self.server = self._pair(folder / "profile", settings)
        self.profile = folder / "profile"
        self.restart()
        self.reset()

    def restart(self) -> None:
        """A bridge process, the first or the next."""
        command = [sys.executable, "-m", "fake_store", str(self.script)]
        self.bridge = RunningBridge(self.profile, self.environment, command=command)
        self.person = self.bridge.person

    def reset(self) -> None:
        """The card as it was made, and a willing person who knows its PIN."""
        with alone(self.script):
            self.script.with_name("state.json").unlink(missing_ok=True)
            self.plug(TOKEN)
        self.person.consent, self.person.pin, self.person.last = "yes", PIN, "LAST"
        self.person.forget()

    def _pair(self, profile: Path, settings: dict[str, int]) -> Server:
        from cectrust_bridge.profile.folder import Profile

        identity = Profile(profile).identity()
        server = Server({"bridge_id": identity.bridge_id, "jwk": identity.jwk}, ORIGIN)
        (profile / "servers" / "demo.json").write_text(json.dumps(server.pairing()), encoding="utf-8")
        (profile / "config.toml").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        return server

    def plug(self, *tokens: dict[str, Any], events: tuple[dict[str, Any], ...] = ()) -> None:
        """What is in the slots from now on, and what will happen."""
        write_script(self.script, *tokens, events=events)

    def page(self) -> Page:
        return Page(self.server, self.bridge.port)

    def state(self) -> dict[str, Any]:
        """What the fake remembers."""
        kept: dict[str, Any] = json.loads(self.script.with_name("state.json").read_text(encoding="utf-8"))
        return kept

    def use_up_tries(self, count: int) -> None:
        """Another program gives the card so many wrong PINs."""
        with alone(self.script):
            state = {**self.state(), "wrong": {TOKEN["serial"]: count}}
            self.script.with_name("state.json").write_text(json.dumps(state), encoding="utf-8")

    def wait_until(self, holds: Callable[[dict[str, Any]], object]) -> None:
        """Until the fake has come so far."""
        deadline = time.monotonic() + 20
        while not holds(self.state()):
            assert time.monotonic() < deadline, self.state()
            time.sleep(0.02)
