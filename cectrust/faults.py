"""Named places where a test may kill the process, before and after every irreversible step.

``failpoint("signing.embed.before")`` does nothing unless the settings allow ``test_mode`` *and* the environment
variable ``CECTRUST_FAILPOINT`` names it. Rooms declare their names with ``declare``, so that tests can enumerate them.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "CECTRUST_FAILPOINT"

_names: set[str] = set()
_armed: str | None = None


def declare(*steps: str) -> None:
    """Declare ``<step>.before`` and ``<step>.after`` for each irreversible step."""
    _names.update(f"{step}.{side}" for step in steps for side in ("before", "after"))


def names() -> list[str]:
    """All failpoints of the rooms imported so far."""
    return sorted(_names)


def arm(*, test_mode: bool) -> None:
    """Called once at start-up by a process that has failpoints. Without ``test_mode`` nothing is ever armed."""
    global _armed
    _armed = os.environ.get(VARIABLE) if test_mode else None


def failpoint(name: str) -> None:
    """Die here as in a power cut (``SIGKILL``), if a test asked for exactly this place.

    Raises:
        KeyError: nobody declared ``name``; tests that enumerate names would miss it.
    """
    if name not in _names:
        raise KeyError(name)
    if name == _armed:
        os.kill(os.getpid(), signal.SIGKILL)
