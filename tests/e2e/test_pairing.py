"""A person registers his computer: the page shows a code, the real bridge pairs by it, the page removes it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import expect

from cectrust.demo import processes
from cectrust.demo.people import PARTICIPANTS
from tests.e2e.conftest import Travelled
from tests.e2e.office import SIGNING, Office
from tests.e2e.terminal import attended
from tests.e2e.test_bridge_states import Offices, begin, clerk, only, shows

A = PARTICIPANTS[0]


def make_code(person: Office) -> str:
    person.go("/bridges")
    person.click("登録コードを作る")
    person.give_password()
    return person.page.get_by_role("textbox", name="登録コード").input_value()


def test_a_computer_is_registered_by_a_code_and_removed_on_the_page(
    travelled: Travelled, office: Offices, tmp_path: Path
) -> None:
    """Its bridge has no token: once its hello is accepted, the dialog comes as far as asking for one."""
    draft: list[str] = []
    person = clerk(office, draft, travelled)
    program = processes.bridge(travelled.running.layout, A, "terminal")
    profile = str(travelled.running.layout.bridge_profile(A))
    folder = tmp_path / "bridge"
    folder.mkdir(mode=0o700)
    (folder / "config.toml").write_text("discover = false\n")
    new = replace(program, command=[str(folder) if part == profile else part for part in program.command])
    with only(travelled.running), attended(new, "unused"):
        begin(person, draft)
        shows(person, "not_paired", "このサーバーが登録されていません", "not-paired")
        code = make_code(person)
        pair = [new.command[0], "pair", person.base_url, "--code-stdin", "--profile", str(folder)]
        name = "髙﨑𠮷乃のノートパソコン"
        subprocess.run([*pair, "--name", name], input=code, text=True, env=new.environment, check=True)
        expect(person.page.get_by_text("登録が完了しました。")).to_be_visible(timeout=SIGNING)
        begin(person, draft)
        shows(person, "no_module", "イートークンのドライバーが見つかりません", "no-token")
        person.go("/bridges")
        computer = person.page.locator(".row", has_text=name)
        expect(computer).not_to_contain_text("まだ使われていません")
        computer.get_by_role("link", name="登録を解除する").click()
        person.click("このパソコンの登録を解除する")
        person.give_password()
        expect(person.page.get_by_text("パソコンの登録を解除しました。")).to_be_visible()
        expect(person.page.locator(".row", has_text=name)).to_have_count(0)
        begin(person, draft)
        shows(person, "wrong_bridge", "ログイン中のユーザID に登録されていません", "not-paired")
