"""Numbers and names that PROTOCOL.md fixes."""

from __future__ import annotations

VERSION = 1
PORTS = (48710, 48711, 48712)
SUBPROTOCOL = "cectrust-bridge.v1"
