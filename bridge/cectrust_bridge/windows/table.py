"""A table of names with one row chosen, whose texts are given in full below: columns are too narrow for them."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping, Sequence
from tkinter import font, ttk

from .layout import Wrapped
from .theme import Theme

CELL = 14
"""What a cell has around its text."""


class Table(ttk.Frame):
    """`choosing(index)` is called when the person chooses a row. The last of the `columns` is never cut."""

    def __init__(
        self, parent: tkinter.Misc, theme: Theme, columns: Mapping[str, int], choosing: Callable[[int], None]
    ) -> None:
        super().__init__(parent)
        self._rows: Sequence[Sequence[str]] = []
        self._theme, self._columns = theme, columns
        self._choosing = choosing
        self._full = Wrapped(self, style="Quiet.TLabel")
        self._full.pack(side="bottom", fill="x", pady=(theme.px(4), 0))
        self._tree = ttk.Treeview(self, columns=list(columns), show="headings", selectmode="browse", height=3)
        for name, width in columns.items():
            self._tree.heading(name, text=theme.words(name), anchor="w")
            self._tree.column(name, width=theme.px(width), minwidth=0, anchor="w")
        down = ttk.Scrollbar(self, orient="vertical", command=self._tree.yview)
        self._tree.configure(yscrollcommand=down.set)
        down.pack(side="right", fill="y")
        self._tree.pack(side="left", fill="both", expand=True)
        self._tree.bind("<<TreeviewSelect>>", lambda _: self._chose())
        self._tree.bind("<Configure>", lambda _: self._fit())

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        """Other rows."""
        self._rows = rows
        self._tree.delete(*self._tree.get_children())
        self._full.say("")
        for index, row in enumerate(rows):
            self._tree.insert("", "end", iid=f"{index}", values=tuple(row))
        self._fit()

    def choose(self, index: int) -> None:
        """As if the person had, if there is such a row."""
        if index < len(self._rows):
            self._tree.focus(f"{index}")
            self._tree.selection_set(f"{index}")

    def chosen(self) -> int | None:
        """Which row."""
        return next((int(each) for each in self._tree.selection()), None)

    def _fit(self) -> None:
        """The texts of the last column are short and stand nowhere else; names are given in full below."""
        *others, last = self._columns
        texts = [self._theme.words(last), *(row[-1] for row in self._rows)]
        measure = font.nametofont("TkDefaultFont", self).measure
        kept = max(measure(text) for text in texts) + self._theme.px(CELL)
        self._tree.column(last, width=kept, stretch=False)
        room, shares = max(self._tree.winfo_width() - kept, 0), sum(self._columns[name] for name in others)
        for name in others:
            self._tree.column(name, width=room * self._columns[name] // shares)

    def _chose(self) -> None:
        index = self.chosen()
        if index is not None:
            self._full.say("　".join(self._rows[index]))
            self._choosing(index)
