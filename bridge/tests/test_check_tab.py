"""The doctor in the main window: what it found, what is shown before a change, and that all of it can be reached."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Iterator
from pathlib import Path
from tkinter import ttk
from typing import Any

import pytest
from bridge_house import MODULE, SoftToken, make_profile
from cectrust_bridge.doctor.finding import found
from cectrust_bridge.doctor.repairs import MENDS, PLANS
from cectrust_bridge.doctor.sentences import SENTENCES
from cectrust_bridge.windows.check_tab import REPAIRS
from cectrust_bridge.windows.look import Look
from cectrust_bridge.windows.main_window import MainWindow
from desk import Desk, widgets
from running import RunningBridge, wait_for
from screen import Screen

OpenDesk = Callable[..., Desk]
FINDINGS = ("port.listening", "autostart.off", "module.missing")
FACTS: dict[str, Any] = {"port": 48710, "name": "SafeNet", "path": "/usr/lib/gone.so"}
LOCAL_PLAN = {"of": "plan", "repair": "module", "text": "config.toml\n- a\n+ b\n", "command": "", "changes": True}


@pytest.fixture
def open_desk(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenDesk]:
    """The main window with the doctor's tab before one."""
    desks: list[Desk] = []

    def opened(look: Look = Look("ja", 100), on: str = display) -> Desk:  # noqa: B008  # frozen
        monkeypatch.setenv("DISPLAY", on)
        desks.append(Desk(lambda channel: MainWindow(channel, look, False)))
        desks[-1].until(lambda: desks[-1].of_kind(ttk.Notebook))
        [tabs] = desks[-1].of_kind(ttk.Notebook)
        tabs.select(2)
        desks[-1].settle()
        return desks[-1]

    yield opened
    for desk in desks:
        desk.leave()


def tell(desk: Desk, **told: Any) -> None:
    desk.front.send({"show": "doctor", **told})
    desk.settle()


def examined(desk: Desk) -> None:
    for done, code in enumerate(FINDINGS, 1):
        finding = {**found(code, **FACTS).as_json(), "repair": MENDS.get(code, "")}
        tell(desk, of="findings", done=done, total=len(FINDINGS), findings=[finding])
    tell(desk, of="examined")


def reading(desk: Desk) -> str:
    """What stands in the texts that can be scrolled."""
    return "\n".join(each.get("1.0", "end") for each in desk.of_kind(tkinter.Text))


def test_findings_come_one_by_one_and_the_worst_stands_first_with_what_to_do(open_desk: OpenDesk) -> None:
    desk = open_desk()
    assert "PINは入力しません" in reading(desk)
    desk.button("調べる").invoke()
    assert desk.hear("wish") == {"wish": "doctor", "do": "examine"}
    assert desk.button("調べる").instate(["disabled"])
    tell(desk, of="findings", done=1, total=2, findings=[{**found("port.listening", port=1).as_json(), "repair": ""}])
    assert "（1 / 2）" in desk.text()
    desk.window._check._begin()
    examined(desk)
    marks = [line[:4] for line in reading(desk).splitlines() if line[:1] in "×△○"]
    assert marks[:3] == ["× 問題", "△ 注意", "○ 良好"]
    assert "問題 1 件、注意 1 件、良好 1 件" in desk.text()
    assert "「ドライバーの場所」を選び" in reading(desk)
    assert "cectrust-bridge doctor" not in reading(desk), "nobody is sent to a terminal"
    assert desk.of_kind(ttk.Combobox)[0].get() == "ドライバーの場所", "the worst that can be mended is chosen"
    assert desk.button("もう一度調べる").instate(["!disabled"])


def test_a_change_is_shown_agreed_to_and_said(open_desk: OpenDesk) -> None:
    desk = open_desk()
    examined(desk)
    desk.button("変更の内容を見る…").invoke()
    assert desk.hear("wish") == {"wish": "doctor", "do": "plan", "repair": "module"}
    tell(desk, **LOCAL_PLAN)
    assert "+ b" in reading(desk)
    assert desk.button("変更する").instate(["disabled"]), "a click that was meant for something else"
    desk.until(lambda: desk.button("変更する").instate(["!disabled"]))
    desk.button("変更する").invoke()
    assert desk.hear("wish") == {"wish": "doctor", "do": "repair"}
    tell(desk, of="repaired", repair="module")
    assert "起動し直して" in desk.text()


