"""`auth.sign`: log in, or confirm one act, with the certificate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import BadRequestSignature, MechanismUnsupported
from ..formats.jose import b64url
from ..prompters import consent
from ..requests.claims import Authentication
from ..requests.request import Request
from ..requests.statement import statement
from ..service import errand
from ..service.conversation import Conversation
from ..signing import single
from ..tokens.model import Certificate
from .method import REQUEST, Method


async def auth_sign(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """The token's signature over a string that is built here."""
    verified = page.verified("auth.sign", params)
    with page.bridge.occupied():
        modules = page.bridge.tools.modules
        with page.watching():
            certificate = await modules.certificate(verified.cert_sha256)
        if verified.mechanism not in certificate.mechanisms:
            raise MechanismUnsupported
        octets = _statement(page, verified)

        async def act(pin: int | None) -> bytes:
            return await single.signature(modules, certificate, verified.mechanism, octets, pin)

        question = _question(page, verified, certificate)
        signature = await errand.consented(page.bridge, question, certificate.token, act, "authenticated")
    return page.signed(verified, _answer(verified, certificate, signature))


def _about(verified: Request) -> Authentication:
    if not isinstance(verified.matter, Authentication):
        raise BadRequestSignature
    return verified.matter


def _statement(page: Conversation, verified: Request) -> bytes:
    bridge_id = page.bridge.tools.identity.bridge_id
    return statement(page.origin, verified.issuer, bridge_id, verified.jti, verified.cert_sha256, _about(verified))


def _question(page: Conversation, verified: Request, certificate: Certificate) -> dict[str, Any]:
    about = _about(verified)
    claims = {"named_act": about.act} if about.act else {}
    facts = consent.readable_facts(certificate.der)
    return consent.act_question(page.server, page.origin, f"auth.{about.purpose}", claims, facts, certificate.token)


def _answer(verified: Request, certificate: Certificate, signature: bytes) -> dict[str, Any]:
    return {
        "cert_sha256": verified.cert_sha256,
        "certificate": b64url(certificate.der),
        "mechanism": verified.mechanism,
        "signature": b64url(signature),
    }


METHODS = (Method("auth.sign", REQUEST, auth_sign, beside=True),)
