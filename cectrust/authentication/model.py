"""A challenge that a person answers with the token, and the string that is signed for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cectrust.sdk.protocols import Instant

SECOND = 1_000_000
CHALLENGE_LIFE = 120 * SECOND
"""From the page's question to the answer, the person's PIN included; the protocol allows no more."""
STATEMENT_PREFIX = "cectrust-auth-v1"


class Purpose(StrEnum):
    LOGIN = "login"
    STEP_UP = "step_up"


@dataclass(frozen=True)
class Challenge:
    """One question for one certificate, one bridge and one session; good once. ``id`` is the ``jti``."""

    id: str
    account_id: str
    session: str
    """Digest of the session's token; an answer in another session is no answer."""
    purpose: Purpose
    confirmation_id: str | None
    """What a step-up confirms (``cectrust.identity.step_up``)."""
    act: str | None
    """The same in words, as the bridge's window shows and signs it."""
    nonce: str
    """32 octets, base64url."""
    connection_id: str
    bridge_id: str
    origin: str
    issuer: str
    certificate_sha256: str
    mechanism: str
    created_at: Instant
    expires_at: Instant
    used_at: Instant | None

    @property
    def statement(self) -> bytes:
        """What the token signs (``bridge/PROTOCOL.md``, 5, ``auth.sign``)."""
        parts = (
            STATEMENT_PREFIX,
            self.origin,
            self.issuer,
            self.nonce,
            self.bridge_id,
            self.id,
            self.purpose.value,
            self.act or "",
            self.certificate_sha256,
        )
        return b"\x00".join(part.encode() for part in parts)


@dataclass(frozen=True)
class SecondFactor:
    """What a person's page about his log-in shows."""

    on: bool
    required: bool
    """By the operator, for this kind of account: it cannot be switched off."""
    codes_left: int
