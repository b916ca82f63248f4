"""A request signed by the server: its form, and may this connection act on it? (PROTOCOL.md section 4)"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from . import jose
from .errors import BadRequestSignature, BridgeError, Expired, NotPaired, OriginMismatch, Replay, ServerIdentityChanged
from .pairing import Pairing

LIFE = 120
KEY_LIFE = 7 * 86400
CLOCK_TOLERANCE = 86400
INTEGER_LIMIT = 2**53
OPERATIONS = {"token.list": "token.list", "cert.list": "cert.list"} | {
    "sign.begin": "sign",
    "sign.resume": "sign.resume",
}
MECHANISMS = ("rsa_pkcs1v15_sha256", "ecdsa_sha256", "ecdsa_sha384")
CLAIMS = {
    "v",
    "iss",
    "kid",
    "aud",
    "origin",
    "cn",
    "jti",
    "iat",
    "exp",
    "op",
    "cert_sha256",
    "format",
    "mechanism",
    "docs",
}
KEY_CLAIMS = {"v", "iss", "kid", "jwk", "nbf", "exp"}
DOCUMENT = {"id", "sha256", "size", "title", "partner", "amount", "currency", "pages"}
HEX_SHA256 = re.compile(r"[0-9a-f]{64}")
DOCUMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
JTI = re.compile(r"[A-Za-z0-9_-]{16,64}")
CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Document:
    """What the server claims about one document; `size` in octets, `amount` in whole units of `currency`."""

    id: str
    sha256: str
    size: int
    title: str
    partner: str
    amount: int | None
    currency: str | None
    pages: int


@dataclass(frozen=True)
class Request:
    """A verified request. `cert_sha256` and `mechanism` are empty unless `op` is `sign`."""

    issuer: str
    jti: str
    op: str
    cert_sha256: str
    mechanism: str
    docs: tuple[Document, ...]


@dataclass(frozen=True)
class Circumstances:
    """What the connection knows: seconds since hello (monotonic), `wall` the PC's clock in UNIX seconds."""

    method: str
    origin: str
    bridge_id: str
    cn: str
    age: float
    wall: float
    used: Collection[tuple[str, str]]
    pairing: Pairing


def _require(condition: object, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _is_integer(value: object, low: int, high: int = INTEGER_LIMIT) -> bool:
    return type(value) is int and low <= value < high


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 300


def _document(value: Any) -> Document:
    _require(isinstance(value, dict) and set(value) == DOCUMENT, "document members")
    _require(_matches(DOCUMENT_ID, value["id"]) and _matches(HEX_SHA256, value["sha256"]), "document id or digest")
    _require(_is_integer(value["size"], 1) and _is_integer(value["pages"], 1, 5001), "document size or pages")
    _require(_is_text(value["title"]) and _is_text(value["partner"]), "document title or partner")
    if value["amount"] is None:
        _require(value["currency"] is None, "currency without amount")
    else:
        _require(_is_integer(value["amount"], 0) and _matches(CURRENCY, value["currency"]), "amount or currency")
    return Document(**value)


def _documents(value: Any) -> tuple[Document, ...]:
    _require(isinstance(value, list) and 1 <= len(value) <= 200, "number of documents")
    documents = tuple(_document(item) for item in value)
    _require(len({document.id for document in documents}) == len(documents), "document ids repeat")
    return documents


def _request(claims: Mapping[str, Any]) -> Request:
    """The form of the claims; ValueError otherwise."""
    _require(set(claims) == CLAIMS and type(claims["v"]) is int and claims["v"] == 1, "claims or version")
    _require(all(isinstance(claims[name], str) for name in ("iss", "kid", "aud", "origin", "cn", "op")), "texts")
    _require(_matches(JTI, claims["jti"]), "jti")
    _require(_is_integer(claims["iat"], 0) and _is_integer(claims["exp"], 0), "times")
    _require(0 < claims["exp"] - claims["iat"] <= LIFE, "life")
    _require(claims["op"] in OPERATIONS.values(), "op")
    issuer, jti, op = claims["iss"], claims["jti"], claims["op"]
    if op != "sign":
        _require(all(claims[name] is None for name in ("cert_sha256", "format", "mechanism")), "null expected")
        _require(claims["docs"] == [], "documents not expected")
        return Request(issuer, jti, op, "", "", ())
    _require(claims["format"] == "pades" and claims["mechanism"] in MECHANISMS, "format or mechanism")
    _require(_matches(HEX_SHA256, claims["cert_sha256"]), "cert_sha256")
    return Request(issuer, jti, op, claims["cert_sha256"], claims["mechanism"], _documents(claims["docs"]))


def _certified_key(certificate: jose.Token, pairing: Pairing) -> jose.PublicKey:
    """The request key, if the pinned identity key certified it (else ValueError); dates come later."""
    claims = certificate.claims
    if certificate.header["kid"] != jose.thumbprint(pairing.identity_key):
        raise ServerIdentityChanged
    certificate.verify(pairing.identity_key)
    _require(set(claims) == KEY_CLAIMS and type(claims["v"]) is int and claims["v"] == 1, "key claims")
    _require(claims["iss"] == pairing.issuer, "key of another issuer")
    _require(_is_integer(claims["nbf"], 0) and _is_integer(claims["exp"], 0), "key dates")
    _require(0 < claims["exp"] - claims["nbf"] <= KEY_LIFE, "key life")
    key = jose.key_of(claims["jwk"])
    _require(claims["kid"] == jose.thumbprint(key), "kid is not the key's thumbprint")
    return key


def _check_addressee(claims: Mapping[str, Any], known: Circumstances) -> None:
    if claims["aud"] != known.bridge_id:
        raise NotPaired("made for another bridge")
    if claims["origin"] != known.origin:
        raise OriginMismatch


def _check_freshness(claims: Mapping[str, Any], key_claims: Mapping[str, Any], known: Circumstances) -> None:
    begins, ends = key_claims["nbf"], key_claims["exp"]
    if not begins <= claims["iat"] <= ends:
        raise Expired("request key not valid when the request was made")
    if not begins - CLOCK_TOLERANCE <= known.wall <= ends + CLOCK_TOLERANCE:
        raise Expired("request key out of its dates by this computer's clock")
    if claims["cn"] != known.cn:
        raise Replay("made for another connection")
    if known.age > claims["exp"] - claims["iat"]:
        raise Expired("too long after hello")


def _verify(token: jose.Token, certificate: jose.Token, known: Circumstances) -> Request:
    issuer = token.claims.get("iss")
    _require(isinstance(issuer, str), "iss")
    if issuer != known.pairing.issuer:
        raise NotPaired("issuer is not paired with this origin")
    token.verify(_certified_key(certificate, known.pairing))
    request = _request(token.claims)
    _require(token.header["kid"] == token.claims["kid"] == certificate.claims["kid"], "kid")
    _check_addressee(token.claims, known)
    _check_freshness(token.claims, certificate.claims, known)
    _require(request.op == OPERATIONS[known.method], "op of another method")
    if (request.op, request.jti) in known.used:
        raise Replay
    return request


def verify(request: object, request_key: object, known: Circumstances) -> Request:
    """The request, if the paired server made it for this bridge, page and connection; else a BridgeError."""
    try:
        token = jose.parse(request, "cectrust-request+jws")
        certificate = jose.parse(request_key, "cectrust-request-key+jws")
        return _verify(token, certificate, known)
    except BridgeError:
        raise
    except ValueError as error:
        raise BadRequestSignature(str(error)) from error
