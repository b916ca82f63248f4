"""What a partner knows of a contract: what was sent to it, and nothing that the sender made of it since. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cectrust.contracts.model import Contract, Document, Party, PartyRole, State
from cectrust.journal.model import RecordedAct

SENDERS_OWN = (State.DRAFT, State.SIGNED)
"""Whether the sender has signed what it is working on is the sender's own affair."""
HANDED_OVER = "contract.sent"
_KNOWN_TO_BOTH = frozenset(
    f"contract.{act}" for act in ("sent", "recalled", "sent_back", "returned", "concluded", "discarded")
)


def as_seen_by(contract: Contract, company_id: str | None) -> Contract:
    """The contract as people of a company may see it; the sender and the auditor see all of it."""
    party = contract.party_of(company_id)
    if party is None or party.role is not PartyRole.RECIPIENT:
        return contract
    seen = replace(contract, documents=tuple(_as_sent(contract, party)))
    if contract.state in SENDERS_OWN:
        return replace(seen, state=State.DRAFT, accepting_request_id=None)
    return seen


def told_to_partner(acts: Sequence[RecordedAct]) -> list[RecordedAct]:
    """A contract's history from its first *sent* on; after the last one only what both sides know of."""
    sent = [n for n, act in enumerate(acts) if act.act == HANDED_OVER]
    if not sent:
        return []
    return [*acts[sent[0] : sent[-1]], *(act for act in acts[sent[-1] :] if act.act in _KNOWN_TO_BOTH)]


def _as_sent(contract: Contract, party: Party) -> list[Document]:
    """The document of the last send: up to the revision that was sent, and what this party signed of it."""
    for document in contract.documents:
        sent = next((r for r in document.revisions if r.id == contract.sent_revision_id), None)
        if sent is not None:
            signed = {slot.revision_id for slot in document.slots if slot.party_id == party.id}
            known = tuple(r for r in document.revisions if r.ordinal <= sent.ordinal or r.id in signed)
            return [replace(document, revisions=known)]
    raise LookupError(f"contract {contract.number} was shown to a partner without having been sent")
