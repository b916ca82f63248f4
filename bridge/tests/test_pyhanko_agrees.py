"""What the server's PDF library prepares, the bridge signs; and poppler believes the result."""

from __future__ import annotations

import asyncio
import io
import subprocess
from pathlib import Path

import pytest
import weasyprint
from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from bridge_house import House
from cectrust_bridge.documents import byterange
from driver import Page, document, unb64
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import PdfTBSDocument

HTML = (
    "<h1>工事請負契約書</h1><p>注文者 株式会社山田太郎建設工業 御中 髙﨑</p>"
    + "<p style='break-before:page'>第2条</p>" * 2
)


@pytest.fixture(scope="module")
def contract() -> bytes:
    """Three pages of Japanese with the fields of both parties."""
    writer = IncrementalPdfFileWriter(io.BytesIO(weasyprint.HTML(string=HTML).write_pdf()))
    for name, left in (("Sender", 50), ("Recipient", 300)):
        fields.append_signature_field(writer, fields.SigFieldSpec(name, box=(left, 50, left + 100, 100)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def signer_for(der: bytes, signature: bytes = b"") -> signers.ExternalSigner:
    certificate = asn1_x509.Certificate.load(der)
    return signers.ExternalSigner(certificate, None, signature_value=signature or 512, prefer_pss=False)


def prepare(pdf: bytes, field: str, der: bytes) -> tuple[signers.PdfSigner, io.BytesIO, object]:
    """The prepared file and what is needed to finish it."""
    metadata = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    pdf_signer = signers.PdfSigner(metadata, signer=signer_for(der))
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    work = pdf_signer.async_digest_doc_for_signing(writer, bytes_reserved=16384)
    digest, _, output = asyncio.run(work)
    return digest, output, pdf_signer


def finish(digest: object, output: io.BytesIO, der: bytes, result: dict[str, str]) -> bytes:
    attributes = cms.CMSAttributes.load(unb64(result["signed_attributes"]))
    signer = signer_for(der, unb64(result["signature"]))
    work = signer.async_sign_prescribed_attributes("sha256", attributes)
    signed = asyncio.run(work)
    asyncio.run(PdfTBSDocument.async_finish_signing(output, digest, signed))
    return output.getvalue()


def sign_with(page: Page, pdf: bytes, field: str, key_type: str) -> bytes:
    chosen = next(each for each in page.certificates() if each["key_type"] == key_type)
    der = unb64(chosen["der"])
    digest, output, _ = prepare(pdf, field, der)
    prepared = output.getvalue()
    jti = page.begin(chosen, [document(prepared, pages=3)])
    page.send_bytes(prepared, 10_000)
    page.call("sign.confirm", jti=jti)
    page.call("sign.ack", jti=jti)
    return finish(digest, output, der, page.results[-1]["document"])


def test_the_bridge_finds_the_byte_range_that_pyhanko_digested(contract: bytes, house: House) -> None:
    digest, output, _ = prepare(contract, "Sender", house.token.certificates["p256"])
    prepared = output.getvalue()
    assert byterange.locate(prepared).digest(prepared, "sha256") == digest.document_digest


def test_two_parties_sign_and_poppler_finds_both_signatures_valid(
    contract: bytes, house: House, page: Page, tmp_path: Path
) -> None:
    once = sign_with(page, contract, "Sender", "rsa")
    house.person.forget()
    twice = sign_with(page, once, "Recipient", "ec")
    assert "earlier_signatures: 1" in house.person.transcript
    assert "第2条" in house.person.transcript
    path = tmp_path / "signed.pdf"
    path.write_bytes(twice)
    report = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert report.count("Signature is Valid") == 2
    assert report.count("Total document signed") == 1
