"""How long a person waits for the bridge's window, for a contract of 5 MB; the limit is an empty tkinter window.

Once from `sign.confirm` on (the bridge alone, ``bridge/benchmarks/consent_window.py``), and once from the click in a
real Chromium: the page finds the bridge, lists the certificates, has the server prepare the contract, and carries its
bytes.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.row import Row

sys.path.append(str(Path(__file__).parents[2] / "bridge" / "benchmarks"))


def run() -> list[Row]:
    """The bridge alone, with its waiting processes and without them; then the whole way from the click."""
    import consent_window

    times, limit = consent_window.measure()
    rows = [Row(f"window: from sign.confirm, {name}", "5 MB", statistics.median(times[name]), limit) for name in times]
    return [*rows, Row("window: from the click in Chromium", "5 MB, 50 pages", statistics.median(_clicks()), limit)]


def _clicks() -> list[float]:
    """In a process of its own: Playwright's loop would stay in this one."""
    command = [sys.executable, "-m", "tests.benchmarks.window_clicks"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [float(each) for each in json.loads(output.splitlines()[-1])]
