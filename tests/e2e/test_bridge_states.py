"""What the signing dialog says when something is in the way, in real Chromium with real bridges (T22)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cectrust.demo import processes
from cectrust.demo.people import PARTICIPANTS
from tests.e2e.conftest import DOCUMENT, Travelled
from tests.e2e.journey import KIND
from tests.e2e.office import PASSWORD, SIGNING, Office
from tests.e2e.plugging import unplugged
from tests.e2e.running import Running
from tests.e2e.squatter import Told, cunning, malformed, silent, squatting
from tests.e2e.terminal import attended

Offices = Callable[..., Office]
A = PARTICIPANTS[0]
GUARDED = "--ip-address-space-overrides=127.0.0.1:8710=public"
"""Makes Chromium take the page's address for a public one, so that it guards the loopback address."""

SEEN = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""Playwright's pages are always seen."""
REFUSED_SEARCH = """async () => {
  const sockets = [];
  const opened = new Set();
  const Original = WebSocket;
  window.WebSocket = class extends Original {
    constructor(...given) {
      super(...given);
      sockets.push(this);
      this.addEventListener("open", () => opened.add(this));
    }
  };
  const { connect } = await import("/static/bridge-client.js");
  const newChallenge = () => Promise.reject(new TypeError("signed out"));
  const failure = await connect({ newChallenge, verifyHello: () => true }).catch((error) => error.message);
  const left = sockets.filter(({ readyState }) => readyState < WebSocket.CLOSING).length;
  return [failure, opened.size > 0, left];
}"""
"""A page searches for its bridge while the server no longer knows its person."""


@pytest.fixture(scope="module")
def draft() -> list[str]:
    """The path of the draft that is about to be signed; registered by the first test that asks."""
    return []


def clerk(office: Offices, draft: list[str], travelled: Travelled, *arguments: str) -> Office:
    """User A before a draft that waits for his signature."""
    found = office("a", *arguments)
    found.enter(found.facts["user_login"], PASSWORD)
    if not draft:
        draft.append(found.register("足場工事 注文書", DOCUMENT, travelled.running.people["b"]["company"], KIND))
    return found


def begin(person: Office, draft: list[str]) -> None:
    person.go(f"{draft[0]}/sign")
    expect(person.page.locator("#signing[data-ready=yes]")).to_be_attached()
    person.click("署名を始める")


def shows(person: Office, code: str, words: str, anchor: str = "") -> None:
    """The failure has its own words, a way to try again and, where the computer is the matter, the help page."""
    help_ = person.page.locator(f"#signing-help[data-code={code}]")
    expect(help_).to_be_visible(timeout=SIGNING)
    expect(help_).to_contain_text(words)
    expect(help_.get_by_role("button", name="もう一度試す")).to_be_visible()
    if anchor:
        link = help_.get_by_role("link", name="PC環境設定を開く")
        expect(link).to_have_attribute("href", f"/help/bridge#{anchor}")


@contextmanager
def only(running: Running, *keys: str) -> Iterator[None]:
    """Nobody's bridge runs but these participants'."""
    running.stop_bridges()
    if keys:
        running.start_bridges(*keys)
    try:
        yield
    finally:
        running.stop_bridges()
        running.start_bridges()


def test_T22_bridge_absent_and_then_started(travelled: Travelled, office: Offices, draft: list[str]) -> None:
    person = clerk(office, draft, travelled)
    with only(travelled.running):
        begin(person, draft)
        shows(person, "bridge_absent", "署名ブリッジが見つかりません", "absent")
    with travelled.running.terminals["a"].refusing():
        person.click("もう一度試す")
        shows(person, "user_cancelled", "何も署名されていません")


def test_T22_a_bridge_that_another_site_paired(
    travelled: Travelled, office: Offices, draft: list[str], tmp_path: Path
) -> None:
    person = clerk(office, draft, travelled)
    shutil.copytree(travelled.running.layout.bridge_profile(A), tmp_path / "bridge", ignore=_sockets)
    pairing = tmp_path / "bridge" / "servers" / "demo.json"
    pairing.write_text(pairing.read_text().replace("http://localhost:8710", "https://elsewhere.example"))
    program = processes.bridge(travelled.running.layout, A, "terminal")
    command = [str(tmp_path / "bridge") if "profile" in before else part for before, part in _pairs(program.command)]
    with only(travelled.running), attended(replace(program, command=command), "unused"):
        begin(person, draft)
        shows(person, "not_paired", "このサーバーが登録されていません", "not-paired")


def test_T22_the_bridge_of_somebody_else(travelled: Travelled, office: Offices, draft: list[str]) -> None:
    person = clerk(office, draft, travelled)
    with only(travelled.running, "b"):
        begin(person, draft)
        shows(person, "wrong_bridge", "ログイン中のユーザID に登録されていません", "not-paired")


@pytest.mark.parametrize("second", [malformed, cunning])
def test_T22_ports_that_other_programs_hold_do_not_hide_the_bridge(
    travelled: Travelled, office: Offices, draft: list[str], second: Told
) -> None:
    person = clerk(office, draft, travelled)
    program = processes.bridge(travelled.running.layout, A, "terminal")
    first, third = str(A.bridge_port), str(A.bridge_port + 2)
    command = [third if before == "--port" else part for before, part in _pairs(program.command)]
    with (
        only(travelled.running),
        squatting(int(first), silent) as dumb,
        squatting(int(first) + 1, second) as answering,
        attended(replace(program, command=command), "unused") as terminal,
    ):
        terminal.answer_signing = "no"
        begin(person, draft)
        shows(person, "user_cancelled", "何も署名されていません")
    assert set(dumb.heard) == set(answering.heard) == {"hello"}


