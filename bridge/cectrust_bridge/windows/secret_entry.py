"""A field for a PIN: hidden, nowhere kept, with the hints that save a try."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk

from .layout import Wrapped
from .theme import Theme

DOT = "●"
CAPS_LOCK = 0x2
SHOWN_MS = 5000


class SecretEntry(ttk.Frame):
    """`get()` gives the octets, `clear()` empties the field. Neither selection nor clipboard gets them."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, accept: Callable[[], object]) -> None:
        super().__init__(parent)
        self._words = theme.words
        self.entry = ttk.Entry(self, show=DOT, width=24, exportselection=False, font="TkFixedFont")
        self.entry.pack(side="left")
        self._eye = ttk.Button(self, text=theme.words("show_pin"))
        self._eye.pack(side="left", padx=(theme.px(8), 0))
        self._hiding = ""
        for key in ("<<Copy>>", "<<Cut>>"):
            self.entry.bind(key, lambda _: "break")
        for key in ("<Return>", "<KP_Enter>"):
            self.entry.bind(key, lambda _: accept())
        self._bind_eye()

    def get(self) -> bytes:
        """What was typed, as UTF-8."""
        return self.entry.get().encode()

    def is_plain(self) -> bool:
        """Only characters of an ordinary keyboard: a Japanese input method easily leaves full-width ones."""
        return self.entry.get().isascii()

    def clear(self) -> None:
        """As well as an interpreter can: tkinter's copy is overwritten and freed, Python's is dropped."""
        length = len(self.entry.get())
        self.entry.delete(0, "end")
        self.entry.insert(0, "0" * length)
        self.entry.delete(0, "end")

    def destroy(self) -> None:
        """Emptied, with its timer."""
        if self._hiding:
            self.after_cancel(self._hiding)
        self.clear()
        super().destroy()

    def _bind_eye(self) -> None:
        for press in ("<ButtonPress-1>", "<KeyPress-space>"):
            self._eye.bind(press, lambda _: self._show())
        for release in ("<ButtonRelease-1>", "<KeyRelease-space>", "<FocusOut>", "<Leave>"):
            self._eye.bind(release, lambda _: self._hide(), add="+")

    def _show(self) -> None:
        """Never longer than it takes to read it, even when a release got lost."""
        self.entry.configure(show="")
        if self._hiding:
            self.after_cancel(self._hiding)
        self._hiding = self.after(SHOWN_MS, self._hide)

    def _hide(self) -> None:
        self.entry.configure(show=DOT)


class CapsLockHint:
    """A line that appears while Caps Lock is on; known only once a key is pressed."""

    def __init__(self, parent: tkinter.Misc, theme: Theme) -> None:
        self._text = theme.words("caps_lock")
        self.label = Wrapped(parent, style="Warn.TLabel")

    def watch(self, entry: tkinter.Misc) -> None:
        """Keys pressed in `entry` tell."""
        entry.bind("<Key>", self._pressed, add="+")

    def _pressed(self, event: tkinter.Event[tkinter.Misc]) -> None:
        # The event of the Caps Lock key itself still carries the state before it.
        before = bool(int(event.state) & CAPS_LOCK)
        on = before != (event.keysym == "Caps_Lock")
        self.label.configure(text=self._text if on else "")
