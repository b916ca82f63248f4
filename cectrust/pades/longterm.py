"""Long-term proof: validation data and archive timestamp inside the file (PAdES B-LTA)."""

from __future__ import annotations

from pathlib import Path

from cectrust.pades.model import TrustStore
from cectrust.pades.protocols import RevocationSource, Timestamper


def extend_to_lta(
    source: Path, target: Path, trust: TrustStore, revocation: RevocationSource, timestamper: Timestamper
) -> None:
    """Write `source` plus DSS and document timestamp to `target` (ETSI EN 319 142-1 section 5.4, 5.5).

    Raises `LongTermFailed` when a signature doesn't chain to an anchor or revocation data is missing.
    """
    raise NotImplementedError
