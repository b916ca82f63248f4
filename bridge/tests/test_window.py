"""The windows as real processes on a real (virtual) screen, driven by its keyboard."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from bridge_house import PIN, House, SoftToken, make_profile
from driver import Page, PageError, document
from running import RunningBridge
from screen import AWAKE, Screen


@pytest.fixture
def screen(display: str) -> Screen:
    missing = [tool for tool in ("Xvfb", "xdotool", "import") if shutil.which(tool) is None]
    assert not missing, f"install {', '.join(missing)}"
    return Screen(display)


@pytest.fixture
def window_house(tmp_path: Path, filled_token: SoftToken, display: str) -> Iterator[House]:
    """A bridge whose windows are real, in English (xdotool reads Latin titles only); the main one stays away."""
    house = House.__new__(House)
    house.token = filled_token.copy(tmp_path / "token")
    house.server = make_profile(tmp_path / "profile", house.token, consent_seconds=30)
    environment = {**house.token.environment, "DISPLAY": display, "LANG": "en_US.UTF-8", "LC_ALL": ""}
    house.bridge = RunningBridge(tmp_path / "profile", environment, "--prompter", "window", "--no-window")
    yield house
    house.bridge.stop()


@pytest.fixture
def page(window_house: House) -> Iterator[Page]:
    page = window_house.page()
    yield page
    page.close()


def begin(page: Page, screen: Screen, pdfs: list[bytes]) -> int:
    """The person lets the page see his certificates; then his consent is asked for."""
    page.hello()
    call = page.start("cert.list", **page.server.request(page.cn, "cert.list"))
    screen.wait_until_awake("CECTRUST: show the list")
    screen.press("Tab", "space")
    chosen = next(each for each in page.answer(call)["certificates"] if each["key_type"] == "rsa")
    jti = page.begin(chosen, [document(pdf, number) for number, pdf in enumerate(pdfs, 1)])
    for pdf in pdfs:
        page.send_bytes(pdf)
    call = page.start("sign.confirm", jti=jti)
    page.wait_for_phase("consent")
    screen.focus("CECTRUST: sign")
    return call


def test_the_keyboard_alone_allows_reads_signs_and_gives_the_pin(page: Page, screen: Screen, pdf: bytes) -> None:
    call = begin(page, screen, [pdf])
    screen.press("End")
    screen.wait_for_colour(AWAKE)
    screen.press("Tab", "Tab", "space")
    page.wait_for_phase("pin")
    screen.focus("CECTRUST: PIN")
    screen.type(PIN)
    screen.press("Return")
    assert len(page.answer(call)["signed"]) == 1


@pytest.mark.parametrize("key", ["Escape", "kill"])
def test_escape_and_the_end_of_the_window_refuse(page: Page, screen: Screen, pdf: bytes, key: str) -> None:
    call = begin(page, screen, [pdf])
    if key == "kill":
        screen.kill(screen.focus("CECTRUST: sign"))
    else:
        screen.press(key)
    with pytest.raises(PageError, match="user_cancelled"):
        page.answer(call)
    assert page.hello(), "the front goes on"


def test_a_killed_renderer_ends_the_signing_and_its_window(
    window_house: House, page: Page, screen: Screen, pdf: bytes
) -> None:
    call = begin(page, screen, [pdf])
    busy = {pid for pid in window_house.bridge.children("renderer") if has_document(pid)}
    for pid in busy:
        os.kill(pid, signal.SIGKILL)
    screen.press("plus")
    with pytest.raises(PageError, match="malformed_pdf"):
        page.answer(call)


def has_document(pid: int) -> bool:
    """The spare renderer has none."""
    return "memfd:document" in Path(f"/proc/{pid}/maps").read_text()


def test_many_are_signed_after_their_number_was_typed(page: Page, screen: Screen, pdf: bytes) -> None:
    call = begin(page, screen, [pdf] * 12)
    screen.press("End", "Tab")
    screen.type("12")
    screen.wait_for_colour(AWAKE)
    screen.press("Tab", "Tab", "Tab", "space")
    page.wait_for_phase("pin")
    screen.focus("CECTRUST: PIN")
    screen.type(PIN)
    screen.press("Return")
    assert len(page.answer(call)["signed"]) == 12


def test_what_waits_for_a_page_goes_with_the_last_page(window_house: House, page: Page) -> None:
    page.hello()
    assert len(window_house.bridge.children("prompter")) == 1
    assert len(window_house.bridge.children("renderer")) == 1
    page.close()
    window_house.bridge.wait_until_gone("prompter", "renderer")
