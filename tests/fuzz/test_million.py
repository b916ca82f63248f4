"""A million inputs, guided by the coverage they reach: no crash, no hang, nothing untyped, no growth."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.tests.figures import note
from tests.fuzz.every import TARGETS
from tests.fuzz.growth import growth, is_growing
from tests.fuzz.target import Target

ROOT = Path(__file__).parents[2]
HAS_WHEEL = sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 14)
LARGE_INPUTS = 100
"""The pass over inputs as long as a text message may be (PROTOCOL.md section 1); every other text has a lower limit."""
needs_atheris = pytest.mark.skipif(not HAS_WHEEL, reason="atheris is built for x86-64 Linux and Python up to 3.13")
each_target = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)


def fuzzed(target: Target, inputs: int, folder: Path, *longest: int, leak: int = 0) -> dict[str, float]:
    """Figures of a run that came to its end; AssertionError with the trace if it did not."""
    command = [sys.executable, "-m", "tests.fuzz.run", target.name, str(inputs), str(folder), *map(str, longest)]
    environment = {**os.environ, "TEST_FUZZ_LEAK": str(leak)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    figures: dict[str, float] = json.loads((folder / "figures.json").read_text())
    assert figures["inputs"] == inputs
    return figures


LEVEL = {f"{kind} {point}": 1e8 for kind in ("blocks", "resident") for point in ("early", "later", "end")}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, False),
        ({"blocks later": 1e8 + 6000, "blocks end": 1e8 + 14_000}, True),  # one object each
        ({"resident later": 1e8 + 15e6, "resident end": 1e8 + 39e6}, True),  # 3 kB each
        ({"resident end": 1e8 + 1e6}, False),  # something loaded late
        ({"blocks early": 1e8 + 9000, "blocks later": 1e8, "blocks end": 1e8 + 800}, False),  # a cache that breathes
    ],
)
def test_growth_is_told_from_what_loads_late(more: dict[str, float], expected: bool) -> None:
    assert is_growing({"inputs": 20_000, **LEVEL, **more}) is expected


@pytest.mark.long
@pytest.mark.timeout(1800)
@needs_atheris
@each_target
def test_its_share_of_a_million_inputs_leaves_no_trace(target: Target, tmp_path: Path) -> None:
    figures = fuzzed(target, target.share * 1000, tmp_path)
    note("fuzz", target.name, figures | {f"{kind} each": round(more, 3) for kind, more in growth(figures).items()})
    assert not is_growing(figures), figures
    assert figures["descriptors"] < 20


@pytest.mark.long
@pytest.mark.timeout(600)
@needs_atheris
@each_target
def test_inputs_as_long_as_the_limits_are_answered_in_time(target: Target, tmp_path: Path) -> None:
    figures = fuzzed(target, LARGE_INPUTS, tmp_path, target.longest)
    note("fuzz, long inputs", target.name, {name: figures[name] for name in ("inputs", "longest", "seconds")})
    assert figures["longest"] >= 64 << 10


@pytest.mark.long
@needs_atheris
@pytest.mark.parametrize("leak", [100, 3000], ids=["a small object each", "three kilobytes each"])
def test_a_target_that_keeps_something_of_each_input_is_found_out(leak: int, tmp_path: Path) -> None:
    target = TARGETS["update_manifest"]
    (tmp_path / "clean").mkdir()
    (tmp_path / "leaking").mkdir()
    assert not is_growing(fuzzed(target, 8000, tmp_path / "clean"))
    assert is_growing(fuzzed(target, 8000, tmp_path / "leaking", leak=leak))