def test_T22_the_browser_forbids_the_connection(travelled: Travelled, office: Offices, draft: list[str]) -> None:
    """Headless Chromium answers its own question with "block"."""
    person = clerk(office, draft, travelled, GUARDED)
    begin(person, draft)
    shows(person, "permission_denied", "ブラウザが署名ブリッジへの接続を止めています", "denied")


def test_a_search_that_the_server_refuses_leaves_no_connection(
    travelled: Travelled, office: Offices, draft: list[str]
) -> None:
    person = clerk(office, draft, travelled)
    assert person.page.evaluate(REFUSED_SEARCH) == ["signed out", True, 0]


def test_T22_a_wrong_pin(travelled: Travelled, office: Offices, draft: list[str]) -> None:
    person = clerk(office, draft, travelled)
    assert person.terminal is not None
    with person.terminal.mistyping("00000000"):
        begin(person, draft)
        shows(person, "pin_incorrect", "PIN が違います", "pin")


def test_T22_no_token_and_then_plugged_in(travelled: Travelled, office: Offices) -> None:
    """Nobody presses anything: the dialog goes on when the token is there."""
    person = clerk(office, [], travelled)
    asked = travelled.running.terminals["a"].transcript.count("PIN for")
    with unplugged(travelled.running, A):
        begin(person, [person.tab.url.removeprefix(person.base_url)])
        shows(person, "no_token", "差し込むと自動で続きます", "no-token")
        assert travelled.running.terminals["a"].transcript.count("PIN for") == asked
    expect(person.page.locator("#signing[data-done=yes]")).to_be_attached(timeout=SIGNING)
    expect(person.page.locator("#signing-help")).to_be_hidden()
    assert travelled.running.terminals["a"].transcript.count("PIN for") == asked + 1


def test_T22_no_token_and_tried_again_by_hand(travelled: Travelled, office: Offices, draft: list[str]) -> None:
    """Whoever presses the button begins anew once, though a dialog was waiting for the token."""
    person = clerk(office, draft, travelled)
    terminal = travelled.running.terminals["a"]
    with terminal.refusing():
        with unplugged(travelled.running, A):
            begin(person, draft)
            shows(person, "no_token", "差し込むと自動で続きます", "no-token")
            person.click("もう一度試す")
            shows(person, "no_token", "差し込むと自動で続きます", "no-token")
            before = terminal.transcript.count("sign? ")
        shows(person, "user_cancelled", "何も署名されていません")
    assert terminal.transcript.count("sign? ") == before + 1


def test_T22_the_person_says_no(travelled: Travelled, office: Offices, draft: list[str]) -> None:
    person = clerk(office, draft, travelled)
    assert person.terminal is not None
    with person.terminal.refusing():
        begin(person, draft)
        shows(person, "user_cancelled", "何も署名されていません")


def test_the_bridge_is_found_while_the_person_reads_and_found_again_if_it_was_started_anew(
    travelled: Travelled, office: Offices, draft: list[str]
) -> None:
    person = clerk(office, draft, travelled)
    with only(travelled.running, "a"):
        person.go(f"{draft[0]}/sign")
        expect(person.page.locator("#step-bridge[data-state=did]")).to_contain_text("接続しました")
        travelled.running.stop_bridges()
        travelled.running.start_bridges("a")
        with travelled.running.terminals["a"].refusing():
            person.click("署名を始める")
            shows(person, "user_cancelled", "何も署名されていません")


def test_a_page_that_nobody_sees_takes_no_place_at_the_bridge(
    travelled: Travelled, office: Offices, draft: list[str]
) -> None:
    person = clerk(office, draft, travelled)
    step = person.page.locator("#step-bridge")
    with only(travelled.running, "a"):
        person.go(f"{draft[0]}/sign")
        expect(step).to_have_attribute("data-state", "did")
        for hidden, state, note in ((True, "todo", "許可を求めたら"), (False, "did", "接続しました")):
            person.page.evaluate(SEEN, hidden)
            expect(step).to_have_attribute("data-state", state)
            expect(step).to_contain_text(note)


def test_a_tab_closed_after_the_pin_is_resumed_without_asking_again(
    travelled: Travelled, office: Offices, draft: list[str]
) -> None:
    """In a Chromium that guards the loopback address and was told to allow it: so the permission signs for real."""
    person = clerk(office, draft, travelled, GUARDED)
    person.context.grant_permissions(["local-network-access"])
    assert person.terminal is not None
    asked = person.terminal.transcript.count("PIN for")
    person.page.route("**/results", lambda route: route.abort())
    begin(person, draft)
    expect(person.page.locator("#signing-help")).to_be_visible(timeout=SIGNING)
    assert person.terminal.transcript.count("PIN for") == asked + 1
    person.tab.renew()
    begin(person, draft)
    expect(person.page.locator("#signing[data-done=yes]")).to_be_attached(timeout=SIGNING)
    assert person.terminal.transcript.count("PIN for") == asked + 1
    person.go(draft[0])
    person.says("取引先に送付する")


def _pairs(command: list[str]) -> Iterator[tuple[str, str]]:
    return zip(["", *command], command, strict=False)


def _sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_socket()]
