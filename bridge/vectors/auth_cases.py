"""Log-in with a certificate, and the name of a certification request."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tokens import BRIDGE_IDENTITY, ISSUER, ORIGIN, STRANGER, Key, b64, test_key, thumbprint

SUBJECTS = {
    "an ordinary person": [["C", "JP"], ["O", "乙建設株式会社"], ["CN", "髙﨑 𠮷乃"], ["serialNumber", "000123"]],
    "a long name": [["C", "JP"], ["O", "株式会社山田太郎建設工業北海道東北支店営業第一部"], ["CN", "山田 太郎"]],
}
HOLDER = test_key("cectrust test: holder of a certificate")


def certificate(key: Key, name: str = "髙﨑 𠮷乃", issuer: str = "", signer: Key | None = None) -> bytes:
    """Deterministic; self-signed unless somebody else signs."""
    subject, above = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, issuer or name)
    )
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(above, subject, key.public_key(), 4711, begin, begin.replace(year=2028))
    made = builder.sign(signer or key, hashes.SHA256(), ecdsa_deterministic=True)
    return made.public_bytes(serialization.Encoding.DER)


CERTIFICATE = certificate(HOLDER)
REQUEST = {
    "origin": ORIGIN,
    "iss": ISSUER,
    "nonce": b64(hashlib.sha256(b"auth nonce").digest()),
    "bridge_id": thumbprint(BRIDGE_IDENTITY),
    "jti": "request-00000001",
    "purpose": "login",
    "act": None,
    "cert_sha256": hashlib.sha256(CERTIFICATE).hexdigest(),
}
STEP_UP = {**REQUEST, "purpose": "step_up", "act": "契約の取り消し（工事請負契約書）"}
ORDER = ("origin", "iss", "nonce", "bridge_id", "jti", "purpose", "act", "cert_sha256")


def statement(request: dict[str, Any]) -> bytes:
    return b"\0".join(part.encode() for part in ("cectrust-auth-v1", *(request[name] or "" for name in ORDER)))


def sign(octets: bytes, key: Key = HOLDER) -> str:
    return b64(key.sign(octets, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))


def case(name: str, request: dict[str, Any], signed: bytes | None = None, key: Key = HOLDER) -> dict[str, Any]:
    """Accepted exactly if the holder signed the string of this very request."""
    octets = statement(request)
    accept = signed is None and key is HOLDER
    return {
        "name": name,
        "accept": accept,
        "request": request,
        "statement": b64(octets),
        "signature": sign(octets if signed is None else signed, key),
    }


def auth_file() -> dict[str, Any]:
    others = {
        "origin": "http://localhost:8001",
        "iss": "https://evil.example",
        "nonce": b64(bytes(32)),
        "bridge_id": thumbprint(STRANGER),
        "jti": "request-00000002",
        "act": "契約の取り消し（別の契約書）",
        "cert_sha256": "0" * 64,
    }
    attributes = bytes.fromhex("3169") + statement(REQUEST)
    swapped = [
        case(f"made with another {name}", STEP_UP, statement({**STEP_UP, name: other}))
        for name, other in others.items()
    ]
    return {
        "description": "auth.sign: `statement` (b64url) is what the bridge builds from `request`; accept: `signature` "
        "(ecdsa_sha256) verifies over it under `certificate`.",
        "certificate": b64(CERTIFICATE),
        "cases": [
            case("log-in", REQUEST),
            case("step-up for a named act", STEP_UP),
            *swapped,
            case("a log-in for a step-up", STEP_UP, statement(REQUEST)),
            case("a step-up for a log-in", REQUEST, statement(STEP_UP)),
            case("signed attributes for a log-in", REQUEST, attributes),
            case("without its prefix", REQUEST, statement(REQUEST).removeprefix(b"cectrust-auth-v1\0")),
            case("signed by another key", REQUEST, key=STRANGER),
        ],
    }
