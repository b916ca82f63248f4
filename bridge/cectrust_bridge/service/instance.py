"""One running bridge for each profile: the second start raises the window of the first and ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TextIO

RAISE = getattr(signal, "SIGUSR1", signal.SIGTERM)


class AlreadyRunning(Exception):
    """Another process serves this profile; its window was asked to come forward."""


def take(folder: Path) -> TextIO:
    """The lock, held until the file is closed or the process ends. Raises AlreadyRunning.

    RAISE is ignored from here on until somebody handles it: its default would end this process.
    """
    import fcntl  # not on every system

    signal.signal(RAISE, signal.SIG_IGN)
    file = open(folder / "running.lock", "a+", encoding="ascii")  # noqa: SIM115  # held as long as the process lives
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        with file:
            _raise_window(file)
        raise AlreadyRunning from error
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _raise_window(file: TextIO) -> None:
    """Whoever holds the lock wrote its number into the file; one that has just started shows its window anyway."""
    file.seek(0)
    if (number := file.read().strip()).isdigit():
        os.kill(int(number), RAISE)
