"""Values that the keys role exchanges; the wire format of requests is ``bridge/PROTOCOL.md``, sections 3 and 4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class RequestDocument:
    """One entry of ``docs``: what the bridge compares with the bytes it gets and shows beside them."""

    id: str
    sha256: str
    size: int
    title: str
    partner: str
    amount: int | None
    currency: str | None
    pages: int


@dataclass(frozen=True)
class RequestClaims:
    """What a prepared record says about a request; the keys role adds version, issuer, key, nonce and times."""

    aud: str
    """``bridge_id`` of the bridge registered for the user."""
    origin: str
    jti: str
    op: str
    """``token.list``, ``cert.list``, ``sign`` or ``sign.resume``."""
    cert_sha256: str | None = None
    format: str | None = None
    mechanism: str | None = None
    docs: tuple[RequestDocument, ...] = ()


@dataclass(frozen=True)
class Authentication:
    """The claim ``auth``: one proof for one purpose."""

    nonce: str
    purpose: str
    """``login`` or ``step_up``."""
    act: str | None
    """What a step-up confirms, as the person shall read it."""


@dataclass(frozen=True)
class AuthenticationClaims:
    """The same as ``RequestClaims`` for ``auth.sign``, which is about no document."""

    aud: str
    origin: str
    jti: str
    cert_sha256: str
    mechanism: str
    auth: Authentication
    op: str = "auth.sign"


LoadRequest: TypeAlias = "Callable[[Session, str, str], RequestClaims | AuthenticationClaims]"
"""``(session, operation, request_id)`` to claims, from a row that the signing room prepared; never from page input.

Raises ``NotFound`` or ``Conflict`` when there is no such record or its time is over.
"""


@dataclass(frozen=True)
class SignedRequest:
    """The two compact JWS that a page hands to the bridge."""

    request: str
    request_key: str


@dataclass(frozen=True)
class PublicKeys:
    """What others pin."""

    issuer: str
    identity_key: dict[str, Any]
    """JWK of the identity key, as pairing files hold it."""
    log_public_key: bytes
    """Raw Ed25519 public key of the log, 32 bytes (RFC 8032, 5.1.5)."""
