"""Enrolment onto a token: the key is made there, its certificate is put there and read back.

Every step commits before the next begins and can be repeated, so a crash leaves an enrolment that the same order
resumes: never a key without a record, never a certificate that nobody knows of.
"""

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy.orm import Session

from cectrust.sdk.protocols import Act, Actor, PluginContext
from cectrust_cecsign.applicants import applicant_number, check_applicant_number
from cectrust_cecsign.cakeys import open_ca_key
from cectrust_cecsign.errors import BadRequest, EnrolmentFinished, RegisterBroken, TokenRefused, UnfinishedEnrolment
from cectrust_cecsign.hierarchy import new_key_id, policy, publication
from cectrust_cecsign.instants import now
from cectrust_cecsign.issuing import Plan, key_fingerprint, record_intent, sign_intent
from cectrust_cecsign.keys import load_key
from cectrust_cecsign.model import Authority, EnrolmentState, Profile, Reason, TokenAddress, TokenIdentity
from cectrust_cecsign.names import romanised, subscriber_name
from cectrust_cecsign.profiles import SubjectKey, subscriber_extensions
from cectrust_cecsign.publishing import presign
from cectrust_cecsign.revoking import revoke
from cectrust_cecsign.settings import settings_of
from cectrust_cecsign.store import certificates, enrolments, status
from cectrust_cecsign.store.enrolments import Enrolment, Order
from cectrust_cecsign.strength import check_strength, outlives_strength
from cectrust_cecsign.token import (
    ensure_certificate,
    ensure_key_pair,
    identify,
    open_token,
)
from cectrust_cecsign.validity import subscriber_validity


def enrol(context: PluginContext, actor: Actor, order: Order, address: TokenAddress, pin: str) -> Enrolment:
    """Make key and certificate on the token, or finish what an earlier call with the same order began.

    Raises:
        TokenRefused: a model that is not enrolled on, or the PIN is wrong.
        UnfinishedEnrolment: the token holds somebody else's unfinished enrolment.
        NameRefused, ValidityTooLong, WeakKey, LintFailed: the certificate would break its profile.
    """
    token = _accepted_token(context, address)
    with context.transaction() as session:
        enrolment = _begin(context, session, actor, order, token)
    request = make_request(enrolment, address, pin)
    with context.transaction() as session:
        serial = accept_request(context, session, enrolment.id, request)
    certificate = _issue(context, actor, enrolment.id, serial)
    _deliver(enrolment, address, pin, certificate)
    with context.transaction() as session:
        return _finish(context, session, actor, enrolment.id, serial)


def abandon(context: PluginContext, actor: Actor, enrolment_id: int, requester: str, evidence: str) -> None:
    """Give up an unfinished enrolment, so that its token can be used for another; what was issued is revoked first.

    Raises:
        NotFound: no such enrolment.
        EnrolmentFinished: it was delivered or abandoned already.
    """
    with context.transaction() as session:
        enrolment = _unfinished(session, enrolment_id)
        issued = certificates.issued(session, enrolment.serial or "")
        revoked = issued is not None and status.revocation_of(session, issued.serial) is not None
    if issued is not None and not revoked:
        revoke(context, actor, issued.serial, Reason.CESSATION_OF_OPERATION, requester, evidence)
    with context.transaction() as session:
        enrolments.abandon(session, _unfinished(session, enrolment_id).id)
        detail = {"requester": requester, "evidence": evidence}
        context.journal.record(session, actor, Act("cecsign.enrolment_abandoned", str(enrolment_id), detail=detail))


def make_request(enrolment: Enrolment, address: TokenAddress, pin: str) -> bytes:
    """DER PKCS#10 request (RFC 2986) signed by the key on the token, which is made first if it is not there."""
    with open_token(address, pin) as token:
        ensure_key_pair(token, enrolment.order.key_kind, enrolment.key_id, enrolment.order.person.romanised)
        return _signed_request(token, enrolment)


def accept_request(context: PluginContext, session: Session, enrolment_id: int, request: bytes) -> str:
    """Check possession and strength of the key and record what will be signed; returns the serial number.

    The names come from the order, never from the request.
    """
    enrolment = enrolments.get(session, enrolment_id)
    if enrolment.serial is not None:
        return enrolment.serial
    key = proven_key(request)
    serial = record_intent(context, session, _plan(context, session, enrolment, key))
    enrolments.advance(session, enrolment_id, EnrolmentState.REQUESTED, serial)
    return serial


def proven_key(request: bytes) -> SubjectKey:
    """The public key of a DER PKCS#10 request whose own signature verifies; `BadRequest` or `WeakKey` otherwise."""
    try:
        parsed = x509.load_der_x509_csr(request)
        valid, key = parsed.is_signature_valid, parsed.public_key()
    except ValueError as error:
        raise BadRequest(detail=str(error)) from error
    if not valid:
        raise BadRequest(detail="signature")
    check_strength(key)
    return key  # type: ignore[return-value]  # `check_strength` leaves RSA and EC


