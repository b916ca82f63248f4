"""A signature over a harmless sentence, started by the person at this computer alone: consent, PIN, sign, verify.

The sentence is no DER and no `auth.sign` string: its signature can stand for neither (PROTOCOL.md sections 5 and 8).
"""

from __future__ import annotations

import asyncio
import datetime as dt

from cryptography import x509

from ..errors import BridgeError, CertNotFound
from ..profile.folder import Profile
from ..prompters import consent
from ..service import errand
from ..service.bridge import Bridge
from ..signing import single
from ..tokens.model import Certificate
from .finding import Finding, found

TEXT = "CECTRUST test signature. It binds nobody to anything. / CECTRUST の試験用の署名です。何の効力もありません。"
SENTENCE = b"cectrust-trial-v1\0" + TEXT.encode()


def sign(profile: Profile, prompter: str) -> list[Finding]:
    """With the first valid certificate that is present. The signature is verified and thrown away."""
    return [asyncio.run(_sign(profile, prompter))]


async def _sign(profile: Profile, prompter: str) -> Finding:
    bridge = Bridge(profile, prompter)
    try:
        return await sign_at(bridge)
    finally:
        bridge.stop()


async def sign_at(bridge: Bridge) -> Finding:
    """The same at a bridge that is there. Who calls it has the desk."""
    try:
        certificate = _first_valid(await bridge.tools.modules.certificates())
        await _signed(bridge, certificate)
    except BridgeError as error:
        return found("signature.failed", error=error.name, ja=error.ja, en=error.en)
    return found("signature.made", mechanism=certificate.mechanisms[0])


async def _signed(bridge: Bridge, certificate: Certificate) -> None:
    mechanism = certificate.mechanisms[0]

    async def act(pin: int | None) -> None:
        await single.signature(bridge.tools.modules, certificate, mechanism, SENTENCE, pin)

    facts = {"sentence": TEXT, **consent.readable_facts(certificate.der)}
    token = consent.token(certificate.token)
    question = {"ask": "act", "act": "doctor.trial", "claims": {}, "facts": facts, "token": token}
    await errand.consented(bridge, question, certificate.token, act, "tested")


def _first_valid(certificates: list[Certificate]) -> Certificate:
    now = dt.datetime.now(dt.UTC)
    for each in certificates:
        parsed = x509.load_der_x509_certificate(each.der)
        if each.mechanisms and parsed.not_valid_before_utc <= now <= parsed.not_valid_after_utc:
            return each
    raise CertNotFound
