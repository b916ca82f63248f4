"""The one table that `make bench` prints."""

from __future__ import annotations

from collections.abc import Iterable

from tests.benchmarks.row import Row


def render(rows: Iterable[Row]) -> str:
    """The rows as text; a dash where there is nothing to compare with."""
    head = f"{'case':<26}{'size':<18}{'ms':>10}{'x pyHanko':>11}{'x limit':>10}{'MiB':>8}"
    return "\n".join([head, "-" * len(head), *map(_line, rows)])


def _line(row: Row) -> str:
    peer, limit = _number(row.ratio_to_peer, 2), _number(row.ratio_to_limit, 2)
    memory = _number(row.peak_mebibytes, 0)
    return f"{row.case:<26}{row.size:<18}{row.milliseconds:>10.1f}{peer:>11}{limit:>10}{memory:>8}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
