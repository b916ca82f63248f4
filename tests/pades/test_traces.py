"""Byte ranges outside the form's signatures: refused where a contract begins, and no accusation without certainty."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PdfFileWriter

from cectrust import pades
from cectrust.pades.errors import DocumentRefused
from cectrust.pades.model import TrustStore, Verdict
from tests.support.contracts import sign_field, with_fields
from tests.support.hostile_pdf import rewritten
from tests.support.pki import Pki


def containing(source: Path, target: Path, inner: bytes) -> Path:
    """`source` with a file embedded as it is, uncompressed (ISO 32000-2, 7.11.4)."""

    def embed(writer: PdfFileWriter) -> None:
        files = generic.DictionaryObject({pdf_name("/F"): writer.add_object(generic.StreamObject(stream_data=inner))})
        spec = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Filespec"), pdf_name("/EF"): files})
        writer.root[pdf_name("/AF")] = generic.ArrayObject([writer.add_object(spec)])

    return rewritten(source, target, embed)


@pytest.fixture
def outer(contract: Path, revisions: dict[str, Path], tmp_path: Path) -> Path:
    return containing(contract, tmp_path / "outer.pdf", revisions["final"].read_bytes())


def with_mac(source: Path, target: Path) -> Path:
    """A standalone MAC in the trailer (ISO/TS 32004, 5.2), which is the dictionary of the last object here."""
    data, last = source.read_bytes(), b"<</Type /XRef"
    mac = b"<</AuthCode <</MACLocation /Standalone /ByteRange [0 10 20 30] /MAC <00>>>/Type /XRef"
    assert data.count(last) == 1
    target.write_bytes(data.replace(last, mac))
    return target


def test_a_pdf_with_an_embedded_signed_pdf_is_refused_at_intake(outer: Path) -> None:
    with pytest.raises(DocumentRefused) as refused:
        pades.intake(outer)
    assert refused.value.code == "pdf_signature_traces"


def test_a_compressed_one_is_warned_about_and_its_contract_verifies(
    contract: Path, revisions: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    inner = generic.StreamObject(stream_data=revisions["final"].read_bytes())
    inner.compress()
    assert b"/ByteRange" not in inner.encoded_data

    def embed(writer: PdfFileWriter) -> None:
        files = generic.DictionaryObject({pdf_name("/F"): writer.add_object(inner)})
        writer.root[pdf_name("/AF")] = generic.ArrayObject([generic.DictionaryObject({pdf_name("/EF"): files})])

    source = rewritten(contract, tmp_path / "outer.pdf", embed)
    assert [finding.code for finding in pades.intake(source).findings] == ["embedded_file"]
    fields = with_fields(source, tmp_path / "f.pdf", ("Only",))
    signed = sign_field(fields, tmp_path / "s.pdf", "Only", pki.hanako, pki, pki.timestamper)
    assert pades.validate(signed, pki.trust, pki).verdict is Verdict.TOTAL_PASSED


def test_an_embedded_signed_pdf_in_somebody_elses_file_is_no_accusation_and_does_not_pass(
    outer: Path, pki: Pki, tmp_path: Path
) -> None:
    fields = with_fields(outer, tmp_path / "f.pdf", ("Only",))
    signed = sign_field(fields, tmp_path / "s.pdf", "Only", pki.hanako, pki, pki.timestamper)
    report = pades.validate(signed, pki.trust, pki)
    assert (report.verdict, report.reasons[0].code) == (Verdict.INDETERMINATE, "signature_traces")
    assert [one.verdict for one in report.signatures] == [Verdict.TOTAL_PASSED]


def test_a_file_with_a_message_authentication_code_is_not_accused(contract: Path, tmp_path: Path) -> None:
    report = pades.validate(with_mac(contract, tmp_path / "mac.pdf"), TrustStore())
    assert report.verdict is Verdict.INDETERMINATE


def test_a_signature_removed_beside_an_embedded_file_still_fails(outer: Path, pki: Pki, tmp_path: Path) -> None:
    """The embedded file's traces don't cover for the one that is gone."""
    fields = with_fields(outer, tmp_path / "f.pdf", ("Only", "Other"))
    signed = sign_field(fields, tmp_path / "s.pdf", "Only", pki.hanako, pki, pki.timestamper)
    with signed.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        for field in writer.root["/AcroForm"]["/Fields"]:
            field.get_object().pop("/V", None)
            writer.update_container(field.get_object())
        writer.write_in_place()
    report = pades.validate(signed, pki.trust, pki)
    assert (report.verdict, report.reasons[-1].code) == (Verdict.TOTAL_FAILED, "signature_removed")


def test_a_trace_that_is_made_to_look_embedded_never_passes(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    """The signature is out of the form, and a comment makes its dictionary look like a MAC."""
    data = revisions["first"].read_bytes().replace(b"/ByteRange", b"/MAC 0 /ByteRange", 1)
    (tmp_path / "bad.pdf").write_bytes(data)
    assert pades.validate(tmp_path / "bad.pdf", pki.trust, pki).verdict is Verdict.TOTAL_FAILED
    bad = tmp_path / "stripped.pdf"
    bad.write_bytes(revisions["final"].read_bytes())
    with bad.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        field = writer.root["/AcroForm"]["/Fields"][0].get_object()
        del field["/V"]
        writer.update_container(field)
        writer.trailer[pdf_name("/MAC")] = generic.NullObject()
        writer.write_in_place()
    assert pades.validate(bad, pki.trust, pki).verdict is Verdict.TOTAL_FAILED
