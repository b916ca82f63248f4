"""A child process started ahead of its use: starting an interpreter takes longer than all the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Startable(Protocol):
    """What can be kept waiting."""

    def is_alive(self) -> bool:
        """Could it still be used?"""
        ...

    def discard(self) -> None:
        """End it unused."""
        ...


Process = TypeVar("Process", bound=Startable)


class Spare(Generic[Process]):
    """At most one unused process. It has seen nothing of anybody, and each is used for one request only."""

    def __init__(self, make: Callable[[], Process]) -> None:
        self._make = make
        self._waiting: Process | None = None

    def warm(self) -> None:
        """See to it that one is waiting."""
        if self._waiting is None or not self._waiting.is_alive():
            self.cool()
            self._waiting = self._make()

    def take(self) -> Process:
        """The one that waits, or a new one."""
        taken, self._waiting = self._waiting, None
        if taken is not None and taken.is_alive():
            return taken
        if taken is not None:
            taken.discard()
        return self._make()

    def cool(self) -> None:
        """End it: nobody is likely to ask."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.discard()
