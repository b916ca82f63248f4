"""Logging in with the certificate, and confirming dangerous acts with it: real Chromium, real bridge, real token."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cectrust.demo import processes
from cectrust.demo.people import PARTICIPANTS
from tests.e2e.conftest import Travelled
from tests.e2e.office import PASSWORD, SIGNING, Office
from tests.e2e.plugging import unplugged
from tests.e2e.terminal import BridgeTerminal

Offices = Callable[..., Office]
A = PARTICIPANTS[0]


@pytest.fixture
def restored(travelled: Travelled) -> Iterator[None]:
    """Afterwards a password is enough again: the operator's way back is the only one that always works."""
    yield
    login = travelled.running.people["a"]["user_login"]
    bridge = processes.bridge(travelled.running.layout, A, "terminal")
    program = Path(bridge.command[0]).with_name("cectrust")
    command = [str(program), "user", "second-factor-off", "--login", login]
    subprocess.run(command, env=travelled.running.layout.environment, check=True)


def prove(person: Office) -> None:
    expect(person.page.locator("#authentication[data-ready=yes]")).to_be_attached()
    person.click("電子証明書で確認する")


def session(person: Office) -> str:
    return next(cookie["value"] for cookie in person.context.cookies() if cookie["name"] == "__Host-cectrust")


def fails(person: Office, code: str, words: str) -> None:
    help_ = person.page.locator(f"#authentication-help[data-code={code}]")
    expect(help_).to_be_visible(timeout=SIGNING)
    expect(help_).to_contain_text(words)


def terminal(person: Office) -> BridgeTerminal:
    assert person.terminal is not None
    return person.terminal


def switch_on(person: Office) -> None:
    person.go("/account/second-factor")
    person.click("有効にする")
    prove(person)
    expect(person.page.get_by_role("heading", name="復旧コード")).to_be_visible(timeout=SIGNING)
    expect(person.page.locator(".codes li")).to_have_count(10)


def sign_in_again(person: Office) -> None:
    """A wrong PIN leaves half a session as it was; the right one opens it under another id."""
    person.click("ログアウト")
    person.go("/sign-in")
    person.tab.fill("ユーザID または企業ID", person.facts["user_login"])
    person.tab.fill("パスワード", PASSWORD)
    person.click("ログインする")
    person.tab.sees("h1", "電子証明書による確認")
    half = session(person)
    with terminal(person).mistyping("00000000"):
        prove(person)
        fails(person, "pin_incorrect", "PIN が違います")
    person.go("/contracts")
    person.tab.sees("h1", "電子証明書による確認")
    prove(person)
    person.page.wait_for_url(lambda url: "/sign-in" not in url, timeout=SIGNING)
    person.tab.sees("h1", "契約")
    assert session(person) != half
    assert "AUTH.LOGIN" in terminal(person).transcript


def remove_a_computer(person: Office, travelled: Travelled, folder: Path) -> None:
    """One is paired for it; both the code and the removal are confirmed with the certificate."""
    person.go("/bridges")
    person.click("登録コードを作る")
    prove(person)
    code = person.page.get_by_role("textbox", name="登録コード")
    expect(code).to_be_visible(timeout=SIGNING)
    program = processes.bridge(travelled.running.layout, A, "terminal")
    name = "髙﨑𠮷乃の古いパソコン"
    pair = [program.command[0], "pair", person.base_url, "--code-stdin", "--profile", str(folder), "--name", name]
    subprocess.run(pair, input=code.input_value(), text=True, env=program.environment, check=True)
    person.go("/bridges")
    computer = person.page.locator(".row", has_text=name)
    computer.get_by_role("link", name="登録を解除する").click()
    person.click("このパソコンの登録を解除する")
    prove(person)
    expect(person.page.get_by_text("パソコンの登録を解除しました。")).to_be_visible(timeout=SIGNING)
    expect(computer).to_have_count(0)
    assert f"署名に使うパソコンの登録を解除する：{name}" in terminal(person).transcript


@pytest.mark.usefixtures("restored")
def test_a_proof_waits_for_the_token_and_goes_on_by_itself(travelled: Travelled, office: Offices) -> None:
    person = office("a")
    person.enter(person.facts["user_login"], PASSWORD)
    with unplugged(travelled.running, A):
        person.go("/account/second-factor")
        person.click("有効にする")
        prove(person)
        fails(person, "no_token", "差し込むと自動で続きます")
    expect(person.page.get_by_role("heading", name="復旧コード")).to_be_visible(timeout=SIGNING)


@pytest.mark.usefixtures("restored")
def test_logging_in_and_removing_a_computer_with_the_certificate(
    travelled: Travelled, office: Offices, tmp_path: Path
) -> None:
    person = office("a")
    person.enter(person.facts["user_login"], PASSWORD)
    switch_on(person)
    sign_in_again(person)
    remove_a_computer(person, travelled, tmp_path / "bridge")
