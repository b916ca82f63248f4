"""Judging a file with this installation's trust, and with what it knows to have been concluded."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cectrust.certificates.service import trust_of
from cectrust.contracts.model import Contract, State
from cectrust.contracts.store import reading
from cectrust.identity.permissions import require, scope_of
from cectrust.pades.model import ConcludedFacts, ConcludedSigner, ValidationReport
from cectrust.sdk.errors import Forbidden
from cectrust.sdk.protocols import Actor, Digest
from cectrust.work import Work, Workplace

PATIENCE = 60.0
"""Seconds for comparing pictures while somebody waits at a page; ``cectrust verify`` takes as long as it needs."""


def verify(actor: Actor, place: Workplace, path: Path) -> ValidationReport:
    """Judge the file at ``path``; nothing of it is kept.

    A file that is an earlier signed revision of a contract concluded here is judged against what was concluded, so
    that a signature cut off is named. That is for whoever may see the contract: everybody else who holds the bytes is
    told what they show, and not even that there is a contract.
    """
    require(actor, "document.verify")
    with place.reading() as work:
        trust, concluded = trust_of(work.providers, work.tsa_anchors), _concluded(actor, work, path)
    return place.parsers.validate(path, trust, concluded, place.revocation, PATIENCE)


def _concluded(actor: Actor, work: Work, path: Path) -> ConcludedFacts | None:
    try:
        scope = scope_of(actor)
    except Forbidden:  # staff without the auditor's role see no contract at all
        return None
    with path.open("rb") as file:
        digest = Digest(hashlib.file_digest(file, "sha256").hexdigest())
    contract = reading.by_signed_digest(work.session, scope, digest)
    if contract is None or contract.state is not State.CONCLUDED:
        return None
    return facts_of(contract)


def facts_of(contract: Contract) -> ConcludedFacts:
    """What a concluded contract's final file must be and hold."""
    final = contract.document.current
    signers = tuple(ConcludedSigner(slot.field, slot.signer) for slot in contract.document.slots)
    return ConcludedFacts(final.digest, final.size, signers)
