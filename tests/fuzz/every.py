"""All fuzz targets by name."""

from __future__ import annotations

from tests.fuzz import bridge_parsers, live, server_parsers

TARGETS = {each.name: each for room in (bridge_parsers, live, server_parsers) for each in room.TARGETS}
