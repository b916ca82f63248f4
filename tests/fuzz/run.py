"""One target under atheris (coverage-guided): ``python -m tests.fuzz.run TARGET INPUTS FOLDER [LONGEST]``.

libFuzzer ends the process itself, so figures are written to ``FOLDER/figures.json`` with the last input. With LONGEST
(octets) the seeds are stretched to that length first.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["cectrust_bridge", "cectrust.signing", "cectrust.keys"]):
    from tests.fuzz.every import TARGETS
from tests.fuzz.mutation import stretched
from tests.fuzz.target import Target

LONGEST = 4096
SECONDS, LONG_SECONDS = 5, 20
"""For one input, beside whatever else the computer does; more is a hang, and libFuzzer ends with a trace of it."""
LEAK = int(os.environ.get("TEST_FUZZ_LEAK", "0"))
"""Octets to keep of each input: what the test of the measurement plants."""
POINTS = {"early": 0.25, "later": 0.6, "end": 1.0}
"""When memory is looked at, as parts of all inputs: after the first quarter all is loaded and warm."""


def resident() -> int:
    """Octets of this process in memory, without what could be given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Measured:
    """Runs a target and notes what it took."""

    def __init__(self, target: Target, inputs: int, figures: Path) -> None:
        self._target, self._inputs, self._figures = target, inputs, figures
        self._done, self._began, self._longest = 0, time.monotonic(), 0
        self._points = {max(1, int(inputs * part)): name for name, part in POINTS.items()}
        self._seen: dict[str, int] = {}
        self._kept: list[bytearray] = []

    def __call__(self, data: bytes) -> None:
        self._target.run(data)
        if LEAK:
            self._kept.append(bytearray(LEAK))
        self._done += 1
        self._longest = max(self._longest, len(data))
        if (point := self._points.get(self._done)) is not None:
            # Blocks: Python's own small objects, of which libFuzzer makes none for itself.
            memory = resident()
            self._seen |= {f"resident {point}": memory, f"blocks {point}": sys.getallocatedblocks()}
        if self._done == self._inputs:
            self._figures.write_text(json.dumps(self.figures()))

    def figures(self) -> dict[str, float]:
        """Inputs, the longest of them, seconds, resident octets and live blocks at each point, open descriptors."""
        return {
            "inputs": self._done,
            "longest": self._longest,
            "seconds": round(time.monotonic() - self._began, 1),
            **self._seen,
            "descriptors": len(os.listdir("/proc/self/fd")),
        }


def main(name: str, inputs: int, folder: Path, longest: int = 0) -> None:
    """Never returns. A defect is a crash with its trace, and its input in ``folder``."""
    target, corpus = TARGETS[name], folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(stretched(seed, longest) if longest else seed)
    options = [
        f"-runs={inputs}", f"-max_len={longest or LONGEST}", f"-timeout={LONG_SECONDS if longest else SECONDS}",
        "-seed=1", "-verbosity=0", f"-artifact_prefix={folder}/",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], Measured(target, inputs, folder / "figures.json"))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:]))
