"""The main window: how the bridge stands, its servers, its tokens, its doctor, its settings."""

from __future__ import annotations

import contextlib
import sys
import tkinter
from collections.abc import Callable, Mapping
from tkinter import ttk
from typing import Any

from ..processes.channel import Channel, ChannelClosed, Message
from .check_tab import CheckTab
from .confirmation import confirm
from .layout import Wrapped, button
from .listening import listen
from .look import Look
from .servers_tab import ServersTab
from .settings_tab import SettingsTab
from .theme import Theme, place
from .tokens_tab import TokensTab

WIDTH, HEIGHT = 860, 560
Wish = Callable[..., None]


class MainWindow:
    """Everything it knows comes from the front; everything it wants goes there."""

    def __init__(self, channel: Channel, look: Look, minimised: bool) -> None:
        self._channel = channel
        self._root = tkinter.Tk(className="CectrustBridge")
        self._root.report_callback_exception = self._fail
        self._theme = Theme(self._root, look)
        self._words = self._theme.words
        self._root.title(self._words("title_main"))
        self._root.protocol("WM_DELETE_WINDOW", self._root.destroy)
        place(self._root, self._theme.px(WIDTH), self._theme.px(HEIGHT))
        body = ttk.Frame(self._root, padding=self._theme.px(14))
        body.pack(fill="both", expand=True)
        self._make_state(body)
        self._make_footer(body)
        self._make_tabs(body, look)
        if minimised:
            self._root.iconify()
        listen(self._root, channel, self._take, self._root.destroy)

    def run(self) -> None:
        """Until it is closed or the front ends."""
        self._root.mainloop()

    def _fail(self, kind: type[BaseException], *_: object) -> None:
        sys.stderr.write(f"main window: {kind.__name__}\n")
        self._root.destroy()

    def _wish(self, wish: str, **fields: Any) -> None:
        with contextlib.suppress(ChannelClosed):
            self._channel.send({"wish": wish, **fields})

    def _take(self, message: Message) -> None:
        shown = message.fields
        if shown["show"] == "state":
            self._show_state(shown)
            self._servers.show(shown["servers"])
        elif shown["show"] == "tokens":
            self._tokens.show(shown)
        elif shown["show"] == "pin":
            self._tokens.tell(shown)
        elif shown["show"] == "file":
            self._tokens.tell_file(shown)
        elif shown["show"] == "outcome":
            self._servers.tell(shown)
        elif shown["show"] == "doctor":
            self._check.take(shown)
        else:
            self._raise()

    def _raise(self) -> None:
        self._root.deiconify()
        self._root.lift()
        self._root.focus_force()

    def _make_state(self, body: ttk.Frame) -> None:
        row = ttk.Frame(body)
        row.pack(fill="x")
        self._state = ttk.Label(row, font=self._theme.heading)
        self._state.pack(side="left")
        self._version = ttk.Label(row, style="Quiet.TLabel")
        self._version.pack(side="right")
        self._more = Wrapped(body)
        self._more.pack(fill="x", pady=(0, self._theme.px(10)))

    def _show_state(self, shown: Mapping[str, Any]) -> None:
        """In words and a sign, not by colour alone."""
        self._version.configure(text=self._words("version", version=shown["version"]))
        well = shown["port"] is not None and not shown["trouble"]
        told = self._words("state_listening" if well else "state_closed")
        self._state.configure(text=("● " if well else "▲ ") + told, style="Good.TLabel" if well else "Warn.TLabel")
        if shown["trouble"]:
            more = self._words("state_configuration", reason=shown["trouble"])
        elif well:
            more = self._words("state_listening_more", port=shown["port"])
        else:
            more = self._words("state_ports_taken")
        self._more.say(more)

    def _make_tabs(self, body: ttk.Frame, look: Look) -> None:
        tabs = ttk.Notebook(body)
        tabs.pack(fill="both", expand=True)
        self._servers = ServersTab(tabs, self._theme, self._wish)
        self._tokens = TokensTab(tabs, self._theme, self._wish)
        self._check = CheckTab(tabs, self._theme, self._wish)
        for tab, title in ((self._servers, "servers"), (self._tokens, "tokens"), (self._check, "check")):
            tabs.add(tab, text=self._words(title))
        tabs.add(SettingsTab(tabs, self._theme, look, self._wish), text=self._words("settings"))
        tabs.enable_traversal()
        tabs.focus_set()

    def _make_footer(self, body: ttk.Frame) -> None:
        row = ttk.Frame(body, padding=(0, self._theme.px(10), 0, 0))
        row.pack(side="bottom", fill="x")
        button(row, self._words("quit"), self._ask_to_quit).pack(side="left")
        button(row, self._words("close"), self._root.destroy).pack(side="right")

    def _ask_to_quit(self) -> None:
        confirm(self._root, self._theme, "quit", lambda: self._wish("quit"))


def main(channel: Channel, look: Look, minimised: bool) -> None:
    """Serve until the front goes or the person closes it."""
    MainWindow(channel, look, minimised).run()
