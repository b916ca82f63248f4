"""The word that has to be typed before the last try of a PIN is risked."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk

from .layout import Wrapped
from .theme import Theme
from .wording import half_width

LAST = "LAST"


class LastTry:
    """A warning and the field for the word. `go_on` is called at Return."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, go_on: Callable[[], object]) -> None:
        gap = theme.px(6)
        Wrapped(parent, theme.words("type_last"), "Warn.TLabel").pack(fill="x", pady=(gap, 0))
        self.entry = ttk.Entry(parent, width=10)
        self.entry.pack(anchor="w", pady=(0, gap))
        self.entry.bind("<Return>", lambda _: go_on())

    def is_given(self) -> bool:
        """In whatever width and case an input method left it."""
        return half_width(self.entry.get()).upper() == LAST
