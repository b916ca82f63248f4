"""Values about the computers that a person signs with, and the codes by which they are registered. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cectrust.sdk.protocols import Instant

MINUTE = 60_000_000
CODE_LIFE = 10 * MINUTE
"""A code is good for this long, once."""
CODES_AN_HOUR = 20
"""More than these are not made for one user ID."""
HOUR = 60 * MINUTE
MAX_NAME, MAX_SYSTEM = 100, 60


@dataclass(frozen=True)
class ServerFacts:
    """What a bridge pins of this server (``bridge/PROTOCOL.md``, 3.1)."""

    issuer: str
    name: str
    origins: tuple[str, ...]
    identity_key: dict[str, Any]
    """JWK."""


@dataclass(frozen=True)
class RegisteredBridge:
    """A bridge's identity key that speaks for one user ID's computer."""

    bridge_id: str
    account_id: str
    jwk: dict[str, str]
    registration: str
    """Names this registration; a bridge that leaves names it, so that its word is good once."""
    name: str
    """The computer's, as its bridge said; empty if an administrator registered it."""
    system: str
    registered_at: Instant
    last_used_at: Instant | None
    code_id: str | None
    code_made_at: Instant | None
    """When the code was made by which it came; ``None``: an administrator registered it."""


@dataclass(frozen=True)
class NewCode:
    """A code just made. ``text`` is shown once and stored nowhere."""

    id: str
    text: str = field(repr=False)
    expires_at: Instant


@dataclass(frozen=True)
class PairingCode:
    """What is kept of a code: nobody can compute the code or its keys from it."""

    id: str
    account_id: str
    sealed: bytes = field(repr=False)
    created_at: Instant
    expires_at: Instant
    used_at: Instant | None
    cancelled_at: Instant | None
    bridge_id: str | None

    def is_open(self, now: Instant) -> bool:
        return self.used_at is None and self.cancelled_at is None and now < self.expires_at
