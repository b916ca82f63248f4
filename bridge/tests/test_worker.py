"""A worker keeps no PIN: neither one that it used nor one that it never came to read. Nor a log-in."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from bridge_house import PIN
from cectrust_bridge.processes.channel import Channel, Message
from cectrust_bridge.tokens import worker
from cectrust_bridge.tokens.failures import Failure
from cectrust_bridge.tokens.pkcs11_store import Pkcs11Store
from fake_house import TOKEN, write_script
from fake_store.library import Library

SHOWN = {
    "label": TOKEN["label"],
    "serial": TOKEN["serial"],
    "manufacturer": "Fake",
    "model": TOKEN["model"],
    "pin_state": "normal",
}
WANTED = {
    "token": SHOWN, "certificate": "", "mechanism": "ecdsa_sha256", "octets": ["00"], "type": "rsa2048",
    "key_id": "01", "label": "x", "subject": [], "chain": [], "seconds": 240,
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


@pytest.mark.parametrize(
    ("each", "signed", "error"), [(50, 4, "device_error"), (10, 5, None), (250, 0, "device_error")]
)
def test_a_log_in_ends_in_time_and_what_was_signed_until_then_is_told(
    tmp_path: Path, fake_keys: Path, each: int, signed: int, error: str | None
) -> None:
    """`each`: seconds of the worker's clock for one signature of a batch of five that has 240."""
    (tmp_path / "p256").symlink_to(fake_keys / "p256")
    write_script(tmp_path / "script.json", {**TOKEN, "keys": ["p256"]})
    store = Pkcs11Store(Library(tmp_path / "script.json"), itertools.count(0, each).__next__)
    der = (fake_keys / "p256" / "cert.der").read_bytes().hex()
    wanted = {**WANTED, "certificate": der, "octets": ["00"] * 5, "seconds": 240}
    done: list[int] = []
    with contextlib.nullcontext() if error is None else pytest.raises(Failure) as failed:
        store.sign(Message(wanted, b"", [pipe_with_a_pin()]), lambda number, _: done.append(number))
    assert len(done) == signed
    assert error is None or failed.value.answer["error"] == error
    counts = json.loads((tmp_path / "state.json").read_text())["counts"]
    assert (counts["login"], counts["logout"], counts.get("sign", 0)) == (1, 1, signed)
