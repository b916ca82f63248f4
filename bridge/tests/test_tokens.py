"""Tokens that go away, PINs that are wrong, workers that die; and where the PIN must never be found."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from bridge_house import PIN, House
from cectrust_bridge.processes.channel import Channel
from cectrust_bridge.processes.pins import pack
from cectrust_bridge.tokens import pkcs11_store
from cectrust_bridge.tokens.failures import Failure
from driver import Page, PageError, document
from pkcs11 import TokenFlag
from running import BRIDGE


def begin(page: Page, chosen: dict[str, Any], pdf: bytes) -> str:
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    return jti


def choose(page: Page) -> dict[str, Any]:
    return next(each for each in page.certificates() if each["key_type"] == "rsa")


def pull(house: House) -> None:
    """Take the token out: SoftHSM sees a token per folder."""
    shutil.move(house.token.folder / "tokens", house.token.folder / "pulled")
    (house.token.folder / "tokens").mkdir()


def test_T24_a_wrong_pin_is_tried_once_and_said_so(house: House, page: Page, pdf: bytes) -> None:
    chosen = choose(page)
    house.person.pin = "00000000"
    house.person.forget()
    with pytest.raises(PageError, match="pin_incorrect") as error:
        page.call("sign.confirm", jti=begin(page, chosen, pdf))
    assert error.value.data["pin_state"] == "low"
    assert house.person.transcript.count("PIN for") == 1
    house.person.pin = PIN
    assert page.call("sign.confirm", jti=begin(page, chosen, pdf))["signed"]
    assert page.requested("token.list", "token.list")["tokens"][0]["pin_state"] == "normal"


@pytest.mark.parametrize("pin", ["", "1", "9" * 300, "\udcff\udcfe"])
def test_a_pin_that_cannot_be_one_is_an_error_not_a_crash(house: House, page: Page, pdf: bytes, pin: str) -> None:
    chosen = choose(page)
    house.person.pin = pin
    with pytest.raises(PageError) as error:
        page.call("sign.confirm", jti=begin(page, chosen, pdf))
    assert error.value.name in ("user_cancelled", "pin_incorrect")
    house.person.pin = PIN
    assert page.call("sign.confirm", jti=begin(page, chosen, pdf))["signed"], "nothing of it answers the next"


class Flagged:
    """SoftHSM never locks, so the flags of PKCS#11 are given here: those kept, and those the token has by now."""

    def __init__(self, kept: TokenFlag, now: TokenFlag) -> None:
        self.flags, self.slot, self._now = kept, self, now

    def get_token(self) -> Flagged:
        return Flagged(self._now, self._now)


@pytest.mark.parametrize(
    ("flags", "state", "error"),
    [
        (TokenFlag(0), "normal", "pin_incorrect"),
        (TokenFlag.USER_PIN_COUNT_LOW, "low", "pin_incorrect"),
        (TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY, "final", "pin_final_try"),
        (TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED, "locked", "pin_locked"),
        (TokenFlag.USER_PIN_TO_BE_CHANGED, "change_required", "pin_incorrect"),
    ],
)
def test_T24_the_flags_of_the_token_become_its_pin_state(flags: TokenFlag, state: str, error: str) -> None:
    token: Any = Flagged(TokenFlag(0), flags)
    assert pkcs11_store.pin_state(token.get_token()) == state
    assert pkcs11_store.wrong_pin(token).answer == {"error": error, "facts": {"pin_state": state}}


@pytest.mark.parametrize(
    ("flags", "shown", "tried"),
    [
        (TokenFlag.USER_PIN_LOCKED, "locked", False),
        (TokenFlag.USER_PIN_TO_BE_CHANGED, "change_required", False),
        (TokenFlag.USER_PIN_FINAL_TRY, "low", False),
        (TokenFlag.USER_PIN_FINAL_TRY, "final", True),
        (TokenFlag.USER_PIN_COUNT_LOW, "normal", True),
    ],
)
def test_T24_a_token_that_must_not_be_tried_is_not_tried(flags: TokenFlag, shown: str, tried: bool) -> None:
    token: Any = Flagged(flags, flags)
    with contextlib.nullcontext() if tried else pytest.raises(Failure):
        pkcs11_store.refuse_unusable(token, {"token": {"pin_state": shown}})


NEW = b"1234\n5678\n5678\n"


