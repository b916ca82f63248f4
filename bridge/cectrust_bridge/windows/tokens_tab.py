"""Present tokens and certificate files, how their PINs stand, and the certificates on them."""

from __future__ import annotations

import functools
import tkinter
from collections.abc import Callable, Mapping
from tkinter import ttk
from typing import Any

from ..tokens.kinds import PKCS12_MODEL
from .confirmation import confirm
from .file_dialog import FileDialog
from .layout import Wrapped, button
from .theme import Theme

COLUMNS = {"model_column": 210, "serial_column": 110, "pin_column": 200}
TREE_WIDTH = 260


class TokensTab(ttk.Frame):
    """`wish("tokens")` makes the front look again."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, wish: Callable[..., None]) -> None:
        super().__init__(parent, padding=theme.px(10))
        self._theme, self._words, self._wish = theme, theme.words, wish
        self._details: dict[str, str] = {}
        self._devices: dict[str, Mapping[str, str]] = {}
        self._files: dict[str, Mapping[str, str]] = {}
        self._dialog: FileDialog | None = None
        self._make_buttons(theme)
        self._told = Wrapped(self)
        self._told.pack(side="bottom", fill="x", pady=(theme.px(6), 0))
        self._tree = self._make_tree(theme)
        self._tree.pack(fill="both", expand=True)
        self._tree.lower()  # first for the keyboard, too
        self._busy()

    def show(self, found: Mapping[str, Any]) -> None:
        """What the front found."""
        self._tree.delete(*self._tree.get_children())
        self._chose_nothing()
        self._refresh.state(["!disabled"])
        drivers = [self._words(f"module_{each['state']}", name=each["name"]) for each in found["drivers"]]
        trouble = [self._words(found["trouble"])] if found["trouble"] else []
        files = [self._words(f"file_{each['state']}", name=each["shown"]) for each in found["files"] if _wants(each)]
        self._say("\n".join([*trouble, *drivers, *files]), bool(trouble or drivers or files))
        files_by_name = {each["name"]: each for each in found["files"]}
        for token in found["tokens"]:
            self._add(token, files_by_name.get(token["device"].get("module")))
        for file in found["files"]:
            if file["state"] == "missing":
                self._add_missing(file)

    def tell(self, ended: Mapping[str, Any]) -> None:
        """How a change of the PIN ended."""
        well = ended["of"] == "changed"
        self._say(self._words("pin_changed") if well else f"{ended[self._words.language]}", not well)

    def tell_file(self, ended: Mapping[str, Any]) -> None:
        """How adding or removing a file ended: in the dialog that waits for it, else here."""
        well, told, bad = self._file_sentence(ended)
        if self._dialog is not None and self._dialog.waits():
            self._dialog.tell(well, told, "Warn.TLabel" if bad else "Good.TLabel")
        else:
            self._say(told, bad)

    def _file_sentence(self, ended: Mapping[str, Any]) -> tuple[bool, str, bool]:
        """Done? The sentence. Is it a warning?"""
        if ended["of"] == "failed":
            return False, f"{ended[self._words.language]}", True
        if ended["of"] == "removed":
            return True, self._words("file_removed", name=ended["name"]), False
        added = self._words("file_added", name=ended["name"])
        if ended["of"] == "added":
            return True, added, False
        return True, f"{added}\n{self._words('file_exposed', name=ended['name'])}", True

    def _add(self, token: Mapping[str, Any], file: Mapping[str, str] | None) -> None:
        state = self._words(f"pin_{token['pin_state']}")
        node = self._tree.insert(
            "", "end", text=token["label"], values=(token["model"], token["serial"], state), open=True
        )
        if file is not None:
            self._files[node] = file
        elif token["model"] != PKCS12_MODEL:
            self._devices[node] = token["device"]
        self._details[node] = f"{token['label']}　{token['model']}\n{state}"
        for each in token["certificates"]:
            until = self._words("expired_date" if each["expired"] else "until_date", date=each["until"])
            leaf = self._tree.insert(node, "end", text=each["holder"], values=(each["issuer"], "", until))
            self._details[leaf] = f"{each['holder']}\n{each['issuer']}　{until}"
        if not token["certificates"]:
            self._tree.insert(node, "end", text=self._words("no_certificates"))

    def _add_missing(self, file: Mapping[str, str]) -> None:
        values = (PKCS12_MODEL, "", self._words("file_not_found"))
        node = self._tree.insert("", "end", text=file["shown"], values=values)
        self._files[node] = file
        self._details[node] = f"{file['path']}\n{self._words('file_missing', name=file['shown'])}"

    def _make_buttons(self, theme: Theme) -> None:
        """Two rows: large letters leave no room for one."""
        files, tokens = ttk.Frame(self), ttk.Frame(self)
        files.pack(side="bottom", fill="x", pady=(theme.px(6), 0))
        tokens.pack(side="bottom", fill="x", pady=(theme.px(8), 0))
        tokens.lower()  # first for the keyboard, too
        self._refresh = button(tokens, self._words("refresh"), self._look)
        self._change = button(tokens, self._words("change_pin"), self._change_pin)
        self._add_file = button(files, self._words("add_file"), self._open_dialog)
        self._remove = button(files, self._words("remove_file"), self._ask_to_remove)
        for first, second in ((self._refresh, self._change), (self._add_file, self._remove)):
            first.pack(side="left")
            second.pack(side="left", padx=theme.px(8))

    def _make_tree(self, theme: Theme) -> ttk.Treeview:
        tree = ttk.Treeview(self, columns=list(COLUMNS), selectmode="browse", height=3)
        tree.heading("#0", text=self._words("token_column"), anchor="w")
        tree.column("#0", width=theme.px(TREE_WIDTH))
        for name, width in COLUMNS.items():
            tree.heading(name, text=self._words(name), anchor="w")
            tree.column(name, width=theme.px(width))
        tree.bind("<<TreeviewSelect>>", lambda _: self._chose())
        tree.bind("<FocusIn>", lambda _: self._choose_first())
        return tree

    def _choose_first(self) -> None:
        """Without a chosen row the arrow keys go nowhere."""
        rows = self._tree.get_children()
        if rows and not self._tree.selection():
            self._tree.focus(rows[0])
            self._tree.selection_set(rows[0])

    def _chose(self) -> None:
        """Names in full, which a column is too narrow for."""
        for chosen in self._tree.selection():
            self._say(self._details.get(chosen, ""), False)
            self._change.state(["!disabled" if chosen in self._devices else "disabled"])
            self._remove.state(["!disabled" if chosen in self._files else "disabled"])

    def _chose_nothing(self) -> None:
        self._devices.clear()
        self._files.clear()
        self._change.state(["disabled"])
        self._remove.state(["disabled"])

    def _change_pin(self) -> None:
        for chosen in self._tree.selection():
            self._wish("change_pin", device=self._devices[chosen])

    def _open_dialog(self) -> None:
        if self._dialog is None or not self._dialog.is_open():
            self._dialog = FileDialog(self, self._theme, self._wish)

    def _ask_to_remove(self) -> None:
        if not (chosen := self._tree.selection()):
            return
        file = self._files[chosen[0]]
        wish = functools.partial(self._wish, "remove_file", name=file["name"])
        confirm(self, self._theme, "remove_file", wish, name=file["shown"])

    def _look(self) -> None:
        self._busy()
        self._wish("tokens")

    def _busy(self) -> None:
        self._refresh.state(["disabled"])
        self._chose_nothing()
        self._say(self._words("looking"), False)

    def _say(self, text: str, bad: bool) -> None:
        self._told.say(text, "Warn.TLabel" if bad else "Quiet.TLabel")


def _wants(file: Mapping[str, str]) -> bool:
    """Is there something to be done about it?"""
    return file["state"] != "ok"
