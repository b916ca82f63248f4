"""The first half of a signature: all bytes final but those of the signature itself."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from cectrust.pades.certificates import mechanism_for, signed_attributes
from cectrust.pades.documents import append_revision, file_size, hash_into
from cectrust.pades.errors import FieldRefused
from cectrust.pades.model import Mechanism, PreparedDocument, SealImage, SignerCertificate
from cectrust.pades.seal import draw_seal

_TIMESTAMP_BYTES = 4608  # a token with its TSA certificate and issuer, RSA-4096
_OVERHEAD_BYTES = 1024  # signer info, attributes, lengths
_LEAST_RESERVED = 16384  # hex characters; twice as much would cost validation time for nothing


class _ReservedSignature(SignatureObject):  # type: ignore[misc]
    """A signature dictionary that leaves hashing to us: both digests in one pass over the file."""

    def fill(self, writer: IncrementalPdfFileWriter, *_: object, **__: object) -> Generator[tuple[int, int]]:
        """Append the revision, write the final /ByteRange and yield the reserved region's offsets."""
        writer.digest_aware_write = True
        writer.write_in_place()
        stream = writer.prev.stream
        start, end = self.contents.offsets
        self.byte_range.fill_offsets(stream, start, end, stream.tell())
        stream.flush()
        yield start, end


def prepare(
    source: Path,
    target: Path,
    field: str,
    signer: SignerCertificate,
    seal: SealImage | None,
    signing_time: datetime,
) -> PreparedDocument:
    """Write `source` plus the revision to be signed to `target`; the signature's place is reserved.

    `signing_time` must be aware; it is the claimed time in /M. Raises `FieldRefused` for a missing
    or signed field or a locked document, `CertificateRefused` for a weak certificate.
    """
    mechanism = mechanism_for(signer.certificate)
    with append_revision(source, target) as writer:
        widget = _signable_field(writer, field)
        if seal is not None:
            draw_seal(writer, widget, seal)
        placeholder = _ReservedSignature(
            timestamp=signing_time, subfilter=SigSeedSubFilter.PADES, bytes_reserved=_reserve(signer)
        )
        start, end = _append(writer, field, placeholder, _lock(widget, mechanism))
    return _describe(target, field, signer, mechanism, start, end)


def _signable_field(writer: IncrementalPdfFileWriter, field: str) -> Any:
    fields = {name: (value, ref) for name, value, ref in enumerate_sig_fields(writer)}
    if field not in fields:
        raise FieldRefused(
            "no_field",
            "この契約書には指定の署名欄がありません。",
            "The document has no such signature field.",
        )
    if fields[field][0] is not None:
        raise FieldRefused(
            "field_signed", "この署名欄はすでに署名されています。", "This signature field is signed already."
        )
    if any(_locks_document(value) for value, _ in fields.values()):
        raise FieldRefused(
            "document_locked",
            "この契約書は最後の署名で確定されており、これ以上署名できません。",
            "The last signature has locked this document; nobody can sign any more.",
        )
    return fields[field][1].get_object()


def _locks_document(signature: Any) -> bool:
    """Whether a filled field's signature forbids all changes. pyHanko itself doesn't refuse to sign then."""
    if signature is None:
        return False
    references = signature.get_object().get("/Reference", ())
    return any(ref.get_object().get("/TransformParams", {}).get("/P") == MDPPerm.NO_CHANGES.value for ref in references)


def _lock(widget: Any, mechanism: Mechanism) -> SigMDPSetup:
    algorithm = mechanism.digest_algorithm
    if "/Lock" not in widget:
        return SigMDPSetup(md_algorithm=algorithm)
    lock = widget["/Lock"]
    permission = MDPPerm(lock["/P"]) if "/P" in lock else None
    return SigMDPSetup(md_algorithm=algorithm, field_lock=FieldMDPSpec.from_pdf_object(lock), docmdp_perms=permission)


def _reserve(signer: SignerCertificate) -> int:
    certificates = len(signer.certificate) + sum(map(len, signer.chain))
    needed = 2 * (certificates + _TIMESTAMP_BYTES + _OVERHEAD_BYTES)
    return max(_LEAST_RESERVED, needed + needed % 2)


def _append(
    writer: IncrementalPdfFileWriter, field: str, placeholder: _ReservedSignature, lock: SigMDPSetup
) -> tuple[int, int]:
    writer.ensure_output_version(version=(1, 7))
    if writer.output_version < (2, 0):
        writer.register_extension(ESIC_EXTENSION_1)
    steps = PdfCMSEmbedder().write_cms(field, writer, existing_fields_only=True)
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=lock))
    start, end = steps.send(SigIOSetup(md_algorithm=lock.md_algorithm, in_place=True))
    return int(start), int(end)


def _describe(
    target: Path, field: str, signer: SignerCertificate, mechanism: Mechanism, start: int, end: int
) -> PreparedDocument:
    message, whole, size = _digests(target, mechanism.digest_algorithm, start, end)
    attributes = signed_attributes(message, signer.certificate)
    return PreparedDocument(field, mechanism, message, start, end, attributes, whole, size)


def _digests(target: Path, algorithm: str, start: int, end: int) -> tuple[bytes, str, int]:
    """Digest of the byte ranges, SHA-256 of the whole file, size. The long prefix is hashed once."""
    with target.open("rb") as stream:
        size = file_size(stream)
        message, whole = _hash_prefix(stream, algorithm, start)
        hash_into(stream, end - start, whole)
        hash_into(stream, size - end, message, whole)
    return message.digest(), whole.hexdigest(), size


def _hash_prefix(stream: Any, algorithm: str, count: int) -> tuple[Any, Any]:
    whole = hashlib.sha256()
    if algorithm == "sha256":
        hash_into(stream, count, whole)
        return whole.copy(), whole
    message = hashlib.new(algorithm)
    hash_into(stream, count, whole, message)
    return message, whole
