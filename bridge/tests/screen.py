"""What a person does at a (virtual) screen."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator

AWAKE = (0x00, 0x31, 0xD8)
"""The colour of a button that does what the window is for, once it can be pressed."""


@contextlib.contextmanager
def virtual_screen(size: str) -> Iterator[str]:
    """The name of a display of `size` (1024x768)."""
    readable, writable = os.pipe()
    command = ["Xvfb", "-displayfd", str(writable), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writable], stderr=subprocess.DEVNULL) as screen:
        os.close(writable)
        with os.fdopen(readable) as number:
            yield f":{number.readline().strip()}"
        screen.terminate()


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

    def wait_until_awake(self, name: str) -> None:
        """Until the window whose title has `name` has the keyboard, and its button can be pressed."""
        self.wait_for_colour(AWAKE, self.focus(name))

    def wait_for_colour(self, colour: tuple[int, int, int], window: str = "root") -> None:
        """Until a button's worth of it is in the window, or on the screen."""
        deadline = time.monotonic() + 20
        while self._picture(window).count(bytes(colour) * 8) < 8:
            assert time.monotonic() < deadline, "nothing has this colour"

    def _picture(self, window: str) -> bytes:
        """Its RGB."""
        command = ("import", "-window", window, "-depth", "8", "rgb:-")
        return subprocess.run(command, env=self.environment, capture_output=True, check=True).stdout

    def kill(self, window: str) -> None:
        """End the program that shows this window, as a crash would."""
        self.do("xdotool", "windowkill", window)
