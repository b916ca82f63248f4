"""Makes the pictures of docs/ from the real screens: ``python -m docs.pictures.make_pictures`` in the root folder.

It founds a demonstration, lets the journey of ``tests/e2e`` run, and photographs every screen at 1280 and 360 pixels.
Needs what ``make setup`` installs, and free demo ports.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.e2e.journey import KIND, Journey, travel
from tests.e2e.office import PASSWORD, Office
from tests.e2e.opening import browsers
from tests.e2e.running import Running, running
from tests.e2e.unattended import DOCUMENT

ROOT = Path(__file__).parents[2]
PICTURES = Path(__file__).parent
WIDTHS = (1280, 360)
TALLEST = {1280: 2400, 360: 1800}
UNUSED = {"sign-b-before", "sign-b", "home-empty"}


class Photographer(Office):
    """An office whose photographs are taken at both widths."""

    def photograph(self, name: str) -> None:
        if not self.screens or name in UNUSED:
            return
        for width in WIDTHS:
            self.tab.resize((width, 900 if width > 600 else 780))
            self.settle()
            self.tab.picture(self.screens / f"{name}-{width}.png")
        self.tab.resize((WIDTHS[0], 900))


def main() -> None:
    """Every picture of docs/, made again. With a folder as argument, everything stays there for a closer look."""
    with tempfile.TemporaryDirectory(prefix="cectrust-pictures-") as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary).resolve()
        raw = folder / "raw"
        raw.mkdir(parents=True)
        with running(folder / "demo") as server, browsers(server, raw) as office:
            _photograph(server, folder, lambda key: _photographer(office(key), raw))
        _photograph_by_tests(raw)
        for path in sorted(raw.glob("*.png")):
            _shrink(path, PICTURES / path.name)


def _photographer(office: Office, screens: Path) -> Photographer:
    return Photographer(office.tab, office.base_url, office.facts, office.terminal, screens)


def _photograph(server: Running, folder: Path, office: Callable[[str], Office]) -> None:
    visitor = office("b")
    visitor.go("/sign-in")
    visitor.photograph("sign-in")
    opened: dict[str, Office] = {}

    def remembered(key: str) -> Office:
        """The journey opens A twice: first its user, then its company ID."""
        one = office(key)
        opened.setdefault(key, one)
        return one

    journey = travel(server, DOCUMENT, folder / "out", remembered)
    _photograph_afterwards(opened["a"], journey)
    _photograph_the_computers(opened["a"])
    _photograph_the_certificate(opened["a"])
    _photograph_signing_troubles(server, opened["a"])


def _photograph_afterwards(a: Office, journey: Journey) -> None:
    a.go(journey.contract)
    a.photograph("contract-concluded")
    a.go("/verify")
    a.page.get_by_label("調べる PDF").set_input_files(journey.out / "contract.pdf")
    a.click("検証する")
    expect(a.page.locator(".verdict")).to_be_visible()
    a.photograph("verify")
    for path, name in (("/contracts", "contracts"), ("/partners", "partners"), ("/password", "password")):
        a.go(path)
        a.photograph(name)


def _photograph_the_computers(a: Office) -> None:
    a.go("/bridges")
    a.photograph("computers")
    a.click("登録コードを作る")
    a.tab.sees("h1", "ご本人の確認")
    a.photograph("confirm-password")
    a.give_password()
    expect(a.page.get_by_role("textbox", name="登録コード")).to_be_visible()
    a.photograph("computer-code")


def _photograph_the_certificate(a: Office) -> None:
    """Switched on for good: what follows is signed in the session that the certificate opened."""
    a.go("/account/second-factor")
    a.photograph("log-in-certificate")
    a.click("有効にする")
    expect(a.page.locator("#authentication[data-ready=yes]")).to_be_attached()
    a.photograph("confirm-certificate")
    a.click("電子証明書で確認する")
    expect(a.page.get_by_role("heading", name="復旧コード")).to_be_visible(timeout=30_000)
    a.photograph("recovery-codes")
    a.click("ログアウト")
    a.go("/sign-in")
    a.tab.fill("ユーザID または企業ID", a.facts["user_login"])
    a.tab.fill("パスワード", PASSWORD)
    a.click("ログインする")
    expect(a.page.locator("#authentication[data-ready=yes]")).to_be_attached()
    a.photograph("sign-in-certificate")
    a.click("電子証明書で確認する")
    a.page.wait_for_url(lambda url: "/sign-in" not in url, timeout=30_000)


def _photograph_signing_troubles(server: Running, a: Office) -> None:
    """A wrong PIN first, then no bridge at all."""
    contract = a.register("倉庫棟 屋根補修工事 請負契約書", DOCUMENT, server.people["b"]["company"], KIND)
    _fail_to_sign(a, contract, "pin_incorrect", lambda: setattr(server.terminals["a"], "_pin", "0000"))
    _fail_to_sign(a, contract, "user_cancelled", lambda: setattr(server.terminals["a"], "answer_signing", "no"))
    a.go("/help/bridge")
    a.click("調べる")
    expect(a.page.get_by_text("接続しました")).to_be_visible()
    a.photograph("help-bridge")


def _fail_to_sign(a: Office, contract: str, code: str, prepare: Callable[[], None]) -> None:
    prepare()
    a.go(f"{contract}/sign")
    expect(a.page.locator("#signing[data-ready=yes]")).to_be_attached()
    a.click("署名を始める")
    expect(a.page.locator(f"#signing-help[data-code={code}]")).to_be_visible(timeout=30_000)
    a.photograph(f"sign-{re.sub('_', '-', code)}")


def _photograph_by_tests(raw: Path) -> None:
    """The page without a bridge, as a test drives it. (The bridge's windows: `make_windows`.)"""
    with tempfile.TemporaryDirectory() as folder:
        _test("tests/e2e/test_screens.py", "an_absent_and_an_unpaired", TEST_SCREENS=folder)
        shutil.copy(Path(folder) / "sign-absent-1280.png", raw)


def _test(path: str, name: str, **environment: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path, "-k", name]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True)


def _shrink(source: Path, target: Path) -> None:
    """A palette of 64 colours and at most so tall: a quarter of the bytes, and nothing that a reader misses."""
    picture = Image.open(source).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST.get(picture.width, picture.height))))
    picture.quantize(64, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main()
