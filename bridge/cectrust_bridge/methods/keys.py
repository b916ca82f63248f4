"""`key.generate`, `csr.create`, `cert.import`: a key is made on the token, and its certificate comes to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography import x509

from ..errors import BadRequestSignature, CertKeyMismatch, MechanismUnsupported
from ..formats.jose import b64url
from ..prompters import consent, pin_entry
from ..requests.claims import CertificateRequest, NewCertificate, NewKey
from ..requests.request import Request
from ..service import errand
from ..service.bridge import Bridge
from ..service.conversation import Conversation
from ..tokens.model import Token
from .method import REQUEST, Method


async def key_generate(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """A key pair that cannot leave the token; the same for the same `jti`."""
    verified = page.verified("key.generate", params)
    wanted = verified.matter
    if not isinstance(wanted, NewKey):
        raise BadRequestSignature
    with page.bridge.occupied():
        token = await _token(page.bridge, verified)
        _check_key(wanted, token)
        key_id = key_id_of(verified)
        question = _question(page, verified, {"label": wanted.label}, {"key_type": wanted.type}, token)
        async with errand.person(page.bridge, "key generated") as prompter:
            await prompter.ask(question)
            if wanted.change_pin:
                token = await errand.change_pin(page.bridge, prompter, token)

            async def act(pin: int | None) -> bytes:
                return await page.bridge.tools.modules.generate(token, wanted.type, key_id, wanted.label, pin)

            public = await pin_entry.with_pin(prompter, token, act)
    key = {"key_id": key_id, "type": wanted.type, "public_key": b64url(public)}
    return page.signed(verified, {**key, "token": token.as_json()})


def key_id_of(verified: Request) -> str:
    """CKA_ID (hex) by which a repeated request finds the key that it made."""
    named = "\0".join(("cectrust-key-v1", verified.issuer, verified.jti))
    return hashlib.sha256(named.encode()).hexdigest()[:40]


def _check_key(wanted: NewKey, token: Token) -> None:
    if wanted.type not in token.key_types:
        raise MechanismUnsupported
    if wanted.change_pin:
        errand.check_pin_change(token)
    else:
        pin_entry.check_usable(token)


async def csr_create(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """A PKCS#10 request, signed on the token."""
    verified = page.verified("csr.create", params)
    wanted = verified.matter
    if not isinstance(wanted, CertificateRequest):
        raise BadRequestSignature
    with page.bridge.occupied():
        token = await _token(page.bridge, verified)

        async def act(pin: int | None) -> bytes:
            request = await page.bridge.tools.modules.request(token, wanted.key_id, wanted.subject, pin)
            if not x509.load_der_x509_csr(request).is_signature_valid:
                raise CertKeyMismatch
            return request

        question = _question(page, verified, _named(wanted), {"key_id": wanted.key_id}, token)
        request = await errand.consented(page.bridge, question, token, act, "request made")
    return page.signed(verified, {"key_id": wanted.key_id, "csr": b64url(request)})


def _named(wanted: CertificateRequest) -> dict[str, str]:
    """The subject part by part, the person's own name first; repeated parts side by side."""
    parts: dict[str, str] = {}
    for kind, value in sorted(wanted.subject, key=lambda each: each[0] != "CN"):
        name = f"rdn_{kind}"
        parts[name] = f"{parts[name]} / {value}" if name in parts else value
    return parts


async def cert_import(page: Conversation, params: Mapping[str, Any]) -> dict[str, Any]:
    """A certificate beside its key; repeating it changes nothing."""
    verified = page.verified("cert.import", params)
    wanted = verified.matter
    if not isinstance(wanted, NewCertificate):
        raise BadRequestSignature
    with page.bridge.occupied():
        token = await _token(page.bridge, verified)

        async def act(pin: int | None) -> None:
            await page.bridge.tools.modules.store(token, wanted.der, wanted.chain, pin)

        question = _question(page, verified, {}, consent.chain_facts(wanted.der, wanted.chain), token)
        await errand.consented(page.bridge, question, token, act, "certificate stored")
    return page.signed(verified, {"cert_sha256": hashlib.sha256(wanted.der).hexdigest()})


async def _token(bridge: Bridge, verified: Request) -> Token:
    named = verified.token
    if named is None:
        raise BadRequestSignature
    return await bridge.tools.modules.token(named.module, named.serial, named.model)


def _question(
    page: Conversation, verified: Request, claims: Mapping[str, str], facts: Mapping[str, str], token: Token
) -> dict[str, Any]:
    return consent.act_question(page.server, page.origin, verified.op, claims, facts, token)


METHODS = (
    Method("key.generate", REQUEST, key_generate, beside=True),
    Method("csr.create", REQUEST, csr_create, beside=True),
    Method("cert.import", REQUEST, cert_import, beside=True),
)
