"""PKCS#12 files as a person has them: added and removed in the window, by its keyboard, while the bridge runs."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from tkinter import ttk
from typing import Any

import pytest
from bridge_house import PIN, House, SoftToken, make_profile
from cectrust_bridge.tokens.rights import readable_by_others
from cectrust_bridge.windows.look import Look
from cectrust_bridge.windows.main_window import MainWindow
from desk import Desk
from driver import Page, PageError
from running import BRIDGE, RunningBridge
from screen import Screen
from test_pkcs12 import make

FILE = {"name": "cert.p12", "shown": "cert.p12", "path": "/home/x/cert.p12", "state": "ok"}
TOKEN = {
    "device": {"module": "cert.p12", "serial": "02A5F31C", "model": "PKCS#12"},
    "label": "cert.p12", "model": "PKCS#12", "serial": "••••F31C", "pin_state": "normal", "certificates": [],
}  # fmt: skip
FOUND: dict[str, Any] = {"show": "tokens", "trouble": "", "drivers": [], "files": [FILE], "tokens": [TOKEN]}


@pytest.fixture
def desk(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The main window, with its second tab in front."""
    monkeypatch.setenv("DISPLAY", display)
    desk = Desk(lambda channel: MainWindow(channel, Look("ja", 100), False))
    desk.until(lambda: desk.of_kind(ttk.Notebook))
    desk.of_kind(ttk.Notebook)[0].select(1)
    desk.settle()
    yield desk
    desk.leave()


def tell(desk: Desk, **fields: Any) -> None:
    desk.front.send(fields)
    desk.settle()


def test_a_file_is_added_by_its_path_and_the_outcome_is_said(desk: Desk) -> None:
    tell(desk, **{**FOUND, "files": [], "tokens": []})
    desk.button("証明書ファイル（PKCS#12）を追加する…").invoke()
    desk.button("追加する").invoke()
    desk.settle()
    assert "「参照」で選んでください" in desk.text()
    [path] = desk.of_kind(ttk.Entry)
    path.insert("end", " /home/x/cert.p12 ")
    desk.press("<Return>", path)
    assert desk.hear("wish") == {"wish": "add_file", "path": "/home/x/cert.p12"}
    assert "パスワードをたずねる画面" in desk.text()
    tell(desk, show="file", of="failed", ja="パスワードが違います。", en="wrong")
    assert "パスワードが違います。" in desk.text()
    desk.press("<Return>", path)
    assert desk.hear("wish")["wish"] == "add_file"
    tell(desk, show="file", of="exposed", name="cert.p12")
    assert "「cert.p12」を追加しました" in desk.text()
    assert "ほかの利用者も読める" in desk.text()


def test_a_file_is_removed_after_a_question_and_has_no_pin_to_change(desk: Desk) -> None:
    tell(desk, **FOUND)
    [tree] = desk.of_kind(ttk.Treeview)
    tree.selection_set(tree.get_children()[0])
    desk.settle()
    assert desk.button("PINを変更する…").instate(["disabled"])
    desk.button("証明書ファイルを外す…").invoke()
    desk.until(lambda: "「cert.p12」を外しますか" in desk.text())
    desk.button("外す").invoke()
    assert desk.hear("wish") == {"wish": "remove_file", "name": "cert.p12"}
    tell(desk, **{**FOUND, "files": [], "tokens": []})
    tell(desk, show="file", of="removed", name="cert.p12")
    assert "「cert.p12」を外しました" in desk.text()
    assert desk.button("証明書ファイルを外す…").instate(["disabled"])


def test_a_file_that_is_gone_or_open_to_others_is_said_so(desk: Desk) -> None:
    tell(desk, **{**FOUND, "tokens": [], "files": [{**FILE, "state": "missing"}]})
    assert "「cert.p12」が見つかりません" in desk.text()
    [tree] = desk.of_kind(ttk.Treeview)
    [node] = tree.get_children()
    assert tree.set(node, "pin_column") == "ファイルがありません"
    tree.selection_set(node)
    desk.settle()
    assert not desk.button("証明書ファイルを外す…").instate(["disabled"])
    tell(desk, **{**FOUND, "files": [{**FILE, "state": "exposed"}]})
    assert "ほかの利用者も読める" in desk.text()


def test_who_can_read_a_file_depends_on_the_folders_above_it() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders let nobody in
        folder, file = Path(name), Path(name) / "cert.p12"
        file.touch(mode=0o644)
        assert not readable_by_others(file), "the folder is 0700"
        folder.chmod(0o755)
        assert readable_by_others(file)
        file.chmod(0o600)
        assert not readable_by_others(file)


