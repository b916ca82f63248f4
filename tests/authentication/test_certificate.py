"""The certificate's proof at the log-in and before a dangerous act: what counts, and everything that doesn't."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from cectrust.authentication import orders, service
from cectrust.authentication.model import Challenge, Purpose
from cectrust.certificates.tables import bindings
from cectrust.clock import SystemClock
from cectrust.identity import sessions, step_up
from cectrust.identity.model import OpenSession, SignedIn
from cectrust.keys import jose
from cectrust.pades import verify_raw_signature
from cectrust.pades.model import Mechanism
from cectrust.sdk.errors import CectrustError, Conflict, InputRefused, NotFound, NotSignedIn
from cectrust.sdk.protocols import Actor, Instant
from cectrust.signing import bridge_store, connections
from tests.support.house import House
from tests.support.person import Person
from tests.support.proof import answer, signed_in

VECTORS = Path(__file__).parents[2] / "bridge" / "vectors" / "auth.json"
CASES: dict[str, Any] = json.loads(VECTORS.read_text())
ACT = "account.recovery_codes_made"


def session(home: House, person: Person, *, half_open: bool = True) -> Actor:
    with home.platform.work() as work:
        return signed_in(work, person.actor, half_open=half_open)


def login_challenge(home: House, person: Person, actor: Actor) -> Challenge:
    connection = home.do(connections.open_connection, actor, home.origin)
    home.do(connections.accept_hello, actor, connection.id, person.hello(connection))
    with home.platform.work() as work:
        (binding,) = service.usable_certificates(work, actor.id)
        return service.ask_login(actor, work, connection.id, binding.id, home.origin)


def step_up_challenge(home: House, person: Person, actor: Actor, act: str = ACT) -> Challenge:
    connection = home.do(connections.open_connection, actor, home.origin)
    home.do(connections.accept_hello, actor, connection.id, person.hello(connection))
    with home.platform.work() as work:
        asked = step_up.ask(actor, work, step_up.StepUpNeeded(act, "", ""))
        (binding,) = service.usable_certificates(work, actor.id)
        return service.ask_step_up(actor, work, connection.id, binding.id, home.origin, asked.id)


def found(home: House, opened: SignedIn) -> OpenSession | None:
    with home.platform.reading() as work:
        return sessions.account_of_session(work, opened.token)


def refusal(home: House, actor: Actor, challenge: Challenge, result: dict[str, Any]) -> str:
    with pytest.raises(CectrustError) as refused:
        service.accept(actor, home.platform, challenge.id, result)
    return refused.value.code


def last_act(home: House) -> tuple[str, dict[str, str]]:
    with home.platform.reading() as work:
        row = work.session.execute(text("SELECT act, detail FROM journal_acts ORDER BY id DESC LIMIT 1")).one()
    return row.act, json.loads(row.detail) if isinstance(row.detail, str) else row.detail


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_vectors_of_the_string_and_its_signature(case: dict[str, Any]) -> None:
    request = case["request"]
    challenge = Challenge(
        id=request["jti"],
        account_id="",
        session="",
        purpose=Purpose(request["purpose"]),
        confirmation_id=None,
        act=request["act"],
        nonce=request["nonce"],
        connection_id="",
        bridge_id=request["bridge_id"],
        origin=request["origin"],
        issuer=request["iss"],
        certificate_sha256=request["cert_sha256"],
        mechanism="ecdsa_sha256",
        created_at=Instant(0),
        expires_at=Instant(0),
        used_at=None,
    )
    assert challenge.statement == jose.decode(case["statement"])
    certificate, signature = jose.decode(CASES["certificate"]), jose.decode(case["signature"])
    try:
        verify_raw_signature(certificate, Mechanism("ecdsa_sha256"), challenge.statement, signature)
        accepted = True
    except InputRefused:
        accepted = False
    assert accepted == case["accept"]


def test_the_certificate_opens_the_half_open_session_under_another_id(home: House) -> None:
    actor = session(home, home.sender)
    challenge = login_challenge(home, home.sender, actor)
    opened = service.accept(actor, home.platform, challenge.id, answer(home.sender, challenge))
    now = found(home, opened)
    assert now is not None
    assert (now.account.id, now.half_open) == (actor.id, False)
    assert sessions.digest(opened.token) != actor.session
    assert last_act(home) == ("account.signed_in", {"second_factor": "certificate"})
    with home.platform.reading() as work, pytest.raises(NotSignedIn):
        sessions.complete(actor, work, "again")


def test_the_same_answer_counts_once(home: House) -> None:
    actor = session(home, home.sender)
    challenge = login_challenge(home, home.sender, actor)
    result = answer(home.sender, challenge)
    service.accept(actor, home.platform, challenge.id, result)
    assert refusal(home, actor, challenge, result) == "challenge_used"


def test_an_answer_in_another_session_of_the_same_person_is_none(home: House) -> None:
    challenge = login_challenge(home, home.sender, session(home, home.sender))
    elsewhere = session(home, home.sender)
    assert refusal(home, elsewhere, challenge, answer(home.sender, challenge)) == "not_found"


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


def test_a_revoked_certificate_opens_nothing(home: House) -> None:
    actor = session(home, home.sender)
    challenge = login_challenge(home, home.sender, actor)
    with home.revoked(home.sender):
        assert "revoked" in refusal(home, actor, challenge, answer(home.sender, challenge))


def test_a_certificate_that_is_no_longer_bound_opens_nothing(home: House) -> None:
    actor = session(home, home.sender)
    challenge = login_challenge(home, home.sender, actor)
    mine = bindings.c.account_id == actor.id
    with home.platform.work() as work:
        work.session.execute(bindings.update().where(mine).values(removed_at=1))
    try:
        assert refusal(home, actor, challenge, answer(home.sender, challenge)) == "another_certificate"
    finally:
        with home.platform.work() as work:
            work.session.execute(bindings.update().where(mine).values(removed_at=None))


def test_an_expired_certificate_is_not_even_asked_for(home: House) -> None:
    in_2100 = dataclasses.replace(home.platform, clock=Later(75 * 365 * 86400))
    with in_2100.reading() as work:
        assert service.usable_certificates(work, home.sender.actor.id) == []


class Later:
    """The machine's clock, so many seconds on."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def now(self) -> Instant:
        return Instant(SystemClock().now() + self._seconds * 1_000_000)