def test_escape_changes_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk()
    tell(desk, **LOCAL_PLAN)
    [top] = [each for each in widgets(desk.root) if isinstance(each, tkinter.Toplevel)]
    desk.press("<Escape>", top)
    desk.button("元に戻す…").invoke()
    assert desk.hear("wish")["do"] == "last", "the first that the front hears"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"command": "sudo -H cectrust-bridge doctor --repair policy"}, "管理者だけが変更できます"),
        ({"changes": False}, "変更するものはありません"),
    ],
)
def test_what_cannot_be_changed_here_can_be_copied(open_desk: OpenDesk, more: dict[str, Any], words: str) -> None:
    desk = open_desk()
    tell(desk, **{**LOCAL_PLAN, **more})
    assert words in desk.text()
    assert not [each for each in desk.of_kind(ttk.Button) if each["text"] == "変更する"]
    desk.button("コピーする").invoke()
    assert str(more.get("command", "")) in desk.root.clipboard_get()


def test_undoing_names_the_files_first(open_desk: OpenDesk) -> None:
    desk = open_desk()
    tell(desk, of="last", text="/home/yamada/config.toml")
    assert "/home/yamada/config.toml" in reading(desk)
    desk.until(lambda: desk.button("元に戻す").instate(["!disabled"]))
    desk.button("元に戻す").invoke()
    assert desk.hear("wish") == {"wish": "doctor", "do": "undo"}
    tell(desk, of="undone")
    assert "元に戻しました" in desk.text()


def test_the_report_is_read_before_it_is_saved(open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.button("ヘルプデスクに渡す…").invoke()
    assert "先に「調べる」" in desk.text()
    examined(desk)
    desk.button("ヘルプデスクに渡す…").invoke()
    assert desk.hear("wish") == {"wish": "doctor", "do": "report"}
    tell(desk, of="report", text="○ 良好 good  [port.listening]\n")
    assert "[port.listening]" in reading(desk)
    [place] = [each for each in desk.of_kind(ttk.Entry) if not isinstance(each, ttk.Combobox)]
    place.delete(0, "end")
    place.insert(0, "/tmp/hokoku.txt")  # nothing is written there
    desk.button("保存する").invoke()
    assert desk.hear("wish") == {"wish": "doctor", "do": "save", "path": "/tmp/hokoku.txt"}
    tell(desk, of="failed", ja="保存できません。", en="It cannot be saved.")
    assert "保存できません。" in desk.text()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("percent", [100, 200])
def test_on_the_smallest_screen_every_button_is_whole_and_the_keyboard_reaches_it(
    open_desk: OpenDesk, small_display: str, language: str, percent: int
) -> None:
    desk = open_desk(Look(language, percent), small_display)
    examined(desk)
    tab = desk.window._check
    controls = [each for each in widgets(tab) if isinstance(each, ttk.Button | ttk.Combobox | tkinter.Text)]
    assert len(controls) == 7
    for each in controls:
        assert each.winfo_width() >= (1 if isinstance(each, tkinter.Text) else each.winfo_reqwidth()), each
        assert each.winfo_rootx() + each.winfo_width() <= tab.winfo_rootx() + tab.winfo_width()
        assert each.winfo_rooty() + each.winfo_height() <= tab.winfo_rooty() + tab.winfo_height()
    [text] = desk.of_kind(tkinter.Text)
    assert text.winfo_height() >= 3 * text.dlineinfo("1.0")[3], "a finding can be read in one piece"
    desk.root.focus_force()
    reached = set()
    for _ in range(12):
        desk.press("<Tab>")
        reached.add(desk.root.focus_get())
    assert set(controls) <= reached


def test_a_window_offers_every_repair_and_those_that_findings_speak_of() -> None:
    assert set(REPAIRS) == set(PLANS)
    spoken = {
        code: text.split("--repair ")[1].split("`")[0] for code, (*_, text) in SENTENCES.items() if "--repair" in text
    }
    assert spoken == MENDS


def test_by_the_keyboard_alone_a_repair_is_made_and_undone(
    display: str, tmp_path: Path, filled_token: SoftToken
) -> None:
    token, config = filled_token.copy(tmp_path / "token"), tmp_path / "profile/config.toml"
    make_profile(tmp_path / "profile", token)
    broken = config.read_text().replace(MODULE, "/nowhere/libsofthsm2.so")
    config.write_text(broken)
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "", "DISPLAY": display, "LANG": "en_US.UTF-8", "LC_ALL": ""}
    screen = Screen(display)
    bridge = RunningBridge(tmp_path / "profile", {**token.environment, **home}, "--prompter", "window")
    try:
        screen.focus("CECTRUST signing bridge")
        screen.press("ctrl+Tab", "ctrl+Tab", "Tab", "Tab", "Tab", "Tab", "space")
        screen.wait_until_awake("CECTRUST: change this?")
        assert config.read_text() == broken
        screen.press("Tab", "space")
        wait_for(lambda: "/nowhere/" not in config.read_text())
        screen.focus("CECTRUST signing bridge")
        screen.press("Tab", "space")
        screen.wait_until_awake("CECTRUST: undo?")
        screen.press("Tab", "space")
        wait_for(lambda: config.read_text() == broken)
    finally:
        bridge.stop()
