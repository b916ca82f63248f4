"""The one table that `make bench` prints."""

from __future__ import annotations

from collections.abc import Iterable

from tests.benchmarks.row import Row

HEADING = """\
ms         median wall time; signing, validating and sealing without the TSA's time, a whole signature with it
x pyHanko  times unpatched pyHanko doing the same work (deferred, image seal); below 1 is faster
x limit    times the physical limit: SHA-256 of the bytes, one signature or verification, one write, one fsync
MiB        peak resident memory of the process that does it, its imports included

prepare, embed, validate  the engine alone; validating in a warm parser worker
seal                      original durable and entry committed; to published head: with one round of the log
signature: request        fields, certificate, prepare;  accept: taken in, in one transaction
signature: work           the durable workflow: embed, extend to B-LTA, validate, seal (local TSA: 2 calls)
window                    until the X server maps the bridge's consent window; x limit: an empty tkinter window
page                      server time on a house with one concluded contract, several drafts and consents"""


def render(rows: Iterable[Row]) -> str:
    """The rows as text; a dash where there is nothing to compare with."""
    head = f"{'case':<52}{'size':<18}{'ms':>10}{'x pyHanko':>11}{'x limit':>10}{'MiB':>8}"
    return "\n".join([HEADING, "", head, "-" * len(head), *map(_line, rows)])


def _line(row: Row) -> str:
    peer, limit = _number(row.ratio_to_peer, 2), _number(row.ratio_to_limit, 2)
    memory = _number(row.peak_mebibytes, 0)
    return f"{row.case:<52}{row.size:<18}{row.milliseconds:>10.1f}{peer:>11}{limit:>10}{memory:>8}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
