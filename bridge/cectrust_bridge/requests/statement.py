"""The string that `auth.sign` signs (PROTOCOL.md section 5): never a document, never another server's log-in."""

from __future__ import annotations

from .claims import Authentication

PREFIX = "cectrust-auth-v1"


def statement(origin: str, issuer: str, bridge_id: str, jti: str, cert_sha256: str, about: Authentication) -> bytes:
    """UTF-8 parts, parted by zero octets; none of them can hold one, so that no two requests share a string."""
    parts = (PREFIX, origin, issuer, about.nonce, bridge_id, jti, about.purpose, about.act, cert_sha256)
    return b"\0".join(part.encode() for part in parts)
