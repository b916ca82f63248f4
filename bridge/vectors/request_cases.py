"""What the server signs: requests and certificates of request keys."""

from __future__ import annotations

import hashlib
from typing import Any

from pairing_cases import PAIRING, without
from tokens import (
    BRIDGE_IDENTITY,
    CN,
    ISSUER,
    ORIGIN,
    REQUEST_KEY,
    SERVER_IDENTITY,
    STRANGER,
    Key,
    b64,
    compact,
    jwk,
    jws,
    private_jwk,
    thumbprint,
)

NOW = 1_795_392_000
DOC = {
    "id": "doc-1",
    "sha256": hashlib.sha256(b"file").hexdigest(),
    "size": 4,
    "title": "工事請負契約書",
    "partner": "乙建設株式会社",
    "amount": 11_000_000,
    "currency": "JPY",
    "pages": 3,
}
SIGN = {
    "v": 1,
    "iss": ISSUER,
    "kid": thumbprint(REQUEST_KEY),
    "aud": thumbprint(BRIDGE_IDENTITY),
    "origin": ORIGIN,
    "cn": CN,
    "jti": "request-00000001",
    "iat": NOW,
    "exp": NOW + 120,
    "op": "sign",
    "cert_sha256": hashlib.sha256(b"certificate").hexdigest(),
    "format": "pades",
    "mechanism": "ecdsa_sha256",
    "docs": [DOC],
}
LIST = {**SIGN, "op": "cert.list", "cert_sha256": None, "format": None, "mechanism": None, "docs": []}
CERTIFIED = {
    "v": 1,
    "iss": ISSUER,
    "kid": thumbprint(REQUEST_KEY),
    "jwk": jwk(REQUEST_KEY),
    "nbf": NOW - 3600,
    "exp": NOW + 86400,
}


def request(claims: Any = None, key: Key = REQUEST_KEY, **header: Any) -> str:
    head = {"alg": "ES256", "kid": thumbprint(REQUEST_KEY), "typ": "cectrust-request+jws", **header}
    return jws(key, head, claims or SIGN)


