"""What every benchmark reports: one measured case."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """Median milliseconds of one case beside the physical limit of the same work, and peak memory in MiB.

    None where there is no limit worth naming, memory was not measured apart, or no peer does the same.
    """

    case: str
    size: str
    milliseconds: float
    limit_milliseconds: float | None = None
    peak_mebibytes: float | None = None
    peer_milliseconds: float | None = None

    @property
    def ratio_to_limit(self) -> float | None:
        """How many times the physical limit; 1 can't be beaten."""
        return None if self.limit_milliseconds is None else self.milliseconds / self.limit_milliseconds

    @property
    def ratio_to_peer(self) -> float | None:
        """How many times the peer's time; below 1 is faster than it."""
        return None if self.peer_milliseconds is None else self.milliseconds / self.peer_milliseconds


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
    return peak_so_far()


def peak_so_far() -> float:
    """Highest resident size (MiB) of this process. `getrusage` would count what its parent had before exec."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
