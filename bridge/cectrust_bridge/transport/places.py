"""Places for connected pages: how many, and who makes room when all are taken (PROTOCOL.md section 1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

PER_ORIGIN, IN_ALL = 4, 16
PATIENCE = 2.0
"""Seconds that a connected page has its place without a hello: its server makes the challenge, and may be slow."""


class Guest(Protocol):
    """A connected page."""

    def has_greeted(self) -> bool:
        """Has it said hello?"""

    def make_room(self) -> None:
        """End it: somebody else has its place."""


class Places:
    """Who is connected. Whoever says no hello holds his place only until another one wants it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds that never go back."""
        self._clock = clock
        self._taken: dict[Guest, tuple[str, float]] = {}

    def has_room(self, origin: str) -> bool:
        """Would `enter` let a page of this origin in?"""
        rivals = self._rivals(origin)
        return not rivals or self._silent(rivals) is not None

    def enter(self, guest: Guest, origin: str) -> bool:
        """Take a place, that of the one longest silent if there is no other; False if nobody makes room."""
        if rivals := self._rivals(origin):
            silent = self._silent(rivals)
            if silent is None:
                return False
            self.leave(silent)
            silent.make_room()
        self._taken[guest] = (origin, self._clock())
        return True

    def leave(self, guest: Guest) -> None:
        """It is gone, or has made room already."""
        self._taken.pop(guest, None)

    def _rivals(self, origin: str) -> list[Guest]:
        """Those of whom one has to go before a page of this origin comes in, who came first at first."""
        same = [guest for guest, (theirs, _) in self._taken.items() if theirs == origin]
        if len(same) >= PER_ORIGIN:
            return same
        return list(self._taken) if len(self._taken) >= IN_ALL else []

    def _silent(self, guests: list[Guest]) -> Guest | None:
        before = self._clock() - PATIENCE
        return next((each for each in guests if self._taken[each][1] <= before and not each.has_greeted()), None)
