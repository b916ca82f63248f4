"""Adding a PKCS#12 file: where it is. Its password is asked for by the window that takes PINs."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import filedialog, ttk

from .confirmation import dialog
from .layout import Footer, Scrolled, Wrapped, button, heading
from .theme import Theme

WIDTH, HEIGHT = 640, 360
MAX_PATH = 4096
KINDS: list[tuple[str, str | list[str] | tuple[str, ...]]] = [
    ("PKCS#12", ("*.p12", "*.pfx", "*.P12", "*.PFX")),
    ("*", "*"),
]


class FileDialog:
    """`wish("add_file", path=…)`, then the outcome in words."""

    def __init__(self, root: tkinter.Misc, theme: Theme, wish: Callable[..., None]) -> None:
        self._theme, self._words, self._wish = theme, theme.words, wish
        self._top, body = dialog(root, theme, self._words("title_file"), WIDTH, HEIGHT)
        self._footer = Footer(body, theme)
        self._close = self._footer.add(self._words("decline"), self._top.destroy)
        self._do = self._footer.add(self._words("file_do"), self._add, "Act.TButton")
        column = Scrolled(body, theme)
        column.pack(fill="both", expand=True)
        heading(column.inside, theme, self._words("file_question"))
        Wrapped(column.inside, self._words("file_steps")).pack(fill="x")
        self._path = self._field(column.inside)
        self._asked = False
        self._path.focus_set()

    def is_open(self) -> bool:
        """Not closed by the person yet."""
        return bool(self._top.winfo_exists())

    def waits(self) -> bool:
        """Did the person press "add", and was nothing heard since?"""
        return self._asked and self.is_open()

    def tell(self, well: bool, text: str, style: str) -> None:
        """How it ended; after success there is nothing left but to close."""
        self._asked = False
        self._footer.say(text, style)
        if well:
            self._do.pack_forget()
            self._close.configure(text=self._words("close"))
            self._close.focus_set()
        else:
            self._do.state(["!disabled"])
            self._path.focus_set()

    def _field(self, parent: tkinter.Misc) -> ttk.Entry:
        ttk.Label(parent, text=self._words("file_path")).pack(anchor="w", pady=(self._theme.px(10), 0))
        row = ttk.Frame(parent)
        row.pack(fill="x")
        entry = ttk.Entry(row)
        browse = button(row, self._words("browse"), self._browse)
        browse.pack(side="right", padx=(self._theme.px(8), 0))
        entry.pack(side="left", fill="x", expand=True)
        entry.bind("<Return>", lambda _: self._add())
        return entry

    def _browse(self) -> None:
        chosen = filedialog.askopenfilename(parent=self._top, title=self._words("title_file"), filetypes=KINDS)
        if chosen:
            self._path.delete(0, "end")
            self._path.insert(0, chosen)
            self._path.focus_set()

    def _add(self) -> None:
        if self._do.instate(["disabled"]):
            return
        path = self._path.get().strip()
        if not path:
            self._footer.say(self._words("file_no_path"), "Warn.TLabel")
            return
        self._do.state(["disabled"])
        self._footer.say(self._words("file_asking"), "TLabel")
        self._asked = True
        self._wish("add_file", path=path[:MAX_PATH])
