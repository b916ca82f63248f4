"""Programs that owe us nothing look at a PDF: poppler's ``pdfsig``, ``openssl``, ``qpdf``, and where signatures lie."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature


def run(*command: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], check=check, capture_output=True, text=True, timeout=60)


@contextmanager
def embedded_signatures(path: Path) -> Iterator[Sequence[EmbeddedPdfSignature]]:
    """Signatures and document timestamps, in the order they were made."""
    with path.open("rb") as stream:
        yield list(PdfFileReader(stream).embedded_signatures)


def signed_bytes(signature: EmbeddedPdfSignature, path: Path) -> bytes:
    """What the signature's ByteRange covers."""
    data = path.read_bytes()
    _, first, second, length = (int(number) for number in signature.byte_range)
    return data[:first] + data[second : second + length]


def revision_end(signature: EmbeddedPdfSignature) -> int:
    """Where the revision ends that the signature covers."""
    return int(signature.byte_range[2]) + int(signature.byte_range[3])


def nss_database(folder: Path, *roots: Path) -> Path:
    """An NSS database that knows these roots only."""
    folder.mkdir(parents=True, exist_ok=True)
    run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
    for root in roots:
        run("certutil", "-A", "-d", f"sql:{folder}", "-n", root.stem, "-t", "CT,CT,CT", "-i", root)
    return folder


def openssl_cms(signature: bytes, content: bytes, root: Path, folder: Path) -> bool:
    """``openssl cms -verify`` on a CMS cut out of its PDF."""
    (folder / "cms.der").write_bytes(signature)
    (folder / "content").write_bytes(content)
    command = ("openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any")
    files = ("-in", folder / "cms.der", "-content", folder / "content", "-out", folder / "out")
    return run(*command, *files, "-CAfile", root, check=False).returncode == 0


def openssl_ts(token: bytes, data: bytes, root: Path, folder: Path) -> bool:
    """``openssl ts -verify`` on a timestamp token."""
    (folder / "token").write_bytes(token)
    (folder / "data").write_bytes(data)
    command = ("openssl", "ts", "-verify", "-token_in", "-in", folder / "token", "-data", folder / "data")
    return run(*command, "-CAfile", root, check=False).returncode == 0


def signature_timestamp(signature: EmbeddedPdfSignature) -> bytes:
    """The one timestamp token inside a signature (RFC 3161), as DER."""
    (token,) = extract_tst_data_iter(signature.signer_info, signed=False)
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": token}).dump())


def document_timestamp(signature: EmbeddedPdfSignature) -> bytes:
    """The token of a document timestamp, without the padding of /Contents."""
    return bytes(cms.ContentInfo.load(signature.pkcs7_content).dump())


def is_document_timestamp(signature: EmbeddedPdfSignature) -> bool:
    return bool(signature.sig_object["/Type"] == "/DocTimeStamp")
