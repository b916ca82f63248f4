"""CRL and OCSP, judged by openssl over real HTTP."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from cecsign_support.ca import OFFICER, PIN, Ca
from cecsign_support.people import order
from cecsign_support.register import all_issued
from cecsign_support.serving import build_app, served
from cectrust_cecsign.enrolling import enrol
from cectrust_cecsign.errors import KeyOffline, RevocationIncomplete, RevocationRefused
from cectrust_cecsign.jobs import refresh
from cectrust_cecsign.lint import lint_certificate, lint_crl, lint_ocsp
from cectrust_cecsign.model import Authority, KeyKind, Reason
from cectrust_cecsign.revoking import revoke
from cectrust_cecsign.store import authorities, certificates, status
from cectrust_cecsign.tables import certificate, revocation
from cectrust_cecsign.timestamping import pem
from cectrust_cecsign.validity import years_after
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from sqlalchemy import select

from cectrust.journal.tables import metadata as journal_metadata


@dataclass(frozen=True)
class Holder:
    """A subscriber's certificate and, as files for openssl, the chain and CRLs."""

    ca: Ca
    serial: str
    der: bytes
    url: str
    directory: Path

    def file(self, name: str) -> str:
        return str(self.directory / name)


@pytest.fixture
def holder(ca: Ca, tmp_path: Path) -> Iterator[Holder]:
    serial = enrol(ca.context, OFFICER, order(KeyKind.P256), ca.token(), PIN).serial or ""
    with ca.context.reading() as session:
        issued = certificates.issued(session, serial)
    assert issued is not None
    (tmp_path / "holder.pem").write_bytes(pem(issued.der))
    with served(ca.context) as url:
        for name in Authority:
            answer = requests.get(f"{url}/ca/{name}.cer", timeout=10)
            (tmp_path / f"{name}.pem").write_bytes(pem(answer.content))
        yield Holder(ca, serial, issued.der, url, tmp_path)


def openssl_verify(holder: Holder) -> str:
    """``openssl verify -crl_check_all`` with the CRLs as served now."""
    crls = holder.directory / "crls.pem"
    crls.write_bytes(b"".join(served_crl(holder, name).public_bytes(Encoding.PEM) for name in ("root", "issuing")))
    command = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", holder.file("root.pem")]
    command += ["-untrusted", holder.file("issuing.pem"), "-CRLfile", str(crls), holder.file("holder.pem")]
    return output(command)


def openssl_ocsp(holder: Holder, digest: str = "-sha1") -> str:
    command = ["openssl", "ocsp", digest, "-issuer", holder.file("issuing.pem"), "-cert", holder.file("holder.pem")]
    return output([*command, "-url", f"{holder.url}/ocsp", "-CAfile", holder.file("root.pem"), "-no_nonce"])


def output(command: list[str]) -> str:
    finished = subprocess.run(command, capture_output=True, check=False, timeout=30)
    return (finished.stdout + finished.stderr).decode()


def served_crl(holder: Holder, name: str) -> x509.CertificateRevocationList:
    answer = requests.get(f"{holder.url}/crl/{name}.crl", timeout=10)
    assert answer.headers["Content-Type"] == "application/pkix-crl"
    return x509.load_der_x509_crl(answer.content)


def ocsp_request(holder: Holder, issuer: bytes | None = None) -> bytes:
    with holder.ca.context.reading() as session:
        issuer = issuer or authorities.certificate_of(session, Authority.ISSUING)
    certificate_, issuer_ = (x509.load_der_x509_certificate(der) for der in (holder.der, issuer))
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate_, issuer_, hashes.SHA256()).build()
    return request.public_bytes(Encoding.DER)


def test_openssl_accepts_the_chain_and_the_crls(holder: Holder) -> None:
    assert openssl_verify(holder).strip().endswith("OK")


@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
def test_openssl_gets_good_and_after_revocation_revoked_with_the_reason(holder: Holder, digest: str) -> None:
    good = openssl_ocsp(holder, digest)
    assert "Response verify OK" in good
    assert ": good" in good
    revoke(holder.ca.context, OFFICER, holder.serial, Reason.KEY_COMPROMISE, "髙﨑𠮷郎", "届出 2026-001")
    revoked = openssl_ocsp(holder, digest)
    assert ": revoked" in revoked
    assert "keyCompromise" in revoked
    assert "certificate revoked" in openssl_verify(holder)


