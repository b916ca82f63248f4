"""Test keys and the little JOSE that the vectors need (RFC 7515, 7517, 7638, 8785 for ASCII keys)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

Key = ec.EllipticCurvePrivateKey


def test_key(name: str) -> Key:
    """A P-256 key derived from a public name: for tests only, worth nothing."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    return ec.derive_private_key(seed >> 1, ec.SECP256R1())


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def jwk(key: Key) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    point = {"x": b64(numbers.x.to_bytes(32, "big")), "y": b64(numbers.y.to_bytes(32, "big"))}
    return {"kty": "EC", "crv": "P-256", **point}


def private_jwk(key: Key) -> dict[str, str]:
    return {**jwk(key), "d": b64(key.private_numbers().private_value.to_bytes(32, "big"))}


def thumbprint(key: Key) -> str:
    return b64(hashlib.sha256(compact(jwk(key))).digest())


def es256(key: Key, octets: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def jws(key: Key, header: dict[str, Any], claims: dict[str, Any] | bytes) -> str:
    payload = claims if isinstance(claims, bytes) else compact(claims)
    signing_input = f"{b64(compact(header))}.{b64(payload)}"
    return f"{signing_input}.{b64(es256(key, signing_input.encode()))}"


SERVER_IDENTITY = test_key("cectrust test: server identity")
REQUEST_KEY = test_key("cectrust test: request key")
BRIDGE_IDENTITY = test_key("cectrust test: bridge identity")
STRANGER = test_key("cectrust test: stranger")
ORIGIN = "http://localhost:8000"
ISSUER = "http://localhost:8000"
CHALLENGE = b64(hashlib.sha256(b"challenge").digest())
CN = b64(hashlib.sha256(b"connection nonce").digest())
