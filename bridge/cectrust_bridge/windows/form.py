"""What every question's form has in common."""

from __future__ import annotations

import tkinter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tkinter import ttk
from typing import Any

from .arming import Arming
from .layout import Footer
from .theme import Theme


@dataclass(frozen=True)
class Reply:
    """How a form answers: `agree(secret)` (the secret is empty where none is asked), `decline()`, `send(fields)`."""

    agree: Callable[[bytes], None]
    decline: Callable[[], None]
    send: Callable[[Mapping[str, Any]], None]


class Form(ttk.Frame):
    """One question. `window_size` is in pixels of this screen; `countdown` is a label for the time left."""

    title_key = "title_main"
    normal_size = (560, 360)

    def __init__(self, parent: tkinter.Misc, theme: Theme, reply: Reply) -> None:
        super().__init__(parent)
        self.theme, self.words, self.reply = theme, theme.words, reply
        self.footer = Footer(self, theme)
        self.refuse = self.footer.add(theme.words("decline"), reply.decline)
        self.countdown = ttk.Label(self.footer, style="Quiet.TLabel")
        self.countdown.pack(side="left")

    def add_agreeing(self, text: str) -> Arming:
        """The button that agrees without a secret, asleep."""
        return Arming(self.footer.add(text, lambda: self.reply.agree(b""), "Act.TButton"))

    @property
    def title(self) -> str:
        """Of the window."""
        return self.words(self.title_key)

    @property
    def window_size(self) -> tuple[int, int]:
        """Width and height the window should have."""
        width, height = self.normal_size
        return self.theme.px(width), self.theme.px(height)

    def begin(self) -> None:
        """The window is on the screen. Refusing has the keyboard unless a form says otherwise."""
        self.refuse.focus_set()

    def take_page(self, shown: Mapping[str, Any], rgb: bytes) -> None:
        """The pixels of a page this form asked for."""
