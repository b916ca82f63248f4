"""May a page see the tokens and certificates?"""

from __future__ import annotations

import tkinter
from collections.abc import Mapping
from typing import Any

from .form import Form, Reply
from .layout import Scrolled, Wrapped, facts, heading
from .rows import asker_rows
from .theme import Theme


class ListingForm(Form):
    """Asked once for each server and origin."""

    title_key = "title_list"
    normal_size = (620, 380)

    def __init__(self, parent: tkinter.Misc, theme: Theme, question: Mapping[str, Any], reply: Reply) -> None:
        super().__init__(parent, theme, reply)
        self._allow = self.add_agreeing(self.words("allow"))
        column = Scrolled(self, theme)
        column.pack(fill="both", expand=True)
        heading(column.inside, theme, self.words("list_question"))
        facts(column.inside, theme, self.words("asker"), asker_rows(self.words, question))
        Wrapped(column.inside, self.words("list_note"), "Quiet.TLabel").pack(fill="x")

    def begin(self) -> None:
        """From now on it can be read."""
        super().begin()
        self._allow.wake()
