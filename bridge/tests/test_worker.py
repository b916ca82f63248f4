"""A worker keeps no PIN: neither one that it used nor one that it never came to read."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from bridge_house import PIN
from cectrust_bridge.processes.channel import Channel, Message
from cectrust_bridge.tokens import worker
from cectrust_bridge.tokens.pkcs11_store import Pkcs11Store
from fake_house import TOKEN, write_script
from fake_store.library import Library

SHOWN = {"label": TOKEN["label"], "serial": TOKEN["serial"], "manufacturer": "Fake", "model": TOKEN["model"]}
WANTED = {
    "token": SHOWN, "certificate": "", "mechanism": "ecdsa_sha256", "octets": ["00"], "type": "rsa2048",
    "key_id": "01", "label": "x", "subject": [], "chain": [],
}  # fmt: skip
ACTS = ("sign", "generate", "request", "store", "change_pin", "open", "tokens", "no such act")
CARDS: list[tuple[dict[str, Any], ...]] = [
    (),
    (TOKEN,),
    ({**TOKEN, "tries": 0},),
    ({**TOKEN, "flags": ["USER_PIN_TO_BE_CHANGED"]},),
    ({**TOKEN, "flags": ["PROTECTED_AUTHENTICATION_PATH"]},),
]


def descriptors() -> set[str]:
    """Open files of this process, without that of the look itself."""
    return {link.name for link in Path("/proc/self/fd").iterdir() if link.exists()}


def pipe_with_a_pin() -> int:
    readable, writable = os.pipe()
    with os.fdopen(writable, "wb") as window:
        window.write(PIN.encode())
    return readable


@pytest.mark.parametrize("cards", CARDS, ids=["absent", "present", "locked", "transport PIN", "own keys"])
@pytest.mark.parametrize("act", ACTS)
def test_whatever_becomes_of_an_act_its_pipe_is_closed(
    tmp_path: Path, act: str, cards: tuple[dict[str, Any], ...]
) -> None:
    write_script(tmp_path / "script.json", *[{**card, "keys": []} for card in cards])
    store = Pkcs11Store(Library(tmp_path / "script.json"))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        before = descriptors()
        worker.answer(store, Message({"do": act, **WANTED}, b"", [pipe_with_a_pin()]), Channel(theirs))
        assert descriptors() == before