def strength_warning(context: PluginContext, enrolment: Enrolment) -> bool:
    """Rule T18: whether this certificate keeps a 2048-bit RSA key beyond 2030."""
    with context.reading() as session:
        issued = certificates.issued(session, enrolment.serial or "")
    if issued is None:
        return False
    certificate = x509.load_der_x509_certificate(issued.der)
    return outlives_strength(certificate.public_key(), certificate.not_valid_after_utc)


def _accepted_token(context: PluginContext, address: TokenAddress) -> TokenIdentity:
    token = identify(address)
    if token.model not in settings_of(context).token_models:
        raise TokenRefused(detail=f"model {token.model}")
    return token


def _begin(context: PluginContext, session: Session, actor: Actor, order: Order, token: TokenIdentity) -> Enrolment:
    unfinished = enrolments.unfinished_on(session, token)
    if unfinished is not None:
        return _same(unfinished, order)
    _check_order(context, order)
    begun = now(context.clock)
    number = order.applicant_number or ""
    enrolment_id = enrolments.add(session, order, number, bytes.fromhex(new_key_id()), token, begun)
    if not number:
        enrolments.set_applicant_number(session, enrolment_id, applicant_number(enrolment_id))
    act = Act("cecsign.enrolment_begun", str(enrolment_id), detail={"token_serial": token.serial})
    context.journal.record(session, actor, act)
    return enrolments.get(session, enrolment_id)


def _unfinished(session: Session, enrolment_id: int) -> Enrolment:
    enrolment = enrolments.get(session, enrolment_id)
    if enrolment.state.value in enrolments.FINISHED:
        raise EnrolmentFinished(detail=enrolment.state.value)
    return enrolment


def _same(unfinished: Enrolment, order: Order) -> Enrolment:
    recorded = unfinished.order
    if (recorded.person, recorded.key_kind, recorded.years) != (order.person, order.key_kind, order.years):
        raise UnfinishedEnrolment(detail=unfinished.applicant_number)
    return unfinished


def _check_order(context: PluginContext, order: Order) -> None:
    """Refuse before a key is made what could never be certified."""
    if order.applicant_number is not None:
        check_applicant_number(order.applicant_number)
    romanised(order.person.romanised)
    subscriber_name(order.person, order.applicant_number or applicant_number(0))
    subscriber_validity(now(context.clock), order.years, order.accepted_at)


def _plan(context: PluginContext, session: Session, enrolment: Enrolment, key: SubjectKey) -> Plan:
    order = enrolment.order
    validity = subscriber_validity(now(context.clock), order.years, order.accepted_at)
    where = publication(session, context, Authority.ISSUING)
    extensions = subscriber_extensions(key, order.person.romanised, policy(context), where)
    subject = subscriber_name(order.person, enrolment.applicant_number)
    return Plan(Profile.SUBSCRIBER, Authority.ISSUING, subject, key, validity, extensions)


def _issue(context: PluginContext, actor: Actor, enrolment_id: int, serial: str) -> bytes:
    with open_ca_key(context, Authority.ISSUING) as key, context.transaction() as session:
        certificate = sign_intent(context, session, actor, serial, key)
        enrolments.advance(session, enrolment_id, EnrolmentState.ISSUED, serial)
    presign(context, [serial])
    return certificate


def _signed_request(token: pkcs11.Session, enrolment: Enrolment) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, enrolment.applicant_number)])
    key = load_key(token, enrolment.key_id)
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.DER)


def _deliver(enrolment: Enrolment, address: TokenAddress, pin: str, certificate: bytes) -> None:
    with open_token(address, pin) as token:
        ensure_certificate(token, enrolment.key_id, enrolment.order.person.romanised, certificate)
        _check_key_answers(token, enrolment, certificate)


def _check_key_answers(token: pkcs11.Session, enrolment: Enrolment, certificate: bytes) -> None:
    """The key on the token signs once more, and what verifies it is the key in the certificate."""
    answering = key_fingerprint(proven_key(_signed_request(token, enrolment)))
    certified = x509.load_der_x509_certificate(certificate).public_key()
    if answering != key_fingerprint(certified):  # type: ignore[arg-type]  # RSA or EC: it was issued here
        raise RegisterBroken(detail="the token's key does not answer to its certificate")


def _finish(context: PluginContext, session: Session, actor: Actor, enrolment_id: int, serial: str) -> Enrolment:
    enrolments.deliver(session, enrolment_id, now(context.clock))
    act = Act("cecsign.enrolment_delivered", str(enrolment_id), detail={"serial": serial})
    context.journal.record(session, actor, act)
    return enrolments.get(session, enrolment_id)
