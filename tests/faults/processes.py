"""The server's real processes on a house: the keys role, and a worker that may be told where to die.

Each is forked from one process that has loaded the server's modules: dozens of workers start here, and loading takes
longer than the test around it. What runs is what ``python -m`` would run.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from cectrust import faults
from tests.support.waiting import PATIENCE, until

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["cectrust.cli", "cectrust.rooms", "cectrust.pades"])


@dataclass(frozen=True)
class Running:
    """A process of the server's."""

    process: BaseProcess

    def wait(self, seconds: float) -> int:
        """Its exit status, negative for the signal that ended it; fails the test when it does not end."""
        self.process.join(seconds)
        status = self.process.exitcode
        assert status is not None, "did not end in time"
        return status

    def has_ended(self) -> bool:
        return self.process.exitcode is not None

    def terminate(self) -> None:
        self.process.terminate()


@dataclass
class Processes:
    """``cectrust`` commands with one settings file."""

    settings: Path
    running: list[Running] = field(default_factory=list)

    def start(self, *arguments: str, dying_at: str = "") -> Running:
        """Start what ``python -m …`` would; its log is appended to a file beside the settings."""
        environment = {**os.environ, "CECTRUST_SETTINGS": str(self.settings), faults.VARIABLE: dying_at}
        log = str(self.settings.parent / "processes.log")
        process = _FORKS.Process(target=_run_module, args=(arguments, environment, log))
        process.start()
        self.running.append(Running(process))
        return self.running[-1]

    def worker(self, dying_at: str = "") -> Running:
        return self.start("cectrust", "work", dying_at=dying_at)

    def run(self, *arguments: str, dying_at: str = "") -> int:
        """Run to the end; negative for the signal that ended it."""
        return self.start(*arguments, dying_at=dying_at).wait(PATIENCE)

    def stop(self) -> None:
        for running in self.running:
            running.terminate()
        for running in self.running:
            running.wait(PATIENCE)


def _run_module(arguments: tuple[str, ...], environment: dict[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with open(log, "ab") as file:
        os.dup2(file.fileno(), 2)
    sys.argv = list(arguments)
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


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
