"""The vocabulary in Chromium, driven by Playwright."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, Response, expect

from tests.e2e.browser import DESKTOP, PATIENCE, SERVER_TIME

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def launch(playwright: Playwright, *arguments: str, **options: Any) -> ChromiumTab:
    """A Chromium of its own; ``options`` are those of Playwright's ``launch``."""
    return ChromiumTab(playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *arguments], **options))


class ChromiumTab:
    """``page`` and ``context`` are Playwright's, for tests of what Chromium alone can do."""

    page: Page

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._complaints: list[str] = []
        self._server_milliseconds = 0.0
        viewport = {"width": DESKTOP[0], "height": DESKTOP[1]}
        self.context: BrowserContext = browser.new_context(
            locale="ja-JP", timezone_id="Asia/Tokyo", viewport=viewport, ignore_https_errors=True
        )
        self._watch()

    @property
    def url(self) -> str:
        return self.page.url

    def open(self, address: str) -> None:
        self.page.goto(address)

    def renew(self) -> None:
        self.page.close()
        self._watch()

    def close(self) -> None:
        self._browser.close()

    def fill(self, label: str, text: str) -> None:
        self._labelled(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        options = self._labelled(label)
        options.select_option(options.locator("option", has_text=option).first.get_attribute("value"))

    def check(self, label: str) -> None:
        self._labelled(label).check()

    def upload(self, label: str, file: Path) -> None:
        self._labelled(label).set_input_files(file)

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def follow(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def download(self, selector: str, target: Path) -> None:
        with self.page.expect_download() as begun:
            self.follow(selector)
        begun.value.save_as(target)

    def sees(self, selector: str, text: str = "", seconds: float = PATIENCE) -> None:
        shown = self.page.locator(selector).filter(has_text=text).first
        expect(shown).to_be_visible(timeout=seconds * 1000)

    def says(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE * 1000)

    def lacks(self, selector: str) -> None:
        expect(self.page.locator(selector)).to_have_count(0, timeout=PATIENCE * 1000)

    def arrives(self, address: str) -> None:
        self.page.wait_for_url(re.compile(f"^(?:{address})$"))

    def evaluate(self, function: str, argument: Any = None) -> Any:
        return self.page.evaluate(function, argument)

    def resize(self, size: tuple[int, int]) -> None:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def picture(self, target: Path) -> None:
        self.page.screenshot(path=target, full_page=True)

    def complaints(self) -> list[str]:
        return list(self._complaints)

    def server_milliseconds(self) -> float:
        return self._server_milliseconds

    def _labelled(self, label: str) -> Locator:
        return self.page.get_by_label(label).first

    def _watch(self) -> None:
        self.page = self.context.new_page()
        self.page.on("response", self._time)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self._complaints.append(str(error)))

    def _time(self, answer: Response) -> None:
        if found := SERVER_TIME.search(answer.headers.get("server-timing", "")):
            self._server_milliseconds += float(found.group(1))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complaints.append(f"{message.type}: {message.text} {message.location['url']}")
