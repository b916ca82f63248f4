"""The vocabulary in Firefox ESR, driven by Mozilla's own protocol, Marionette."""

from __future__ import annotations

import json
import logging
import re
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e import firefox_scripts as scripts
from tests.e2e.browser import DESKTOP, PATIENCE
from tests.support.ports import free_port

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # mozinfo asks `distro` by an old name
    from marionette_driver.by import By
    from marionette_driver.errors import MarionetteException
    from marionette_driver.marionette import ActionSequence, Marionette, WebElement

logging.getLogger("mozversion").disabled = True  # it would print a dozen lines about each Firefox
FIREFOX = "/usr/lib/firefox-esr/firefox-esr"
SAVED = "application/pdf,application/json,application/octet-stream"
Preferences = dict[str, str | int | bool]


def launch(preferences: Preferences | None = None) -> FirefoxTab:
    """A Firefox of its own without a window, with a fresh profile and more preferences."""
    return FirefoxTab(preferences or {})


class FirefoxTab:
    """``marionette`` is for tests of what Firefox alone can do."""

    def __init__(self, preferences: Preferences) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="cectrust-firefox-"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it knocks with sockets that it does not close
            self.marionette = Marionette(
                bin=FIREFOX,
                port=free_port(),
                headless=True,
                prefs={**_saving(self._folder), "intl.accept_languages": "ja", **preferences},
                app_args=["-remote-allow-system-access"],  # the console and the downloads are the browser's own
                gecko_log=str(self._folder / "gecko.log"),
            )
        self.marionette.start_session({"acceptInsecureCerts": True})
        self.marionette.timeout.script = 60
        self.privileged(scripts.LISTEN)
        self.resize(DESKTOP)

    @property
    def url(self) -> str:
        return str(self.marionette.get_url())

    def open(self, address: str) -> None:
        self.marionette.navigate(address)

    def renew(self) -> None:
        fresh = self.marionette.open(type="tab", focus=True)["handle"]
        self.marionette.close()
        self.marionette.switch_to_window(fresh)

    def close(self) -> None:
        try:
            self.marionette.quit(in_app=False)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def fill(self, label: str, text: str) -> None:
        control = self._element(scripts.CONTROL, label)
        control.clear()
        control.send_keys(text)

    def choose(self, label: str, option: str) -> None:
        self._element(scripts.OPTION, label, option).click()

    def check(self, label: str) -> None:
        control = self._element(scripts.CONTROL, label)
        if not control.is_selected():
            control.click()

    def upload(self, label: str, file: Path) -> None:
        self._element(scripts.CONTROL, label).send_keys(str(file))

    def press(self, button: str) -> None:
        self._element(scripts.BUTTON, button).click()

    def follow(self, selector: str) -> None:
        self.sees(selector)
        self.marionette.find_element(By.CSS_SELECTOR, selector).click()

    def download(self, selector: str, target: Path) -> None:
        """By a pointer, since a click of Marionette's waits five seconds for a page that does not come."""
        before = {each["path"] for each in self.privileged(scripts.DOWNLOADS)}
        self.sees(selector)
        link = self.marionette.find_element(By.CSS_SELECTOR, selector)
        self.marionette.execute_script("arguments[0].scrollIntoView({block: 'center'})", [link])
        ActionSequence(self.marionette, "pointer", "mouse", {"pointerType": "mouse"}).click(link).perform()

        def saved() -> list[str]:
            done = [each["path"] for each in self.privileged(scripts.DOWNLOADS) if each["done"]]
            return [path for path in done if path not in before]

        shutil.move(self._until(saved, f"a download by {selector}")[0], target)

    def sees(self, selector: str, text: str = "", seconds: float = PATIENCE) -> None:
        self._until(lambda: self._run(scripts.SEES, selector, text), f"{selector} {text}", seconds)

    def says(self, text: str) -> None:
        self._until(lambda: self._run(scripts.SAYS, text), text)

    def lacks(self, selector: str) -> None:
        self._until(lambda: not self.marionette.find_elements(By.CSS_SELECTOR, selector), f"no {selector}")

    def arrives(self, address: str) -> None:
        self._until(lambda: re.fullmatch(address, self.url), address)

    def evaluate(self, function: str, argument: Any = None) -> Any:
        return _value(self.marionette.execute_async_script(scripts.EVALUATE % function, [argument], sandbox=None))

    def privileged(self, function: str, argument: Any = None) -> Any:
        """What a function says that runs as a part of Firefox itself."""
        with self.marionette.using_context("chrome"):
            answer = self.marionette.execute_async_script(scripts.EVALUATE % function, [argument], sandbox=None)
        return _value(answer)

    def answer(self, origin: str, permission: str, answer: str) -> None:
        """What the person has said to the browser's question: "allow", "block", or nothing yet ("")."""
        self.privileged(scripts.ANSWER, [origin, permission, answer])

    def asks(self) -> bool:
        """Whether the browser's question about programs on this computer is on the screen."""
        return bool(self.privileged(scripts.ASKS))

    def resize(self, size: tuple[int, int]) -> None:
        """The window is larger than the page in it."""
        frame = self.evaluate("() => [outerWidth - innerWidth, outerHeight - innerHeight]")
        self.marionette.set_window_rect(width=size[0] + frame[0], height=size[1] + frame[1])

    def picture(self, target: Path) -> None:
        target.write_bytes(self.marionette.screenshot(format="binary", full=True))

    def complaints(self) -> list[str]:
        return [str(each) for each in self.privileged(scripts.HEARD)]

    def server_milliseconds(self) -> float:
        return float(self.privileged(scripts.SERVER))

    def _run(self, script: str, *arguments: Any) -> Any:
        return self.marionette.execute_script(f"return ({script})(...arguments)", arguments, sandbox=None)

    def _element(self, script: str, *arguments: str) -> WebElement:
        return self._until(lambda: self._run(script, *arguments), json.dumps(arguments, ensure_ascii=False))

    def _until(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """What the condition says, once it says something; a page on its way says nothing."""
        deadline, last = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            try:
                if found := condition():
                    return found
            except MarionetteException as error:
                last = str(error)
            time.sleep(0.05)
        raise AssertionError(f"{what} did not appear on {self.url}. {last}")


def _value(answer: dict[str, Any]) -> Any:
    if "wrong" in answer:
        raise AssertionError(answer["wrong"])
    return answer["value"]


def _saving(folder: Path) -> Preferences:
    """Files that are offered for download are saved without a question."""
    return {
        "browser.download.folderList": 2,
        "browser.download.dir": str(folder),
        "browser.helperApps.neverAsk.saveToDisk": SAVED,
        "browser.download.alwaysOpenPanel": False,
        "pdfjs.disabled": True,
    }
