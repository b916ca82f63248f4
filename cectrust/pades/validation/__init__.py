"""The validator, stricter than its library: rules (a) to (e) here, (f) by running it in a parser worker."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader

from cectrust.pades.documents import file_size, hash_into
from cectrust.pades.model import (
    ConcludedFacts,
    Reason,
    SignatureReport,
    TimestampReport,
    TrustStore,
    ValidationReport,
    Verdict,
)
from cectrust.pades.protocols import RevocationSource
from cectrust.pades.validation import rendering
from cectrust.pades.validation.evidence import from_revision
from cectrust.pades.validation.masks import field_masks
from cectrust.pades.validation.receipt import deviations
from cectrust.pades.validation.rendering import Comparison
from cectrust.pades.validation.sentences import reason
from cectrust.pades.validation.signatures import judge_signature
from cectrust.pades.validation.structure import (
    empty_fields,
    ends_before_tail,
    once_signed,
    signature_removed,
    uncovered_tail,
)
from cectrust.pades.validation.timestamps import judge_timestamps

_LARGE = 32 << 20
_log = logging.getLogger(__name__)


def validate(
    path: Path,
    trust: TrustStore,
    revocation: RevocationSource | None = None,
    receipt: ConcludedFacts | None = None,
    at: datetime | None = None,
) -> ValidationReport:
    """Judge a file. Never raises for what the file holds: every parse failure becomes a verdict.

    Without `revocation` only data inside the file counts. `receipt` makes a file cut back to an
    earlier revision `TOTAL_FAILED`. `at` (aware) is the moment of judging, by default now.
    """
    report, comparison = judge(path, trust, revocation, receipt, at)
    if report.size > _LARGE:
        gc.collect()  # the reader is gone by now; it had the streams of the whole file in memory
    code = rendering.difference(path, comparison) if comparison.ends else None
    return differing(report, code) if code else report


def judge(
    path: Path,
    trust: TrustStore,
    revocation: RevocationSource | None,
    receipt: ConcludedFacts | None,
    at: datetime | None,
) -> tuple[ValidationReport, Comparison]:
    """`validate` up to rule (d): the verdict so far, and what is still to be compared."""
    digest, size = _identity(path)
    try:
        found = asyncio.run(_judge(path, trust, revocation, at or datetime.now(UTC)))
    except (OSError, MemoryError):
        raise  # the machine's fault, not the file's
    except Exception as error:  # hostile bytes make the libraries raise what they never promised
        _log.info("unreadable: %s", type(error).__name__)
        found = _unreadable(path)
    return _conclude(path, digest, size, found, receipt), found.comparison


def differing(report: ValidationReport, code: str) -> ValidationReport:
    """The report on a file of which rule (d) says `code`; what had failed before stays the first reason."""
    failed = report.verdict is Verdict.TOTAL_FAILED
    reasons = (*report.reasons, reason(code)) if failed else (reason(code),)
    sub_indication = report.sub_indication if failed else "FORMAT_FAILURE"
    return replace(report, verdict=Verdict.TOTAL_FAILED, sub_indication=sub_indication, reasons=reasons)


def verdict_on_stopped(path: Path) -> ValidationReport:
    """The report on a file whose parser didn't finish: a busy machine and a hostile file look alike (decision 079)."""
    return not_judged(path, reason("parser_stopped"))


def not_judged(path: Path, why: Reason) -> ValidationReport:
    """The report on a file of which nothing is known but its bytes."""
    digest, size = _identity(path)
    return ValidationReport(Verdict.INDETERMINATE, "GENERIC", digest, size, (), (), (), (why,))


class _Findings:
    """What judging found, before it becomes one verdict."""

    def __init__(self) -> None:
        self.signatures: Sequence[SignatureReport] = ()
        self.timestamps: Sequence[TimestampReport] = ()
        self.unsigned: tuple[str, ...] = ()
        self.failures: list[Reason] = []
        self.doubts: list[Reason] = []
        self.unknown: list[Reason] = []
        self.comparison = Comparison()


def _identity(path: Path) -> tuple[str, int]:
    hasher = hashlib.sha256()
    with path.open("rb") as stream:
        size = file_size(stream)
        hash_into(stream, size, hasher)
    return hasher.hexdigest(), size


def _unreadable(path: Path) -> _Findings:
    """A file that isn't a PDF at all proves nothing; one that claims to be and is broken has failed."""
    found = _Findings()
    with path.open("rb") as stream:
        is_pdf = b"%PDF-" in stream.read(1024)
    if is_pdf or once_signed(path):
        tail = [reason("appended")] if ends_before_tail(path) else []
        found.failures += [reason("broken"), *tail]
    else:
        found.unknown.append(reason("not_pdf"))
    return found