@pytest.mark.parametrize(
    ("ask", "state", "typed", "piped"),
    [
        ("pin", "final", b"LAST\n1234\n", b"1234"),
        ("pin", "final", b"last\n1234\n", b""),
        ("pin", "final", b"", b""),
        ("change_pin", "final", b"LAST\n" + NEW, pack(b"1234", b"5678")),
        ("change_pin", "final", b"no\n" + NEW, b""),
        ("change_pin", "locked", NEW, b""),
        ("change_pin", "change_required", NEW, pack(b"1234", b"5678")),
    ],
)
def test_T24_the_last_try_wants_a_typed_word(ask: str, state: str, typed: bytes, piped: bytes) -> None:
    ours, theirs = socket.socketpair()
    readable, writable = os.pipe()
    with ours, theirs:
        prompter = subprocess.Popen(
            [*BRIDGE, "child", "prompter", str(theirs.fileno()), "terminal"],
            pass_fds=[theirs.fileno()], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        channel = Channel(ours)
        channel.send({"ask": ask, "token": {"label": "T", "pin_state": state}}, descriptors=[writable])
        os.close(writable)
        theirs.close()
        assert prompter.stdin is not None
        prompter.stdin.write(typed)
        prompter.stdin.close()
        assert channel.receive().fields == {"answer": "yes" if piped else "no"}
    with os.fdopen(readable, "rb") as pin:
        assert pin.read() == piped
    assert prompter.stdout is not None
    with prompter.stdout:
        assert b"1234" not in prompter.stdout.read()
    prompter.wait(10)


def test_no_token_is_told_apart(own_house: House) -> None:
    pull(own_house)
    page = own_house.page()
    with pytest.raises(PageError, match="no_token"):
        page.certificates()
    page.close()


def test_a_module_that_is_not_there_is_told_apart(own_house: House) -> None:
    own_house.bridge.stop()
    config = own_house.bridge.profile / "config.toml"
    config.write_text('[[pkcs11]]\nname = "gone"\npath = "/nowhere/lib.so"\n')
    own_house.bridge = type(own_house.bridge)(own_house.bridge.profile, own_house.token.environment)
    page = own_house.page()
    with pytest.raises(PageError, match="no_module"):
        page.certificates()
    assert page.call("env.check")["modules"] == [{"name": "gone", "state": "missing"}]
    page.close()


def test_a_token_pulled_between_consent_and_pin_is_reported(own_house: House, pdf: bytes) -> None:
    page = own_house.page()
    chosen = choose(page)
    own_house.person.consent = None
    confirm = page.start("sign.confirm", jti=begin(page, chosen, pdf))
    own_house.person.wait_for("sign? [yes/no]")
    pull(own_house)
    own_house.person.say("yes")
    with pytest.raises(PageError, match="token_removed") as error:
        page.answer(confirm)
    assert "signed" not in error.value.data, "an error means that nothing is signed"
    page.close()


def test_a_different_token_put_in_between_is_not_used(own_house: House, pdf: bytes) -> None:
    page = own_house.page()
    chosen = choose(page)
    own_house.person.consent = None
    confirm = page.start("sign.confirm", jti=begin(page, chosen, pdf))
    own_house.person.wait_for("sign? [yes/no]")
    pull(own_house)
    own_house.token.initialise(own_house.token.label)
    own_house.person.say("yes")
    with pytest.raises(PageError, match="token_removed"):
        page.answer(confirm)
    page.close()


def test_a_token_put_in_later_is_seen(own_house: House) -> None:
    page = own_house.page()
    choose(page)
    pull(own_house)
    with pytest.raises(PageError, match="no_token"):
        page.certificates()
    shutil.rmtree(own_house.token.folder / "tokens")
    shutil.move(own_house.token.folder / "pulled", own_house.token.folder / "tokens")
    assert choose(page)
    page.close()


def test_a_worker_that_crashed_is_replaced(house: House, page: Page) -> None:
    choose(page)
    [before] = house.bridge.children("worker")
    os.kill(before, signal.SIGKILL)
    assert choose(page)
    [after] = house.bridge.children("worker")
    assert before != after


def wait_until_asked(pid: int) -> None:
    """Until the stopped process has unread octets: killed before that, it would just be replaced."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        listing = subprocess.run(["ss", "-xnp"], capture_output=True, text=True, check=True).stdout
        queues = [line.split()[2] for line in listing.splitlines() if f"pid={pid}," in line]
        if any(queue != "0" for queue in queues):
            return
    raise AssertionError(f"nothing was sent to {pid}")


def test_a_worker_that_crashes_at_work_is_a_device_error(house: House, page: Page, pdf: bytes) -> None:
    chosen = choose(page)
    [pid] = house.bridge.children("worker")
    house.person.consent = None
    confirm = page.start("sign.confirm", jti=begin(page, chosen, pdf))
    house.person.wait_for("sign? [yes/no]")
    os.kill(pid, signal.SIGSTOP)
    house.person.say("yes")
    page.wait_for_phase("signing")
    wait_until_asked(pid)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(PageError, match="device_error"):
        page.answer(confirm)
    assert choose(page)


def test_a_worker_that_hangs_is_killed_by_cancel_and_replaced(house: House, page: Page, pdf: bytes) -> None:
    chosen = choose(page)
    [pid] = house.bridge.children("worker")
    jti = begin(page, chosen, pdf)
    os.kill(pid, signal.SIGSTOP)
    confirm = page.start("sign.confirm", jti=jti)
    page.call("env.check")
    cancel = page.start("sign.cancel", jti=jti)
    page.answer(cancel)
    with pytest.raises(PageError, match="user_cancelled"):
        page.answer(confirm)
    assert choose(page)
    assert pid not in house.bridge.children("worker")


def memory_of(pid: int) -> bytes:
    """All readable memory of a process."""
    parts = []
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            start, end = (int(number, 16) for number in span.split("-"))
            if "r" in rights and "[v" not in line:
                memory.seek(start)
                parts.append(memory.read(end - start))
    return b"".join(parts)


@pytest.mark.skipif(os.getuid() != 0 or sys.platform != "linux", reason="reads the bridge's memory")
def test_T1_the_pin_is_in_no_file_no_frame_no_log_and_not_in_the_front_process(own_house: House, pdf: bytes) -> None:
    page = own_house.page()
    result = page.call("sign.confirm", jti=begin(page, choose(page), pdf))
    places = {str(path): path.read_bytes() for path in own_house.bridge.profile.rglob("*") if path.is_file()}
    places |= {"frames": repr((result, page.notifications)).encode()}
    places |= {"terminal": own_house.person.transcript.encode()}
    places |= {"memory": memory_of(own_house.bridge.process.pid)}
    assert b"cectrust-bridge listening" in places[str(own_house.bridge.log)]
    assert len(places["memory"]) > 10_000_000
    assert [name for name, octets in places.items() if PIN.encode() in octets] == []
    page.close()
