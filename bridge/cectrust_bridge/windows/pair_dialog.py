"""Pairing with a server: its address and the one-time code of the user's own page."""

from __future__ import annotations

import contextlib
import tkinter
from collections.abc import Callable
from tkinter import ttk

from .confirmation import dialog
from .layout import Footer, Scrolled, Wrapped, button, heading
from .theme import Theme

WIDTH, HEIGHT = 640, 460
MAX_TEXT = 400


class PairDialog:
    """`wish("pair", address=…, code=…)`, then the outcome in words."""

    def __init__(self, root: tkinter.Misc, theme: Theme, wish: Callable[..., None]) -> None:
        self._theme, self._words, self._wish = theme, theme.words, wish
        self._top, body = dialog(root, theme, self._words("title_pair"), WIDTH, HEIGHT)
        self._footer = Footer(body, theme)
        self._close = self._footer.add(self._words("decline"), self._top.destroy)
        self._do = self._footer.add(self._words("pair_do"), self._pair, "Act.TButton")
        column = Scrolled(body, theme)
        column.pack(fill="both", expand=True)
        heading(column.inside, theme, self._words("pair_question"))
        Wrapped(column.inside, self._words("pair_steps")).pack(fill="x")
        self._address = self._field(column.inside, "pair_address")
        self._code = self._field(column.inside, "pair_code")
        self._busy = ttk.Progressbar(body, mode="indeterminate")
        self._address.focus_set()

    def is_open(self) -> bool:
        """Not closed by the person yet."""
        return bool(self._top.winfo_exists())

    def tell(self, well: bool, text: str) -> None:
        """How it ended; after success there is nothing left but to close."""
        self._busy.stop()
        self._busy.pack_forget()
        self._footer.say(text, "Good.TLabel" if well else "Warn.TLabel")
        if well:
            self._do.pack_forget()
            self._close.configure(text=self._words("close"))
            self._close.focus_set()
        else:
            self._do.state(["!disabled"])
            self._code.focus_set()

    def _field(self, parent: tkinter.Misc, key: str) -> ttk.Entry:
        ttk.Label(parent, text=self._words(key)).pack(anchor="w", pady=(self._theme.px(10), 0))
        row = ttk.Frame(parent)
        row.pack(fill="x")
        entry = ttk.Entry(row)
        button(row, self._words("paste"), lambda: self._paste(entry)).pack(side="right", padx=(self._theme.px(8), 0))
        entry.pack(side="left", fill="x", expand=True)
        entry.bind("<Return>", lambda _: self._pair())
        return entry

    def _paste(self, entry: ttk.Entry) -> None:
        """What is on the clipboard, without the line ends that copying adds."""
        with contextlib.suppress(tkinter.TclError):
            text = "".join(entry.clipboard_get()[:MAX_TEXT].split())
            entry.delete(0, "end")
            entry.insert(0, text)

    def _pair(self) -> None:
        address, code = self._address.get().strip(), self._code.get().strip()
        if self._do.instate(["disabled"]):
            return
        if not address or not code:
            self._footer.say(self._words("pair_missing"), "Warn.TLabel")
            return
        self._do.state(["disabled"])
        self._footer.say(self._words("pairing"))
        self._busy.pack(side="bottom", fill="x")
        self._busy.start()
        self._wish("pair", address=address[:MAX_TEXT], code=code[:MAX_TEXT])
