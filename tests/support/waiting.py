"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 90
"""Seconds; a loaded machine is slow, and an event that never comes must fail."""


def until(condition: Callable[[], bool]) -> None:
    """Poll another process's work; fails the test when it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