def test_an_answer_after_two_minutes_is_too_late_and_no_order_is_signed_any_more(home: House) -> None:
    actor = session(home, home.sender)
    challenge = login_challenge(home, home.sender, actor)
    later = dataclasses.replace(home.platform, clock=Later(121))
    load = orders.AuthenticationOrders(Later(121), lambda *_: pytest.fail("not for the room before"))
    with later.reading() as work, pytest.raises(Conflict):
        load(work.session, "auth.sign", challenge.id)
    with pytest.raises(Conflict) as refused:
        service.accept(actor, later, challenge.id, answer(home.sender, challenge))
    assert refused.value.code == "challenge_over"


def test_a_removed_computer_answers_nothing_and_gets_no_order(home: House) -> None:
    actor = session(home, home.recipient)
    challenge = login_challenge(home, home.recipient, actor)
    with home.platform.work() as work:
        (bridge,) = bridge_store.bridges_of(work.session, actor.id)
        bridge_store.remove(work.session, bridge, work.clock.now())
    load = orders.AuthenticationOrders(SystemClock(), lambda *_: pytest.fail("not for the room before"))
    try:
        assert refusal(home, actor, challenge, answer(home.recipient, challenge)) == "bridge_removed"
        with home.platform.reading() as work, pytest.raises(NotFound):
            load(work.session, "auth.sign", challenge.id)
    finally:
        with home.platform.work() as work:
            bridge_store.register(work.session, bridge)


def test_the_order_holds_exactly_what_the_protocol_says(home: House) -> None:
    actor = session(home, home.sender, half_open=False)
    challenge = step_up_challenge(home, home.sender, actor)
    load = orders.AuthenticationOrders(SystemClock(), lambda *_: pytest.fail("not for the room before"))
    with home.platform.reading() as work:
        claims = dataclasses.asdict(load(work.session, "auth.sign", challenge.id))
    assert set(claims) == {"aud", "origin", "jti", "op", "cert_sha256", "mechanism", "auth"}
    act = "復旧コードを作り直す／Make new recovery codes"
    assert claims["auth"] == {"nonce": challenge.nonce, "purpose": "step_up", "act": act}


def test_the_certificate_confirms_one_act_in_one_session(home: House) -> None:
    actor = session(home, home.sender, half_open=False)
    challenge = step_up_challenge(home, home.sender, actor)
    opened = service.accept(actor, home.platform, challenge.id, answer(home.sender, challenge))
    renewed = dataclasses.replace(actor, session=sessions.digest(opened.token))
    with home.platform.reading() as work:
        step_up.require_step_up(renewed, work, ACT)
        for other, act, subject in ((actor, ACT, ""), (renewed, "bridge.removed", ""), (renewed, ACT, "x")):
            with pytest.raises(step_up.StepUpNeeded):
                step_up.require_step_up(other, work, act, subject)


def test_a_log_in_answers_no_step_up_and_a_step_up_no_log_in(home: House) -> None:
    half, whole = session(home, home.sender), session(home, home.sender, half_open=False)
    login, confirming = login_challenge(home, home.sender, half), step_up_challenge(home, home.sender, whole)
    signed = answer(home.sender, confirming, statement=login.statement)
    assert refusal(home, whole, confirming, signed) == "signature_invalid"
    assert refusal(home, half, login, answer(home.sender, login, statement=confirming.statement)) == "signature_invalid"
    from_open = login_challenge(home, home.sender, whole)
    assert refusal(home, whole, from_open, answer(home.sender, from_open)) == "not_signed_in"
    from_half = step_up_challenge(home, home.sender, half)
    assert refusal(home, half, from_half, answer(home.sender, from_half)) == "not_signed_in"
