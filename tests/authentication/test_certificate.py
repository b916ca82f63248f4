"""The certificate's proof at the log-in and before a dangerous act: what counts, and everything that doesn't."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from cectrust.authentication import orders, service
from cectrust.authentication.model import Challenge, Purpose
from cectrust.certificates import service as certificates
from cectrust.certificates.tables import bindings
from cectrust.clock import SystemClock
from cectrust.identity import sessions, step_up
from cectrust.identity.service import SYSTEM
from cectrust.keys import jose
from cectrust.pades import verify_raw_signature
from cectrust.pades.model import Mechanism
from cectrust.sdk.errors import CectrustError, Conflict, InputRefused, NotFound, NotSignedIn
from cectrust.sdk.possession import binding_statement
from cectrust.sdk.protocols import Instant
from cectrust.signing import bridge_store, bridges
from tests.authentication.asking import ACT, found, last_act, login_challenge, refusal, session, step_up_challenge
from tests.support.house import House
from tests.support.person import Person
from tests.support.pki import issue, sign_raw
from tests.support.proof import answer

VECTORS = Path(__file__).parents[2] / "bridge" / "vectors" / "auth.json"
CASES: dict[str, Any] = json.loads(VECTORS.read_text())


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


def test_of_two_equal_answers_at_the_same_moment_one_opens_a_session(home: House) -> None:
    actor = session(home, home.sender)
    challenge = login_challenge(home, home.sender, actor)
    result, together = answer(home.sender, challenge), Barrier(2)

    def post() -> str:
        together.wait()
        try:
            return type(service.accept(actor, home.platform, challenge.id, result)).__name__
        except CectrustError as error:
            return error.code

    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(post) for _ in range(2)]
    assert sorted(each.result() for each in answers) == ["SignedIn", "challenge_used"]


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


def test_a_company_id_logs_in_with_a_certificate_of_its_own_and_signs_nothing_with_it(home: House) -> None:
    actor, login_id = home.company_id_actor, "yamada-co"
    points = home.sender.entity.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    url = points[0].full_name[0].value  # type: ignore[index]
    entity = issue("山田 花子", ec.generate_private_key(ec.SECP256R1()), home.pki.issuing, crl_url=url, ocsp_url=None)
    person = Person(actor, login_id, entity)
    home.do(bridges.register, SYSTEM, login_id, jose.thumbprint(person.bridge_jwk), person.bridge_jwk)
    proof = sign_raw(entity, binding_statement(login_id, entity.der))
    certificates.bind(SYSTEM, home.platform, login_id, entity.der, proof)
    half = session(home, person)
    challenge = login_challenge(home, person, half)
    assert service.accept(half, home.platform, challenge.id, answer(person, challenge)).account.id == actor.id
    recognised = certificates.recognise(home.platform, entity.der)
    with home.platform.reading() as work, pytest.raises(InputRefused) as refused:
        certificates.check_for_signing(actor, work, recognised, [recognised.kind.code])
    assert refused.value.code == "certificate_not_bound"


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
