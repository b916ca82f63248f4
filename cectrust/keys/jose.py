"""The little of JOSE that the bridge protocol uses: ES256 over P-256 in compact form, strictly one spelling.

RFC 7515 (JWS), RFC 7518, 3.4 (ES256), RFC 7638 (thumbprints). Pure.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

SIGNATURE_SIZE = 64
_COORDINATE = 32
_ES256 = ec.ECDSA(hashes.SHA256())


def encode(raw: bytes) -> str:
    """base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: object) -> bytes:
    """The one spelling of base64url; ``ValueError`` for padding, other alphabets and unused bits that are set."""
    if not isinstance(text, str) or "=" in text:
        raise ValueError("not base64url without padding")
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encode(raw) != text:
        raise ValueError("not the canonical spelling")
    return raw


def jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Public P-256 key as a JWK of exactly four members."""
    numbers = key.public_numbers()
    x, y = (encode(n.to_bytes(_COORDINATE)) for n in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def public_key(key: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    """The key of such a JWK; ``ValueError`` for any other form and for points off the curve."""
    if set(key) != {"kty", "crv", "x", "y"} or (key["kty"], key["crv"]) != ("EC", "P-256"):
        raise ValueError("not a P-256 JWK")
    x, y = decode(key["x"]), decode(key["y"])
    if len(x) != _COORDINATE or len(y) != _COORDINATE:
        raise ValueError("coordinates are 32 octets")
    return ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()).public_key()


def thumbprint(key: Mapping[str, str]) -> str:
    """RFC 7638 with SHA-256: the key's name."""
    members = json.dumps({name: key[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return encode(hashlib.sha256(members.encode()).digest())


def sign_raw(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """ES256 signature: r and s, 32 octets each (RFC 7518, 3.4)."""
    r, s = decode_dss_signature(key.sign(data, _ES256))
    return r.to_bytes(_COORDINATE) + s.to_bytes(_COORDINATE)


def verifies(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> bool:
    """Whether ``signature`` (64 octets) is ES256 by ``key`` over ``data``."""
    if len(signature) != SIGNATURE_SIZE:
        return False
    r, s = (int.from_bytes(part) for part in (signature[:_COORDINATE], signature[_COORDINATE:]))
    try:
        key.verify(encode_dss_signature(r, s), data, _ES256)
    except InvalidSignature:
        return False
    return True


def compact(key: ec.EllipticCurvePrivateKey, kid: str, typ: str, claims: Mapping[str, Any]) -> str:
    """A compact JWS with the header ``alg, kid, typ`` and nothing else."""
    header = {"alg": "ES256", "kid": kid, "typ": typ}
    signed = f"{_part(header)}.{_part(claims)}"
    return f"{signed}.{encode(sign_raw(key, signed.encode()))}"


def certified_claims(token: str, signer: Mapping[str, str], typ: str) -> dict[str, Any]:
    """Claims of a compact JWS with exactly our header, signed by ``signer`` (JWK). Raises ``ValueError``."""
    head, payload, signature = token.split(".")
    header, claims = json.loads(decode(head)), json.loads(decode(payload))
    if header != {"alg": "ES256", "kid": thumbprint(signer), "typ": typ} or not isinstance(claims, dict):
        raise ValueError("another header or signer")
    if not verifies(public_key(signer), decode(signature), f"{head}.{payload}".encode()):
        raise ValueError("wrong signature")
    return claims


def _part(value: Mapping[str, Any]) -> str:
    return encode(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode())
