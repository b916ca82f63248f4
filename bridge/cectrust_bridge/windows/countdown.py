"""How long the person may still be silent."""

from __future__ import annotations

import time
import tkinter
from tkinter import ttk

from .theme import Theme

HURRY = 60


class Countdown:
    """Writes the remaining time into a label once a second; only the parent acts on it."""

    def __init__(self, root: tkinter.Tk, theme: Theme) -> None:
        self._root, self._words = root, theme.words
        self._label: ttk.Label | None = None
        self._patience, self._deadline, self._timer = 0.0, 0.0, ""

    def start(self, patience: float, label: ttk.Label | None) -> None:
        """Count `patience` seconds down in `label`."""
        self._patience, self._label = patience, label
        self.restart()
        self._tick()

    def restart(self) -> None:
        """Something was said to the parent, which starts to wait anew."""
        self._deadline = time.monotonic() + self._patience

    def stop(self) -> None:
        """The label is about to go."""
        if self._timer:
            self._root.after_cancel(self._timer)
        self._label, self._timer = None, ""

    def _tick(self) -> None:
        if self._label is None:
            return
        left = max(round(self._deadline - time.monotonic()), 0)
        told = self._words("countdown", time=f"{left // 60}:{left % 60:02}")
        self._label.configure(text=told, style="Warn.TLabel" if left <= HURRY else "Quiet.TLabel")
        self._timer = self._root.after(1000, self._tick)
