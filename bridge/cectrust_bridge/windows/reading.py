"""Text to be read: it scrolls, takes the keyboard, can be copied from, and cannot be changed."""

from __future__ import annotations

import tkinter
from collections.abc import Iterable
from tkinter import font, ttk

from .theme import FOCUS, INK, LINE, QUIET, SHEET, WARN, Theme

GOOD = "#15663e"
STYLES = {"bad": WARN, "doubtful": WARN, "good": GOOD, "quiet": QUIET, "plain": INK}
"""Colours of passages; none of them says anything that its words do not."""


class Reading(ttk.Frame):
    """Passages, each in one of the styles. `fixed`: letters of one width, as in files."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, height: int, fixed: bool = False) -> None:
        super().__init__(parent)
        self._text = tkinter.Text(
            self, height=height, width=20, takefocus=True, state="disabled",
            wrap="char" if theme.words.language == "ja" else "word",
            font="TkFixedFont" if fixed else "TkDefaultFont", background=SHEET, foreground=INK, borderwidth=0,
            highlightthickness=2, highlightcolor=FOCUS, highlightbackground=LINE, padx=theme.px(8), pady=theme.px(6),
        )  # fmt: skip
        bar = ttk.Scrollbar(self, orient="vertical", command=self._text.yview)
        self._text.configure(yscrollcommand=bar.set)
        bar.pack(side="right", fill="y")
        self._text.pack(side="left", fill="both", expand=True)
        self._mark_styles(theme)

    def show(self, passages: Iterable[tuple[str, str]]) -> None:
        """Other passages: style and text."""
        self._text.configure(state="normal")
        self._text.delete("1.0", "end")
        for style, text in passages:
            self._text.insert("end", text, style)
        self._text.configure(state="disabled")

    def shown(self) -> str:
        """All of it."""
        return self._text.get("1.0", "end-1c")

    def focus_set(self) -> None:
        """The keys that scroll go to the text."""
        self._text.focus_set()

    def _mark_styles(self, theme: Theme) -> None:
        strong = font.nametofont("TkHeadingFont", self)
        for style, colour in STYLES.items():
            self._text.tag_configure(style, foreground=colour, spacing1=theme.px(2))
            if style in ("bad", "doubtful", "good"):
                self._text.tag_configure(style, font=strong, spacing1=theme.px(8))
