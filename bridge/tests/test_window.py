"""The tkinter window on a real (virtual) screen, driven by its keyboard."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bridge_house import PIN, House, SoftToken, make_profile
from driver import Page, PageError, document
from running import RunningBridge

weasyprint = pytest.importorskip("weasyprint", reason="WeasyPrint is not installed")
pytest.importorskip("pyhanko.sign", reason="pyHanko is not installed")
from test_pyhanko_agrees import contract, prepare  # noqa: E402, F401  # a fixture is used by its name

TOOLS = ("Xvfb", "xdotool", "import")
pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")


class Screen:
    """What a person does at the screen."""

    def __init__(self, display: str, pictures: Path) -> None:
        self.environment = {**os.environ, "DISPLAY": display}
        self._pictures = pictures

    def do(self, *command: str) -> str:
        run = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return run.stdout.strip()

    def focus(self) -> str:
        """The id of the bridge's window, once it is there and has the keyboard."""
        window = self.do("xdotool", "search", "--sync", "--onlyvisible", "--name", "CECTRUST")
        self.do("xdotool", "windowfocus", "--sync", window.splitlines()[-1])
        return window.splitlines()[-1]

    def press(self, *keys: str) -> None:
        self.do("xdotool", "key", "--delay", "60", *keys)

    def picture(self, name: str) -> Path:
        path = self._pictures / f"{name}.png"
        self.do("import", "-window", "root", str(path))
        return path

    def picture_when_settled(self, name: str) -> Path:
        """Two equal pictures in a row."""
        before, deadline = b"", time.monotonic() + 10
        while (now := self.picture(name).read_bytes()) != before and time.monotonic() < deadline:
            before = now
        return self._pictures / f"{name}.png"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return Path(os.environ.get("BRIDGE_PICTURES", tmp_path))


@pytest.fixture
def window_house(
    tmp_path: Path, filled_token: SoftToken, display: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A bridge whose windows are real."""
    house = House.__new__(House)
    house.token = filled_token.copy(tmp_path / "token")
    house.server = make_profile(tmp_path / "profile", house.token, consent_seconds=30)
    environment = {**house.token.environment, "DISPLAY": display, "LANG": "ja_JP.UTF-8", "LC_ALL": ""}
    house.bridge = RunningBridge(tmp_path / "profile", environment, "window")
    yield house
    house.bridge.stop()


def allowed_certificates(page: Page, screen: Screen) -> list[dict[str, Any]]:
    page.hello()
    call = page.start("cert.list", **page.server.request(page.cn, "cert.list"))
    screen.focus()
    screen.picture_when_settled("list")
    screen.press("Tab", "space")
    return page.answer(call)["certificates"]


def begin(page: Page, contract: bytes, screen: Screen) -> int:  # noqa: F811
    chosen = next(each for each in allowed_certificates(page, screen) if each["key_type"] == "rsa")
    title = "（仮称）北海道東北支店営業第一部 髙﨑𠮷野ビル新築工事請負契約書\u202efdp"
    _, output, _ = prepare(contract, "Sender", bytes.fromhex(der_hex(chosen)))
    prepared = output.getvalue()
    jti = page.begin(chosen, [document(prepared, pages=3, title=title, partner="株式会社山田太郎建設工業")])
    page.send_bytes(prepared)
    call = page.start("sign.confirm", jti=jti)
    page.wait_for_phase("consent")
    screen.focus()
    screen.picture_when_settled("consent")
    return call


def der_hex(certificate: dict[str, Any]) -> str:
    from driver import unb64

    return unb64(certificate["der"]).hex()


def test_the_window_signs_after_the_last_page_was_shown(
    window_house: House,
    display: str,
    pictures: Path,
    contract: bytes,  # noqa: F811
) -> None:
    screen, page = Screen(display, pictures), window_house.page()
    call = begin(page, contract, screen)
    screen.press("Next", "Next")
    screen.picture_when_settled("consent-last-page")
    screen.press("Tab", "space")
    page.wait_for_phase("pin")
    screen.focus()
    screen.picture_when_settled("pin")
    screen.do("xdotool", "type", "--delay", "40", PIN)
    screen.picture_when_settled("pin-typed")
    screen.press("Return")
    assert len(page.answer(call)["signed"]) == 1
    page.close()


def test_the_sign_button_sleeps_until_the_last_page_and_escape_refuses(
    window_house: House,
    display: str,
    pictures: Path,
    contract: bytes,  # noqa: F811
) -> None:
    screen, page = Screen(display, pictures), window_house.page()
    call = begin(page, contract, screen)
    screen.press("Tab", "space", "Next", "Return")
    screen.picture_when_settled("consent-second-page")
    assert [each["phase"] for each in page.notifications][-1] == "consent", "nothing was agreed to"
    screen.press("Escape")
    with pytest.raises(PageError, match="user_cancelled"):
        page.answer(call)
    page.close()
