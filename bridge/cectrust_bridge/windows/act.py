"""Shall the token do this: log in, confirm an act, make a key, sign a certificate request, take a certificate?"""

from __future__ import annotations

import tkinter
from collections.abc import Mapping
from typing import Any

from .form import Form, Reply
from .layout import Scrolled, Wrapped, facts, grouped, heading
from .rows import asker_rows
from .theme import Theme
from .wording import Words


class ActForm(Form):
    """The act in words; what the server claims and what the bridge knows apart. No default on agreeing."""

    title_key = "title_act"
    normal_size = (640, 560)

    def __init__(self, parent: tkinter.Misc, theme: Theme, question: Mapping[str, Any], reply: Reply) -> None:
        super().__init__(parent, theme, reply)
        act = question["act"].replace(".", "_")
        self._do = self.add_agreeing(self.words(f"do_{act}"))
        column = Scrolled(self, theme)
        column.pack(fill="both", expand=True)
        heading(column.inside, theme, self.words(f"ask_{act}"))
        if question["claims"]:
            claims = _rows(self.words, question["claims"])
            facts(column.inside, theme, self.words("claims"), claims, claim=True)
        if "origin" in question:  # else nobody asks but the person at this computer
            facts(column.inside, theme, self.words("asker"), asker_rows(self.words, question))
        token = question["token"]
        named = self.words("token_named", label=token["label"], model=token["model"])
        known = [*_rows(self.words, question["facts"]), (self.words("token"), named)]
        facts(column.inside, theme, self.words("facts"), known)
        Wrapped(column.inside, self.words(f"note_{act}"), "Quiet.TLabel").pack(fill="x")

    def begin(self) -> None:
        """From now on it can be read."""
        super().begin()
        self._do.wake()


def _rows(words: Words, told: Mapping[str, str]) -> list[tuple[str, str]]:
    """Digests are grouped, so that a person can compare them."""
    return [(words(name), grouped(value) if name == "sha256" else value) for name, value in told.items()]
