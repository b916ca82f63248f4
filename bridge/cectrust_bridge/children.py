"""Entry of the bridge's own processes. Each imports its own part only: a renderer has no token code."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence

from .processes.channel import Channel


def main(role: str, descriptor: str, arguments: Sequence[str]) -> None:
    """Be a worker, renderer or prompter; the parent is at the other end of `descriptor`."""
    if sys.platform != "win32":
        from .processes.sandbox import leave_no_core

        leave_no_core()
    channel = Channel(socket.socket(fileno=int(descriptor)))
    if role == "worker":
        from .tokens import worker

        worker.main(channel, *arguments)
    elif role == "renderer":
        from .documents import rendering

        rendering.main(channel)
    elif role == "screen":
        from .doctor import screen

        screen.main(channel)
    elif role == "panel":
        from .windows import look, main_window

        main_window.main(channel, look.parse(arguments[0]), arguments[1] == "minimised")
    elif arguments[0] == "terminal":
        from .prompters import terminal

        terminal.main(channel)
    else:
        from .windows import look, prompt

        prompt.main(channel, look.parse(arguments[1]))
