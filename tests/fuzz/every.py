"""All fuzz targets by name; what once broke one is among its seeds for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.fuzz import bridge_parsers, live, server_parsers
from tests.fuzz.target import Target

FOUND = Path(__file__).with_name("found")
"""Files named `TARGET-what.*`."""


def _targets() -> Iterator[Target]:
    for room in (bridge_parsers, live, server_parsers):
        for target in room.TARGETS:
            found = [path.read_bytes() for path in sorted(FOUND.glob(f"{target.name}-*"))]
            yield replace(target, seeds=[*target.seeds, *found])


TARGETS = {target.name: target for target in _targets()}
