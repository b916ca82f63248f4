"""Enrolment on real tokens, on both database engines."""

from __future__ import annotations

import pkcs11
import pytest
from cecsign_support.ca import MODULE, OFFICER, PIN, SUBSCRIBER, Ca
from cecsign_support.people import order
from cectrust_cecsign import enrolling
from cectrust_cecsign.enrolling import abandon, accept_request, enrol, make_request, proven_key
from cectrust_cecsign.errors import (
    BadRequest,
    EnrolmentFinished,
    KeyAlreadyCertified,
    TokenRefused,
    UnfinishedEnrolment,
    WeakKey,
)
from cectrust_cecsign.hierarchy import new_key_id
from cectrust_cecsign.issuing import key_fingerprint
from cectrust_cecsign.lint import lint_certificate
from cectrust_cecsign.model import EnrolmentState, KeyKind, Person, TokenAddress
from cectrust_cecsign.store import certificates, enrolments, status
from cectrust_cecsign.token import identify, open_token
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Attribute, ObjectClass


@pytest.mark.parametrize("kind", [KeyKind.RSA2048, KeyKind.P256])
def test_a_certificate_is_issued_onto_the_token_and_passes_pkilint(ca_on_both: Ca, kind: KeyKind) -> None:
    ca, token = ca_on_both, ca_on_both.token()
    enrolment = enrol(ca.context, OFFICER, order(kind), token, PIN)
    with ca.context.reading() as session:
        issued = certificates.issued(session, enrolment.serial or "")
        responses = [status.response(session, enrolment.serial or "", name) for name in ("sha1", "sha256")]
    assert enrolment.state is EnrolmentState.DELIVERED
    assert issued is not None
    assert all(responses)
    lint_certificate(issued.der)
    assert on_token(ObjectClass.CERTIFICATE, Attribute.VALUE) == [issued.der]


def test_T1_the_key_is_made_on_the_token_and_cannot_leave_it(ca: Ca) -> None:
    enrol(ca.context, OFFICER, order(), ca.token(), PIN)
    with open_token(TokenAddress(MODULE, SUBSCRIBER), PIN) as session:
        [key] = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
        assert (key[Attribute.SENSITIVE], key[Attribute.EXTRACTABLE]) == (True, False)
        assert (key[Attribute.LOCAL], key[Attribute.NEVER_EXTRACTABLE]) == (True, True)
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            key[Attribute.PRIVATE_EXPONENT]


def test_a_second_person_is_refused_while_the_first_enrolment_on_a_token_is_unfinished(ca: Ca) -> None:
    address = ca.token()
    begin(ca, address)
    other = Person("鈴木一郎", "Suzuki Ichiro", "鈴木建設株式会社")
    with pytest.raises(UnfinishedEnrolment):
        enrol(ca.context, OFFICER, order(person=other), address, PIN)


def test_an_abandoned_enrolment_frees_its_token_and_revokes_what_was_issued(
    ca: Ca, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ca.token()
    with monkeypatch.context() as patch, pytest.raises(ConnectionAbortedError):
        patch.setattr(enrolling, "_deliver", token_pulled_out)
        enrol(ca.context, OFFICER, order(KeyKind.P256), address, PIN)
    with ca.context.reading() as session:
        [unfinished] = enrolments.everyone(session)
    abandon(ca.context, OFFICER, unfinished.id, "本人", "届出 2026-005")
    with ca.context.reading() as session:
        assert status.revocation_of(session, unfinished.serial or "") is not None
    other = Person("鈴木一郎", "Suzuki Ichiro", "鈴木建設株式会社")
    assert enrol(ca.context, OFFICER, order(KeyKind.P256, other), address, PIN).state is EnrolmentState.DELIVERED
    with pytest.raises(EnrolmentFinished):
        abandon(ca.context, OFFICER, unfinished.id, "本人", "届出 2026-005")


def token_pulled_out(*_: object) -> None:
    raise ConnectionAbortedError


def test_no_key_is_certified_twice(ca: Ca) -> None:
    address = ca.token()
    first = enrol(ca.context, OFFICER, order(), address, PIN)
    request = make_request(first, address, PIN)
    with ca.context.transaction() as session:
        again = enrolments.add(session, order(), "000000000", bytes.fromhex(new_key_id()), first.token, ca.now())
        with pytest.raises(KeyAlreadyCertified):
            accept_request(ca.context, session, again, request)


def test_a_wrong_pin_is_tried_once_and_leaves_a_resumable_enrolment(ca: Ca) -> None:
    address = ca.token()
    with pytest.raises(TokenRefused):
        enrol(ca.context, OFFICER, order(), address, "000000")
    assert enrol(ca.context, OFFICER, order(), address, PIN).state is EnrolmentState.DELIVERED


def test_a_token_model_that_is_not_listed_is_refused_before_anything_is_recorded(ca: Ca) -> None:
    address = ca.token()
    object.__setattr__(ca.context.settings, "token_models", ("eToken 5100",))
    with pytest.raises(TokenRefused):
        enrol(ca.context, OFFICER, order(), address, PIN)
    with ca.context.reading() as session:
        assert enrolments.everyone(session) == []


def test_a_request_must_prove_possession_of_its_key() -> None:
    der = request_with(ec.generate_private_key(ec.SECP256R1()))
    assert key_fingerprint(proven_key(der))
    for damaged in (b"", b"\x30\x03\x02\x01\x01", der[:-1] + bytes([der[-1] ^ 1])):
        with pytest.raises(BadRequest):
            proven_key(damaged)


def test_T18_weak_keys_are_refused_and_strong_ones_accepted() -> None:
    strong = [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())]
    weak = [
        rsa.generate_private_key(65537, 1024),  # noqa: S505 - it has to be weak
        rsa.generate_private_key(3, 2048),
        ec.generate_private_key(ec.SECP256K1()),
    ]
    assert all(proven_key(request_with(key)) for key in strong)
    for key in weak:
        with pytest.raises(WeakKey):
            proven_key(request_with(key))


def request_with(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def begin(ca: Ca, address: TokenAddress) -> None:
    token = identify(address)
    with ca.context.transaction() as session:
        enrolments.add(session, order(), "000000018", bytes.fromhex(new_key_id()), token, ca.now())


def on_token(object_class: ObjectClass, attribute: Attribute) -> list[object]:
    with open_token(TokenAddress(MODULE, SUBSCRIBER), PIN) as session:
        return [found[attribute] for found in list(session.get_objects({Attribute.CLASS: object_class}))]
