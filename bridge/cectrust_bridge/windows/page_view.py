"""The part of the signing windows that shows pages and knows which of them were shown to their foot."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping
from tkinter import ttk
from typing import Any

from .displayed import Displayed
from .layout import bind_wheel, button
from .theme import DESK, FOCUS, Theme

ZOOMS = (1.0, 1.5, 2.0, 3.0)
LINE, PAGE = 0.1, 0.85
END = 0.999
SETTLE_MS = 150
Ask = Callable[[Mapping[str, Any]], None]


class PageView(ttk.Frame):
    """Pages of one document at a time, rendered elsewhere from the very bytes that will be signed.

    `ask(fields)` requests a page, whose pixels come to `take`; `moved()` is called whenever something else is shown.
    """

    def __init__(self, parent: tkinter.Misc, theme: Theme, ask: Ask, moved: Callable[[], None]) -> None:
        super().__init__(parent)
        self._theme, self._words, self._ask, self._moved = theme, theme.words, ask, moved
        self._document, self._page, self._pages = -1, 0, 1
        self._zoom: float | None = None
        self._wanted: dict[str, Any] | None = None
        self._pending: dict[str, Any] | None = None
        self._at_foot, self._settling, self._noting = False, "", ""
        self._displayed, self._then_forward = Displayed(), False
        self._image: tkinter.PhotoImage | None = None
        self._make_controls()
        self._make_canvas()
        self._bind_keys()

    def open(self, document: int, pages: int) -> None:
        """Show the first page of another document."""
        self._document, self._pages, self._page, self._at_foot = document, pages, 0, False
        self._displayed.begin(document, pages)
        is_laid_out = self._canvas.winfo_width() > 1  # otherwise its first size asks for the page
        # A widget that is not mapped yet gets the keyboard later than the first key that is typed.
        self._canvas.update_idletasks()
        self._canvas.focus_set()
        if is_laid_out:
            self._go(0)

    def shown(self) -> set[int]:
        """Documents every page of which has been on the screen, each to its foot."""
        return self._displayed.whole()

    def pages_left(self) -> list[int]:
        """Pages of the present document, from 0, whose foot has not been on the screen."""
        return self._displayed.left(self._document)

    def is_at(self, page: int) -> bool:
        """Is this page of the present document the one on the screen, or on its way there?"""
        return self._page == page

    def take(self, shown: Mapping[str, Any], rgb: bytes) -> None:
        """The pixels of a page that was asked for."""
        asked, self._pending = self._pending, None
        if asked is not None and self._wanted is None:
            self._draw(shown["width"], shown["height"], rgb)
        self._request()
        if self._then_forward:
            self.forward()

    def forward(self) -> None:
        """A screen further down, or the next page. A page that is still on its way is shown first, never skipped."""
        self._then_forward = not self._is_at_rest()
        if self._then_forward:
            return
        if self._canvas.yview()[1] < END:
            self._scroll(PAGE)
        elif self._page + 1 < self._pages:
            self._go(self._page + 1)

    def backward(self) -> None:
        """A screen up, or the foot of the page before."""
        if self._canvas.yview()[0] > 1 - END:
            self._scroll(-PAGE)
        elif self._page > 0:
            self._go(self._page - 1, at_foot=True)

    def to_next_left(self) -> None:
        """The head of the next page that is still to be shown."""
        page = self._displayed.next_left(self._document, self._page)
        if page is not None:
            self._go(page)

    def _is_at_rest(self) -> bool:
        """Is the page that was asked for on the screen?"""
        return self._pending is None and self._wanted is None and self._image is not None

    def _go(self, page: int, at_foot: bool = False) -> None:
        self._page, self._at_foot, self._then_forward = page, at_foot, False
        size = {"width": self._width()} if self._zoom is None else {"scale": self._zoom * self._theme.dots_a_point()}
        self._wanted = {"document": self._document, "page": page, **size}
        self._request()

    def _width(self) -> int:
        return max(self._canvas.winfo_width(), self._theme.px(300))

    def _request(self) -> None:
        """One at a time: who turns fast gets the page he stopped at, not all between."""
        if self._pending is None and self._wanted is not None:
            self._pending, self._wanted = self._wanted, None
            self._ask(self._pending)

    def _draw(self, width: int, height: int, rgb: bytes) -> None:
        self._image = tkinter.PhotoImage(master=self, data=b"P6 %d %d 255\n" % (width, height) + rgb)
        self._canvas.delete("all")
        left = max((self._canvas.winfo_width() - width) // 2, 0)
        self._canvas.create_image(left, 0, image=self._image, anchor="nw")
        self._canvas.configure(scrollregion=(0, 0, max(width, self._canvas.winfo_width()), height))
        self._canvas.yview_moveto(1 if self._at_foot else 0)
        self._position.configure(text=self._words("page", page=self._page + 1, pages=self._pages))
        self._canvas.update_idletasks()
        self._note()

    def _note(self) -> None:
        """What is on the screen now; pixels still on their way do not count."""
        self._noting = ""
        top, foot = self._canvas.yview()
        last = self._page == self._pages - 1
        if self._is_at_rest() and foot >= END and self._canvas.winfo_viewable():
            self._displayed.add(self._document, self._page)
        _enable(self._forward, not (last and foot >= END))
        _enable(self._back, not (self._page == 0 and top <= 1 - END))
        self._moved()

    def _scroll(self, share: float) -> None:
        top, foot = self._canvas.yview()
        self._canvas.yview_moveto(top + share * (foot - top))
        self._note()

    def _wheel(self, steps: int) -> None:
        """Turns the page at its ends."""
        top, foot = self._canvas.yview()
        at_end = foot >= END if steps > 0 else top <= 1 - END
        if not at_end:
            self._scroll(steps * LINE / 2)
        elif steps > 0:
            self.forward()
        else:
            self.backward()

    def _set_zoom(self, zoom: float | None) -> None:
        self._zoom = zoom
        told = self._words("fit") if zoom is None else self._words("percent", percent=round(zoom * 100))
        self._size.configure(text=told)
        self._go(self._page)

    def _step_zoom(self, step: int) -> None:
        at = ZOOMS.index(self._zoom) if self._zoom in ZOOMS else (-1 if step > 0 else 1)
        self._set_zoom(ZOOMS[min(max(at + step, 0), len(ZOOMS) - 1)])

    def destroy(self) -> None:
        """With everything that would have happened later."""
        for later in (self._settling, self._noting):
            if later:
                self.after_cancel(later)
        super().destroy()

    def _resized(self) -> None:
        """Only what fits the width changes with it."""
        if self._document >= 0 and self._zoom is None:
            self._go(self._page, self._at_foot)

    def _make_controls(self) -> None:
        row = ttk.Frame(self)
        row.pack(fill="x", pady=(0, self._theme.px(4)))
        self._back = button(row, self._words("back"), self.backward)
        self._position = ttk.Label(row, anchor="center", width=12)
        self._forward = button(row, self._words("forward"), self.forward)
        smaller = button(row, "－", lambda: self._step_zoom(-1))
        self._size = button(row, self._words("fit"), lambda: self._set_zoom(None))
        larger = button(row, "＋", lambda: self._step_zoom(1))
        for widget in (self._back, self._position, self._forward):
            widget.pack(side="left", padx=(0, self._theme.px(4)))
        for widget in (larger, self._size, smaller):
            widget.pack(side="right", padx=(self._theme.px(4), 0))

    def _make_canvas(self) -> None:
        frame = ttk.Frame(self)
        frame.pack(fill="both", expand=True)
        self._canvas = tkinter.Canvas(
            frame, background=DESK, takefocus=True, highlightthickness=2, highlightcolor=FOCUS, width=1, height=1
        )
        down = ttk.Scrollbar(frame, orient="vertical", command=self._canvas.yview)
        across = ttk.Scrollbar(frame, orient="horizontal", command=self._canvas.xview)
        self._canvas.configure(yscrollcommand=self._scrolled_to(down), xscrollcommand=across.set)
        across.pack(side="bottom", fill="x")
        down.pack(side="right", fill="y")
        self._canvas.pack(side="left", fill="both", expand=True)
        self._canvas.create_text(
            self._theme.px(20), self._theme.px(20), anchor="nw", fill="#ffffff", text=self._words("drawing")
        )
        bind_wheel(self._canvas, self._wheel)
        self._canvas.bind("<Configure>", lambda _: self._settle())

    def _scrolled_to(self, bar: ttk.Scrollbar) -> Callable[[float, float], None]:
        """The bar's own movements count as showing, too."""

        def scrolled(first: float, last: float) -> None:
            bar.set(first, last)
            if self._image is not None:
                self._noting = self._noting or self.after_idle(self._note)

        return scrolled

    def _settle(self) -> None:
        """The first size is asked for at once; while somebody drags the frame, only the last one."""
        if self._image is None:
            if self._pending is None or self._pending.get("width") != self._width():
                self._resized()
        else:
            if self._settling:
                self.after_cancel(self._settling)
            self._settling = self.after(SETTLE_MS, self._resized)

    def _bind_keys(self) -> None:
        keys: dict[str, Callable[[], None]] = {
            "<Next>": self.forward, "<Prior>": self.backward, "<space>": self.forward,
            "<Control-Next>": self.to_next_left,
            "<Down>": lambda: self._scroll(LINE), "<Up>": lambda: self._scroll(-LINE),
            "<Right>": lambda: self._canvas.xview_scroll(1, "units"),
            "<Left>": lambda: self._canvas.xview_scroll(-1, "units"),
            "<Home>": lambda: self._go(0), "<End>": lambda: self._go(self._pages - 1, at_foot=True),
            "<plus>": lambda: self._step_zoom(1), "<KP_Add>": lambda: self._step_zoom(1),
            "<minus>": lambda: self._step_zoom(-1), "<KP_Subtract>": lambda: self._step_zoom(-1),
            "<Key-0>": lambda: self._set_zoom(None),
        }  # fmt: skip
        for key, act in keys.items():
            self._canvas.bind(key, lambda _, act=act: act())  # type: ignore[misc]


def _enable(widget: ttk.Button, yes: bool) -> None:
    widget.state(["!disabled" if yes else "disabled"])
