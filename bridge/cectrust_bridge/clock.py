"""How long something has lasted, whatever anybody does to the date."""

from __future__ import annotations

import sys
import time


def elapsed() -> float:
    """Seconds since some moment. They go on while the computer sleeps; nobody can set them."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)  # its monotonic clock stands still in sleep
    return time.monotonic()
