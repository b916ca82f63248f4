"""Judging a file with this installation's trust, and with what it knows to have been concluded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cectrust.certificates.service import trust_of
from cectrust.contracts.model import Contract
from cectrust.contracts.store import reading
from cectrust.identity.permissions import require, scope_of
from cectrust.pades.model import ConcludedFacts, ConcludedSigner, ValidationReport
from cectrust.sdk.errors import Forbidden
from cectrust.sdk.protocols import Actor, Digest
from cectrust.verification.prefixes import prefix_digests
from cectrust.work import Work, Workplace

PATIENCE = 60.0
"""Seconds for comparing pictures while somebody waits at a page; ``cectrust verify`` takes as long as it needs."""


def verify(actor: Actor, place: Workplace, path: Path) -> ValidationReport:
    """Judge the file at ``path``; nothing of it is kept.

    A file that begins with a revision of a contract concluded here is judged against what was concluded, so that a
    signature that was cut off is named, wherever it was cut and whatever was put in its place (decision 085). That is
    for whoever may see the contract: everybody else who holds the bytes is told what they show, and not even that
    there is a contract.
    """
    require(actor, "document.verify")
    digests = prefix_digests(path)
    with place.reading() as work:
        trust, concluded = trust_of(work.providers, work.tsa_anchors), _concluded(actor, work, digests)
    return place.parsers.validate(path, trust, concluded, place.revocation, PATIENCE)


def _concluded(actor: Actor, work: Work, digests: Sequence[Digest]) -> ConcludedFacts | None:
    try:
        scope = scope_of(actor)
    except Forbidden:  # staff without the auditor's role see no contract at all
        return None
    contract = reading.concluded_by_digests(work.session, scope, digests)
    return None if contract is None else facts_of(contract)


def facts_of(contract: Contract) -> ConcludedFacts:
    """What a concluded contract's final file must be and hold."""
    final = contract.document.current
    signers = tuple(ConcludedSigner(slot.field, slot.signer) for slot in contract.document.slots)
    return ConcludedFacts(final.digest, final.size, signers)
