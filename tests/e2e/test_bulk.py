"""Several contracts under one consent and one PIN, in real Chromium with bridge and token; what is cut off is kept."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bridge.tests.proc import children_of, words_of
from cectrust.demo.people import PARTICIPANTS
from tests.e2e.conftest import DOCUMENT, Travelled
from tests.e2e.journey import KIND
from tests.e2e.office import PASSWORD, SIGNING, Office

Offices = Callable[..., Office]
A = PARTICIPANTS[0]
TITLES = tuple(f"髙﨑ビル 第{n}工区 外壁改修その他附帯工事一式請負契約書" for n in range(1, 6))


def clerk(office: Offices, travelled: Travelled, titles: tuple[str, ...]) -> Office:
    """User A, who has registered these contracts."""
    found = office("a")
    found.inspect, kept = True, os.environ.get("TEST_SCREENS")
    found.screens = Path(kept) if kept else None
    found.enter(found.facts["user_login"], PASSWORD)
    for title in titles:
        found.register(title, DOCUMENT, travelled.running.people["b"]["company"], KIND)
    return found


def tick(person: Office, *titles: str) -> None:
    """Choose contracts in the list and open the page that signs them together."""
    person.go("/contracts?state=draft")
    for title in titles:
        person.page.get_by_label(f"{title} を選ぶ").check()
    person.click("選んだ契約にまとめて署名する")
    person.page.wait_for_url(re.compile(r"/signing/batches/[0-9a-f]{32}$"))
    expect(person.page.locator("#signing[data-ready=yes]")).to_be_attached()


def finished(person: Office, how: str = "yes", timeout: float = SIGNING * 3) -> None:
    expect(person.page.locator(f"#signing[data-done={how}]")).to_be_attached(timeout=timeout)


def states(person: Office) -> list[str]:
    return [str(row.get_attribute("data-state")) for row in person.page.locator("[data-item]").all()]


def token_workers(parent: int) -> list[int]:
    """The processes below ``parent`` that drive a token."""
    children = children_of(parent)
    mine = [pid for pid in children if {"child", "worker"} <= set(words_of(pid))]
    return mine + [found for pid in children for found in token_workers(pid)]


def kill_after_the_first_result(kept: Path) -> None:
    """End whatever drives the token once the bridge has kept a result: when a page shows it, all may be signed."""
    deadline = time.monotonic() + 600
    while not any(b'"result"' in file.read_bytes() for file in kept.iterdir()):
        assert time.monotonic() < deadline, "nothing is signed"
        time.sleep(0.001)
    for worker in token_workers(os.getpid()):
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.kill(worker, signal.SIGKILL)


def test_five_contracts_are_signed_with_one_consent_and_one_pin(travelled: Travelled, office: Offices) -> None:
    person = clerk(office, travelled, TITLES)
    terminal = travelled.running.terminals["a"]
    before = terminal.transcript.count("PIN for ")
    tick(person, *TITLES)
    person.says("5 件の契約にまとめて署名")
    person.photograph("batch-before")
    person.click("署名を始める")
    finished(person)
    person.photograph("batch-done")
    assert states(person) == ["completed"] * 5
    assert terminal.transcript.count("PIN for ") == before + 1
    assert "=== DONE: signed 5 ===" in terminal.transcript
    person.go("/contracts?state=signed")
    for title in TITLES:
        person.says(title)
    assert not person.problems, person.problems
    assert not person.findings, person.findings


def test_a_tab_closed_after_the_pin_is_taken_up_from_the_page(travelled: Travelled, office: Offices) -> None:
    titles = ("閉じたタブの契約 その一", "閉じたタブの契約 その二")
    person = clerk(office, travelled, titles)
    tick(person, *titles)
    address = person.page.url
    person.page.route("**/results", lambda route: route.abort())
    person.click("署名を始める")
    expect(person.page.locator("#signing-help[data-code=undelivered]")).to_be_visible(timeout=SIGNING)
    pins = travelled.running.terminals["a"].transcript.count("PIN for ")
    person.tab.renew()
    person.page.goto(address)
    expect(person.page.locator("#signing[data-ready=yes]")).to_be_attached()
    person.click("署名を始める")
    finished(person)
    assert states(person) == ["completed", "completed"]
    assert travelled.running.terminals["a"].transcript.count("PIN for ") == pins, "nothing was signed again"


def test_a_contract_that_was_discarded_meanwhile_is_named_and_the_others_are_signed(
    travelled: Travelled, office: Offices
) -> None:
    titles = ("続ける契約", "取りやめる契約")
    person = clerk(office, travelled, titles)
    tick(person, *titles)
    address = person.page.url
    person.go("/contracts?state=draft&q=取りやめる契約")
    person.page.get_by_role("link", name="取りやめる契約").click()
    person.page.get_by_text("この契約を破棄する").click()
    person.click("破棄する")
    person.page.goto(address)
    person.click("署名を始める")
    finished(person, "partly")
    assert sorted(states(person)) == ["completed", "refused"]
    person.says("署名できなかった契約があります。")
    person.photograph("batch-partly")
    assert not person.findings, person.findings


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_hundred_contracts_survive_a_worker_that_dies_midway(travelled: Travelled, office: Offices) -> None:
    titles = tuple(f"一括 {n:03} 号 注文書" for n in range(200))
    person = clerk(office, travelled, titles)
    person.go("/contracts?state=draft&q=一括&rows=200")
    person.page.get_by_label("署名できる契約をすべて選ぶ").check()
    person.click("選んだ契約にまとめて署名する")
    person.page.wait_for_url(re.compile(r"/signing/batches/"))
    with ThreadPoolExecutor(1) as beside:
        killed = beside.submit(kill_after_the_first_result, travelled.running.layout.bridge_profile(A) / "kept")
        person.click("署名を始める")
        killed.result()
    finished(person, "partly", timeout=900_000)
    signed = states(person).count("completed")
    assert 0 < signed < 200
    person.says("途中で署名が止まりました。")
    person.click("残りに署名する")
    finished(person, timeout=900_000)
    assert states(person) == ["completed"] * 200
