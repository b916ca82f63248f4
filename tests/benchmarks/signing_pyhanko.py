"""The same work by pyHanko as it comes: `python -m tests.benchmarks.signing_pyhanko FOLDER RUNS`.

Imports nothing of ours but the test certificates' maker, so that nothing of it is changed.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from pathlib import Path
from statistics import median

from asn1crypto import x509
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko.sign.signers.pdf_signer import PdfTBSDocument
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.benchmarks.credentials import Credentials
from tests.benchmarks.row import peak_so_far


async def sign(folder: Path, who: Credentials, source: Path, field: str, name: str) -> tuple[float, float]:
    start = time.perf_counter()
    store = SimpleCertificateStore.from_certs([x509.Certificate.load(who.issuer)])
    signer = ExternalSigner(x509.Certificate.load(who.certificate), store, signature_value=256)
    metadata = PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    background = PdfImage(Image.open(io.BytesIO(who.seal)))
    style = StaticStampStyle(border_width=0, background=background, background_opacity=1)
    with source.open("rb") as stream, (folder / name).open("w+b") as output:
        writer = IncrementalPdfFileWriter(stream)
        pdf_signer = PdfSigner(metadata, signer, stamp_style=style)
        digest, _, _ = await pdf_signer.async_digest_doc_for_signing(writer, bytes_reserved=16384, output=output)
        attributes = await signer.signed_attrs(digest.document_digest, "sha256", use_pades=True)
        middle = time.perf_counter()
        raw = who.sign(attributes.dump())
        begin = time.perf_counter()
        with_value = ExternalSigner(x509.Certificate.load(who.certificate), store, signature_value=raw)
        cms = await with_value.async_sign_prescribed_attributes("sha256", attributes)
        await PdfTBSDocument.async_finish_signing(output, digest, cms)
    return (middle - start) * 1000, (time.perf_counter() - begin) * 1000


async def validate(path: Path, who: Credentials) -> float:
    start = time.perf_counter()
    with path.open("rb") as stream:
        for signature in PdfFileReader(stream).embedded_regular_signatures:
            context = ValidationContext(
                trust_roots=[x509.Certificate.load(who.root)],
                other_certs=[x509.Certificate.load(who.issuer)],
                crls=list(who.crls),
                revocation_mode="require",
            )
            status = await async_validate_pdf_signature(signature, context)
            assert status.bottom_line
            await context.aclose()
    return (time.perf_counter() - start) * 1000


async def main(folder: Path, runs: int) -> dict[str, float]:
    who = Credentials.load(folder / "credentials.json")
    times = [await sign(folder, who, folder / "fields.pdf", "Sender", "peer1.pdf") for _ in range(runs)]
    await sign(folder, who, folder / "peer1.pdf", "Recipient", "peer2.pdf")
    signing_memory = peak_so_far()
    validating = [await validate(folder / "peer2.pdf", who) for _ in range(runs)]
    return {
        "prepare": median(one for one, _ in times),
        "embed": median(other for _, other in times),
        "validate": median(validating),
        "signing_memory": signing_memory,
        "validating_memory": peak_so_far(),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))))
