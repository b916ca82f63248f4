"""Language and size of all windows."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk

from .look import PERCENTS, Look
from .theme import Theme
from .wording import LANGUAGE_NAMES


class SettingsTab(ttk.Frame):
    """A choice takes effect at once: the front opens the window anew."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, look: Look, wish: Callable[..., None]) -> None:
        super().__init__(parent, padding=theme.px(14))
        self._theme, self._wish = theme, wish
        self._languages, self._percents = list(LANGUAGE_NAMES), [None, *PERCENTS]
        sizes = [theme.words("automatic"), *(f"{percent}%" for percent in PERCENTS)]
        self._language = self._choice("language", list(LANGUAGE_NAMES.values()), self._languages.index(look.language))
        self._size = self._choice("text_size", sizes, self._percents.index(look.percent))

    def _choice(self, key: str, values: list[str], present: int) -> ttk.Combobox:
        ttk.Label(self, text=self._theme.words(key)).pack(anchor="w", pady=(self._theme.px(8), 0))
        box = ttk.Combobox(self, values=values, state="readonly", width=16)
        box.current(present)
        box.pack(anchor="w")
        box.bind("<<ComboboxSelected>>", lambda _: self._changed())
        return box

    def _changed(self) -> None:
        language, percent = self._languages[self._language.current()], self._percents[self._size.current()]
        self._wish("look", language=language, percent=percent)
