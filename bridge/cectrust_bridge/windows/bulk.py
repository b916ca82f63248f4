"""The list of many documents: totals, each openable, and the number typed before "sign" wakes up."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping, Sequence
from tkinter import ttk
from typing import Any

from .layout import Footer, Panes, Wrapped, button, facts
from .rows import asker_rows, certificate_rows, total_rows
from .theme import Theme
from .wording import half_width

COLUMNS = {"number": 46, "claim_title": 200, "partner": 140, "amount": 150, "pages": 66, "size": 100, "opened": 54}
RIGHT = ("number", "amount", "pages", "size")
END = 0.999


class BulkList(ttk.Frame):
    """`open_document(index)` when the person wants to see one; `changed()` when he scrolled or typed."""

    def __init__(
        self,
        parent: tkinter.Misc,
        theme: Theme,
        question: Mapping[str, Any],
        open_document: Callable[[int], None],
        changed: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._theme, self._words, self._changed = theme, theme.words, changed
        self._documents: Sequence[Mapping[str, Any]] = question["documents"]
        self._open_document = open_document
        self._seen_to_the_end = False
        panes = Panes(self, theme, (2, 5), (self._words("tab_list"), self._words("tab_totals")))
        panes.pack(fill="both", expand=True)
        self._describe(panes.about.inside, question)
        self._make_list(panes.main)

    def begin(self, opened: set[int]) -> None:
        """The list is on the screen; `opened` were shown to their ends."""
        for index in opened:
            self._table.set(f"{index}", "opened", self._words("opened_yes"))
        self._table.focus_set()
        if not self._table.focus():
            self._choose(0)

    def is_confirmed(self, footer: Footer, opened: int) -> bool:
        """Was the list shown to its end and its number typed? Says in `footer` what is missing."""
        count, typed = len(self._documents), half_width(self._number.get())
        if not self._seen_to_the_end:
            footer.say(self._words("bulk_unread"), "Warn.TLabel")
        elif not typed:
            footer.say(self._words("bulk_type_count"), "Warn.TLabel")
        elif typed != f"{count}":
            footer.say(self._words("bulk_wrong_count", count=count), "Warn.TLabel")
        else:
            footer.say(self._words("bulk_ready", count=count, opened=opened), "Good.TLabel")
            return True
        return False

    def _describe(self, column: ttk.Frame, question: Mapping[str, Any]) -> None:
        facts(column, self._theme, self._words("totals"), total_rows(self._words, question["totals"]))
        facts(column, self._theme, self._words("certificate"), certificate_rows(self._words, question))
        facts(column, self._theme, self._words("asker"), asker_rows(self._words, question))

    def _make_list(self, frame: ttk.Frame) -> None:
        below = ttk.Frame(frame, padding=(0, self._theme.px(6), 0, 0))
        below.pack(side="bottom", fill="x")
        Wrapped(frame, self._words("open_hint"), "Quiet.TLabel").pack(side="top", fill="x")
        self._chosen = Wrapped(frame)
        self._chosen.pack(side="bottom", fill="x", pady=(self._theme.px(4), 0))
        self._table = self._make_table(frame)
        below.lift()  # after the table for the keyboard, too
        self._number = ttk.Entry(below, width=5, justify="right")
        self._number.pack(side="left")
        button(below, self._words("open_document"), self._open).pack(side="right")
        Wrapped(below, self._words("bulk_type_count")).pack(side="left", fill="x", expand=True, padx=self._theme.px(6))
        self._number.bind("<KeyRelease>", lambda _: self._changed())

    def _make_table(self, frame: ttk.Frame) -> ttk.Treeview:
        table = ttk.Treeview(frame, columns=list(COLUMNS), show="headings", selectmode="browse", height=4)
        for name, width in COLUMNS.items():
            table.heading(name, text=self._words(name), anchor="e" if name in RIGHT else "w")
            stretch = name in ("claim_title", "partner")
            table.column(name, width=self._theme.px(width), anchor="e" if name in RIGHT else "w", stretch=stretch)
        for index, document in enumerate(self._documents):
            table.insert("", "end", iid=f"{index}", values=self._row(index, document))
        down = ttk.Scrollbar(frame, orient="vertical", command=table.yview)
        across = ttk.Scrollbar(frame, orient="horizontal", command=table.xview)
        table.configure(yscrollcommand=self._scrolled_to(down), xscrollcommand=across.set)
        across.pack(side="bottom", fill="x")
        down.pack(side="right", fill="y")
        table.pack(side="left", fill="both", expand=True)
        table.bind("<Double-Button-1>", lambda _: self._open())
        table.bind("<Return>", lambda _: self._open())
        table.bind("<<TreeviewSelect>>", lambda _: self._tell_chosen())
        for key, index in (("<Home>", 0), ("<End>", len(self._documents) - 1)):
            table.bind(key, lambda _, index=index: self._choose(index))  # type: ignore[misc]
        return table

    def _row(self, index: int, document: Mapping[str, Any]) -> tuple[str, ...]:
        claims, known = document["claims"], document["facts"]
        told = (f"{index + 1}", claims["title"], claims["partner"], claims["amount"])
        return (*told, f"{known['pages']:,}", f"{known['size']:,}", self._words("opened_no"))

    def _scrolled_to(self, bar: ttk.Scrollbar) -> Callable[[float, float], None]:
        def scrolled(first: float, last: float) -> None:
            bar.set(first, last)
            if not self._seen_to_the_end and float(last) >= END and self._table.winfo_viewable():
                self._seen_to_the_end = True
                self._changed()

        return scrolled

    def _choose(self, index: int) -> None:
        self._table.focus(f"{index}")
        self._table.selection_set(f"{index}")
        self._table.see(f"{index}")

    def _tell_chosen(self) -> None:
        """Names in full, which a column is too narrow for."""
        for chosen in self._table.selection():
            claims = self._documents[int(chosen)]["claims"]
            self._chosen.say(f"{int(chosen) + 1}. {claims['title']} ― {claims['partner']}")

    def _open(self) -> None:
        if chosen := self._table.selection():
            self._open_document(int(chosen[0]))
