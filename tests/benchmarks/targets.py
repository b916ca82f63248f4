"""The figures that were promised, beside what was measured: printed, never asserted, because machines differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.benchmarks.row import Row


@dataclass(frozen=True, slots=True)
class Target:
    """A promise about every row whose case begins so; `measure` takes what was promised from a row."""

    promise: str
    case: str
    most: float
    unit: str
    measure: Callable[[Row], float | None]
    size: str = ""

    def worst(self, rows: Iterable[Row]) -> float | None:
        """The largest figure of the rows that the promise is about; None if nothing of it was measured."""
        mine = (row for row in rows if row.case.startswith(self.case) and self.size in ("", row.size))
        return max((found for row in mine if (found := self.measure(row)) is not None), default=None)


def _milliseconds(row: Row) -> float:
    return row.milliseconds


def _beyond_limit(row: Row) -> float | None:
    return (
        None
        if row.limit_milliseconds is None or "signed" not in row.case
        else row.milliseconds - row.limit_milliseconds
    )


TARGETS = (
    Target("prepare + embed, beside unpatched pyHanko", "prepare + embed", 1.0, "x", lambda row: row.ratio_to_peer),
    Target("one signature, accept to sealed, 30 KB", "signature: accept to sealed", 1000, "ms", _milliseconds, "30 KB"),
    Target("memory for 100 MB", "", 200, "MiB", lambda row: row.peak_mebibytes, "100 MB"),
    Target("every page", "page ", 100, "ms", _milliseconds),
    Target("a document of 200, beyond C_Sign and hashing", "bulk 200", 1.5, "ms", _beyond_limit),
    Target("all processes of the bridge, 200 documents", "bulk 200", 150, "MiB", lambda row: row.peak_mebibytes),
    Target("from the click to the consent window, 5 MB", "window: from the click", 400, "ms", _milliseconds),
)


def render(rows: list[Row]) -> str:
    """One line for each promise."""
    return "\n".join(_line(target, target.worst(rows)) for target in TARGETS)


def _line(target: Target, worst: float | None) -> str:
    if worst is None:
        return f"{target.promise:<52}{'not measured':>20}"
    verdict = "held" if worst <= target.most else "MISSED"
    return f"{target.promise:<52}{worst:>10.2f} {target.unit:<4}of {target.most:g} {target.unit:<4}{verdict}"
