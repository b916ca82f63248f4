"""What a person does at a (virtual) screen."""

from __future__ import annotations

import os
import subprocess
import time


class Screen:
    """Keys and windows of one display."""

    def __init__(self, display: str) -> None:
        self.environment = {**os.environ, "DISPLAY": display, "LC_ALL": "C.UTF-8"}

    def do(self, *command: str) -> str:
        run = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return run.stdout.strip()

    def focus(self, name: str) -> str:
        """The id of the window whose title has `name`, once it is there and has the keyboard."""
        window = self.do("xdotool", "search", "--sync", "--onlyvisible", "--name", name).splitlines()[-1]
        self.do("xdotool", "windowfocus", window)
        return window

    def count(self, name: str) -> int:
        """How many such windows are visible now."""
        return len(self.do("xdotool", "search", "--onlyvisible", "--name", name).splitlines())

    def press(self, *keys: str) -> None:
        self.do("xdotool", "key", "--delay", "60", *keys)

    def type(self, text: str) -> None:
        self.do("xdotool", "type", "--delay", "40", text)

    def wait_for_colour(self, colour: tuple[int, int, int]) -> None:
        """Until a button's worth of it is on the screen."""
        deadline = time.monotonic() + 20
        while self._picture().count(bytes(colour) * 8) < 8:
            assert time.monotonic() < deadline, "nothing has this colour"

    def _picture(self) -> bytes:
        """RGB of the whole screen."""
        command = ("import", "-window", "root", "-depth", "8", "rgb:-")
        return subprocess.run(command, env=self.environment, capture_output=True, check=True).stdout

    def kill(self, window: str) -> None:
        """End the program that shows this window, as a crash would."""
        self.do("xdotool", "windowkill", window)
