"""Answers that a bridge, a token or a page made up: each is refused for its own reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from cectrust.authentication import service
from cectrust.authentication.model import Challenge, Purpose
from tests.authentication.asking import last_act, login_challenge, refusal, session
from tests.support.house import House
from tests.support.proof import answer

Tampering = Callable[[House, Challenge], dict[str, Any]]


def by(**changes: Any) -> Tampering:
    return lambda home, challenge: answer(home.sender, challenge, **changes)


def signed_for(**other: Any) -> Tampering:
    """The token signed the string of another request."""
    return lambda home, challenge: answer(
        home.sender, challenge, statement=dataclasses.replace(challenge, **other).statement
    )


def another_persons_bridge(home: House, challenge: Challenge) -> dict[str, Any]:
    stolen = dataclasses.replace(home.sender, bridge_key=home.recipient.bridge_key)
    return answer(stolen, challenge)


def another_persons_certificate(home: House, challenge: Challenge) -> dict[str, Any]:
    return answer(dataclasses.replace(home.sender, entity=home.recipient.entity), challenge)


def another_certificate_under_the_right_digest(home: House, challenge: Challenge) -> dict[str, Any]:
    other = dataclasses.replace(home.sender, entity=home.recipient.entity)
    return answer(other, challenge, cert_sha256=challenge.certificate_sha256)


NOT_THE_BRIDGE = {
    "another person's bridge": another_persons_bridge,
    "another origin": by(origin="https://evil.example"),
    "another request": by(jti="0" * 32),
    "another operation": by(op="sign"),
    "one member more": by(more=1),
}
BAD_PROOF: dict[str, tuple[Tampering, str]] = {
    "another person's certificate": (another_persons_certificate, "another_certificate"),
    "another certificate under the right digest": (
        another_certificate_under_the_right_digest,
        "another_certificate",
    ),
    "another mechanism": (by(mechanism="rsa_pkcs1v15_sha1"), "mechanism_mismatch"),
    "signed for another origin": (signed_for(origin="https://evil.example"), "signature_invalid"),
    "signed for another server": (signed_for(issuer="https://evil.example"), "signature_invalid"),
    "signed over another nonce": (signed_for(nonce="A" * 43), "signature_invalid"),
    "signed for another request": (signed_for(id="0" * 32), "signature_invalid"),
    "signed for a step-up": (signed_for(purpose=Purpose.STEP_UP, act="x"), "signature_invalid"),
    "no signature": (by(signature="****"), "message_malformed"),
}


@pytest.mark.parametrize("name", NOT_THE_BRIDGE)
def test_what_the_registered_bridge_did_not_say_is_refused_and_uses_nothing_up(home: House, name: str) -> None:
    actor = session(home, home.sender)
    challenge = login_challenge(home, home.sender, actor)
    assert refusal(home, actor, challenge, NOT_THE_BRIDGE[name](home, challenge)) == "bridge_not_proven"
    assert service.accept(actor, home.platform, challenge.id, answer(home.sender, challenge))


@pytest.mark.parametrize("name", BAD_PROOF)
def test_a_wrong_proof_is_refused_recorded_and_uses_the_challenge_up(home: House, name: str) -> None:
    tamper, code = BAD_PROOF[name]
    actor = session(home, home.sender)
    challenge = login_challenge(home, home.sender, actor)
    assert refusal(home, actor, challenge, tamper(home, challenge)) == code
    act, detail = last_act(home)
    assert (act, detail["code"], detail["purpose"]) == ("account.second_factor_refused", code, "login")
    assert refusal(home, actor, challenge, answer(home.sender, challenge)) == "challenge_used"
