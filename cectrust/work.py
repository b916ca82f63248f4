"""What a service function is handed beside its actor: one transaction and the collaborators it may use.

The edge (a request, a workflow step, a command) opens the transaction and ends it; services never commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from cectrust.blobs.service import Blobs
from cectrust.sdk.protocols import CertificateProvider, Clock, Journal


class Enqueue(Protocol):
    """Starts a workflow in the caller's own transaction; the same id again starts nothing."""

    def __call__(self, session: Session, workflow: str, workflow_id: str) -> None: ...


@dataclass(frozen=True)
class Work:
    """One unit of work."""

    session: Session
    clock: Clock
    journal: Journal
    blobs: Blobs
    providers: Sequence[CertificateProvider]
    enqueue: Enqueue
