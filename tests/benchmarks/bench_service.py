"""The server's side of one signature, and every page: what people wait for besides bridge and network."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import Any

from tests.benchmarks.row import Row


def run() -> list[Row]:
    """Measure in one fresh process, which is web, worker and keys role at once."""
    with tempfile.TemporaryDirectory(prefix="cectrust-bench-") as folder:
        command = [sys.executable, "-m", "tests.benchmarks.service_ours", folder]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    measured = json.loads(output.splitlines()[-1])  # the keys role logs before it
    return [*_signatures(measured), *(Row(f"page {path}", "", ms) for path, ms in measured["pages"].items())]


def _signatures(measured: dict[str, Any]) -> list[Row]:
    return [
        Row(f"signature: {name}", size, milliseconds, peak_mebibytes=_memory(measured, name, size))
        for size, parts in measured["parts"].items()
        for name, milliseconds in parts.items()
        if name != "TSA calls"
    ]


def _memory(measured: dict[str, Any], name: str, size: str) -> float | None:
    return measured["memory"][size] if name == "accept to sealed" else None
