"""The validator: stricter than its library (see `docs/` for the rules a-f)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cectrust.pades.model import ConcludedFacts, TrustStore, ValidationReport
from cectrust.pades.protocols import RevocationSource


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
    raise NotImplementedError