def test_everything_the_ca_ever_signed_passes_pkilint(holder: Holder) -> None:
    revoke(holder.ca.context, OFFICER, holder.serial, Reason.UNSPECIFIED, "本人", "電話 2026-002")
    with holder.ca.context.reading() as session:
        issued = all_issued(session)
        crls = [status.newest_crl(session, name) for name in Authority]
        responses = [status.response(session, holder.serial, name) for name in ("sha1", "sha256")]
    assert len(issued) == 5
    for one in issued:
        lint_certificate(one.der)
    for crl in crls:
        assert crl is not None
        lint_crl(crl.der)
    for response in responses:
        assert response is not None
        lint_ocsp(response.der)


def test_a_crl_number_grows_and_earlier_entries_stay(holder: Holder) -> None:
    before = served_crl(holder, "issuing")
    revoke(holder.ca.context, OFFICER, holder.serial, Reason.SUPERSEDED, "本人", "届出 2026-003")
    refresh(holder.ca.context)
    after = served_crl(holder, "issuing")
    number = x509.CRLNumber
    grown = [crl.extensions.get_extension_for_class(number).value.crl_number for crl in (before, after)]
    assert grown == sorted(set(grown))
    assert [entry.serial_number for entry in after] == [int(holder.serial, 16)]


def test_ocsp_answers_get_with_caching_headers_and_double_slashes(holder: Holder) -> None:
    client = build_app(holder.ca.context).test_client()
    encoded = base64.b64encode(ocsp_request(holder)).decode()
    answer = client.get(f"/cecsign/ocsp/{encoded}")
    assert ocsp.load_der_ocsp_response(answer.data).certificate_status is ocsp.OCSPCertStatus.GOOD
    assert answer.headers["Content-Type"] == "application/ocsp-response"
    assert "max-age=" in answer.headers["Cache-Control"]
    assert {"Expires", "Last-Modified", "ETag"} <= set(answer.headers.keys())
    slashes = client.get("/cecsign/ocsp/MEAw//8=")
    assert slashes.status_code == 200
    assert refusal(slashes.data) is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_ocsp_is_unauthorized_for_certificates_of_others(holder: Holder) -> None:
    client = build_app(holder.ca.context).test_client()
    with holder.ca.context.reading() as session:
        root = authorities.certificate_of(session, Authority.ROOT)
    for request in (ocsp_request(holder, issuer=root), ocsp_request_for_unknown_serial(holder)):
        answer = client.post("/cecsign/ocsp", data=request, content_type="application/ocsp-request")
        assert refusal(answer.data) is ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("body", [b"", b"\x30\x80", b"\x30\x03\x02\x01\x01", b"\x00" * 5000])
def test_ocsp_answers_garbage_with_malformed_request(ca: Ca, body: bytes) -> None:
    answer = build_app(ca.context).test_client().post("/cecsign/ocsp", data=body)
    assert refusal(answer.data) is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_ocsp_never_says_good_of_a_revocation_that_is_not_published_yet(holder: Holder) -> None:
    with holder.ca.context.transaction() as session:
        session.execute(
            revocation.insert().values(
                serial=holder.serial, reason="superseded", requester="本人", evidence="届出", revoked_at=1
            )
        )
    post = build_app(holder.ca.context).test_client().post
    assert refusal(post("/cecsign/ocsp", data=ocsp_request(holder)).data) is ocsp.OCSPResponseStatus.TRY_LATER
    refresh(holder.ca.context)
    published = ocsp.load_der_ocsp_response(post("/cecsign/ocsp", data=ocsp_request(holder)).data)
    assert published.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert len(served_crl(holder, "issuing")) == 1


def test_a_stale_ocsp_response_is_not_served_and_the_job_renews_it(holder: Holder) -> None:
    post = build_app(holder.ca.context).test_client().post
    holder.ca.clock.ahead_days = 4
    assert refusal(post("/cecsign/ocsp", data=ocsp_request(holder)).data) is ocsp.OCSPResponseStatus.TRY_LATER
    refresh(holder.ca.context)
    fresh = ocsp.load_der_ocsp_response(post("/cecsign/ocsp", data=ocsp_request(holder)).data)
    assert fresh.certificate_status is ocsp.OCSPCertStatus.GOOD


