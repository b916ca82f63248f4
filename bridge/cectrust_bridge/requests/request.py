"""A request signed by the server: its form, and may this connection act on it? (PROTOCOL.md section 4)"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BadRequestSignature, BridgeError, Expired, NotPaired, OriginMismatch, Replay, ServerIdentityChanged
from ..formats import jose
from ..pairing.model import Pairing
from .claims import FORMS, Document, Request, is_integer, parse, require

KEY_LIFE = 7 * 86400
CLOCK_TOLERANCE = 86400
OPERATIONS = {operation: operation for operation in FORMS if operation != "sign"} | {"sign.begin": "sign"}
"""The `op` that the request of each method has."""
KEY_CLAIMS = {"v", "iss", "kid", "jwk", "nbf", "exp"}


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


def _certified_key(certificate: jose.Token, pairing: Pairing) -> jose.PublicKey:
    """The request key, if the pinned identity key certified it (else ValueError); dates come later."""
    claims = certificate.claims
    if certificate.header["kid"] != jose.thumbprint(pairing.identity_key):
        raise ServerIdentityChanged
    certificate.verify(pairing.identity_key)
    require(set(claims) == KEY_CLAIMS and type(claims["v"]) is int and claims["v"] == 1, "key claims")
    require(claims["iss"] == pairing.issuer, "key of another issuer")
    require(is_integer(claims["nbf"], 0) and is_integer(claims["exp"], 0), "key dates")
    require(0 < claims["exp"] - claims["nbf"] <= KEY_LIFE, "key life")
    key = jose.key_of(claims["jwk"])
    require(claims["kid"] == jose.thumbprint(key), "kid is not the key's thumbprint")
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
    require(isinstance(issuer, str), "iss")
    if issuer != known.pairing.issuer:
        raise NotPaired("issuer is not paired with this origin")
    token.verify(_certified_key(certificate, known.pairing))
    request = parse(token.claims)
    require(token.header["kid"] == token.claims["kid"] == certificate.claims["kid"], "kid")
    _check_addressee(token.claims, known)
    _check_freshness(token.claims, certificate.claims, known)
    require(request.op == OPERATIONS[known.method], "op of another method")
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


__all__ = ["Circumstances", "Document", "Request", "verify"]
