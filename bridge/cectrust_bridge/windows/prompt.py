"""The process that asks: one window, one question after another, each answered once."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import tkinter
from collections.abc import Callable, Mapping
from tkinter import ttk
from typing import Any

from ..processes.channel import Channel, ChannelClosed, Message
from .act import ActForm
from .change_pin import ChangePinForm
from .consent import ConsentForm
from .countdown import Countdown
from .form import Form, Reply
from .listening import listen
from .listing import ListingForm
from .look import Look
from .pin import PinForm, PinPadForm
from .theme import Theme, place

ALIVE_SECONDS = 5.0
FORMS: Mapping[str, Callable[[tkinter.Misc, Theme, Mapping[str, Any], Reply], Form]] = {
    "list": ListingForm,
    "act": ActForm,
    "sign": ConsentForm,
    "pin": PinForm,
    "pinpad": PinPadForm,
    "change_pin": ChangePinForm,
}


class Prompt:
    """One window that shows one question after another and sends each answer."""

    def __init__(self, channel: Channel, look: Look) -> None:
        self._channel = channel
        self._root = tkinter.Tk(className="CectrustBridgePrompt")
        self._root.withdraw()
        self._root.report_callback_exception = self._fail
        self._theme = Theme(self._root, look)
        self._root.protocol("WM_DELETE_WINDOW", self._decline)
        self._root.bind("<Escape>", lambda _: self._decline())
        self._body = ttk.Frame(self._root, padding=self._theme.px(12))
        self._body.pack(fill="both", expand=True)
        self._form: Form | None = None
        self._descriptor: int | None = None
        self._said_alive = 0.0
        self._countdown = Countdown(self._root, self._theme)
        for activity in ("<KeyPress>", "<ButtonPress>", "<MouseWheel>"):
            self._root.bind_all(activity, lambda _: self._say_alive(), add="+")
        listen(self._root, channel, self._take, self._root.destroy)

    def run(self) -> None:
        """Until the parent goes."""
        self._root.mainloop()

    def _fail(self, kind: type[BaseException], *_: object) -> None:
        """A window that does not work asks nothing: it closes, which refuses."""
        sys.stderr.write(f"window: {kind.__name__}\n")
        self._root.destroy()

    def _take(self, message: Message) -> None:
        question = message.fields
        if "done" in question:
            self._root.withdraw()
        elif "width" in question:
            if self._form is not None:
                self._form.take_page(question, message.blob)
        else:
            self._ask(question, message.descriptors)

    def _ask(self, question: Mapping[str, Any], descriptors: list[int]) -> None:
        self._clear()
        self._descriptor = descriptors[0] if descriptors else None
        reply = Reply(self._agree, self._decline, self._send)
        self._form = FORMS[question["ask"]](self._body, self._theme, question, reply)
        self._form.pack(fill="both", expand=True)
        self._countdown.start(question["patience"], self._form.countdown)
        self._root.title(self._form.title)
        place(self._root, *self._form.window_size)
        self._root.deiconify()
        # A widget that is not mapped yet gets the keyboard later than the first key that is typed.
        self._root.update_idletasks()
        self._root.lift()
        self._root.focus_force()
        self._form.begin()

    def _clear(self) -> None:
        self._countdown.stop()
        self._form = None
        for child in self._body.winfo_children():
            child.destroy()

    def _send(self, fields: Mapping[str, Any]) -> None:
        self._countdown.restart()
        with contextlib.suppress(ChannelClosed):
            self._channel.send(fields)

    def _say_alive(self) -> None:
        """Who reads a long page is not silent, though nothing is asked for meanwhile."""
        if self._form is not None and time.monotonic() - self._said_alive > ALIVE_SECONDS:
            self._said_alive = time.monotonic()
            self._send({"alive": True})

    def _agree(self, secret: bytes) -> None:
        """Once: the second half of a double click finds no form any more."""
        if self._form is None:
            return
        if self._descriptor is not None:
            with os.fdopen(self._descriptor, "wb") as pipe:
                pipe.write(secret)
            self._descriptor = None
        self._answer("yes")
        ttk.Label(self._body, text=self._theme.words("working")).pack(expand=True)

    def _decline(self) -> None:
        """The window is gone at once, though the parent may still wait for a page."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if self._form is not None:
            self._answer("no")
        self._root.withdraw()

    def _answer(self, answer: str) -> None:
        self._send({"answer": answer})
        self._clear()


def main(channel: Channel, look: Look) -> None:
    """Serve until the parent goes."""
    Prompt(channel, look).run()
