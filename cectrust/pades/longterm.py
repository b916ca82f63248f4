"""Long-term proof: validation data and archive timestamp inside the file (PAdES B-LTA)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from asn1crypto import cms, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, extract_tst_data_iter
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import InsufficientRevinfoError, PathBuildingError, PathValidationError
from pyhanko_certvalidator.path import ValidationPath

from cectrust.pades.documents import CHUNK, append_revision
from cectrust.pades.errors import LongTermFailed, revocation_unknown
from cectrust.pades.model import TrustStore
from cectrust.pades.protocols import RevocationSource, Timestamper
from cectrust.pades.timestamps import TimestamperAdapter
from cectrust.pades.trust import REVOCATION_POLICY, RevocationData, certificates, find_path, gather

_DIGEST = "sha256"
_UNITS = 3
"""Certificates that one authority's units may answer with before we give up."""


@dataclass
class _Evidence:
    """What goes into the DSS."""

    paths: list[ValidationPath] = field(default_factory=list)
    data: RevocationData = field(default_factory=RevocationData)

    def proves(self, token: cms.SignedData) -> bool:
        """Whether the path of a token's signer is in it."""
        leaf = extract_certs_for_validation(token).signer_cert.dump()
        return any(path.leaf is not None and path.leaf.dump() == leaf for path in self.paths)


def extend_to_lta(
    source: Path, target: Path, trust: TrustStore, revocation: RevocationSource, timestamper: Timestamper
) -> None:
    """Write `source` plus DSS and document timestamp to `target` (ETSI EN 319 142-1 section 5.4, 5.5).

    Both lie in one revision, so the timestamp also proves when the revocation data existed. The authority's
    certificate is expected to be that of the file's newest timestamp; should another unit of it answer, the
    revision is made again with that one's data too. Raises `LongTermFailed` when a signature doesn't chain to an
    anchor or revocation data is missing.
    """
    adapter, evidence = TimestamperAdapter(timestamper), _Evidence()
    for _ in range(_UNITS):
        with append_revision(source, target) as writer:
            asyncio.run(_extend(writer, trust, revocation, adapter, evidence))
        if evidence.proves(adapter.received[-1]):
            return
    target.unlink()
    raise _failed(
        "authority_changes",
        "時刻認証局の電子証明書が応答のたびに変わるため、長期保管の処理ができません。",
        "The time-stamping authority answers with another certificate each time.",
    )


async def _extend(
    writer: IncrementalPdfFileWriter,
    trust: TrustStore,
    revocation: RevocationSource,
    timestamper: TimestamperAdapter,
    evidence: _Evidence,
) -> None:
    for signed_data, anchors in _tokens(writer, trust):
        await _prove(signed_data, anchors, trust, revocation, evidence)
        if anchors == trust.tsa_anchors:
            timestamper.expect_like(signed_data, _DIGEST)
    await timestamper.async_dummy_response(_DIGEST)  # asks only if the file has no timestamp yet
    for token in timestamper.received:
        await _prove(token, trust.tsa_anchors, trust, revocation, evidence)
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        paths=evidence.paths,
        ocsps=list(evidence.data.ocsps.values()),
        crls=list(evidence.data.crls.values()),
        embed_roots=False,
    )
    await PdfTimeStamper(timestamper).async_timestamp_pdf(writer, _DIGEST, in_place=True, chunk_size=CHUNK)


def _tokens(writer: IncrementalPdfFileWriter, trust: TrustStore) -> Iterator[tuple[cms.SignedData, tuple[bytes, ...]]]:
    """Every signature and timestamp in the file with the anchors it has to end at."""
    signatures = writer.prev.embedded_regular_signatures
    if not signatures:
        raise _failed(
            "nothing_signed",
            "電子署名がないため、長期保管の処理はできません。",
            "There is no signature to extend.",
        )
    for signature in signatures:
        yield signature.signed_data, trust.anchors
        for token in extract_tst_data_iter(signature.signer_info, signed=False):
            yield token, trust.tsa_anchors
    for stamp in writer.prev.embedded_timestamp_signatures:
        yield stamp.signed_data, trust.tsa_anchors


async def _prove(
    signed_data: cms.SignedData,
    anchors: tuple[bytes, ...],
    trust: TrustStore,
    revocation: RevocationSource,
    evidence: _Evidence,
) -> None:
    found = extract_certs_for_validation(signed_data)
    leaf, others = found.signer_cert, [*found.other_certs, *certificates(trust.intermediates)]
    if evidence.proves(signed_data):
        return
    path = await find_path(leaf, others, anchors)
    if path is None:
        raise _failed(
            "untrusted",
            "電子証明書の発行元を信頼できる認証局まで確認できません。",
            "The certificate doesn't chain to a configured anchor.",
        )
    gather(path, revocation, evidence.data)
    evidence.paths.append(await _validated(leaf, others, anchors, evidence.data))


async def _validated(
    leaf: x509.Certificate, others: list[x509.Certificate], anchors: tuple[bytes, ...], data: RevocationData
) -> ValidationPath:
    """The same path again, now with revocation required: incomplete proof must not be sealed in."""
    context = ValidationContext(
        trust_roots=certificates(anchors),
        other_certs=others,
        allow_fetching=False,
        ocsps=list(data.ocsps.values()),
        crls=list(data.crls.values()),
        revinfo_policy=REVOCATION_POLICY,
    )
    try:
        validator = CertificateValidator(leaf, intermediate_certs=others, validation_context=context)
        return await validator.async_validate_path()
    except InsufficientRevinfoError as error:
        raise revocation_unknown(str(error)) from error
    except (PathBuildingError, PathValidationError) as error:
        raise _failed(
            "revocation_incomplete",
            "電子証明書が失効しているか、認証局の条件を満たしていません。",
            "The certificate is revoked or violates a constraint of its authority.",
            str(error),
        ) from error
    finally:
        await context.aclose()


def _failed(code: str, ja: str, en: str, detail: str = "") -> LongTermFailed:
    return LongTermFailed(code, ja, en, detail)
