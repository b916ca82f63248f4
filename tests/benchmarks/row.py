"""What every benchmark reports: one measured case."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """Median milliseconds of one case beside the physical limit of the same work, and peak memory in MiB."""

    case: str
    size: str
    milliseconds: float
    limit_milliseconds: float
    peak_mebibytes: float

    @property
    def ratio_to_limit(self) -> float:
        """How many times the physical limit; 1 can't be beaten."""
        return self.milliseconds / self.limit_milliseconds


def median_milliseconds(act: Callable[[int], object], rounds: int) -> float:
    """Median wall time of `act(round number)`."""
    times = []
    for number in range(rounds):
        started = time.perf_counter()
        act(number)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def peak_memory(act: Callable[[], object]) -> float:
    """Highest resident size (MiB) while `act` runs; Linux keeps the mark and lets us reset it."""
    Path("/proc/self/clear_refs").write_text("5")
    act()
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