def request_key(key: Key = SERVER_IDENTITY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    head = {
        "alg": "ES256",
        "kid": thumbprint(SERVER_IDENTITY),
        "typ": "cectrust-request-key+jws",
        **(header or {}),
    }
    return jws(key, head, {**CERTIFIED, **changes})


def case(name: str, error: str | None = None, token: str = "", certificate: str = "", **changes: Any) -> dict[str, Any]:
    """One case; `method`, `age`, `wall`, `used` may differ from the file's context."""
    built = {
        "name": name,
        "accept": error is None,
        "request": token or request(),
        "request_key": certificate or request_key(),
        **changes,
    }
    return built if error is None else {**built, "error": error}


def claim_case(name: str, error: str, **changes: Any) -> dict[str, Any]:
    return case(name, error, request({**SIGN, **changes}))


def doc_case(name: str, **changes: Any) -> dict[str, Any]:
    return case(name, "bad_request_signature", request({**SIGN, "docs": [{**DOC, **changes}]}))


def accepted() -> list[dict[str, Any]]:
    amountless = {**DOC, "id": "doc-2", "amount": None, "currency": None}
    return [
        case("sign"),
        case("sign two documents, one without amount", token=request({**SIGN, "docs": [DOC, amountless]})),
        case("list certificates", token=request(LIST), method="cert.list"),
        case("list tokens", token=request({**LIST, "op": "token.list"}), method="token.list"),
        case(
            "resume, the jti of the original",
            token=request({**LIST, "op": "sign.resume"}),
            method="sign.resume",
            used=[["sign", "request-00000001"]],
        ),
        case("at the very end of its age", age=120),
        case("the PC's clock is 20 hours late", wall=NOW + 86400 + 20 * 3600),
    ]


def bad_signatures() -> list[dict[str, Any]]:
    bad, good = "bad_request_signature", request()
    head, payload, signature = good.split(".")
    unsigned = {"alg": "none", "kid": thumbprint(REQUEST_KEY), "typ": "cectrust-request+jws"}
    none = f"{b64(compact(unsigned))}.{payload}."
    return [
        case("signed by a stranger", bad, request(key=STRANGER)),
        case("signed by the identity key itself", bad, request(key=SERVER_IDENTITY)),
        case("alg none", bad, none),
        case("alg HS256", bad, request(alg="HS256")),
        case("alg ES384", bad, request(alg="ES384")),
        case("typ of a key certificate", bad, request(typ="cectrust-request-key+jws")),
        case("jwk in the header", bad, request(jwk=jwk(STRANGER))),
        case("crit in the header", bad, request(crit=["exp"])),
        case("kid of another key", bad, request(kid=thumbprint(STRANGER))),
        case("padding", bad, f"{head}.{payload}=.{signature}"),
        case("four parts", bad, f"{good}.AA"),
        case("empty", bad, "."),
        case("signature cut", bad, good[:-4]),
        case("signature of zeros", bad, f"{head}.{payload}.{b64(bytes(64))}"),
        case("DER signature", bad, f"{head}.{payload}.{b64(b'0' + bytes(69))}"),
        case("payload changed", bad, f"{head}.{b64(compact({**SIGN, 'exp': NOW + 60}))}.{signature}"),
        case("a member twice", bad, request(compact(SIGN)[:-1] + b',"v":1}')),
        case("payload is a list", bad, request(b"[]")),
        case("payload is not UTF-8", bad, request(b'{"v":"\xff"}')),
    ]


def bad_certificates() -> list[dict[str, Any]]:
    bad = "bad_request_signature"
    return [
        case("request key certified by itself", bad, certificate=request_key(key=REQUEST_KEY)),
        case("request key certified by a stranger", bad, certificate=request_key(key=STRANGER)),
        case(
            "certificate names an unpaired identity",
            bad,
            certificate=request_key(key=STRANGER, header={"kid": thumbprint(STRANGER)}),
        ),
        case("certificate longer than seven days", bad, certificate=request_key(exp=NOW - 3600 + 604801)),
        case("certificate of another key", bad, certificate=request_key(jwk=jwk(STRANGER))),
        case(
            "certificate with the typ of a request",
            bad,
            certificate=request_key(header={"typ": "cectrust-request+jws"}),
        ),
        case("certificate with an extra claim", bad, certificate=request_key(ca=True)),
        case("certificate of another issuer", bad, certificate=request_key(iss="https://evil.example")),
        case("request key ended before iat", "expired", certificate=request_key(exp=NOW - 1)),
        case("request key begins after iat", "expired", certificate=request_key(nbf=NOW + 1)),
        case("request key ended two days ago by the PC's clock", "expired", wall=NOW + 3 * 86400),
    ]


def bad_claims() -> list[dict[str, Any]]:
    bad = "bad_request_signature"
    missing = [case(f"without {name}", bad, request(without(SIGN, name))) for name in SIGN]
    return [
        *missing,
        claim_case("unknown claim", bad, pin="1234"),
        claim_case("version 2", bad, v=2),
        claim_case("v is true", bad, v=True),
        claim_case("lives 121 seconds", bad, exp=NOW + 121),
        claim_case("exp before iat", bad, exp=NOW - 1),
        claim_case("exp is a float", bad, exp=NOW + 60.5),
        claim_case("short jti", bad, jti="short"),
        claim_case("unknown op", bad, op="sign.hash"),
        claim_case("op of another method", bad, **without(LIST, "v")),
        claim_case("unknown mechanism", bad, mechanism="rsa_pkcs1v15_sha1"),
        claim_case("unknown format", bad, format="raw"),
        claim_case("no documents", bad, docs=[]),
        claim_case("201 documents", bad, docs=[{**DOC, "id": f"d{n}"} for n in range(201)]),
        claim_case("two documents with one id", bad, docs=[DOC, DOC]),
        claim_case("certificate digest in capitals", bad, cert_sha256=SIGN["cert_sha256"].upper()),
        case("listing with documents", bad, request({**LIST, "docs": [DOC]}), method="cert.list"),
        claim_case("issuer not paired", "not_paired", iss="https://evil.example"),
        claim_case("for another bridge", "not_paired", aud=thumbprint(STRANGER)),
        claim_case("for another origin", "origin_mismatch", origin="http://localhost:8001"),
        claim_case("for another connection", "replay", cn=b64(bytes(32))),
    ]


def bad_documents_and_times() -> list[dict[str, Any]]:
    return [
        doc_case("document with an unknown member", hash="00"),
        doc_case("document id with a slash", id="../x"),
        doc_case("size is zero", size=0),
        doc_case("size is text", size="4"),
        doc_case("no pages", pages=0),
        doc_case("empty title", title=""),
        doc_case("title of 301 characters", title="あ" * 301),
        doc_case("negative amount", amount=-1),
        doc_case("amount is a float", amount=1.5),
        doc_case("amount without currency", currency=None),
        doc_case("currency without amount", amount=None),
        case("older than its life since hello", "expired", age=121),
        case("a short life, older than it", "expired", request({**SIGN, "exp": NOW + 30}), age=31),
        case("used before", "replay", used=[["sign", "request-00000001"]]),
    ]


def request_file(more: list[dict[str, Any]]) -> dict[str, Any]:
    context = {
        "method": "sign.begin",
        "origin": ORIGIN,
        "bridge_id": thumbprint(BRIDGE_IDENTITY),
        "cn": CN,
        "age": 1,
        "wall": NOW,
        "used": [],
        "pairing": PAIRING,
    }
    keys = {
        "server_identity": private_jwk(SERVER_IDENTITY),
        "request": private_jwk(REQUEST_KEY),
        "bridge": private_jwk(BRIDGE_IDENTITY),
    }
    return {
        "description": "A request as it arrives. `context` is what the connection knows (age: seconds since "
        "hello by the monotonic clock; wall: the PC's clock; used: [op, jti] seen); a case may override its "
        "members. The keys are for tests only and worth nothing.",
        "context": context,
        "keys": keys,
        "cases": [
            *accepted(),
            *bad_signatures(),
            *bad_certificates(),
            *bad_claims(),
            *bad_documents_and_times(),
            *more,
        ],
    }
