"""Tokens that are pulled around a signature, and what a crash may leave of a PIN."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bridge_house import PIN, House, SoftToken, make_profile
from driver import Page, PageError, Server, document
from fake_house import FakeHouse
from running import BRIDGE, RunningBridge

SNOOP = Path(__file__).with_name("snoop.py")
# Root may read everybody; without its capabilities it is a user like others (capabilities(7), ptrace(2)).
WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []


@pytest.fixture
def fake_page(fake: FakeHouse) -> Iterator[Page]:
    with contextlib.closing(fake.page()) as page:
        yield page


def test_a_token_pulled_before_the_request_signs_nothing(fake: FakeHouse, fake_page: Page, pdf: bytes) -> None:
    certificate = fake_page.certificates()[0]
    fake.person.forget()
    fake.plug()
    with pytest.raises(PageError) as error:
        fake_page.sign(certificate, [pdf])
    assert error.value.code == -32021
    assert "sign?" not in fake.person.transcript


def test_a_token_pulled_after_the_signature_takes_nothing_back(fake: FakeHouse, fake_page: Page, pdf: bytes) -> None:
    report = fake_page.sign(fake_page.certificates()[0], [pdf])
    fake.plug()
    with contextlib.closing(fake.page()) as later:
        again = later.requested("sign.resume", "sign.resume", jti=report["jti"])
        assert (again["signed"], later.results) == (["doc-1"], fake_page.results)
        assert later.call("sign.ack", jti=report["jti"])["acknowledged"]


def test_no_process_that_sees_a_pin_can_leave_a_core(house: House, page: Page, pdf: bytes) -> None:
    certificate = page.certificates()[0]
    house.person.forget()
    house.person.consent = None
    jti = page.begin(certificate, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    pids = house.bridge.children("worker") + house.bridge.children("prompter")
    limits = [Path(f"/proc/{pid}/limits").read_text() for pid in pids]
    assert len(limits) == 2
    assert all("Max core file size        0                    0 " in each for each in limits)
    house.person.say("no")
    with pytest.raises(PageError, match="user_cancelled"):
        page.answer(confirm)


@pytest.fixture
def plain_bridge(tmp_path: Path, filled_token: SoftToken) -> Iterator[tuple[Server, RunningBridge]]:
    """A bridge without root's rights, as people's are."""
    token = filled_token.copy(tmp_path / "token")
    server = make_profile(tmp_path / "profile", token)
    bridge = RunningBridge(tmp_path / "profile", token.environment, command=[*WITHOUT_RIGHTS, *BRIDGE])
    yield server, bridge
    bridge.stop()


def is_guarded() -> bool:
    """Does this kernel keep debuggers from all but their own children (Yama)?"""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return scope.exists() and scope.read_text().strip() != "0"


def snooped(*pids: int) -> list[set[str]]:
    """In which ways another process of this user got at each of these."""
    command = [*WITHOUT_RIGHTS, sys.executable, str(SNOOP), *map(str, pids)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout)
    return [set(found[str(pid)]) for pid in pids]


def test_no_other_process_of_the_user_reads_those_that_see_a_pin(
    plain_bridge: tuple[Server, RunningBridge], pdf: bytes
) -> None:
    server, bridge = plain_bridge
    bridge.person.pin = None
    with contextlib.closing(Page(server, bridge.port)) as page:
        jti = page.begin(page.certificates()[0], [document(pdf)])
        page.send_bytes(pdf)
        confirm = page.start("sign.confirm", jti=jti)
        bridge.person.wait_for("PIN for")
        (worker,), (prompter,) = bridge.children("worker"), bridge.children("prompter")
        front, *seeing_pins = snooped(bridge.process.pid, worker, prompter)
        bridge.person.say(PIN)
        assert page.answer(confirm)["signed"] == ["doc-1"]
    # The front sees no PIN and is not closed: so the snoop can do what it tries, or as much as Yama lets anybody do.
    assert front == (
        {"environment"} if is_guarded() else {"file_of_memory", "call_for_memory", "debugger", "environment"}
    )
    assert seeing_pins == [set(), set()]
