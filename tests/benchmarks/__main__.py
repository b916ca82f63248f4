"""`python -m tests.benchmarks [NAME...]`: run every `bench_*.py` here (`run() -> list[Row]`) and print one table."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from tests.benchmarks.table import render

if __name__ == "__main__":
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = [name for name in names if not sys.argv[1:] or name.removeprefix("bench_") in sys.argv[1:]]
    rows = [row for name in chosen for row in importlib.import_module(f"tests.benchmarks.{name}").run()]
    print(render(rows))
