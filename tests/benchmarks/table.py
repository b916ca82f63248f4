"""Rows that a `bench_*.py` module returns and the table they are printed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One measurement: median milliseconds, how many times a peer and the physical limit, peak memory in MB."""

    what: str
    case: str
    milliseconds: float
    peer: float | None = None
    limit: float | None = None
    memory: float | None = None


def render(rows: Iterable[Row]) -> str:
    """The rows as a text table; a dash where there is nothing to compare with."""
    head = f"{'what':<28}{'case':<22}{'ms':>10}{'x peer':>9}{'x limit':>9}{'MB':>8}"
    return "\n".join([head, "-" * len(head), *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    numbers = "".join(f"{'-' if value is None else format(value, '.2f'):>9}" for value in (row.peer, row.limit))
    memory = "-" if row.memory is None else f"{row.memory:.0f}"
    return f"{row.what:<28}{row.case:<22}{row.milliseconds:>10.1f}{numbers}{memory:>8}"


def peak_memory() -> float:
    """Peak resident memory of this process in MB. `getrusage` would count what the parent had before exec."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024