def keystores(house: House | Windowed, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [*BRIDGE, "keystores", *arguments, "--profile", str(house.bridge.profile)]
    return subprocess.run(command, input=typed, capture_output=True, text=True, check=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return make(tmp_path, "p256")


def test_a_running_bridge_follows_the_command_line(own_house: House, file: Path, pdf: bytes) -> None:
    with contextlib.closing(own_house.page()) as page:
        assert {each["token"]["module"] for each in page.certificates()} == {"SoftHSM2"}
        [worker] = own_house.bridge.children("worker")
        assert keystores(own_house, "add", str(file), typed=f"{PIN}\n").returncode == 0
        chosen = next(each for each in page.certificates() if each["token"]["module"] == file.name)
        assert page.sign(chosen, [pdf])["signed"]
        assert worker in own_house.bridge.children("worker"), "what did not change keeps its worker"
        assert keystores(own_house, "remove", file.name).returncode == 0
        assert {each["token"]["module"] for each in page.certificates()} == {"SoftHSM2"}
        assert own_house.bridge.children("worker") == [worker]


def test_while_a_keystore_entry_is_wrong_the_bridge_keeps_what_it_has(own_house: House) -> None:
    with contextlib.closing(own_house.page()) as page:
        assert page.certificates()
        (own_house.bridge.profile / "keystores").mkdir()
        (own_house.bridge.profile / "keystores" / "broken.json").write_text("{")
        assert page.certificates()
    assert "broken.json" in own_house.bridge.log.read_text()


def test_two_files_of_one_name_are_told_apart_and_one_is_not_added_twice(own_house: House, file: Path) -> None:
    (file.parent / "other").mkdir()
    twin = make(file.parent / "other", "p256")
    for path in (file, twin):
        assert keystores(own_house, "add", str(path), typed=f"{PIN}\n").returncode == 0
    assert [line.split("\t") for line in keystores(own_house, "list").stdout.splitlines()] == [
        ["p256.p12 (2)", str(twin)],
        ["p256.p12", str(file)],
    ]
    again = keystores(own_house, "add", str(file), typed=f"{PIN}\n")
    assert (again.returncode, "added_already" in again.stderr, "PIN for" in again.stdout) == (1, True, False)
    absent = keystores(own_house, "add", str(file.with_name("none.p12")), typed=f"{PIN}\n")
    assert (absent.returncode, "file_missing" in absent.stderr) == (1, True)
    unknown = keystores(own_house, "remove", "none.p12")
    assert (unknown.returncode, "not_added" in unknown.stderr) == (1, True)


def test_adding_a_file_that_others_can_read_says_so_and_what_to_do(own_house: House) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders let nobody in
        Path(name).chmod(0o755)
        open_file = make(Path(name), "p256").rename(Path(name) / "open\x1b]0;own.p12")
        open_file.chmod(0o644)
        added = keystores(own_house, "add", str(open_file), typed=f"{PIN}\n")
        listed = keystores(own_house, "list").stdout
    assert (added.returncode, added.stdout.splitlines()[-1]) == (0, "added open‹U+001B›]0;own.p12")
    assert "ほかの利用者も読める" in added.stderr
    assert "chmod go=" in added.stderr
    assert "open‹U+001B›" in added.stderr
    assert listed == f"open‹U+001B›]0;own.p12\t{name}/open‹U+001B›]0;own.p12\n"


def test_a_tokens_label_cannot_write_over_the_terminal(own_house: House) -> None:
    own_house.token.initialise("\x1b[2Jfree money")
    command = [*BRIDGE, "modules", "--profile", str(own_house.bridge.profile)]
    shown = subprocess.run(command, env=own_house.token.environment, capture_output=True, text=True, check=True).stdout
    assert "‹U+001B›[2Jfree money" in shown
    assert "\x1b" not in shown


class Windowed:
    """A bridge with its windows on the virtual screen, in English (xdotool reads Latin titles only), and no module."""

    def __init__(self, folder: Path, display: str) -> None:
        token = SoftToken(folder / "token")
        self.server = make_profile(folder / "profile", token, consent_seconds=60)
        (folder / "profile" / "config.toml").write_text("discover = false\nconsent_seconds = 60\n")
        environment = {**token.environment, "DISPLAY": display, "LANG": "en_US.UTF-8", "LC_ALL": ""}
        self.bridge = RunningBridge(folder / "profile", environment, "--prompter", "window")

    def wait_for_files(self, count: int) -> None:
        deadline = time.monotonic() + 20
        while len(list((self.bridge.profile / "keystores").glob("*.json"))) != count:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def windowed(tmp_path: Path, display: str) -> Iterator[Windowed]:
    windowed = Windowed(tmp_path, display)
    yield windowed
    windowed.bridge.stop()


def test_by_the_keyboard_alone_a_file_is_added_used_and_removed(windowed: Windowed, file: Path, display: str) -> None:
    screen = Screen(display)
    screen.focus("CECTRUST signing bridge")
    screen.press("ctrl+Tab", "Tab", "Tab", "Tab", "space")
    screen.focus("CECTRUST: add a certificate file")
    screen.type(str(file))
    screen.press("Return")
    screen.focus("CECTRUST: PIN")
    screen.type(PIN)
    screen.press("Return")
    windowed.wait_for_files(1)
    windowed.bridge.wait_until_gone("prompter")
    screen.focus("CECTRUST: add a certificate file")
    screen.press("Escape")
    with contextlib.closing(Page(windowed.server, windowed.bridge.port)) as page:
        page.hello()
        call = page.start("cert.list", **page.server.request(page.cn, "cert.list"))
        screen.wait_until_awake("CECTRUST: show the list")
        screen.press("Tab", "space")
        assert {each["token"]["label"] for each in page.answer(call)["certificates"]} == {file.name}
        screen.focus("CECTRUST signing bridge")
        screen.press("shift+Tab", "shift+Tab", "Tab", "Tab", "Tab", "space")
        screen.focus("CECTRUST: remove the certificate file")
        screen.press("Tab", "space")
        windowed.wait_for_files(0)
        with pytest.raises(PageError, match="no_module"):
            page.certificates()
    assert file.exists()
