"""The main window: what it shows, what it wishes, and that its end is nobody else's."""

from __future__ import annotations

import os
import socket
import subprocess
import weakref
from collections.abc import Iterator
from pathlib import Path
from tkinter import font, ttk
from typing import Any

import pytest
from bridge_house import SoftToken, make_profile
from cectrust_bridge.service.standing import masked
from cectrust_bridge.windows.look import Look, choose, chosen
from cectrust_bridge.windows.main_window import MainWindow
from desk import Desk
from driver import Page, Server
from running import BRIDGE, RunningBridge, port_in
from screen import Screen

SERVER = {
    "issuer": "https://a.example.jp", "name": "甲 建設契約", "origins": ["https://a.example.jp"],
    "user": "髙﨑 𠮷乃", "since": "2026-04-01", "fleet": False,
}  # fmt: skip
STATE = {"show": "state", "version": "0.1.0", "port": 48711, "trouble": "", "servers": [SERVER]}
TOKEN = {
    "device": {"module": "SafeNet", "serial": "02A5F31C", "model": "eToken 5110"},
    "label": "髙﨑のトークン", "model": "eToken 5110", "serial": "••••F31C", "pin_state": "final",
    "certificates": [{"holder": "髙﨑 𠮷乃", "issuer": "認証局", "until": "2020-01-01", "expired": True}],
}  # fmt: skip


