"""Sits in front of a window that runs in this process: events from here, everything else is real."""

from __future__ import annotations

import gc
import os
import select
import socket
import threading
import time
import tkinter
from collections.abc import Callable, Iterator
from tkinter import ttk
from typing import Any

from cectrust_bridge.processes.channel import Channel
from cectrust_bridge.windows.look import Look
from cectrust_bridge.windows.prompt import Prompt

PATIENCE = 20.0
PAGE = (60, 80)


def widgets(parent: tkinter.Misc) -> Iterator[tkinter.Misc]:
    for child in parent.winfo_children():
        yield child
        yield from widgets(child)


class Desk:
    """One window and the other end of its channel, where a test plays the front."""

    def __init__(self, open_window: Callable[[Channel], Any]) -> None:
        ours, theirs = socket.socketpair()
        self.front = Channel(ours)
        self.front.set_timeout(PATIENCE)
        self.window = open_window(Channel(theirs))
        self.root: tkinter.Tk = self.window._root
        self.heard: list[dict[str, Any]] = []
        self._ours, self._theirs = ours, theirs
        self.window_end = theirs.fileno()

    def leave(self) -> None:
        """Also deletes the interpreter, in this thread: Tcl aborts the process if another thread's collection does."""
        if self.is_open():
            self.root.destroy()
        self._ours.close()
        self._theirs.close()
        self.window = None
        if hasattr(self, "root"):
            del self.root
        gc.collect()

    def is_open(self) -> bool:
        if not hasattr(self, "root"):
            return False
        try:
            return bool(self.root.winfo_exists())
        except tkinter.TclError:
            return False

    def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Let the window live until `condition` holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, what or "it never happened"
            self.root.after(5, lambda: None)
            self.root.tk.dooneevent(0)

    def settle(self) -> None:
        self.root.update()

    def hear(self, member: str) -> dict[str, Any]:
        """The next message that has `member`; the others are kept in `heard`."""
        while True:
            self.heard.append(self.front.receive().fields)
            if member in self.heard[-1]:
                return self.heard[-1]

    def press(self, key: str, at: tkinter.Misc | None = None, **more: Any) -> None:
        """Keys go where the keyboard is: tkinter sends them there whatever widget is named."""
        (at or self.root.focus_get() or self.root).event_generate(key, **more)
        self.settle()

    def type(self, text: str) -> None:
        """Into whatever has the keyboard."""
        entry = self.root.focus_get()
        assert isinstance(entry, ttk.Entry)
        entry.insert("end", text)
        self.press("<KeyRelease>")

    def button(self, text: str) -> ttk.Button:
        """The one with these words, once it is on the screen."""

        def found() -> list[ttk.Button]:
            return [each for each in self.of_kind(ttk.Button) if each["text"] == text]

        self.until(found, f"no button {text}")
        return found()[0]

    def text(self) -> str:
        """Every text that is on the screen."""
        labels = [each for each in widgets(self.root) if isinstance(each, ttk.Label) and each.winfo_ismapped()]
        return "\n".join(f"{each['text']}" for each in labels).replace("\u00a0", " ")

    def of_kind(self, kind: type) -> list[Any]:
        return [each for each in widgets(self.root) if isinstance(each, kind) and each.winfo_ismapped()]


class PromptDesk(Desk):
    """A window that asks."""

    def __init__(self, look: Look) -> None:
        super().__init__(lambda channel: Prompt(channel, look))
        self.pipe: int | None = None

    def ask(self, question: dict[str, Any], secret: bool = False) -> None:
        writable = None
        if secret:
            self.pipe, writable = os.pipe()
        self.front.send({"patience": 300, **question}, descriptors=[] if writable is None else [writable])
        if writable is not None:
            os.close(writable)
        self.until(lambda: self.root.state() == "normal" and self.root.winfo_viewable())
        self.settle()

    def give_page(self, height: int = PAGE[1]) -> dict[str, Any]:
        """Answer the next request for a page with a grey one, `height` pixels tall."""
        asked = self.hear("page")
        width = PAGE[0]
        shown = {"width": width, "height": height, "pixels": "", "text": ""}
        sending = threading.Thread(target=self.front.send, args=(shown, bytes(width * height * 3)))
        sending.start()
        self.until(lambda: not sending.is_alive())
        self.settle()
        return asked

    def secret(self) -> bytes:
        """What came through the pipe."""
        assert self.pipe is not None
        assert select.select([self.pipe], [], [], PATIENCE)[0], "nothing was written, and the pipe is still open"
        with os.fdopen(self.pipe, "rb") as pipe:
            self.pipe = None
            return pipe.read()

    def answer(self) -> str:
        answer = self.hear("answer")["answer"]
        assert isinstance(answer, str)
        return answer

    def leave(self) -> None:
        super().leave()
        if self.pipe is not None:
            os.close(self.pipe)
