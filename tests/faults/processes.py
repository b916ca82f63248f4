"""The server's real processes on a house: the keys role, and a worker that may be told where to die."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cectrust import faults

PATIENCE = 90
"""Seconds; a loaded machine is slow, and an event that never comes must fail."""


def until(condition: Callable[[], bool]) -> None:
    """Poll another process's work; fails the test when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@dataclass
class Processes:
    """``cectrust`` commands with one settings file."""

    settings: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str, dying_at: str = "") -> subprocess.Popen[str]:
        """Start ``python -m …``; its log is appended to a file beside the settings."""
        environment = {**os.environ, "CECTRUST_SETTINGS": str(self.settings), faults.VARIABLE: dying_at}
        with (self.settings.parent / "processes.log").open("a") as log:
            process = subprocess.Popen([sys.executable, "-m", *arguments], env=environment, stderr=log, text=True)
        self.running.append(process)
        return process

    def worker(self, dying_at: str = "") -> subprocess.Popen[str]:
        return self.start("cectrust", "work", dying_at=dying_at)

    def run(self, *arguments: str, dying_at: str = "") -> int:
        """Run to the end; negative for the signal that ended it."""
        return self.start(*arguments, dying_at=dying_at).wait(PATIENCE)

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(PATIENCE)


@contextmanager
def processes(settings: Path, keys_socket: Path) -> Iterator[Processes]:
    """The keys role answers before anything else starts; all end with the block."""
    opened = Processes(settings)
    try:
        assert opened.run("cectrust", "keys", "init") == 0
        opened.start("cectrust", "keys", "serve")
        until(keys_socket.exists)
        yield opened
    finally:
        opened.stop()
