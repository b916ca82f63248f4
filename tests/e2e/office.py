"""What a person in an office does in the browser, whichever browser it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.e2e.accessibility import examine
from tests.e2e.browser import DESKTOP, PHONE, Tab
from tests.e2e.chromium import ChromiumTab
from tests.e2e.terminal import BridgeTerminal

PASSWORD = "つくえの上の 古い定規 三本"
EXPECTED = (
    "ws://127.0.0.1:4871",  # ports without a bridge are probed, too
    "/send",  # refused on purpose
    "/hello",  # the other company's bridge on this machine is refused, and the next port is tried
    "/give",  # asks for the person's proof first
    "/receipt.json",  # asked for before the log's next checkpoint
)
"""Console noise that the journey makes on purpose."""
SIGNING = 60_000
"""Milliseconds that one signature may take from the click to the sealed original."""
SUBMIT = """(path) => {
  const form = document.querySelector("input[name=csrf_token]").form.cloneNode(true);
  form.action = path;
  document.body.append(form);
  form.submit();
}"""
STATUS = """() => performance.getEntriesByType("navigation")[0].responseStatus"""
ASK = """async ([path, form]) => {
  const body = new URLSearchParams(form ?? {});
  if (form) body.set("csrf_token", document.querySelector("input[name=csrf_token]").value);
  return (await fetch(path, form ? { method: "POST", body } : {})).status;
}"""
SETTLED = """async () => {
  await document.fonts.ready;
  await Promise.all(document.getAnimations().map((one) => one.finished));
  return true;
}"""


@dataclass
class Office:
    """A company's user at his browser, with his bridge's terminal beside it."""

    tab: Tab
    base_url: str
    facts: dict[str, Any]
    terminal: BridgeTerminal | None = None
    screens: Path | None = None
    inspect: bool = False
    """Whether axe examines every page that is photographed."""
    findings: list[str] = field(default_factory=list)
    """What axe found, or what did not fit the screen."""

    @property
    def page(self) -> Page:
        """Playwright's, for tests of what Chromium alone can do."""
        return self._chromium.page

    @property
    def context(self) -> BrowserContext:
        """Playwright's, for tests of what Chromium alone can do."""
        return self._chromium.context

    @property
    def problems(self) -> list[str]:
        """What the browser's console complained about, but for what was to be expected."""
        return [each for each in self.tab.complaints() if not any(expected in each for expected in EXPECTED)]

    def go(self, path: str) -> None:
        self.tab.open(self.base_url + path)

    def photograph(self, name: str) -> None:
        """The whole page as a picture, on a desktop and on a phone, where pictures are wanted."""
        if not (self.screens or self.inspect):
            return
        for size, suffix in ((DESKTOP, ""), (PHONE, "-phone")):
            self.tab.resize(size)
            self.settle()
            self._picture(name + suffix)
        self.tab.resize(DESKTOP)

    def enter(self, login: str, password: str) -> None:
        self.go("/sign-in")
        self.tab.fill("ユーザID または企業ID", login)
        self.tab.fill("パスワード", password)
        self.click("ログインする")
        self.tab.arrives("(?!.*/sign-in).*")

    def sign_in(self, login: str, initial: str) -> None:
        """For the first time: the initial password must be changed before anything else."""
        self.enter(login, initial)
        self.tab.sees("h1", "パスワードの変更")
        self.tab.fill("現在のパスワード", initial)
        self.tab.fill("新しいパスワード", PASSWORD)
        self.tab.fill("新しいパスワード（確認）", PASSWORD)
        self.click("パスワードを変更する")
        self.says("パスワードを変更しました")

    def register(self, title: str, document: Path, partner: str, kind: str) -> str:
        """Register a contract; returns its path."""
        self.go("/contracts/new")
        self.tab.fill("件名", title)
        self.tab.choose("取引先", partner)
        self.tab.check(kind)
        self.tab.fill("税抜金額（円）", "１１７，０００，０００")
        self.tab.fill("消費税額（円）", "11,700,000")
        self.tab.upload("契約書類（PDF）", document)
        self.photograph("register")
        self.click("登録する")
        self.tab.arrives(".*/contracts/[0-9a-f]{32}")
        return self.tab.url.removeprefix(self.base_url)

    def press(self, contract: str, button: str) -> None:
        """Open the contract and press one of its buttons."""
        self.go(contract)
        self.click(button)

    def send_back(self, contract: str, reason: str) -> None:
        self.go(contract)
        self.tab.follow("details:has([name=reason]) > summary")
        self.tab.fill("差戻しの理由", reason)
        self.click("差し戻す")

    def give_consent(self) -> None:
        self.go("/")
        self.tab.follow("a[href^='/consents/']")
        self.tab.sees("h1", "電磁的措置の承諾")
        self.photograph("consent")
        self.click("電磁的措置を承諾する")
        self.give_password()

    def sign(self, contract: str, name: str) -> None:
        """Through the guided dialog and the bridge's own terminal, until the original is sealed."""
        self.go(f"{contract}/sign")
        self.tab.sees("#signing[data-ready=yes]")
        self.photograph(f"{name}-before")
        self.click("署名を始める")
        try:
            self.tab.sees("#signing[data-done=yes]", seconds=SIGNING / 1000)
        finally:
            self.photograph(name)

    def read(self, contract: str) -> None:
        """Read the document in the page: the viewer has drawn its first page."""
        self.go(contract)
        self.tab.sees(".viewer canvas", seconds=20)

    def download(self, contract: str, name: str, target: Path) -> None:
        """A file of the contract, by its link on the contract's page."""
        self.go(contract)
        self.tab.download(f"a[href='{contract}/{name}']", target)

    def give_password(self) -> None:
        """Confirm a dangerous act, which then goes on by itself."""
        self.tab.sees("h1", "ご本人の確認")
        self.tab.fill("パスワード", PASSWORD)
        self.click("確認して続ける")

    def says(self, text: str) -> None:
        self.tab.says(text)

    def click(self, button: str) -> None:
        self.tab.press(button)

    def ask(self, path: str, form: dict[str, str] | None = None) -> int:
        """The status with which the server answers the signed-in page; with ``form`` it posts."""
        return int(self.tab.evaluate(ASK, [path, form]))

    def submit(self, path: str) -> int:
        """Press a button that the page does not offer; returns the answer's status, the answer is shown."""
        self.tab.evaluate(SUBMIT, path)
        self.tab.arrives(f".*{path}")
        return int(self.tab.evaluate(STATUS))

    def settle(self) -> None:
        """Fonts are there, the document is drawn, and nothing is on its way to another colour."""
        if self.tab.evaluate("() => document.querySelector('.viewer[data-pdf]') !== null"):
            self.tab.sees(".viewer [data-drawn]", seconds=30)
        self.tab.evaluate(SETTLED)

    @property
    def _chromium(self) -> ChromiumTab:
        assert isinstance(self.tab, ChromiumTab)
        return self.tab

    def _picture(self, name: str) -> None:
        if self.screens:
            self.tab.picture(self.screens / f"{name}.png")
        if self.inspect:
            self.findings += [f"{name}: {finding}" for finding in examine(self.tab)]


def await_answer(office: Office, path: str, status: int, *, until_then: int, seconds: float = 30) -> None:
    """Until the server answers so; any other answer than these two is wrong."""
    deadline = time.monotonic() + seconds
    while (answered := office.ask(path)) != status:
        assert answered == until_then, f"{path}: {answered}"
        assert time.monotonic() < deadline, f"{path}: {answered} after {seconds} s"
        time.sleep(0.2)
