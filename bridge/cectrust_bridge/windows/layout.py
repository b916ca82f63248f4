"""Pieces that the windows are made of."""

from __future__ import annotations

import re
import tkinter
from collections.abc import Callable, Iterable
from tkinter import ttk

from .theme import PAPER, Theme

BETWEEN_JAPANESE = re.compile("(?<=[\u3000-\U0003ffff])[ \u3000](?=[\u3001-\U0003ffff])")
DESCENT = 3
"""Pixels below the last line, where Japanese fonts draw further down than they say."""
NARROW = 840
SPARE = 6
"""Pixels a line needs beside its letters."""


class Wrapped(ttk.Label):
    """A label that breaks its lines at its own width, whatever that becomes."""

    def __init__(self, parent: tkinter.Misc, text: str = "", style: str = "TLabel") -> None:
        super().__init__(parent, text=unbroken(text), style=style, justify="left", anchor="w")
        self.configure(padding=(0, 0, 0, DESCENT))
        self.bind("<Configure>", lambda event: self.configure(wraplength=max(event.width - SPARE, 40)))

    def say(self, text: str, style: str | None = None) -> None:
        """Another text."""
        self.configure(text=unbroken(text))
        if style is not None:
            self.configure(style=style)


def unbroken(text: str) -> str:
    """Japanese breaks anywhere; tkinter would rather break a name at its space and leave half a line empty."""
    return BETWEEN_JAPANESE.sub("\u00a0", text)


def heading(parent: tkinter.Misc, theme: Theme, text: str) -> Wrapped:
    """The question of a window."""
    label = Wrapped(parent, text)
    label.configure(font=theme.heading)
    label.pack(fill="x", pady=(0, theme.px(8)))
    return label


def facts(
    parent: tkinter.Misc, theme: Theme, title: str, rows: Iterable[tuple[str, str]], claim: bool = False
) -> ttk.LabelFrame:
    """Names and values under a title; what is only claimed stands on another colour."""
    frame = ttk.LabelFrame(parent, text=title)
    frame.pack(fill="x", pady=theme.px(4))
    inner = ttk.Frame(frame, style="Claim.TFrame" if claim else "Sheet.TFrame", padding=theme.px(8))
    inner.pack(fill="both", expand=True)
    inner.columnconfigure(1, weight=1)
    for row, (name, value) in enumerate(rows):
        named = ttk.Label(inner, text=name, style="ClaimName.TLabel" if claim else "Name.TLabel")
        named.grid(row=row, column=0, sticky="nw", padx=(0, theme.px(10)), pady=theme.px(1))
        told = Wrapped(inner, value, "Claim.TLabel" if claim else "Sheet.TLabel")
        told.grid(row=row, column=1, sticky="ew", pady=theme.px(1))
    return frame


def grouped(digest: str) -> str:
    """A digest in groups of eight, so that it breaks into lines and can be compared."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


class Scrolled(ttk.Frame):
    """A column that scrolls when the screen is small or the text large; fill `inside`."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, width: int = 0) -> None:
        super().__init__(parent)
        self._canvas = tkinter.Canvas(self, background=PAPER, highlightthickness=0, width=width or theme.px(200))
        self._bar = ttk.Scrollbar(self, orient="vertical", command=self._canvas.yview)
        self._canvas.configure(yscrollcommand=self._scrolled)
        self._canvas.pack(side="left", fill="both", expand=True)
        self.inside = ttk.Frame(self._canvas)
        self._item = self._canvas.create_window(0, 0, window=self.inside, anchor="nw")
        self._canvas.bind("<Configure>", lambda event: self._canvas.itemconfigure(self._item, width=event.width))
        self.inside.bind("<Configure>", lambda _: self._canvas.configure(scrollregion=self._canvas.bbox("all")))
        bind_wheel(self._canvas, lambda steps: self._canvas.yview_scroll(steps, "units"))

    def _scrolled(self, first: float, last: float) -> None:
        """The bar is there only while there is something to scroll."""
        if float(first) <= 0 and float(last) >= 1:
            self._bar.pack_forget()
        else:
            self._bar.pack(side="right", fill="y", before=self._canvas)
        self._bar.set(first, last)


class Panes(ttk.Frame):
    """What is known on the left, what is read on the right. Where the screen is too narrow for both, two tabs."""

    def __init__(self, parent: tkinter.Misc, theme: Theme, shares: tuple[int, int], tabs: tuple[str, str]) -> None:
        """`shares` of the width for `about` and `main`; `tabs` are their titles in the other order."""
        super().__init__(parent)
        narrow = self.winfo_screenwidth() < theme.px(NARROW)
        holder: tkinter.Misc = ttk.Notebook(self) if narrow else self
        self.main: ttk.Frame = ttk.Frame(holder)
        self.about = Scrolled(holder, theme)
        if isinstance(holder, ttk.Notebook):
            holder.pack(fill="both", expand=True)
            holder.add(self.main, text=tabs[0])
            holder.add(self.about, text=tabs[1])
        else:
            self._side_by_side(theme, shares)

    def _side_by_side(self, theme: Theme, shares: tuple[int, int]) -> None:
        for column, share in enumerate(shares):
            self.columnconfigure(column, weight=share, uniform="panes")
        self.rowconfigure(0, weight=1)
        self.about.grid(row=0, column=0, sticky="nsew", padx=(0, theme.px(10)))
        self.main.grid(row=0, column=1, sticky="nsew")


def bind_wheel(widget: tkinter.Misc, scroll: Callable[[int], None]) -> None:
    """The mouse wheel of X11 (buttons 4 and 5) and of the other systems, in steps down."""
    widget.bind("<Button-4>", lambda _: scroll(-3))
    widget.bind("<Button-5>", lambda _: scroll(3))
    widget.bind("<MouseWheel>", lambda event: scroll(-3 if event.delta > 0 else 3))


def button(parent: tkinter.Misc, text: str, act: Callable[[], object], style: str = "TButton") -> ttk.Button:
    """A button that Return presses, too, when it has the keyboard."""
    made = ttk.Button(parent, text=text, command=act, style=style)
    made.bind("<Return>", lambda _: made.invoke())
    made.bind("<KP_Enter>", lambda _: made.invoke())
    return made


class Footer(ttk.Frame):
    """The row at the foot: a hint, refusing, agreeing. The keyboard reaches refusing first; nothing is preselected."""

    def __init__(self, parent: tkinter.Misc, theme: Theme) -> None:
        super().__init__(parent, padding=(0, theme.px(10), 0, 0))
        self._theme = theme
        self.pack(side="bottom", fill="x")
        self.hint = Wrapped(self, style="Quiet.TLabel")
        self.hint.pack(side="top", fill="x", pady=(0, theme.px(4)))

    def add(self, text: str, act: Callable[[], object], style: str = "TButton") -> ttk.Button:
        """The next button from the right."""
        made = button(self, text, act, style)
        made.pack(side="right", padx=(self._theme.px(8), 0))
        return made

    def say(self, text: str, style: str = "Quiet.TLabel") -> None:
        """Why the button sleeps, or what is ready."""
        self.hint.say(text, style)
