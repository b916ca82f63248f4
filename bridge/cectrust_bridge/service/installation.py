"""Notices that the installed program was replaced (upgrade) or removed while this process runs from it.

A frozen bridge reads its modules and starts its children from files on disk. After an upgrade those are another
version's, so that it begins nothing new and starts itself again as soon as nobody is signing.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path

LOOK_SECONDS = 3.0
MINIMISED = "--minimised"
Mark = tuple[int, int, int, int]


class Change(Enum):
    """What became of the program file."""

    REPLACED = "replaced"
    REMOVED = "removed"


class Installation:
    """The program file as it was when this process started."""

    def __init__(self, program: Path | None) -> None:
        """`program` None: nothing is watched."""
        self._program = program
        self._start = self._mark()
        self.ended_service: Change | None = None
        """Why the service was stopped, if that was the reason."""

    @classmethod
    def of_this_process(cls) -> Installation:
        """Only a frozen program is one file that stands for all of them."""
        return cls(Path(sys.executable) if getattr(sys, "frozen", False) else None)

    def change(self) -> Change | None:
        """What is there now against what was there at the start."""
        mark = self._mark()
        if mark == self._start:
            return None
        return Change.REMOVED if mark is None else Change.REPLACED

    async def settled_change(self, is_idle: Callable[[], bool], look_every: float = LOOK_SECONDS) -> Change:
        """Return when all is idle and a change stood still between two looks: dpkg renames file by file."""
        if self._program is None:
            await asyncio.get_running_loop().create_future()
        before = self._start
        while True:
            await asyncio.sleep(look_every)
            now = self._mark()
            change = self.change()
            if change is not None and now == before and is_idle():
                return change
            before = now

    async def watch(self, stop: Callable[[], None], is_idle: Callable[[], bool]) -> None:
        """Stop the service once the program has changed under an idle bridge."""
        self.ended_service = await self.settled_change(is_idle)
        stop()

    def _mark(self) -> Mark | None:
        if self._program is None:
            return None
        try:
            found = self._program.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def start_again() -> None:
    """Become the new program in the same process, with the same arguments; its window does not come forward."""
    minimised = [] if MINIMISED in sys.argv else [MINIMISED]
    os.execv(sys.executable, [sys.executable, *sys.argv[1:], *minimised])  # noqa: S606  # the program that runs already
