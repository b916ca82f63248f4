"""Present tokens, how their PINs stand, and the certificates on them."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping
from tkinter import ttk
from typing import Any

from .layout import Wrapped, button
from .theme import Theme

COLUMNS = {"model_column": 210, "serial_column": 110, "pin_column": 200}
TREE_WIDTH = 260


class TokensTab(ttk.Frame):
    """`wish("tokens")` makes the front look again."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, wish: Callable[..., None]) -> None:
        super().__init__(parent, padding=theme.px(10))
        self._words, self._wish = theme.words, wish
        self._details: dict[str, str] = {}
        self._devices: dict[str, Mapping[str, str]] = {}
        row = ttk.Frame(self)
        row.pack(side="bottom", fill="x", pady=(theme.px(8), 0))
        self._refresh = button(row, self._words("refresh"), self._look)
        self._refresh.pack(side="left")
        self._change = button(row, self._words("change_pin"), self._change_pin)
        self._change.pack(side="left", padx=theme.px(8))
        self._told = Wrapped(self)
        self._told.pack(side="bottom", fill="x", pady=(theme.px(6), 0))
        self._tree = self._make_tree(theme)
        self._tree.pack(fill="both", expand=True)
        self._tree.lower()  # first for the keyboard, too
        self._busy()

    def show(self, found: Mapping[str, Any]) -> None:
        """What the front found."""
        self._tree.delete(*self._tree.get_children())
        self._change.state(["disabled"])
        self._refresh.state(["!disabled"])
        drivers = [self._words(f"module_{each['state']}", name=each["name"]) for each in found["drivers"]]
        trouble = [self._words(found["trouble"])] if found["trouble"] else []
        self._say("\n".join([*trouble, *drivers]), bool(trouble or drivers))
        for token in found["tokens"]:
            self._add(token)

    def tell(self, ended: Mapping[str, Any]) -> None:
        """How a change of the PIN ended."""
        well = ended["of"] == "changed"
        self._say(self._words("pin_changed") if well else f"{ended[self._words.language]}", not well)

    def _add(self, token: Mapping[str, Any]) -> None:
        state = self._words(f"pin_{token['pin_state']}")
        node = self._tree.insert(
            "", "end", text=token["label"], values=(token["model"], token["serial"], state), open=True
        )
        self._devices[node] = token["device"]
        self._details[node] = f"{token['label']}　{token['model']}\n{state}"
        for each in token["certificates"]:
            until = self._words("expired_date" if each["expired"] else "until_date", date=each["until"])
            leaf = self._tree.insert(node, "end", text=each["holder"], values=(each["issuer"], "", until))
            self._details[leaf] = f"{each['holder']}\n{each['issuer']}　{until}"
        if not token["certificates"]:
            self._tree.insert(node, "end", text=self._words("no_certificates"))

    def _make_tree(self, theme: Theme) -> ttk.Treeview:
        tree = ttk.Treeview(self, columns=list(COLUMNS), selectmode="browse", height=3)
        tree.heading("#0", text=self._words("token_column"), anchor="w")
        tree.column("#0", width=theme.px(TREE_WIDTH))
        for name, width in COLUMNS.items():
            tree.heading(name, text=self._words(name), anchor="w")
            tree.column(name, width=theme.px(width))
        tree.bind("<<TreeviewSelect>>", lambda _: self._chose())
        return tree

    def _chose(self) -> None:
        """Names in full, which a column is too narrow for."""
        for chosen in self._tree.selection():
            self._say(self._details.get(chosen, ""), False)
            self._change.state(["!disabled" if chosen in self._devices else "disabled"])

    def _change_pin(self) -> None:
        for chosen in self._tree.selection():
            self._wish("change_pin", device=self._devices[chosen])

    def _look(self) -> None:
        self._busy()
        self._wish("tokens")

    def _busy(self) -> None:
        self._refresh.state(["disabled"])
        self._change.state(["disabled"])
        self._say(self._words("looking"), False)

    def _say(self, text: str, bad: bool) -> None:
        self._told.say(text, "Warn.TLabel" if bad else "Quiet.TLabel")
