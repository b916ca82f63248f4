"""`python -m tests.benchmarks [NAME...]`: run every `bench_*.py` here; one table, then the promised figures."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from tests.benchmarks import table, targets

if __name__ == "__main__":
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in names if not sys.argv[1:] or name.removeprefix("bench_") in sys.argv[1:]]
    rows = [row for name in chosen for row in importlib.import_module(f"tests.benchmarks.{name}").run()]
    print(table.render(rows), targets.render(rows), sep="\n\n")
