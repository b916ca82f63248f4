"""The digest that a signature or document timestamp is over (ISO 32000-2, 12.8.1)."""

from __future__ import annotations

from pyhanko.sign.general import byte_range_digest
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from cectrust.pades.documents import CHUNK


def digest_of(signature: EmbeddedPdfSignature, algorithm: str | None = None) -> bytes:
    """Digest of the byte ranges, put where the library looks for it.

    By itself it would read 4 KB at a time, which costs as much as the hash.
    """
    name = algorithm or signature.external_md_algorithm
    if name not in signature.external_digests:
        _, value = byte_range_digest(signature.reader.stream, signature.byte_range, name, chunk_size=CHUNK)
        signature.external_digests[name] = value
    found: bytes = signature.external_digests[name]
    return found
