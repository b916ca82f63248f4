"""Rule (f): the engine's readers of foreign files, run in parser workers without network.

Revocation data is fetched by the caller between two runs: the first tells which certificates that chain
to an anchor lack it, the second judges with what came back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cectrust.pades.intake import MAX_DOCUMENT_BYTES, intake
from cectrust.pades.model import (
    ConcludedFacts,
    IntakeReport,
    TrustStore,
    ValidationReport,
    Verdict,
)
from cectrust.pades.protocols import RevocationSource
from cectrust.pades.validation import validate, verdict_on_stopped
from cectrust.parsing import Limits, ParserPool, ParserStopped

MODULES = ("cectrust.pades.intake", "cectrust.pades.isolated")
"""What a `ParserPool` must be given for the functions here."""

LIMITS = Limits(seconds=60.0, memory=768 << 20)


@dataclass(frozen=True, slots=True)
class RevocationNeed:
    """A DER certificate that chains to an anchor and its issuer, whose revocation state matters."""

    certificate: bytes
    issuer: bytes


@dataclass(frozen=True, slots=True)
class FetchedRevocation:
    """Answers to needs, as plain data: (certificate, OCSP response) and (certificate, CRLs). A `RevocationSource`."""

    responses: tuple[tuple[bytes, bytes], ...] = ()
    lists: tuple[tuple[bytes, tuple[bytes, ...]], ...] = ()

    def ocsp(self, certificate: bytes, issuer: bytes) -> bytes | None:
        """The response that was fetched for `certificate`, or None."""
        del issuer
        return dict(self.responses).get(certificate)

    def crls(self, certificate: bytes) -> list[bytes]:
        """The CRLs that were fetched for `certificate`."""
        return list(dict(self.lists).get(certificate, ()))


class _Recorder:
    """A source that knows nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.needs: dict[bytes, RevocationNeed] = {}

    def ocsp(self, certificate: bytes, issuer: bytes) -> bytes | None:
        self.needs[certificate] = RevocationNeed(certificate, issuer)
        return None

    def crls(self, certificate: bytes) -> list[bytes]:
        self.needs.setdefault(certificate, RevocationNeed(certificate, b""))
        return []


@dataclass(frozen=True, slots=True)
class FirstJudgement:
    """A verdict from the file alone, and what it lacked; no needs means that it stands."""

    report: ValidationReport
    needs: tuple[RevocationNeed, ...]


def judge_offline(path: Path, trust: TrustStore, receipt: ConcludedFacts | None, at: datetime | None) -> FirstJudgement:
    """Judge a file by what it holds; list the certificates whose revocation data it lacks."""
    recorder = _Recorder()
    report = validate(path, trust, recorder, receipt, at)
    verdicts = {*(one.verdict for one in report.signatures), *(one.verdict for one in report.timestamps)}
    # Only an open question is worth asking outside: a failure stands, and a missing signature isn't fetched.
    open_ = report.verdict is Verdict.INDETERMINATE and Verdict.INDETERMINATE in verdicts
    return FirstJudgement(report, tuple(recorder.needs.values()) if open_ else ())


def validate_fetched(
    path: Path,
    trust: TrustStore,
    fetched: FetchedRevocation,
    receipt: ConcludedFacts | None,
    at: datetime | None,
) -> ValidationReport:
    """`validate` with plain values only, so that it can run in a worker."""
    return validate(path, trust, fetched, receipt, at)


def intake_isolated(pool: ParserPool, path: Path, max_bytes: int = MAX_DOCUMENT_BYTES) -> IntakeReport:
    """`intake` in a worker. Raises `DocumentRefused`, or `ParserStopped` when the file broke the parser."""
    return pool.run(intake, LIMITS, path, max_bytes)


def validate_isolated(
    pool: ParserPool,
    path: Path,
    trust: TrustStore,
    revocation: RevocationSource | None = None,
    receipt: ConcludedFacts | None = None,
    at: datetime | None = None,
) -> ValidationReport:
    """`validate` in a worker; a parser that dies of the file makes it `TOTAL_FAILED`."""
    try:
        first = pool.run(judge_offline, LIMITS, path, trust, receipt, at)
        if revocation is None or not first.needs:
            return first.report
        fetched = _fetch(first.needs, revocation)
        return pool.run(validate_fetched, LIMITS, path, trust, fetched, receipt, at)
    except ParserStopped:
        return verdict_on_stopped(path)


def _fetch(needs: Sequence[RevocationNeed], revocation: RevocationSource) -> FetchedRevocation:
    responses, lists = [], []
    for need in needs:
        response = revocation.ocsp(need.certificate, need.issuer) if need.issuer else None
        if response is not None:
            responses.append((need.certificate, response))
        else:
            lists.append((need.certificate, tuple(revocation.crls(need.certificate))))
    return FetchedRevocation(tuple(responses), tuple(lists))
