"""Does a target keep something of each input? Judged by what a run measured late, when all is loaded and warm."""

from __future__ import annotations

from collections.abc import Mapping

BLOCKS_PER_INPUT, SPARE_BLOCKS = 0.02, 400
"""Python's small objects. A leak is one for each input, or for each input of a kind; caches that are bounded fill up
and stop, and a thread or a task more at the moment of looking is some hundred."""
OCTETS_PER_INPUT, SPARE_OCTETS = 64, 3 << 20
"""All memory. libFuzzer keeps what reached something new (some kilobytes each, ever rarer); allocators round up."""


def growth(figures: Mapping[str, float]) -> dict[str, float]:
    """For each input of the last two fifths of a run: small objects and octets more; what is spare is taken off."""
    inputs = figures["inputs"] * 0.4
    blocks = figures["blocks end"] - figures["blocks later"] - SPARE_BLOCKS
    octets = figures["resident end"] - figures["resident later"] - SPARE_OCTETS
    return {"blocks": blocks / inputs, "octets": octets / inputs}


def is_growing(figures: Mapping[str, float]) -> bool:
    """In the last two fifths, and not only because something slow was still loading: in the fifths before as well."""
    found = growth(figures)
    before = {kind: figures[f"{kind} later"] - figures[f"{kind} early"] for kind in ("blocks", "resident")}
    by_blocks = found["blocks"] > BLOCKS_PER_INPUT and before["blocks"] > 0
    by_octets = found["octets"] > OCTETS_PER_INPUT and before["resident"] > 0
    return by_blocks or by_octets
