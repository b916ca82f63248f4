"""Results of all operations: what the bridge signs, and which of them answers a request."""

from __future__ import annotations

import hashlib
from typing import Any

from auth_cases import CERTIFICATE, REQUEST, STEP_UP, SUBJECTS, sign, statement
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from signature_cases import DOCUMENT, REPORT
from tokens import BRIDGE_IDENTITY, ISSUER, ORIGIN, STRANGER, Key, b64, compact, es256, jwk, test_key, thumbprint

JTI = "request-00000001"
COMMON = {"v", "op", "bridge_id", "origin", "jti"}
MADE = test_key("cectrust test: key made on a token")
TOKEN = {
    "module": "SoftHSM2",
    "label": "髙﨑 𠮷乃のトークン",
    "serial": "0123456789abcdef",
    "manufacturer": "SoftHSM project",
    "model": "SoftHSM v2",
    "pin_state": "normal",
    "protected_path": False,
    "mechanisms": ["rsa_pkcs1v15_sha256", "ecdsa_sha256", "ecdsa_sha384"],
    "key_types": ["rsa2048", "rsa3072", "rsa4096", "p256", "p384"],
}
LISTED = {
    "sha256": hashlib.sha256(CERTIFICATE).hexdigest(),
    "der": b64(CERTIFICATE),
    "key_type": "ec",
    "key_bits": 256,
    "mechanisms": ["ecdsa_sha256"],
    "token": TOKEN,
}
CHOSEN = {"cert_sha256": hashlib.sha256(CERTIFICATE).hexdigest(), "mechanism": "ecdsa_sha256"}


def key_id(issuer: str, jti: str) -> str:
    """CKA_ID of the key that `key.generate` makes: the first 20 octets, hex."""
    return hashlib.sha256(b"\0".join(part.encode() for part in ("cectrust-key-v1", issuer, jti))).hexdigest()[:40]


def certification_request() -> bytes:
    oids = {"C": "2.5.4.6", "O": "2.5.4.10", "CN": "2.5.4.3", "serialNumber": "2.5.4.5"}
    pairs = [
        x509.NameAttribute(x509.ObjectIdentifier(oids[kind]), value) for kind, value in SUBJECTS["an ordinary person"]
    ]
    builder = x509.CertificateSigningRequestBuilder(x509.Name(pairs))
    made = builder.sign(MADE, hashes.SHA256(), ecdsa_deterministic=True)
    return made.public_bytes(serialization.Encoding.DER)


def public_key() -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return MADE.public_key().public_bytes(serialization.Encoding.DER, form)


def authenticated(request: dict[str, Any]) -> dict[str, Any]:
    return {**CHOSEN, "certificate": b64(CERTIFICATE), "signature": sign(statement(request))}


KEY = {"key_id": key_id(ISSUER, JTI), "type": "p256", "public_key": b64(public_key()), "token": TOKEN}
RIGHT: dict[str, tuple[str, dict[str, Any]]] = {
    "token.list": ("token.list", {"tokens": [TOKEN]}),
    "token.list of no token": ("token.list", {"tokens": []}),
    "cert.list": ("cert.list", {"certificates": [LISTED]}),
    "cert.list without certificates": ("cert.list", {"certificates": []}),
    "a document": ("sign", {**CHOSEN, **DOCUMENT}),
    "a report, also of sign.resume": ("sign", {**CHOSEN, **REPORT}),
    "auth.sign": ("auth.sign", authenticated(REQUEST)),
    "auth.sign for a named act": ("auth.sign", authenticated(STEP_UP)),
    "key.generate": ("key.generate", KEY),
    "csr.create": ("csr.create", {"key_id": KEY["key_id"], "csr": b64(certification_request())}),
    "cert.import": ("cert.import", {"cert_sha256": CHOSEN["cert_sha256"]}),
}
WRONG: dict[str, dict[str, Any]] = {
    "of another operation": {"op": "sign.resume"},
    "of another request": {"jti": "request-00000002"},
    "for another origin": {"origin": "http://localhost:8001"},
    "in another bridge's name": {"bridge_id": thumbprint(STRANGER)},
    "of another version": {"v": 2},
    "with v true": {"v": True},
    "with another member": {"pin": "1234"},
}


def case(name: str, op: str, own: dict[str, Any], accept: bool = False, **more: Any) -> dict[str, Any]:
    """`more`: `said` is signed in place of members, `key` signs, `after` is put in without a new signature."""
    key: Key = more.get("key", BRIDGE_IDENTITY)
    said = {"v": 1, "op": op, "bridge_id": thumbprint(BRIDGE_IDENTITY), "origin": ORIGIN, "jti": JTI, **own}
    said |= more.get("said", {})
    for name_of_member in more.get("without", ()):
        del said[name_of_member]
    signature = b64(es256(key, b"cectrust-bridge-result-v1\0" + compact(said)))
    after = more.get("after", {})
    return {
        "name": name,
        "accept": accept,
        "signed": key is BRIDGE_IDENTITY and not after,
        "asked": {"op": op, "origin": ORIGIN, "jti": JTI, "members": sorted(own)},
        "result": {**said, "bridge_signature": signature, **after},
    }


def wrong(name: str, op: str, own: dict[str, Any]) -> list[dict[str, Any]]:
    """Validly signed results of something else, and unsigned changes of the right one."""
    member = min(own)
    return [
        *[case(f"{name} {what}", op, own, said=said) for what, said in WRONG.items()],
        case(f"{name} without {member}", op, own, without=[member]),
        case(f"{name} by another key", op, own, key=STRANGER),
        case(f"{name} changed afterwards", op, own, after={member: None}),
    ]


def results_file() -> dict[str, Any]:
    refused = {op: wrong(f"{op}:", op, own) for op, own in RIGHT.values()}
    return {
        "description": "Results of every operation. accept: a server that asked as `asked` says (op, origin and jti of "
        "its request; members beside the common ones) believes it; signed: `bridge_signature` verifies over RFC 8785 "
        "of the rest under the bridge's key.",
        "keys": {"bridge": jwk(BRIDGE_IDENTITY)},
        "cases": [
            *[case(name, op, own, accept=True) for name, (op, own) in RIGHT.items()],
            *[each for cases in refused.values() for each in cases],
        ],
    }


def key_id_file() -> dict[str, Any]:
    pairs = [(ISSUER, JTI), (ISSUER, "request-00000002"), ("https://keiyaku.example.jp", JTI), (ISSUER, "A" * 64)]
    right = [
        {"name": f"{jti} of {issuer}", "accept": True, "iss": issuer, "jti": jti, "key_id": key_id(issuer, jti)}
        for issuer, jti in pairs
    ]
    whole = hashlib.sha256(b"\0".join([b"cectrust-key-v1", ISSUER.encode(), JTI.encode()])).hexdigest()
    others = {"in capitals": key_id(ISSUER, JTI).upper(), "not cut": whole, "of another jti": right[1]["key_id"]}
    return {
        "description": "key.generate: `key_id` (CKA_ID, hex) of the key made for a request of `iss` and `jti`.",
        "cases": [
            *right,
            *[
                {"name": name, "accept": False, "iss": ISSUER, "jti": JTI, "key_id": other}
                for name, other in others.items()
            ],
        ],
    }
