"""Rule (f): the engine's readers of foreign files, run in parser workers without network.

Revocation data is fetched by the caller between two runs: the first tells which certificates that chain
to an anchor lack it, the second judges with what came back. Comparing pictures (rule (d)) is a run of its own, once
and at the end, because it alone takes longer the more pages there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cectrust.pades.fetching import FetchedRevocation, Recorder, RevocationNeed, fetch
from cectrust.pades.model import (
    LONGEST,
    ConcludedFacts,
    TrustStore,
    ValidationReport,
    Verdict,
)
from cectrust.pades.protocols import RevocationSource
from cectrust.pades.validation import differing, judge, verdict_on_stopped
from cectrust.pades.validation.rendering import Comparison, difference
from cectrust.parsing import Limits, ParserPool, ParserStopped

MODULES = ("cectrust.pades.intake", "cectrust.pades.isolated")
"""What a `ParserPool` must be given for the functions here."""

LIMITS = Limits(seconds=60.0, memory=768 << 20)
_PER_PAGE, _PER_BYTE = 0.2, 1e-6
"""Seconds for each page and each byte of each revision that is rendered. An idle machine takes 4 ms for a page of
text and 31 ms for a megabyte of scans; a busy one took ten times as long."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict but for rule (d), what that has to compare, and what was lacking; no needs means nothing was."""

    report: ValidationReport
    comparison: Comparison
    needs: tuple[RevocationNeed, ...] = ()


def judge_offline(path: Path, trust: TrustStore, receipt: ConcludedFacts | None, at: datetime | None) -> Judgement:
    """Judge a file by what it holds; list the certificates whose revocation data it lacks."""
    recorder = Recorder()
    report, comparison = judge(path, trust, recorder, receipt, at)
    verdicts = {*(one.verdict for one in report.signatures), *(one.verdict for one in report.timestamps)}
    # Only an open question is worth asking outside: a failure stands, and a missing signature isn't fetched.
    open_ = report.verdict is Verdict.INDETERMINATE and Verdict.INDETERMINATE in verdicts
    return Judgement(report, comparison, tuple(recorder.needs.values()) if open_ else ())


def judge_fetched(
    path: Path,
    trust: TrustStore,
    fetched: FetchedRevocation,
    receipt: ConcludedFacts | None,
    at: datetime | None,
) -> Judgement:
    """The same with what was fetched."""
    return Judgement(*judge(path, trust, fetched, receipt, at))


def compare(path: Path, comparison: Comparison) -> str | None:
    """Rule (d) in a worker; the code of a difference, or None."""
    return difference(path, comparison)


def comparing_limits(size: int, comparison: Comparison, longest: float = LONGEST) -> Limits:
    """Time for rendering every page of every revision, so that an honest contract passes on a busy machine."""
    work = max(0, comparison.pages) * _PER_PAGE + size * _PER_BYTE
    seconds = LIMITS.seconds + (len(comparison.ends) + 1) * work
    return Limits(seconds=min(seconds, longest), memory=LIMITS.memory)


def validate_isolated(
    pool: ParserPool,
    path: Path,
    trust: TrustStore,
    revocation: RevocationSource | None = None,
    receipt: ConcludedFacts | None = None,
    at: datetime | None = None,
    limits: Limits = LIMITS,
    longest: float = LONGEST,
) -> ValidationReport:
    """`validate` in a worker; a parser that doesn't finish makes it `INDETERMINATE`, see `ValidationReport.stopped`."""
    try:
        judgement = pool.run(judge_offline, limits, path, trust, receipt, at)
        if revocation is not None and judgement.needs:
            fetched = fetch(judgement.needs, revocation)
            judgement = pool.run(judge_fetched, limits, path, trust, fetched, receipt, at)
        return compared(pool, path, judgement, longest)
    except ParserStopped:
        return verdict_on_stopped(path)


def compared(pool: ParserPool, path: Path, judgement: Judgement, longest: float = LONGEST) -> ValidationReport:
    """The report with what rule (d) finds within `longest` seconds."""
    comparison, report = judgement.comparison, judgement.report
    if not comparison.ends:
        return report
    code = pool.run(compare, comparing_limits(report.size, comparison, longest), path, comparison)
    return differing(report, code) if code else report
