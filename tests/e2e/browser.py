"""One vocabulary for every browser: what a person does in a tab, and what a tab can tell afterwards."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Protocol

DESKTOP, PHONE = (1280, 900), (360, 780)
"""Inner width and height in pixels."""
PATIENCE = 15.0
"""Seconds until what a page should show counts as missing."""
SERVER_TIME = re.compile(r"app;dur=([0-9.]+)")
"""Milliseconds in the ``Server-Timing`` of our answers."""


class Tab(Protocol):
    """A tab of a real browser with a profile of its own.

    Every act waits until it is possible and fails after ``PATIENCE``. A *label* is a part of a control's label, and the
    first such control is meant; a *selector* is CSS.
    """

    @property
    def url(self) -> str: ...

    def open(self, address: str) -> None:
        """Go there, until the page is loaded."""

    def renew(self) -> None:
        """Close the tab and go on in a new one of the same profile."""

    def close(self) -> None:
        """End the browser."""

    def fill(self, label: str, text: str) -> None: ...

    def choose(self, label: str, option: str) -> None:
        """In a list, the option whose text contains ``option``."""

    def check(self, label: str) -> None: ...

    def upload(self, label: str, file: Path) -> None: ...

    def press(self, button: str) -> None:
        """The button of exactly this name."""

    def follow(self, selector: str) -> None:
        """Click the first of these: a link, or the summary of something folded."""

    def download(self, selector: str, target: Path) -> None:
        """Click a link and wait until the browser has saved the file."""

    def sees(self, selector: str, text: str = "", seconds: float = PATIENCE) -> None:
        """One of these is visible and contains the text."""

    def says(self, text: str) -> None:
        """The text is visible somewhere."""

    def lacks(self, selector: str) -> None:
        """There is none of these."""

    def arrives(self, address: str) -> None:
        """The address matches this regular expression as a whole."""

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """The value of a JavaScript function in the page, or what its promise becomes."""

    def resize(self, size: tuple[int, int]) -> None: ...

    def picture(self, target: Path) -> None:
        """The whole page as PNG."""

    def complaints(self) -> list[str]:
        """Errors and warnings of the browser's console: violated policies, script errors, failed requests."""

    def server_milliseconds(self) -> float:
        """What the server says it has spent on this tab, in all."""
