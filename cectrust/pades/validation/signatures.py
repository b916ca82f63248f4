"""One signature's verdict (ETSI EN 319 102-1 section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asn1crypto import cms
from pyhanko.sign.validation.ades import ades_basic_validation, ades_with_time_validation
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

from cectrust.pades.certificates import certificate_warnings
from cectrust.pades.errors import CertificateRefused
from cectrust.pades.model import Level, Reason, SignatureReport, TrustStore, Verdict
from cectrust.pades.protocols import RevocationSource
from cectrust.pades.validation.digests import digest_of
from cectrust.pades.validation.evidence import Evidence, completed
from cectrust.pades.validation.sentences import reason, reason_for
from cectrust.pades.validation.structure import change_after, coverage_of
from cectrust.pades.validation.timestamps import ProvenTime

_STATUS = {
    "PASSED": Verdict.TOTAL_PASSED,
    "FAILED": Verdict.TOTAL_FAILED,
    "INDETERMINATE": Verdict.INDETERMINATE,
}


async def judge_signature(
    signature: EmbeddedPdfSignature,
    proven: Sequence[ProvenTime],
    evidence: Evidence,
    trust: TrustStore,
    source: RevocationSource | None,
    at: datetime,
) -> SignatureReport:
    """Judge one signature: at the first time proven after it, else at `at` with what `source` adds."""
    later = _first_after(signature, proven)
    if later is None:
        evidence = await completed(evidence, _tokens(signature, trust), trust, source, at)
    digest = digest_of(signature)  # first: the library would do the same in chunks that cost more than the hash
    changed = change_after(signature)
    result = await _validate(signature, digest, later, evidence, trust, at)
    return _report(signature, changed, result, _level(signature, later, evidence))


async def passes_when_proven(signature: EmbeddedPdfSignature, proven: Sequence[ProvenTime], trust: TrustStore) -> bool:
    """Whether one of the `proven` times is after the signature, which is good then by what the file held then.

    What was changed after the signature is not looked at.
    """
    later = _first_after(signature, proven)
    if later is None:
        return False
    result = await _validate(signature, digest_of(signature), later, later.evidence, trust, later.time)
    return _STATUS[result.ades_subindic.status.name] is Verdict.TOTAL_PASSED


def _first_after(signature: EmbeddedPdfSignature, proven: Sequence[ProvenTime]) -> ProvenTime | None:
    return next((one for one in proven if one.revision > signature.signed_revision), None)


def _tokens(signature: EmbeddedPdfSignature, trust: TrustStore) -> list[tuple[cms.SignedData, tuple[bytes, ...]]]:
    stamps = extract_tst_data_iter(signature.signer_info, signed=False)
    return [(signature.signed_data, trust.anchors), *((stamp, trust.tsa_anchors) for stamp in stamps)]


def _timestamped(signature: EmbeddedPdfSignature) -> bool:
    return next(extract_tst_data_iter(signature.signer_info, signed=False), None) is not None


def _level(signature: EmbeddedPdfSignature, later: ProvenTime | None, evidence: Evidence) -> Level:
    if not _timestamped(signature):
        return Level.B_B
    if later is not None:
        return Level.B_LTA if later.evidence.present else Level.B_T
    return Level.B_LT if evidence.present else Level.B_T


async def _validate(
    signature: EmbeddedPdfSignature,
    digest: bytes,
    later: ProvenTime | None,
    evidence: Evidence,
    trust: TrustStore,
    at: datetime,
) -> Any:
    moment = later.time if later else at
    function = ades_with_time_validation if _timestamped(signature) else ades_basic_validation
    return await function(
        signature.signed_data,
        (later.evidence if later else evidence).spec(trust),
        timing_info=ValidationTimingInfo(moment, moment, point_in_time_validation=True),
        raw_digest=digest,
    )


def _report(signature: EmbeddedPdfSignature, changed: str | None, result: Any, level: Level) -> SignatureReport:
    sub_indication = str(result.ades_subindic.standard_name)
    verdict = _STATUS[result.ades_subindic.status.name]
    name = signer_name(signature)
    passed = verdict is Verdict.TOTAL_PASSED
    reasons: tuple[Reason, ...] = (reason("valid_signature") if passed else reason_for(sub_indication, name),)
    if changed is not None and verdict is not Verdict.TOTAL_FAILED:
        verdict, sub_indication, passed = Verdict.TOTAL_FAILED, "FORMAT_FAILURE", False
        reasons = (reason(changed, name),)
    proven_time = getattr(result, "best_signature_time", None) if passed and level is not Level.B_B else None
    return SignatureReport(
        field=str(signature.field_name),  # the library's string would keep the whole file in memory
        signer=name,
        certificate_sha256=signature.signer_cert.sha256.hex(),
        level=level,
        verdict=verdict,
        sub_indication=None if passed else sub_indication,
        time=proven_time or signature.self_reported_timestamp,
        time_proven=proven_time is not None,
        covers=coverage_of(signature),
        reasons=reasons,
        warnings=_warnings(signature),
    )


def _warnings(signature: EmbeddedPdfSignature) -> tuple[Reason, ...]:
    try:
        return certificate_warnings(signature.signer_cert.dump())
    except CertificateRefused:  # no certificate that we would accept; the verdict has its own words for that
        return ()


def signer_name(signature: EmbeddedPdfSignature) -> str:
    """Common name of the signer's certificate, or the whole subject where there is none."""
    subject = signature.signer_cert.subject
    return str(subject.native.get("common_name") or subject.human_friendly)
