"""Limits of one task, enforced by the kernel on the worker itself."""

from __future__ import annotations

import resource
import signal
from dataclasses import dataclass
from pathlib import Path

_PAGE = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may use.

    `seconds` of wall clock (and of CPU time), `memory` bytes beyond what the warm worker maps already,
    `answer` bytes of result, `written` bytes in any one file (0: the task can't write files).
    """

    seconds: float = 30.0
    memory: int = 512 << 20
    answer: int = 8 << 20
    written: int = 0


def apply_limits(limits: Limits) -> None:
    """Bind the calling process to `limits` for the rest of its life."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE
    cpu = int(limits.seconds) + 1
    for kind, value in (
        (resource.RLIMIT_AS, mapped + limits.memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, limits.written),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    # The default action of SIGALRM ends the process even inside C code, where no Python handler would run.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
