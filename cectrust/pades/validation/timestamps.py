"""Document timestamps: each proves that all before it existed at its time (ETSI EN 319 142-1 section 5.5).

The newest is judged now, every other one at the time its successor proves. A signature is then judged
at the time the first timestamp after it proves, with the revocation data that timestamp covers: what
expires or is revoked later can't hurt it (T15).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pyhanko.sign.validation.ades import ades_timestamp_validation
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

from cectrust.pades.model import TimestampReport, TrustStore, Verdict
from cectrust.pades.protocols import RevocationSource
from cectrust.pades.validation.digests import digest_of
from cectrust.pades.validation.evidence import Evidence, completed, from_revision, token_path
from cectrust.pades.validation.sentences import reason
from cectrust.pades.validation.structure import change_after, coverage_of

_WRONG = frozenset({"HASH_FAILURE", "SIG_CRYPTO_FAILURE", "FORMAT_FAILURE"})


@dataclass(frozen=True)
class ProvenTime:
    """`time` is proven for everything up to `revision`, with the evidence that lay in the file then."""

    revision: int
    time: datetime
    evidence: Evidence


async def judge_timestamps(
    stamps: Sequence[EmbeddedPdfSignature],
    trust: TrustStore,
    source: RevocationSource | None,
    at: datetime,
) -> tuple[list[TimestampReport], list[ProvenTime]]:
    """Judge newest first; return reports and proven times in file order. Proof ends at the first bad one."""
    reports: list[TimestampReport] = []
    proven: list[ProvenTime] = []
    moment, unbroken = at, True
    for stamp in reversed(stamps):
        evidence = from_revision(stamp.reader.get_historical_resolver(stamp.signed_revision))
        evidence = await completed(evidence, [(stamp.signed_data, trust.tsa_anchors)], trust, source, moment)
        report = await _judge(stamp, evidence, trust, moment, at)
        reports.insert(0, report)
        unbroken = unbroken and report.verdict is Verdict.TOTAL_PASSED
        if unbroken and report.time is not None:
            proven.insert(0, ProvenTime(stamp.signed_revision, report.time, evidence))
            moment, source = report.time, None
    return reports, proven


async def _judge(
    stamp: EmbeddedPdfSignature, evidence: Evidence, trust: TrustStore, moment: datetime, at: datetime
) -> TimestampReport:
    time = _stated(stamp)
    digest_of(stamp)
    changed = change_after(stamp)
    code = changed or await _problem(stamp, evidence, trust, moment, at)
    failed = changed is not None or code == "timestamp_wrong"
    verdict = Verdict.TOTAL_FAILED if failed else Verdict.INDETERMINATE if code else Verdict.TOTAL_PASSED
    authority = extract_certs_for_validation(stamp.signed_data).signer_cert.subject.native.get("common_name")
    reasons = (reason(code, str(stamp.field_name)),) if code else ()
    return TimestampReport(str(stamp.field_name), str(authority), verdict, time, coverage_of(stamp), reasons)


def _stated(stamp: EmbeddedPdfSignature) -> datetime:
    time: datetime = stamp.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    return time


def _odd_time(time: datetime, moment: datetime, at: datetime) -> str | None:
    """A time that is still to come by our clock accuses nobody: which clock is wrong the file can't tell.

    One that is later than the timestamp over it says is wrong in the file itself.
    """
    if time > at:
        return "timestamp_ahead"
    return "timestamp_wrong" if time > moment else None


async def _problem(
    stamp: EmbeddedPdfSignature, evidence: Evidence, trust: TrustStore, moment: datetime, at: datetime
) -> str | None:
    """Code of what is wrong with the token, or None.

    Revocation is judged at the token's own time, from data the file holds or a source brought; validity
    also at `moment`, for an expired authority can't vouch any more.
    """
    time = _stated(stamp)
    result = await ades_timestamp_validation(
        stamp.signed_data,
        evidence.spec(trust),
        expected_tst_imprint=_imprint(stamp),
        timing_info=ValidationTimingInfo(time, time, point_in_time_validation=True),
    )
    sub_indication = str(result.ades_subindic.standard_name)
    if sub_indication in _WRONG:
        return "timestamp_wrong"
    odd = _odd_time(time, moment, at)
    if odd is not None:
        return odd
    path = await token_path(stamp.signed_data, trust.tsa_anchors, evidence, trust, moment)
    return None if sub_indication == "OK" and path is not None else "timestamp_untrusted"


def _imprint(stamp: EmbeddedPdfSignature) -> Callable[[str], bytes]:
    return lambda algorithm: digest_of(stamp, algorithm)
