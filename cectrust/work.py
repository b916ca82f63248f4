"""What a service function is handed beside its actor: one transaction and the collaborators it may use.

The edge (a request, a workflow step, a command) opens the transaction and ends it; services never commit. Only what
must ask others or read foreign bytes between looking and writing is handed a ``Workplace`` instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from cectrust.blobs.service import Blobs
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
from cectrust.pades.protocols import RevocationSource, Timestamper
from cectrust.sdk.protocols import CertificateProvider, Clock, Journal


class Enqueue(Protocol):
    """Starts a workflow in the caller's own transaction; the same id again starts nothing."""

    def __call__(self, session: Session, workflow: str, workflow_id: str) -> None: ...


class Parsers(Protocol):
    """Reads foreign bytes in limited processes without network; every failure is one of our own errors."""

    def intake(self, path: Path) -> IntakeReport:
        """Examine an upload. Raises ``InputRefused`` for what cannot become a contract document."""

    def add_fields(self, source: Path, target: Path, names: Sequence[str]) -> None:
        """Write ``source`` plus one signature field per name, side by side in the last page's margin."""

    def prepare(
        self, source: Path, target: Path, field: str, signer: SignerCertificate, seal: SealImage, at: datetime
    ) -> PreparedDocument:
        """Write ``source`` plus the revision that waits for its signature (``cectrust.pades.prepare``)."""

    def extend(
        self, source: Path, target: Path, trust: TrustStore, revocation: RevocationSource, timestamper: Timestamper
    ) -> None:
        """Write ``source`` plus validation data and document timestamp (``cectrust.pades.extend_to_lta``).

        The workers read and write the file; ``revocation`` and ``timestamper`` are asked from here.
        """

    def validate(
        self,
        path: Path,
        trust: TrustStore,
        receipt: ConcludedFacts | None = None,
        revocation: RevocationSource | None = None,
        longest: float = LONGEST,
    ) -> ValidationReport:
        """Judge a signed file, by what it holds and what ``revocation`` knows of certificates that chain to an anchor.

        Comparing the pictures of many pages takes ``longest`` seconds at most. Never raises for what the file holds;
        see ``ValidationReport.stopped``.
        """

    def close(self) -> None:
        """End the processes."""


@dataclass(frozen=True)
class Work:
    """One unit of work."""

    session: Session
    clock: Clock
    journal: Journal
    blobs: Blobs
    providers: Sequence[CertificateProvider]
    enqueue: Enqueue
    parsers: Parsers
    revocation: RevocationSource
    """Fetches only for certificates that chain to an anchor, from hosts that their provider names."""
    tsa_anchors: Sequence[bytes]
    """DER roots that vouch for time, and for nothing else."""


class Tools(Protocol):
    """What slow work needs; none of it lies in a transaction. ``Work`` and the composed platform have it."""

    @property
    def clock(self) -> Clock: ...

    @property
    def blobs(self) -> Blobs: ...

    @property
    def providers(self) -> Sequence[CertificateProvider]: ...

    @property
    def parsers(self) -> Parsers: ...

    @property
    def revocation(self) -> RevocationSource: ...


class Workplace(Tools, Protocol):
    """Short transactions with slow work between them: look, then ask and compute, then look again and write.

    A writer that waits for an authority would keep every other writer waiting, and on SQLite for ever if the
    authority is this server. The caller must have no transaction open.
    """

    def reading(self) -> AbstractContextManager[Work]:
        """One reading transaction."""

    def work(self) -> AbstractContextManager[Work]:
        """One writing transaction, committed at the end."""