@pytest.fixture
def desk(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("DISPLAY", display)
    desk = Desk(lambda channel: MainWindow(channel, Look("ja", 100), False))
    desk.until(lambda: desk.of_kind(ttk.Notebook))
    yield desk
    desk.leave()


def tell(desk: Desk, **fields: Any) -> None:
    desk.front.send(fields)
    desk.settle()


def test_it_says_whether_pages_can_reach_the_bridge(desk: Desk) -> None:
    tell(desk, **STATE)
    assert "● 動いています" in desk.text()
    assert "ポート 48711" in desk.text()
    tell(desk, **{**STATE, "port": None})
    assert "▲ 待ち受けられません" in desk.text()
    tell(desk, **{**STATE, "trouble": "demo.json: members"})
    assert "設定に誤りがあります: demo.json" in desk.text()


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_who_paired_a_server_is_readable_to_its_last_letter(
    display: str, monkeypatch: pytest.MonkeyPatch, language: str, percent: int
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    desk = Desk(lambda channel: MainWindow(channel, Look(language, percent), False))
    try:
        tell(desk, **{**STATE, "servers": [{**SERVER, "fleet": True}]})
        needed, room = widths(desk)
    finally:
        desk.leave()
    assert needed <= room


def widths(desk: Desk) -> tuple[int, int]:
    """Of the last text of the first row: what it needs and what is seen of its cell."""
    [table] = desk.of_kind(ttk.Treeview)
    x, _, width, _ = table.bbox("0", "since")
    needed = font.nametofont("TkDefaultFont", desk.root).measure(table.set("0", "since"))
    return needed + 2 * desk.window._theme.px(4), min(width, table.winfo_width() - x)


def test_a_server_is_paired_with_what_was_pasted_and_the_outcome_is_said(desk: Desk) -> None:
    tell(desk, **{**STATE, "servers": []})
    assert "登録したサーバーはまだありません" in desk.text()
    desk.button("サーバーを登録する…").invoke()
    desk.button("登録する").invoke()
    desk.settle()
    assert "両方を入力" in desk.text()
    address, code = desk.of_kind(ttk.Entry)
    desk.root.clipboard_clear()
    desk.root.clipboard_append(" https://a.example.jp \n")
    desk.button("貼り付け").invoke()
    for entry, text in ((address, ""), (code, "ABCD-EFGH")):
        entry.insert("end", text)
    desk.button("登録する").invoke()
    assert desk.hear("wish") == {"wish": "pair", "address": "https://a.example.jp", "code": "ABCD-EFGH"}
    tell(desk, show="outcome", of="failed", ja="有効時間が過ぎました", en="expired")
    assert "有効時間が過ぎました" in desk.text()
    desk.button("登録する").invoke()
    assert desk.hear("wish")["wish"] == "pair"
    tell(desk, show="outcome", of="paired", server="甲 建設契約", user="髙﨑 𠮷乃")
    assert "「甲 建設契約」を登録しました" in desk.text()


def test_leaving_a_server_and_quitting_ask_once_in_words(desk: Desk) -> None:
    tell(desk, **STATE)
    desk.button("登録を解除する…").invoke()
    desk.until(lambda: "「甲 建設契約」の登録を解除しますか" in desk.text())
    desk.button("解除する").invoke()
    assert desk.hear("wish") == {"wish": "unpair", "issuer": "https://a.example.jp"}
    desk.button("ブリッジを終了する…").invoke()
    desk.until(lambda: "署名ブリッジを終了しますか" in desk.text())
    desk.button("やめる").invoke()
    desk.settle()
    desk.button("ブリッジを終了する…").invoke()
    desk.settle()
    desk.button("終了する").invoke()
    assert desk.hear("wish") == {"wish": "quit"}


def test_what_the_administrator_paired_cannot_be_left(desk: Desk) -> None:
    tell(desk, **{**STATE, "servers": [{**SERVER, "fleet": True}]})
    assert desk.button("登録を解除する…").instate(["disabled"])


def test_tokens_are_listed_with_their_certificates_and_their_troubles(desk: Desk) -> None:
    tabs = desk.of_kind(ttk.Notebook)[0]
    tabs.select(1)
    drivers = [{"name": "SafeNet", "state": "missing"}]
    tell(desk, show="tokens", trouble="", drivers=drivers, files=[], tokens=[TOKEN])
    [tree] = desk.of_kind(ttk.Treeview)
    [token] = tree.get_children()
    assert "あと1回" in tree.set(token, "pin_column")
    [certificate] = tree.get_children(token)
    assert tree.set(certificate, "pin_column") == "期限切れ（2020-01-01）"
    assert "「SafeNet」のファイルがありません" in desk.text()
    tree.selection_set(certificate)
    desk.settle()
    assert desk.button("PINを変更する…").instate(["disabled"]), "a certificate has none"
    tree.selection_set(token)
    desk.settle()
    desk.button("PINを変更する…").invoke()
    assert desk.hear("wish")["device"]["serial"] == "02A5F31C"
    tell(desk, show="pin", of="changed")
    assert "PINを変更しました" in desk.text()
    tell(desk, show="tokens", trouble="no_token", drivers=[], files=[], tokens=[])
    assert "挿さっていません" in desk.text()
    desk.button("もう一度調べる").invoke()
    assert desk.hear("wish") == {"wish": "tokens"}


def test_language_and_size_are_chosen_and_kept(desk: Desk, tmp_path: Path) -> None:
    desk.of_kind(ttk.Notebook)[0].select(3)
    desk.settle()
    language, size = desk.of_kind(ttk.Combobox)
    language.current(1)
    size.current(4)
    size.event_generate("<<ComboboxSelected>>")
    assert desk.hear("wish") == {"wish": "look", "language": "en", "percent": 200}
    choose(tmp_path / "windows.json", Look("en", 200))
    assert chosen(tmp_path / "windows.json") == Look("en", 200)
    (tmp_path / "windows.json").write_text('{"language": "tlh", "percent": 1}')
    assert chosen(tmp_path / "windows.json").percent is None


def test_of_a_serial_number_only_the_end_is_shown() -> None:
    assert (masked("02A5F31C"), masked("12")) == ("••••F31C", "12")


class Windowed:
    """A profile whose bridge opens its main window on the virtual screen."""

    def __init__(self, folder: Path, token: SoftToken, display: str) -> None:
        self.folder = folder
        self.environment = {**token.environment, "DISPLAY": display, "LANG": "en_US.UTF-8", "LC_ALL": ""}
        self.server: Server = make_profile(folder, token)

    def start(self) -> RunningBridge:
        return RunningBridge(self.folder, self.environment, "--prompter", "window")


@pytest.fixture
def windowed(tmp_path: Path, filled_token: SoftToken, display: str) -> Windowed:
    return Windowed(tmp_path / "profile", filled_token.copy(tmp_path / "token"), display)


def test_the_front_outlives_its_window_and_a_second_start_opens_it_again(windowed: Windowed, display: str) -> None:
    screen, bridge = Screen(display), windowed.start()
    try:
        screen.kill(screen.focus("CECTRUST signing bridge"))
        bridge.wait_until_gone("panel")
        page = Page(windowed.server, bridge.port)
        assert page.hello()
        page.close()
        command = [*BRIDGE, "run", "--profile", str(windowed.folder)]
        again = subprocess.run(command, env=windowed.environment, capture_output=True, text=True, check=False)
        assert (again.returncode, "already running" in again.stderr) == (0, True)
        assert screen.focus("CECTRUST signing bridge")
        assert len(bridge.children("panel")) == 1
    finally:
        bridge.stop()


def test_a_bridge_with_a_window_waits_for_a_port(windowed: Windowed, display: str) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    log = windowed.folder / "waiting.log"
    with log.open("wb") as errors:
        command = [*BRIDGE, "run", "--profile", str(windowed.folder), "--port", str(taken.getsockname()[1])]
        bridge = subprocess.Popen(command, env=windowed.environment, stderr=errors)
    try:
        assert Screen(display).focus("CECTRUST signing bridge"), "the window says why"
        taken.close()
        port_in(log, bridge)
    finally:
        bridge.terminate()
        assert bridge.wait(20) == 0


def test_without_a_screen_or_a_wish_there_is_no_window(windowed: Windowed) -> None:
    bridge = RunningBridge(windowed.folder, windowed.environment, "--prompter", "window", "--no-window")
    assert not bridge.children("panel")
    bridge.stop()
    windowed.environment.pop("DISPLAY")
    bridge = windowed.start()
    assert not bridge.children("panel")
    bridge.stop()


def test_a_window_that_is_gone_hears_nothing_any_more(desk: Desk) -> None:
    """Its descriptor's number is somebody else's then, who may have a lot to read."""
    number = desk.window_end
    readable, writable = socket.socketpair()
    desk.leave()
    os.dup2(readable.fileno(), number)
    writable.send(b"unread")
    other = Desk(lambda channel: MainWindow(channel, Look("ja", 100), False))
    try:
        other.until(lambda: other.of_kind(ttk.Notebook))
    finally:
        other.leave()
        os.close(number)
        readable.close()
        writable.close()


def test_nothing_of_a_window_is_left_for_another_threads_collection(
    display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tcl would end the whole process."""
    monkeypatch.setenv("DISPLAY", display)
    desk = Desk(lambda channel: MainWindow(channel, Look("ja", 100), False))
    desk.until(lambda: desk.of_kind(ttk.Notebook))
    left = weakref.ref(desk.root)
    desk.leave()
    assert left() is None
