"""One target under atheris (coverage-guided): ``python -m tests.fuzz.run TARGET INPUTS FOLDER``.

libFuzzer ends the process itself, so figures are written to ``FOLDER/figures.json`` with the last input.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["cectrust_bridge", "cectrust.signing", "cectrust.keys"]):
    from tests.fuzz.every import TARGETS
from tests.fuzz.target import Target

LONGEST = 4096


def resident() -> int:
    """Octets of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Measured:
    """Runs a target and notes what it took; memory from the first quarter on, when all is loaded and warm."""

    def __init__(self, target: Target, inputs: int, figures: Path) -> None:
        self._target, self._inputs, self._figures = target, inputs, figures
        self._done, self._began, self._warm = 0, time.monotonic(), 0

    def __call__(self, data: bytes) -> None:
        self._target.run(data)
        self._done += 1
        if self._done == self._inputs // 4:
            self._warm = resident()
        if self._done == self._inputs:
            self._figures.write_text(json.dumps(self.figures()))

    def figures(self) -> dict[str, float]:
        """Inputs, seconds, resident octets after a quarter and now, open descriptors."""
        return {
            "inputs": self._done,
            "seconds": round(time.monotonic() - self._began, 1),
            "warm": self._warm,
            "resident": resident(),
            "descriptors": len(os.listdir("/proc/self/fd")),
        }


def main(name: str, inputs: int, folder: Path) -> None:
    """Never returns. A defect is a crash with its trace, and its input in ``folder``."""
    target, corpus = TARGETS[name], folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [f"-runs={inputs}", f"-max_len={LONGEST}", "-seed=1", "-verbosity=0", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], Measured(target, inputs, folder / "figures.json"))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