async def _judge(path: Path, trust: TrustStore, revocation: RevocationSource | None, at: datetime) -> _Findings:
    found = _Findings()
    with path.open("rb") as stream:
        reader = PdfFileReader(stream, strict=True)
        found.unsigned = empty_fields(reader)
        code = signature_removed(reader, path)
        if code is not None:
            (found.failures if code == "signature_removed" else found.doubts).append(reason(code))
        known = len(reader.embedded_regular_signatures) + len(reader.embedded_timestamp_signatures)
        if len(reader.embedded_signatures) != known:
            found.failures.append(reason("signature_unreadable"))
        if reader.embedded_signatures:
            await _judge_signatures(reader, found, trust, revocation, at)
            _judge_whole(reader, path, found)
    return found


async def _judge_signatures(
    reader: PdfFileReader,
    found: _Findings,
    trust: TrustStore,
    revocation: RevocationSource | None,
    at: datetime,
) -> None:
    stamps = reader.embedded_timestamp_signatures
    found.timestamps, proven = await judge_timestamps(stamps, trust, revocation, at)
    evidence = from_revision(reader)
    found.signatures = [
        await judge_signature(signature, proven, evidence, trust, revocation, at)
        for signature in reader.embedded_regular_signatures
    ]


def _judge_whole(reader: PdfFileReader, path: Path, found: _Findings) -> None:
    """Rule (a), and what rule (d) has to compare: both are about the file and not about one signature."""
    if uncovered_tail(reader.embedded_signatures):
        found.failures.append(reason("appended"))
    signed = [signature for signature in reader.embedded_regular_signatures if len(signature.byte_range) == 4]
    if not signed or any(report.verdict is Verdict.TOTAL_FAILED for report in found.signatures):
        return
    ends = [int(one.byte_range[2]) + int(one.byte_range[3]) for one in signed]
    earlier = tuple(sorted({end for end in ends if end < path.stat().st_size}))
    if earlier:
        first = min(signed, key=lambda one: one.signed_revision)
        masks = field_masks(reader.get_historical_resolver(first.signed_revision))
        found.comparison = Comparison(earlier, tuple(masks), int(reader.root["/Pages"]["/Count"]))


def _conclude(path: Path, digest: str, size: int, found: _Findings, receipt: ConcludedFacts | None) -> ValidationReport:
    failures = list(found.failures)
    if receipt is not None:
        failures += deviations(path, receipt, found.signatures)
    verdict, sub_indication, reasons = _verdict(found, failures)
    return ValidationReport(
        verdict,
        sub_indication,
        digest,
        size,
        tuple(found.signatures),
        tuple(found.timestamps),
        found.unsigned,
        reasons,
    )


def _verdict(found: _Findings, failures: list[Reason]) -> tuple[Verdict, str | None, tuple[Reason, ...]]:
    parts: list[SignatureReport | TimestampReport] = [*found.signatures, *found.timestamps]
    bad = [part for part in parts if part.verdict is Verdict.TOTAL_FAILED]
    open_ = [part for part in parts if part.verdict is Verdict.INDETERMINATE]
    if failures or bad:
        own = getattr(bad[0], "sub_indication", None) if bad else None
        return Verdict.TOTAL_FAILED, own or "FORMAT_FAILURE", (*_reasons(bad), *failures)
    if found.unknown or not found.signatures:
        return Verdict.INDETERMINATE, "NO_SIGNATURE_FOUND", tuple(found.unknown or [reason("no_signature")])
    if found.doubts:
        return Verdict.INDETERMINATE, "GENERIC", (*found.doubts, *_reasons(open_))
    if any(stamp.ahead for stamp in found.timestamps):  # before all else: the rest was judged without its proof
        return Verdict.INDETERMINATE, "TRY_LATER", _reasons([stamp for stamp in found.timestamps if stamp.ahead])
    if open_:
        own = next((part.sub_indication for part in found.signatures if part.sub_indication), None)
        return Verdict.INDETERMINATE, own or "NO_POE", _reasons(open_)
    if found.unsigned:
        return Verdict.INDETERMINATE, "INCOMPLETE", (reason("incomplete", "、".join(found.unsigned)),)
    return Verdict.TOTAL_PASSED, None, (reason("valid"),)


def _reasons(parts: Sequence[SignatureReport | TimestampReport]) -> tuple[Reason, ...]:
    return tuple(one for part in parts for one in part.reasons)
