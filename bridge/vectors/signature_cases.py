"""What the bridge signs: hello, results, and the signed attributes of a PAdES signature."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pyhanko.sign import signers
from tokens import (
    BRIDGE_IDENTITY,
    CHALLENGE,
    CN,
    ORIGIN,
    STRANGER,
    Key,
    b64,
    compact,
    es256,
    jwk,
    test_key,
    thumbprint,
)

# Not a product of two primes: only its encoding inside a certificate matters here.
RSA_OCTETS = b"".join(hashlib.sha512(bytes([n])).digest() for n in range(4))
RSA_MODULUS = int.from_bytes(RSA_OCTETS, "big") | 1 | 1 << 2047


def hello_octets(**changes: str) -> bytes:
    parts = {
        "origin": ORIGIN,
        "challenge": CHALLENGE,
        "cn": CN,
        "version": "1",
        "bridge_id": thumbprint(BRIDGE_IDENTITY),
    } | changes
    return b"\0".join([b"cectrust-bridge-hello-v1", *(part.encode() for part in parts.values())])


def hello_case(name: str, accept: bool, key: Key = BRIDGE_IDENTITY, **changes: str) -> dict[str, Any]:
    answer = {
        "version": 1,
        "bridge_id": thumbprint(BRIDGE_IDENTITY),
        "cn": CN,
        "capabilities": [
            "hello",
            "env.check",
            "token.list",
            "cert.list",
            "sign.begin",
            "sign.confirm",
            "sign.cancel",
            "sign.resume",
            "sign.ack",
        ],
        "signature": b64(es256(key, hello_octets(**changes))),
    }
    return {"name": name, "accept": accept, "origin": ORIGIN, "challenge": CHALLENGE, "answer": answer}


def hello_file() -> dict[str, Any]:
    return {
        "description": "Is `answer.signature` by the registered bridge over this origin and challenge?",
        "keys": {"bridge": jwk(BRIDGE_IDENTITY)},
        "cases": [
            hello_case("right", True),
            hello_case("another bridge's key", False, key=STRANGER),
            hello_case("made for another origin", False, origin="https://evil.example"),
            hello_case("an old challenge", False, challenge=b64(bytes(32))),
            hello_case("another connection", False, cn=b64(bytes(32))),
            hello_case("another version", False, version="2"),
        ],
    }


DOCUMENT: dict[str, Any] = {
    "index": 1,
    "count": 3,
    "document": {"id": "doc-2", "signed_attributes": b64(b"attributes"), "signature": b64(b"signature")},
}
REPORT: dict[str, Any] = {"signed": ["doc-1", "doc-2"], "unsigned": ["doc-3"], "failure": "token_removed"}


def result_case(
    name: str,
    accept: bool,
    facts: dict[str, Any] = DOCUMENT,
    key: Key = BRIDGE_IDENTITY,
    domain: bytes = b"cectrust-bridge-result-v1",
    after: dict[str, Any] | None = None,
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "v": 1,
        "op": "sign",
        "bridge_id": thumbprint(BRIDGE_IDENTITY),
        "origin": ORIGIN,
        "jti": "request-00000001",
        "cert_sha256": hashlib.sha256(b"certificate").hexdigest(),
        "mechanism": "ecdsa_sha256",
        **facts,
    }
    signature = b64(es256(key, domain + b"\0" + compact(result)))
    return {
        "name": name,
        "accept": accept,
        "members": sorted({"cert_sha256", "mechanism", *facts}),
        "result": {**result, "bridge_signature": signature} | (after or {}),
    }


def result_file() -> dict[str, Any]:
    another = {**DOCUMENT["document"], "id": "doc-3"}
    return {
        "description": "Is `bridge_signature` by the registered bridge over RFC 8785 of the rest?",
        "keys": {"bridge": jwk(BRIDGE_IDENTITY)},
        "cases": [
            result_case("a document", True),
            result_case("another key", False, key=STRANGER),
            result_case("hello's domain", False, domain=b"cectrust-bridge-hello-v1"),
            result_case("another request", False, after={"jti": "request-00000002"}),
            result_case("a member added", False, after={"extra": 1}),
            result_case("another document", False, after={"document": another}),
            result_case("another place in the request", False, after={"index": 2}),
            result_case("a report", True, REPORT),
            result_case("a report without its failure", False, REPORT, after={"unsigned": [], "failure": None}),
        ],
    }


def certificate(key: Any, name: str) -> bytes:
    """DER of a certificate with Japanese names by an EC test CA (RFC 6979, so the same at each run)."""
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "試験認証局"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Test Issuing CA"),
        ]
    )
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(0xC0FFEE0123456789)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=700))
    )
    signed = builder.sign(test_key("cectrust test: CA"), hashes.SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(serialization.Encoding.DER)


def pyhanko_attributes(der: bytes, digest: bytes, algorithm: str) -> bytes:
    signer = signers.ExternalSigner(
        signing_cert=asn1_x509.Certificate.load(der), cert_registry=None, signature_value=64
    )
    return bytes(asyncio.run(signer.signed_attrs(digest, algorithm, use_pades=True)).untag().dump())


def attributes_case(name: str, key: Any, mechanism: str) -> dict[str, Any]:
    algorithm = mechanism.rsplit("_", 1)[1]
    der, digest = certificate(key, name), hashlib.new(algorithm, name.encode()).digest()
    return {
        "name": f"{name}, {mechanism}",
        "accept": True,
        "certificate": b64(der),
        "mechanism": mechanism,
        "message_digest": digest.hex(),
        "signed_attributes": b64(pyhanko_attributes(der, digest, algorithm)),
    }


def attributes_file() -> dict[str, Any]:
    p384 = ec.derive_private_key(7**100, ec.SECP384R1()).public_key()
    cases = [
        attributes_case("髙﨑 𠮷男", rsa.RSAPublicNumbers(65537, RSA_MODULUS).public_key(), "rsa_pkcs1v15_sha256"),
        attributes_case("Taro Yamada", test_key("signer").public_key(), "ecdsa_sha256"),
        attributes_case("山田 太郎", p384, "ecdsa_sha384"),
    ]
    altered = dict(cases[1], name="another digest", accept=False, message_digest="00" * 32)
    return {
        "description": "signed_attributes are these octets exactly, for certificate and message digest.",
        "cases": [*cases, altered],
    }
