"""The part of the signing window that shows pages and knows which documents were shown to the end."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Sequence
from tkinter import ttk

from ..channel import Channel
from .wording import WORDS

SCALE = 1.0
WIDTH, HEIGHT = 600, 720
ROUND_ABOUT = 230


class PageView:
    """Pages of all documents, rendered elsewhere from the very bytes that will be signed."""

    def __init__(
        self,
        parent: tkinter.Misc,
        channel: Channel,
        titles: Sequence[str],
        counts: Sequence[int],
        changed: Callable[[int], None],
        all_shown: Callable[[], None],
    ) -> None:
        """`changed(document)` when another document is shown; `all_shown()` once every last page was."""
        self._channel, self._counts, self._changed, self._all_shown = channel, counts, changed, all_shown
        self._document, self._page, self._unseen = -1, 0, set(range(len(counts)))
        frame = ttk.Frame(parent)
        frame.pack(side="left", fill="both", expand=True)
        self._make_controls(frame, titles)
        self._make_canvas(frame)

    def show(self, document: int, page: int) -> None:
        """Fetch and draw one page."""
        self._channel.send({"page": page, "document": document, "scale": SCALE})
        shown = self._channel.receive()
        width, height = shown.fields["width"], shown.fields["height"]
        header = b"P6 %d %d 255\n" % (width, height)
        self._image = tkinter.PhotoImage(data=header + shown.blob)
        self._canvas.delete("all")
        self._canvas.create_image(0, 0, image=self._image, anchor="nw")
        self._canvas.configure(scrollregion=(0, 0, width, height))
        self._canvas.yview_moveto(0)
        self._note(document, page)

    def turn(self, step: int) -> None:
        """One page on or back, if there is one."""
        if 0 <= self._page + step < self._counts[self._document]:
            self.show(self._document, self._page + step)

    def _note(self, document: int, page: int) -> None:
        if document != self._document:
            self._changed(document)
        self._document, self._page = document, page
        last = self._counts[document] - 1
        self._position.configure(text=WORDS["page"].format(page=page + 1, pages=last + 1))
        self._previous.state(["!disabled" if page > 0 else "disabled"])
        self._next.state(["!disabled" if page < last else "disabled"])
        if page == last:
            self._unseen.discard(document)
            self._remaining()

    def _remaining(self) -> None:
        if self._unseen:
            self._hint.configure(text=WORDS["unseen"].format(count=len(self._unseen)))
        else:
            self._hint.configure(text="")
            self._all_shown()

    def _make_controls(self, frame: ttk.Frame, titles: Sequence[str]) -> None:
        row = ttk.Frame(frame)
        row.pack(fill="x")
        if len(titles) > 1:
            chosen = ttk.Combobox(row, values=[f"{n}. {t}" for n, t in enumerate(titles, 1)], state="readonly")
            chosen.current(0)
            chosen.bind("<<ComboboxSelected>>", lambda _: self.show(chosen.current(), 0))
            chosen.pack(fill="x", pady=(0, 4))
        self._previous = ttk.Button(row, text=WORDS["previous"], command=lambda: self.turn(-1))
        self._position = ttk.Label(row)
        self._next = ttk.Button(row, text=WORDS["next"], command=lambda: self.turn(1))
        for widget in (self._previous, self._position, self._next):
            widget.pack(side="left", padx=4)
        self._hint = ttk.Label(row, text=WORDS["unseen"].format(count=len(titles)), foreground="#a00000")
        self._hint.pack(side="left", padx=12)

    def _make_canvas(self, frame: ttk.Frame) -> None:
        height = min(HEIGHT, frame.winfo_screenheight() - ROUND_ABOUT)
        self._canvas = tkinter.Canvas(frame, width=WIDTH, height=height, background="#777")
        down = ttk.Scrollbar(frame, orient="vertical", command=self._canvas.yview)
        across = ttk.Scrollbar(frame, orient="horizontal", command=self._canvas.xview)
        self._canvas.configure(yscrollcommand=down.set, xscrollcommand=across.set)
        across.pack(side="bottom", fill="x")
        down.pack(side="right", fill="y")
        self._canvas.pack(side="left", fill="both", expand=True, pady=4)
