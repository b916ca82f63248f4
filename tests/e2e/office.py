"""One vocabulary of the journey: what a person in an office does in the browser."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from tests.e2e.accessibility import examine
from tests.e2e.terminal import BridgeTerminal

PASSWORD = "つくえの上の 古い定規 三本"
EXPECTED = (
    "ws://127.0.0.1:4871",  # ports without a bridge are probed, too
    "/send",  # refused on purpose
    "/hello",  # the other company's bridge on this machine is refused, and the next port is tried
)
"""Console noise that the journey makes on purpose."""
DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=780)
SIGNING = 60_000
"""Milliseconds that one signature may take from the click to the sealed original."""


@dataclass
class Office:
    """A company's user at his browser, with his bridge's terminal beside it."""

    page: Page
    context: BrowserContext
    base_url: str
    facts: dict[str, Any]
    terminal: BridgeTerminal | None = None
    screens: Path | None = None
    server_milliseconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Whatever the browser's console complained about: a violated policy, a script error."""
    inspect: bool = False
    """Whether axe examines every page that is photographed."""
    findings: list[str] = field(default_factory=list)
    """What axe found, or what did not fit the screen."""

    def __post_init__(self) -> None:
        self.page.on("response", lambda answer: self._note(answer.headers.get("server-timing", "")))
        self.page.on(
            "console", lambda message: self._complain(message.type, f"{message.text} {message.location['url']}")
        )
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def go(self, path: str) -> None:
        self.page.goto(self.base_url + path)

    def photograph(self, name: str) -> None:
        """The whole page as a picture, on a desktop and on a phone, where pictures are wanted."""
        if not (self.screens or self.inspect):
            return
        self._settle()
        self._picture(name)
        self.page.set_viewport_size(PHONE)
        self._settle()
        self._picture(f"{name}-phone")
        self.page.set_viewport_size(DESKTOP)

    def enter(self, login: str, password: str) -> None:
        self.go("/sign-in")
        self.page.get_by_label("ユーザID または企業ID").fill(login)
        self.page.get_by_label("パスワード").fill(password)
        self.click("ログインする")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def sign_in(self, login: str, initial: str) -> None:
        """For the first time: the initial password must be changed before anything else."""
        self.enter(login, initial)
        expect(self.page.get_by_role("heading", name="パスワードの変更")).to_be_visible()
        self.page.get_by_label("現在のパスワード").fill(initial)
        self.page.get_by_label("新しいパスワード", exact=False).first.fill(PASSWORD)
        self.page.get_by_label("新しいパスワード（確認）").fill(PASSWORD)
        self.click("パスワードを変更する")
        expect(self.page.get_by_role("heading", name="パスワードの変更")).to_have_count(0)

    def register(self, title: str, document: Path, partner: str, kind: str) -> str:
        """Register a contract; returns its path."""
        self.go("/contracts/new")
        self.page.get_by_label("件名").fill(title)
        partners = self.page.get_by_label("取引先")
        partners.select_option(partners.locator("option", has_text=partner).get_attribute("value"))
        self.page.get_by_label(kind).check()
        self.page.get_by_label("税抜金額（円）").fill("１１７，０００，０００")
        self.page.get_by_label("消費税額（円）").fill("11,700,000")
        self.page.get_by_label("契約書類（PDF）").set_input_files(document)
        self.photograph("register")
        self.click("登録する")
        self.page.wait_for_url(re.compile(r"/contracts/[0-9a-f]{32}$"))
        return self.page.url.removeprefix(self.base_url)

    def press(self, contract: str, button: str) -> None:
        """Open the contract and press one of its buttons."""
        self.go(contract)
        self.click(button)

    def send_back(self, contract: str, reason: str) -> None:
        self.go(contract)
        self.page.get_by_text("理由を付けて差し戻す").click()
        self.page.get_by_label("差戻しの理由").fill(reason)
        self.click("差し戻す")

    def give_consent(self) -> None:
        self.go("/")
        self.page.locator("a[href^='/consents/']").first.click()
        expect(self.page.get_by_role("heading", name="電磁的措置の承諾")).to_be_visible()
        self.photograph("consent")
        self.click("電磁的措置を承諾する")

    def sign(self, contract: str, name: str) -> None:
        """Through the guided dialog and the bridge's own terminal, until the original is sealed."""
        self.go(f"{contract}/sign")
        expect(self.page.locator("#signing[data-ready=yes]")).to_be_attached()
        self.photograph(f"{name}-before")
        self.click("署名を始める")
        try:
            expect(self.page.locator("#signing[data-done=yes]")).to_be_attached(timeout=SIGNING)
        finally:
            self.photograph(name)

    def read(self, contract: str) -> None:
        """Read the document in the page: the viewer has drawn its first page."""
        self.go(contract)
        expect(self.page.locator(".viewer canvas").first).to_be_visible(timeout=20_000)

    def download(self, path: str, target: Path) -> None:
        answer = self.context.request.get(self.base_url + path)
        assert answer.status == 200, f"{path}: {answer.status} {answer.text()[:300]}"
        target.write_bytes(answer.body())

    def says(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def click(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def _settle(self) -> None:
        """Fonts are there, the document is drawn, and nothing is on its way to another colour."""
        if self.page.locator(".viewer[data-pdf]").count():
            self.page.locator(".viewer [data-drawn]").first.wait_for()
        self.page.evaluate("document.fonts.ready.then(() => true)")
        self.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished)).then(() => true)")

    def _picture(self, name: str) -> None:
        if self.screens:
            self.page.screenshot(path=self.screens / f"{name}.png", full_page=True)
        if self.inspect:
            self.findings += [f"{name}: {finding}" for finding in examine(self.page)]

    def _note(self, timing: str) -> None:
        if found := re.search(r"app;dur=([0-9.]+)", timing):
            self.server_milliseconds.append(float(found.group(1)))

    def _complain(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(expected in text for expected in EXPECTED):
            self.problems.append(f"{kind}: {text}")
