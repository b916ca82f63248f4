"""The whole journey of `make demo-unattended`: server time of all its requests, two first sign-ins included."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.row import Row


def run() -> list[Row]:
    """Two Chromium, two bridges, two tokens; its worst step and all of it."""
    with tempfile.TemporaryDirectory(prefix="cectrust-bench-") as folder:
        command = [sys.executable, "-m", "tests.e2e.unattended", "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        summary = json.loads((Path(folder) / "summary.json").read_text())
    steps: dict[str, float] = summary["server_milliseconds"]
    worst = max(steps, key=lambda name: steps[name])
    return [
        Row("journey: server time of all requests", "43 KB", summary["server_milliseconds_total"]),
        Row(f"journey: its longest step ({worst})", "43 KB", steps[worst]),
    ]
