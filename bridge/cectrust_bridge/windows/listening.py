"""How a window hears the front without a thread."""

from __future__ import annotations

import select
import tkinter
from collections.abc import Callable

from ..processes.channel import Channel, ChannelClosed, Message

POLL_MS = 40


def listen(root: tkinter.Tk, channel: Channel, take: Callable[[Message], None], gone: Callable[[], None]) -> None:
    """Hand every message of `channel` to `take`. tkinter's file handlers don't exist on every system; timers do."""

    def drain(*_: object) -> None:
        try:
            while select.select([channel], [], [], 0)[0]:
                take(channel.receive())
        except ChannelClosed:
            gone()

    def poll() -> None:
        drain()
        root.after(POLL_MS, poll)

    if hasattr(root.tk, "createfilehandler"):
        _call_when_readable(root, channel.fileno(), drain)
    else:
        root.after(0, poll)


def _call_when_readable(root: tkinter.Tk, descriptor: int, call: Callable[..., None]) -> None:
    """As long as the window is there: Tcl would go on with whatever gets the descriptor's number next."""

    def forget(event: tkinter.Event[tkinter.Misc]) -> None:
        if event.widget is root:
            root.tk.deletefilehandler(descriptor)

    root.tk.createfilehandler(descriptor, tkinter.READABLE, call)
    root.bind("<Destroy>", forget, add=True)
