"""Operating systems and browsers on which signing was tried, with the day on which that was true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

AS_OF = dt.date(2026, 11, 23)
OLDEST: Mapping[str, tuple[int, ...]] = {"debian": (12,), "ubuntu": (22, 4)}
"""The oldest supported version of each system, by ID of os-release(5)."""
BROWSERS: Mapping[str, int] = {"Chromium": 147, "Firefox": 140}
"""The oldest release that is expected to sign, by engine: as the server's page says."""


@dataclass(frozen=True)
class System:
    """What os-release(5) says: `identifier`, `version`, and a `name` for people."""

    identifier: str
    version: str
    name: str

    def number(self) -> tuple[int, ...]:
        """The version for comparing; empty (older than all) if it is no number."""
        parts = self.version.split(".")
        return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()


def parse(text: str) -> System:
    """From the text of os-release(5); what is missing becomes an empty text."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    values = {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}
    name = values.get("PRETTY_NAME") or values.get("NAME") or "?"
    return System(values.get("ID", ""), values.get("VERSION_ID", ""), name[:100])
