"""The old PIN and the new one twice."""

from __future__ import annotations

import tkinter
from collections.abc import Mapping
from tkinter import ttk
from typing import Any

from ..processes.pins import pack
from .form import Form, Reply
from .last_try import LastTry
from .layout import Scrolled, Wrapped, facts, heading
from .pin import REFUSED, token_rows
from .secret_entry import CapsLockHint, SecretEntry
from .theme import Theme

FIELDS = ("old_pin", "new_pin", "new_pin_again")


def objection(old: bytes, new: bytes, again: bytes, low: int, high: int) -> str | None:
    """The key of the sentence that says why this change will not do; None if it will."""
    if not new.isascii():
        return "new_pin_ascii"
    if len(new) < low:
        return "new_pin_short"
    if len(new) > high:
        return "new_pin_long"
    if new != again:
        return "new_pin_differs"
    return "new_pin_same" if new == old else None


class ChangePinForm(Form):
    """Agrees with both PINs as `processes.pins` packs them. `question` has `token` and `lengths` (low, high)."""

    title_key = "title_change"
    normal_size = (640, 520)

    def __init__(self, parent: tkinter.Misc, theme: Theme, question: Mapping[str, Any], reply: Reply) -> None:
        super().__init__(parent, theme, reply)
        self._low, self._high = question["lengths"]
        state = question["token"]["pin_state"]
        column = Scrolled(self, theme)
        column.pack(fill="both", expand=True)
        heading(column.inside, theme, self.words("change_question"))
        facts(column.inside, theme, self.words("token"), token_rows(self.words, question["token"]))
        self._fields: list[SecretEntry] = []
        self._last: LastTry | None = None
        if state == "locked":
            Wrapped(column.inside, self.words(REFUSED[state]), "Warn.TLabel").pack(fill="x")
            self.refuse.configure(text=self.words("close"))
        else:
            if state == "final":
                self._last = LastTry(column.inside, theme, lambda: self._fields[0].entry.focus_set())
            self._make_fields(column.inside)

    def begin(self) -> None:
        """The first field has the keyboard."""
        first = self._last or (self._fields[0] if self._fields else None)
        (first.entry if first is not None else self.refuse).focus_set()

    def _make_fields(self, column: ttk.Frame) -> None:
        caps = CapsLockHint(column, self.theme)
        for name in FIELDS:
            ttk.Label(column, text=self.words(name)).pack(anchor="w", pady=(self.theme.px(6), 0))
            field = SecretEntry(column, self.theme, self._give)
            field.pack(anchor="w")
            caps.watch(field.entry)
            self._fields.append(field)
        caps.label.pack(fill="x")
        lengths = self.words("pin_lengths", low=self._low, high=self._high)
        Wrapped(column, lengths, "Quiet.TLabel").pack(fill="x", pady=self.theme.px(6))
        self.footer.add(self.words("change"), self._give, "Act.TButton")

    def _give(self) -> None:
        if self._last is not None and not self._last.is_given():
            self._object("type_last_first", self._last.entry)
            return
        old, new, again = (field.get() for field in self._fields)
        if not old:
            self._fields[0].entry.focus_set()
            return
        if (key := objection(old, new, again, self._low, self._high)) is not None:
            self._object(key, self._fields[1].entry)
            return
        for field in self._fields:
            field.clear()
        self.reply.agree(pack(old, new))

    def _object(self, key: str, field: ttk.Entry) -> None:
        self.footer.say(self.words(key, low=self._low, high=self._high), "Warn.TLabel")
        field.focus_set()
