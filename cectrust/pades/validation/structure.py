"""Rules (a) to (c): what the bytes and the revisions must look like before any certificate matters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from cectrust.pades.model import Coverage
from cectrust.pades.traces import foreign, traces

_LTA = ModificationLevel.LTA_UPDATES
_APPEND_ONLY = 2  # SigFlags bit: somebody has signed (ISO 32000-2 table 225)

STRICT_DIFF = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),
        DocInfoRule().as_qualified(_LTA),
        XrefStreamRule().as_qualified(_LTA),
        ObjectStreamRule().as_qualified(_LTA),
        DSSCompareRule().as_qualified(_LTA),
        MetadataUpdateRule().as_qualified(_LTA),
    ],
    form_rule=FormUpdatingRule(field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]),
)
"""Rule (b): the library's policy without its form filling, which lets a shadow replacement pass."""


def coverage_of(signature: EmbeddedPdfSignature) -> Coverage:
    """How much of the file the byte range covers; anything but whole revisions is UNCLEAR."""
    level = signature.evaluate_signature_coverage()
    if level == SignatureCoverageLevel.ENTIRE_FILE and _exact(signature):
        return Coverage.ENTIRE_FILE
    if level == SignatureCoverageLevel.ENTIRE_REVISION:
        return Coverage.REVISION
    return Coverage.UNCLEAR


def _exact(signature: EmbeddedPdfSignature) -> bool:
    """The gap is exactly one hex string: the library compares lengths only."""
    _, first, second, _ = (int(value) for value in signature.byte_range)
    stream = signature.reader.stream
    stream.seek(first)
    gap = stream.read(second - first)
    return bool(re.fullmatch(rb"<[0-9A-Fa-f]*>", gap))


def _padded_with_zeros(signature: EmbeddedPdfSignature) -> bool:
    """Nothing hides behind the CMS object, where no digest would notice it (ISO 32000-2, 12.8.3.3.1)."""
    contents: bytes = signature.pkcs7_content
    length = len(cms.ContentInfo.load(contents).dump())
    return not contents[length:].strip(b"\x00")


def change_after(signature: EmbeddedPdfSignature) -> str | None:
    """Return the code of what is wrong with the revisions after a signature, or None."""
    if not _padded_with_zeros(signature):
        return "signature_unreadable"
    if coverage_of(signature) is Coverage.UNCLEAR:
        return "byte_range"
    signature.compute_integrity_info(diff_policy=STRICT_DIFF)
    if isinstance(signature.diff_result, SuspiciousModification):
        return "changed_after_signing"
    if not signature.summarise_integrity_info()["docmdp_ok"]:
        return "changed_after_signing"
    return None


def uncovered_tail(signatures: Sequence[EmbeddedPdfSignature]) -> bool:
    """Rule (a): True when no signature or timestamp covers the file to its last byte."""
    return not any(coverage_of(signature) is Coverage.ENTIRE_FILE for signature in signatures)


def empty_fields(reader: PdfFileReader) -> tuple[str, ...]:
    """Names of signature fields without a signature."""
    return tuple(str(name) for name, value, _ in enumerate_sig_fields(reader) if value is None)


def signature_removed(reader: PdfFileReader, path: Path) -> str | None:
    """Code of what traces of a signature that the form no longer names mean, or None.

    `signature_traces` when a file inside this one may account for them all: nobody is accused, and nothing passes.
    """
    known, found = len(reader.embedded_signatures), traces(path)
    if len(found) <= known:
        return "signature_removed" if known == 0 and _marked_as_signed(reader) else None
    own = len(found) - len(foreign(reader, path, found))
    return "signature_removed" if own > known or (known == 0 and _marked_as_signed(reader)) else "signature_traces"


def _marked_as_signed(reader: PdfFileReader) -> bool:
    root = reader.root
    flags = int(root["/AcroForm"].get("/SigFlags", 0)) if "/AcroForm" in root else 0
    return bool(flags & _APPEND_ONLY) or "/DSS" in root or "/DocMDP" in root.get("/Perms", {})


def ends_before_tail(path: Path) -> bool:
    """For a file that can't be parsed: whether it goes on after everything that was ever signed."""
    ends = [start + length for _, _, start, length in (one.numbers for one in traces(path))]
    return bool(ends) and max(ends) < path.stat().st_size


def once_signed(path: Path) -> bool:
    """For a file that can't be parsed: whether a signature dictionary is in it."""
    return bool(traces(path))
