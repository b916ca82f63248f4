"""Shall it be signed? Of one document every page is shown; of many, the list is, and its number typed."""

from __future__ import annotations

import tkinter
from collections.abc import Mapping, Sequence
from typing import Any

from .bulk import BulkList
from .form import Form, Reply
from .layout import Panes, facts, heading
from .page_view import PageView
from .rows import asker_rows, certificate_rows, claim_rows, fact_rows
from .theme import Theme


class ConsentForm(Form):
    """Claims and facts beside the very pages. "Sign" wakes up when everything was shown, and is never preselected."""

    title_key = "title_sign"
    normal_size = (1180, 860)

    def __init__(self, parent: tkinter.Misc, theme: Theme, question: Mapping[str, Any], reply: Reply) -> None:
        super().__init__(parent, theme, reply)
        self._question = question
        self._documents: Sequence[Mapping[str, Any]] = question["documents"]
        self._sign = self.add_agreeing(self.words("sign"))
        many = len(self._documents) > 1
        heading(self, theme, self.words("bulk_question" if many else "sign_question", count=len(self._documents)))
        self._reading = Panes(self, theme, (2, 3), (self.words("tab_pages"), self.words("tab_about")))
        self._view = PageView(self._reading.main, theme, reply.send, self._changed)
        self._view.pack(fill="both", expand=True)
        self._list = BulkList(self, theme, question, self._open, self._changed) if many else None
        self._to_list = self.footer.add(self.words("to_list"), self._show_list)
        self._to_list.pack_forget()
        self._to_left = self.footer.add(self.words("next_left"), self._view.to_next_left)
        if many:  # the place is the way back's; the key goes there all the same
            self._to_left.pack_forget()

    def begin(self) -> None:
        """One document is opened at once, of many the list."""
        if self._list is None:
            self._open(0)
        else:
            self._show_list()

    def take_page(self, shown: Mapping[str, Any], rgb: bytes) -> None:
        """The view asked for it."""
        self._view.take(shown, rgb)

    def _open(self, document: int) -> None:
        self._describe(self._documents[document])
        if self._list is not None:
            self._list.pack_forget()
            self._to_list.pack(side="right")
        self._reading.pack(fill="both", expand=True)
        self._view.open(document, self._documents[document]["facts"]["pages"])
        self._changed()

    def _describe(self, document: Mapping[str, Any]) -> None:
        column = self._reading.about.inside
        for child in column.winfo_children():
            child.destroy()
        facts(column, self.theme, self.words("claims"), claim_rows(self.words, document), claim=True)
        facts(column, self.theme, self.words("facts"), fact_rows(self.words, document))
        facts(column, self.theme, self.words("certificate"), certificate_rows(self.words, self._question))
        facts(column, self.theme, self.words("asker"), asker_rows(self.words, self._question))

    def _show_list(self) -> None:
        if self._list is None:
            return
        self._reading.pack_forget()
        self._to_list.pack_forget()
        self._list.pack(fill="both", expand=True)
        self._list.begin(self._view.shown())
        self._changed()

    def _changed(self) -> None:
        """Something else is on the screen, or the number was typed."""
        if self._is_ready():
            self._sign.wake()
        else:
            self._sign.sleep()

    def _is_ready(self) -> bool:
        if self._list is not None:
            return self._list.is_confirmed(self.footer, len(self._view.shown()))
        left = self._view.pages_left()
        elsewhere = [page for page in left if not self._view.is_at(page)]
        self._to_left.state(["!disabled" if elsewhere else "disabled"])
        if not left:
            self.footer.say(self.words("sign_ready"), "Good.TLabel")
        elif not elsewhere:
            self.footer.say(self.words("sign_last_part"), "Warn.TLabel")
        else:
            self.footer.say(self.words("sign_unread", count=len(left)), "Warn.TLabel")
        return not left
