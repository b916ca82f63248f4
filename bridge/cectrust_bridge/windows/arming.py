"""A button that agrees wakes up late: whoever clicks or types fast must not hit it as it appears under him."""

from __future__ import annotations

from tkinter import ttk

ARMING_MS = 600


class Arming:
    """`button` sleeps until 0.6 s after `wake`, unless `sleep` comes before."""

    def __init__(self, button: ttk.Button) -> None:
        self._button, self._timer = button, ""
        button.state(["disabled"])
        button.bind("<Destroy>", lambda _: self._stop(), add="+")

    def wake(self) -> None:
        """Its condition holds. Saying so again changes nothing."""
        if not self._timer and self._button.instate(["disabled"]):
            self._timer = self._button.after(ARMING_MS, self._arm)

    def sleep(self) -> None:
        """Its condition holds no longer."""
        self._stop()
        self._button.state(["disabled"])

    def _arm(self) -> None:
        self._timer = ""
        self._button.state(["!disabled"])

    def _stop(self) -> None:
        if self._timer:
            self._button.after_cancel(self._timer)
            self._timer = ""
