"""Something to be read in full before a button carries it out: a change, its undoing, a report."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk

from .arming import Arming
from .confirmation import dialog
from .layout import Footer, Wrapped, heading
from .reading import Reading
from .theme import Theme

WIDTH, HEIGHT, LINES = 700, 520, 4


class TextDialog:
    """`kind` names the sentences `<kind>_title`, `_question`, `_note` (unless another is given) and `_yes`."""

    def __init__(
        self, root: tkinter.Misc, theme: Theme, kind: str, text: str, *, note: str = "", **fields: object
    ) -> None:
        self._words = theme.words
        self._top, self._body = dialog(root, theme, self._words(f"{kind}_title"), WIDTH, HEIGHT)
        self._footer = Footer(self._body, theme)
        self._close = self._footer.add(self._words("decline"), self._top.destroy)
        heading(self._body, theme, self._words(f"{kind}_question", **fields))
        Wrapped(self._body, note or self._words(f"{kind}_note")).pack(fill="x", pady=(0, theme.px(6)))
        self._text = Reading(self._body, theme, LINES, fixed=True)
        self._text.pack(fill="both", expand=True)
        self._text.show([("plain", text)])
        self._theme, self._kind = theme, kind
        self._close.focus_set()

    def agreeing(self, do: Callable[[], None]) -> None:
        """With the button that does it and closes."""

        def agreed() -> None:
            self._top.destroy()
            do()

        made = self._footer.add(self._words(f"{self._kind}_yes"), agreed, "Act.TButton")
        Arming(made).wake()

    def copying(self) -> None:
        """With a button that puts the text on the clipboard."""
        self._footer.add(self._words("copy"), self._copy)

    def saving(self, do: Callable[[str], None], path: str) -> None:
        """With a field for a path, and the button that hands it over and closes."""
        row = ttk.Frame(self._body)
        row.pack(side="bottom", fill="x", pady=(self._theme.px(6), 0), before=self._text)
        ttk.Label(row, text=self._words("report_path")).pack(side="left", padx=(0, self._theme.px(8)))
        entry = ttk.Entry(row)
        entry.insert(0, path)
        entry.pack(side="left", fill="x", expand=True)

        def agreed() -> None:
            chosen = entry.get().strip()
            if chosen:
                self._top.destroy()
                do(chosen)

        entry.bind("<Return>", lambda _: agreed())
        self._footer.add(self._words(f"{self._kind}_yes"), agreed, "Act.TButton")

    def _copy(self) -> None:
        self._top.clipboard_clear()
        self._top.clipboard_append(self._text.shown())
        self._footer.say(self._words("copied"), "Good.TLabel")