def test_the_job_renews_crl_and_responder_once_each_and_then_rests(ca: Ca) -> None:
    ca.clock.ahead_days = 21
    refresh(ca.context)
    with ca.context.reading() as session:
        first = (status.newest_crl(session, Authority.ISSUING), authorities.newest_responder(session))
    refresh(ca.context)
    with ca.context.reading() as session:
        second = (status.newest_crl(session, Authority.ISSUING), authorities.newest_responder(session))
        assert len(all_issued(session)) == 5
    assert first == second
    assert first[0] is not None
    assert first[0].number == 2


def test_the_job_raises_an_alarm_when_the_offline_root_has_to_sign(ca: Ca) -> None:
    object.__setattr__(ca.context.settings, "offline_token", None)
    refresh(ca.context)
    ca.clock.ahead_days = 100
    with pytest.raises(KeyOffline):
        refresh(ca.context)


def test_T6_a_revocation_needs_requester_and_evidence_and_is_journalled(holder: Holder) -> None:
    for requester, evidence in (("", "届出"), ("本人", " ")):
        with pytest.raises(RevocationIncomplete):
            revoke(holder.ca.context, OFFICER, holder.serial, Reason.SUPERSEDED, requester, evidence)
    revoke(holder.ca.context, OFFICER, holder.serial, Reason.SUPERSEDED, "本人", "届出 2026-004")
    with holder.ca.context.reading() as session:
        kept = status.revocation_of(session, holder.serial)
        acts = session.execute(journal_metadata.tables["journal_acts"].select()).all()
    assert kept is not None
    assert (kept.reason, kept.requester, kept.evidence) == (Reason.SUPERSEDED, "本人", "届出 2026-004")
    assert [act.act for act in acts if act.subject == holder.serial] == [
        "cecsign.certificate_issued",
        "cecsign.certificate_revoked",
    ]


def test_T6_records_are_kept_for_ten_years_after_expiry(holder: Holder) -> None:
    with holder.ca.context.reading() as session:
        row = session.execute(select(certificate).where(certificate.c.serial == holder.serial)).one()
    expiry = x509.load_der_x509_certificate(holder.der).not_valid_after_utc
    assert row.retain_until == int(years_after(expiry, 10).timestamp()) * 1_000_000


def test_revocation_is_published_alike_on_both_engines(ca_on_both: Ca) -> None:
    context = ca_on_both.context
    serial = enrol(context, OFFICER, order(KeyKind.P256), ca_on_both.token(), PIN).serial or ""
    revoke(context, OFFICER, serial, Reason.SUPERSEDED, "本人", "届出")
    ca_on_both.clock.ahead_days = 4
    refresh(context)
    with context.reading() as session:
        crl, response = status.newest_crl(session, Authority.ISSUING), status.response(session, serial, "sha256")
    assert crl is not None
    assert response is not None
    assert (crl.number, crl.entries, response.revoked) == (3, 1, True)


def test_a_revoked_issuing_ca_is_on_the_roots_crl(holder: Holder) -> None:
    with holder.ca.context.reading() as session:
        serial = authorities.serial(session, Authority.ISSUING) or ""
    revoke(holder.ca.context, OFFICER, serial, Reason.CA_COMPROMISE, "CA責任者", "事故報告 2026-001")
    assert "error 23 at 1 depth lookup: certificate revoked" in openssl_verify(holder)


def test_roots_foreign_and_revoked_certificates_cannot_be_revoked(holder: Holder) -> None:
    context = holder.ca.context
    with context.reading() as session:
        root = authorities.serial(session, Authority.ROOT) or ""
    revoke(context, OFFICER, holder.serial, Reason.SUPERSEDED, "本人", "届出")
    for serial in (root, "1234", holder.serial):
        with pytest.raises(RevocationRefused):
            revoke(context, OFFICER, serial, Reason.SUPERSEDED, "本人", "届出")


def ocsp_request_for_unknown_serial(holder: Holder) -> bytes:
    known = ocsp.load_der_ocsp_request(ocsp_request(holder))
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        known.issuer_name_hash, known.issuer_key_hash, 12345, hashes.SHA256()
    )
    return builder.build().public_bytes(Encoding.DER)


def refusal(der: bytes) -> ocsp.OCSPResponseStatus:
    return ocsp.load_der_ocsp_response(der).response_status
