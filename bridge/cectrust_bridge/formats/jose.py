"""The little of JOSE the protocol uses (RFC 7515, 7517, 7518, 7638): b64url, P-256 keys, ES256 compact JWS.

Everything raises ValueError on any deviation; callers turn that into their own error.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from . import strictjson

PublicKey = ec.EllipticCurvePublicKey
PrivateKey = ec.EllipticCurvePrivateKey
ES256 = ec.ECDSA(hashes.SHA256())


def b64url(octets: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def from_b64url(text: object, length: int | None = None) -> bytes:
    """Decode; only the one canonical spelling passes, and only `length` octets if given."""
    if not isinstance(text, str) or "=" in text:
        raise ValueError("not base64url without padding")
    octets = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if b64url(octets) != text or (length is not None and len(octets) != length):
        raise ValueError("not the canonical base64url of the expected length")
    return octets


def jwk_of(key: PublicKey) -> dict[str, str]:
    """The public JWK with exactly kty, crv, x, y."""
    numbers = key.public_numbers()
    x, y = (b64url(coordinate.to_bytes(32, "big")) for coordinate in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def key_of(jwk: object) -> PublicKey:
    """The key of a public P-256 JWK; more or fewer members, or a point off the curve, raise ValueError."""
    if not isinstance(jwk, dict) or set(jwk) != {"kty", "crv", "x", "y"}:
        raise ValueError("not a public EC key")
    if (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
        raise ValueError("not a P-256 key")
    x, y = (int.from_bytes(from_b64url(jwk[name], 32), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def thumbprint(key: PublicKey) -> str:
    """RFC 7638 thumbprint, SHA-256, b64url: the key's name in this protocol."""
    return b64url(hashlib.sha256(strictjson.canonical(jwk_of(key))).digest())


def sign(key: PrivateKey, octets: bytes) -> str:
    """ES256 signature r‖s as b64url (RFC 7518 section 3.4)."""
    r, s = decode_dss_signature(key.sign(octets, ES256))
    return b64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@dataclass(frozen=True)
class Token:
    """A parsed compact JWS whose signature has not been looked at yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: bytes

    def verify(self, key: PublicKey) -> None:
        """Raise ValueError unless `key` made this signature."""
        r, s = (int.from_bytes(half, "big") for half in (self.signature[:32], self.signature[32:]))
        try:
            key.verify(encode_dss_signature(r, s), self.signing_input, ES256)
        except InvalidSignature as error:
            raise ValueError("wrong signature") from error


def parse(compact: object, typ: str) -> Token:
    """Parse a compact JWS whose header is exactly alg ES256, kid and this `typ`; signature not checked."""
    if not isinstance(compact, str) or compact.count(".") != 2:
        raise ValueError("not a compact JWS")
    head, payload, signature = compact.split(".")
    header, claims = strictjson.parse(from_b64url(head)), strictjson.parse(from_b64url(payload))
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise ValueError("header or payload is not an object")
    if set(header) != {"alg", "kid", "typ"} or (header["alg"], header["typ"]) != ("ES256", typ):
        raise ValueError("unexpected header")
    return Token(header, claims, f"{head}.{payload}".encode(), from_b64url(signature, 64))
