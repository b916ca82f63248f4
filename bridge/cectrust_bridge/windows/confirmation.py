"""A dangerous act says in words what will happen, and asks once."""

from __future__ import annotations

import tkinter
from collections.abc import Callable
from tkinter import ttk

from .layout import Footer, Scrolled, Wrapped, heading
from .theme import Theme, place

WIDTH, HEIGHT = 520, 250


def dialog(root: tkinter.Misc, theme: Theme, title: str, width: int, height: int) -> tuple[tkinter.Toplevel, ttk.Frame]:
    """An empty window above `root`, and the frame to fill. Escape closes it."""
    top = tkinter.Toplevel(root)
    top.title(title)
    top.transient(root.winfo_toplevel())
    top.bind("<Escape>", lambda _: top.destroy())
    place(top, theme.px(width), theme.px(height))
    body = ttk.Frame(top, padding=theme.px(14))
    body.pack(fill="both", expand=True)
    return top, body


def confirm(root: tkinter.Misc, theme: Theme, act: str, do: Callable[[], None], **fields: object) -> None:
    """Ask the sentences `<act>_question` and `<act>_note`; the button says `<act>_yes`. Staying has the keyboard."""
    words = theme.words
    top, body = dialog(root, theme, words(f"{act}_title"), WIDTH, HEIGHT)
    footer = Footer(body, theme)
    stay = footer.add(words("stay"), top.destroy)

    def agreed() -> None:
        top.destroy()
        do()

    footer.add(words(f"{act}_yes"), agreed, "Act.TButton")
    column = Scrolled(body, theme)
    column.pack(fill="both", expand=True)
    heading(column.inside, theme, words(f"{act}_question", **fields))
    Wrapped(column.inside, words(f"{act}_note")).pack(fill="x")
    stay.focus_set()
