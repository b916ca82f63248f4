"""A million inputs, guided by the coverage they reach: no crash, nothing untyped, no growth."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.every import TARGETS
from tests.fuzz.target import Target

ROOT = Path(__file__).parents[2]
GROWTH = 48 << 20
"""Octets between the first quarter and the end: libFuzzer keeps what reached something new, and allocators round up."""
HAS_WHEEL = sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 14)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not HAS_WHEEL, reason="atheris is built for x86-64 Linux and Python up to 3.13")
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_its_share_of_a_million_inputs_leaves_no_trace(target: Target, tmp_path: Path) -> None:
    inputs = target.share * 1000
    command = [sys.executable, "-m", "tests.fuzz.run", target.name, str(inputs), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    figures = json.loads((tmp_path / "figures.json").read_text())
    print(target.name, figures)
    assert figures["inputs"] == inputs
    assert figures["resident"] - figures["warm"] < GROWTH
    assert figures["descriptors"] < 20
