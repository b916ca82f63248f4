"""From an unsigned contract to a signed one: fields, prepare, the raw signature, embed."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import io
from itertools import pairwise
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from cectrust import pades
from cectrust.pades.errors import CertificateRefused, FieldRefused, SealRefused, SignatureRefused
from cectrust.pades.model import Mechanism, PreparedDocument, SealImage, Verdict
from cectrust.sdk.errors import Unavailable
from tests.support.attacks import flipped
from tests.support.contracts import FIELDS, seal_image, sign_field, with_fields
from tests.support.pki import DAY, Pki, issue, now, rsa_key, sign_raw


@pytest.fixture
def fields(contract: Path, tmp_path: Path) -> Path:
    return with_fields(contract, tmp_path / "fields.pdf")


def prepare(fields: Path, pki: Pki, target: Path, field: str = FIELDS[0]) -> PreparedDocument:
    return pades.prepare(fields, target, field, pki.signer(pki.hanako), seal_image(), now())


def test_the_prepared_digests_are_those_of_the_bytes(fields: Path, pki: Pki, tmp_path: Path) -> None:
    prepared = prepare(fields, pki, tmp_path / "p.pdf")
    data = (tmp_path / "p.pdf").read_bytes()
    signed = data[: prepared.reserved_start] + data[prepared.reserved_end :]
    assert prepared.message_digest == hashlib.sha256(signed).digest()
    assert prepared.file_sha256 == hashlib.sha256(data).hexdigest()
    assert prepared.size == len(data)
    assert data.startswith(fields.read_bytes())


def test_the_attributes_equal_those_of_the_library_byte_for_byte(fields: Path, pki: Pki, tmp_path: Path) -> None:
    prepared = prepare(fields, pki, tmp_path / "p.pdf")
    certificate = asn1_x509.Certificate.load(pki.hanako.der)
    signer = ExternalSigner(certificate, SimpleCertificateStore(), signature_value=256)
    theirs = asyncio.run(signer.signed_attrs(prepared.message_digest, "sha256", use_pades=True))
    assert prepared.signed_attributes == theirs.dump()


def test_what_we_sign_is_what_the_library_would_have_prepared(fields: Path, pki: Pki, tmp_path: Path) -> None:
    """The short way through the embedder leaves the same objects behind as the library's own signer."""
    prepare(fields, pki, tmp_path / "p.pdf")
    certificate = asn1_x509.Certificate.load(pki.hanako.der)
    signer = ExternalSigner(certificate, SimpleCertificateStore(), signature_value=256)
    metadata = PdfSignatureMetadata(field_name=FIELDS[0], subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    writer = IncrementalPdfFileWriter(io.BytesIO(fields.read_bytes()))
    coroutine = PdfSigner(metadata, signer).async_digest_doc_for_signing(writer, bytes_reserved=16384)
    _, _, theirs = asyncio.run(coroutine)
    for marker in (b"/SubFilter /ETSI.CAdES.detached", b"/Filter /Adobe.PPKLite", b"/ESIC", b"/SigFlags 3"):
        assert marker in theirs.getvalue()
        assert marker in (tmp_path / "p.pdf").read_bytes()


@pytest.mark.parametrize("person", ["hanako", "taro"])
def test_a_signature_by_rsa_and_by_ecdsa_is_valid(fields: Path, pki: Pki, tmp_path: Path, person: str) -> None:
    signed = sign_field(fields, tmp_path / "s.pdf", FIELDS[0], getattr(pki, person), pki, pki.timestamper)
    (signature,) = pades.validate(signed, pki.trust, pki).signatures
    assert signature.verdict is Verdict.TOTAL_PASSED
    assert signature.signer in ("建設 花子", "工務 太郎")
    assert signature.time_proven


def test_T14_a_countersignature_is_appended_and_keeps_the_first_valid(revisions: dict[str, Path], pki: Pki) -> None:
    assert revisions["second"].read_bytes().startswith(revisions["first"].read_bytes())
    first, second = pades.validate(revisions["second"], pki.trust, pki).signatures
    assert first.verdict is second.verdict is Verdict.TOTAL_PASSED


@pytest.mark.parametrize(
    ("bits", "mechanism"),
    [(2048, "rsa_pkcs1v15_sha256"), (3072, "rsa_pkcs1v15_sha256"), (4096, "rsa_pkcs1v15_sha256")],
)
def test_T18_rsa_keys_from_2048_are_accepted(pki: Pki, bits: int, mechanism: str) -> None:
    certificate = issue("鍵長", rsa_key(bits), pki.issuing).der
    assert pades.mechanism_for(certificate) is Mechanism(mechanism)


@pytest.mark.parametrize(
    ("curve", "mechanism"), [(ec.SECP256R1(), Mechanism.ECDSA_SHA256), (ec.SECP384R1(), Mechanism.ECDSA_SHA384)]
)
def test_T18_the_nist_curves_are_accepted_and_sign(
    fields: Path, pki: Pki, tmp_path: Path, curve: ec.EllipticCurve, mechanism: Mechanism
) -> None:
    person = issue("楕円 曲子", ec.generate_private_key(curve), pki.issuing)
    assert pades.mechanism_for(person.der) is mechanism
    signed = sign_field(fields, tmp_path / "s.pdf", FIELDS[0], person, pki, pki.timestamper)
    (signature,) = pades.validate(signed, pki.trust).signatures
    assert signature.sub_indication == "CERTIFICATE_CHAIN_GENERAL_FAILURE"  # no revocation data, all else good


def test_T18_short_keys_other_curves_and_sha1_are_refused(pki: Pki) -> None:
    weak = issue("短い鍵", rsa.generate_private_key(65537, 1024), pki.issuing).der  # noqa: S505
    other = issue("別の曲線", ec.generate_private_key(ec.SECP256K1()), pki.issuing).der
    for certificate in (weak, other, b"\x30\x03\x02\x01\x01"):
        with pytest.raises(CertificateRefused):
            pades.mechanism_for(certificate)


def test_T18_sha1_is_refused_and_never_validates(pki: Pki) -> None:
    # The certificate library no longer signs with SHA-1; the algorithm identifiers of a real one are patched in.
    der = issue("古い方式", rsa_key(2048, 6), pki.issuing).der
    sha1 = der.replace(bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105"))
    assert sha1 != der
    with pytest.raises(CertificateRefused) as refused:
        pades.mechanism_for(sha1)
    assert refused.value.code == "weak_hash"


def test_T18_rsa_2048_past_2030_is_warned_about(pki: Pki) -> None:
    long = issue("長い期限", rsa_key(2048, 5), pki.issuing, lifetime=1800 * DAY).der
    strong = issue("強い鍵", rsa_key(3072), pki.issuing, lifetime=1800 * DAY).der
    assert [one.code for one in pades.certificate_warnings(long)] == ["rsa_2048_past_2030"]
    assert pades.certificate_warnings(pki.hanako.der) == pades.certificate_warnings(strong) == ()


def test_a_raw_signature_that_does_not_verify_is_never_embedded(fields: Path, pki: Pki, tmp_path: Path) -> None:
    prepared = prepare(fields, pki, tmp_path / "p.pdf")
    good = sign_raw(pki.hanako, prepared.signed_attributes)
    signer = pki.signer(pki.hanako)
    for bad in (b"", b"\x00" * 256, flipped(good, -1), sign_raw(pki.taro, b"x")):
        with pytest.raises(SignatureRefused):
            pades.embed(tmp_path / "p.pdf", tmp_path / "s.pdf", prepared, signer, bad, None)
    assert not (tmp_path / "s.pdf").exists()


def test_a_mechanism_that_does_not_fit_the_key_is_refused(pki: Pki) -> None:
    signature = pki.taro.key.sign(b"attributes", ec.ECDSA(hashes.SHA256()))
    pades.verify_raw_signature(pki.taro.der, Mechanism.ECDSA_SHA256, b"attributes", signature)
    with pytest.raises(SignatureRefused):
        pades.verify_raw_signature(pki.taro.der, Mechanism.ECDSA_SHA384, b"attributes", signature)


def test_embed_refuses_a_file_other_than_the_prepared_one(fields: Path, pki: Pki, tmp_path: Path) -> None:
    prepared = prepare(fields, pki, tmp_path / "p.pdf")
    signature = sign_raw(pki.hanako, prepared.signed_attributes)
    other = dataclasses.replace(prepared, reserved_start=prepared.reserved_start - 1)
    for file, facts in ((fields, prepared), (tmp_path / "p.pdf", other)):
        with pytest.raises(SignatureRefused):
            pades.embed(file, tmp_path / "s.pdf", facts, pki.signer(pki.hanako), signature, None)


def test_embed_can_be_repeated(fields: Path, pki: Pki, tmp_path: Path) -> None:
    prepared = prepare(fields, pki, tmp_path / "p.pdf")
    signature = sign_raw(pki.hanako, prepared.signed_attributes)
    for name in ("one.pdf", "two.pdf"):
        pades.embed(tmp_path / "p.pdf", tmp_path / name, prepared, pki.signer(pki.hanako), signature, None)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_a_token_over_another_digest_is_no_fault_of_the_signature(fields: Path, pki: Pki, tmp_path: Path) -> None:
    class Confused:
        def timestamp(self, digest: bytes, algorithm: str) -> bytes:
            return pki.timestamper.timestamp(bytes(len(digest)), algorithm)

    prepared = prepare(fields, pki, tmp_path / "p.pdf")
    signature = sign_raw(pki.hanako, prepared.signed_attributes)
    with pytest.raises(Unavailable):
        pades.embed(tmp_path / "p.pdf", tmp_path / "s.pdf", prepared, pki.signer(pki.hanako), signature, Confused())
    assert not (tmp_path / "s.pdf").exists()


def test_fields_are_refused_when_missing_signed_or_doubled(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    target = tmp_path / "t.pdf"
    with pytest.raises(FieldRefused):
        prepare(revisions["fields"], pki, target, "Nobody")
    with pytest.raises(FieldRefused):
        prepare(revisions["first"], pki, target, FIELDS[0])
    with pytest.raises(FieldRefused):
        with_fields(revisions["first"], target)
    with pytest.raises(FieldRefused):
        with_fields(revisions["fields"], target, ("Other",))
    assert not target.exists()


def test_nobody_can_sign_after_the_last_field_locked_the_document(contract: Path, pki: Pki, tmp_path: Path) -> None:
    fields = with_fields(contract, tmp_path / "f.pdf", ("A", "B", "C"))
    locked = sign_field(fields, tmp_path / "l.pdf", "C", pki.hanako, pki, None)
    with pytest.raises(FieldRefused) as refused:
        prepare(locked, pki, tmp_path / "p.pdf", "A")
    assert refused.value.code == "document_locked"


def test_ten_parties_have_room_side_by_side(contract: Path, tmp_path: Path) -> None:
    slots = pades.place_slots(contract, [f"Party{n}" for n in range(10)])
    boxes = [slot.rectangle for slot in slots]
    assert all(one.right < other.left for one, other in pairwise(boxes))
    assert all(box.bottom > 0 and box.right < 595 for box in boxes)


def test_a_seal_that_is_no_small_png_is_refused(fields: Path, pki: Pki, tmp_path: Path) -> None:
    for png in (b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(2 << 20)):
        with pytest.raises(SealRefused):
            pades.prepare(fields, tmp_path / "p.pdf", FIELDS[0], pki.signer(pki.hanako), SealImage(png), now())
