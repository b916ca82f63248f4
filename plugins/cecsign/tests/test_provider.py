"""CECSIGN as a certificate provider: the sdk's contract, and the register as the last word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cecsign_support.ca import OFFICER, PIN, Ca, ShiftedClock, context_on, opened, settings_in
from cecsign_support.people import order
from cectrust_cecsign.cakeys import open_ca_key
from cectrust_cecsign.enrolling import enrol
from cectrust_cecsign.hierarchy import policy, publication
from cectrust_cecsign.instants import now
from cectrust_cecsign.keys import public_key_der
from cectrust_cecsign.model import Authority, KeyKind, Person
from cectrust_cecsign.names import subscriber_name
from cectrust_cecsign.profiles import subscriber_extensions
from cectrust_cecsign.provider import CecsignProvider, NotOnRegister
from cectrust_cecsign.store import authorities, certificates
from cectrust_cecsign.tbs import assemble, build_tbs, new_serial, sign_tbs
from cectrust_cecsign.validity import validity_from
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cectrust.sdk.testing import CertificateProviderContract


def x509_of_somebody() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Another CA's holder")])
    start = now(ShiftedClock())
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


class TestCecsignProvider(CertificateProviderContract):
    @pytest.fixture
    def provider(self, ca: Ca) -> CecsignProvider:
        return CecsignProvider(ca.context)

    @pytest.fixture
    def own(self, ca: Ca) -> bytes:
        serial = enrol(ca.context, OFFICER, order(KeyKind.P256), ca.token(), PIN).serial or ""
        with ca.context.reading() as session:
            issued = certificates.issued(session, serial)
        assert issued is not None
        return issued.der

    @pytest.fixture
    def foreign(self) -> bytes:
        return x509_of_somebody()


def test_a_certificate_made_with_the_cas_key_behind_the_registers_back_is_refused(ca: Ca) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    with ca.context.reading() as session:
        where = publication(session, ca.context, Authority.ISSUING)
        issuer = x509.load_der_x509_certificate(authorities.certificate_of(session, Authority.ISSUING))
    subject = subscriber_name(Person("偽物", "Nisemono", "会社"), "000000018")
    extensions = subscriber_extensions(key, "Nisemono", policy(ca.context), where)
    validity = validity_from(now(ca.clock), 1)
    tbs = build_tbs(new_serial(), issuer.subject.public_bytes(), subject, public_key_der(key), validity, extensions)
    with open_ca_key(ca.context, Authority.ISSUING) as ca_key:
        forged = assemble(tbs, sign_tbs(ca_key, tbs))
    x509.load_der_x509_certificate(forged).verify_directly_issued_by(issuer)
    with pytest.raises(NotOnRegister):
        CecsignProvider(ca.context).accepts(forged)


def test_the_provider_can_be_asked_while_its_caller_is_writing(ca: Ca) -> None:
    provider = CecsignProvider(ca.context)
    with ca.context.transaction():
        assert len(provider.anchors()) == len(provider.intermediates()) == 1


def test_an_ocsp_responder_is_not_accepted_as_a_signer(ca: Ca) -> None:
    with ca.context.reading() as session:
        responder = authorities.newest_responder(session)
    assert responder is not None
    assert not CecsignProvider(ca.context).accepts(responder[1])


def test_a_ca_that_is_yet_to_be_made_stands_in_nobody_s_way(tmp_path: Path) -> None:
    """Certificates of partners are recognised and verified before ``cecsign init-ca``, too."""
    root = x509_of_somebody()
    with opened(f"sqlite:///{tmp_path}/cectrust.db") as database:
        provider = CecsignProvider(context_on(database, tmp_path, ShiftedClock(), settings_in(tmp_path)))
        assert (provider.anchors(), provider.intermediates(), provider.accepts(root)) == ([], [], False)
