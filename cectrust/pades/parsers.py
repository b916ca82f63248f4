"""What the house has done with foreign files, each call in a limited process without network (rule (f))."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from cectrust.pades.documents import removed_on_failure
from cectrust.pades.fields import add_fields, place_slots
from cectrust.pades.intake import MAX_PAGES, intake
from cectrust.pades.isolated import LIMITS, MODULES, validate_isolated
from cectrust.pades.longterm import extend_to_lta
from cectrust.pades.model import (
    LONGEST,
    ConcludedFacts,
    IntakeReport,
    PreparedDocument,
    SealImage,
    SignerCertificate,
    TrustStore,
    ValidationReport,
)
from cectrust.pades.prepare import prepare
from cectrust.pades.protocols import RevocationSource, Timestamper
from cectrust.parsing import Limits, ParserPool

P = ParamSpec("P")
T = TypeVar("T")

WARM_MODULES = (
    *MODULES,
    "cectrust.pades.longterm",
    "cectrust.pades.parsers",
    "cectrust.pades.prepare",
    "cectrust.pades.warm",
)
MEMORY = 1 << 30
GROWTH = 64 << 20
"""What one revision may add to a file, in bytes: fields, a seal, or the CRLs of every authority in it."""


class IsolatedParsers:
    """``cectrust.work.Parsers`` over a pool of warm workers."""

    def __init__(
        self,
        pool: ParserPool,
        upload_bytes: int,
        pages: int = MAX_PAGES,
        judging: Limits = LIMITS,
        memory: int = MEMORY,
    ) -> None:
        """`judging` limits validation but for comparing pictures, `memory` (bytes) everything else."""
        self._pool = pool
        self._upload_bytes, self._pages = upload_bytes, pages
        self._judging = judging
        self._reading = Limits(seconds=60.0, memory=memory)

    def intake(self, path: Path) -> IntakeReport:
        return self._pool.run(intake, self._reading, path, self._upload_bytes, self._pages)

    def add_fields(self, source: Path, target: Path, names: Sequence[str]) -> None:
        with removed_on_failure(target):
            self._pool.run(_place_and_add_fields, self._writing(source), source, target, tuple(names))

    def prepare(
        self, source: Path, target: Path, field: str, signer: SignerCertificate, seal: SealImage, at: datetime
    ) -> PreparedDocument:
        with removed_on_failure(target):
            return self._pool.run(prepare, self._writing(source), source, target, field, signer, seal, at)

    def extend(
        self, source: Path, target: Path, trust: TrustStore, revocation: RevocationSource, timestamper: Timestamper
    ) -> None:
        def run(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
            return self._pool.run(function, self._writing(source), *args, **kwargs)

        extend_to_lta(source, target, trust, revocation, timestamper, run)

    def validate(
        self,
        path: Path,
        trust: TrustStore,
        receipt: ConcludedFacts | None = None,
        revocation: RevocationSource | None = None,
        longest: float = LONGEST,
    ) -> ValidationReport:
        return validate_isolated(self._pool, path, trust, revocation, receipt, limits=self._judging, longest=longest)

    def _writing(self, source: Path) -> Limits:
        return replace(self._reading, written=source.stat().st_size + GROWTH)

    def close(self) -> None:
        self._pool.close()


def _place_and_add_fields(source: Path, target: Path, names: tuple[str, ...]) -> None:
    add_fields(source, target, place_slots(source, names))
