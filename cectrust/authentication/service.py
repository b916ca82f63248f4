"""Answering a challenge with the certificate's key: the order of the checks is that of ``bridge/PROTOCOL.md``, 5."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from cectrust.authentication import store
from cectrust.authentication.model import CHALLENGE_LIFE, SECOND, Challenge, Purpose
from cectrust.certificates import service as certificates
from cectrust.certificates.model import Binding, facts_of
from cectrust.clock import new_id
from cectrust.identity import service as identity
from cectrust.identity import sessions, step_up
from cectrust.identity.model import SignedIn
from cectrust.keys import jose
from cectrust.pades import verify_raw_signature
from cectrust.pades.model import Mechanism
from cectrust.sdk.errors import CectrustError, Conflict, InputRefused, NotFound
from cectrust.sdk.protocols import Actor, Instant
from cectrust.signing import bridges, connections
from cectrust.signing.bridge_messages import verify_result
from cectrust.work import Work, Workplace

METHOD = "certificate"
_MEMBERS = frozenset({"cert_sha256", "certificate", "mechanism", "signature"})
_KEPT = 24 * 3600 * SECOND


def usable_certificates(work: Work, account_id: str) -> list[Binding]:
    """The certificates bound to this account that are within their dates; revocation is asked for later."""
    now = work.clock.now()
    return [each for each in certificates.bindings_of(work, account_id) if each.not_before <= now < each.not_after]


def own_certificate(actor: Actor, work: Work, binding_id: str) -> Binding:
    """One that is bound to this account. Raises ``NotFound``."""
    for each in certificates.bindings_of(work, actor.id):
        if each.id == binding_id:
            return each
    raise NotFound("電子証明書", "certificate")


def remove_certificate(actor: Actor, work: Work, binding_id: str, reason: str) -> SignedIn:
    """The person's own way to ``certificates.unbind``; his other sessions end.

    Raises:
        NotFound: none of his. InputRefused: no reason. StepUpNeeded: not confirmed.
    """
    account, binding = identity.account(work, actor.id), own_certificate(actor, work, binding_id)
    certificates.unbind(actor, work, account.login_id, binding.certificate_sha256, reason)
    return sessions.replace_all(work, actor.id, "certificate_unbound")


def ask_login(actor: Actor, work: Work, connection_id: str, binding_id: str, issuer: str) -> Challenge:
    """A challenge that opens this half-open session.

    Raises:
        NotFound: no such connection or certificate of his. Conflict: the bridge did not prove itself.
    """
    return _ask(actor, work, connection_id, binding_id, issuer, Purpose.LOGIN)


def ask_step_up(
    actor: Actor, work: Work, connection_id: str, binding_id: str, issuer: str, confirmation_id: str
) -> Challenge:
    """A challenge that confirms what this person was asked in this session; raises like ``ask_login``."""
    asked = step_up.asked(actor, work, confirmation_id)
    words = step_up.sentence(asked)
    return _ask(actor, work, connection_id, binding_id, issuer, Purpose.STEP_UP, asked.id, words)


def own_challenge(actor: Actor, work: Work, challenge_id: str) -> Challenge:
    """One of this person, in this session. Raises ``NotFound``."""
    found = store.challenge_by_id(work.session, challenge_id)
    if found is None or found.account_id != actor.id or found.session != actor.session:
        raise NotFound("本人確認", "challenge")
    return found


def accept(actor: Actor, place: Workplace, challenge_id: str, result: Mapping[str, object]) -> SignedIn:
    """Verify the bridge's answer; the session goes on under another id, opened or with its act confirmed.

    Raises:
        InputRefused, Conflict, Unavailable: says what is wrong; the challenge is used up unless the bridge's own
        signature was already wrong.
    """
    with place.work() as work:
        challenge = _take(actor, work, challenge_id, result)
    try:
        _check(place, challenge, result)
    except CectrustError as error:
        with place.work() as work:
            detail = {"purpose": challenge.purpose.value, "code": error.code, "bridge_id": challenge.bridge_id}
            sessions.record(work, actor, "account.second_factor_refused", detail)
        raise
    with place.work() as work:
        return _proven(actor, work, challenge)


def forget_old(work: Work) -> None:
    """Delete challenges of yesterday."""
    store.forget_challenges(work.session, Instant(work.clock.now() - _KEPT))


def _ask(
    actor: Actor,
    work: Work,
    connection_id: str,
    binding_id: str,
    issuer: str,
    purpose: Purpose,
    confirmation_id: str | None = None,
    act: str | None = None,
) -> Challenge:
    connection = connections.verified_connection(actor, work, connection_id)
    binding = next((each for each in usable_certificates(work, actor.id) if each.id == binding_id), None)
    if binding is None:
        raise NotFound("電子証明書", "certificate")
    now = work.clock.now()
    made = Challenge(
        id=new_id(work.clock),
        account_id=actor.id,
        session=actor.session,
        purpose=purpose,
        confirmation_id=confirmation_id,
        act=act,
        nonce=jose.encode(secrets.token_bytes(32)),
        connection_id=connection.id,
        bridge_id=str(connection.bridge_id),
        origin=connection.origin,
        issuer=issuer,
        certificate_sha256=binding.certificate_sha256,
        mechanism=facts_of(binding.certificate).mechanism.value,
        created_at=now,
        expires_at=Instant(now + CHALLENGE_LIFE),
        used_at=None,
    )
    store.insert_challenge(work.session, made)
    return made


def _take(actor: Actor, work: Work, challenge_id: str, result: Mapping[str, object]) -> Challenge:
    """The challenge, used up; committed whatever follows, so that no answer is tried twice."""
    challenge = own_challenge(actor, work, challenge_id)
    connections.verified_connection(actor, work, challenge.connection_id)
    jwk = bridges.own_bridge(actor, work, challenge.bridge_id).jwk
    verify_result(result, jwk=jwk, origin=challenge.origin, jti=challenge.id, op="auth.sign", members=_MEMBERS)
    if not store.use_challenge(work.session, challenge.id, work.clock.now()):
        raise Conflict(
            "challenge_used",
            "この本人確認は、すでに使われています。もう一度お試しください。",
            "This challenge was answered already; start again.",
        )
    return challenge


def _check(place: Workplace, challenge: Challenge, result: Mapping[str, object]) -> None:
    """Time, certificate, binding, mechanism, signature, and last what has to be asked of others."""
    if challenge.expires_at <= place.clock.now():
        raise Conflict(
            "challenge_over",
            "2 分以内に終わらなかったため、受け付けませんでした。もう一度お試しください。",
            "It took more than two minutes; start again.",
        )
    certificate = _octets(result["certificate"])
    found = hashlib.sha256(certificate).hexdigest()
    if not found == result["cert_sha256"] == challenge.certificate_sha256:
        raise _other_certificate()
    with place.reading() as work:
        _check_bound(work, challenge)
    if result["mechanism"] != challenge.mechanism:
        raise InputRefused("mechanism_mismatch", "署名方式が電子証明書と合いません。", "Another mechanism was used.")
    signature = _octets(result["signature"])
    verify_raw_signature(certificate, Mechanism(challenge.mechanism), challenge.statement, signature)
    certificates.recognise(place, certificate)


def _proven(actor: Actor, work: Work, challenge: Challenge) -> SignedIn:
    _check_bound(work, challenge)
    if challenge.purpose is Purpose.LOGIN:
        return sessions.complete(actor, work, METHOD)
    return step_up.confirm(actor, work, str(challenge.confirmation_id), METHOD)


def _check_bound(work: Work, challenge: Challenge) -> None:
    bound = {each.certificate_sha256 for each in certificates.bindings_of(work, challenge.account_id)}
    if challenge.certificate_sha256 not in bound:
        raise _other_certificate()


def _octets(text: object) -> bytes:
    try:
        return jose.decode(text)
    except ValueError as error:
        raise InputRefused(
            "message_malformed", "送られた内容を読み取れません。", "The message is malformed."
        ) from error


def _other_certificate() -> InputRefused:
    return InputRefused(
        "another_certificate",
        "お使いの電子証明書は、本人確認に求めたものと違います。差し込んだイートークンを確かめてください。",
        "This is not the certificate that was asked for; check which token is inserted.",
    )
