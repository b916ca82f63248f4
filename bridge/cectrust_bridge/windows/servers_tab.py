"""Paired servers: which, for whom, since when; pairing another, leaving one."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping, Sequence
from tkinter import ttk
from typing import Any

from .confirmation import confirm
from .layout import Wrapped, button
from .pair_dialog import PairDialog
from .table import Table
from .theme import Theme

COLUMNS = {"server_name": 190, "address": 250, "paired_user": 205, "since": 140}


class ServersTab(ttk.Frame):
    """`wish(name, **fields)` goes to the front."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, wish: Callable[..., None]) -> None:
        super().__init__(parent, padding=theme.px(10))
        self._theme, self._words, self._wish = theme, theme.words, wish
        self._servers: Sequence[Mapping[str, Any]] = []
        self._told_of_none = False
        self._dialog: PairDialog | None = None
        row = ttk.Frame(self)
        row.pack(side="bottom", fill="x", pady=(theme.px(8), 0))
        button(row, self._words("pair"), self._pair, "Act.TButton").pack(side="left")
        self._leave = button(row, self._words("unpair"), self._ask_to_leave)
        self._leave.pack(side="left", padx=theme.px(8))
        self._told = Wrapped(self)
        self._told.pack(side="bottom", fill="x", pady=(theme.px(6), 0))
        self._table = Table(self, theme, COLUMNS, self._chosen)
        self._table.pack(fill="both", expand=True)
        self._table.lower()  # first for the keyboard, too
        self.show([])

    def show(self, servers: Sequence[Mapping[str, Any]]) -> None:
        """The list as it is now."""
        self._servers = servers
        rows = [(each["name"], " ".join(each["origins"]), each["user"], self._since(each)) for each in servers]
        self._table.fill(rows)
        if not servers or self._told_of_none:
            self._say("" if servers else self._words("no_servers"))
        self._told_of_none = not servers
        self._leave.state(["disabled"])
        self._table.choose(0)

    def tell(self, outcome: Mapping[str, Any]) -> None:
        """What became of pairing or leaving: in the dialog that is still open, else here."""
        well, told = self._sentence(outcome)
        if self._dialog is not None and self._dialog.is_open():
            self._dialog.tell(well, told)
        else:
            self._say(told, "Good.TLabel" if well else "Warn.TLabel")

    def _sentence(self, outcome: Mapping[str, Any]) -> tuple[bool, str]:
        if outcome["of"] == "paired":
            return True, self._words("paired", server=outcome["server"], user=outcome["user"])
        if outcome["of"] == "failed":
            return False, f"{outcome[self._words.language]}"
        told = self._words("unpaired", server=outcome["server"])
        untold = outcome["untold"]
        return untold is None, told if untold is None else f"{told}\n{untold[self._words.language]}"

    def _since(self, server: Mapping[str, Any]) -> str:
        return self._words("by_administrator") if server["fleet"] else f"{server['since']}"

    def _say(self, text: str, style: str = "TLabel") -> None:
        self._told.say(text, style)

    def _chosen(self, index: int) -> None:
        """The administrator's cannot be left by the user."""
        server = self._servers[index]
        self._leave.state(["disabled" if server["fleet"] else "!disabled"])

    def _pair(self) -> None:
        if self._dialog is None or not self._dialog.is_open():
            self._dialog = PairDialog(self, self._theme, self._wish)

    def _ask_to_leave(self) -> None:
        index = self._table.chosen()
        if index is None:
            return
        server = self._servers[index]
        confirm(
            self, self._theme, "unpair", lambda: self._wish("unpair", issuer=server["issuer"]), server=server["name"]
        )
