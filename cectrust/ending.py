"""Being asked to end, waited for without a gap that a signal could slip through."""

from __future__ import annotations

import select
import signal
import socket

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Ending:
    """SIGTERM and Ctrl-C, kept from the moment this is made; make it in the main thread, before work starts.

    Python's handlers run only once the main thread is awake, and a signal that arrives just before it falls asleep in
    a lock, or that the kernel gives to another thread, does not wake it: the process would never end. The C part of a
    handler, however, always writes to ``signal.set_wakeup_fd``, and that byte stays until somebody looks.
    """

    def __init__(self) -> None:
        self._asked, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, lambda *_: None)

    def wait(self) -> None:
        """Return once the process was asked to end; at once if it already was."""
        select.select([self._asked], [], [])
