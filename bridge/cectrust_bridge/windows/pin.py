"""The PIN of one batch: the token's state in plain words, and nothing that remembers it."""

from __future__ import annotations

import tkinter
from collections.abc import Mapping
from tkinter import ttk
from typing import Any

from ..tokens.kinds import PKCS12_MODEL
from .form import Form, Reply
from .last_try import LastTry
from .layout import Scrolled, Wrapped, facts, heading
from .secret_entry import CapsLockHint, SecretEntry
from .theme import Theme
from .wording import Words

REFUSED = {"locked": "pin_locked_way", "change_required": "pin_change_way"}


def token_rows(words: Words, token: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Which token, and how its PIN stands."""
    named = words("token_named", label=token["label"], model=token["model"])
    return [(words("token"), named), (words("pin_state"), words(f"pin_{token['pin_state']}"))]


class PinForm(Form):
    """A PIN counted down by the token: low is said, the last try is typed for, locked takes none."""

    title_key = "title_pin"
    normal_size = (620, 440)

    def __init__(self, parent: tkinter.Misc, theme: Theme, question: Mapping[str, Any], reply: Reply) -> None:
        super().__init__(parent, theme, reply)
        token = question["token"]
        self._state: str = token["pin_state"]
        self._secret = "password" if token["model"] == PKCS12_MODEL else "pin"
        self._warned = False
        self._last: LastTry | None = None
        self._pin: SecretEntry
        column = Scrolled(self, theme)
        column.pack(fill="both", expand=True)
        self._column = column.inside
        heading(self._column, theme, self.words(f"{self._secret}_question"))
        facts(self._column, theme, self.words("token"), token_rows(self.words, token))
        if self._state in REFUSED:
            self._refuse()
        else:
            self._make_fields()

    def begin(self) -> None:
        """The field has the keyboard; giving it takes a deliberate Return or press."""
        if self._state in REFUSED:
            self.refuse.focus_set()
        else:
            (self._last or self._pin).entry.focus_set()

    def _refuse(self) -> None:
        Wrapped(self._column, self.words(REFUSED[self._state]), "Warn.TLabel").pack(fill="x", pady=self.theme.px(8))
        self.refuse.configure(text=self.words("close"))

    def _make_fields(self) -> None:
        gap = self.theme.px(6)
        if self._state == "final":
            self._last = LastTry(self._column, self.theme, lambda: self._pin.entry.focus_set())
        ttk.Label(self._column, text=self.words(self._secret)).pack(anchor="w", pady=(gap, 0))
        self._pin = SecretEntry(self._column, self.theme, self._give)
        self._pin.pack(anchor="w")
        caps = CapsLockHint(self._column, self.theme)
        caps.watch(self._pin.entry)
        caps.label.pack(fill="x")
        Wrapped(self._column, self.words(f"{self._secret}_never_kept"), "Quiet.TLabel").pack(fill="x", pady=(gap, 0))
        self.footer.add(self.words(f"give_{self._secret}"), self._give, "Act.TButton")

    def _give(self) -> None:
        if self._last is not None and not self._last.is_given():
            self.footer.say(self.words("type_last_first"), "Warn.TLabel")
            self._last.entry.focus_set()
            return
        if not self._pin.is_plain() and not self._warned:
            self._warned = True
            self.footer.say(self.words("not_ascii"), "Warn.TLabel")
            return
        if secret := self._pin.get():
            self._pin.clear()
            self.reply.agree(secret)


class PinPadForm(Form):
    """The token asks on its own keys: this only says so, and takes no answer."""

    title_key = "title_pin"
    normal_size = (560, 300)

    def __init__(self, parent: tkinter.Misc, theme: Theme, question: Mapping[str, Any], reply: Reply) -> None:
        super().__init__(parent, theme, reply)
        self.refuse.pack_forget()
        column = Scrolled(self, theme)
        column.pack(fill="both", expand=True)
        heading(column.inside, theme, self.words("pinpad_question"))
        facts(column.inside, theme, self.words("token"), token_rows(self.words, question["token"]))
        Wrapped(column.inside, self.words("pinpad_note"), "Quiet.TLabel").pack(fill="x")
